/**
 * I/O address spaces: map, unmap, copy, ranges, and the domains and devices that join them.
 * Mirrors drivers/iommu/iommufd/ioas.c and io_pagetable.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import {
  IOMMU_IOAS_MAP_FIXED_IOVA,
  IOMMU_IOAS_MAP_READABLE,
  IOMMU_IOAS_MAP_WRITEABLE,
  PAGE_SIZE,
  ULONG_MAX,
} from '../../../abi/uapi.ts';
import type { CommandOf } from '../../machine/command.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf, physicalDeviceOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { ReplyOf } from '../../machine/reply.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { RangeMap } from '../../memory/range-map.ts';
import { checkPinAreas, isPresent } from '../../memory/user-memory.ts';
import { objectAlloc } from '../main/object.ts';
import type { Device, HwptPaging, Ioas, IommufdContext } from '../state.ts';
import {
  checkIovaAlignment,
  checkReserve,
  contiguousAreas,
  iovaAlignment,
  type MapPiece,
  mapPages,
  pagesOf,
  unmapRange,
} from './io-pagetable.ts';

const PAGE = BigInt(PAGE_SIZE);
const MAP_PROT = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
const MAP_FLAGS = MAP_PROT | IOMMU_IOAS_MAP_FIXED_IOVA;

/** Source: iommufd_ioas_alloc_ioctl. Errors: EOPNOTSUPP for any flag, ENOMEM. */
export function executeIoasAlloc(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'IoasAlloc'>,
): number | Refusal {
  return x.call('iommufd_ioas_alloc_ioctl', () => {
    if (command.flags !== 0) return new Refusal('EOPNOTSUPP');
    const rc = objectAlloc(x, context);
    if (rc !== 0) return new Refusal(rc);
    const ioasId = context.ids.peek();
    x.emit({ type: 'IoasAllocated', contextId: context.contextId, ioasId });
    return ioasId;
  });
}

/**
 * IOMMU_IOAS_MAP. Source: iommufd_ioas_map. Errors: EOPNOTSUPP, EOVERFLOW, EINVAL, ENOENT, EEXIST,
 * ENOSPC, EFAULT (only if a domain has to be filled), ENOMEM. Returns the IOVA.
 */
export function executeIoasMap(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'IoasMap'>,
): bigint | Refusal {
  return x.call('iommufd_ioas_map', () => {
    const { flags, userVa, length, iova } = command;
    if ((flags & ~MAP_FLAGS) !== 0) return new Refusal('EOPNOTSUPP');
    if (iova === ULONG_MAX || length === ULONG_MAX) return new Refusal('EOVERFLOW');
    if ((flags & MAP_PROT) === 0) return new Refusal('EINVAL');
    const ioas = x.getIoas(context, command.ioasId);
    if (ioas instanceof Refusal) return ioas;
    return x.call('iopt_map_user_pages', () => {
      if (length === 0n || length > ULONG_MAX - PAGE) return new Refusal('EINVAL');
      if (userVa + length > ULONG_MAX) return new Refusal('EOVERFLOW');
      if (!x.allocates('kzalloc iopt_pages')) return new Refusal('ENOMEM');
      const pages = {
        userVa,
        length,
        writable: (flags & IOMMU_IOAS_MAP_WRITEABLE) !== 0,
        present: isPresent(context, userVa, length),
      };
      const fixed = (flags & IOMMU_IOAS_MAP_FIXED_IOVA) !== 0 ? iova : null;
      return mapPages(x, context, ioas, [{ pages, userVa, length }], fixed, flags & MAP_PROT);
    });
  });
}

/**
 * IOMMU_IOAS_COPY: the destination shares the source's pages. Source: iommufd_ioas_copy. Errors: as
 * map; ENOENT, the source is not covered without a gap; EPERM, WRITEABLE from read-only pages.
 */
export function executeIoasCopy(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'IoasCopy'>,
): bigint | Refusal {
  return x.call('iommufd_ioas_copy', () => {
    const { flags, length, dstIova, srcIova } = command;
    if ((flags & ~MAP_FLAGS) !== 0) return new Refusal('EOPNOTSUPP');
    if (length === ULONG_MAX || srcIova === ULONG_MAX || dstIova === ULONG_MAX) {
      return new Refusal('EOVERFLOW');
    }
    if ((flags & MAP_PROT) === 0) return new Refusal('EINVAL');
    const source = x.getIoas(context, command.srcIoasId);
    if (source instanceof Refusal) return source;
    const pieces: MapPiece[] = [];
    const found = x.call('iopt_get_pages', () => {
      if (length === 0n) return 'EINVAL';
      const srcLast = srcIova + length - 1n;
      if (srcLast > ULONG_MAX) return 'EOVERFLOW';
      const { areas, complete } = contiguousAreas(source, srcIova, srcLast);
      if (!complete) return 'ENOENT';
      for (const { area, start, last } of areas) {
        if (!x.allocates('kzalloc iopt_pages_list')) return 'ENOMEM';
        pieces.push({
          pages: pagesOf(context, area),
          userVa: area.userVa + (start - area.start),
          length: last - start + 1n,
        });
      }
      return 0;
    });
    if (found !== 0) return new Refusal(found);
    const destination = x.getIoas(context, command.dstIoasId);
    if (destination instanceof Refusal) return destination;
    const fixed = (flags & IOMMU_IOAS_MAP_FIXED_IOVA) !== 0 ? dstIova : null;
    return x.call('iopt_map_pages', () =>
      mapPages(x, context, destination, pieces, fixed, flags & MAP_PROT),
    );
  });
}

/**
 * IOMMU_IOAS_UNMAP: areas whole inside the range; iova 0 with the largest length means all.
 * Source: iommufd_ioas_unmap. Errors: ENOENT, nothing was mapped there or an area sticks out (those
 * before it are gone all the same), EOVERFLOW, EINVAL. Returns the bytes unmapped.
 */
export function executeIoasUnmap(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'IoasUnmap'>,
): bigint | Refusal {
  return x.call('iommufd_ioas_unmap', () => {
    const { iova, length } = command;
    const ioas = x.getIoas(context, command.ioasId);
    if (ioas instanceof Refusal) return ioas;
    if (iova === 0n && length === ULONG_MAX) {
      return x.call('iopt_unmap_all', () => unmapRange(x, context, ioas, 0n, ULONG_MAX));
    }
    if (iova === ULONG_MAX || length === ULONG_MAX) return new Refusal('EOVERFLOW');
    return x.call('iopt_unmap_iova', () => {
      if (length === 0n) return new Refusal('EINVAL');
      const last = iova + length - 1n;
      if (last > ULONG_MAX) return new Refusal('EOVERFLOW');
      const bytes = unmapRange(x, context, ioas, iova, last);
      return bytes === 0n ? new Refusal('ENOENT') : bytes;
    });
  });
}

/**
 * IOMMU_IOAS_IOVA_RANGES: the holes of what is reserved. Source: iommufd_ioas_iova_ranges. Errors:
 * ENOENT; EMSGSIZE if there was too little room, with the reply written all the same.
 */
export function executeIoasIovaRanges(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'IoasIovaRanges'>,
): { errno: Errno; reply: ReplyOf['IoasIovaRanges'] | null } {
  let reply: ReplyOf['IoasIovaRanges'] | null = null;
  const errno = x.call('iommufd_ioas_iova_ranges', () => {
    const ioas = x.getIoas(context, command.ioasId);
    if (ioas instanceof Refusal) return ioas.errno;
    const holes = [...ioas.reservedRanges.holes(0n, ULONG_MAX)];
    reply = {
      numIovas: holes.length,
      outIovaAlignment: iovaAlignment(ioas),
      allowedIovas: holes.slice(0, command.numIovas),
    };
    return holes.length > command.numIovas ? 'EMSGSIZE' : 0;
  });
  return { errno, reply };
}

/**
 * IOMMU_IOAS_ALLOW_IOVAS: replaces where automatic IOVAs come from. Source:
 * iommufd_ioas_allow_iovas. Errors: ENOENT; EINVAL, a range that starts at or after its end or meets
 * an earlier one; EADDRINUSE, one that meets a reserved range.
 */
export function executeIoasAllowIovas(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'IoasAllowIovas'>,
): Errno {
  return x.call('iommufd_ioas_allow_iovas', () => {
    const ioas = x.getIoas(context, command.ioasId);
    if (ioas instanceof Refusal) return ioas.errno;
    const ordered = new RangeMap<IovaRange>();
    for (const { start, last } of command.allowedIovas) {
      if (start >= last || ordered.meets(start, last)) return 'EINVAL';
      if (!x.allocates('kzalloc iopt_allowed')) return 'ENOMEM';
      ordered.add({ start, last });
    }
    const allowed = [...ordered];
    return x.call('iopt_set_allow_iova', () => {
      if (allowed.some(({ start, last }) => ioas.reservedRanges.meets(start, last))) {
        return 'EADDRINUSE';
      }
      x.emit({
        type: 'AllowedIovasSet',
        contextId: context.contextId,
        ioasId: ioas.id,
        allowed,
      });
      return 0;
    });
  });
}

/** Source: iopt_unmap_all, when the IOAS goes. No access is left that could hold pages. */
export function destroyIoas(x: Execution, context: IommufdContext, ioas: Ioas): void {
  if (ioas.areas.size > 0) unmapRange(x, context, ioas, 0n, ULONG_MAX);
}

/**
 * A hwpt's domain joins its IOAS: what lies outside its aperture becomes reserved, every area is
 * filled in. Source: iopt_table_add_domain. Errors: EINVAL, its smallest page is larger than
 * PAGE_SIZE; EADDRINUSE, areas are in the way or not aligned; EFAULT, user memory is missing; ENOMEM,
 * more would be locked than RLIMIT_MEMLOCK allows.
 */
export function iopTableAddDomain(x: Execution, context: IommufdContext, hwpt: HwptPaging): Errno {
  return x.call('iopt_table_add_domain', () => {
    const { domain } = hwpt;
    const ioas = ioasOf(context, hwpt.ioasId);
    const reserved: IovaRange[] = [];
    if (domain.pageSize > PAGE_SIZE) return 'EINVAL';
    const rc = checkIovaAlignment(ioas, BigInt(domain.pageSize));
    if (rc !== 0) return rc;
    if (domain.apertureStart !== 0n) {
      reserved.push({ start: 0n, last: domain.apertureStart - 1n });
    }
    if (domain.apertureLast !== ULONG_MAX) {
      reserved.push({ start: domain.apertureLast + 1n, last: ULONG_MAX });
    }
    for (const range of reserved) {
      const inUse = checkReserve(ioas, range);
      if (inUse !== 0) return inUse;
      if (!x.allocates('kzalloc iopt_reserved')) return 'ENOMEM';
    }
    if (!x.allocates('xa_reserve domains')) return 'ENOMEM';
    if (ioas.areas.size > 0 && !x.allocates('iopt_fill_domain')) return 'ENOMEM';
    // The pages are pinned for the first domain; the others share them.
    if (ioas.domainPageSizes.size === 0) {
      const unpinned = checkPinAreas(x.state, context, ioas);
      if (unpinned !== 0) return unpinned;
    }
    x.emit({
      type: 'DomainAdded',
      contextId: context.contextId,
      ioasId: hwpt.ioasId,
      hwptId: hwpt.id,
      reserved,
    });
    return 0;
  });
}

/**
 * Reserves a device's reserved regions in an IOAS, owned by the device. DIRECT_RELAXABLE regions
 * are skipped. `rememberSwMsi`: attach keeps the start of the software MSI window for its group,
 * replace does not. Source: iopt_table_enforce_dev_resv_regions. Errors: EINVAL (with a warning)
 * for a device with two MSI windows of which one is software's.
 */
export function enforceReservedRegions(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  device: Device,
  rememberSwMsi: boolean,
): Errno {
  return x.call('iopt_table_enforce_dev_resv_regions', () => {
    const physical = physicalDeviceOf(x.state, device.deviceNo);
    if (physical.kind !== 'PCI' || physical.reservedRegions.length === 0) return 0;
    const regions = physical.reservedRegions.filter(region => region.type !== 'DIRECT_RELAXABLE');
    const enforced = (reserved: readonly IovaRange[], swMsiStart: bigint | null) =>
      x.emit({
        type: 'ReservedRegionsEnforced',
        contextId: context.contextId,
        ioasId: ioas.id,
        deviceId: device.id,
        reserved,
        swMsiStart,
      });
    let swMsiStart: bigint | null = null;
    // The kernel notes the window as it walks and does not take it back on an error.
    const failed = (errno: Errno): Errno => {
      if (swMsiStart !== null) enforced([], swMsiStart);
      return errno;
    };
    for (const region of regions) {
      if (rememberSwMsi && region.type === 'SW_MSI') swMsiStart = region.start;
      const rc = checkReserve(ioas, region);
      if (rc !== 0) return failed(rc);
      if (!x.allocates('kzalloc iopt_reserved')) return failed('ENOMEM');
    }
    const swMsi = regions.filter(region => region.type === 'SW_MSI');
    const msi = regions.filter(region => region.type === 'MSI');
    if (rememberSwMsi && swMsi.length > 0 && swMsi.length + msi.length > 1) {
      x.hazard(
        'MSI_WINDOWS',
        'iopt_table_enforce_dev_resv_regions',
        'it has a software MSI window and another one',
        [`device ${device.id}`],
      );
      return failed('EINVAL');
    }
    enforced(
      regions.map(({ start, last }) => ({ start, last })),
      swMsiStart,
    );
    return 0;
  });
}

/** Releases all ranges a device reserved in an IOAS. Source: iopt_remove_reserved_iova. */
export function removeReservedRegions(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  deviceId: number,
): void {
  if (!ioas.reserved.has(`device:${deviceId}`)) return;
  x.emit({
    type: 'ReservedRegionsRemoved',
    contextId: context.contextId,
    ioasId: ioas.id,
    deviceId,
  });
}
