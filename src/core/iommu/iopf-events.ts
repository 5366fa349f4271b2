/** Events of the page-fault core (drivers/iommu/io-pgfault.c). */
import { describeRequest, hex, responseText } from '../explain/words.ts';
import { type EventEntries, outsideTheState } from '../machine/event-entry.ts';
import { iopfGroupOf, physicalDeviceOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import { dropPartial, plant } from './planted.ts';
import type { PageRequest } from './state.ts';

/** A page request reached the page-fault core (iommu_report_device_fault). */
export interface PageRequestReported {
  readonly type: 'PageRequestReported';
  readonly deviceNo: number;
  readonly request: PageRequest;
}

/** The request is not the last of its group and waits for it (report_partial_fault). */
export interface PageRequestCollected {
  readonly type: 'PageRequestCollected';
  readonly deviceNo: number;
  /** The handle it was looked up by. */
  readonly attachHandleId: number;
  readonly request: PageRequest;
}

/** Collected requests of a group were freed because the group could not be queued (ENOMEM). */
export interface PartialRequestsDropped {
  readonly type: 'PartialRequestsDropped';
  readonly deviceNo: number;
  readonly grpid: number;
}

/** A request found its handler and waits to be queued: other operations may come between. */
export interface PageRequestInFlight {
  readonly type: 'PageRequestInFlight';
  readonly inFlightId: number;
  readonly deviceNo: number;
  readonly request: PageRequest;
  readonly attachHandleId: number;
  readonly contextId: number;
  readonly faultId: number;
}

/** A request that was in flight went on to be collected or queued, or was flushed. */
export interface PageRequestLanded {
  readonly type: 'PageRequestLanded';
  readonly inFlightId: number;
}

/** A device left the iopf queue while groups of it waited: each was answered (iopf_queue_remove_device). */
export interface IopfGroupFlushed {
  readonly type: 'IopfGroupFlushed';
  readonly iopfGroupId: number;
  /** Its memory was freed although a fault queue still has it. */
  readonly freed: boolean;
}

/** A response left for the device (the driver's page_response). */
export interface PageResponseSent {
  readonly type: 'PageResponseSent';
  readonly deviceNo: number;
  /** null: no group was queued; the page-fault core answered by itself. */
  readonly iopfGroupId: number | null;
  readonly pasid: number;
  readonly grpid: number;
  /** 0 success, 1 invalid, 2 failure */
  readonly code: number;
  /** Of a function behind a modelled IOMMU: the response carries the PASID. */
  readonly withPasid?: true;
}

export type IopfEvent =
  | PageRequestReported
  | PageRequestCollected
  | PartialRequestsDropped
  | PageRequestInFlight
  | PageRequestLanded
  | IopfGroupFlushed
  | PageResponseSent;

const device = ({ deviceNo }: { readonly deviceNo: number }) => `physical device ${deviceNo}`;

export const IOPF_EVENTS: EventEntries<IopfEvent> = {
  PageRequestReported: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A page request reached the page-fault core (iommu_report_device_fault).',
    describe: event => `page request of ${device(event)}: ${describeRequest(event.request)}`,
    evolve: outsideTheState,
  },
  PageRequestCollected: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: 'A request is not the last of its group and waits for it (report_partial_fault).',
    describe: event =>
      `${device(event)}: the request for ${hex(event.request.addr)} waits for the last page of group index ${event.request.grpid}`,
    evolve: evolvePageRequestCollected,
  },
  PartialRequestsDropped: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: 'Collected requests of a group were freed because the group could not be queued.',
    describe: event => `${device(event)}: collected requests of group index ${event.grpid} dropped`,
    evolve(state, event) {
      dropPartial(physicalDeviceOf(state, event.deviceNo), event.grpid);
    },
  },
  PageRequestInFlight: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: 'A request found its handler and waits to be queued; others may come between.',
    describe: event =>
      `${device(event)}: the request for ${hex(event.request.addr)} is in flight (${event.inFlightId}), looked up for fault queue ${event.faultId} and not queued`,
    evolve: evolvePageRequestInFlight,
  },
  PageRequestLanded: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: 'A request that was in flight went on to be collected or queued.',
    describe: event => `the request in flight ${event.inFlightId} goes on`,
    evolve(state, event) {
      state.inFlight.delete(event.inFlightId);
    },
  },
  IopfGroupFlushed: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence:
      'A device left the iopf queue while a group of it waited: it was answered INVALID (iopf_queue_remove_device).',
    describe: event =>
      `iopf group ${event.iopfGroupId} answered because its device left the iopf queue`,
    evolve: evolveIopfGroupFlushed,
  },
  PageResponseSent: {
    version: 1,
    layer: 'HARDWARE',
    sentence: "A response left for the device (the driver's page_response).",
    describe: event =>
      `response to ${device(event)}: ${event.iopfGroupId === null ? '' : `iopf group ${event.iopfGroupId}, `}group index ${event.grpid} ${responseText(event.code)}`,
    evolve: outsideTheState,
  },
};

function evolvePageRequestCollected(state: MachineState, event: PageRequestCollected): void {
  physicalDeviceOf(state, event.deviceNo).partial.push({
    ...event.request,
    attachHandleId: event.attachHandleId,
    collectedSeq: state.seq,
  });
}

function evolvePageRequestInFlight(state: MachineState, event: PageRequestInFlight): void {
  const { type: _, ...request } = event;
  state.inFlight.set(event.inFlightId, {
    ...request,
    handleFreedSeq: null,
    queueGone: false,
    deviceGoneSeq: null,
    leftIopfQueueSeq: null,
  });
  state.nextInFlightId = event.inFlightId + 1;
}

function evolveIopfGroupFlushed(state: MachineState, event: IopfGroupFlushed): void {
  const group = iopfGroupOf(state, event.iopfGroupId);
  group.responded = true;
  group.freed = event.freed;
  state.physicalDevices.get(group.deviceNo)?.pendingGroupIds.delete(event.iopfGroupId);
  if (event.freed) plant(state, group, 'group');
}
