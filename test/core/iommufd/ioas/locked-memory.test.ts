/**
 * RLIMIT_MEMLOCK: a page of a container counts once while any domain or access pins it, against its
 * user (mode 0) or its context (mode 1). Mirrors the accounting of pages.c.
 */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../../src/sim/machine.ts';
import { given, type Machine } from '../../machine/table.ts';

/** Context 2 may lock 4 pages; a mock device is attached there. */
const FOUR = `
  open lock=4
  ioas = ioasAlloc ctx=2
  m = mock ioas ctx=2
`;

const lockedIn = (machine: Machine, contextId: number) =>
  machine.state.contexts.get(contextId)!.lockedPages;
const lockedBy = (machine: Machine) => Object.fromEntries(machine.state.userLockedPages);

describe('with a domain', () => {
  test('map: what goes beyond the limit is refused, after the memory was looked for', () => {
    const machine = given([], FOUR).run(`
      map ioas 0x1000000 0x5000 ctx=2 -> ENOMEM
      map ioas 0x1000000 0x5000 va=0x10ffe000 ctx=2 -> EFAULT
      map ioas 0x1000000 0x5000 va=0x10000400 ctx=2 -> EINVAL
      map ioas 0x1000000 0x3000 ctx=2 -> 0 AreaMapped
      map ioas 0x1003000 0x2000 va=0x10003000 ctx=2 -> ENOMEM
      map ioas 0x1003000 0x1000 va=0x10003000 ctx=2 -> 0
      map ioas 0x1004000 0x1000 ctx=2 -> ENOMEM         # the same memory, another container
    `);
    expect(lockedIn(machine, 2)).toBe(4n);
    expect(lockedBy(machine)).toEqual({ 1000: 4n });
    machine.run(`
      unmap ioas 0x1000000 0x3000 ctx=2
      map ioas 0x1000000 0x3000 ctx=2
      unmap ioas 0 MAX ctx=2
    `);
    expect(lockedBy(machine)).toEqual({});
  });

  test('pages count, not bytes: parts of a page at both ends, and of the limit', () => {
    given([], FOUR.replace('lock=4', 'lock=4 bytes=4095')).run(`
      map ioas 0x1000000 0x3800 va=0x10000800 ctx=2 -> 0
      map ioas 0x1010000 0x800 va=0x10000800 ctx=2 -> ENOMEM
    `);
    given([], FOUR).run('map ioas 0x1000000 0x4000 va=0x10000800 ctx=2 -> ENOMEM');
  });

  test('copy: shared pages are counted once, wherever they are mapped', () => {
    const machine = given([], FOUR).run(`
      map ioas 0x1000000 0x4000 ctx=2
      copy ioas 0x1010000 ioas 0x1000000 0x4000 ctx=2 -> 0
      to = ioasAlloc ctx=2
      n = mock to ctx=2
      copy to 0x1000000 ioas 0x1000000 0x4000 ctx=2 -> 0
      unmap ioas 0 MAX ctx=2
    `);
    expect(lockedIn(machine, 2)).toBe(4n);
    machine.run('unmap to 0 MAX ctx=2');
    expect(lockedIn(machine, 2)).toBe(0n);
  });

  test('copy: several areas are pinned one after another, all or none', () => {
    const machine = given([], FOUR).run(`
      from = ioasAlloc ctx=2
      map from 0 0x3000 ctx=2
      map from 0x3000 0x2000 va=0x10008000 ctx=2
      copy ioas 0x1000000 from 0 0x5000 ctx=2 -> ENOMEM
      copy ioas 0x1000000 from 0 0x4000 ctx=2 -> 0 AreaMapped AreaMapped
      copy ioas 0x1010000 from 0x2000 0x2000 ctx=2 -> 0
      copy ioas 0x1020000 from 0x4000 0x1000 ctx=2 -> ENOMEM
    `);
    expect(lockedIn(machine, 2)).toBe(4n);
  });

  test('copy twice in one: pages that two pieces share are counted once', () => {
    given([], FOUR).run(`
      from = ioasAlloc ctx=2
      map from 0 0x3000 ctx=2
      copy from 0x3000 from 0 0x3000 ctx=2
      copy ioas 0x1000000 from 0 0x6000 ctx=2 -> 0 AreaMapped AreaMapped
    `);
  });
});

describe('a first domain', () => {
  const FULL = `
    open lock=4
    ioas = ioasAlloc ctx=2
    map ioas 0x1000000 0x3000 ctx=2
    map ioas 0x1003000 0x2000 va=0x10008000 ctx=2
  `;

  test('nothing is counted before; then attach, hwptAlloc and replace are refused', () => {
    const machine = given(DEVICES, FULL);
    expect(lockedIn(machine, 2)).toBe(0n);
    machine.run(`
      dev = bind 0000:01:00.0 ctx=2
      mock ioas ctx=2 -> ENOMEM *
      hwptAlloc dev ioas ctx=2 -> ENOMEM HwptPagingAllocated ObjectAborted
      attach dev ioas ctx=2 -> ENOMEM *
      other = ioasAlloc ctx=2
      attach dev other ctx=2
      replace dev ioas ctx=2 -> ENOMEM HwptPagingAllocated ObjectAborted
      unmap ioas 0x1003000 0x2000 ctx=2
      replace dev ioas ctx=2
    `);
    expect(lockedIn(machine, 2)).toBe(3n);
  });

  test('areas are pinned lowest first: memory that is missing, or too much, whichever comes', () => {
    given([], FULL.replace('lock=4', 'lock=4 hole=9')).run('mock ioas ctx=2 -> EFAULT *');
    given([], FULL.replace('lock=4', 'lock=2 hole=9')).run('mock ioas ctx=2 -> ENOMEM *');
  });

  test('a second domain pins nothing more, and the last one to go lets go', () => {
    const machine = given([], FULL.replace('lock=4', 'lock=5')).run(`
      m = mock ioas ctx=2
      n = mock ioas flags=1 ctx=2
      hwpt = hwptAlloc m.dev ioas ctx=2
      destroy m ctx=2
      destroy n ctx=2
    `);
    expect(lockedIn(machine, 2)).toBe(5n);
    machine.run('destroy hwpt ctx=2');
    expect(lockedIn(machine, 2)).toBe(0n);
    expect(lockedBy(machine)).toEqual({});
  });
});

describe('accesses', () => {
  const PINS = `
    open lock=4
    ioas = ioasAlloc ctx=2
    map ioas 0x1000000 0x8000 ctx=2
    a = access ioas pins ctx=2
  `;

  test('pin what they ask for; a page pinned twice counts once', () => {
    const machine = given([], PINS).run(`
      pin a 0x1000000 0x5000 ctx=2 -> ENOMEM
      pin a 0x1000000 0x3000 ctx=2 -> 0 {outItemId=0}
      pin a 0x1001000 0x3000 ctx=2 -> 0 {outItemId=1}
      pin a 0x1001000 0x1000 ctx=2 -> 0 {outItemId=2}
      pin a 0x1004000 1 ctx=2 -> ENOMEM
      unpin a 1 ctx=2
      pin a 0x1004000 1 ctx=2 -> 0 {outItemId=3}
    `);
    expect(lockedIn(machine, 2)).toBe(4n);
    machine.run('unpin a 0 ctx=2');
    expect(lockedIn(machine, 2)).toBe(2n);
    machine.run('closeAccess a ctx=2');
    expect(lockedBy(machine)).toEqual({});
  });

  test('what a domain has pinned costs them nothing, and stays theirs when it goes', () => {
    const machine = given([], PINS.replace('0x8000', '0x4000')).run(`
      m = mock ioas ctx=2
      pin a 0x1000000 0x4000 ctx=2
      unpin a 0 ctx=2
      pin a 0x1001000 0x1000 ctx=2
    `);
    expect(lockedIn(machine, 2)).toBe(4n);
    machine.run('destroy m ctx=2');
    expect(lockedIn(machine, 2)).toBe(1n);
  });

  test('a refused pin of several areas leaves none of them pinned', () => {
    const machine = given([], PINS).run(`
      map ioas 0x1008000 0x1000 va=0x10008000 ctx=2
      pin a 0x1004000 0x5000 ctx=2 -> ENOMEM
      pin a 0x1007000 0x3000 ctx=2 -> ENOENT
    `);
    expect(lockedIn(machine, 2)).toBe(0n);
  });
});

describe('who is counted', () => {
  const OTHER = (options: string) => `
    ${FOUR}
    open ${options}
    other = ioasAlloc ctx=3
    n = mock other ctx=3
    map ioas 0x1000000 0x3000 ctx=2
  `;

  test('mode 0: the user, over all contexts of the machine, each with its own limit', () => {
    const machine = given([], OTHER('lock=5')).run(`
      map other 0x1000000 0x3000 ctx=3 -> ENOMEM
      map other 0x1000000 0x2000 ctx=3 -> 0
      map ioas 0x1003000 0x1000 ctx=2 -> ENOMEM         # beyond its own limit of 4
      copy ioas 0x1003000 ioas 0x1000000 0x1000 ctx=2 -> 0
    `);
    expect(lockedBy(machine)).toEqual({ 1000: 5n });
  });

  test('another user has a count of its own', () => {
    const machine = given([], OTHER('lock=4 user=7')).run(
      'map other 0x1000000 0x4000 ctx=3 -> 0 AreaMapped',
    );
    expect(lockedBy(machine)).toEqual({ 7: 4n, 1000: 3n });
  });

  test('CAP_IPC_LOCK: nothing is counted, of anybody', () => {
    const machine = given([], OTHER('')).run('map other 0x1000000 0x100000 ctx=3 -> 0');
    expect(lockedIn(machine, 3)).toBe(0n);
    expect(lockedBy(machine)).toEqual({ 1000: 3n });
  });

  test('no limit: counted all the same, and the others of the user feel it', () => {
    const machine = given([], OTHER('counted')).run(`
      map other 0x1000000 0x2000 ctx=3 -> 0
      map ioas 0x1003000 0x1000 ctx=2 -> ENOMEM
    `);
    expect(lockedBy(machine)).toEqual({ 1000: 5n });
  });

  test('mode 1: each context by itself, and none of it on the user', () => {
    const machine = given([], 'open lock=4\n open lock=4').run(`
      option 0 0 0 val=1 ctx=2
      ioas = ioasAlloc ctx=2
      m = mock ioas ctx=2
      map ioas 0x1000000 0x4000 ctx=2
      other = ioasAlloc ctx=3
      n = mock other ctx=3
      map other 0x1000000 0x4000 ctx=3
      map ioas 0x1004000 0x1000 ctx=2 -> ENOMEM
    `);
    expect(lockedBy(machine)).toEqual({ 1000: 4n });
    expect(lockedIn(machine, 2)).toBe(4n);
  });

  test('mode 1: contexts of one process count together, as far as they are in that mode', () => {
    const machine = given([], 'open lock=4 process=7\n open lock=4 process=7\n open lock=4').run(`
      option 0 0 0 val=1 ctx=2
      option 0 0 0 val=1 ctx=4
      ioas = ioasAlloc ctx=2
      m = mock ioas ctx=2
      map ioas 0x1000000 0x3000 ctx=2
      other = ioasAlloc ctx=3
      n = mock other ctx=3
      map other 0x1000000 0x4000 ctx=3                  # mode 0: the user’s
      third = ioasAlloc ctx=4
      o = mock third ctx=4
      map third 0x1000000 0x4000 ctx=4                  # another process
      open lock=4 process=7
      option 0 0 0 val=1 ctx=5
      fourth = ioasAlloc ctx=5
      p = mock fourth ctx=5
      map fourth 0x1000000 0x2000 ctx=5 -> ENOMEM
      map fourth 0x1000000 0x1000 ctx=5 -> 0
      map ioas 0x1003000 0x1000 ctx=2 -> ENOMEM
      close ctx=5
      map ioas 0x1003000 0x1000 ctx=2 -> 0
    `);
    expect(lockedBy(machine)).toEqual({ 1000: 4n });
  });

  test('a context that is closed gives everything back', () => {
    const machine = given([], OTHER('lock=4')).run('close ctx=2');
    expect(lockedBy(machine)).toEqual({});
  });
});
