/**
 * I/O address spaces: reserved ranges of devices and domains.
 * Mirrors drivers/iommu/iommufd/ioas.c and io_pagetable.c of Linux 6.12.117.
 */
import type { Errno } from '../abi/errno.ts';
import { ULONG_MAX } from '../abi/uapi.ts';
import type { CommandOf } from './command.ts';
import { type Execution, Refusal } from './execution.ts';
import { physicalDeviceOf } from './lookup.ts';
import { objectAlloc } from './object.ts';
import type { Device, HwptPaging, Ioas, IommufdContext, IovaRange } from './state.ts';

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
 * A hwpt's domain joins its IOAS: what lies outside its aperture becomes reserved.
 * Source: iopt_table_add_domain. Errors: EINVAL if its smallest page is larger than PAGE_SIZE.
 */
export function iopTableAddDomain(x: Execution, context: IommufdContext, hwpt: HwptPaging): Errno {
  return x.call('iopt_table_add_domain', () => {
    const { domain } = hwpt;
    const reserved: IovaRange[] = [];
    if (domain.apertureStart !== 0n) {
      reserved.push({ start: 0n, last: domain.apertureStart - 1n });
    }
    if (domain.apertureLast !== ULONG_MAX) {
      reserved.push({ start: domain.apertureLast + 1n, last: ULONG_MAX });
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
    const swMsi = regions.filter(region => region.type === 'SW_MSI');
    const msi = regions.filter(region => region.type === 'MSI');
    if (rememberSwMsi && swMsi.length > 0 && swMsi.length + msi.length > 1) {
      x.hazard(
        'WARNING',
        'iopt_table_enforce_dev_resv_regions',
        'the device has a software MSI window and another MSI window',
      );
      return 'EINVAL';
    }
    x.emit({
      type: 'ReservedRegionsEnforced',
      contextId: context.contextId,
      ioasId: ioas.id,
      deviceId: device.id,
      reserved: regions.map(({ start, last }) => ({ start, last })),
      swMsiStart: rememberSwMsi ? (swMsi[0]?.start ?? null) : null,
    });
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
