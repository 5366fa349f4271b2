/**
 * Operations of the kernel’s self-test on pinned user memory and on how it is gathered.
 * Mirrors drivers/iommu/iommufd/selftest.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { PAGE_SIZE, TEMP_MEMORY_LIMIT_MIN, ULONG_MAX } from '../../../abi/uapi.ts';
import { inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { callerOf, rangesOfCaller } from '../../memory/caller.ts';
import { Coverage } from '../../memory/coverage.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { presentBytes, rangesFrom } from '../../memory/process-memory.ts';
import { pinnedPages, userPages, type WantedPages } from '../../memory/user-memory.ts';
import { notMultiple } from '../../refuse/multiples.ts';
import type { IommufdContext } from '../state.ts';

const PAGE = BigInt(PAGE_SIZE);

/** IOMMU_TEST_OP_MD_CHECK_REFS (iommufd_test_md_check_refs). */
export interface TestMdCheckRefs {
  readonly type: 'TestMdCheckRefs';
  readonly contextId: number;
  readonly length: bigint;
  readonly userVa: bigint;
  readonly refs: number;
}

/** IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT (iommufd_test). */
export interface TestSetTempMemoryLimit {
  readonly type: 'TestSetTempMemoryLimit';
  readonly contextId: number;
  readonly limit: number;
}

export interface TestPinOperations {
  TestMdCheckRefs: Operation<TestMdCheckRefs, Record<string, never>>;
  TestSetTempMemoryLimit: Operation<TestSetTempMemoryLimit, Record<string, never>>;
}

export const TEST_PIN_OPERATIONS: OperationEntries<TestPinOperations> = {
  TestMdCheckRefs: {
    sentence: 'IOMMU_TEST_OP_MD_CHECK_REFS (iommufd_test_md_check_refs).',
    mutation: 'testMdCheckRefs',
    support: {
      name: 'IOMMU_TEST_OP_MD_CHECK_REFS',
      source: 'iommufd_test_md_check_refs (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: '',
    },
    asks: ['MEMORY'],
    arguments: { contextId: 'contextId', length: 'u64', userVa: 'u64', refs: 'u32' },
    execute: inContext((x, context, command) =>
      refused(executeTestMdCheckRefs(x, context, command)),
    ),
  },
  TestSetTempMemoryLimit: {
    sentence: 'IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT (iommufd_test).',
    mutation: 'testSetTempMemoryLimit',
    support: {
      name: 'IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT',
      source: 'iommufd_test (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: 'Checked, and then without effect: it decides how large the pieces are in which a kernel pins.',
    },
    arguments: { contextId: 'contextId', limit: 'u32' },
    execute: inContext((x, _context, command) =>
      refused(executeTestSetTempMemoryLimit(x, command)),
    ),
  },
};

/** Source: iommufd_test. Errors: EINVAL, below TEMP_MEMORY_LIMIT_MIN. */
function executeTestSetTempMemoryLimit(x: Execution, { limit }: TestSetTempMemoryLimit) {
  if (limit >= TEMP_MEMORY_LIMIT_MIN) return 0;
  const facts = { limit, least: TEMP_MEMORY_LIMIT_MIN };
  return x.call('iommufd_test', () => x.refuse('EINVAL', 'LIMIT_TOO_SMALL', facts));
}

/**
 * Compares how often each page of user memory is pinned, from the first one on: once for each
 * container that something has pinned it of. Source: iommufd_test_md_check_refs. Errors: EINVAL, not
 * aligned or past the end; EFAULT, a page is not there; EIO, a page is pinned otherwise.
 */
function executeTestMdCheckRefs(
  x: Execution,
  context: IommufdContext,
  { length, userVa, refs }: TestMdCheckRefs,
): Errno {
  return x.call('iommufd_test_md_check_refs', () => {
    const argument = notMultiple({ userVa, length }, PAGE);
    if (argument !== null) {
      return x.refuse('EINVAL', 'REFS_UNALIGNED', { argument, userVa, length, alignment: PAGE });
    }
    if (userVa + length > ULONG_MAX) {
      return x.refuse('EINVAL', 'RANGE_WRAPS', { argument: 'userVa', start: userVa, length });
    }
    if (length === 0n) return 0;
    const present = presentBytes(rangesOfCaller(x, context), userVa, length, false) / PAGE;
    const other = firstOtherwise(x, context, { userVa, length, refs });
    if (other !== null && other.page < userVa / PAGE + present) {
      const userPage = other.page * PAGE;
      const facts = { argument: 'refs', userVa: userPage, wanted: refs, found: other.found };
      return x.refuse('EIO', 'PINNED_OTHERWISE', facts);
    }
    if (present * PAGE === length) return 0;
    const missing = { argument: 'userVa', userVa: userVa + present * PAGE };
    return x.refuse('EFAULT', 'USER_MEMORY_MISSING', missing);
  });
}

/**
 * The lowest page of the range that is not pinned `refs` times; null if there is none. Compound pages
 * are passed over, as the kernel does.
 */
function firstOtherwise(
  x: Execution,
  context: IommufdContext,
  { userVa, length, refs }: Pick<TestMdCheckRefs, 'userVa' | 'length' | 'refs'>,
): { page: bigint; found: number } | null {
  const { start, last } = userPages(userVa, length);
  const pins = new Coverage();
  const { processId } = callerOf(x, context);
  const ofCaller: WantedPages = (other, source) =>
    processId === undefined
      ? other === context && source === null
      : (source ?? other.process).processId === processId;
  for (const { pinned } of pinnedPages(x.state, ofCaller)) {
    for (const range of pinned) {
      if (range.last < start || range.start > last) continue;
      pins.add({
        start: range.start > start ? range.start : start,
        last: range.last < last ? range.last : last,
      });
    }
  }
  let next = start;
  for (const range of rangesFrom(rangesOfCaller(x, context), userVa)) {
    if (range.start / PAGE > last) break;
    if (range.pageSize === undefined) continue;
    const before = otherwiseIn(pins, { start: next, last: range.start / PAGE - 1n }, refs);
    if (before !== null) return before;
    next = range.last / PAGE + 1n;
  }
  return otherwiseIn(pins, { start: next, last }, refs);
}

function otherwiseIn(
  pins: Coverage,
  { start, last }: IovaRange,
  refs: number,
): { page: bigint; found: number } | null {
  if (last < start) return null;
  const hole = refs === 0 ? undefined : pins.holes(start, last).next().value;
  for (const range of pins) {
    if (range.count === refs || range.last < start || range.start > last) continue;
    const page = range.start > start ? range.start : start;
    if (hole !== undefined && hole.start < page) break;
    return { page, found: range.count };
  }
  return hole === undefined ? null : { page: hole.start, found: 0 };
}
