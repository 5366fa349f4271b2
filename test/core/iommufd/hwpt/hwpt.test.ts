/** IOAS and hwpt allocation, invalidation, hardware information. */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../../src/sim/machine.ts';
import { MOCK, PCI_HWPTS } from '../../machine/setups.ts';
import { given } from '../../machine/table.ts';

describe('IOAS_ALLOC', () => {
  test('takes no flag', () => {
    given([], 'ioasAlloc flags=1 -> EOPNOTSUPP').run(`
      ioasAlloc flags=1 ctx=9 -> EBADF
      ioasAlloc -> 0 {outIoasId=1} IoasAllocated{ioasId=1}
    `);
  });
});

describe('HWPT_ALLOC, checks in the order of the kernel', () => {
  test('each line breaks one rule and all that come after it', () => {
    given(DEVICES, PCI_HWPTS).run(`
      hwptAlloc 99 99 flags=255 data=none len=1 ctx=7 -> EBADF
      hwptAlloc 99 99 flags=255 len=1 -> EINVAL              # no data type, but a length
      hwptAlloc 99 99 flags=255 data=vtd len=0 -> EINVAL     # a data type, but no length
      hwptAlloc 99 99 flags=255 -> ENOENT                    # no such device
      hwptAlloc ioas ioas flags=255 -> ENOENT                # not a device
      hwptAlloc dev 99 flags=255 -> EINVAL                   # no such page table
      hwptAlloc dev dev flags=255 -> EINVAL                  # neither IOAS nor hwpt
      hwptAlloc dev q flags=255 -> EINVAL
      hwptAlloc dev nested flags=255 -> EINVAL               # a nested hwpt is no parent
      hwptAlloc dev ioas flags=8 -> EOPNOTSUPP
      hwptAlloc dev ioas data=vtd -> EOPNOTSUPP              # a paging hwpt takes no user data
    `);
  });

  const PAGING: readonly (readonly [flags: number, errno: string])[] = [
    [0, '0'],
    [1, '0'],
    [2, '0'],
    [3, '0'],
    [4, 'EOPNOTSUPP'],
    [5, 'EOPNOTSUPP'],
    [6, 'EOPNOTSUPP'],
    [7, 'EOPNOTSUPP'],
    [8, 'EOPNOTSUPP'],
  ];
  test.each(PAGING)('a paging hwpt with flags %i gives %s', (flags, errno) => {
    const events = errno === '0' ? 'HwptPagingAllocated DomainAdded' : '';
    // 6.12 refuses the fault flag on paging hwpts before it looks at the fault id.
    given(DEVICES, PCI_HWPTS).run(`
      hwptAlloc dev ioas flags=${flags} fault=q -> ${errno} ${events}
      hwptAlloc dev ioas flags=${flags} fault=99 -> ${errno} ${events}
    `);
  });

  test.each(PAGING)('a mock paging hwpt with flags %i gives %s', (flags, errno) => {
    const events = errno === '0' ? 'HwptPagingAllocated DomainAdded' : '';
    given([], MOCK).run(`hwptAlloc m.dev ioas flags=${flags} -> ${errno} ${events}`);
  });

  test.each([
    [0, '0', 'HwptNestedAllocated'],
    [1, 'EOPNOTSUPP', ''],
    [2, 'EOPNOTSUPP', ''],
    [3, 'EOPNOTSUPP', ''],
    [4, '0', 'HwptNestedAllocated HwptFaultQueueAssigned{faultId=5}'],
    [5, 'EOPNOTSUPP', ''],
    [6, 'EOPNOTSUPP', ''],
    [7, 'EOPNOTSUPP', ''],
    [8, 'EOPNOTSUPP', ''],
  ])('a nested hwpt with flags %i gives %s', (flags, errno, events) => {
    given(DEVICES, PCI_HWPTS).run(
      `hwptAlloc dev parent flags=${flags} data=vtd fault=q -> ${errno} ${events}`,
    );
  });

  test('dirty tracking needs a device that can', () => {
    given(DEVICES, 'dev = bind 0000:04:00.0').run(`
      ioas = ioasAlloc
      hwptAlloc dev ioas flags=2 -> EOPNOTSUPP
      hwptAlloc dev ioas flags=3 -> EOPNOTSUPP
      hwptAlloc dev ioas flags=1 -> 0 HwptPagingAllocated DomainAdded
      m = mock ioas flags=1
      hwptAlloc m.dev ioas flags=2 -> EOPNOTSUPP
    `);
  });
});

describe('HWPT_ALLOC of a nested hwpt', () => {
  test('each line breaks one rule and all that come after it', () => {
    given(DEVICES, PCI_HWPTS).run(`
      m = mock ioas
      hwptAlloc dev plain flags=1 data=vtd type=9 -> EOPNOTSUPP
      hwptAlloc dev parent -> EOPNOTSUPP                     # no user data
      hwptAlloc dev plain flags=4 data=vtd type=9 fault=99 -> EINVAL   # not a nest parent
      hwptAlloc m.dev m.hwpt data=mock -> EINVAL             # an automatic hwpt
      hwptAlloc m.dev parent data=mock -> EINVAL             # another driver's
      hwptAlloc dev parent flags=4 data=vtd type=9 fault=99 -> EOPNOTSUPP
      hwptAlloc dev parent flags=4 data=mock fault=99 -> EOPNOTSUPP
      hwptAlloc dev parent flags=4 data=vtd len=16 fault=99 -> EINVAL
      hwptAlloc dev parent flags=4 data=vtd len=32 fault=99 -> EINVAL
      hwptAlloc dev parent flags=4 data=vtdUnmapped fault=99 -> EFAULT
      hwptAlloc dev parent flags=4 data=vtdBadFlags fault=99 -> EOPNOTSUPP
      hwptAlloc dev parent flags=4 data=vtdBadWidth fault=99 -> EINVAL
    `);
  });

  test('a fault id that names no fault queue takes the finished hwpt back', () => {
    const machine = given(DEVICES, PCI_HWPTS).run(`
      hwptAlloc dev parent flags=4 data=vtd fault=99 -> ENOENT HwptNestedAllocated{hwptId=8}
        .. ObjectAborted{id=8}
      hwptAlloc dev parent flags=4 data=vtd fault=ioas -> ENOENT HwptNestedAllocated ObjectAborted
      hwptAlloc dev parent data=vtd fault=99 -> 0 {outHwptId=8} HwptNestedAllocated   # never looked
        .. at
    `);
    expect(machine.state.contexts.get(1)!.objects.has(9)).toBe(false);
  });

  test('the mock driver has its own data type', () => {
    given([], MOCK).run(`
      hwptAlloc m.dev parent data=vtd -> EOPNOTSUPP
      hwptAlloc m.dev parent data=mock len=8 -> EINVAL
      hwptAlloc m.dev parent data=mockUnmapped -> EFAULT
      hwptAlloc m.dev parent data=mock -> 0 HwptNestedAllocated
    `);
  });
});

describe('HWPT_INVALIDATE', () => {
  test('writes back how many entries were handled, also on errors', () => {
    given([], MOCK).run(`
      invalidate 99 len=0 entries=0/0 -> EINVAL {entryNum=0}
      invalidate 99 len=4097 entries=0/0 -> EINVAL {entryNum=0}
      invalidate 99 len=4096 entries=0/0 -> ENOENT {entryNum=0}
      invalidate parent entries=0/0 -> ENOENT {entryNum=0}
      invalidate nested type=0 len=8 entries=0/0 -> EINVAL {entryNum=0}
      invalidate nested type=0 len=0 -> EINVAL {entryNum=0}
      invalidate nested len=4 entries=0/0 -> EINVAL {entryNum=0}
      invalidate nested len=12 entries=0/0 -> EINVAL {entryNum=0}        # longer than the structure
      invalidate nested len=4096 entries=0/0 -> EINVAL {entryNum=0}
      invalidate nested len=8 entries=2/9 -> EOPNOTSUPP {entryNum=0}
      invalidate nested len=8 entries=1/4 -> EINVAL {entryNum=0}
      invalidate nested len=0 -> 0 {entryNum=0}
      invalidate nested len=8 entries=0/1,0/2,0/4,0/3 -> EINVAL {entryNum=2}
        .. MockIotlbInvalidated{iotlbId=1} MockIotlbInvalidated{iotlbId=2}
      checkIotlb nested 0 7
      checkIotlb nested 1 0
      checkIotlb nested 2 0
      checkIotlb nested 3 7
      checkIotlb nested 3 0 -> EINVAL
      checkIotlb nested 4 0 -> EINVAL
      checkIotlb parent 0 7 -> ENOENT
      invalidate nested len=8 entries=1/0 -> 0 {entryNum=1} MockIotlbInvalidated{iotlbId=null}
      checkIotlb nested 0 0
    `);
  });

  test('VT-d entries', () => {
    given(DEVICES, PCI_HWPTS).run(`
      invalidate nested entries=0/0/0/1 -> EINVAL {entryNum=0}
      invalidate nested type=0 len=8 entries=0/0/0/1 -> EINVAL {entryNum=0}
      invalidate nested type=0 len=23 entries=0/0/0/1 -> EINVAL {entryNum=0}
      invalidate nested type=0 len=25 entries=0/0/0/1 -> EINVAL {entryNum=0}   # too long
      invalidate nested type=0 len=32 entries=0/0/0/1,0/0/0/1 -> EINVAL {entryNum=0}
      invalidate nested type=0 len=4096 entries=0/0/0/1 -> EINVAL {entryNum=0}
      invalidate nested type=0 len=4097 entries=0/0/0/1 -> EINVAL {entryNum=0}
      invalidate nested type=0 len=32 -> 0 {entryNum=0}
      invalidate nested type=0 len=24 entries=0/0/0x3000/1 -> 0 {entryNum=1}
        .. StageOneInvalidated{addr=0x3000}
      invalidate nested type=0 entries=2/0/1/1 -> EOPNOTSUPP {entryNum=0}
      invalidate nested type=0 entries=0/0/1/1 -> EINVAL {entryNum=0}
      invalidate nested type=0 entries=0/0/0x1000/0xffffffffffffffff -> EINVAL {entryNum=0}
      invalidate nested type=0 entries=0/0/0/0xffffffffffffffff,1/0/0x2000/3 -> 0 {entryNum=2}
        .. StageOneInvalidated{leaf=false} StageOneInvalidated{leaf=true,addr=0x2000,npages=0x3}
    `);
  });
});

describe('GET_HW_INFO', () => {
  test('the driver says what it is, cut to what was asked for', () => {
    given(DEVICES, PCI_HWPTS).run(`
      hwInfo 99 flags=1 -> EOPNOTSUPP
      hwInfo 99 -> ENOENT
      hwInfo ioas -> ENOENT
      hwInfo dev len=0 -> 0 {outDataType=1,dataLen=24,data=,outCapabilities=0x7,outMaxPasidLog2=20}
      hwInfo dev len=4 -> 0 {dataLen=24,data=00000000}
      m = mock ioas
      hwInfo m.dev -> 0 {outDataType=4276993775,dataLen=8,data=00000000efbeadde,outCapabilities=0x1}
      n = mock ioas flags=1
      hwInfo n.dev -> 0 {outCapabilities=0x0,outMaxPasidLog2=0}
    `);
  });
});
