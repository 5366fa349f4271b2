/** Events of IOMMU groups: DMA ownership, domains, attach handles (drivers/iommu/iommu.c). */
import type { EventEntries, InContext } from '../machine/event-entry.ts';
import { contextOf, deviceOf, faultQueueOf, groupOf, iopfGroupOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import { plant } from './planted.ts';

/** A new IOMMU group exists, on its default domain (iommu_group_alloc). */
export interface IommuGroupCreated {
  readonly type: 'IommuGroupCreated';
  readonly iommuGroupId: number;
}

/** An IOMMU group lost its last device (iommu_group_release). */
export interface IommuGroupRemoved {
  readonly type: 'IommuGroupRemoved';
  readonly iommuGroupId: number;
}

/** The context owns DMA of the group; the group blocks (iommu_device_claim_dma_owner). */
export interface DmaOwnershipClaimed extends InContext {
  readonly type: 'DmaOwnershipClaimed';
  readonly iommuGroupId: number;
}

/** Nobody owns DMA of the group; it is back on its default domain. */
export interface DmaOwnershipReleased extends InContext {
  readonly type: 'DmaOwnershipReleased';
  readonly iommuGroupId: number;
}

/** The hardware of a group was switched to a hwpt's domain. */
export interface DomainAttached extends InContext {
  readonly type: 'DomainAttached';
  readonly iommuGroupId: number;
  readonly hwptId: number;
}

/** The hardware of a group was switched to the blocking domain (iommu_detach_group_handle). */
export interface DomainDetached extends InContext {
  readonly type: 'DomainDetached';
  readonly iommuGroupId: number;
  readonly hwptId: number;
}

/** An attach handle was stored for a group's RID (iommu_attach_group_handle). */
export interface AttachHandleStored extends InContext {
  readonly type: 'AttachHandleStored';
  readonly attachHandleId: number;
  readonly iommuGroupId: number;
  readonly hwptId: number;
  readonly deviceId: number;
}

/** The group's stored attach handle was erased; new page requests find none. */
export interface AttachHandleErased {
  readonly type: 'AttachHandleErased';
  readonly attachHandleId: number;
  readonly iommuGroupId: number;
}

/** The attach handle's memory was freed. */
export interface AttachHandleFreed {
  readonly type: 'AttachHandleFreed';
  readonly attachHandleId: number;
}

export type GroupEvent =
  | IommuGroupCreated
  | IommuGroupRemoved
  | DmaOwnershipClaimed
  | DmaOwnershipReleased
  | DomainAttached
  | DomainDetached
  | AttachHandleStored
  | AttachHandleErased
  | AttachHandleFreed;

export const GROUP_EVENTS: EventEntries<GroupEvent> = {
  IommuGroupCreated: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: 'A new IOMMU group exists, on its default domain (iommu_group_alloc).',
    describe: event => `IOMMU group ${event.iommuGroupId} created, on its default domain`,
    evolve: evolveIommuGroupCreated,
  },
  IommuGroupRemoved: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: 'An IOMMU group lost its last device (iommu_group_release).',
    describe: event => `IOMMU group ${event.iommuGroupId} removed with its last device`,
    evolve(state, event) {
      state.iommuGroups.delete(event.iommuGroupId);
    },
  },
  DmaOwnershipClaimed: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: 'A context owns DMA of the group; the group blocks (iommu_device_claim_dma_owner).',
    describe: event =>
      `context ${event.contextId} owns DMA of IOMMU group ${event.iommuGroupId}, which now blocks`,
    evolve(state, event) {
      const group = groupOf(state, event.iommuGroupId);
      group.ownerContextId = event.contextId;
      group.domain = { kind: 'BLOCKING' };
    },
  },
  DmaOwnershipReleased: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence:
      'Nobody owns DMA of the group; it is back on its default domain (iommu_device_release_dma_owner).',
    describe: event => `IOMMU group ${event.iommuGroupId} is back on its default domain`,
    evolve(state, event) {
      const group = groupOf(state, event.iommuGroupId);
      group.ownerContextId = null;
      group.domain = { kind: 'DEFAULT' };
      group.swMsiStart = null;
    },
  },
  DomainAttached: {
    version: 1,
    layer: 'HARDWARE',
    sentence: "The hardware of a group was switched to a hwpt's domain.",
    describe: event => `IOMMU group ${event.iommuGroupId} translates through hwpt ${event.hwptId}`,
    evolve(state, event) {
      groupOf(state, event.iommuGroupId).domain = {
        kind: 'HWPT',
        contextId: event.contextId,
        hwptId: event.hwptId,
      };
    },
  },
  DomainDetached: {
    version: 1,
    layer: 'HARDWARE',
    sentence:
      'The hardware of a group was switched to the blocking domain (iommu_detach_group_handle).',
    describe: event =>
      `IOMMU group ${event.iommuGroupId} blocks all DMA, hwpt ${event.hwptId} is left`,
    evolve(state, event) {
      groupOf(state, event.iommuGroupId).domain = { kind: 'BLOCKING' };
    },
  },
  AttachHandleStored: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence:
      "An attach handle was stored for a group's RID (iommu_attach_group_handle, iommu_replace_group_handle).",
    describe: event =>
      `attach handle ${event.attachHandleId} stored: IOMMU group ${event.iommuGroupId} to hwpt ${event.hwptId} for device ${event.deviceId}`,
    evolve: evolveAttachHandleStored,
  },
  AttachHandleErased: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: "A group's stored attach handle was erased; new page requests find none.",
    describe: event =>
      `attach handle ${event.attachHandleId} erased from IOMMU group ${event.iommuGroupId}`,
    evolve(state, event) {
      groupOf(state, event.iommuGroupId).attachHandleId = null;
    },
  },
  AttachHandleFreed: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: "An attach handle's memory was freed.",
    describe: event => `attach handle ${event.attachHandleId} freed`,
    evolve: evolveAttachHandleFreed,
  },
};

/** Groups and requests that came through a handle point at freed memory from now on. */
function evolveAttachHandleFreed(state: MachineState, { attachHandleId }: AttachHandleFreed): void {
  const handle = state.attachHandles.get(attachHandleId);
  state.attachHandles.delete(attachHandleId);
  for (const request of state.inFlight.values()) {
    if (request.attachHandleId === attachHandleId) request.handleFreedSeq = state.seq;
  }
  if (handle === undefined) return;
  const context = contextOf(state, handle.contextId);
  const hwpt = context.objects.get(handle.hwptId);
  if (hwpt === undefined || !('faultId' in hwpt) || hwpt.faultId === null) return;
  const { deliver, awaitingResponse } = faultQueueOf(context, hwpt.faultId);
  for (const iopfGroupId of [...deliver, ...awaitingResponse.values()]) {
    const group = iopfGroupOf(state, iopfGroupId);
    if (group.attachHandleId === attachHandleId) plant(state, group, 'handle');
  }
}

function evolveAttachHandleStored(state: MachineState, event: AttachHandleStored): void {
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

function evolveIommuGroupCreated(state: MachineState, event: IommuGroupCreated): void {
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
