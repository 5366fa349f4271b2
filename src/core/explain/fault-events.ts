/** The events on the way of a page request to its answer, which are most of a log. */
import type { Event, EventType } from '../machine/event.ts';
import type { MachineState } from '../machine/state.ts';
import { globalKeyOf, inContextKeyOf, MACHINE_KEY, type ObjectKey } from './object-key.ts';

/** Each changes the few objects that it names: see `faultKeys`. */
export const FAULT_EVENTS: ReadonlySet<EventType> = new Set<EventType>([
  'PageRequestReported',
  'PageRequestInFlight',
  'PageRequestLanded',
  'PageRequestCollected',
  'PartialRequestsDropped',
  'IopfGroupQueued',
  'IopfGroupRead',
  'PageResponseWritten',
  'IopfGroupAutoResponded',
  'IopfGroupFlushed',
  'IopfGroupLost',
  'PageResponseSent',
  'HazardRecorded',
]);

/**
 * All objects that one of FAULT_EVENTS may have changed, in the order of `diffStates`, by the states
 * before and after it; null for any other event, which may have changed anything.
 */
export function faultKeys(
  before: MachineState,
  after: MachineState,
  event: Event,
): ObjectKey[] | null {
  if (!FAULT_EVENTS.has(event.type)) return null;
  if (event.type === 'HazardRecorded') return hazardKeys(before, after);
  const groupId = 'iopfGroupId' in event ? event.iopfGroupId : null;
  const group =
    groupId === null ? null : (before.iopfGroups.get(groupId) ?? after.iopfGroups.get(groupId));
  const deviceNo = group?.deviceNo ?? ('deviceNo' in event ? event.deviceNo : null);
  const keys: ObjectKey[] = [MACHINE_KEY];
  if (deviceNo !== null) keys.push(globalKeyOf('PHYSICAL_DEVICE', deviceNo));
  if ('faultId' in event) keys.push(inContextKeyOf('FAULT', event.contextId, event.faultId));
  if (groupId !== null) keys.push(globalKeyOf('IOPF_GROUP', groupId));
  if ('inFlightId' in event) keys.push(globalKeyOf('IN_FLIGHT_REQUEST', event.inFlightId));
  return keys;
}

/** The one that came; the oldest one listed may have made room for it. */
function hazardKeys(before: MachineState, after: MachineState): ObjectKey[] {
  const seqs = [before.hazards[0], after.hazards.at(-1)].flatMap(found =>
    found === undefined ? [] : [found.seq],
  );
  return [MACHINE_KEY, ...[...new Set(seqs)].map(seq => globalKeyOf('HAZARD', seq))];
}
