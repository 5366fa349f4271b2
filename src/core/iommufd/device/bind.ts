/**
 * Binding physical devices to contexts, DMA ownership, hardware information.
 * Mirrors drivers/iommu/iommufd/device.c and iommu_device_claim_dma_owner of
 * drivers/iommu/iommu.c, Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import type { PhysicalDevice } from '../../hardware/state.ts';
import type { IommuGroup } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { deviceName, deviceOf, groupOf, physicalDeviceOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import { objectAlloc } from '../main/object.ts';
import type { Device, IommufdContext } from '../state.ts';

/**
 * Source: iommufd_device_bind. Errors: EINVAL (DMA not coherent, or a region must stay mapped 1:1),
 * EPERM (MSI not isolated, or another context owns the group), ENOMEM.
 */
export function bindDevice(
  x: Execution,
  context: IommufdContext,
  physical: PhysicalDevice,
): Device | Refusal {
  return x.call('iommufd_device_bind', () => {
    const { bindTakesIdFirst } = x.behaviour;
    let rc = bindTakesIdFirst ? objectAlloc(x, context) : 0;
    if (rc !== 0) return new Refusal(rc);
    const name = { device: deviceName(physical) };
    if (physical.kind === 'PCI' && !physical.dmaCoherent) {
      return new Refusal('EINVAL', 'NO_COHERENT_DMA', name);
    }
    const group = groupOf(x.state, physical.iommuGroupId);
    if (group.boundDeviceIds.size === 0 && !x.allocates('kzalloc iommufd_group')) {
      return new Refusal('ENOMEM');
    }
    if (physical.kind === 'PCI' && !physical.msiIsolated) {
      return new Refusal('EPERM', 'MSI_NOT_ISOLATED', name);
    }
    rc = claimDmaOwner(x, context, group);
    if (rc !== 0) return new Refusal(rc);
    rc = bindTakesIdFirst ? 0 : objectAlloc(x, context);
    if (rc !== 0) {
      releaseDmaOwner(x, group);
      return new Refusal(rc);
    }
    const deviceId = context.ids.peek();
    x.emit({
      type: 'DeviceBound',
      contextId: context.contextId,
      deviceId,
      deviceNo: physical.deviceNo,
      iommuGroupId: group.iommuGroupId,
      bindNo: x.state.nextBindNo,
      holdsFile: physical.kind === 'PCI',
    });
    return deviceOf(context, deviceId);
  });
}

function claimDmaOwner(x: Execution, context: IommufdContext, group: IommuGroup): Errno {
  return x.call('iommu_device_claim_dma_owner', () => {
    if (group.ownerContextId === context.contextId) return 0;
    if (group.ownerContextId !== null) {
      const facts = { iommuGroupId: group.iommuGroupId, contextId: group.ownerContextId };
      return x.refuse('EPERM', 'GROUP_OWNED', facts);
    }
    // The blocking domain would break a mapping that firmware demands (dev->iommu->require_direct).
    const devices = group.deviceNos.map(deviceNo => physicalDeviceOf(x.state, deviceNo));
    const needsDirect = devices.find(device => {
      return device.kind === 'PCI' && device.reservedRegions.some(({ type }) => type === 'DIRECT');
    });
    if (needsDirect !== undefined) {
      const facts = { device: deviceName(needsDirect) };
      const direct = new Refusal('EINVAL', 'DIRECT_MAPPING', facts);
      return x.refusedBy('__iommu_device_set_domain', direct).errno;
    }
    x.emit({
      type: 'DmaOwnershipClaimed',
      contextId: context.contextId,
      iommuGroupId: group.iommuGroupId,
    });
    return 0;
  });
}

/** The last bound device of a group gives DMA back to the kernel (iommu_device_release_dma_owner). */
function releaseDmaOwner(x: Execution, group: IommuGroup): void {
  const contextId = group.ownerContextId;
  if (group.boundDeviceIds.size > 0 || contextId === null) return;
  x.emit({ type: 'DmaOwnershipReleased', contextId, iommuGroupId: group.iommuGroupId });
}

/** The DEVICE object goes. The caller has detached it. Source: iommufd_device_unbind. */
export function unbindDevice(x: Execution, context: IommufdContext, device: Device): void {
  x.call('iommufd_device_unbind', () => {
    const group = groupOf(x.state, device.iommuGroupId);
    const stale = [group, ...group.pasids.values()]
      .map(({ attachHandleId }) => x.state.attachHandles.get(attachHandleId ?? 0))
      .filter(handle => handle !== undefined)
      .filter(({ deviceId, bindNo }) => deviceId === device.id && bindNo === device.bindNo);
    x.emit({
      type: 'DeviceUnbound',
      contextId: context.contextId,
      deviceId: device.id,
      deviceNo: device.deviceNo,
      iommuGroupId: device.iommuGroupId,
    });
    for (const handle of stale) {
      x.hazard(
        'HANDLE_NAMES_GONE_DEVICE',
        'iommufd_device_unbind',
        `attach handle ${handle.attachHandleId} still names device ${device.id}`,
        [`device ${device.id}`, `attach handle ${handle.attachHandleId}`],
        handle.storedSeq,
      );
    }
    if (device.iopfEnabled > 0) {
      x.hazard(
        'IOPF_ENABLE_LEAKED',
        'iommufd_device_unbind',
        `device ${device.id} is unbound with IOPF enabled; nobody will disable it`,
        [`device ${device.id}`],
        physicalDeviceOf(x.state, device.deviceNo).iopfFeatureSeq,
      );
    }
    releaseDmaOwner(x, group);
    return 0;
  });
}
