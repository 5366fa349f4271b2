/** iopf groups: each answered once at most, and none that a handler read forgotten. */
import type { Delivery, Notes } from '../load/notes.ts';
import { eventsOf, type LogFile } from './log-file.ts';

interface Group {
  queued: number;
  /** The cookie a handler's read gave it; null while none has read it. */
  cookie: number | null;
  answered: number;
}

/** `atRest`: a handler that answers everything has had its time, so nothing may be left. */
export function* checkGroups(
  file: LogFile,
  notes: Notes,
  machineId: string,
  atRest: boolean,
): Generator<string> {
  const groups = groupsOf(file, machineId);
  for (const [iopfGroupId, { queued, cookie, answered }] of groups) {
    const name = `${machineId}, iopf group ${iopfGroupId}`;
    if (queued !== 1) yield `${name} was queued ${queued} times`;
    if (answered > 1) yield `${name} was answered ${answered} times`;
    if (atRest && answered !== 1) {
      yield `${name} was ${cookie === null ? 'queued' : 'read'} and is not answered at the end`;
    }
  }
  const deliveries = notes.deliveries.filter(delivery => delivery.machineId === machineId);
  yield* checkDeliveries(deliveries, groups, answers(file, notes, machineId));
}

function groupsOf(file: LogFile, machineId: string): Map<number, Group> {
  const groups = new Map<number, Group>();
  for (const { type, data } of file.events(machineId)) {
    const id = data['iopfGroupId'];
    if (typeof id !== 'number') continue;
    const group = groups.get(id) ?? { queued: 0, cookie: null, answered: 0 };
    groups.set(id, group);
    if (type === 'IopfGroupQueued') group.queued++;
    if (type === 'IopfGroupRead') group.cookie = data['cookie'] as number;
    if (type === 'PageResponseWritten' || type === 'IopfGroupAutoResponded') group.answered++;
  }
  return groups;
}

/** When each group's answer was acknowledged. */
function answers(file: LogFile, notes: Notes, machineId: string): Map<number, number> {
  const orders = new Map<number, number>();
  for (const told of notes.acknowledged) {
    if (told.machineId !== machineId || told.command !== 'FaultWrite') continue;
    const row = file.row(machineId, told.number);
    for (const event of row === undefined ? [] : eventsOf(row)) {
      if (event['type'] !== 'PageResponseWritten') continue;
      orders.set(event['iopfGroupId'] as number, told.order);
    }
  }
  return orders;
}

function* checkDeliveries(
  deliveries: readonly Delivery[],
  groups: ReadonlyMap<number, Group>,
  answeredAt: ReadonlyMap<number, number>,
): Generator<string> {
  const before = new Map<number, Delivery>();
  for (const delivery of deliveries) {
    const { machineId, iopfGroupId, cookie, redelivered, subscription, order } = delivery;
    const name = `${machineId}, iopf group ${iopfGroupId}`;
    const last = before.get(iopfGroupId);
    before.set(iopfGroupId, delivery);
    const kept = groups.get(iopfGroupId)?.cookie ?? null;
    if (kept !== cookie) yield `${name} was delivered with cookie ${cookie}, the log has ${kept}`;
    if (last !== undefined && !redelivered) yield `${name} was delivered twice as a new one`;
    if (last?.subscription === subscription) yield `${name} was delivered twice to one handler`;
    if (order > (answeredAt.get(iopfGroupId) ?? Number.POSITIVE_INFINITY)) {
      yield `${name} was delivered after its answer`;
    }
  }
}
