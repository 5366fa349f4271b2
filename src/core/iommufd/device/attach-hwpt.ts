/**
 * A hwpt and the devices of a group: attach, detach and replace. Mirrors iommufd_hw_pagetable_attach
 * and its like in drivers/iommu/iommufd/device.c of Linux 6.12.117; what the hardware sees of it is in
 * group-domain.ts.
 */
import type { Errno } from '../../../abi/errno.ts';
import { IOMMU_NO_PASID } from '../../../abi/uapi.ts';
import type { IommuGroup } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import {
  attachmentOf,
  deviceOf,
  findHwptPaging,
  groupOf,
  hwptOf,
  ioasOf,
  physicalDeviceOf,
} from '../../machine/lookup.ts';
import { virtfnRefused } from '../fault/fault.ts';
import { hwptPut } from '../hwpt/hwpt.ts';
import { enforceReservedRegions, removeReservedRegions } from '../ioas/ioas.ts';
import type { Device, Hwpt, Ioas, IommufdContext } from '../state.ts';
import { hwptAttachDevice, hwptDetachDevice, ofPasid, replaceGroupHandle } from './group-domain.ts';

/** A device and what of it is attached or replaced. */
export interface Asking {
  readonly device: Device;
  /** IOMMU_NO_PASID: the RID. */
  readonly pasid: number;
  /** The RID was asked for as PASID 0. */
  readonly asPasid: boolean;
}

/** The IOAS in which attaching reserves ranges: none for a PASID, or for nested hwpts before 6.12. */
function reservedIoas(
  x: Execution,
  context: IommufdContext,
  hwpt: Hwpt,
  pasid: number,
): Ioas | null {
  if (pasid !== IOMMU_NO_PASID) return null;
  if (hwpt.type === 'HWPT_NESTED' && !x.behaviour.nestedEnforcesReservedRegions) return null;
  return ioasOf(context, findHwptPaging(context, hwpt).ioasId);
}

/** Only the first device of a group touches hardware. Source: iommufd_hw_pagetable_attach. */
export function attachToHwpt(
  x: Execution,
  context: IommufdContext,
  hwpt: Hwpt,
  { device, pasid, asPasid }: Asking,
): Errno {
  return x.call('iommufd_hw_pagetable_attach', () => {
    const { contextId } = context;
    const group = groupOf(x.state, device.iommuGroupId);
    const { iommuGroupId } = group;
    const { hwptId, attachedDeviceIds } = attachmentOf(group, pasid);
    // Up to 6.14 no caller attaches a device twice.
    if (attachedDeviceIds.includes(device.id)) {
      return x.refuse('EBUSY', 'ATTACHED_ALREADY', { devId: device.id, pasid, hwptId: hwptId! });
    }
    if (hwptId !== null && hwptId !== hwpt.id) {
      return x.refuse('EINVAL', 'GROUP_ON_OTHER_HWPT', { iommuGroupId, hwptId });
    }
    const first = attachedDeviceIds.length === 0;
    const ioas = reservedIoas(x, context, hwpt, pasid);
    let rc = ioas === null ? 0 : enforceReservedRegions(x, context, ioas, device, true);
    if (rc !== 0) return rc;
    if (first) {
      rc = ioas === null ? 0 : setupMsi(x, context, group, hwpt);
      if (rc === 0) rc = hwptAttachDevice(x, context, group, hwpt, device, pasid);
      if (rc !== 0) {
        if (ioas !== null) removeReservedRegions(x, context, ioas, device.id);
        return rc;
      }
    } else {
      noteUncheckedVirtfns(x, 'iommufd_hw_pagetable_attach', hwpt, [device]);
    }
    x.emit({
      type: 'DeviceAttached',
      contextId,
      deviceId: device.id,
      iommuGroupId,
      hwptId: hwpt.id,
      ...(asPasid ? { pasid } : {}),
    });
    return 0;
  });
}

/** Only the asking device is checked, and not each time: the others come along. */
function noteUncheckedVirtfns(
  x: Execution,
  kernelFunction: string,
  hwpt: Hwpt,
  devices: readonly Device[],
): void {
  if (hwpt.faultId === null) return;
  const refused = devices.filter(({ deviceNo }) =>
    virtfnRefused(x, physicalDeviceOf(x.state, deviceNo)),
  );
  if (refused.length === 0) return;
  x.hazard(
    'VIRTFN_UNCHECKED',
    kernelFunction,
    'virtual functions that this kernel refuses came to a fault-capable hwpt unchecked',
    refused.map(({ id }) => `device ${id}`),
  );
}

/**
 * A software MSI window wants a cookie on the paging hwpt; since 6.15 the window is mapped when it
 * is used. Source: iommufd_group_setup_msi. Errors: ENOMEM.
 */
function setupMsi(x: Execution, context: IommufdContext, group: IommuGroup, hwpt: Hwpt): Errno {
  const paging = findHwptPaging(context, hwpt);
  if (x.behaviour.softwareMsi === 'WHEN_USED') return 0;
  if (group.swMsiStart === null || paging.msiCookie) return 0;
  if (!x.allocates('kzalloc iommu_dma_cookie')) return 'ENOMEM';
  x.emit({
    type: 'MsiCookieCreated',
    contextId: context.contextId,
    hwptId: paging.id,
    swMsiStart: group.swMsiStart,
  });
  return 0;
}

/** Source: iommufd_hw_pagetable_detach. */
export function detachFromHwpt(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  hwpt: Hwpt,
  device: Device,
  pasid: number,
): void {
  x.call('iommufd_hw_pagetable_detach', () => {
    const { contextId } = context;
    const { iommuGroupId } = group;
    const { attachedDeviceIds } = attachmentOf(group, pasid);
    if (attachedDeviceIds.length === 1) hwptDetachDevice(x, context, group, hwpt, device, pasid);
    x.emit({
      type: 'DeviceDetached',
      contextId,
      deviceId: device.id,
      iommuGroupId,
      hwptId: hwpt.id,
      ...ofPasid(pasid),
    });
    const ioas = reservedIoas(x, context, hwpt, pasid);
    if (ioas !== null) removeReservedRegions(x, context, ioas, device.id);
    return 0;
  });
}

/** Moves the device's whole group. Source: iommufd_device_do_replace. */
export function replaceHwpt(
  x: Execution,
  context: IommufdContext,
  hwpt: Hwpt,
  { device, pasid }: Asking,
): Errno {
  return x.call('iommufd_device_do_replace', () => {
    const { contextId } = context;
    const group = groupOf(x.state, device.iommuGroupId);
    const { iommuGroupId } = group;
    const { hwptId, attachedDeviceIds } = attachmentOf(group, pasid);
    if (hwptId === null) {
      return pasid === IOMMU_NO_PASID
        ? x.refuse('EINVAL', 'GROUP_NOT_ATTACHED', { iommuGroupId })
        : x.refuse('EINVAL', 'PASID_NOT_ATTACHED', { iommuGroupId, pasid });
    }
    const attached = attachedDeviceIds.includes(device.id);
    if (!attached && x.behaviour.replaceByUnattachedMember === 'EINVAL') {
      return x.refuse('EINVAL', 'DEVICE_NOT_ATTACHED', { devId: device.id });
    }
    if (hwptId === hwpt.id) return 0;
    const oldHwpt = hwptOf(context, hwptId);
    const rc = replaceReserved(x, context, group, oldHwpt, hwpt, device, pasid);
    if (rc !== 0) return rc;
    const event = {
      type: 'DeviceReplaced',
      contextId,
      deviceId: device.id,
      iommuGroupId,
      oldHwptId: oldHwpt.id,
      hwptId: hwpt.id,
      ...ofPasid(pasid),
    } as const;
    x.emit(event);
    if (!attached) {
      x.hazard(
        'MOVED_BY_UNATTACHED',
        'iommufd_device_do_replace',
        `device ${device.id} is not attached and moved IOMMU group ${iommuGroupId}`,
        [`device ${device.id}`, `IOMMU group ${iommuGroupId}`],
      );
    }
    const members = attachedDeviceIds.map(id => deviceOf(context, id));
    noteUncheckedVirtfns(x, 'iommufd_device_do_replace', hwpt, members);
    hwptPut(x, context, oldHwpt);
    return 0;
  });
}

/** The replace with the reserved ranges around it: taken in the new IOAS first, released in the old. */
function replaceReserved(
  x: Execution,
  context: IommufdContext,
  group: IommuGroup,
  oldHwpt: Hwpt,
  hwpt: Hwpt,
  device: Device,
  pasid: number,
): Errno {
  const ioas = reservedIoas(x, context, hwpt, pasid);
  const oldIoas = reservedIoas(x, context, oldHwpt, pasid);
  const members = group.attachedDeviceIds.map(id => deviceOf(context, id));
  if (x.behaviour.replaceReservesInOrderOf === 'ID') members.sort((a, b) => a.id - b.id);
  const releaseFrom = (from: Ioas | null) => {
    if (from === null) return;
    for (const member of members) removeReservedRegions(x, context, from, member.id);
  };
  let rc: Errno = 0;
  if (ioas !== null && ioas !== oldIoas) {
    for (const member of members) {
      rc = enforceReservedRegions(x, context, ioas, member, false);
      if (rc !== 0) break;
    }
  }
  if (rc === 0) {
    if (ioas !== null) rc = setupMsi(x, context, group, hwpt);
    if (rc === 0) rc = replaceGroupHandle(x, context, group, oldHwpt, hwpt, device, pasid);
  }
  if (rc === 0) {
    if (ioas !== oldIoas) releaseFrom(oldIoas);
    return 0;
  }
  if (ioas === null) return rc;
  // The kernel releases them also when both hwpts share the IOAS and they must stay.
  const from = x.behaviour.failedReplaceReleasesIn === 'OLD_IOAS' ? oldIoas : ioas;
  if (from === null) {
    x.hazard(
      'WILD_POINTER',
      'iommufd_device_do_replace',
      `hwpt ${oldHwpt.id} is nested and taken for a paging hwpt, to find its IOAS`,
      [`hwpt ${oldHwpt.id}`],
    );
  }
  const lost = members.filter(
    ({ id }) => from === oldIoas && oldIoas?.reserved.has(`device:${id}`),
  );
  releaseFrom(from);
  if (lost.length > 0) {
    x.hazard(
      'RESERVATIONS_LOST',
      'iommufd_device_do_replace',
      `IOAS ${oldIoas!.id} no longer reserves what devices that stay attached cannot use`,
      lost.map(({ id }) => `device ${id}`),
    );
  }
  if (from !== ioas) noteReservationsLeft(x, ioas, members);
  return rc;
}

/** v6 took the old hwpt for the new one: what was reserved for the new one stays reserved. */
function noteReservationsLeft(x: Execution, ioas: Ioas, members: readonly Device[]): void {
  const left = members.filter(({ id }) => ioas.reserved.has(`device:${id}`));
  if (left.length === 0) return;
  x.hazard(
    'RESERVATIONS_LEFT',
    'iommufd_device_do_replace',
    `IOAS ${ioas.id} keeps ranges reserved for devices that did not come to it`,
    left.map(({ id }) => `device ${id}`),
  );
}
