/** Events of bound devices: attach, detach, replace (drivers/iommu/iommufd/device.c). */
import { assert } from '../../machine/assert.ts';
import type { EventEntries, InContext } from '../../machine/event-entry.ts';
import { contextOf, deviceOf, groupOf, hwptOf, physicalDeviceOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { addObject, evolveObjectGone } from '../main/object-table.ts';

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
}

/** A device is no longer attached (iommufd_hw_pagetable_detach). */
export interface DeviceDetached extends InContext {
  readonly type: 'DeviceDetached';
  readonly deviceId: number;
  readonly iommuGroupId: number;
  readonly hwptId: number;
}

/** A whole IOMMU group moved from one hwpt to another (iommufd_device_do_replace). */
export interface DeviceReplaced extends InContext {
  readonly type: 'DeviceReplaced';
  /** The device that asked. */
  readonly deviceId: number;
  readonly iommuGroupId: number;
  readonly oldHwptId: number;
  readonly hwptId: number;
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
      `device ${event.deviceId} of IOMMU group ${event.iommuGroupId} attached to hwpt ${event.hwptId}`,
    evolve: evolveDeviceAttached,
  },
  DeviceDetached: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A device is no longer attached (iommufd_hw_pagetable_detach).',
    describe: event =>
      `device ${event.deviceId} of IOMMU group ${event.iommuGroupId} detached from hwpt ${event.hwptId}`,
    evolve: evolveDeviceDetached,
  },
  DeviceReplaced: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A whole IOMMU group moved from one hwpt to another (iommufd_device_do_replace).',
    describe: event =>
      `IOMMU group ${event.iommuGroupId} moved from hwpt ${event.oldHwptId} to hwpt ${event.hwptId}`,
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

function evolveDeviceBound(state: MachineState, event: DeviceBound): void {
  const context = contextOf(state, event.contextId);
  addObject(context, {
    type: 'DEVICE',
    id: event.deviceId,
    deviceNo: event.deviceNo,
    iommuGroupId: event.iommuGroupId,
    bindNo: event.bindNo,
    attached: false,
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
  const handle = state.attachHandles.get(group.attachHandleId ?? 0);
  if (handle?.deviceId === event.deviceId) handle.deviceGoneSeq ??= state.seq;
}

function evolveDeviceAttached(state: MachineState, event: DeviceAttached): void {
  const context = contextOf(state, event.contextId);
  const group = groupOf(state, event.iommuGroupId);
  group.hwptId = event.hwptId;
  group.attachedDeviceIds.push(event.deviceId);
  deviceOf(context, event.deviceId).attached = true;
  hwptOf(context, event.hwptId).attachedDeviceIds.add(event.deviceId);
}

function evolveDeviceDetached(state: MachineState, event: DeviceDetached): void {
  const context = contextOf(state, event.contextId);
  const group = groupOf(state, event.iommuGroupId);
  const index = group.attachedDeviceIds.indexOf(event.deviceId);
  assert(index !== -1, `device ${event.deviceId} is attached`);
  group.attachedDeviceIds.splice(index, 1);
  if (group.attachedDeviceIds.length === 0) group.hwptId = null;
  deviceOf(context, event.deviceId).attached = false;
  hwptOf(context, event.hwptId).attachedDeviceIds.delete(event.deviceId);
}

function evolveDeviceReplaced(state: MachineState, event: DeviceReplaced): void {
  const context = contextOf(state, event.contextId);
  const group = groupOf(state, event.iommuGroupId);
  const oldHwpt = hwptOf(context, event.oldHwptId);
  const newHwpt = hwptOf(context, event.hwptId);
  for (const deviceId of group.attachedDeviceIds) {
    oldHwpt.attachedDeviceIds.delete(deviceId);
    newHwpt.attachedDeviceIds.add(deviceId);
  }
  group.hwptId = event.hwptId;
}
