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
 * or `hardware` no IOMMU; EINVAL, `physfn` is itself a virtual function, a reserved region ends before
 * it starts, or the function stalls behind an IOMMU that is no SMMUv3; ENOMEM, a limit;
 * the driver's, if it cannot attach the domain its group has.
 */
export function addPciDevice(
  x: Execution,
  device: PciDeviceSpec,
): { deviceNo: number; iommuGroupId: number } | Refusal {
  const partner = partnerOf(x, device);
  if (partner instanceof Refusal) return partner;
  const group = joinGroup(x, partner);
  if (group instanceof Refusal) return group;
  const deviceNo = x.state.nextDeviceNo;
  const { iommuGroupId } = group;
  x.emit({ type: 'PciDeviceAdded', deviceNo, iommuGroupId, device });
  const physical = physicalDeviceOf(x.state, deviceNo);
  const rc = joinGroupDomain(x, physical);
  if (rc !== 0) {
    removePhysicalDevice(x, physical);
    return new Refusal(rc);
  }
  return { deviceNo, iommuGroupId };
}

/** Whose IOMMU group a new function joins; null: one of its own. Errors: as addPciDevice. */
function partnerOf(x: Execution, device: PciDeviceSpec): PhysicalDevice | null | Refusal {
  const { state } = x;
  const { bdf, groupWith, physfn, hardware } = device;
  const named = (address: string, argument: string) => {
    const found = state.physicalDevices.get(state.bdfs.get(address) ?? -1);
    return found ?? x.refusedBy('bus', noSuchFunction(state, address, argument));
  };
  if (state.bdfs.has(bdf)) return refuse(x, 'bus', 'EEXIST', 'FUNCTION_EXISTS', { bdf });
  const partner = groupWith === null ? null : named(groupWith, 'groupWith');
  if (partner instanceof Refusal) return partner;
  const owner = physfn === null ? null : named(physfn, 'physfn');
  if (owner instanceof Refusal) return owner;
  if (hardware !== undefined) {
    const { iommuNo, stall } = hardware;
    const iommu = namedIommu(x, iommuNo);
    if (iommu instanceof Refusal) return iommu;
    const { vendor } = iommu.spec;
    if (stall && vendor !== 'SMMUV3') {
      return refuse(x, 'bus', 'EINVAL', 'STALL_NOT_OF_VENDOR', { bdf, iommuNo, vendor });
    }
  }
  if (owner?.virtfn) {
    return refuse(x, 'bus', 'EINVAL', 'PHYSFN_IS_VIRTUAL', { physfn: physfn! });
  }
  const backwards = device.reservedRegions.find(({ start, last }) => last < start);
  if (backwards === undefined) return partner;
  const { start, last } = backwards;
  return refuse(x, 'bus', 'EINVAL', 'REGION_BACKWARDS', { start, last });
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
