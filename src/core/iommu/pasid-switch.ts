/**
 * Switching what a PASID of an IOMMU group translates through, one driver call a device.
 * Mirrors iommu_attach_device_pasid, iommu_replace_device_pasid and iommu_detach_device_pasid of
 * drivers/iommu/iommu.c, Linux 7.3.4.
 */
import type { Errno } from '../../abi/errno.ts';
import { MOCK_FAILING_PASID } from '../../abi/uapi.ts';
import { driverOf } from '../hardware/drivers.ts';
import type { MockDevice, PhysicalDevice } from '../hardware/state.ts';
import type { Hwpt, IommufdContext } from '../iommufd/state.ts';
import type { Execution } from '../machine/execution.ts';
import { deviceName, physicalDeviceOf } from '../machine/lookup.ts';
import { domainOwnerMismatch, driverSwitchesIopf, leaveHardware } from './domain-switch.ts';
import { drainInFlight } from './in-flight.ts';
import type { AttachHandle, IommuGroup } from './state.ts';

/** Where a PASID goes from and to; null: it is attached to nothing. */
interface Switch {
  readonly contextId: number;
  readonly pasid: number;
  readonly from: Hwpt | null;
  readonly to: Hwpt | null;
  /** The attach handle it leaves. */
  readonly handle: AttachHandle | null;
}

/**
 * Each driver is asked in the group's order; on an error those that agreed go back.
 * Errors: EINVAL, a hwpt of another driver, or a device has fewer PASIDs; the drivers'.
 */
export function setGroupPasid(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  pasid: number,
  hwpt: Hwpt,
  oldHwpt: Hwpt | null,
  oldHandle: AttachHandle | null,
): Errno {
  const { contextId } = context;
  const { iommuGroupId } = group;
  if (domainOwnerMismatch(x, context, group, hwpt)) {
    return x.refuse('EINVAL', 'OTHER_DRIVER', { hwptId: hwpt.id });
  }
  const devices = devicesWithPasids(x, group);
  const narrow = devices.find(device => driverOf(device).maxPasids(device) <= pasid);
  if (narrow !== undefined) {
    const has = driverOf(narrow).maxPasids(narrow);
    return x.refuse('EINVAL', 'TOO_FEW_PASIDS', { device: deviceName(narrow), pasid, has });
  }
  const change = { contextId, pasid, from: oldHwpt, to: hwpt, handle: oldHandle };
  return x.call('__iommu_set_group_pasid', () => {
    for (const [place, device] of devices.entries()) {
      const rc = setDevicePasid(x, device, change);
      if (rc === 0) continue;
      const back = { ...change, from: hwpt, to: oldHwpt, handle: null };
      for (const done of devices.slice(0, place)) takeBack(x, done, back);
      return rc;
    }
    x.emit({ type: 'DomainAttached', contextId, iommuGroupId, hwptId: hwpt.id, pasid });
    return 0;
  });
}

/** A device without any is passed over: a group of such devices attaches, and no driver is called. */
function devicesWithPasids(x: Execution, { deviceNos }: IommuGroup): PhysicalDevice[] {
  return deviceNos
    .map(deviceNo => physicalDeviceOf(x.state, deviceNo))
    .filter(device => driverOf(device).maxPasids(device) > 0);
}

/** The driver takes one device's PASID from the old domain to the new one (ops->set_dev_pasid). */
function setDevicePasid(x: Execution, device: PhysicalDevice, change: Switch): Errno {
  const { contextId, pasid, from, to, handle } = change;
  const driver = driverOf(device);
  return x.call(driver.functions.setPasid, () => {
    if (device.kind === 'MOCK' && pasid === MOCK_FAILING_PASID && failsByTurns(x, device)) {
      return x.refuse('ENOMEM', 'MOCK_PASID_FAILS', { pasid });
    }
    if (driver.attachAllocates && !x.allocates(`${driver.functions.setPasid} kzalloc`)) {
      return 'ENOMEM';
    }
    drainInFlight(x, device, handle);
    if (from !== null) leaveHardware(x, contextId, device, from, pasid);
    return driverSwitchesIopf(x, device, to, from);
  });
}

/** The mock driver's PASID for tests: the first call arms an error, the next one meets it. */
function failsByTurns(x: Execution, { deviceNo, pasidErrorArmed: fails }: MockDevice): boolean {
  x.emit({ type: 'MockPasidErrorSwitched', deviceNo, armed: !fails });
  return fails;
}

/** A device that agreed goes back. That its driver fails then is the driver's bug, and warned of. */
function takeBack(x: Execution, device: PhysicalDevice, back: Switch): void {
  if (back.to !== null) {
    if (setDevicePasid(x, device, back) === 0) return;
    x.hazard(
      'PASID_NOT_TAKEN_BACK',
      '__iommu_set_group_pasid',
      `PASID ${back.pasid} blocks on a device of a group that is back on hwpt ${back.to.id}`,
      [deviceName(device)],
    );
  }
  blockDevicePasid(x, device, { ...back, to: null });
}

/** One device's PASID goes to the blocking domain, which cannot fail. */
function blockDevicePasid(x: Execution, device: PhysicalDevice, change: Switch): void {
  const { contextId, pasid, from, handle } = change;
  if (device.kind === 'MOCK' && pasid === MOCK_FAILING_PASID && device.pasidErrorArmed) {
    x.emit({ type: 'MockPasidErrorSwitched', deviceNo: device.deviceNo, armed: false });
  }
  drainInFlight(x, device, handle);
  if (from !== null) leaveHardware(x, contextId, device, from, pasid);
  driverSwitchesIopf(x, device, null, from);
}

/** The PASID of every device of the group goes to the blocking domain (iommu_remove_dev_pasid). */
export function blockGroupPasid(
  x: Execution,
  contextId: number,
  group: IommuGroup,
  pasid: number,
  hwpt: Hwpt,
  handle: AttachHandle | null,
): void {
  for (const device of devicesWithPasids(x, group)) {
    blockDevicePasid(x, device, { contextId, pasid, from: hwpt, to: null, handle });
  }
}
