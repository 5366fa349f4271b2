/**
 * Switching what an IOMMU group translates through, one driver call a device.
 * Mirrors __iommu_group_set_domain and __iommu_attach_group of drivers/iommu/iommu.c, Linux 6.12.117.
 */
import type { Errno } from '../../abi/errno.ts';
import { flushDeviceDomain } from '../hardware/ats/flush.ts';
import { driverNameOf, driverOf } from '../hardware/drivers.ts';
import { iommuOfDevice, isModelled } from '../hardware/function/lookup.ts';
import { drainPrq } from '../hardware/prq/serve.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import type { Hwpt, IommufdContext } from '../iommufd/state.ts';
import type { Execution } from '../machine/execution.ts';
import {
  contextOf,
  deviceName,
  findHwptPaging,
  groupOf,
  hwptOf,
  physicalDeviceOf,
} from '../machine/lookup.ts';
import { drainInFlight } from './in-flight.ts';
import { iopfQueueAdd, iopfQueueRemove } from './iopf-queue.ts';
import type { AttachHandle, IommuGroup } from './state.ts';

/** Attach refuses a domain of another IOMMU driver; replace leaves it to the driver. */
export function domainOwnerMismatch(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
): boolean {
  const physical = physicalDeviceOf(x.state, group.deviceNos[0]!);
  return findHwptPaging(context, hwpt).domain.driver !== driverNameOf(physical);
}

/**
 * Each driver is asked in the group's order; on an error those that agreed go back. Since 6.16 a
 * driver enables IOPF as it attaches a domain with a fault handler.
 * Source: __iommu_group_set_domain_internal. Errors: the drivers'.
 */
export function setGroupDomain(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  oldHwpt: Hwpt | null,
  oldHandle: AttachHandle | null,
): Errno {
  return x.call('__iommu_group_set_domain_internal', () => {
    const { contextId } = context;
    const attached: PhysicalDevice[] = [];
    for (const deviceNo of group.deviceNos) {
      const physical = physicalDeviceOf(x.state, deviceNo);
      const rc = attachDomain(x, context, physical, hwpt, oldHwpt, oldHandle);
      if (rc !== 0) {
        for (const done of attached) driverSwitchesIopf(x, done, oldHwpt, hwpt, 'BACK');
        return rc;
      }
      attached.push(physical);
    }
    x.emit({
      type: 'DomainAttached',
      contextId,
      iommuGroupId: group.iommuGroupId,
      hwptId: hwpt.id,
    });
    return 0;
  });
}

/** The driver takes one device from the old domain to the new one. */
function attachDomain(
  x: Execution,
  context: IommufdContext,
  physical: PhysicalDevice,
  hwpt: Hwpt,
  oldHwpt: Hwpt | null,
  oldHandle: AttachHandle | null,
): Errno {
  const driver = driverOf(physical);
  return x.call(driver.functions.attach, () => {
    const refused = driver.attach(physical, hwpt, findHwptPaging(context, hwpt).domain);
    if (refused !== null) return x.pass(refused);
    if (driver.attachAllocates && !x.allocates(`${driver.functions.attach} kzalloc`)) {
      return 'ENOMEM';
    }
    drainInFlight(x, physical, oldHandle);
    if (oldHwpt !== null) leaveHardware(x, context.contextId, physical, oldHwpt);
    return driverSwitchesIopf(x, physical, hwpt, oldHwpt);
  });
}

/**
 * The driver reads what is left of a function's page requests, then flushes what is cached of the
 * domain, of one PASID or of all. Source: intel_iommu_drain_pasid_prq.
 */
export function leaveHardware(
  x: Execution,
  contextId: number,
  physical: PhysicalDevice,
  oldHwpt: Hwpt,
  pasid: number | null = null,
): void {
  if (!isModelled(physical)) return;
  if (x.state.policies.inFlightRequests === 'DRAINED') {
    drainPrq(x, iommuOfDevice(x.state, physical), physical.deviceNo);
  }
  flushDeviceDomain(x, physical, contextId, oldHwpt, pasid);
}

/** Every device of the group goes to the blocking domain, which cannot fail. */
export function leaveGroupDomain(
  x: Execution,
  contextId: number,
  group: IommuGroup,
  hwpt: Hwpt,
  handle: AttachHandle | null,
): void {
  for (const deviceNo of group.deviceNos) {
    const physical = physicalDeviceOf(x.state, deviceNo);
    drainInFlight(x, physical, handle);
    leaveHardware(x, contextId, physical, hwpt);
    driverSwitchesIopf(x, physical, null, hwpt);
  }
}

/**
 * A new device joins the domain its group translates through (iommu_probe_device). Errors: the
 * driver's; the device then is not added.
 */
export function joinGroupDomain(x: Execution, physical: PhysicalDevice): Errno {
  const { domain, pasids, iommuGroupId } = groupOf(x.state, physical.iommuGroupId);
  if (pasids.size > 0) {
    x.hazard(
      'PASIDS_NOT_JOINED',
      'iommu_probe_device',
      `IOMMU group ${iommuGroupId} has PASIDs attached, which its new device blocks`,
      [deviceName(physical)],
    );
  }
  if (domain.kind !== 'HWPT') return 0;
  const context = contextOf(x.state, domain.contextId);
  return attachDomain(x, context, physical, hwptOf(context, domain.hwptId), null, null);
}

/**
 * The driver enables IOPF for the new domain, then disables it for the old one (since 6.16).
 * Diverges: `BACK` always finds memory. A kernel that finds none warns and leaves IOPF off.
 */
export function driverSwitchesIopf(
  x: Execution,
  physical: PhysicalDevice,
  hwpt: Hwpt | null,
  oldHwpt: Hwpt | null,
  way: 'ON' | 'BACK' = 'ON',
): Errno {
  if (x.behaviour.iopfEnabledBy !== 'DRIVER') return 0;
  const { deviceNo } = physical;
  if (hwpt !== null && hwpt.faultId !== null) {
    if (physical.iopfRefcount === 0) {
      const rc = iopfQueueAdd(x, physical, way === 'ON');
      if (rc !== 0) return rc;
    }
    x.emit({ type: 'DriverIopfCounted', deviceNo, step: 1 });
  }
  // A device that joined its group later was never counted for its PASIDs.
  if (oldHwpt !== null && oldHwpt.faultId !== null && physical.iopfRefcount > 0) {
    x.emit({ type: 'DriverIopfCounted', deviceNo, step: -1 });
    if (physical.iopfRefcount === 0) iopfQueueRemove(x, physical);
  }
  return 0;
}
