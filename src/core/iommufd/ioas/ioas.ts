/**
 * I/O address spaces: the domains and devices that join them, and their end.
 * Mirrors drivers/iommu/iommufd/ioas.c and io_pagetable.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { PAGE_SIZE, ULONG_MAX } from '../../../abi/uapi.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf, physicalDeviceOf } from '../../machine/lookup.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { checkPinAreas } from '../../memory/pin-plan.ts';
import type { Device, HwptPaging, Ioas, IommufdContext } from '../state.ts';
import { failsToFill } from './fill.ts';
import { checkIovaAlignment, checkReserve } from './io-pagetable.ts';
import { unmapRange } from './unmap.ts';

/** Source: iopt_unmap_all, when the IOAS goes. No access is left that could hold pages. */
export function destroyIoas(x: Execution, context: IommufdContext, ioas: Ioas): void {
  if (ioas.areas.size > 0) unmapRange(x, context, ioas, { start: 0n, last: ULONG_MAX });
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
    if (domain.pageSize > PAGE_SIZE) {
      const facts = { hwptId: hwpt.id, size: domain.pageSize, most: PAGE_SIZE };
      return x.refuse('EINVAL', 'IO_PAGE_TOO_LARGE', facts);
    }
    const misaligned = checkIovaAlignment(x, ioas, BigInt(domain.pageSize));
    if (misaligned !== null) return misaligned.errno;
    if (domain.apertureStart !== 0n) {
      reserved.push({ start: 0n, last: domain.apertureStart - 1n });
    }
    if (domain.apertureLast !== ULONG_MAX) {
      reserved.push({ start: domain.apertureLast + 1n, last: ULONG_MAX });
    }
    for (const range of reserved) {
      const inUse = checkReserve(x, ioas, range, 'ptId');
      if (inUse !== null) return inUse.errno;
      if (!x.allocates('kzalloc iopt_reserved')) return 'ENOMEM';
    }
    if (!x.allocates('xa_reserve domains')) return 'ENOMEM';
    if (ioas.areas.size > 0) {
      const failed = failsToFill(x, 'iopt_fill_domain', {
        pins: ioas.domainPageSizes.size === 0,
        mock: domain.driver === 'MOCK',
      });
      if (failed !== 0) return failed;
    }
    // The pages are pinned for the first domain; the others share them.
    if (ioas.domainPageSizes.size === 0) {
      const unpinned = checkPinAreas(x, context, ioas);
      if (unpinned !== null) return unpinned.errno;
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
 * for a device with two MSI windows of which one is software's, or where the self-test lets it fail.
 */
export function enforceReservedRegions(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  device: Device,
  rememberSwMsi: boolean,
): Errno {
  return x.call('iopt_table_enforce_dev_resv_regions', () => {
    if (!x.allocates('reserved regions iommufd_should_fail', 'EINVAL')) return 'EINVAL';
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
      const inUse = checkReserve(x, ioas, region, 'ptId');
      if (inUse !== null) return failed(inUse.errno);
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
      return failed(x.refuse('EINVAL', 'TWO_MSI_WINDOWS', { devId: device.id }));
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
