/**
 * Attach, detach and replace of devices. Mirrors drivers/iommu/iommufd/device.c and the attach
 * handles of drivers/iommu/iommu.c, Linux 6.12.117.
 */
import type { Errno } from '../abi/errno.ts';
import type { Event } from './event.ts';
import { type Execution, Refusal } from './execution.ts';
import { autoResponseFaults, faultIopfDisable, faultIopfEnable } from './fault.ts';
import { driverNameOf, driverOf } from './hardware/iommu-driver.ts';
import { hwptPagingAlloc, hwptPut } from './hwpt.ts';
import { enforceReservedRegions, removeReservedRegions } from './ioas.ts';
import { deviceOf, findHwptPaging, groupOf, hwptOf, ioasOf, physicalDeviceOf } from './lookup.ts';
import { objectAbort } from './object.ts';
import type { AttachHandle, Device, Hwpt, Ioas, IommufdContext, IommuGroup } from './state.ts';

type Action = 'attach' | 'replace';

/** Source: iommufd_device_attach. Returns the id of the hwpt attached. */
export function attachDevice(
  x: Execution,
  context: IommufdContext,
  device: Device,
  ptId: number,
): number | Refusal {
  return x.call('iommufd_device_attach', () => changePt(x, context, device, ptId, 'attach'));
}

/** Source: iommufd_device_replace. Returns the id of the hwpt now attached. */
export function replaceDevice(
  x: Execution,
  context: IommufdContext,
  device: Device,
  ptId: number,
): number | Refusal {
  return x.call('iommufd_device_replace', () => changePt(x, context, device, ptId, 'replace'));
}

/** Source: iommufd_device_detach. The device must be attached. */
export function detachDevice(x: Execution, context: IommufdContext, device: Device): void {
  x.call('iommufd_device_detach', () => {
    const group = groupOf(x.state, device.iommuGroupId);
    const hwpt = hwptOf(context, group.hwptId!);
    detachFromHwpt(x, context, group, hwpt, device);
    hwptPut(x, context, hwpt);
    return 0;
  });
}

/** Source: iommufd_device_change_pt. */
function changePt(
  x: Execution,
  context: IommufdContext,
  device: Device,
  ptId: number,
  action: Action,
): number | Refusal {
  return x.call('iommufd_device_change_pt', () => {
    const pt = context.objects.get(ptId);
    if (pt === undefined) return new Refusal('ENOENT');
    switch (pt.type) {
      case 'HWPT_PAGING':
      case 'HWPT_NESTED': {
        const rc = moveDevice(x, context, device, pt, action);
        return rc === 0 ? pt.id : new Refusal(rc);
      }
      case 'IOAS':
        return autoGetDomain(x, context, pt, device, action);
      default:
        return new Refusal('EINVAL');
    }
  });
}

function moveDevice(
  x: Execution,
  context: IommufdContext,
  device: Device,
  hwpt: Hwpt,
  action: Action,
): Errno {
  return action === 'attach'
    ? attachToHwpt(x, context, hwpt, device)
    : replaceHwpt(x, context, hwpt, device);
}

/**
 * Attach or replace by IOAS id: the first automatic hwpt the device can use, or a new one.
 * Source: iommufd_device_auto_get_domain.
 */
function autoGetDomain(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  device: Device,
  action: Action,
): number | Refusal {
  return x.call('iommufd_device_auto_get_domain', () => {
    for (const hwptId of [...ioas.autoHwptIds]) {
      const rc = moveDevice(x, context, device, hwptOf(context, hwptId), action);
      if (rc === 0) return hwptId;
      if (rc !== 'EINVAL') return new Refusal(rc);
    }
    const hwpt = hwptPagingAlloc(x, context, ioas, device, 0, {
      auto: true,
      ...(action === 'attach'
        ? {
            immediateAttach: made => attachToHwpt(x, context, made, device),
            immediateDetach: () => detachDevice(x, context, device),
          }
        : {}),
    });
    if (hwpt instanceof Refusal) return hwpt;
    if (action === 'replace') {
      const rc = replaceHwpt(x, context, hwpt, device);
      if (rc !== 0) {
        const { contextId } = context;
        x.emit({ type: 'DomainRemoved', contextId, ioasId: ioas.id, hwptId: hwpt.id });
        objectAbort(x, context, hwpt.id, hwpt.type);
        return new Refusal(rc);
      }
    }
    return hwpt.id;
  });
}

/** Only the first device of a group touches hardware. Source: iommufd_hw_pagetable_attach. */
function attachToHwpt(x: Execution, context: IommufdContext, hwpt: Hwpt, device: Device): Errno {
  return x.call('iommufd_hw_pagetable_attach', () => {
    const { contextId } = context;
    const group = groupOf(x.state, device.iommuGroupId);
    if (group.hwptId !== null && group.hwptId !== hwpt.id) return 'EINVAL';
    const first = group.attachedDeviceIds.length === 0;
    const paging = findHwptPaging(context, hwpt);
    const ioas = ioasOf(context, paging.ioasId);
    let rc = enforceReservedRegions(x, context, ioas, device, true);
    if (rc !== 0) return rc;
    if (first) {
      setupMsi(x, context, group, hwpt);
      rc = hwptAttachDevice(x, context, group, hwpt, device);
      if (rc !== 0) {
        removeReservedRegions(x, context, ioas, device.id);
        return rc;
      }
    }
    x.emit({
      type: 'DeviceAttached',
      contextId,
      deviceId: device.id,
      iommuGroupId: group.iommuGroupId,
      hwptId: hwpt.id,
    });
    return 0;
  });
}

/** A software MSI window wants a cookie on the paging hwpt. Source: iommufd_group_setup_msi. */
function setupMsi(x: Execution, context: IommufdContext, group: IommuGroup, hwpt: Hwpt): void {
  const paging = findHwptPaging(context, hwpt);
  if (group.swMsiStart === null || paging.msiCookie) return;
  x.emit({
    type: 'MsiCookieCreated',
    contextId: context.contextId,
    hwptId: paging.id,
    swMsiStart: group.swMsiStart,
  });
}

/** The hardware side of a group's first attach. Source: iommufd_hwpt_attach_device. */
function hwptAttachDevice(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  device: Device,
): Errno {
  return x.call('iommufd_hwpt_attach_device', () => {
    const { contextId } = context;
    const { iommuGroupId } = group;
    if (hwpt.faultId !== null) {
      const rc = faultIopfEnable(x, context, device);
      if (rc !== 0) return rc;
    }
    const attachHandleId = x.state.nextAttachHandleId;
    const rc = x.call('iommu_attach_group_handle', () => {
      x.emit(handleStored(x, context, group, hwpt, device));
      const failed = domainOwnerMismatch(x, context, group, hwpt)
        ? 'EINVAL'
        : setGroupDomain(x, context, group, hwpt);
      if (failed !== 0) x.emit({ type: 'AttachHandleErased', attachHandleId, iommuGroupId });
      return failed;
    });
    if (rc !== 0) {
      if (hwpt.faultId !== null) faultIopfDisable(x, context, device);
      x.emit({ type: 'AttachHandleFreed', attachHandleId });
      return rc;
    }
    x.emit({ type: 'DomainAttached', contextId, iommuGroupId, hwptId: hwpt.id });
    return 0;
  });
}

function handleStored(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  device: Device,
): Event {
  return {
    type: 'AttachHandleStored',
    contextId: context.contextId,
    attachHandleId: x.state.nextAttachHandleId,
    iommuGroupId: group.iommuGroupId,
    hwptId: hwpt.id,
    deviceId: device.id,
  };
}

/** Attach refuses a domain of another IOMMU driver; replace leaves it to the driver. */
function domainOwnerMismatch(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
): boolean {
  const physical = physicalDeviceOf(x.state, group.deviceNos[0]!);
  return findHwptPaging(context, hwpt).domain.driver !== driverNameOf(physical);
}

/** Each driver is asked in the group's order; nothing has switched before all agreed. */
function setGroupDomain(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
): Errno {
  return x.call('__iommu_group_set_domain_internal', () => {
    const { domain } = findHwptPaging(context, hwpt);
    for (const deviceNo of group.deviceNos) {
      const physical = physicalDeviceOf(x.state, deviceNo);
      const driver = driverOf(physical);
      const rc = x.call(driver.functions.attach, () => driver.attach(physical, hwpt, domain));
      if (rc !== 0) return rc;
    }
    return 0;
  });
}

/** Source: iommufd_hw_pagetable_detach. */
function detachFromHwpt(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  device: Device,
): void {
  x.call('iommufd_hw_pagetable_detach', () => {
    const { contextId } = context;
    const { iommuGroupId } = group;
    if (group.attachedDeviceIds.length === 1) hwptDetachDevice(x, context, group, hwpt, device);
    x.emit({
      type: 'DeviceDetached',
      contextId,
      deviceId: device.id,
      iommuGroupId,
      hwptId: hwpt.id,
    });
    const paging = findHwptPaging(context, hwpt);
    removeReservedRegions(x, context, ioasOf(context, paging.ioasId), device.id);
    return 0;
  });
}

/** The hardware side of a group's last detach. Source: iommufd_hwpt_detach_device. */
function hwptDetachDevice(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  device: Device,
): void {
  x.call('iommufd_hwpt_detach_device', () => {
    const { contextId } = context;
    const { iommuGroupId } = group;
    const handle = attachHandleOf(x, group);
    const { attachHandleId } = handle;
    x.call('iommu_detach_group_handle', () => {
      x.emit({ type: 'DomainDetached', contextId, iommuGroupId, hwptId: hwpt.id });
      x.emit({ type: 'AttachHandleErased', attachHandleId, iommuGroupId });
      return 0;
    });
    if (hwpt.faultId !== null) {
      autoResponseFaults(x, context, hwpt.faultId, handle);
      faultIopfDisable(x, context, device);
    }
    x.emit({ type: 'AttachHandleFreed', attachHandleId });
    return 0;
  });
}

function attachHandleOf(x: Execution, group: IommuGroup): AttachHandle {
  return x.state.attachHandles.get(group.attachHandleId!)!;
}

/** Moves the device's whole group. Source: iommufd_device_do_replace. */
function replaceHwpt(x: Execution, context: IommufdContext, hwpt: Hwpt, device: Device): Errno {
  return x.call('iommufd_device_do_replace', () => {
    const { contextId } = context;
    const group = groupOf(x.state, device.iommuGroupId);
    if (group.hwptId === null) return 'EINVAL';
    if (!device.attached) return 'EINVAL';
    if (group.hwptId === hwpt.id) return 0;
    const oldHwpt = hwptOf(context, group.hwptId);
    const ioas = ioasOf(context, findHwptPaging(context, hwpt).ioasId);
    const oldIoas = ioasOf(context, findHwptPaging(context, oldHwpt).ioasId);
    const members = group.attachedDeviceIds.map(id => deviceOf(context, id));
    const releaseFrom = (from: Ioas) => {
      for (const member of members) removeReservedRegions(x, context, from, member.id);
    };
    let rc: Errno = 0;
    if (ioas !== oldIoas) {
      for (const member of members) {
        rc = enforceReservedRegions(x, context, ioas, member, false);
        if (rc !== 0) break;
      }
    }
    if (rc === 0) {
      setupMsi(x, context, group, hwpt);
      rc = replaceGroupHandle(x, context, group, oldHwpt, hwpt, device);
    }
    if (rc !== 0) {
      // The kernel releases them also when both hwpts share the IOAS and they must stay.
      releaseFrom(ioas);
      return rc;
    }
    if (ioas !== oldIoas) releaseFrom(oldIoas);
    x.emit({
      type: 'DeviceReplaced',
      contextId,
      deviceId: device.id,
      iommuGroupId: group.iommuGroupId,
      oldHwptId: oldHwpt.id,
      hwptId: hwpt.id,
    });
    hwptPut(x, context, oldHwpt);
    return 0;
  });
}

/** The hardware side of a replace. Source: iommufd_hwpt_replace_device. */
function replaceGroupHandle(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  oldHwpt: Hwpt,
  hwpt: Hwpt,
  device: Device,
): Errno {
  return x.call('iommufd_hwpt_replace_device', () => {
    const { contextId } = context;
    const { iommuGroupId } = group;
    const oldHandle = attachHandleOf(x, group);
    const enable = hwpt.faultId !== null && oldHwpt.faultId === null;
    if (enable) {
      const rc = faultIopfEnable(x, context, device);
      if (rc !== 0) return rc;
    }
    const rc = x.call('iommu_replace_group_handle', () => {
      const failed = setGroupDomain(x, context, group, hwpt);
      if (failed !== 0) return failed;
      x.emit({ type: 'DomainAttached', contextId, iommuGroupId, hwptId: hwpt.id });
      x.emit(handleStored(x, context, group, hwpt, device));
      return 0;
    });
    if (rc !== 0) {
      if (enable) faultIopfDisable(x, context, device);
      return rc;
    }
    if (oldHwpt.faultId !== null) {
      autoResponseFaults(x, context, oldHwpt.faultId, oldHandle);
      if (hwpt.faultId === null) faultIopfDisable(x, context, device);
    }
    x.emit({ type: 'AttachHandleFreed', attachHandleId: oldHandle.attachHandleId });
    return 0;
  });
}
