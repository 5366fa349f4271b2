/**
 * Physical devices and their IOMMU groups: what exists before iommufd looks at it.
 * Sources: iommu_probe_device, iommu_group_alloc, iommu_deinit_device (drivers/iommu/iommu.c).
 */
import type { Errno } from '../../abi/errno.ts';
import { DEVICES_PER_GROUP_MAX, DEVICES_PER_MACHINE_MAX } from '../../abi/limits.ts';
import { joinGroupDomain } from '../iommu/domain-switch.ts';
import type { IommuGroup } from '../iommu/state.ts';
import type { Execution } from '../machine/execution.ts';
import { groupOf, physicalDeviceOf } from '../machine/lookup.ts';
import { Refusal } from '../machine/refusal.ts';
import { noSuchFunction } from '../refuse/absent.ts';
import { namedIommu } from './function/named.ts';
import { refuse } from './refuse.ts';
import type { PciDeviceSpec, PhysicalDevice } from './state.ts';

/**
 * Errors: EEXIST, the bdf is taken; ENODEV, `groupWith` or `physfn` names no PCI function
 * or `hardware` no IOMMU; EINVAL,
 * `physfn` is itself a virtual function or a reserved region ends before it starts; ENOMEM, a limit;
 * the driver's, if it cannot attach the domain its group has.
 */
export function addPciDevice(
  x: Execution,
  device: PciDeviceSpec,
): { deviceNo: number; iommuGroupId: number } | Refusal {
  const { state } = x;
  const named = (bdf: string) => state.physicalDevices.get(state.bdfs.get(bdf) ?? -1);
  const { bdf, groupWith, physfn: physfnBdf } = device;
  const absent = (address: string | null, argument: string) =>
    x.refusedBy('bus', noSuchFunction(state, address!, argument));
  if (state.bdfs.has(bdf)) return refuse(x, 'bus', 'EEXIST', 'FUNCTION_EXISTS', { bdf });
  const partner = groupWith === null ? null : named(groupWith);
  const physfn = physfnBdf === null ? null : named(physfnBdf);
  if (partner === undefined) return absent(groupWith, 'groupWith');
  if (physfn === undefined) return absent(physfnBdf, 'physfn');
  if (device.hardware !== undefined) {
    const unit = namedIommu(x, device.hardware.iommuNo);
    if (unit instanceof Refusal) return unit;
  }
  if (physfn?.virtfn)
    return refuse(x, 'bus', 'EINVAL', 'PHYSFN_IS_VIRTUAL', { physfn: physfnBdf! });
  const backwards = device.reservedRegions.find(({ start, last }) => last < start);
  if (backwards !== undefined) {
    const { start, last } = backwards;
    return refuse(x, 'bus', 'EINVAL', 'REGION_BACKWARDS', { start, last });
  }
  const group = joinGroup(x, partner);
  if (group instanceof Refusal) return group;
  const deviceNo = state.nextDeviceNo;
  const { iommuGroupId } = group;
  x.emit({ type: 'PciDeviceAdded', deviceNo, iommuGroupId, device });
  const physical = physicalDeviceOf(state, deviceNo);
  const rc = joinGroupDomain(x, physical);
  if (rc !== 0) {
    removePhysicalDevice(x, physical);
    return new Refusal(rc);
  }
  return { deviceNo, iommuGroupId };
}

/** Errors: ENODEV, no such bdf; EBUSY, the function is bound or has virtual functions. */
export function removePciDevice(x: Execution, bdf: string): Errno {
  const deviceNo = x.state.bdfs.get(bdf);
  if (deviceNo === undefined) return x.refusedBy('bus', noSuchFunction(x.state, bdf)).errno;
  const device = physicalDeviceOf(x.state, deviceNo);
  if (device.binding !== null) {
    return refuse(x, 'bus', 'EBUSY', 'FUNCTION_BOUND', {
      bdf,
      contextId: device.binding.contextId,
      devId: device.binding.deviceId,
    }).errno;
  }
  for (const other of x.state.physicalDevices.values()) {
    if (other.kind !== 'PCI' || other.physfn !== bdf) continue;
    return refuse(x, 'bus', 'EBUSY', 'FUNCTION_HAS_VIRTUAL', { bdf, virtual: other.bdf }).errno;
  }
  removePhysicalDevice(x, device);
  return 0;
}

/** The group of `partner`, or a new one. Errors: ENOMEM at the limit on devices. */
export function joinGroup(x: Execution, partner: PhysicalDevice | null): IommuGroup | Refusal {
  if (x.state.physicalDevices.size >= DEVICES_PER_MACHINE_MAX) {
    const facts = { most: DEVICES_PER_MACHINE_MAX, what: 'physical devices' };
    return new Refusal('ENOMEM', 'BOUND_REACHED', facts);
  }
  if (partner !== null) {
    const group = groupOf(x.state, partner.iommuGroupId);
    if (group.deviceNos.length < DEVICES_PER_GROUP_MAX) return group;
    const facts = { most: DEVICES_PER_GROUP_MAX, what: 'devices of a group' };
    return new Refusal('ENOMEM', 'BOUND_REACHED', facts);
  }
  if (!x.allocates('kzalloc iommu_group')) return new Refusal('ENOMEM');
  const iommuGroupId = x.state.nextIommuGroupId;
  x.emit({ type: 'IommuGroupCreated', iommuGroupId });
  return groupOf(x.state, iommuGroupId);
}

/** The device goes, and its group with the last one. */
export function removePhysicalDevice(x: Execution, device: PhysicalDevice): void {
  const { deviceNo, iommuGroupId } = device;
  x.emit({ type: 'PhysicalDeviceRemoved', deviceNo });
  if (groupOf(x.state, iommuGroupId).deviceNos.length === 0) {
    x.emit({ type: 'IommuGroupRemoved', iommuGroupId });
  }
}
