/** Dirty bitmaps of any length, and IO pages of 1 MiB (selftest.c of Linux 6.12.117). */
import { describe, expect, test } from 'vitest';
import type { IovaRange } from '../../../../src/core/memory/iova-range.ts';
import { given, type Machine } from '../../machine/table.ts';

const HUGE_IOVA = 2;

/** A mock device that may have huge IO pages or not, and a hwpt with dirty tracking on. */
const tracked = (flags: number) => `
  ioas = ioasAlloc
  m = mock ioas flags=${flags}
  hwpt = hwptAlloc m.dev ioas flags=2
  track hwpt`;

/** Page numbers that the last bitmap shows. */
function shown(machine: Machine): IovaRange[] {
  const { reply } = machine.last;
  if (reply === null || !('dirtyPages' in reply)) throw new Error('no bitmap');
  return [...reply.dirtyPages];
}

describe('bits above the first 64', () => {
  test('are bytes that follow; what is above the range or not mapped does not count', () => {
    const machine = given([], `${tracked(0)}\n map ioas 0x1000000 0x40000`).run(`
      dirty hwpt 0x1000000 0x40000 bits=0 more=01 -> 0 {outNrDirty=0x1} PagesDirtied
      dirty hwpt 0x1000000 0x40000 bits=1 more=0080 -> 0 {outNrDirty=0x2} PagesDirtied
      dirty hwpt 0x1000000 0x20000 bits=0 more=ff -> 0 {outNrDirty=0x0}
      dirty hwpt 0x1000000 0x20800 bits=0 more=ff -> 0 {outNrDirty=0x1} PagesDirtied
      dirty hwpt 0x1000000 0x80000 bits=0 more=000000000000000003 -> 0 {outNrDirty=0x0}
      bitmap hwpt 0x1000000 0x40000 page=2048 -> 0 PagesCleaned
    `);
    expect(shown(machine)).toEqual([
      { start: 0n, last: 0n },
      { start: 64n, last: 64n },
      { start: 79n, last: 79n },
    ]);
  });

  test('a bitmap of 64 Ki pages is read as it was written', () => {
    const machine = given(
      [],
      `${tracked(0)}
      memory there=0x20000000-0x27ffffff
      map ioas 0x1000000 0x8000000 va=0x20000000`,
    );
    const marked = machine.execute({
      type: 'TestDirty',
      contextId: 1,
      hwptId: machine.names.get('hwpt')!,
      iova: 0x100_0000n,
      length: 0x800_0000n,
      pageSize: 2048n,
      bitmap: 0x5555_5555_5555_5555n,
      moreBits: '55'.repeat(0x2000 - 8),
    });
    expect(marked.reply).toEqual({ outNrDirty: 32_768n });
    machine.run('bitmap hwpt 0x1000000 0x8000000 page=2048 flags=1 -> 0');
    const pages = shown(machine);
    expect(pages).toHaveLength(32_768);
    expect(
      pages.every(({ start, last }, index) => start === last && start === 2n * BigInt(index)),
    ).toBe(true);
    machine.run('bitmap hwpt 0x1000000 0x8000000 page=2048 -> 0 PagesCleaned');
    machine.run('bitmap hwpt 0x1000000 0x8000000 page=2048 -> 0');
    expect(shown(machine)).toEqual([]);
  });
});

describe('huge IO pages', () => {
  const MAPPED = `
    memory there=0x20000000-0x205fffff huge
    map ioas 0x1000000 0x400000 va=0x20000000`;
  const all = 'bitmap hwpt 0x1000000 0x400000 page=2048';

  test('show and clear a whole MiB for each page that is dirty', () => {
    const machine = given([], `${tracked(HUGE_IOVA)}${MAPPED}`).run(`
      dirty hwpt 0x1100800 0x1000 bits=2 -> 0 {outNrDirty=0x1} PagesDirtied
      dirty hwpt 0x1300000 0x1000 bits=3 -> 0 {outNrDirty=0x2} PagesDirtied
      ${all} flags=1 -> 0
    `);
    const mibs = [
      { start: 512n, last: 1023n },
      { start: 1536n, last: 2047n },
    ];
    expect(shown(machine)).toEqual(mibs);
    // Read from within a page: as many bits as it has, from there on.
    machine.run('bitmap hwpt 0x1100800 0x100800 page=2048 flags=1 -> 0');
    expect(shown(machine)).toEqual([{ start: 0n, last: 511n }]);
    machine.run(`${all} -> 0 PagesCleaned`);
    expect(shown(machine)).toEqual(mibs);
    expect(machine.last.events).toMatchObject([{ slots: [8706, 9728, 9729] }]);
    machine.run(`${all} -> 0`);
    expect(shown(machine)).toEqual([]);
  });

  test.each([
    ['the device has no huge IO pages', tracked(0), MAPPED],
    ['memory is of small pages', tracked(HUGE_IOVA), MAPPED.replace(' huge', '')],
    ['large pages are off', `${tracked(HUGE_IOVA)}\n option 1 0 ioas val=0`, MAPPED],
    [
      'memory does not lie as the IOVA does',
      tracked(HUGE_IOVA),
      MAPPED.replace('va=0x20000000', 'va=0x20080000'),
    ],
  ])('are none where %s', (_why, device, mapped) => {
    const machine = given([], `${device}${mapped}\n dirty hwpt 0x1100800 0x1000 bits=2\n ${all}`);
    expect(shown(machine)).toEqual([{ start: 514n, last: 514n }]);
  });

  test('a part of a MiB at an end of an area is of small pages', () => {
    const machine = given([], tracked(HUGE_IOVA)).run(`
      memory there=0x20000000-0x205fffff huge
      map ioas 0x1080000 0x200000 va=0x20080000
      dirty hwpt 0x1080000 0x1000 bits=1
      dirty hwpt 0x1100000 0x1000 bits=2
      dirty hwpt 0x1200000 0x1000 bits=1
      bitmap hwpt 0x1080000 0x200000 page=2048 -> 0 PagesCleaned
    `);
    expect(shown(machine)).toEqual([
      { start: 0n, last: 0n },
      { start: 256n, last: 768n },
    ]);
  });

  test('VFIO names both sizes', () => {
    given([], `${tracked(HUGE_IOVA)}\n vfioIoas 1 ioas=ioas`).run(`
      vfioInfo -> 0 {iovaPgsizes=0x101000}
      other = mock ioas
      vfioInfo -> 0 {iovaPgsizes=0x101000}            # it takes the domain that is there
      hwptAlloc other.dev ioas
      vfioInfo -> 0 {iovaPgsizes=0x1000}
    `);
  });
});
