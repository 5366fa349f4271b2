/** The whole life of an iopf group, from its page requests to the response at the device. */
import type { Event, EventOf } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { eventsOf, type LoggedEvent } from '../follow/follow.ts';
import type { Past } from '../past/past.ts';
import { bisectNear, passingNear } from './bisect.ts';

/** Requests of a group whose time in flight is looked for, which takes some states for each. */
const IN_FLIGHT_TRACED_MAX = 64;

/** Events after it was queued that are gone through one by one: most groups do not wait for longer. */
const WALKED_EVENTS = 4_096;

export interface IopfLife {
  /** In order. */
  readonly events: readonly LoggedEvent[];
  /** It left its fault queue. */
  readonly ended: boolean;
}

/**
 * The events up to seq `until` that are about the group; null if there was no such group by then. Of
 * hazards it met while it waited, those that the state lists.
 * What is known of a group is in the states, so that a few of them tell where its events are,
 * however long the log is.
 */
export async function iopfLife(
  past: Past,
  iopfGroupId: number,
  until: number,
): Promise<IopfLife | null> {
  const { known, waiting } = await past.look(until, ({ nextIopfGroupId, iopfGroups }) => ({
    known: iopfGroupId >= 1 && iopfGroupId < nextIopfGroupId,
    waiting: iopfGroups.get(iopfGroupId)?.queuedSeq ?? null,
  }));
  if (!known) return null;
  const queuedSeq =
    waiting ?? (await passingNear(past, until, iopfGroupId, state => state.nextIopfGroupId));
  const ended = waiting === null;
  const requests = await requestEvents(past, queuedSeq);
  const turns =
    (ended ? await walkedTurns(past, iopfGroupId, queuedSeq, until) : null) ??
    (await turnsOf(past, iopfGroupId, queuedSeq, ended, until));
  const events = new Map(requests.map(event => [event.seq, event]));
  for (const seq of turns) {
    for (const event of eventsOf(await past.operationOf(seq))) {
      if (event.seq <= until && isAbout(event.event, iopfGroupId)) events.set(event.seq, event);
    }
  }
  return { events: [...events.values()].sort((a, b) => a.seq - b.seq), ended };
}

function isAbout(event: Event, iopfGroupId: number): boolean {
  if (event.type === 'HazardRecorded') return isNamed(event.objects, iopfGroupId);
  return 'iopfGroupId' in event && event.iopfGroupId === iopfGroupId;
}

/**
 * The events about a group that was answered soon; null: it was not, or is lost, and its device may be
 * answered yet.
 */
async function walkedTurns(
  past: Past,
  iopfGroupId: number,
  queuedSeq: number,
  until: number,
): Promise<number[] | null> {
  const turns = [queuedSeq];
  for await (const page of past.events(queuedSeq, Math.min(until, queuedSeq + WALKED_EVENTS))) {
    for (const { seq, event } of page) {
      if (!isAbout(event, iopfGroupId)) continue;
      turns.push(seq);
      if (event.type === 'IopfGroupLost') return null;
      if (event.type === 'PageResponseWritten' || event.type === 'IopfGroupAutoResponded') {
        return turns;
      }
    }
  }
  return null;
}

/** Among what a hazard is about. */
function isNamed(objects: readonly string[], iopfGroupId: number): boolean {
  return objects.includes(`iopf group ${iopfGroupId}`);
}

/** Seqs of events in the operations that did something to the group. */
async function turnsOf(
  past: Past,
  iopfGroupId: number,
  queuedSeq: number,
  ended: boolean,
  until: number,
): Promise<number[]> {
  const groupIn = (state: MachineState) => state.iopfGroups.get(iopfGroupId);
  const goneSeq = ended
    ? await bisectNear(past, queuedSeq, until, state => groupIn(state) === undefined)
    : null;
  const lastSeq = goneSeq === null ? until : goneSeq - 1;
  const { readSeq, responded, deviceNo, hazards } = await past.look(lastSeq, state => ({
    ...groupIn(state)!,
    hazards: state.hazards.filter(({ objects }) => isNamed(objects, iopfGroupId)),
  }));
  const turns = [queuedSeq, ...hazards.map(({ seq }) => seq)];
  if (readSeq !== null) turns.push(readSeq);
  if (responded) {
    turns.push(await bisectNear(past, queuedSeq, lastSeq, state => groupIn(state)!.responded));
  }
  if (goneSeq === null) return turns;
  turns.push(goneSeq);
  // A group that was lost may still be pending at its device, and is answered when that goes.
  const lostIn = (state: MachineState) =>
    state.physicalDevices.get(deviceNo)?.lostGroups.has(iopfGroupId) ?? false;
  if ((await past.look(goneSeq, lostIn)) && !(await past.look(until, lostIn))) {
    turns.push(await bisectNear(past, goneSeq, until, state => !lostIn(state)));
  }
  return turns;
}

/** The arrival of each of its requests, and what became of each before the group was whole. */
async function requestEvents(past: Past, queuedSeq: number): Promise<LoggedEvent[]> {
  const operation = await past.operationOf(queuedSeq);
  const { event } = eventAt(operation, queuedSeq);
  const { requests, deviceNo } = event as EventOf<'IopfGroupQueued'>;
  const seqs = [queuedSeq];
  if (requests.length > 1) {
    const { grpid } = requests.at(-1)!;
    const collectedIn = (state: MachineState) =>
      state.physicalDevices
        .get(deviceNo)!
        .partial.filter(request => request.grpid === grpid)
        .map(({ collectedSeq }) => collectedSeq);
    seqs.push(...(await past.look(queuedSeq - 1, collectedIn)));
  }
  const events: LoggedEvent[] = [];
  for (const [index, seq] of seqs.entries()) {
    events.push(...(await arrivalEvents(past, seq, index < IN_FLIGHT_TRACED_MAX)));
  }
  return events;
}

/** A request was collected, or completed its group, with the event `seq`; how it came there. */
async function arrivalEvents(past: Past, seq: number, traced: boolean): Promise<LoggedEvent[]> {
  const operation = await past.operationOf(seq);
  const arrived = [eventAt(operation, seq - 1), eventAt(operation, seq)];
  const landed = arrived[0]!.event;
  if (landed.type !== 'PageRequestLanded' || !traced) return arrived;
  const { inFlightId } = landed;
  const heldSeq = await passingNear(past, seq, inFlightId, state => state.nextInFlightId);
  const held = await past.operationOf(heldSeq);
  return [eventAt(held, heldSeq - 1), eventAt(held, heldSeq), ...arrived];
}

function eventAt(operation: Operation, seq: number): LoggedEvent {
  return eventsOf(operation)[seq - operation.seqBefore - 1]!;
}
