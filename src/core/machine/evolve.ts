/**
 * evolve(state, event): the only code that changes a machine's state: live, on replay, in the past.
 * It never refuses and never re-checks what execute checked; a broken invariant throws.
 */
import { HAZARDS_LISTED_MAX } from '../../abi/limits.ts';
import { MOCK_FLAGS_DEVICE_VIRTFN, MOCK_NESTED_DOMAIN_IOTLB_NUM } from '../../abi/uapi.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import {
  dropPartial,
  evolveAttachHandleFreed,
  evolveFaultQueueGone,
  evolveIopfFeature,
  evolveIopfGroupAnswered,
  evolveIopfGroupFlushed,
  evolveIopfGroupQueued,
  evolveIopfGroupRead,
  evolvePageRequestCollected,
  evolvePageRequestInFlight,
  evolveUnansweredDeviceGone,
} from '../iommu/evolve-iopf.ts';
import {
  addReserved,
  evolveAccessIoasChanged,
  evolveAccessPages,
  evolveAreaMapped,
  evolveAreaUnmapped,
  evolveDirty,
  evolveDomain,
  evolveUserMemoryFilled,
  setReserved,
} from '../iommufd/ioas/evolve-ioas.ts';
import type { IommufdContext, IommufdObject } from '../iommufd/state.ts';
import { Coverage } from '../memory/coverage.ts';
import { RangeMap } from '../memory/range-map.ts';
import { newWrittenMemory } from '../memory/written-memory.ts';
import { assert, assertNever } from './assert.ts';
import { Fifo, IdAllocator } from './collections.ts';
import type { Event, EventOf } from './event.ts';
import {
  contextOf,
  deviceOf,
  faultQueueOf,
  groupOf,
  hwptOf,
  ioasOf,
  objectOf,
  physicalDeviceOf,
} from './lookup.ts';
import { ReusedKeyMap, ReusedKeySet } from './reused-keys.ts';
import type { MachineState } from './state.ts';

/** Applies one event in place and counts it. */
export function evolve(state: MachineState, event: Event): void {
  state.seq++;
  switch (event.type) {
    case 'MachineCreated':
    case 'KernelReplaced':
      state.baseline = event.baseline;
      state.policies = event.policies;
      return;
    case 'IommuGroupCreated':
      return evolveIommuGroupCreated(state, event);
    case 'IommuGroupRemoved':
      state.iommuGroups.delete(event.iommuGroupId);
      return;
    case 'PciDeviceAdded':
      return evolvePciDeviceAdded(state, event);
    case 'MockDeviceAdded':
      return evolveMockDeviceAdded(state, event);
    case 'PhysicalDeviceRemoved':
      return evolvePhysicalDeviceRemoved(state, event);
    case 'ContextOpened':
      return evolveContextOpened(state, event);
    case 'ContextFileClosed':
      contextOf(state, event.contextId).fileOpen = false;
      return;
    case 'ContextReleased':
      state.contexts.delete(event.contextId);
      return;
    case 'ObjectReserved':
      contextOf(state, event.contextId).ids.take(event.id);
      return;
    case 'ObjectAborted':
    case 'ObjectDestroyed':
      if (event.objectType === 'FAULT') evolveFaultQueueGone(state, event.contextId, event.id);
      return evolveObjectGone(contextOf(state, event.contextId), event.id);
    case 'IoasAllocated':
      addObject(contextOf(state, event.contextId), {
        type: 'IOAS',
        id: event.ioasId,
        hwptIds: new ReusedKeySet(),
        autoHwptIds: new ReusedKeySet(),
        reserved: new ReusedKeyMap(),
        reservedRanges: new Coverage(),
        ownerless: new Coverage(),
        areas: new RangeMap(),
        misaligned: { by2048: 0, by4096: 0 },
        absentAreas: 0,
        allowed: [],
        largePages: true,
        domainPageSizes: new Map(),
        accessIds: new ReusedKeySet(),
        pinningAccesses: 0,
        dirtyHwptIds: new Set(),
      });
      return;
    case 'HwptPagingAllocated':
      return evolveHwptPagingAllocated(state, event);
    case 'DomainAdded':
    case 'DomainRemoved':
      return evolveDomain(state, event);
    case 'AreaMapped':
      return evolveAreaMapped(state, event);
    case 'AreaUnmapped':
      return evolveAreaUnmapped(state, event);
    case 'AllowedIovasSet':
      ioasOf(contextOf(state, event.contextId), event.ioasId).allowed = event.allowed;
      return;
    case 'ReservedRangeAdded':
      return addReserved(ioasOf(contextOf(state, event.contextId), event.ioasId), event);
    case 'LargePagesSet':
      ioasOf(contextOf(state, event.contextId), event.ioasId).largePages = event.enabled;
      return;
    case 'RlimitModeSet':
      contextOf(state, event.contextId).rlimitMode = event.mode;
      return;
    case 'VfioIoasSet':
      contextOf(state, event.contextId).vfioIoasId = event.ioasId;
      return;
    case 'DirtyTrackingSet':
      objectOf(contextOf(state, event.contextId), event.hwptId, 'HWPT_PAGING').dirtyTracking =
        event.enabled;
      return;
    case 'PagesDirtied':
    case 'PagesCleaned':
      return evolveDirty(state, event);
    case 'AccessCreated': {
      const context = contextOf(state, event.contextId);
      addObject(context, {
        type: 'ACCESS',
        id: event.accessId,
        needsPinPages: event.needsPinPages,
        ioasId: null,
        items: new Map(),
        nextItemId: 0,
      });
      context.fileHolders.add(event.accessId);
      return;
    }
    case 'AccessIoasChanged':
      return evolveAccessIoasChanged(state, event);
    case 'AccessPagesPinned':
    case 'AccessPagesUnpinned':
      return evolveAccessPages(state, event);
    case 'UserMemoryFilled':
      return evolveUserMemoryFilled(state, event);
    case 'HwptNestedAllocated':
      return evolveHwptNestedAllocated(state, event);
    case 'HwptFaultQueueAssigned': {
      const context = contextOf(state, event.contextId);
      hwptOf(context, event.hwptId).faultId = event.faultId;
      faultQueueOf(context, event.faultId).hwptIds.add(event.hwptId);
      return;
    }
    case 'MsiCookieCreated':
      objectOf(contextOf(state, event.contextId), event.hwptId, 'HWPT_PAGING').msiCookie = true;
      return;
    case 'MockIotlbInvalidated': {
      const context = contextOf(state, event.contextId);
      const { iotlb } = objectOf(context, event.hwptId, 'HWPT_NESTED');
      if (event.iotlbId === null) iotlb.fill(0);
      else iotlb[event.iotlbId] = 0;
      return;
    }
    case 'DmaOwnershipClaimed': {
      const group = groupOf(state, event.iommuGroupId);
      group.ownerContextId = event.contextId;
      group.domain = { kind: 'BLOCKING' };
      return;
    }
    case 'DmaOwnershipReleased': {
      const group = groupOf(state, event.iommuGroupId);
      group.ownerContextId = null;
      group.domain = { kind: 'DEFAULT' };
      group.swMsiStart = null;
      return;
    }
    case 'DeviceBound':
      return evolveDeviceBound(state, event);
    case 'DeviceUnbound':
      return evolveDeviceUnbound(state, event);
    case 'SelftestDeviceFinalized':
      contextOf(state, event.contextId).objects.set(event.stdevId, {
        type: 'SELFTEST',
        id: event.stdevId,
        deviceNo: event.deviceNo,
        deviceId: event.deviceId,
      });
      return;
    case 'ReservedRegionsEnforced': {
      const context = contextOf(state, event.contextId);
      setReserved(ioasOf(context, event.ioasId), `device:${event.deviceId}`, event.reserved);
      if (event.swMsiStart !== null) {
        groupOf(state, deviceOf(context, event.deviceId).iommuGroupId).swMsiStart =
          event.swMsiStart;
      }
      return;
    }
    case 'ReservedRegionsRemoved':
      setReserved(
        ioasOf(contextOf(state, event.contextId), event.ioasId),
        `device:${event.deviceId}`,
        [],
      );
      return;
    case 'IopfEnabled':
      deviceOf(contextOf(state, event.contextId), event.deviceId).iopfEnabled++;
      return;
    case 'IopfDisabled':
      deviceOf(contextOf(state, event.contextId), event.deviceId).iopfEnabled--;
      return;
    case 'IopfFeatureEnabled':
    case 'IopfFeatureDisabled':
      return evolveIopfFeature(state, event);
    case 'AttachHandleStored':
      return evolveAttachHandleStored(state, event);
    case 'AttachHandleErased':
      groupOf(state, event.iommuGroupId).attachHandleId = null;
      return;
    case 'AttachHandleFreed':
      return evolveAttachHandleFreed(state, event);
    case 'DomainAttached':
      groupOf(state, event.iommuGroupId).domain = {
        kind: 'HWPT',
        contextId: event.contextId,
        hwptId: event.hwptId,
      };
      return;
    case 'DomainDetached':
      groupOf(state, event.iommuGroupId).domain = { kind: 'BLOCKING' };
      return;
    case 'DeviceAttached':
      return evolveDeviceAttached(state, event);
    case 'DeviceDetached':
      return evolveDeviceDetached(state, event);
    case 'DeviceReplaced':
      return evolveDeviceReplaced(state, event);
    case 'FaultQueueAllocated':
      return evolveFaultQueueAllocated(state, event);
    case 'FaultFileClosed': {
      const context = contextOf(state, event.contextId);
      const queue = faultQueueOf(context, event.faultId);
      queue.fileOpen = false;
      queue.fileClosedSeq = state.seq;
      context.fileHolders.delete(event.faultId);
      return;
    }
    case 'PageRequestCollected':
      return evolvePageRequestCollected(state, event);
    case 'PartialRequestsDropped':
      dropPartial(physicalDeviceOf(state, event.deviceNo), event.grpid);
      return;
    case 'IopfGroupQueued':
      return evolveIopfGroupQueued(state, event);
    case 'IopfGroupRead':
      return evolveIopfGroupRead(state, event);
    case 'PageResponseWritten':
    case 'IopfGroupAutoResponded':
      return evolveIopfGroupAnswered(state, event);
    case 'HazardRecorded':
      state.hazardCount++;
      if (state.hazards.length === HAZARDS_LISTED_MAX) state.hazards.shift();
      state.hazards.push({
        name: event.name,
        function: event.function,
        detail: event.detail,
        objects: event.objects,
        plantedSeq: event.plantedSeq,
        seq: state.seq,
      });
      return;
    case 'PageRequestInFlight':
      return evolvePageRequestInFlight(state, event);
    case 'PageRequestLanded':
      state.inFlight.delete(event.inFlightId);
      return;
    case 'IopfGroupFlushed':
      return evolveIopfGroupFlushed(state, event);
    case 'IopfGroupLost':
      return evolveIopfGroupAnswered(state, event);
    case 'DriverIopfCounted':
      physicalDeviceOf(state, event.deviceNo).iopfRefcount += event.step;
      return;
    case 'VpriFailed':
      physicalDeviceOf(state, event.deviceNo).vpriFailed = true;
      return;
    case 'VpriReset': {
      const device = physicalDeviceOf(state, event.deviceNo);
      device.vpriFailed = false;
      device.partial = [];
      return;
    }
    // What these say happened outside the state: in the hardware, or on its way to it.
    case 'StageOneInvalidated':
    case 'PageRequestReported':
    case 'PageResponseSent':
      return;
    default:
      return assertNever(event);
  }
}

/** Puts an object into the table; its id may have been reserved before. */
function addObject(context: IommufdContext, object: IommufdObject): void {
  context.ids.take(object.id);
  context.objects.set(object.id, object);
}

function evolveIommuGroupCreated(state: MachineState, event: EventOf<'IommuGroupCreated'>): void {
  state.nextIommuGroupId = event.iommuGroupId + 1;
  state.iommuGroups.set(event.iommuGroupId, {
    iommuGroupId: event.iommuGroupId,
    deviceNos: [],
    domain: { kind: 'DEFAULT' },
    attachHandleId: null,
    ownerContextId: null,
    boundDeviceIds: new Set(),
    hwptId: null,
    attachedDeviceIds: [],
    swMsiStart: null,
  });
}

function addPhysicalDevice(state: MachineState, device: PhysicalDevice): void {
  state.nextDeviceNo = device.deviceNo + 1;
  state.physicalDevices.set(device.deviceNo, device);
  groupOf(state, device.iommuGroupId).deviceNos.push(device.deviceNo);
}

function evolvePciDeviceAdded(state: MachineState, event: EventOf<'PciDeviceAdded'>): void {
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
  });
  state.bdfs.set(spec.bdf, event.deviceNo);
}

function evolveMockDeviceAdded(state: MachineState, event: EventOf<'MockDeviceAdded'>): void {
  addPhysicalDevice(state, {
    kind: 'MOCK',
    deviceNo: event.deviceNo,
    iommuGroupId: event.iommuGroupId,
    mockDev: event.mockDev,
    devFlags: event.devFlags,
    virtfn: (event.devFlags & MOCK_FLAGS_DEVICE_VIRTFN) !== 0,
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

function evolvePhysicalDeviceRemoved(
  state: MachineState,
  event: EventOf<'PhysicalDeviceRemoved'>,
): void {
  const device = physicalDeviceOf(state, event.deviceNo);
  evolveUnansweredDeviceGone(state, device);
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

function evolveContextOpened(state: MachineState, event: EventOf<'ContextOpened'>): void {
  state.nextContextId = event.contextId + 1;
  state.contexts.set(event.contextId, {
    contextId: event.contextId,
    fileOpen: true,
    ids: new IdAllocator(1),
    objects: new ReusedKeyMap(),
    fileHolders: new Set(),
    process: event.process,
    written: newWrittenMemory(),
    pages: new Map(),
    nextPagesId: 1,
    rlimitMode: 0,
    lockedPages: 0n,
    vfioIoasId: null,
  });
}

/** Frees an id and the references its object held on others. */
function evolveObjectGone(context: IommufdContext, id: number): void {
  const object = context.objects.get(id);
  context.objects.delete(id);
  context.ids.release(id);
  if (object === undefined) return;
  switch (object.type) {
    case 'HWPT_PAGING': {
      const ioas = ioasOf(context, object.ioasId);
      ioas.hwptIds.delete(id);
      ioas.autoHwptIds.delete(id);
      ioas.dirtyHwptIds.delete(id);
      break;
    }
    case 'HWPT_NESTED':
      objectOf(context, object.parentId, 'HWPT_PAGING').childIds.delete(id);
      break;
    case 'ACCESS':
      context.fileHolders.delete(id);
      return;
    case 'IOAS':
      if (context.vfioIoasId === id) context.vfioIoasId = null;
      return;
    case 'FAULT':
    case 'SELFTEST':
    case 'DEVICE':
      return;
    default:
      assertNever(object);
  }
  if (object.faultId !== null) faultQueueOf(context, object.faultId).hwptIds.delete(id);
}

function evolveHwptPagingAllocated(
  state: MachineState,
  event: EventOf<'HwptPagingAllocated'>,
): void {
  const context = contextOf(state, event.contextId);
  addObject(context, {
    type: 'HWPT_PAGING',
    id: event.hwptId,
    ioasId: event.ioasId,
    nestParent: event.nestParent,
    pasid: event.pasid,
    auto: event.auto,
    domain: event.domain,
    faultId: null,
    msiCookie: false,
    dirtyTracking: false,
    dirtySlots: new ReusedKeyMap(),
    childIds: new Set(),
    attachedDeviceIds: new Set(),
  });
  const ioas = ioasOf(context, event.ioasId);
  ioas.hwptIds.add(event.hwptId);
  if (event.auto) ioas.autoHwptIds.add(event.hwptId);
}

function evolveHwptNestedAllocated(
  state: MachineState,
  event: EventOf<'HwptNestedAllocated'>,
): void {
  const context = contextOf(state, event.contextId);
  const { userData } = event;
  addObject(context, {
    type: 'HWPT_NESTED',
    id: event.hwptId,
    parentId: event.parentId,
    driver: event.driver,
    pasid: event.pasid,
    userData,
    iotlb:
      userData.kind === 'SELFTEST'
        ? new Array<number>(MOCK_NESTED_DOMAIN_IOTLB_NUM).fill(userData.iotlb)
        : [],
    faultId: null,
    attachedDeviceIds: new Set(),
  });
  objectOf(context, event.parentId, 'HWPT_PAGING').childIds.add(event.hwptId);
}

function evolveDeviceBound(state: MachineState, event: EventOf<'DeviceBound'>): void {
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

function evolveDeviceUnbound(state: MachineState, event: EventOf<'DeviceUnbound'>): void {
  const context = contextOf(state, event.contextId);
  evolveObjectGone(context, event.deviceId);
  context.fileHolders.delete(event.deviceId);
  const group = groupOf(state, event.iommuGroupId);
  group.boundDeviceIds.delete(event.deviceId);
  physicalDeviceOf(state, event.deviceNo).binding = null;
  const handle = state.attachHandles.get(group.attachHandleId ?? 0);
  if (handle?.deviceId === event.deviceId) handle.deviceGoneSeq ??= state.seq;
}

function evolveAttachHandleStored(state: MachineState, event: EventOf<'AttachHandleStored'>): void {
  const { bindNo } = deviceOf(contextOf(state, event.contextId), event.deviceId);
  state.nextAttachHandleId = event.attachHandleId + 1;
  state.attachHandles.set(event.attachHandleId, {
    attachHandleId: event.attachHandleId,
    iommuGroupId: event.iommuGroupId,
    contextId: event.contextId,
    hwptId: event.hwptId,
    deviceId: event.deviceId,
    bindNo,
    storedSeq: state.seq,
    deviceGoneSeq: null,
  });
  groupOf(state, event.iommuGroupId).attachHandleId = event.attachHandleId;
}

function evolveDeviceAttached(state: MachineState, event: EventOf<'DeviceAttached'>): void {
  const context = contextOf(state, event.contextId);
  const group = groupOf(state, event.iommuGroupId);
  group.hwptId = event.hwptId;
  group.attachedDeviceIds.push(event.deviceId);
  deviceOf(context, event.deviceId).attached = true;
  hwptOf(context, event.hwptId).attachedDeviceIds.add(event.deviceId);
}

function evolveDeviceDetached(state: MachineState, event: EventOf<'DeviceDetached'>): void {
  const context = contextOf(state, event.contextId);
  const group = groupOf(state, event.iommuGroupId);
  const index = group.attachedDeviceIds.indexOf(event.deviceId);
  assert(index !== -1, `device ${event.deviceId} is attached`);
  group.attachedDeviceIds.splice(index, 1);
  if (group.attachedDeviceIds.length === 0) group.hwptId = null;
  deviceOf(context, event.deviceId).attached = false;
  hwptOf(context, event.hwptId).attachedDeviceIds.delete(event.deviceId);
}

function evolveDeviceReplaced(state: MachineState, event: EventOf<'DeviceReplaced'>): void {
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

function evolveFaultQueueAllocated(
  state: MachineState,
  event: EventOf<'FaultQueueAllocated'>,
): void {
  const context = contextOf(state, event.contextId);
  addObject(context, {
    type: 'FAULT',
    id: event.faultId,
    fileOpen: true,
    fileClosedSeq: null,
    deliver: new Fifo(),
    awaitingResponse: new Map(),
    cookies: new IdAllocator(1),
    hwptIds: new ReusedKeySet(),
  });
  context.fileHolders.add(event.faultId);
}
