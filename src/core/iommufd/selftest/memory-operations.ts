/**
 * Operations of the kernel’s self-test on what is mapped, reserved and dirty.
 * Mirrors drivers/iommu/iommufd/selftest.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { MOCK_DIRTY_BITS_MAX, MOCK_IO_PAGE_SIZE, ULONG_MAX } from '../../../abi/uapi.ts';
import { answer, inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf } from '../../machine/lookup.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { rangesOfCaller } from '../../memory/caller.ts';
import { bytesOfHex } from '../../memory/hex-bytes.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { presentBytes } from '../../memory/process-memory.ts';
import { notMultiple } from '../../refuse/multiples.ts';
import { slotsOfBit } from '../hwpt/dirty-bits.ts';
import { checkReserve, contiguousAreas } from '../ioas/io-pagetable.ts';
import type { Ioas, IommufdContext } from '../state.ts';

const SLOT = BigInt(MOCK_IO_PAGE_SIZE);

/** IOMMU_TEST_OP_ADD_RESERVED (iommufd_test_add_reserved). */
export interface TestAddReserved {
  readonly type: 'TestAddReserved';
  readonly contextId: number;
  readonly ioasId: number;
  readonly start: bigint;
  readonly length: bigint;
}

/** IOMMU_TEST_OP_MD_CHECK_MAP (iommufd_test_md_check_pa). */
export interface TestMdCheckMap {
  readonly type: 'TestMdCheckMap';
  readonly contextId: number;
  readonly hwptId: number;
  readonly iova: bigint;
  readonly length: bigint;
  readonly userVa: bigint;
}

/** IOMMU_TEST_OP_DIRTY (iommufd_test_dirty). */
export interface TestDirty {
  readonly type: 'TestDirty';
  readonly contextId: number;
  readonly hwptId: number;
  readonly iova: bigint;
  readonly length: bigint;
  readonly pageSize: bigint;
  /** The first 64 bits. */
  readonly bitmap: bigint;
  /** The bytes that follow, as hex digits, each byte's lowest bit first; left out, as far as it is: zeros. */
  readonly moreBits?: string;
}

export interface TestMemoryOperations {
  TestAddReserved: Operation<TestAddReserved, Record<string, never>>;
  TestMdCheckMap: Operation<TestMdCheckMap, Record<string, never>>;
  TestDirty: Operation<TestDirty, { readonly outNrDirty: bigint }>;
}

export const TEST_MEMORY_OPERATIONS: OperationEntries<TestMemoryOperations> = {
  TestAddReserved: {
    sentence: 'IOMMU_TEST_OP_ADD_RESERVED (iommufd_test_add_reserved).',
    mutation: 'testAddReserved',
    support: {
      name: 'IOMMU_TEST_OP_ADD_RESERVED',
      source: 'iommufd_test_add_reserved (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', ioasId: 'u32', start: 'u64', length: 'u64' },
    execute: inContext((x, context, command) =>
      refused(executeTestAddReserved(x, context, command)),
    ),
  },
  TestMdCheckMap: {
    sentence: 'IOMMU_TEST_OP_MD_CHECK_MAP (iommufd_test_md_check_pa).',
    mutation: 'testMdCheckMap',
    support: {
      name: 'IOMMU_TEST_OP_MD_CHECK_MAP',
      source: 'iommufd_test_md_check_pa (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: '',
    },
    asks: ['MEMORY'],
    arguments: { contextId: 'contextId', hwptId: 'u32', iova: 'u64', length: 'u64', userVa: 'u64' },
    execute: inContext((x, context, command) =>
      refused(executeTestMdCheckMap(x, context, command)),
    ),
  },
  TestDirty: {
    sentence: 'IOMMU_TEST_OP_DIRTY (iommufd_test_dirty).',
    mutation: 'testDirty',
    support: {
      name: 'IOMMU_TEST_OP_DIRTY',
      source: 'iommufd_test_dirty (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: {
      contextId: 'contextId',
      hwptId: 'u32',
      iova: 'u64',
      length: 'u64',
      pageSize: 'u64',
      bitmap: 'u64',
      moreBits: 'hexBytes?',
    },
    execute: inContext((x, context, command) =>
      answer(executeTestDirty(x, context, command), outNrDirty => ({ outNrDirty })),
    ),
  },
};

/**
 * Marks mapped slots dirty. The slot is the address divided by `pageSize`, not by 2048, as in the
 * kernel before 6.19. Source: iommufd_test_dirty. Errors: EINVAL, EOVERFLOW, ENOENT. Returns how many.
 */
function executeTestDirty(
  x: Execution,
  context: IommufdContext,
  { hwptId, iova, length, pageSize, bitmap, moreBits }: TestDirty,
): bigint | Refusal {
  return x.call('iommufd_test_dirty', () => {
    if (pageSize === 0n) return new Refusal('EINVAL', 'PAGE_SIZE_ZERO');
    if (length === 0n) return new Refusal('EINVAL', 'LENGTH_ZERO');
    const argument = notMultiple({ iova, length }, pageSize);
    if (argument !== null) {
      return new Refusal('EINVAL', 'PAGES_NOT_WHOLE', { argument, iova, length, pageSize });
    }
    const pages = length / pageSize;
    const most = MOCK_DIRTY_BITS_MAX;
    if (pages > most) return new Refusal('EOVERFLOW', 'TOO_MANY_PAGES', { pages, most });
    const hwpt = x.getObject(context, hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt;
    if (hwpt.domain.driver !== 'MOCK') return notMock(x, hwptId);
    if (!hwpt.dirtyTracking) return new Refusal('EINVAL', 'TRACKING_OFF', { hwptId });
    if (!x.allocates('kvzalloc bitmap')) return new Refusal('ENOMEM');
    const { areas } = ioasOf(context, hwpt.ioasId);
    const { testDirtyMarks, testDirtyCounts } = x.behaviour;
    const unit = testDirtyMarks === 'IOVA' ? SLOT : pageSize;
    const slots = new Set<number>();
    let given = 0n;
    let mapped = 0n;
    for (const bit of setBits(bitmap, moreBits)) {
      if (bit >= pages) break;
      given++;
      const slot = BigInt.asUintN(64, iova + bit * pageSize) / unit;
      const area = areas.at(slot * SLOT);
      if (area === null) continue;
      mapped++;
      for (const together of slotsOfBit(x, area, Number(slot))) slots.add(together);
    }
    if (slots.size > 0) {
      x.emit({ type: 'PagesDirtied', contextId: context.contextId, hwptId, slots: [...slots] });
    }
    return testDirtyCounts === 'GIVEN' ? given : mapped;
  });
}

/** Numbers of the bits that are set, ascending. */
function* setBits(bitmap: bigint, moreBits = ''): Generator<bigint> {
  for (let bit = 0n; bit < 64n; bit++) if (((bitmap >> bit) & 1n) === 1n) yield bit;
  for (const [index, byte] of bytesOfHex(moreBits).entries()) {
    for (let bit = 0; byte >> bit !== 0; bit++) {
      if (((byte >> bit) & 1) === 1) yield BigInt(64 + 8 * index + bit);
    }
  }
}

/**
 * Reserves a range for nobody. Source: iommufd_test_add_reserved. Errors: EINVAL, length 0;
 * EOVERFLOW; ENOENT; EADDRINUSE, an area or allowed range is in it.
 */
function executeTestAddReserved(
  x: Execution,
  context: IommufdContext,
  { ioasId, start, length }: TestAddReserved,
): Errno {
  return x.call('iommufd_test_add_reserved', () => {
    const wrapped = BigInt.asUintN(64, start + length - 1n);
    if (x.behaviour.addReservedChecked) {
      if (length === 0n) return x.refuse('EINVAL', 'LENGTH_ZERO');
      if (wrapped < start) {
        return x.refuse('EOVERFLOW', 'RANGE_WRAPS', { argument: 'start', start, length });
      }
    }
    const ioas = x.getIoas(context, ioasId);
    if (ioas instanceof Refusal) return ioas.errno;
    const last = wrapped;
    if (last < start) return reserveBackwards(x, ioas, start, last);
    const inUse = checkReserve(x, ioas, { start, last }, 'start');
    if (inUse !== null) return inUse.errno;
    if (!x.allocates('kzalloc iopt_reserved')) return 'ENOMEM';
    x.emit({ type: 'ReservedRangeAdded', contextId: context.contextId, ioasId, start, last });
    return 0;
  });
}

/**
 * A range that ends before it starts goes into the kernel's tree of reserved ranges, which is out of
 * order from then on. Nothing is reserved here, since what the tree then finds is anybody's guess.
 * Errors: EADDRINUSE, an area or allowed range goes from its end to its start; ENOMEM.
 */
function reserveBackwards(x: Execution, ioas: Ioas, start: bigint, last: bigint): Errno {
  const reaches = (range: IovaRange | null) => range !== null && range.last >= start;
  const area = ioas.areas.at(last);
  const allowed = ioas.allowed.find(range => range.start <= last && range.last >= last) ?? null;
  if (reaches(area)) return checkReserve(x, ioas, area!, 'start')!.errno;
  if (reaches(allowed)) return checkReserve(x, ioas, allowed!, 'start')!.errno;
  if (!x.allocates('kzalloc iopt_reserved')) return 'ENOMEM';
  x.hazard(
    'RESERVED_WRAPPED',
    'iopt_reserve_iova',
    `the range from 0x${start.toString(16)} ends at 0x${last.toString(16)}`,
    [`IOAS ${ioas.id}`],
  );
  return 0;
}

/** Source: get_md_pagetable. */
function notMock(x: Execution, hwptId: number): Refusal {
  return x.refusedBy('get_md_pagetable', new Refusal('EINVAL', 'NOT_A_MOCK_HWPT', { hwptId }));
}

/**
 * Compares what a mock hwpt maps with user memory, IO page by IO page. Source:
 * iommufd_test_md_check_pa. Errors: EINVAL, not aligned, wrapping, or mapped elsewhere; ENOENT;
 * EFAULT, the user address does not exist.
 */
function executeTestMdCheckMap(
  x: Execution,
  context: IommufdContext,
  { hwptId, iova, length, userVa }: TestMdCheckMap,
): Errno {
  return x.call('iommufd_test_md_check_pa', () => {
    const unaligned = notMultiple({ iova, length, userVa }, SLOT);
    const bad = unaligned !== null || userVa + length > ULONG_MAX;
    const refuseArguments = () =>
      unaligned !== null
        ? x.refuse('EINVAL', 'CHECK_UNALIGNED', {
            argument: unaligned,
            alignment: SLOT,
            iova,
            length,
            userVa,
          })
        : x.refuse('EINVAL', 'RANGE_WRAPS', { argument: 'userVa', start: userVa, length });
    if (bad && x.behaviour.mdCheckMapFirst === 'ARGUMENTS') return refuseArguments();
    const hwpt = x.getObject(context, hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt.errno;
    if (hwpt.domain.driver !== 'MOCK') return notMock(x, hwptId).errno;
    if (bad) return refuseArguments();
    if (length === 0n) return 0;
    const { areas } = contiguousAreas(ioasOf(context, hwpt.ioasId), iova, iova + length - 1n);
    let same = 0n;
    for (const { area, start, last } of areas) {
      if (area.userVa + (start - area.start) !== userVa + (start - iova)) break;
      same = last - iova + 1n;
    }
    const compared = same < length ? same + 1n : same;
    const present = presentBytes(rangesOfCaller(x, context), userVa, compared, false);
    if (present < same || (same < length && present === same)) {
      return x.refuse('EFAULT', 'USER_MEMORY_MISSING', {
        argument: 'userVa',
        userVa: userVa + present,
      });
    }
    if (same === length) return 0;
    const facts = { hwptId, iova: iova + same, userVa: userVa + same };
    return x.refuse('EINVAL', 'MAPPED_ELSEWHERE', facts);
  });
}
