/**
 * Attach, detach and replace of devices. Mirrors drivers/iommu/iommufd/device.c of Linux 6.12.117;
 * what the hardware sees of it is in group-domain.ts.
 */
import type { Errno } from '../../../abi/errno.ts';
import type { IommuGroup } from '../../iommu/state.ts';
import type { Execution } from '../../machine/execution.ts';
import {
  deviceOf,
  findHwptPaging,
  groupOf,
  hwptOf,
  ioasOf,
  physicalDeviceOf,
} from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import { noSuchObject } from '../../refuse/absent.ts';
import { virtfnRefused } from '../fault/fault.ts';
import { hwptPagingAlloc, hwptPut } from '../hwpt/hwpt.ts';
import { enforceReservedRegions, removeReservedRegions } from '../ioas/ioas.ts';
import { objectAbort } from '../main/object.ts';
import type { Device, Hwpt, Ioas, IommufdContext } from '../state.ts';
import { hwptAttachDevice, hwptDetachDevice, replaceGroupHandle } from './group-domain.ts';

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
    if (x.failsToGetObject()) return new Refusal('ENOENT');
    const pt = context.objects.get(ptId);
    if (pt === undefined) {
      const absent = noSuchObject(context, 'ptId', ptId, ['IOAS', 'HWPT_PAGING', 'HWPT_NESTED']);
      return x.refusedBy('iommufd_get_object', absent);
    }
    switch (pt.type) {
      case 'HWPT_PAGING':
      case 'HWPT_NESTED': {
        const rc = moveDevice(x, context, device, pt, action);
        return rc === 0 ? pt.id : new Refusal(rc);
      }
      case 'IOAS':
        return autoGetDomain(x, context, pt, device, action);
      default:
        return new Refusal('EINVAL', 'PT_CANNOT_BE_ATTACHED', { id: ptId, type: pt.type });
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
            immediateDetach: made => {
              const group = groupOf(x.state, device.iommuGroupId);
              detachFromHwpt(x, context, group, made, device);
            },
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

/** The IOAS in which attaching to a hwpt reserves ranges: none for nested hwpts before 6.12. */
function reservedIoas(x: Execution, context: IommufdContext, hwpt: Hwpt): Ioas | null {
  if (hwpt.type === 'HWPT_NESTED' && !x.behaviour.nestedEnforcesReservedRegions) return null;
  return ioasOf(context, findHwptPaging(context, hwpt).ioasId);
}

/** Only the first device of a group touches hardware. Source: iommufd_hw_pagetable_attach. */
function attachToHwpt(x: Execution, context: IommufdContext, hwpt: Hwpt, device: Device): Errno {
  return x.call('iommufd_hw_pagetable_attach', () => {
    const { contextId } = context;
    const group = groupOf(x.state, device.iommuGroupId);
    const { iommuGroupId, hwptId } = group;
    if (hwptId !== null && hwptId !== hwpt.id) {
      return x.refuse('EINVAL', 'GROUP_ON_OTHER_HWPT', { iommuGroupId, hwptId });
    }
    const first = group.attachedDeviceIds.length === 0;
    const ioas = reservedIoas(x, context, hwpt);
    let rc = ioas === null ? 0 : enforceReservedRegions(x, context, ioas, device, true);
    if (rc !== 0) return rc;
    if (first) {
      rc = ioas === null ? 0 : setupMsi(x, context, group, hwpt);
      if (rc === 0) rc = hwptAttachDevice(x, context, group, hwpt, device);
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
      iommuGroupId: group.iommuGroupId,
      hwptId: hwpt.id,
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
    const ioas = reservedIoas(x, context, hwpt);
    if (ioas !== null) removeReservedRegions(x, context, ioas, device.id);
    return 0;
  });
}

/** Moves the device's whole group. Source: iommufd_device_do_replace. */
function replaceHwpt(x: Execution, context: IommufdContext, hwpt: Hwpt, device: Device): Errno {
  return x.call('iommufd_device_do_replace', () => {
    const { contextId } = context;
    const group = groupOf(x.state, device.iommuGroupId);
    if (group.hwptId === null) {
      return x.refuse('EINVAL', 'GROUP_NOT_ATTACHED', { iommuGroupId: group.iommuGroupId });
    }
    if (!device.attached && x.behaviour.replaceByUnattachedMember === 'EINVAL') {
      return x.refuse('EINVAL', 'DEVICE_NOT_ATTACHED', { devId: device.id });
    }
    if (group.hwptId === hwpt.id) return 0;
    const oldHwpt = hwptOf(context, group.hwptId);
    const rc = replaceReserved(x, context, group, oldHwpt, hwpt, device);
    if (rc !== 0) return rc;
    const event = {
      type: 'DeviceReplaced',
      contextId,
      deviceId: device.id,
      iommuGroupId: group.iommuGroupId,
      oldHwptId: oldHwpt.id,
      hwptId: hwpt.id,
    } as const;
    x.emit(event);
    if (!device.attached) {
      x.hazard(
        'MOVED_BY_UNATTACHED',
        'iommufd_device_do_replace',
        `device ${device.id} is not attached and moved IOMMU group ${group.iommuGroupId}`,
        [`device ${device.id}`, `IOMMU group ${group.iommuGroupId}`],
      );
    }
    const members = group.attachedDeviceIds.map(id => deviceOf(context, id));
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
): Errno {
  const ioas = reservedIoas(x, context, hwpt);
  const oldIoas = reservedIoas(x, context, oldHwpt);
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
    if (rc === 0) rc = replaceGroupHandle(x, context, group, oldHwpt, hwpt, device);
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
