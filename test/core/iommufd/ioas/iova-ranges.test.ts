/** Reserved and allowed ranges, options, the IOAS of VFIO: what bounds an IOAS from outside. */
import { describe, expect, test } from 'vitest';
import { DEVICES, pci } from '../../../../src/sim/machine.ts';
import { given } from '../../machine/table.ts';

const IOAS = 'ioas = ioasAlloc';

describe('usable ranges', () => {
  test('are the holes of what is reserved; too little room is an answer with a reply', () => {
    given([], IOAS).run(`
      ranges 9 -> ENOENT
      ranges ioas -> 0 {numIovas=1,outIovaAlignment=0x1,allowedIovas=0x0-0xffffffffffffffff}
      reserve ioas 0x1000 0x1000
      reserve ioas 0x1800 0x1000
      reserve ioas 0xf000 0x1000
      ranges ioas room=3 -> 0 {numIovas=3} 
      ranges ioas room=2 -> EMSGSIZE {numIovas=3,allowedIovas=0x0-0xfff|0x2800-0xefff}
      ranges ioas room=0 -> EMSGSIZE {numIovas=3,allowedIovas=}
      reserve ioas 0 0x1000
      reserve ioas 0x10000 0xffffffffffff0000
      ranges ioas -> 0 {numIovas=1,allowedIovas=0x2800-0xefff}
    `);
  });

  test('of nobody: what is reserved again is not kept again', () => {
    const machine = given([], IOAS).run(`
      reserve ioas 0x2000 0x1000
      reserve ioas 0x6000 0x1000
      reserve ioas 0 0x9000
      reserve ioas 0x1000 0x7000
      ranges ioas -> 0 {allowedIovas=0x9000-0xffffffffffffffff}
      reserve ioas 0x8000 0x2000
    `);
    const ioas = machine.state.contexts.get(1)!.objects.get(1)!;
    const reserved = ioas.type === 'IOAS' ? [...ioas.reserved.get('none')!] : [];
    const starts = reserved.map(({ start }) => start).sort((a, b) => Number(a - b));
    expect(starts).toEqual([0n, 0x2000n, 0x3000n, 0x6000n, 0x7000n, 0x9000n]);
    machine.run('ranges ioas -> 0 {allowedIovas=0xa000-0xffffffffffffffff}');
  });

  test('follow the domains that come and go', () => {
    given(DEVICES, IOAS).run(`
      m = mock ioas
      ranges ioas -> 0 {outIovaAlignment=0x800,allowedIovas=0x1000000-0x7fffffff}
      dev = bind 0000:01:00.0
      hwpt = hwptAlloc dev ioas
      ranges ioas -> 0 {outIovaAlignment=0x1000,allowedIovas=0x1000000-0x7fffffff}
      destroy m
      ranges ioas -> 0 {outIovaAlignment=0x1000,allowedIovas=0x0-0xffffffffffff}
      destroy hwpt
      ranges ioas -> 0 {outIovaAlignment=0x1,allowedIovas=0x0-0xffffffffffffffff}
    `);
  });
});

describe('allowed ranges', () => {
  test('refusals: each in turn, then against what is reserved; the old set stays', () => {
    given([], IOAS).run(`
      allow 9 to=5-5 -> ENOENT
      allow ioas to=5-5 -> EINVAL                       # one byte
      allow ioas to=6-5 -> EINVAL
      allow ioas to=0x1000-0x1fff|0x1fff-0x2000 -> EINVAL
      reserve ioas 0x5000 0x1000
      allow ioas to=0x5000-0x5fff|5-5 -> EINVAL
      allow ioas to=0x8000-0x8fff|0x4000-0x5000 -> EADDRINUSE
      allow ioas to=0x8000-0x8fff -> 0 AllowedIovasSet
      allow ioas to=0x4000-0x5000 -> EADDRINUSE
      map ioas 0 0x1000 auto -> 0 {iova=0x8000}
      map ioas 0 0x1000 auto -> ENOSPC
      map ioas 0x1000 0x1000 -> 0 {iova=0x1000}         # fixed ones need no leave
      allow ioas -> 0 AllowedIovasSet
      map ioas 0 0x1000 auto -> 0 {iova=0x2000}
    `);
  });

  test('are in the way of later reservations, as areas are', () => {
    given([], IOAS).run(`
      allow ioas to=0x8000-0x8fff|0x2000-0x2fff
      map ioas 0x20000 0x1000
      reserve 9 0 0 -> EINVAL
      reserve 9 0xffffffffffffffff 2 -> EOVERFLOW
      reserve 9 0 1 -> ENOENT
      reserve ioas 0x2fff 1 -> EADDRINUSE
      reserve ioas 0x7000 0x1001 -> EADDRINUSE
      reserve ioas 0x20fff 0x1000 -> EADDRINUSE
      reserve ioas 0x3000 0x5000 -> 0 ReservedRangeAdded{start=0x3000,last=0x7fff}
      reserve ioas 0x3000 0x5000 -> 0 ReservedRangeAdded
    `);
  });

  test('those that touch are searched as one', () => {
    given([], IOAS).run(`
      allow ioas to=0x9000-0x9fff|0x8000-0x8fff
      map ioas 0 0x2000 auto -> 0 {iova=0x8000}
    `);
  });
});

describe('reserved regions of devices', () => {
  const MSI = { type: 'MSI', start: 0xfee0_0000n, last: 0xfeef_ffffn } as const;
  const HIGH = { type: 'RESERVED', start: 0x9000_0000n, last: 0x9000_ffffn } as const;
  const SW = { type: 'SW_MSI', start: 0x800_0000n, last: 0x80f_ffffn } as const;
  const TWO = [
    pci('0000:01:00.0', { reservedRegions: [HIGH, MSI] }),
    pci('0000:01:00.1', { groupWith: '0000:01:00.0', reservedRegions: [SW] }),
  ];
  const BOUND = `
    a = bind 0000:01:00.0
    b = bind 0000:01:00.1
    free = ioasAlloc
    ioas = ioasAlloc
  `;

  test('an area or an allowed range in one refuses the attach; none of the device’s stays', () => {
    given(TWO, BOUND).run(`
      map ioas 0xfee00000 0x1000
      attach a ioas -> EADDRINUSE *
      hwpt = hwptAlloc a ioas
      attach a hwpt -> EADDRINUSE
      ranges ioas -> 0 {allowedIovas=0x0-0xffffffffffff}
      unmap ioas 0 MAX
      allow ioas to=0x9000ffff-0x90010000
      attach a hwpt -> EADDRINUSE
      allow ioas to=0x90010000-0x90010001
      attach a hwpt -> 0
      ranges ioas -> 0 {allowedIovas=0x0-0x8fffffff|0x90010000-0xfedfffff|0xfef00000-0xffffffffffff}
      map ioas 0xfee00000 0x1000 -> EINVAL
    `);
  });

  test('a replace to such an IOAS leaves the group where it is, and nothing behind', () => {
    const machine = given(TWO, BOUND).run(`
      attach a free
      attach b free
      map ioas 0x8000000 0x1000
      replace a ioas -> EADDRINUSE HwptPagingAllocated DomainAdded ReservedRegionsEnforced
        .. ReservedRegionsRemoved DomainRemoved ObjectAborted
      ranges ioas -> 0 {numIovas=1}
      ranges free -> 0 {numIovas=4}
      unmap ioas 0 MAX
      replace a ioas
      ranges free -> 0 {numIovas=1}
      ranges ioas -> 0 {numIovas=4}
    `);
    expect(machine.state.iommuGroups.get(1)!.attachedDeviceIds).toEqual([1, 2]);
  });

  test('overlapping reservations of two owners are both kept', () => {
    given([...TWO, pci('0000:02:00.0', { reservedRegions: [HIGH] })], BOUND).run(`
      reserve ioas 0x90000000 0x20000
      c = bind 0000:02:00.0
      attach a ioas
      attach c ioas
      detach a
      ranges ioas -> 0 {allowedIovas=0x0-0x8fffffff|0x90020000-0xffffffffffff}
      detach c
      ranges ioas -> 0 {allowedIovas=0x0-0x8fffffff|0x90020000-0xffffffffffffffff}
    `);
  });
});

describe('options', () => {
  test('refusals: the option, its object, the operation, the value', () => {
    given([], IOAS).run(`
      option 2 7 9 val=7 -> EOPNOTSUPP
      option 0 7 9 val=7 -> EOPNOTSUPP
      option 0 7 0 val=7 -> EOPNOTSUPP
      option 0 0 0 val=7 -> EBUSY                       # objects, before the value
      option 1 7 9 val=7 -> ENOENT
      option 1 7 ioas val=7 -> EOPNOTSUPP
      option 1 0 ioas val=2 -> EINVAL
    `);
  });

  test('RLIMIT_MODE wants a capability and an empty context', () => {
    given([], 'open\n open unprivileged').run(`
      option 0 1 0 ctx=2 -> 0 {val64=0x0}
      option 0 0 0 val=2 ctx=2 -> EINVAL
      option 0 0 0 val=1 ctx=2 -> 0 RlimitModeSet{mode=1}
      option 0 1 0 ctx=2 -> 0 {val64=0x1}
      option 0 0 0 val=2 ctx=3 -> EPERM
      option 0 1 0 ctx=3 -> 0 {val64=0x0}
      ioasAlloc ctx=3
      option 0 0 0 val=1 ctx=3 -> EPERM
      ioasAlloc ctx=2
      option 0 0 0 val=0 ctx=2 -> EBUSY
      destroy 1 ctx=2
      option 0 0 0 val=0 ctx=2 -> 0 RlimitModeSet{mode=0}
    `);
  });

  test('without large pages everything is aligned to 4096', () => {
    given([], IOAS).run(`
      option 1 1 ioas -> 0 {val64=0x1}
      map ioas 0x800 0x800
      option 1 0 ioas val=0 -> EADDRINUSE               # an area is not
      option 1 1 ioas -> 0 {val64=0x1}
      unmap ioas 0 MAX
      option 1 0 ioas val=0 -> 0 LargePagesSet{enabled=false}
      ranges ioas -> 0 {outIovaAlignment=0x1000}
      option 1 0 ioas val=0 -> 0
      map ioas 0x800 0x1000 -> EINVAL
      m = mock ioas
      map ioas 0x1000000 0x1000
      option 1 0 ioas val=0 -> 0                        # as it is: nothing to do
      option 1 0 ioas val=1 -> 0 LargePagesSet{enabled=true}
      option 1 0 ioas val=0 -> EINVAL                   # a domain and an area
      unmap ioas 0 MAX
      option 1 0 ioas val=0 -> 0
    `);
  });
});

describe('the IOAS of VFIO', () => {
  test('is named, not held: destroying it clears it', () => {
    given([], IOAS).run(`
      vfioIoas 0 -> ENODEV
      vfioIoas 3 ioas=1 -> EOPNOTSUPP
      vfioIoas 1 ioas=9 -> ENOENT
      vfioIoas 2 -> 0
      vfioIoas 1 ioas=1 -> 0 {ioasId=1} VfioIoasSet{ioasId=1}
      vfioIoas 0 -> 0 {ioasId=1}
      destroy ioas -> 0 ObjectDestroyed
      vfioIoas 0 -> ENODEV
      ioas = ioasAlloc
      vfioIoas 0 -> ENODEV
      vfioIoas 1 ioas=1
      vfioIoas 2 -> 0 VfioIoasSet{ioasId=null}
      vfioIoas 0 -> ENODEV
    `);
  });

  test('a fault queue is none', () => {
    given([], 'q = faultQueueAlloc').run('vfioIoas 1 ioas=1 -> ENOENT');
  });
});
