/** Events of physical devices and the IOMMU in front of them. */
import { PRI_ALLOCATION_WANTED } from '../../abi/limits.ts';
import { MOCK_FLAGS_DEVICE_VIRTFN } from '../../abi/uapi.ts';
import { hex } from '../explain/words.ts';
import { evolveUnansweredDeviceGone } from '../iommu/planted.ts';
import { type EventEntries, type InContext, outsideTheState } from '../machine/event-entry.ts';
import { groupOf, mockName, physicalDeviceOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import { isModelled, type ModelledDevice, priOwnerOf } from './function/lookup.ts';
import { functionHardware } from './function/make.ts';
import { enablePri, forgetFunction, resetPri } from './pri/events.ts';
import type { PciDeviceSpec, PhysicalDevice } from './state.ts';

/** A PCI function joined its IOMMU group (iommu_probe_device). */
export interface PciDeviceAdded {
  readonly type: 'PciDeviceAdded';
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  readonly device: PciDeviceSpec;
}

/** A mock device was made and joined its IOMMU group (mock_dev_create). */
export interface MockDeviceAdded {
  readonly type: 'MockDeviceAdded';
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  readonly mockDev: number;
  readonly devFlags: number;
}

/** A PCI function or mock device is gone. */
export interface PhysicalDeviceRemoved {
  readonly type: 'PhysicalDeviceRemoved';
  readonly deviceNo: number;
}

/** The driver turned the IOPF feature on: the device is on an iopf queue, its PRI is enabled. */
export interface IopfFeatureEnabled {
  readonly type: 'IopfFeatureEnabled';
  readonly deviceNo: number;
}

/** The driver turned the IOPF feature off; collected partial requests are dropped unanswered. */
export interface IopfFeatureDisabled {
  readonly type: 'IopfFeatureDisabled';
  readonly deviceNo: number;
  readonly droppedPartialRequests: number;
}

/** The driver attached (1) or left (-1) a domain with a fault handler on a device. */
export interface DriverIopfCounted {
  readonly type: 'DriverIopfCounted';
  readonly deviceNo: number;
  readonly step: 1 | -1;
}

/** A virtual function's emulated PRI failed: delivery is held back until it is reset. */
export interface VpriFailed {
  readonly type: 'VpriFailed';
  readonly deviceNo: number;
}

/** The guest reset the emulated PRI of a virtual function, which forgets unfinished groups. */
export interface VpriReset {
  readonly type: 'VpriReset';
  readonly deviceNo: number;
}

/** The conforming IOMMU invalidated cached first-stage translations. */
export interface StageOneInvalidated extends InContext {
  readonly type: 'StageOneInvalidated';
  readonly hwptId: number;
  readonly addr: bigint;
  readonly npages: bigint;
  readonly leaf: boolean;
}

export type HardwareEvent =
  | PciDeviceAdded
  | MockDeviceAdded
  | PhysicalDeviceRemoved
  | IopfFeatureEnabled
  | IopfFeatureDisabled
  | DriverIopfCounted
  | VpriFailed
  | VpriReset
  | StageOneInvalidated;

export const HARDWARE_EVENTS: EventEntries<HardwareEvent> = {
  PciDeviceAdded: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A PCI function joined its IOMMU group (iommu_probe_device).',
    describe: event => `PCI function ${event.device.bdf} joined IOMMU group ${event.iommuGroupId}`,
    evolve: evolvePciDeviceAdded,
  },
  MockDeviceAdded: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A mock device was made and joined its IOMMU group (mock_dev_create).',
    describe: event => `${mockName(event.mockDev)} joined IOMMU group ${event.iommuGroupId}`,
    evolve: evolveMockDeviceAdded,
  },
  PhysicalDeviceRemoved: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A PCI function or mock device is gone.',
    describe: event => `physical device ${event.deviceNo} is gone`,
    evolve: evolvePhysicalDeviceRemoved,
  },
  IopfFeatureEnabled: {
    version: 1,
    layer: 'HARDWARE',
    sentence:
      'The driver turned the IOPF feature on: the device may send page requests (iommu_dev_enable_feature).',
    describe: event =>
      `IOPF feature ON for physical device ${event.deviceNo}: it may send page requests`,
    evolve: evolveIopfFeature,
  },
  IopfFeatureDisabled: {
    version: 1,
    layer: 'HARDWARE',
    sentence:
      'The driver turned the IOPF feature off; collected partial requests are dropped unanswered (iommu_dev_disable_feature).',
    describe: event => `IOPF feature OFF for physical device ${event.deviceNo}`,
    evolve: evolveIopfFeature,
  },
  DriverIopfCounted: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A driver attached or left a domain with a fault handler on a device (since 6.16).',
    describe: event =>
      `physical device ${event.deviceNo}: one domain with a fault handler ${event.step === 1 ? 'more' : 'less'}`,
    evolve(state, event) {
      physicalDeviceOf(state, event.deviceNo).iopfRefcount += event.step;
    },
  },
  VpriFailed: {
    version: 1,
    layer: 'IOMMUFD',
    sentence:
      'The emulated PRI of a virtual function failed: delivery is held back until it is reset.',
    describe: event => `physical device ${event.deviceNo}: emulated PRI failed, delivery held back`,
    evolve(state, event) {
      physicalDeviceOf(state, event.deviceNo).vpriFailed = true;
    },
  },
  VpriReset: {
    version: 1,
    layer: 'USER_SPACE',
    sentence:
      'The guest reset the emulated PRI of a virtual function, which forgets unfinished groups.',
    describe: event => `physical device ${event.deviceNo}: emulated PRI reset`,
    evolve(state, event) {
      const device = physicalDeviceOf(state, event.deviceNo);
      device.vpriFailed = false;
      device.partial = [];
    },
  },
  StageOneInvalidated: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'The IOMMU dropped cached first-stage translations of a nested hwpt.',
    describe: event => `hwpt ${event.hwptId}: cached translations from ${hex(event.addr)} dropped`,
    evolve: outsideTheState,
  },
};

/** The device joins the iopf queue, or leaves it with what it had collected. */
function evolveIopfFeature(
  state: MachineState,
  event: IopfFeatureEnabled | IopfFeatureDisabled,
): void {
  const device = physicalDeviceOf(state, event.deviceNo);
  device.iopfFeature = event.type === 'IopfFeatureEnabled';
  device.iopfFeatureSeq = device.iopfFeature ? state.seq : null;
  // Turning PRI on resets it (pci_reset_pri), an emulated one too.
  device.vpriFailed = false;
  if (isModelled(device)) evolveDriverPri(state, device, device.iopfFeature);
  if (device.iopfFeature) return;
  device.partial = [];
  device.lostGroups.clear();
  for (const request of state.inFlight.values()) {
    if (request.deviceNo === event.deviceNo) request.leftIopfQueueSeq ??= state.seq;
  }
}

/** The driver resets and enables PRI (pci_reset_pri, pci_enable_pri), or disables it. */
function evolveDriverPri(state: MachineState, device: ModelledDevice, on: boolean): void {
  const owner = priOwnerOf(state, device);
  const { pri } = owner.hardware;
  // Nobody but the physical function's driver touches the capability that its virtual ones share.
  if (pri === null || owner !== device) return;
  if (on) {
    resetPri(state, pri);
    enablePri(pri, Math.min(pri.capacity, PRI_ALLOCATION_WANTED));
    return;
  }
  // What the kernel had collected is gone with the iopf queue.
  pri.truncated.clear();
  pri.enabled = false;
  pri.stopped = pri.outstanding.size === 0;
}

function addPhysicalDevice(state: MachineState, device: PhysicalDevice): void {
  state.nextDeviceNo = device.deviceNo + 1;
  state.physicalDevices.set(device.deviceNo, device);
  groupOf(state, device.iommuGroupId).deviceNos.push(device.deviceNo);
}

function evolvePciDeviceAdded(state: MachineState, event: PciDeviceAdded): void {
  const { groupWith: _, ...spec } = event.device;
  addPhysicalDevice(state, {
    ...spec,
    kind: 'PCI',
    deviceNo: event.deviceNo,
    iommuGroupId: event.iommuGroupId,
    virtfn: spec.physfn !== null,
    iopfFeature: false,
    iopfFeatureSeq: null,
    partial: [],
    pendingGroupIds: new Set(),
    lostGroups: new Map(),
    unansweredGroups: 0,
    iopfRefcount: 0,
    vpriFailed: false,
    binding: null,
    hardware: functionHardware(event.device),
  });
  state.bdfs.set(spec.bdf, event.deviceNo);
}

function evolveMockDeviceAdded(state: MachineState, event: MockDeviceAdded): void {
  addPhysicalDevice(state, {
    kind: 'MOCK',
    deviceNo: event.deviceNo,
    iommuGroupId: event.iommuGroupId,
    mockDev: event.mockDev,
    devFlags: event.devFlags,
    virtfn: (event.devFlags & MOCK_FLAGS_DEVICE_VIRTFN) !== 0,
    pasidErrorArmed: false,
    iopfFeature: false,
    iopfFeatureSeq: null,
    partial: [],
    pendingGroupIds: new Set(),
    lostGroups: new Map(),
    unansweredGroups: 0,
    iopfRefcount: 0,
    vpriFailed: false,
    binding: null,
  });
  state.mockDevIds.take(event.mockDev);
  state.lastMockDeviceNo = event.deviceNo;
}

function evolvePhysicalDeviceRemoved(state: MachineState, event: PhysicalDeviceRemoved): void {
  const device = physicalDeviceOf(state, event.deviceNo);
  evolveUnansweredDeviceGone(state, device);
  if (isModelled(device)) forgetFunction(state, device);
  state.physicalDevices.delete(event.deviceNo);
  const { deviceNos } = groupOf(state, device.iommuGroupId);
  deviceNos.splice(deviceNos.indexOf(event.deviceNo), 1);
  if (device.kind === 'PCI') {
    state.bdfs.delete(device.bdf);
    return;
  }
  state.mockDevIds.release(device.mockDev);
  if (state.lastMockDeviceNo === event.deviceNo) state.lastMockDeviceNo = null;
}
