/** The VFIO type 1 ioctls of /dev/iommu, and the cut of areas (vfio_compat.c of Linux 6.12.117). */
import { describe, expect, test } from 'vitest';
import { checkInvariants } from '../../../../src/core/check/invariant.ts';
import { execute } from '../../../../src/core/machine/execute.ts';
import { given } from '../../machine/table.ts';

const VFIO = 'ioas = ioasAlloc\n vfioIoas 1 ioas=ioas';

describe('what a container is', () => {
  test('nothing without an IOAS of VFIO; the version and extensions all the same', () => {
    given([], 'ioas = ioasAlloc').run(`
      vfioSet 0 -> EINVAL
      vfioSet 8 -> EINVAL
      vfioSet 0x100000001 -> EINVAL
      vfioSet 1 -> ENODEV
      vfioSet 3 -> ENODEV
      vfioInfo -> ENODEV
      vfioMap 0x1000 0x1000 flags=4 -> EINVAL        # flags first
      vfioMap 0x1000 0x1000 -> ENODEV
      vfioUnmap 0x1000 0x1000 flags=1 -> EINVAL
      vfioUnmap 0x1000 0x1000 -> ENODEV
      vfioCheck 4 -> ENODEV
      vfioVersion -> 0 {version=0}
      vfioCheck 1 -> 0 {supported=1}
      vfioCheck 3 -> 0 {supported=1}
      vfioCheck 9 -> 0 {supported=1}
      vfioCheck 6 -> 0 {supported=0}
      vfioCheck 8 -> 0 {supported=0}
      vfioCheck 10 -> 0 {supported=0}
      vfioCheck 0x100000001 -> 0 {supported=0}
    `);
  });

  test('cache coherency is enforced by no domain, so with none by all', () => {
    given([], VFIO).run(`
      vfioCheck 4 -> 0 {supported=1}
      m = mock ioas
      vfioCheck 4 -> 0 {supported=0}
    `);
  });

  test('TYPE1 gives up large pages; TYPE1v2 leaves them', () => {
    given([], `${VFIO}\n map ioas 0x800 0x800 va=0x10000800`).run(`
      vfioSet 3 -> 0
      vfioSet 1 -> EADDRINUSE
      unmap ioas 0x800 0x800
      m = mock ioas
      vfioMap 0x1000000 0x1000
      vfioSet 1 -> EINVAL
      vfioUnmap 0 0 flags=2 -> 0 {size=0x1000} AreaUnmapped
      vfioSet 1 -> 0 LargePagesSet{enabled=false}
      vfioSet 1 -> 0
      vfioSet 3 -> 0
    `);
  });

  test('its page sizes are those all domains have, its ranges what is not reserved', () => {
    given([], VFIO).run(`
      vfioInfo -> 0 {iovaPgsizes=0xfffffffffffff000}
      m = mock ioas
      vfioInfo -> 0 {iovaPgsizes=0x1000}
    `);
    const machine = given([], `${VFIO}\n m = mock ioas`).run('vfioInfo -> 0');
    expect(machine.last.reply).toEqual({
      iovaPgsizes: 0x1000n,
      iovaRanges: [{ start: 1n << 24n, last: (1n << 31n) - 1n }],
    });
  });
});

describe('mapping', () => {
  test('is of any permission, also of none; the IOVA is always the one given', () => {
    given([], VFIO).run(`
      vfioMap 0x1000 0 -> EINVAL
      vfioMap 0xfffffffffffff000 0x2000 -> EOVERFLOW
      vfioMap 0x1000 0x1000 va=0xfffffffffffff000 -> EOVERFLOW
      vfioMap 0x1000 0x1000 flags=0 -> 0 AreaMapped{prot=0,start=0x1000}
      vfioMap 0x1000 0x1000 -> EEXIST
      vfioMap 0x2000 0x1000 flags=1 -> 0 AreaMapped{prot=4}
      vfioMap 0x3000 0x1000 flags=2 -> 0 AreaMapped{prot=2}
      vfioMap 0 0x1000 flags=3 -> 0 AreaMapped{prot=6,start=0x0}
      acc = access ioas
      rw acc 0x1000 1 -> EPERM
      rw acc 0x2000 1 -> 0
      rw acc 0x3000 1 -> EPERM
    `);
  });

  test('with a domain it pins', () => {
    given([], `${VFIO}\n m = mock ioas`).run(`
      vfioMap 0x1000000 0x1000 va=0x50000000 -> EFAULT
      vfioMap 0x1000 0x1000 -> EINVAL                # outside the aperture
      vfioMap 0x1000800 0x1000 va=0x10000800 -> 0
      vfioMap 0x1000100 0x1000 -> EINVAL
    `);
  });
});

describe('unmapping', () => {
  test('of nothing is no error, of nothing at all is one', () => {
    given([], VFIO).run(`
      vfioUnmap 0x1000 0x1000 -> 0 {size=0x0}
      vfioUnmap 0 0 flags=2 -> 0 {size=0x0}
      vfioUnmap 0x1000 0 -> EINVAL {size=0x0}        # written back all the same
      vfioUnmap 0x2000 0xfffffffffffff000 -> EOVERFLOW {size=0x0}
      vfioUnmap 0 0x1000 flags=2 -> EINVAL
      vfioUnmap 0x1000 0 flags=2 -> EINVAL
      vfioUnmap 0 0 flags=3 -> EINVAL
    `);
  });

  test('TYPE1v2: an area that sticks out stays, those before it are gone and counted', () => {
    given([], `${VFIO}\n vfioSet 3\n vfioMap 0x1000 0x1000\n vfioMap 0x2000 0x4000`).run(`
      vfioUnmap 0x3000 0x1000 -> ENOENT {size=0x0}
      vfioUnmap 0x1000 0x2000 -> ENOENT {size=0x1000} AreaUnmapped{start=0x1000} HazardRecorded
      vfioUnmap 0x1000 0x5000 -> 0 {size=0x4000} AreaUnmapped
    `);
  });

  test('TYPE1: areas are cut at both ends, and what is left is two', () => {
    const machine = given([], `${VFIO}\n vfioSet 1\n vfioMap 0x10000 0x8000`).run(`
      vfioUnmap 0x12000 0x2000 -> 0 {size=0x2000}
        .. AreaSplit{start=0x10000,last=0x17fff,iova=0x14000}
        .. AreaSplit{start=0x10000,last=0x13fff,iova=0x12000}
        .. AreaUnmapped{start=0x12000,last=0x13fff}
      vfioUnmap 0x12000 0x2000 -> 0 {size=0x0}
      vfioUnmap 0x14000 0x1000 -> 0 {size=0x1000} AreaSplit AreaUnmapped{start=0x14000}
    `);
    expect(checkInvariants(machine.state)).toEqual([]);
    const { objects, pages } = machine.state.contexts.get(1)!;
    const ioas = objects.get(1)!;
    expect(ioas.type === 'IOAS' && [...ioas.areas]).toMatchObject([
      { start: 0x10000n, last: 0x11fffn, userVa: 0x1000_0000n, pagesId: 1 },
      { start: 0x15000n, last: 0x17fffn, userVa: 0x1000_5000n, pagesId: 1 },
    ]);
    // One container, of which both are parts; it goes with the last.
    expect(pages.get(1)).toMatchObject({ areaCount: 2, userVa: 0x1000_0000n, length: 0x8000n });
    machine.run('vfioUnmap 0 0 flags=2 -> 0 {size=0x5000} AreaUnmapped AreaUnmapped');
    expect(pages.size).toBe(0);
  });

  test('a cut under a domain changes no pin; what is unmapped is unpinned', () => {
    const machine = given(
      [],
      `${VFIO}\n vfioSet 1\n m = mock ioas\n vfioMap 0x1000000 0x8000`,
    ).run(`
      checkRefs 0x10000000 0x8000 1 -> 0
      vfioUnmap 0x1002000 0x2000 -> 0
      checkRefs 0x10000000 0x2000 1 -> 0
      checkRefs 0x10002000 0x2000 0 -> 0
      checkRefs 0x10004000 0x4000 1 -> 0
      checkMap m.hwpt 0x1000000 0x2000 -> 0
      checkMap m.hwpt 0x1002000 0x1000 -> EINVAL
      checkMap m.hwpt 0x1004000 0x4000 va=0x10004000 -> 0
    `);
    expect(checkInvariants(machine.state)).toEqual([]);
  });

  test('what an access pins is not cut; a cut that was made before a refusal stays', () => {
    const machine = given(
      [],
      `${VFIO}\n vfioSet 1\n vfioMap 0x10000 0x4000\n vfioMap 0x14000 0x4000 va=0x10004000`,
    ).run(`
      acc = access ioas pins
      item = pin acc 0x10000 0x1000
      vfioUnmap 0x11000 0x4000 -> EINVAL AreaSplit{start=0x14000,iova=0x15000}
      vfioUnmap 0x16000 0 -> EINVAL {size=0x0} AreaSplit{start=0x15000,iova=0x16000}
      vfioUnmap 0x10800 0x800 -> EINVAL             # not aligned, before it is pinned
      vfioUnmap 0x10000 0x4000 -> 0 {size=0x4000} AccessPagesUnpinned AreaUnmapped
    `);
    expect(checkInvariants(machine.state)).toEqual([]);
  });

  test('ends that wrap cut where they land; from 0 on there is no lower end', () => {
    given([], `${VFIO}\n vfioSet 1\n vfioMap 0 0x8000`).run(`
      vfioUnmap 0x4000 0xffffffffffffe000 -> EOVERFLOW {size=0x0}
        .. AreaSplit{start=0x0,iova=0x2000}
        .. AreaSplit{start=0x2000,iova=0x4000}
      vfioUnmap 0 0x1000 -> 0 {size=0x1000} AreaSplit{start=0x0,iova=0x1000} AreaUnmapped
    `);
  });

  test('without memory for the second cut the first one stays', () => {
    const { state } = given([], `${VFIO}\n vfioSet 1\n vfioMap 0x10000 0x8000`);
    const command = { type: 'VfioUnmapDma', contextId: 1, flags: 0 } as const;
    const range = { iova: 0x1_2000n, size: 0x2000n };
    const failed = execute(state, { ...command, ...range, outside: { failNth: 3 } });
    expect(failed).toMatchObject({ errno: 'ENOMEM', reply: null });
    expect(failed.events.map(({ type }) => type)).toEqual(['AreaSplit']);
    expect(checkInvariants(state)).toEqual([]);
  });

  test('a copy of a cut area has a part of the pages', () => {
    const machine = given([], `${VFIO}\n other = ioasAlloc\n vfioSet 1\n vfioMap 0x10000 0x4000`);
    machine.run(`
      vfioUnmap 0x11000 0x1000 -> 0
      copy other 0x20000 ioas 0x12000 0x2000 -> 0 AreaMapped{userVa=0x10002000,pagesId=1}
      copy other 0x30000 ioas 0x10000 0x2000 -> ENOENT
    `);
    expect(checkInvariants(machine.state)).toEqual([]);
  });
});
