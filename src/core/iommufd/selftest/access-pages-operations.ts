/**
 * What accesses do with memory: pin, read, write. Mirrors iommufd_access_* of
 * drivers/iommu/iommufd/device.c and the access operations of selftest.c, Linux 6.12.117.
 */
import type { Errno, ErrnoName } from '../../../abi/errno.ts';
import {
  MOCK_ACCESS_LENGTH_MAX,
  MOCK_ACCESS_RW_SLOW_PATH,
  MOCK_ACCESS_RW_WRITE,
  MOCK_FLAGS_ACCESS_WRITE,
  PAGE_SIZE,
} from '../../../abi/uapi.ts';
import { answer, inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { isOfCaller } from '../../memory/caller.ts';
import { readGuestMemory } from '../../memory/guest-memory.ts';
import { firstMissing, PinPlan, pinRefused } from '../../memory/pin-plan.ts';
import { presentBytes, rangesOfPages } from '../../memory/process-memory.ts';
import { ACCESS_FLAGS, unknownFlags } from '../../refuse/flags.ts';
import { pagesOf } from '../ioas/io-pagetable.ts';
import type { IommufdContext, IoptPages } from '../state.ts';
import { accessOf, checkPieces, permits, userVaAt } from './access.ts';

const PAGE = BigInt(PAGE_SIZE);

/** IOMMU_TEST_OP_ACCESS_PAGES (iommufd_test_access_pages). */
export interface TestAccessPages {
  readonly type: 'TestAccessPages';
  readonly contextId: number;
  readonly accessId: number;
  readonly flags: number;
  readonly iova: bigint;
  readonly length: bigint;
}

/** IOMMU_TEST_OP_DESTROY_ACCESS_PAGES (iommufd_test_access_item_destroy). */
export interface TestDestroyAccessPages {
  readonly type: 'TestDestroyAccessPages';
  readonly contextId: number;
  readonly accessId: number;
  readonly itemId: number;
}

/** IOMMU_TEST_OP_ACCESS_RW (iommufd_test_access_rw). */
export interface TestAccessRw {
  readonly type: 'TestAccessRw';
  readonly contextId: number;
  readonly accessId: number;
  readonly flags: number;
  readonly iova: bigint;
  readonly length: bigint;
  /** Each byte of a write, 0 to 255. */
  readonly fill: number;
}

export interface AccessPagesOperations {
  TestAccessPages: Operation<TestAccessPages, { readonly outItemId: number }>;
  TestDestroyAccessPages: Operation<TestDestroyAccessPages, Record<string, never>>;
  /** What was read, in hex; empty for a write. */
  TestAccessRw: Operation<TestAccessRw, { readonly data: string }>;
}

export const ACCESS_PAGES_OPERATIONS: OperationEntries<AccessPagesOperations> = {
  TestAccessPages: {
    sentence: 'IOMMU_TEST_OP_ACCESS_PAGES (iommufd_test_access_pages).',
    mutation: 'testAccessPages',
    support: {
      name: 'IOMMU_TEST_OP_ACCESS_PAGES',
      source: 'iommufd_test_access_pages (drivers/iommu/iommufd/selftest.c)',
      status: 'PARTIAL',
      note: 'There is no user pointer to compare the pages with (EBADE).',
    },
    arguments: {
      contextId: 'contextId',
      accessId: 'accessFile',
      flags: 'u32',
      iova: 'u64',
      length: 'u64',
    },
    execute: inContext((x, context, command) =>
      answer(executeTestAccessPages(x, context, command), outItemId => ({ outItemId })),
    ),
  },
  TestDestroyAccessPages: {
    sentence: 'IOMMU_TEST_OP_DESTROY_ACCESS_PAGES (iommufd_test_access_item_destroy).',
    mutation: 'testDestroyAccessPages',
    support: {
      name: 'IOMMU_TEST_OP_DESTROY_ACCESS_PAGES',
      source: 'iommufd_test_access_item_destroy (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', accessId: 'accessFile', itemId: 'u32' },
    execute: inContext((x, context, command) =>
      refused(executeTestDestroyAccessPages(x, context, command)),
    ),
  },
  TestAccessRw: {
    sentence: 'IOMMU_TEST_OP_ACCESS_RW (iommufd_test_access_rw).',
    mutation: 'testAccessRw',
    support: {
      name: 'IOMMU_TEST_OP_ACCESS_RW',
      source: 'iommufd_test_access_rw (drivers/iommu/iommufd/selftest.c)',
      status: 'PARTIAL',
      note: 'A write sets every byte to one value; a read has at most 64 KiB.',
    },
    arguments: {
      contextId: 'contextId',
      accessId: 'accessFile',
      flags: 'u32',
      iova: 'u64',
      length: 'u64',
      fill: 'u32',
    },
    execute: inContext((x, context, command) =>
      answer(executeTestAccessRw(x, context, command), reply => reply),
    ),
  },
};

/**
 * Pins the pages of a range. Errors: ENOMEM, more than 16 MiB; EOPNOTSUPP, an unknown flag or an
 * access that cannot pin; EBADFD; EINVAL, EOVERFLOW, ENOENT, EPERM, EFAULT. Returns the item's id.
 */
function executeTestAccessPages(
  x: Execution,
  context: IommufdContext,
  { accessId, flags, iova, length }: TestAccessPages,
): number | Refusal {
  return x.call('iommufd_test_access_pages', () => {
    const bad = checkArguments(length, flags, MOCK_FLAGS_ACCESS_WRITE);
    if (bad !== null) return bad;
    const access = accessOf(x, context, accessId);
    if (access instanceof Refusal) return access;
    if (!access.needsPinPages) return new Refusal('EOPNOTSUPP', 'ACCESS_CANNOT_PIN', { accessId });
    const write = (flags & MOCK_FLAGS_ACCESS_WRITE) !== 0;
    if (!x.allocates('kvcalloc pages')) return new Refusal('ENOMEM');
    const plan = new PinPlan(x, context, 'iova');
    const rc = x.call('iommufd_access_pin_pages', () =>
      checkPieces(x, context, access, iova, length, (area, start, last) => {
        const rest = iova + length - 1n > last;
        const whole = !rest || userVaAt(area, last) % PAGE === PAGE - 1n;
        if (userVaAt(area, start) % PAGE !== 0n || !whole) {
          return x.refuse('EINVAL', 'PIN_UNALIGNED', { iova: start });
        }
        if (!permits(area, write)) return notPermitted(x, start, write);
        if (!x.allocates('kzalloc iopt_pages_access')) return 'ENOMEM';
        const pages = pagesOf(context, area);
        return plan.add(pages, userVaAt(area, start), last - start + 1n)?.errno ?? 0;
      }),
    );
    if (rc !== 0) return new Refusal(rc);
    if (!x.allocates('kzalloc access_item')) return new Refusal('ENOMEM');
    const itemId = access.nextItemId;
    x.emit({
      type: 'AccessPagesPinned',
      contextId: context.contextId,
      accessId,
      itemId,
      start: iova,
      last: iova + length - 1n,
    });
    return itemId;
  });
}

/** Errors: ENOMEM, more than 16 MiB; EOPNOTSUPP, an unknown flag. */
function checkArguments(length: bigint, flags: number, known: number): Refusal | null {
  const most = MOCK_ACCESS_LENGTH_MAX;
  if (length > most) return new Refusal('ENOMEM', 'ACCESS_TOO_LONG', { length, most });
  return unknownFlags(flags, known, ACCESS_FLAGS);
}

function notPermitted(x: Execution, iova: bigint, write: boolean): ErrnoName {
  return x.refuse('EPERM', 'NOT_PERMITTED', { iova, what: write ? 'write' : 'read' });
}

interface Reach {
  readonly userVa: bigint;
  readonly bytes: bigint;
  readonly write: boolean;
  /** Pages are pinned and not copied from the process. */
  readonly slow: boolean;
}

/** Bytes before the first that cannot be read or written. Source: iopt_pages_rw_access. */
function reachableBytes(
  { state }: Execution,
  context: IommufdContext,
  pages: IoptPages,
  { userVa, bytes, write, slow }: Reach,
): bigint {
  if (slow && !isOnePage(userVa, bytes)) {
    const missing = firstMissing(state, context, pages, userVa, bytes);
    return missing === null ? bytes : missing - userVa;
  }
  return presentBytes(rangesOfPages(state, context, pages), userVa, bytes, write);
}

function isOnePage(userVa: bigint, bytes: bigint): boolean {
  return userVa / PAGE === (userVa + bytes - 1n) / PAGE;
}

/** The slow path pins: one page by itself, or all of them. */
function rwSlowRefused(x: Execution, missing: bigint, userVa: bigint, bytes: bigint): Refusal {
  if (!isOnePage(userVa, bytes)) return pinRefused(x, 'iova', missing);
  const refused = new Refusal('EFAULT', 'USER_MEMORY_MISSING', {
    argument: 'iova',
    userVa: missing,
  });
  return x.refusedBy('iopt_pages_rw_page', refused);
}

/** Errors: EBADFD; ENOENT, no such item. */
function executeTestDestroyAccessPages(
  x: Execution,
  context: IommufdContext,
  { accessId, itemId }: TestDestroyAccessPages,
): Errno {
  return x.call('iommufd_test_access_item_destroy', () => {
    const access = accessOf(x, context, accessId);
    if (access instanceof Refusal) return access.errno;
    if (!access.items.has(itemId)) return x.refuse('ENOENT', 'ITEM_ABSENT', { accessId, itemId });
    x.emit({ type: 'AccessPagesUnpinned', contextId: context.contextId, accessId, itemId });
    return 0;
  });
}

/**
 * Reads or writes through an IOAS. Areas before the one that fails have been written.
 * Errors: ENOMEM, more than 16 MiB; EOPNOTSUPP; EBADFD; EINVAL, EOVERFLOW, ENOENT, EPERM, EFAULT.
 */
function executeTestAccessRw(
  x: Execution,
  context: IommufdContext,
  { accessId, flags, iova, length, fill }: TestAccessRw,
): { data: string } | Refusal {
  let data = '';
  const rc = x.call('iommufd_test_access_rw', () => {
    const bad = checkArguments(length, flags, MOCK_ACCESS_RW_WRITE | MOCK_ACCESS_RW_SLOW_PATH);
    if (bad !== null) return x.pass(bad);
    const access = accessOf(x, context, accessId);
    if (access instanceof Refusal) return access.errno;
    const write = (flags & MOCK_ACCESS_RW_WRITE) !== 0;
    if (!x.allocates('kvzalloc buffer')) return 'ENOMEM';
    const pins = (flags & MOCK_ACCESS_RW_SLOW_PATH) !== 0;
    return x.call('iommufd_access_rw', () =>
      checkPieces(x, context, access, iova, length, (area, start, last) => {
        if (!permits(area, write)) return notPermitted(x, start, write);
        const userVa = userVaAt(area, start);
        const bytes = last - start + 1n;
        const pages = pagesOf(context, area);
        // Another process' memory is not copied from; its pages are pinned, if they are not yet.
        const slow = pins || !isOfCaller(x, context, pages.source);
        const present = reachableBytes(x, context, pages, { userVa, bytes, write, slow });
        // The fast path copies up to what is missing; the slow path pins everything first.
        const reached = present < bytes && slow ? 0n : present;
        if (write && reached > 0n) {
          const { contextId } = context;
          x.emit({ type: 'UserMemoryFilled', contextId, userVa, length: reached, fill });
        } else if (reached > 0n) {
          data += readGuestMemory(context, userVa, reached);
        }
        if (present === bytes) return 0;
        const missing = userVa + present;
        if (slow) return rwSlowRefused(x, missing, userVa, bytes).errno;
        const facts = { argument: 'iova', userVa: missing };
        const refused = new Refusal('EFAULT', 'USER_MEMORY_MISSING', facts);
        return x.refusedBy('iopt_pages_rw_access', refused).errno;
      }),
    );
  });
  return rc === 0 ? { data } : new Refusal(rc);
}
