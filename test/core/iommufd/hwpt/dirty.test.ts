/** Dirty tracking: iopt_set_dirty_tracking, iopt_read_and_clear_dirty_data, the mock driver’s bits. */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../../src/sim/machine.ts';
import { given, type Machine } from '../../machine/table.ts';

/** Four pages mapped at 0x1000000 with a hole after the second, one more page at 0x2000000. */
const TRACKED = `
  ioas = ioasAlloc
  m = mock ioas
  hwpt = hwptAlloc m.dev ioas flags=2
  map ioas 0x1000000 0x2000
  map ioas 0x1003000 0x1000
  map ioas 0x2000000 0x1000
`;

function slotsOf(machine: Machine): number[] {
  const hwpt = machine.state.contexts.get(1)!.objects.get(machine.names.get('hwpt')!)!;
  return hwpt.type === 'HWPT_PAGING' ? [...hwpt.dirtySlots.keys()].sort((a, b) => a - b) : [];
}

describe('switching', () => {
  test('refusals come in the order of the kernel’s checks', () => {
    given([], TRACKED).run(`
      track 9 flags=2 -> EOPNOTSUPP
      track 9 -> ENOENT
      track ioas -> ENOENT
      track m.hwpt -> EOPNOTSUPP                        # made without DIRTY_TRACKING
      track m.hwpt flags=0 -> EOPNOTSUPP
      track hwpt flags=0 -> 0
      track hwpt -> 0 DirtyTrackingSet{enabled=true}
      track hwpt -> 0
      track hwpt flags=0 -> 0 DirtyTrackingSet{enabled=false}
    `);
  });

  test('a device without dirty tracking gets no such hwpt', () => {
    given([], 'ioas = ioasAlloc\n m = mock ioas flags=1').run(
      'hwptAlloc m.dev ioas flags=2 -> EOPNOTSUPP',
    );
  });

  test('switching on clears what was left from before, in order', () => {
    const machine = given([], TRACKED).run(`
      track hwpt
      dirty hwpt 0x1001000 0x1000 page=0x800
      dirty hwpt 0x1000000 0x800
      track hwpt flags=0
    `);
    expect(slotsOf(machine)).toEqual([8192, 8194, 8195]);
    machine.run('track hwpt -> 0 PagesCleaned{slots=8192|8194|8195} DirtyTrackingSet');
    expect(slotsOf(machine)).toEqual([]);
  });
});

describe('the bitmap', () => {
  test('refusals come in the order of the kernel’s checks', () => {
    given([], TRACKED).run(`
      bitmap 9 1 0 page=0 flags=2 -> EOPNOTSUPP
      bitmap 9 1 0 page=0 -> ENOENT
      bitmap ioas 1 0 page=0 -> ENOENT
      bitmap m.hwpt 1 0 page=0 -> EINVAL                # length
      bitmap m.hwpt 0xfffffffffffff800 0x1000 page=0 -> EOVERFLOW
      bitmap m.hwpt 0x1000400 0x800 page=0 -> EINVAL    # the IOAS’ alignment
      bitmap m.hwpt 0x1000000 0x400 page=0x400 -> EINVAL
      bitmap m.hwpt 0x1000000 0x800 page=0 -> EINVAL
      bitmap m.hwpt 0x1000800 0x1000 page=0x1000 -> EINVAL
      bitmap m.hwpt 0x1000000 0x800 page=0x1000 -> EINVAL
      bitmap m.hwpt 0x1000000 0x800 page=0x800 -> EOPNOTSUPP
      bitmap hwpt 0x1000000 0x800 page=0x800 -> 0 {dirtyPages=}
    `);
  });

  test('a page size that is no power of two is a mask, and its lowest bit is the page', () => {
    given([], TRACKED).run(`
      track hwpt
      dirty hwpt 0x1000000 0x2000 bits=0b1010
      bitmap hwpt 0x1002000 0x3000 page=0x3000 -> EINVAL
      bitmap hwpt 0x1000000 0x2000 page=0x3000 -> EINVAL
      bitmap hwpt 0x1001000 0x1000 page=0x1003 -> EINVAL
      bitmap hwpt 0x1000000 0x1000 flags=1 page=3 -> 0 {dirtyPages=0x800-0xfff}
      bitmap hwpt 0x1000000 0x1000 flags=1 page=0x2800 -> 0 {dirtyPages=0x1-0x1}
      bitmap hwpt 0x1001000 0x1000 page=0x3000 -> EINVAL
      bitmap hwpt 0x1000000 0x1000 page=0x3000 -> 0 {dirtyPages=0x0-0x0} PagesCleaned{slots=8193}
    `);
  });

  test('after that nothing fails: not mapped, or not tracked, is not dirty', () => {
    given([], TRACKED).run(`
      bitmap hwpt 0x5000000 0x1000 -> 0 {dirtyPages=}
      track hwpt
      dirty hwpt 0x1000000 0x2000
      track hwpt flags=0
      bitmap hwpt 0x1000000 0x2000 -> 0 {dirtyPages=}
      bitmap hwpt 0xfff000 0x3000 -> 0 {dirtyPages=}
    `);
  });

  test('a hole ends the walk: what lies behind it is neither told nor cleared', () => {
    const machine = given([], TRACKED).run(`
      track hwpt
      dirty hwpt 0x1000000 0x4000 -> 0 {outNrDirty=0x6}  # the hole has no pages
      bitmap hwpt 0x1000000 0x4000 page=0x800 -> 0 {dirtyPages=0x0-0x3} PagesCleaned
    `);
    expect(slotsOf(machine)).toEqual([8198, 8199]);
    machine.run(`
      bitmap hwpt 0x1002000 0x2000 -> 0 {dirtyPages=}
      bitmap hwpt 0x1003000 0x1000 flags=1 page=0x800 -> 0 {dirtyPages=0x0-0x1}
      bitmap hwpt 0x1003000 0x1000 page=0x800 -> 0 {dirtyPages=0x0-0x1} PagesCleaned
      bitmap hwpt 0x1003000 0x1000 page=0x800 -> 0 {dirtyPages=}
    `);
  });

  test('a page of the bitmap is dirty with any part of it, and parts share a bit', () => {
    given([], TRACKED).run(`
      track hwpt
      dirty hwpt 0x1000000 0x2000 bits=0b1010
      bitmap hwpt 0x1000000 0x2000 flags=1 page=0x800 -> 0 {dirtyPages=0x1-0x1|0x3-0x3}
      bitmap hwpt 0x1000000 0x2000 flags=1 page=0x1000 -> 0 {dirtyPages=0x0-0x1}
      bitmap hwpt 0x1000000 0x2000 flags=1 page=0x2000 -> 0 {dirtyPages=0x0-0x0}
      bitmap hwpt 0x1000000 0x2000 flags=1 page=0x400 -> 0 {dirtyPages=0x2-0x3|0x6-0x7}
      bitmap hwpt 0x1000800 0x1800 flags=1 page=0x800 -> 0 {dirtyPages=0x0-0x0|0x2-0x2}
      bitmap hwpt 0x1000800 0x1800 flags=1 page=0x1800 -> 0 {dirtyPages=0x0-0x0|0x2-0x2}
    `);
  });

  test('unmapping a wide area with few dirty pages keeps those before and behind it', () => {
    const machine = given([], `${TRACKED}\n map ioas 0x1800000 0x40000`).run(`
      track hwpt
      dirty hwpt 0x1000000 0x800
      dirty hwpt 0x1800000 0x800
      dirty hwpt 0x2000000 0x800
      unmap ioas 0x1800000 0x40000
    `);
    expect(slotsOf(machine)).toEqual([8192, 16384]);
    machine.run('unmap ioas 0x2000000 0x1000\n unmap ioas 0x1000000 0x2000');
    expect(slotsOf(machine)).toEqual([]);
  });

  test('each hwpt of an IOAS has bits of its own', () => {
    given([], TRACKED).run(`
      other = hwptAlloc m.dev ioas flags=2
      track hwpt
      track other
      dirty hwpt 0x1000000 0x800
      bitmap other 0x1000000 0x1000 -> 0 {dirtyPages=}
      bitmap hwpt 0x1000000 0x1000 -> 0 {dirtyPages=0x0-0x0} PagesCleaned
    `);
  });

  test('unmapping takes the bits with it, destroying the hwpt too', () => {
    const machine = given([], TRACKED).run(`
      track hwpt
      dirty hwpt 0x1000000 0x2000
      dirty hwpt 0x2000000 0x1000
      unmap ioas 0x1000000 0x2000
    `);
    expect(slotsOf(machine)).toEqual([16384, 16385]);
    machine.run(`
      map ioas 0x1000000 0x2000
      bitmap hwpt 0x1000000 0x2000 -> 0 {dirtyPages=}
      destroy hwpt
      unmap ioas 0 MAX
    `);
  });
});

describe('the mock driver’s dirty pages', () => {
  test('refusals come in the order of the kernel’s checks', () => {
    given([], TRACKED).run(`
      dirty 9 0x1000000 0x800 page=0 -> EINVAL
      dirty 9 0x1000000 0 page=0x800 -> EINVAL
      dirty 9 0x1000400 0x800 page=0x800 -> EINVAL
      dirty 9 0x1000000 0x400 page=0x800 -> EINVAL
      dirty 9 0 0x8000001 page=1 -> EOVERFLOW
      dirty 9 0 0x8000000 page=1 -> ENOENT
      dirty ioas 0x1000000 0x800 -> ENOENT
      dirty hwpt 0x1000000 0x800 -> EINVAL              # tracking is off
      dirty m.hwpt 0x1000000 0x800 -> EINVAL
      track hwpt
      dirty hwpt 0x1000000 0x800 bits=0 -> 0 {outNrDirty=0x0}
      dirty hwpt 0x5000000 0x800 -> 0 {outNrDirty=0x0}
    `);
  });

  test('the slot is the address by the page size given, not by the driver’s own', () => {
    const machine = given([], `${TRACKED}\n map ioas 0x3000000 0x1000`).run(`
      track hwpt
      dirty hwpt 0x6000000 0x1000 page=0x1000 -> 0 {outNrDirty=0x1} PagesDirtied{slots=24576}
    `);
    expect(slotsOf(machine)).toEqual([0x300_0000 / 2048]);
  });

  test('sixty-four bits are looked at, no more', () => {
    given([], 'ioas = ioasAlloc\n m = mock ioas\n hwpt = hwptAlloc m.dev ioas flags=2').run(`
      map ioas 0x1000000 0x40000
      track hwpt
      dirty hwpt 0x1000000 0x40000 -> 0 {outNrDirty=0x40}
      bitmap hwpt 0x1000000 0x40000 -> 0 {dirtyPages=0x0-0x1f} PagesCleaned
    `);
  });
});

test('a PCI device behind a hwpt with dirty tracking: nothing writes, nothing is dirty', () => {
  given(
    DEVICES,
    'dev = bind 0000:01:00.0\n ioas = ioasAlloc\n hwpt = hwptAlloc dev ioas flags=2',
  ).run(`
    map ioas 0x1000 0x1000
    track hwpt -> 0 DirtyTrackingSet
    bitmap hwpt 0x1000 0x800 page=0x800 -> EINVAL
    bitmap hwpt 0x1000 0x1000 -> 0 {dirtyPages=}
  `);
});
