/** In-kernel accesses: iommufd_access_* of device.c, through the self-test’s operations. */
import { describe, expect, test } from 'vitest';
import { pinCount } from '../../../../src/core/machine/lookup.ts';
import { given, type Machine } from '../../machine/table.ts';

const IOAS = 'ioas = ioasAlloc';
/** Two areas side by side that go on in user memory, and one that only reads, behind a hole. */
const PINNING = `${IOAS}
  map ioas 0x10000 0x2000
  map ioas 0x12000 0x1000 va=0x10002000 prot=w
  map ioas 0x14000 0x1000 va=0x10004000 prot=r
  a = access ioas pins
`;

function pinsOf(machine: Machine): number[] {
  const ioas = machine.state.contexts.get(1)!.objects.get(1)!;
  return ioas.type === 'IOAS' ? [...ioas.areas].map(pinCount) : [];
}

describe('creating and closing', () => {
  test('refusals come in the order of the kernel’s checks', () => {
    given([], `${IOAS}\n map ioas 0x10000 0x800`).run(`
      access 9 flags=2 -> EOPNOTSUPP
      access 9 -> ENOENT
      access ioas pins -> EADDRINUSE                    # half a page cannot be pinned
      closeAccess 9 -> EBADF
      closeAccess ioas -> EBADF
      a = access ioas -> 0 AccessCreated{needsPinPages=false} AccessIoasChanged{ioasId=1}
      closeAccess a -> 0 {contextReleased=false} AccessIoasChanged{ioasId=null} ObjectDestroyed
    `);
  });

  test('it holds its IOAS, and nobody can destroy it', () => {
    given([], IOAS).run(`
      a = access ioas
      destroy ioas -> EBUSY
      destroy a -> EBUSY
      closeAccess a
      destroy ioas
    `);
  });

  test('one that pins wants everything aligned to 4096, as long as it is there', () => {
    given([], IOAS).run(`
      ranges ioas -> 0 {outIovaAlignment=0x1}
      plain = access ioas
      ranges ioas -> 0 {outIovaAlignment=0x1}
      a = access ioas pins
      b = access ioas pins
      ranges ioas -> 0 {outIovaAlignment=0x1000}
      map ioas 0x800 0x1000 -> EINVAL
      closeAccess a
      ranges ioas -> 0 {outIovaAlignment=0x1000}
      closeAccess b
      ranges ioas -> 0 {outIovaAlignment=0x1}
      map ioas 0x800 0x1000
      access ioas pins -> EADDRINUSE
    `);
  });

  test('it keeps the context’s file open; the last one to go releases the context', () => {
    given([], PINNING).run(`
      pin a 0x10000 0x1000
      close -> 0 {released=false} ContextFileClosed
      pin a 0x10000 0x1000 -> EBADF                     # an ioctl needs the context’s file
      closeAccess a -> 0 {contextReleased=true} AccessPagesUnpinned AccessIoasChanged
        .. ObjectDestroyed AreaUnmapped AreaUnmapped AreaUnmapped ObjectDestroyed ContextReleased
    `);
  });
});

describe('pinning', () => {
  test('refusals come in the order of the kernel’s checks', () => {
    given([], `${PINNING}\n plain = access ioas`).run(`
      pin 9 0 0x1000001 flags=2 -> ENOMEM
      pin 9 0 0 flags=2 -> EOPNOTSUPP
      pin 9 0 0 -> EBADFD
      pin ioas 0 0 -> EBADFD
      pin plain 0 0 -> EOPNOTSUPP
      pin a 0 0 -> EINVAL
      pin a MAX 2 -> EOVERFLOW
      pin a 0x20000 0x1000 -> ENOENT
      pin a 0x10001 0x1000 -> EINVAL                    # not the beginning of a page
      pin a 0x12000 0x1000 -> EPERM
      pin a 0x14000 0x1000 write -> EPERM
      pin a 0x11000 0x2000 -> EPERM                     # its second area
      pin a 0x11000 0x3000 write -> ENOENT              # a hole behind them
      pin a 0x14000 0x2000 -> ENOENT
      pin a 0x10000 0x1001 -> 0 {outItemId=0} AccessPagesPinned{start=0x10000,last=0x11000}
    `);
  });

  test('user pages that are not there: EFAULT, but only those that are pinned', () => {
    given([], 'open hole=1').run(`
      ioas = ioasAlloc ctx=2
      map ioas 0x10000 0x3000 ctx=2
      a = access ioas pins ctx=2
      pin a 0x10000 0x2000 ctx=2 -> EFAULT
      pin a 0x11000 0x1000 ctx=2 -> EFAULT
      pin a 0x10000 0x1000 ctx=2 -> 0
      pin a 0x12000 0x1000 ctx=2 -> 0
    `);
  });

  test('items count from 0 and never again; each pins the areas it meets', () => {
    const machine = given([], PINNING).run(`
      pin a 0x10000 0x3000 write -> 0 {outItemId=0}
      pin a 0x11000 0x1000 -> 0 {outItemId=1}
    `);
    expect(pinsOf(machine)).toEqual([2, 1, 0]);
    machine.run(`
      unpin 9 0 -> EBADFD
      unpin a 2 -> ENOENT
      unpin a 1 -> 0 AccessPagesUnpinned{itemId=1}
      unpin a 1 -> ENOENT
      pin a 0x14000 0x1000 -> 0 {outItemId=2}
      unpin a 0
    `);
    expect(pinsOf(machine)).toEqual([0, 0, 1]);
  });

  test('unmapping asks every access to let go of what meets the area, first', () => {
    const machine = given([], `${PINNING}\n b = access ioas pins`).run(`
      pin b 0x10000 0x1000
      pin a 0x11000 0x2000 write
      pin a 0x14000 0x1000
      unmap ioas 0x10000 0x2000 -> 0 {length=0x2000} AccessPagesUnpinned{accessId=2,itemId=0}
        .. AccessPagesUnpinned{accessId=3,itemId=0} AreaUnmapped{start=0x10000}
      unpin a 0 -> ENOENT
    `);
    expect(pinsOf(machine)).toEqual([0, 1]);
    machine.run('unmap ioas 0 MAX -> 0 AreaUnmapped AccessPagesUnpinned AreaUnmapped');
  });

  test('one byte of an area is enough to be let go of with it, none is not', () => {
    given([], PINNING).run(`
      pin a 0x11000 0x1001 write
      pin a 0x11000 0x1000
      unmap ioas 0x12000 0x1000 -> 0 AccessPagesUnpinned{itemId=0} AreaUnmapped
      unmap ioas 0x10000 0x2000 -> 0 AccessPagesUnpinned{itemId=1} AreaUnmapped
    `);
  });

  test('an area that sticks out of the range keeps its pins', () => {
    given([], PINNING).run(`
      pin a 0x11000 0x1000
      unmap ioas 0x11000 0x2000 -> ENOENT
      unpin a 0 -> 0 AccessPagesUnpinned
    `);
  });
});

describe('moving to another IOAS', () => {
  test('refusals come in the order of the kernel’s checks', () => {
    given([], `${PINNING}\n other = ioasAlloc\n map other 0x800 0x800`).run(`
      moveAccess 9 8 -> EBADFD
      moveAccess a 8 -> ENOENT
      moveAccess a a -> ENOENT
      moveAccess a other -> EADDRINUSE
      pin a 0x10000 0x1000
      moveAccess a ioas -> 0                            # the same: nothing is let go of
      unpin a 0 -> 0 AccessPagesUnpinned
    `);
  });

  test('the new one is held before the old lets go; what was pinned is let go of', () => {
    const machine = given([], `${PINNING}\n other = ioasAlloc\n map other 0 0x1000`).run(`
      pin a 0x10000 0x1000
      moveAccess a other -> 0 AccessPagesUnpinned AccessIoasChanged{ioasId=3}
      destroy other -> EBUSY
      ranges ioas -> 0 {outIovaAlignment=0x1}
      ranges other -> 0 {outIovaAlignment=0x1000}
      pin a 0x10000 0x1000 -> ENOENT
      pin a 0 0x1000 -> 0 {outItemId=1}
      destroy ioas -> 0
    `);
    expect(machine.state.contexts.get(1)!.objects.has(1)).toBe(false);
  });
});

describe('reading and writing', () => {
  test('refusals come in the order of the kernel’s checks', () => {
    given([], PINNING).run(`
      rw 9 0 0x1000001 flags=2 -> ENOMEM
      rw 9 0 0 flags=2 -> EOPNOTSUPP
      rw 9 0 0 -> EBADFD
      rw a 0 0 -> EINVAL
      rw a MAX 2 -> EOVERFLOW
      rw a 0x20000 1 -> ENOENT
      rw a 0x12000 1 -> EPERM
      rw a 0x14000 1 write -> EPERM
    `);
  });

  test('what is written is read back, across areas and pages; the rest is zero', () => {
    given([], PINNING).run(`
      rw a 0x11fff 3 write fill=0x5a -> 0 {data=} UserMemoryFilled{userVa=0x10001fff,length=0x1}
        .. UserMemoryFilled{userVa=0x10002000,length=0x2}
      rw a 0x11ffe 2 -> 0 {data=005a}
      map ioas 0x20000 0x4000 va=0x10001000
      rw a 0x20ffe 5 -> 0 {data=005a5a5a00}
      rw a 0x21001 1 write fill=1
      rw a 0x20ffe 5 flags=4 -> 0 {data=005a5a0100}
    `);
  });

  test('areas before the one that refuses have been written', () => {
    given([], PINNING).run(`
      rw a 0x12fff 2 write -> ENOENT UserMemoryFilled{userVa=0x10002fff}
      rw a 0x10000 0x5000 write -> ENOENT UserMemoryFilled UserMemoryFilled
      map ioas 0x13000 0x1000 va=0x10003000 prot=r
      rw a 0x12ffe 4 write -> EPERM UserMemoryFilled{userVa=0x10002ffe,length=0x2}
    `);
  });

  test('user memory that is not there: what lies before it has been written', () => {
    given([], 'open hole=1').run(`
      ioas = ioasAlloc ctx=2
      map ioas 0x10000 0x3000 ctx=2
      a = access ioas ctx=2
      rw a 0x10fff 2 ctx=2 -> EFAULT
      rw a 0x10fff 2 write ctx=2 -> EFAULT UserMemoryFilled{userVa=0x10000fff,length=0x1}
      rw a 0x10fff 2 flags=5 ctx=2 -> EFAULT            # the slow path pins it all first
      rw a 0x11fff 2 write ctx=2 -> EFAULT
      rw a 0x12000 2 write ctx=2 -> 0 UserMemoryFilled
    `);
  });
});
