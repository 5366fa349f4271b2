/**
 * What unanswered groups and requests in flight remember when something they point at goes: part of
 * evolve.
 */
import type { PhysicalDevice } from '../hardware/state.ts';
import type { MachineState } from '../machine/state.ts';
import type { IopfGroup, PlantedSeqs } from './state.ts';

export function plant(
  state: MachineState,
  { iopfGroupId }: IopfGroup,
  what: keyof PlantedSeqs,
): void {
  const planted = state.iopfGroupsPlanted.get(iopfGroupId);
  if (planted !== undefined) planted[what] = state.seq;
  else {
    const seqs: PlantedSeqs = { handle: null, device: null, group: null };
    seqs[what] = state.seq;
    state.iopfGroupsPlanted.set(iopfGroupId, seqs);
  }
}

export function dropPartial(device: PhysicalDevice, grpid: number): void {
  device.partial = device.partial.filter(request => request.grpid !== grpid);
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
