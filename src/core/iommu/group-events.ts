/** Events of IOMMU groups: DMA ownership, domains, attach handles (drivers/iommu/iommu.c). */
import { IOMMU_NO_PASID } from '../../abi/uapi.ts';
import { must } from '../machine/assert.ts';
import type { EventEntries, InContext } from '../machine/event-entry.ts';
import {
  attachmentOf,
  contextOf,
  deviceOf,
  faultQueueOf,
  groupOf,
  iopfGroupOf,
} from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import { plant } from './planted.ts';
import type { Attachment, GroupDomain } from './state.ts';

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
  /** The PASID that was switched; left out: the RID. */
  readonly pasid?: number;
}

/** The hardware of a group was switched to the blocking domain (iommu_detach_group_handle). */
export interface DomainDetached extends InContext {
  readonly type: 'DomainDetached';
  readonly iommuGroupId: number;
  readonly hwptId: number;
  /** As of DomainAttached. */
  readonly pasid?: number;
}

/** An attach handle was stored for a group (iommu_attach_group_handle, iommu_attach_device_pasid). */
export interface AttachHandleStored extends InContext {
  readonly type: 'AttachHandleStored';
  readonly attachHandleId: number;
  readonly iommuGroupId: number;
  readonly hwptId: number;
  readonly deviceId: number;
  /** The PASID it is stored for; left out: the RID. */
  readonly pasid?: number;
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
    describe: event => `${groupName(event)} translates through hwpt ${event.hwptId}`,
    evolve: evolveDomainAttached,
  },
  DomainDetached: {
    version: 1,
    layer: 'HARDWARE',
    sentence:
      'The hardware of a group was switched to the blocking domain (iommu_detach_group_handle).',
    describe: event => `${groupName(event)} blocks all DMA, hwpt ${event.hwptId} is left`,
    evolve(state, event) {
      storedAttachment(state, event).domain = { kind: 'BLOCKING' };
    },
  },
  AttachHandleStored: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence:
      "An attach handle was stored for a group's RID or PASID (iommu_attach_group_handle, iommu_replace_group_handle, iommu_attach_device_pasid, iommu_replace_device_pasid).",
    describe: event =>
      `attach handle ${event.attachHandleId} stored: ${groupName(event)} to hwpt ${event.hwptId} for device ${event.deviceId}`,
    evolve: evolveAttachHandleStored,
  },
  AttachHandleErased: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: "A group's stored attach handle was erased; new page requests find none.",
    describe: event =>
      `attach handle ${event.attachHandleId} erased from IOMMU group ${event.iommuGroupId}`,
    evolve(state, { attachHandleId, iommuGroupId }) {
      const { pasid } = must(state.attachHandles.get(attachHandleId), 'a stored attach handle');
      attachmentOf(groupOf(state, iommuGroupId), pasid ?? IOMMU_NO_PASID).attachHandleId = null;
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

interface OfGroup {
  readonly iommuGroupId: number;
  readonly pasid?: number;
}

function groupName({ iommuGroupId, pasid }: OfGroup): string {
  const group = `IOMMU group ${iommuGroupId}`;
  return pasid === undefined ? group : `PASID ${pasid} of ${group}`;
}

/** The attachment that an event changes, which exists. */
function storedAttachment(state: MachineState, { iommuGroupId, pasid }: OfGroup): Attachment {
  const group = groupOf(state, iommuGroupId);
  return pasid === undefined ? group : must(group.pasids.get(pasid), `PASID ${pasid}`);
}

function evolveDomainAttached(state: MachineState, event: DomainAttached): void {
  const { contextId, iommuGroupId, hwptId, pasid } = event;
  const domain: GroupDomain = { kind: 'HWPT', contextId, hwptId };
  const { pasids } = groupOf(state, iommuGroupId);
  if (pasid !== undefined && !pasids.has(pasid)) {
    pasids.set(pasid, { domain, attachHandleId: null, hwptId: null, attachedDeviceIds: [] });
  }
  storedAttachment(state, event).domain = domain;
}

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
    pasid: event.pasid ?? null,
    contextId: event.contextId,
    hwptId: event.hwptId,
    deviceId: event.deviceId,
    bindNo,
    storedSeq: state.seq,
    deviceGoneSeq: null,
  });
  storedAttachment(state, event).attachHandleId = event.attachHandleId;
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
    pasids: new Map(),
    swMsiStart: null,
  });
}
