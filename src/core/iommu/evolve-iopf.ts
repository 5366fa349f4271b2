/** What events about page requests and iopf groups change. Part of `evolve`. */
import { BEHAVIOUR } from '../../abi/baselines.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import { must } from '../machine/assert.ts';
import type { EventOf } from '../machine/event.ts';
import { contextOf, faultQueueOf, iopfGroupOf, physicalDeviceOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import type { IopfGroup, PlantedSeqs } from './state.ts';

/** The device joins the iopf queue, or leaves it with what it had collected. */
export function evolveIopfFeature(
  state: MachineState,
  event: EventOf<'IopfFeatureEnabled' | 'IopfFeatureDisabled'>,
): void {
  const device = physicalDeviceOf(state, event.deviceNo);
  device.iopfFeature = event.type === 'IopfFeatureEnabled';
  device.iopfFeatureSeq = device.iopfFeature ? state.seq : null;
  // Turning PRI on resets it (pci_reset_pri), an emulated one too.
  device.vpriFailed = false;
  if (device.iopfFeature) return;
  device.partial = [];
  device.lostGroups.clear();
  for (const request of state.inFlight.values()) {
    if (request.deviceNo === event.deviceNo) request.leftIopfQueueSeq ??= state.seq;
  }
}

export function evolvePageRequestCollected(
  state: MachineState,
  event: EventOf<'PageRequestCollected'>,
): void {
  physicalDeviceOf(state, event.deviceNo).partial.push({
    ...event.request,
    attachHandleId: event.attachHandleId,
    collectedSeq: state.seq,
  });
}

export function evolvePageRequestInFlight(
  state: MachineState,
  event: EventOf<'PageRequestInFlight'>,
): void {
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

export function dropPartial(device: PhysicalDevice, grpid: number): void {
  device.partial = device.partial.filter(request => request.grpid !== grpid);
}

export function evolveIopfGroupQueued(
  state: MachineState,
  event: EventOf<'IopfGroupQueued'>,
): void {
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

export function evolveIopfGroupRead(state: MachineState, event: EventOf<'IopfGroupRead'>): void {
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
export function evolveIopfGroupAnswered(
  state: MachineState,
  event: EventOf<'PageResponseWritten' | 'IopfGroupAutoResponded' | 'IopfGroupLost'>,
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

export function evolveIopfGroupFlushed(
  state: MachineState,
  event: EventOf<'IopfGroupFlushed'>,
): void {
  const group = iopfGroupOf(state, event.iopfGroupId);
  group.responded = true;
  group.freed = event.freed;
  state.physicalDevices.get(group.deviceNo)?.pendingGroupIds.delete(event.iopfGroupId);
  if (event.freed) plant(state, group, 'group');
}

/** Groups and requests that came through a handle point at freed memory from now on. */
export function evolveAttachHandleFreed(
  state: MachineState,
  { attachHandleId }: EventOf<'AttachHandleFreed'>,
): void {
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

/** Groups that are not answered, and requests in flight, point at the device all the same. */
export function evolveUnansweredDeviceGone(
  state: MachineState,
  { deviceNo, unansweredGroups }: PhysicalDevice,
): void {
  for (const request of state.inFlight.values()) {
    if (request.deviceNo === deviceNo) request.deviceGoneSeq = state.seq;
  }
  if (unansweredGroups === 0) return;
  for (const group of state.iopfGroups.values()) {
    if (group.deviceNo === deviceNo) plant(state, group, 'device');
  }
}

/** Requests in flight cannot land in a fault queue that took its id. */
export function evolveFaultQueueGone(state: MachineState, contextId: number, id: number): void {
  for (const request of state.inFlight.values()) {
    if (request.contextId === contextId && request.faultId === id) request.queueGone = true;
  }
}

function plant(state: MachineState, { iopfGroupId }: IopfGroup, what: keyof PlantedSeqs): void {
  const planted = state.iopfGroupsPlanted.get(iopfGroupId);
  if (planted !== undefined) planted[what] = state.seq;
  else {
    const seqs: PlantedSeqs = { handle: null, device: null, group: null };
    seqs[what] = state.seq;
    state.iopfGroupsPlanted.set(iopfGroupId, seqs);
  }
}
