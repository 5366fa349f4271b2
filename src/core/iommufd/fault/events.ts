/** Events of fault queues (drivers/iommu/iommufd/fault.c). */
import { BEHAVIOUR } from '../../../abi/behaviour.ts';
import { IOMMUFD_PAGE_RESP_INVALID } from '../../../abi/uapi.ts';
import { Fifo, IdAllocator } from '../../collections/collections.ts';
import { ReusedKeySet } from '../../collections/reused-keys.ts';
import { count, pagesText, responseText } from '../../explain/words.ts';
import { dropPartial } from '../../iommu/planted.ts';
import type { FaultReader, PageRequest } from '../../iommu/state.ts';
import { must } from '../../machine/assert.ts';
import type { EventEntries, InContext } from '../../machine/event-entry.ts';
import { contextOf, faultQueueOf, iopfGroupOf, physicalDeviceOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { addObject } from '../main/object-table.ts';

/** A fault queue and its file exist (iommufd_fault_alloc). */
export interface FaultQueueAllocated extends InContext {
  readonly type: 'FaultQueueAllocated';
  readonly faultId: number;
}

/** A fault queue's file was closed; what it holds stays (iommufd_fault_fops_release). */
export interface FaultFileClosed extends InContext {
  readonly type: 'FaultFileClosed';
  readonly faultId: number;
}

/** The last request made its group whole; it waits in the fault queue (iommufd_fault_iopf_handler). */
export interface IopfGroupQueued extends InContext {
  readonly type: 'IopfGroupQueued';
  readonly faultId: number;
  readonly iopfGroupId: number;
  readonly attachHandleId: number;
  readonly deviceNo: number;
  /** dev_id the messages will carry: the device in the attach handle. */
  readonly deviceId: number;
  /** In the order they will be read, the last page last. */
  readonly requests: readonly PageRequest[];
}

/** A read took the group from the queue and gave it its cookie (iommufd_fault_fops_read). */
export interface IopfGroupRead extends InContext {
  readonly type: 'IopfGroupRead';
  readonly faultId: number;
  readonly iopfGroupId: number;
  readonly cookie: number;
  readonly reader: FaultReader;
}

/** User space answered a group it had read (iommufd_fault_fops_write). */
export interface PageResponseWritten extends InContext {
  readonly type: 'PageResponseWritten';
  readonly faultId: number;
  readonly iopfGroupId: number;
  readonly cookie: number;
  readonly code: number;
}

/** The kernel answered INVALID for user space: detach, replace or destroy took the group away. */
export interface IopfGroupAutoResponded extends InContext {
  readonly type: 'IopfGroupAutoResponded';
  readonly faultId: number;
  readonly iopfGroupId: number;
  /** null if the group had not been read. */
  readonly cookie: number | null;
}

/** A read into memory that is not there lost a group: out of the queue, never to be answered. */
export interface IopfGroupLost extends InContext {
  readonly type: 'IopfGroupLost';
  readonly faultId: number;
  readonly iopfGroupId: number;
}

export type FaultEvent =
  | FaultQueueAllocated
  | FaultFileClosed
  | IopfGroupQueued
  | IopfGroupRead
  | PageResponseWritten
  | IopfGroupAutoResponded
  | IopfGroupLost;

export const FAULT_EVENTS: EventEntries<FaultEvent> = {
  FaultQueueAllocated: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A fault queue and its file exist (iommufd_fault_alloc).',
    describe: event => `fault queue ${event.faultId} allocated, its file is open`,
    evolve: evolveFaultQueueAllocated,
  },
  FaultFileClosed: {
    version: 1,
    layer: 'USER_SPACE',
    sentence: "A fault queue's file was closed; what it holds stays (iommufd_fault_fops_release).",
    describe: event => `file of fault queue ${event.faultId} closed`,
    evolve(state, event) {
      const context = contextOf(state, event.contextId);
      const queue = faultQueueOf(context, event.faultId);
      queue.fileOpen = false;
      queue.fileClosedSeq = state.seq;
      context.fileHolders.delete(event.faultId);
    },
  },
  IopfGroupQueued: {
    version: 1,
    layer: 'IOMMUFD',
    sentence:
      'The last request made its group whole; it waits in the fault queue (iommufd_fault_iopf_handler).',
    describe: event =>
      `iopf group ${event.iopfGroupId} of physical device ${event.deviceNo} with ${count(event.requests.length, 'page request')} (${pagesText(event.requests)}) queued in fault queue ${event.faultId}`,
    evolve: evolveIopfGroupQueued,
  },
  IopfGroupRead: {
    version: 1,
    layer: 'USER_SPACE',
    sentence:
      'A read took a group from the queue and gave it its cookie (iommufd_fault_fops_read).',
    describe: event =>
      `iopf group ${event.iopfGroupId} read from fault queue ${event.faultId} with cookie ${event.cookie}`,
    evolve: evolveIopfGroupRead,
  },
  PageResponseWritten: {
    version: 1,
    layer: 'USER_SPACE',
    sentence: 'User space answered a group it had read (iommufd_fault_fops_write).',
    describe: event =>
      `user space answered cookie ${event.cookie} of fault queue ${event.faultId}, iopf group ${event.iopfGroupId}: ${responseText(event.code)}`,
    evolve: evolveIopfGroupAnswered,
  },
  IopfGroupAutoResponded: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'The kernel answered INVALID in place of user space (iommufd_auto_response_faults).',
    describe: event =>
      `the kernel took iopf group ${event.iopfGroupId} away from fault queue ${event.faultId} and answers ${responseText(IOMMUFD_PAGE_RESP_INVALID)}`,
    evolve: evolveIopfGroupAnswered,
  },
  IopfGroupLost: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A group is gone without an answer; its device waits.',
    describe: event => `iopf group ${event.iopfGroupId} of fault queue ${event.faultId} is lost`,
    evolve: evolveIopfGroupAnswered,
  },
};

function evolveIopfGroupQueued(state: MachineState, event: IopfGroupQueued): void {
  const device = physicalDeviceOf(state, event.deviceNo);
  if (event.requests.length > 1) dropPartial(device, event.requests[0]!.grpid);
  state.nextIopfGroupId = event.iopfGroupId + 1;
  state.iopfGroups.set(event.iopfGroupId, {
    iopfGroupId: event.iopfGroupId,
    contextId: event.contextId,
    faultId: event.faultId,
    attachHandleId: event.attachHandleId,
    deviceNo: event.deviceNo,
    deviceId: event.deviceId,
    requests: event.requests,
    queuedSeq: state.seq,
    freed: false,
    responded: false,
    cookie: null,
    reader: null,
    readSeq: null,
  });
  device.unansweredGroups++;
  // A device that left the iopf queue meanwhile has no list of pending groups.
  if (!BEHAVIOUR[state.baseline].groupDequeued && device.iopfFeature) {
    device.pendingGroupIds.add(event.iopfGroupId);
  }
  faultQueueOf(contextOf(state, event.contextId), event.faultId).deliver.push(event.iopfGroupId);
}

function evolveIopfGroupRead(state: MachineState, event: IopfGroupRead): void {
  const faultQueue = faultQueueOf(contextOf(state, event.contextId), event.faultId);
  faultQueue.deliver.remove(event.iopfGroupId);
  faultQueue.cookies.take(event.cookie);
  faultQueue.awaitingResponse.set(event.cookie, event.iopfGroupId);
  const group = iopfGroupOf(state, event.iopfGroupId);
  group.cookie = event.cookie;
  group.reader = event.reader;
  group.readSeq = state.seq;
}

/** The group left its fault queue: answered by user space or the kernel, or forgotten. */
function evolveIopfGroupAnswered(
  state: MachineState,
  event: PageResponseWritten | IopfGroupAutoResponded | IopfGroupLost,
): void {
  const faultQueue = faultQueueOf(contextOf(state, event.contextId), event.faultId);
  const group = must(state.iopfGroups.get(event.iopfGroupId), `iopf group ${event.iopfGroupId}`);
  state.iopfGroups.delete(event.iopfGroupId);
  state.iopfGroupsPlanted.delete(event.iopfGroupId);
  const device = state.physicalDevices.get(group.deviceNo);
  if (device !== undefined) {
    const pending = device.pendingGroupIds.delete(event.iopfGroupId);
    if (pending && event.type === 'IopfGroupLost') {
      device.lostGroups.set(event.iopfGroupId, group.requests.at(-1)!);
    }
    device.unansweredGroups--;
  }
  if (group.cookie === null) {
    faultQueue.deliver.remove(event.iopfGroupId);
    return;
  }
  faultQueue.awaitingResponse.delete(group.cookie);
  faultQueue.cookies.release(group.cookie);
}

function evolveFaultQueueAllocated(state: MachineState, event: FaultQueueAllocated): void {
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
