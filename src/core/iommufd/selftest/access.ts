/**
 * In-kernel accesses, through the self-test. Mirrors iommufd_access_* of
 * drivers/iommu/iommufd/device.c and the access operations of selftest.c, Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import {
  IOMMU_IOAS_MAP_READABLE,
  IOMMU_IOAS_MAP_WRITEABLE,
  MOCK_ACCESS_LENGTH_MAX,
  MOCK_ACCESS_RW_SLOW_PATH,
  MOCK_ACCESS_RW_WRITE,
  MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES,
  MOCK_FLAGS_ACCESS_WRITE,
  PAGE_SIZE,
  ULONG_MAX,
} from '../../../abi/uapi.ts';
import type { CommandOf } from '../../machine/command.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import { PinPlan, presentBytes } from '../../memory/user-memory.ts';
import { readMemory } from '../../memory/written-memory.ts';
import { checkIovaAlignment, contiguousAreas, pagesOf, unpinItems } from '../ioas/io-pagetable.ts';
import { objectAlloc } from '../main/object.ts';
import { releaseIfUnheld } from '../main/release.ts';
import type { Access, Area, Ioas, IommufdContext } from '../state.ts';

const PAGE = BigInt(PAGE_SIZE);

/** An open access, or EBADFD: no such file. */
function accessOf(context: IommufdContext, accessId: number): Access | Refusal {
  const access = context.objects.get(accessId);
  return access?.type === 'ACCESS' ? access : new Refusal('EBADFD');
}

/** Errors: EOPNOTSUPP, an unknown flag; ENOENT; EADDRINUSE, areas are not page aligned; ENOMEM. */
export function executeTestCreateAccess(
  x: Execution,
  context: IommufdContext,
  { ioasId, flags }: CommandOf<'TestCreateAccess'>,
): number | Refusal {
  return x.call('iommufd_test_create_access', () => {
    const { contextId } = context;
    if ((flags & ~MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES) !== 0) return new Refusal('EOPNOTSUPP');
    if (!x.allocates('kzalloc selftest_access')) return new Refusal('ENOMEM');
    if (!x.allocates('anon_inode_getfile')) return new Refusal('ENOMEM');
    if (!x.allocates('get_unused_fd_flags')) return new Refusal('ENOMEM');
    const rc = objectAlloc(x, context);
    if (rc !== 0) return new Refusal(rc);
    const needsPinPages = flags === MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES;
    const ioas = x.getIoas(context, ioasId);
    if (ioas instanceof Refusal) return ioas;
    const attached = x.call('iommufd_access_attach', () => addAccess(x, ioas, needsPinPages));
    if (attached !== 0) return new Refusal(attached);
    const accessId = context.ids.peek();
    x.emit({ type: 'AccessCreated', contextId, accessId, needsPinPages });
    x.emit({ type: 'AccessIoasChanged', contextId, accessId, ioasId });
    return accessId;
  });
}

/** Source: iopt_add_access. */
function addAccess(x: Execution, ioas: Ioas, needsPinPages: boolean): Errno {
  if (!x.allocates('xa_alloc access')) return 'ENOMEM';
  return needsPinPages ? checkIovaAlignment(ioas, PAGE) : 0;
}

/** Unpins everything and destroys the access. Returns whether the context went with it. */
export function executeTestAccessClose(
  x: Execution,
  context: IommufdContext,
  { accessId }: CommandOf<'TestAccessClose'>,
): boolean | Refusal {
  let released = false;
  const rc = x.call('iommufd_access_destroy', () => {
    const access = accessOf(context, accessId);
    if (access instanceof Refusal) return new Refusal('EBADF');
    const { contextId } = context;
    unpinItems(x, context, accessId, access.items.keys());
    if (access.ioasId !== null) {
      x.emit({ type: 'AccessIoasChanged', contextId, accessId, ioasId: null });
    }
    x.emit({ type: 'ObjectDestroyed', contextId, id: accessId, objectType: 'ACCESS' });
    released = releaseIfUnheld(x, context);
    return 0;
  });
  return rc instanceof Refusal ? rc : released;
}

/** Errors: EBADFD, ENOENT, EADDRINUSE. The new IOAS is added before the old lets go. */
export function executeTestAccessReplaceIoas(
  x: Execution,
  context: IommufdContext,
  { accessId, ioasId }: CommandOf<'TestAccessReplaceIoas'>,
): Errno {
  return x.call('iommufd_test_access_replace_ioas', () => {
    const access = accessOf(context, accessId);
    if (access instanceof Refusal) return access.errno;
    return x.call('iommufd_access_replace', () => {
      if (access.ioasId === null) return 'ENOENT';
      const ioas = x.getIoas(context, ioasId);
      if (ioas instanceof Refusal) return ioas.errno;
      if (access.ioasId === ioasId) return 0;
      const rc = addAccess(x, ioas, access.needsPinPages);
      if (rc !== 0) return rc;
      unpinItems(x, context, accessId, access.items.keys());
      x.emit({ type: 'AccessIoasChanged', contextId: context.contextId, accessId, ioasId });
      return 0;
    });
  });
}

/**
 * Pins the pages of a range. Errors: ENOMEM, more than 16 MiB; EOPNOTSUPP, an unknown flag or an
 * access that cannot pin; EBADFD; EINVAL, EOVERFLOW, ENOENT, EPERM, EFAULT. Returns the item's id.
 */
export function executeTestAccessPages(
  x: Execution,
  context: IommufdContext,
  { accessId, flags, iova, length }: CommandOf<'TestAccessPages'>,
): number | Refusal {
  return x.call('iommufd_test_access_pages', () => {
    if (length > MOCK_ACCESS_LENGTH_MAX) return new Refusal('ENOMEM');
    if ((flags & ~MOCK_FLAGS_ACCESS_WRITE) !== 0) return new Refusal('EOPNOTSUPP');
    const access = accessOf(context, accessId);
    if (access instanceof Refusal) return access;
    if (!access.needsPinPages) return new Refusal('EOPNOTSUPP');
    const write = (flags & MOCK_FLAGS_ACCESS_WRITE) !== 0;
    if (!x.allocates('kvcalloc pages')) return new Refusal('ENOMEM');
    const plan = new PinPlan(x.state, context);
    const rc = x.call('iommufd_access_pin_pages', () =>
      checkPieces(context, access, iova, length, (area, start, last) => {
        if (userVaAt(area, start) % PAGE !== 0n) return 'EINVAL';
        const rest = iova + length - 1n > last;
        if (rest && userVaAt(area, last) % PAGE !== PAGE - 1n) return 'EINVAL';
        if (!permits(area, write)) return 'EPERM';
        if (!x.allocates('kzalloc iopt_pages_access')) return 'ENOMEM';
        return plan.add(pagesOf(context, area), userVaAt(area, start), last - start + 1n);
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

/** Source: check_area_prot. */
function permits(area: Area, write: boolean): boolean {
  return (area.prot & (write ? IOMMU_IOAS_MAP_WRITEABLE : IOMMU_IOAS_MAP_READABLE)) !== 0;
}

function userVaAt(area: Area, iova: bigint): bigint {
  return area.userVa + (iova - area.start);
}

/** Runs `check` over the areas of a range, ascending, and wants them to cover it without a hole. */
function checkPieces(
  context: IommufdContext,
  access: Access,
  iova: bigint,
  length: bigint,
  check: (area: Area, start: bigint, last: bigint) => Errno,
): Errno {
  if (length === 0n) return 'EINVAL';
  const last = iova + length - 1n;
  if (last > ULONG_MAX) return 'EOVERFLOW';
  if (access.ioasId === null) return 'ENOENT';
  const covering = contiguousAreas(ioasOf(context, access.ioasId), iova, last);
  for (const piece of covering.areas) {
    const rc = check(piece.area, piece.start, piece.last);
    if (rc !== 0) return rc;
  }
  return covering.complete ? 0 : 'ENOENT';
}

/** Errors: EBADFD; ENOENT, no such item. */
export function executeTestDestroyAccessPages(
  x: Execution,
  context: IommufdContext,
  { accessId, itemId }: CommandOf<'TestDestroyAccessPages'>,
): Errno {
  return x.call('iommufd_test_access_item_destroy', () => {
    const access = accessOf(context, accessId);
    if (access instanceof Refusal) return access.errno;
    if (!access.items.has(itemId)) return 'ENOENT';
    x.emit({ type: 'AccessPagesUnpinned', contextId: context.contextId, accessId, itemId });
    return 0;
  });
}

/**
 * Reads or writes through an IOAS. Areas before the one that fails have been written.
 * Errors: ENOMEM, more than 16 MiB; EOPNOTSUPP; EBADFD; EINVAL, EOVERFLOW, ENOENT, EPERM, EFAULT.
 */
export function executeTestAccessRw(
  x: Execution,
  context: IommufdContext,
  { accessId, flags, iova, length, fill }: CommandOf<'TestAccessRw'>,
): { data: string } | Refusal {
  let data = '';
  const rc = x.call('iommufd_test_access_rw', () => {
    if (length > MOCK_ACCESS_LENGTH_MAX) return 'ENOMEM';
    if ((flags & ~(MOCK_ACCESS_RW_WRITE | MOCK_ACCESS_RW_SLOW_PATH)) !== 0) return 'EOPNOTSUPP';
    const access = accessOf(context, accessId);
    if (access instanceof Refusal) return access.errno;
    const write = (flags & MOCK_ACCESS_RW_WRITE) !== 0;
    if (!x.allocates('kvzalloc buffer')) return 'ENOMEM';
    const slow = (flags & MOCK_ACCESS_RW_SLOW_PATH) !== 0;
    return x.call('iommufd_access_rw', () =>
      checkPieces(context, access, iova, length, (area, start, last) => {
        if (!permits(area, write)) return 'EPERM';
        const userVa = userVaAt(area, start);
        const bytes = last - start + 1n;
        const present = presentBytes(context, userVa, bytes);
        // The fast path copies up to what is missing; the slow path pins everything first.
        const reached = present < bytes && slow ? 0n : present;
        if (write && reached > 0n) {
          const { contextId } = context;
          x.emit({ type: 'UserMemoryFilled', contextId, userVa, length: reached, fill });
        } else if (reached > 0n) {
          data += readMemory(context.written, userVa, reached);
        }
        return present < bytes ? 'EFAULT' : 0;
      }),
    );
  });
  return rc === 0 ? { data } : new Refusal(rc);
}
