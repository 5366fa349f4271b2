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
import { isPresent } from '../../memory/user-memory.ts';
import { checkReserve, contiguousAreas } from '../ioas/io-pagetable.ts';
import type { IommufdContext } from '../state.ts';

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
  /** The first 64 bits; zeros follow. */
  readonly bitmap: bigint;
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
      status: 'PARTIAL',
      note: 'Only the first 64 pages of the range can be named.',
    },
    arguments: {
      contextId: 'contextId',
      hwptId: 'u32',
      iova: 'u64',
      length: 'u64',
      pageSize: 'u64',
      bitmap: 'u64',
    },
    execute: inContext((x, context, command) =>
      answer(executeTestDirty(x, context, command), outNrDirty => ({ outNrDirty })),
    ),
  },
};

/**
 * Marks mapped slots dirty. The slot is the address divided by `pageSize`, not by 2048, as in the
 * kernel. Source: iommufd_test_dirty. Errors: EINVAL, EOVERFLOW, ENOENT. Returns how many.
 */
function executeTestDirty(
  x: Execution,
  context: IommufdContext,
  { hwptId, iova, length, pageSize, bitmap }: TestDirty,
): bigint | Refusal {
  return x.call('iommufd_test_dirty', () => {
    if (pageSize === 0n || length === 0n) return new Refusal('EINVAL');
    if (iova % pageSize !== 0n || length % pageSize !== 0n) return new Refusal('EINVAL');
    const pages = length / pageSize;
    if (pages > MOCK_DIRTY_BITS_MAX) return new Refusal('EOVERFLOW');
    const hwpt = x.getObject(context, hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt;
    if (hwpt.domain.driver !== 'MOCK' || !hwpt.dirtyTracking) return new Refusal('EINVAL');
    if (!x.allocates('kvzalloc bitmap')) return new Refusal('ENOMEM');
    const { areas } = ioasOf(context, hwpt.ioasId);
    const slots: number[] = [];
    for (let bit = 0n; bit < 64n && bit < pages; bit++) {
      if (((bitmap >> bit) & 1n) === 0n) continue;
      const slot = (iova + bit * pageSize) / pageSize;
      if (areas.at(slot * SLOT) !== null) slots.push(Number(slot));
    }
    if (slots.length > 0) {
      x.emit({ type: 'PagesDirtied', contextId: context.contextId, hwptId, slots });
    }
    return BigInt(slots.length);
  });
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
    if (length === 0n) return 'EINVAL';
    const last = start + length - 1n;
    if (last > ULONG_MAX) return 'EOVERFLOW';
    const ioas = x.getIoas(context, ioasId);
    if (ioas instanceof Refusal) return ioas.errno;
    const rc = checkReserve(ioas, { start, last });
    if (rc !== 0) return rc;
    if (!x.allocates('kzalloc iopt_reserved')) return 'ENOMEM';
    x.emit({ type: 'ReservedRangeAdded', contextId: context.contextId, ioasId, start, last });
    return 0;
  });
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
    if ((iova | length | userVa) % BigInt(MOCK_IO_PAGE_SIZE) !== 0n) return 'EINVAL';
    if (userVa + length > ULONG_MAX) return 'EINVAL';
    const hwpt = x.getObject(context, hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt.errno;
    if (hwpt.domain.driver !== 'MOCK') return 'EINVAL';
    if (length === 0n) return 0;
    const { areas } = contiguousAreas(ioasOf(context, hwpt.ioasId), iova, iova + length - 1n);
    let same = 0n;
    for (const { area, start, last } of areas) {
      if (area.userVa + (start - area.start) !== userVa + (start - iova)) break;
      same = last - iova + 1n;
    }
    if (same > 0n && !isPresent(context, userVa, same)) return 'EFAULT';
    if (same === length) return 0;
    return isPresent(context, userVa + same, 1n) ? 'EINVAL' : 'EFAULT';
  });
}
