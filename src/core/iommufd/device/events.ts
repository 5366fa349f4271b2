/** Events of bound devices: attach, detach, replace (drivers/iommu/iommufd/device.c). */
import { IOMMU_NO_PASID } from '../../../abi/uapi.ts';
import { assert } from '../../machine/assert.ts';
import type { EventEntries, InContext } from '../../machine/event-entry.ts';
import {
  attachmentOf,
  contextOf,
  deviceOf,
  groupOf,
  hwptOf,
  physicalDeviceOf,
} from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { addObject, evolveObjectGone } from '../main/object-table.ts';
import type { Hwpt } from '../state.ts';

/** A physical device became a DEVICE object of a context (iommufd_device_bind). */
export interface DeviceBound extends InContext {
  readonly type: 'DeviceBound';
  readonly deviceId: number;
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  readonly bindNo: number;
  /** Mock devices do not hold the context's file. */
  readonly holdsFile: boolean;
}

/** The DEVICE object is gone (iommufd_device_unbind). */
export interface DeviceUnbound extends InContext {
  readonly type: 'DeviceUnbound';
  readonly deviceId: number;
  readonly deviceNo: number;
  readonly iommuGroupId: number;
}

/** A device is attached to a hwpt (iommufd_hw_pagetable_attach). */
export interface DeviceAttached extends InContext {
  readonly type: 'DeviceAttached';
  readonly deviceId: number;
  readonly iommuGroupId: number;
  readonly hwptId: number;
  /** The PASID asked for; left out: none was, it is the RID. 0 is the RID as well. */
  readonly pasid?: number;
}

/** A device is no longer attached (iommufd_hw_pagetable_detach). */
export interface DeviceDetached extends InContext {
  readonly type: 'DeviceDetached';
  readonly deviceId: number;
  readonly iommuGroupId: number;
  readonly hwptId: number;
  /** The PASID that left it; left out: the RID did. */
  readonly pasid?: number;
}

/** A whole IOMMU group moved from one hwpt to another (iommufd_device_do_replace). */
export interface DeviceReplaced extends InContext {
  readonly type: 'DeviceReplaced';
  /** The device that asked. */
  readonly deviceId: number;
  readonly iommuGroupId: number;
  readonly oldHwptId: number;
  readonly hwptId: number;
  /** The PASID that moved; left out: the RID did. */
  readonly pasid?: number;
}

/** idev->iopf_enabled went up by one (iommufd_fault_iopf_enable). */
export interface IopfEnabled extends InContext {
  readonly type: 'IopfEnabled';
  readonly deviceId: number;
}

/** idev->iopf_enabled went down by one (iommufd_fault_iopf_disable). */
export interface IopfDisabled extends InContext {
  readonly type: 'IopfDisabled';
  readonly deviceId: number;
}

export type DeviceEvent =
  | DeviceBound
  | DeviceUnbound
  | DeviceAttached
  | DeviceDetached
  | DeviceReplaced
  | IopfEnabled
  | IopfDisabled;

export const DEVICE_EVENTS: EventEntries<DeviceEvent> = {
  DeviceBound: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A physical device became a DEVICE object of a context (iommufd_device_bind).',
    describe: event =>
      `device ${event.deviceId} bound in IOMMU group ${event.iommuGroupId}: physical device ${event.deviceNo}`,
    evolve: evolveDeviceBound,
  },
  DeviceUnbound: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'The DEVICE object is gone (iommufd_device_unbind).',
    describe: event =>
      `device ${event.deviceId} unbound from IOMMU group ${event.iommuGroupId}: physical device ${event.deviceNo}`,
    evolve: evolveDeviceUnbound,
  },
  DeviceAttached: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A device is attached to a hwpt (iommufd_hw_pagetable_attach).',
    describe: event =>
      `device ${event.deviceId} of IOMMU group ${event.iommuGroupId} attached to hwpt ${event.hwptId}${forPasid(event)}`,
    evolve: evolveDeviceAttached,
  },
  DeviceDetached: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A device is no longer attached (iommufd_hw_pagetable_detach).',
    describe: event =>
      `device ${event.deviceId} of IOMMU group ${event.iommuGroupId} detached from hwpt ${event.hwptId}${forPasid(event)}`,
    evolve: evolveDeviceDetached,
  },
  DeviceReplaced: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A whole IOMMU group moved from one hwpt to another (iommufd_device_do_replace).',
    describe: event =>
      `IOMMU group ${event.iommuGroupId} moved from hwpt ${event.oldHwptId} to hwpt ${event.hwptId}${forPasid(event)}`,
    evolve: evolveDeviceReplaced,
  },
  IopfEnabled: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: "A device's count of IOPF users went up by one (iommufd_fault_iopf_enable).",
    describe: event => `device ${event.deviceId}: one more user of IOPF`,
    evolve(state, event) {
      deviceOf(contextOf(state, event.contextId), event.deviceId).iopfEnabled++;
    },
  },
  IopfDisabled: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: "A device's count of IOPF users went down by one (iommufd_fault_iopf_disable).",
    describe: event => `device ${event.deviceId}: one user of IOPF less`,
    evolve(state, event) {
      deviceOf(contextOf(state, event.contextId), event.deviceId).iopfEnabled--;
    },
  },
};

function forPasid({ pasid }: { readonly pasid?: number }): string {
  return pasid === undefined ? '' : ` for PASID ${pasid}`;
}

function evolveDeviceBound(state: MachineState, event: DeviceBound): void {
  const context = contextOf(state, event.contextId);
  addObject(context, {
    type: 'DEVICE',
    id: event.deviceId,
    deviceNo: event.deviceNo,
    iommuGroupId: event.iommuGroupId,
    bindNo: event.bindNo,
    attached: false,
    attachedAsPasid: false,
    pasids: new Map(),
    iopfEnabled: 0,
  });
  state.nextBindNo = event.bindNo + 1;
  groupOf(state, event.iommuGroupId).boundDeviceIds.add(event.deviceId);
  physicalDeviceOf(state, event.deviceNo).binding = {
    contextId: event.contextId,
    deviceId: event.deviceId,
  };
  if (event.holdsFile) context.fileHolders.add(event.deviceId);
}

function evolveDeviceUnbound(state: MachineState, event: DeviceUnbound): void {
  const context = contextOf(state, event.contextId);
  evolveObjectGone(context, event.deviceId);
  context.fileHolders.delete(event.deviceId);
  const group = groupOf(state, event.iommuGroupId);
  group.boundDeviceIds.delete(event.deviceId);
  physicalDeviceOf(state, event.deviceNo).binding = null;
  for (const { attachHandleId } of [group, ...group.pasids.values()]) {
    const handle = state.attachHandles.get(attachHandleId ?? 0);
    if (handle?.deviceId === event.deviceId) handle.deviceGoneSeq ??= state.seq;
  }
}

function evolveDeviceAttached(state: MachineState, event: DeviceAttached): void {
  const { contextId, deviceId, hwptId, pasid } = event;
  const context = contextOf(state, contextId);
  const group = groupOf(state, event.iommuGroupId);
  const attachment = attachmentOf(group, pasid ?? IOMMU_NO_PASID);
  attachment.hwptId = hwptId;
  attachment.attachedDeviceIds.push(deviceId);
  const device = deviceOf(context, deviceId);
  if (attachment === group) {
    device.attached = true;
    device.attachedAsPasid = pasid !== undefined;
    hwptOf(context, hwptId).attachedDeviceIds.add(deviceId);
  } else {
    device.pasids.set(pasid!, hwptId);
    countPasid(hwptOf(context, hwptId), deviceId, 1);
  }
}

function evolveDeviceDetached(state: MachineState, event: DeviceDetached): void {
  const { contextId, deviceId, hwptId, pasid } = event;
  const context = contextOf(state, contextId);
  const group = groupOf(state, event.iommuGroupId);
  const attachment = attachmentOf(group, pasid ?? IOMMU_NO_PASID);
  const index = attachment.attachedDeviceIds.indexOf(deviceId);
  assert(index !== -1, `device ${deviceId} is attached`);
  attachment.attachedDeviceIds.splice(index, 1);
  const device = deviceOf(context, deviceId);
  const last = attachment.attachedDeviceIds.length === 0;
  if (attachment === group) {
    if (last) group.hwptId = null;
    device.attached = false;
    device.attachedAsPasid = false;
    hwptOf(context, hwptId).attachedDeviceIds.delete(deviceId);
  } else {
    if (last) group.pasids.delete(pasid!);
    device.pasids.delete(pasid!);
    countPasid(hwptOf(context, hwptId), deviceId, -1);
  }
}

function evolveDeviceReplaced(state: MachineState, event: DeviceReplaced): void {
  const { hwptId, pasid } = event;
  const context = contextOf(state, event.contextId);
  const group = groupOf(state, event.iommuGroupId);
  const attachment = attachmentOf(group, pasid ?? IOMMU_NO_PASID);
  const oldHwpt = hwptOf(context, event.oldHwptId);
  const newHwpt = hwptOf(context, hwptId);
  for (const deviceId of attachment.attachedDeviceIds) {
    if (attachment === group) {
      oldHwpt.attachedDeviceIds.delete(deviceId);
      newHwpt.attachedDeviceIds.add(deviceId);
    } else {
      deviceOf(context, deviceId).pasids.set(pasid!, hwptId);
      countPasid(oldHwpt, deviceId, -1);
      countPasid(newHwpt, deviceId, 1);
    }
  }
  attachment.hwptId = hwptId;
}

/** One PASID more or less by which a device is attached to a hwpt. */
function countPasid({ pasidDevices }: Hwpt, deviceId: number, step: 1 | -1): void {
  const count = (pasidDevices.get(deviceId) ?? 0) + step;
  if (count === 0) pasidDevices.delete(deviceId);
  else pasidDevices.set(deviceId, count);
}
