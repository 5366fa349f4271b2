/** IOAS_MAP, IOAS_UNMAP and IOAS_COPY (iommufd_ioas_map, _unmap, _copy), refusals first. */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../../src/sim/machine.ts';
import { given, type Machine } from '../../machine/table.ts';

const IOAS = 'ioas = ioasAlloc';

function areasOf(machine: Machine, name: string): string[] {
  const object = machine.state.contexts.get(1)!.objects.get(machine.names.get(name)!)!;
  if (object.type !== 'IOAS') throw new Error(`${name} is no IOAS`);
  return [...object.areas].map(({ start, last }) => `${start.toString(16)}-${last.toString(16)}`);
}

const pagesOf = (machine: Machine) => [...machine.state.contexts.get(1)!.pages.values()];

describe('map', () => {
  test('refusals come in the order of the kernel’s checks', () => {
    given([], IOAS).run(`
      map 9 MAX 0 flags=8 va=MAX -> EOPNOTSUPP          # flags, before anything
      map 9 MAX 0 flags=0 va=MAX -> EOVERFLOW           # iova, even when it is not used
      map 9 0 MAX flags=0 va=MAX -> EOVERFLOW
      map 9 0 0 flags=0 va=MAX -> EINVAL                # neither readable nor writeable
      map 9 0 0 flags=1 va=MAX -> EINVAL
      map 9 0 0 va=MAX -> ENOENT                        # the IOAS
      map ioas 1 0 va=MAX -> EINVAL                     # length
      map ioas 1 0xfffffffffffff000 va=0x1000 -> EINVAL
      map ioas 1 0x1000 va=0xfffffffffffff000 -> EOVERFLOW
      option 1 0 ioas val=0
      map ioas 1 0x1001 va=1 -> EINVAL                  # length and alignment, before the place
      map ioas 0xffffffffffffe800 0x2000 va=1 -> EINVAL # the IOVA’s alignment, before its wrap
      map ioas 0xfffffffffffff000 0x2000 va=1 -> EOVERFLOW
      reserve ioas 0x4000 0x1000
      map ioas 0x5000 0x1000
      map ioas 0x4000 0x2000 va=1 -> EINVAL             # reserved, before mapped
      map ioas 0x5000 0x1000 va=1 -> EEXIST             # mapped, before the page offset
      map ioas 0x6000 0x1000 va=1 -> EINVAL
      map ioas 0x6000 0x1000 va=0x1000 -> 0 {iova=0x6000} AreaMapped
    `);
  });

  test('without a domain nothing is looked at: any address is as good as another', () => {
    given([], IOAS).run(`
      map ioas 0 0x1000 va=0 -> 0 AreaMapped{userVa=0x0,prot=6,pagesId=1,last=0xfff}
      map ioas 1 1 va=0x123456789 -> EEXIST
      map ioas 0x1001 1 va=0x123456789 prot=r -> 0 {iova=0x1001} AreaMapped{prot=4,pagesId=2}
      map ioas 0x2000 0x10000000000 va=3 prot=w -> 0 AreaMapped{prot=2,last=0x10000001fff}
    `);
  });

  test('with a domain the memory must be there, and what is refused leaves nothing', () => {
    const machine = given([], `${IOAS}\n m = mock ioas`).run(`
      map ioas 0x1000000 0x1000 va=0x2000000 -> EFAULT
      map ioas 0x1000000 0x2000 va=0x10fff000 -> EFAULT     # the second page is not
      map ioas 0x1000000 0x1000 va=0x10fff000 -> 0 AreaMapped{pagesId=1}
      map ioas 0x0 0x1000 -> EINVAL                         # below the aperture: reserved
      map ioas 0x80000000 0x1000 -> EINVAL
      map ioas 0x7ffff000 0x2000 -> EINVAL
      map ioas 0x1001400 0x1000 -> EINVAL                   # the domain’s smallest page
      map ioas 0x1001800 0x800 -> 0 AreaMapped
      map ioas 0x1002000 0x1000 va=0x10000800 -> 0 AreaMapped
      map ioas 0x1003000 0x1000 va=0x10000400 -> EINVAL
    `);
    expect(pagesOf(machine)).toHaveLength(3);
  });

  test('memory with a hole: each area is looked at by itself', () => {
    given([], 'open hole=4').run(`
      ioas = ioasAlloc ctx=2
      map ioas 0x1000000 0x8000 ctx=2
      mock ioas ctx=2 -> EFAULT *
    `);
  });
});

describe('unmap', () => {
  const MAPPED = `${IOAS}
    map ioas 0x10000 0x1000
    map ioas 0x11000 0x2000
    map ioas 0x20000 0x1000
  `;

  test('refusals come in the order of the kernel’s checks', () => {
    given([], MAPPED).run(`
      unmap 9 MAX 0 -> ENOENT
      unmap ioas MAX 0 -> EOVERFLOW
      unmap ioas 1 MAX -> EOVERFLOW
      unmap ioas 0xfffffffffffffffe 0 -> EINVAL
      unmap ioas 0xfffffffffffffffe 3 -> EOVERFLOW
      unmap ioas 0x30000 0x1000 -> ENOENT
      unmap ioas 0x10000 0xfff -> ENOENT                    # splits nothing
      unmap ioas 0x10001 0xfff -> ENOENT
    `);
  });

  test('takes whole areas and walks over holes', () => {
    const machine = given([], MAPPED).run(`
      unmap ioas 0xf000 0x20000 -> 0 {length=0x4000}
        .. AreaUnmapped{start=0x10000} AreaUnmapped{start=0x11000} AreaUnmapped{start=0x20000}
      unmap ioas 0xf000 0x20000 -> ENOENT
    `);
    expect(pagesOf(machine)).toEqual([]);
  });

  test('what lies before an area that sticks out is gone all the same', () => {
    const machine = given([], MAPPED).run(`
      unmap ioas 0x10000 0x2000 -> ENOENT AreaUnmapped{start=0x10000,last=0x10fff}
      unmap ioas 0x10000 0x1000 -> ENOENT
    `);
    expect(areasOf(machine, 'ioas')).toEqual(['11000-12fff', '20000-20fff']);
  });

  test('IOVA 0 with the largest length means all, and nothing is all right', () => {
    given([], MAPPED).run(`
      unmap ioas 0 MAX -> 0 {length=0x4000} AreaUnmapped AreaUnmapped AreaUnmapped
      unmap ioas 0 MAX -> 0 {length=0x0}
    `);
  });

  test('destroying the IOAS unmaps what is left', () => {
    const machine = given([], MAPPED).run(`
      destroy ioas -> 0 AreaUnmapped AreaUnmapped AreaUnmapped ObjectDestroyed
    `);
    expect(pagesOf(machine)).toEqual([]);
  });
});

describe('copy', () => {
  const SOURCE = `${IOAS}
    to = ioasAlloc
    map ioas 0x10000 0x2000
    map ioas 0x12000 0x1000 va=0x10008000 prot=r
    map ioas 0x14000 0x1000
  `;

  test('refusals come in the order of the kernel’s checks', () => {
    given([], SOURCE).run(`
      copy 9 MAX 8 MAX 0 flags=8 -> EOPNOTSUPP
      copy 9 0 8 0 MAX flags=0 -> EOVERFLOW
      copy 9 MAX 8 0 0 flags=0 -> EOVERFLOW
      copy 9 0 8 MAX 0 flags=0 -> EOVERFLOW
      copy 9 0 8 0 0 flags=0 -> EINVAL
      copy 9 0 8 0 0 -> ENOENT                          # the source
      copy 9 0 ioas 0 0 -> EINVAL
      copy 9 0 ioas 0xfffffffffffffffe 3 -> EOVERFLOW
      copy 9 0 ioas 0x13000 0x1000 -> ENOENT            # not mapped
      copy 9 0 ioas 0x12000 0x3000 -> ENOENT            # a hole in it
      copy 9 0 ioas 0xf000 0x2000 -> ENOENT
      copy 9 0 ioas 0x10000 0x1000 -> ENOENT            # the destination
      map to 0 0x1000
      copy to 0 ioas 0x12000 0x1000 -> EEXIST           # the place, before the permission
      copy to 0x1000 ioas 0x12000 0x1000 -> EPERM
      copy to 0x1000 ioas 0x12000 0x1000 prot=w -> EPERM
      copy to 0x1000 ioas 0x12000 0x1000 prot=r -> 0 {dstIova=0x1000} AreaMapped
    `);
  });

  test('each source area becomes one area, of shared pages, a part of the first and last', () => {
    const machine = given([], SOURCE).run(`
      copy to 0x1000 ioas 0x11000 0x1800 prot=r -> 0
        .. AreaMapped{start=0x1000,last=0x1fff,pagesId=1,userVa=0x10001000,newPages=null}
        .. AreaMapped{start=0x2000,last=0x27ff,pagesId=2,userVa=0x10008000,newPages=null}
      unmap ioas 0 MAX
    `);
    expect(pagesOf(machine).map(({ pagesId, areaCount }) => [pagesId, areaCount])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    machine.run('unmap to 0x1000 0x1800 -> 0 {length=0x1800} AreaUnmapped AreaUnmapped');
    expect(pagesOf(machine)).toEqual([]);
  });

  test('a permission that one of several areas lacks refuses all of them', () => {
    const machine = given([], SOURCE).run('copy to 0x1000 ioas 0x11000 0x2000 -> EPERM');
    expect(areasOf(machine, 'to')).toEqual([]);
  });

  test('into the same IOAS, fixed and automatic', () => {
    const machine = given([], SOURCE).run(`
      copy ioas 0x10000 ioas 0x10000 0x1000 -> EEXIST
      copy ioas 0x20000 ioas 0x10000 0x2000 -> 0 {dstIova=0x20000} AreaMapped{pagesId=1}
      copy ioas 0 ioas 0x11000 0x1000 auto -> 0 {dstIova=0x1000} AreaMapped{userVa=0x10001000}
      copy ioas 0x22000 ioas 0x20000 0x2000 -> 0 AreaMapped{pagesId=1}
    `);
    expect(pagesOf(machine)[0]).toMatchObject({ pagesId: 1, areaCount: 4 });
  });

  test('the destination’s alignment counts, for the whole and for each page offset', () => {
    given([], `${SOURCE}\n map ioas 0x30000 0x800\n map ioas 0x30800 0x1000 va=0x10000400`).run(`
      option 1 0 to val=0
      copy to 0 ioas 0x30000 0x800 -> EINVAL
      copy to 0 ioas 0x10800 0x1000 -> EINVAL
      copy to 0x800 ioas 0x10000 0x1000 -> EINVAL
      copy to 0 ioas 0x10000 0x1000 -> 0 AreaMapped
    `);
  });

  test('into an IOAS with a domain the memory must be there, part by part', () => {
    given([], 'open hole=4').run(`
      ioas = ioasAlloc ctx=2
      to = ioasAlloc ctx=2
      m = mock to ctx=2
      map ioas 0x10000 0x8000 ctx=2
      copy to 0x1000000 ioas 0x10000 0x8000 ctx=2 -> EFAULT
      copy to 0x1000000 ioas 0x13000 0x2000 ctx=2 -> EFAULT
      copy to 0x1000000 ioas 0x10000 0x4000 ctx=2 -> 0 AreaMapped
      copy to 0x1005000 ioas 0x15000 0x3000 ctx=2 -> 0 AreaMapped
    `);
  });
});

describe('a domain joins an IOAS in which something is mapped', () => {
  test('areas outside its aperture, or not aligned to its pages, are in its way', () => {
    given([], IOAS).run(`
      map ioas 0xfff000 0x1000
      mock ioas -> EADDRINUSE *
      unmap ioas 0 MAX
      map ioas 0x7fffff00 0x200
      mock ioas -> EADDRINUSE *
      unmap ioas 0 MAX
      map ioas 0x1000000 0x400
      mock ioas -> EADDRINUSE *
      unmap ioas 0 MAX
      map ioas 0x1000400 0x800
      mock ioas -> EADDRINUSE *
      unmap ioas 0 MAX
      map ioas 0x1000000 0x800 va=0x10000400
      mock ioas -> EADDRINUSE *
      unmap ioas 0 MAX
      map ioas 0x1000000 0x800 va=0x10000800
      m = mock ioas
      checkMap m.hwpt 0x1000000 0x800 va=0x10000800
    `);
  });

  test('so are allowed ranges; a hwpt is not made either', () => {
    given(DEVICES, `dev = bind 0000:01:00.0\n ${IOAS}`).run(`
      allow ioas to=0x1000-0xffffffffffff
      hwptAlloc dev ioas -> 0
      allow ioas to=0x1000-0x1000000000000 -> EADDRINUSE
      other = ioasAlloc
      allow other to=0x1000-0x1000000000000
      hwptAlloc dev other -> EADDRINUSE *
      map other 0x10800 0x800 -> 0 AreaMapped
      hwptAlloc dev other -> EADDRINUSE *
      allow other
      hwptAlloc dev other -> EADDRINUSE *               # 4 KiB pages
    `);
  });

  test('absent memory is found then: attach, hwptAlloc and replace are refused, nothing stays', () => {
    const machine = given(DEVICES, `dev = bind 0000:01:00.0\n ${IOAS}`).run(`
      map ioas 0x1000000 0x1000 va=0
      map ioas 0x1001000 0x1000
      mock ioas -> EFAULT ObjectReserved IommuGroupCreated MockDeviceAdded DmaOwnershipClaimed
        .. DeviceBound HwptPagingAllocated AttachHandleStored DomainAttached DeviceAttached
        .. DomainDetached AttachHandleErased AttachHandleFreed DeviceDetached ObjectAborted
        .. DeviceUnbound DmaOwnershipReleased PhysicalDeviceRemoved IommuGroupRemoved ObjectAborted
      hwptAlloc dev ioas -> EFAULT HwptPagingAllocated ObjectAborted
      attach dev ioas -> EFAULT *
      good = ioasAlloc
      attach dev good
      replace dev ioas -> EFAULT HwptPagingAllocated ObjectAborted
      unmap ioas 0x1000000 0x1000
      replace dev ioas
    `);
    expect(areasOf(machine, 'ioas')).toEqual(['1001000-1001fff']);
  });

  test('the mock driver maps what it was given; a hole ends the comparison', () => {
    given([], `${IOAS}\n m = mock ioas\n map ioas 0x1000000 0x2000`).run(`
      checkMap m.hwpt 0x1000000 0x400 -> EINVAL
      checkMap m.hwpt 0x1000000 0x800 va=0xfffffffffffff800 -> EINVAL
      checkMap m 0x1000000 0x800 -> ENOENT
      checkMap ioas 0x1000000 0x800 -> ENOENT
      checkMap m.hwpt 0x1000000 0x2000
      checkMap m.hwpt 0x1000800 0x1000 va=0x10000800
      checkMap m.hwpt 0x1000000 0 va=0
      checkMap m.hwpt 0x1000000 0x2000 va=0x10001000 -> EINVAL
      checkMap m.hwpt 0x1000000 0x2000 va=0x20000000 -> EFAULT
      checkMap m.hwpt 0x1000000 0x3000 -> EINVAL
      unmap ioas 0x1000000 0x2000
      checkMap m.hwpt 0x1000000 0x2000 -> EINVAL
    `);
  });
});
