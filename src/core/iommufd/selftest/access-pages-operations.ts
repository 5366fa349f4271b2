/**
 * What accesses do with memory: pin, read, write. Mirrors iommufd_access_* of
 * drivers/iommu/iommufd/device.c and the access operations of selftest.c, Linux 6.12.117.
 */
import type { Errno, ErrnoName } from '../../../abi/errno.ts';
import { MOCK_FLAGS_ACCESS_WRITE, PAGE_SIZE } from '../../../abi/uapi.ts';
import { answer, inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf } from '../../machine/lookup.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { PinPlan } from '../../memory/pin-plan.ts';
import { pagesOf } from '../ioas/io-pagetable.ts';
import type { IommufdContext } from '../state.ts';
import { accessOf, checkPieces, permits, userVaAt } from './access.ts';
import {
  checkArguments,
  executeTestAccessRw,
  notPermitted,
  type TestAccessRw,
} from './access-rw.ts';

const PAGE = BigInt(PAGE_SIZE);

/** IOMMU_TEST_OP_ACCESS_PAGES (iommufd_test_access_pages). */
export interface TestAccessPages {
  readonly type: 'TestAccessPages';
  readonly contextId: number;
  readonly accessId: number;
  readonly flags: number;
  readonly iova: bigint;
  readonly length: bigint;
  /**
   * What a program found that compared them with pages of its own: EBADE, others; EFAULT, it has none
   * there. Left out: the same, or nobody compared.
   */
  readonly compared?: ErrnoName;
}

/** IOMMU_TEST_OP_DESTROY_ACCESS_PAGES (iommufd_test_access_item_destroy). */
export interface TestDestroyAccessPages {
  readonly type: 'TestDestroyAccessPages';
  readonly contextId: number;
  readonly accessId: number;
  readonly itemId: number;
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
      note: 'By GraphQL there is no user pointer to compare the pages with (EBADE).',
    },
    asks: ['MEMORY'],
    arguments: {
      contextId: 'contextId',
      accessId: 'accessFile',
      flags: 'u32',
      iova: 'u64',
      length: 'u64',
      compared: 'errno?',
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
      note: 'By GraphQL a write sets every byte to one value, and a read has at most 64 KiB.',
    },
    asks: ['MEMORY'],
    arguments: {
      contextId: 'contextId',
      accessId: 'accessFile',
      flags: 'u32',
      iova: 'u64',
      length: 'u64',
      fill: 'u32',
      data: 'hexBytes?',
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
  { accessId, flags, iova, length, compared }: TestAccessPages,
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
    // A domain has what is mapped pinned already.
    const { ioasId } = access;
    const isPinned = ioasId !== null && ioasOf(context, ioasId).domainPageSizes.size > 0;
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
        const pin = 'pfn_reader_user_pin iommufd_should_fail';
        if (!isPinned && !x.allocates(pin, 'EFAULT')) return 'EFAULT';
        const unpinned = plan.add(pages, userVaAt(area, start), last - start + 1n);
        if (unpinned !== null) return unpinned.errno;
        const toList = 'pages_to_xarray iommufd_should_fail';
        return x.allocates(toList, 'EINVAL') ? 0 : 'EINVAL';
      }),
    );
    if (rc !== 0) return new Refusal(rc);
    if (compared !== undefined) {
      const other = new Refusal(compared, 'PAGES_DIFFER', { accessId, iova });
      return x.refusedBy('iommufd_test_check_pages', other);
    }
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
