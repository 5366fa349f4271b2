/** Why an object is as it is: the events that made it so, looked for backwards from a moment. */
import { objectAt } from '../../core/explain/inventory.ts';
import type { ObjectKind } from '../../core/explain/object-fields.ts';
import type { ObjectKey } from '../../core/explain/object-key.ts';
import { isOutsideFaults, ObjectTrack } from '../../core/explain/object-track.ts';
import type { Change } from '../../core/explain/shown-value.ts';
import { evolve } from '../../core/machine/evolve.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { COLUMNS } from '../overview/counts.ts';
import type { Overviews } from '../overview/overview.ts';
import { BLOCK_EVENTS } from '../overview/table.ts';
import type { Past } from '../past/past.ts';
import { bisectNear } from './bisect.ts';

/** Events looked through for one answer; who wants more asks again from where it ended. */
export const CHANGES_EVENTS_MAX = 1_000_000;
/** Events of the first piece looked through; each further piece is twice as long. */
const FIRST_PIECE_EVENTS = 1_024;

/** A search whose pieces come to this length looks at what is counted of the log, from then on. */
const COUNTED_PIECE_EVENTS = 8 * FIRST_PIECE_EVENTS;

const OTHERS = COLUMNS.indexOf('others');

/** What one event changed in an object. */
export interface EventChanges {
  readonly seq: number;
  readonly changes: readonly Change[];
}

export interface ObjectChanges {
  /** The oldest first. */
  readonly found: readonly EventChanges[];
  /** There may be others up to this seq; null: there are none in the life of this object. */
  readonly more: number | null;
}

export interface ChangesWanted {
  readonly key: ObjectKey;
  /** null: any. */
  readonly field: string | null;
  /** Only events up to this seq. */
  readonly until: number;
  /** At most so many, the newest. */
  readonly last: number;
}

/**
 * The last changes of an object back to the event by which it appeared; if it is gone, of the
 * object that had this key last. What nothing but page faults stands in is passed over if they cannot
 * change it. Errors: UnknownMachineError.
 */
export async function changesOf(
  past: Past,
  overviews: Overviews,
  wanted: ChangesWanted,
  eventsMax = CHANGES_EVENTS_MAX,
): Promise<ObjectChanges> {
  const { key, last } = wanted;
  const until = await lastSeqOf(past, wanted);
  if (until === null) return { found: [], more: null };
  const lowest = Math.max(0, until - eventsMax);
  let found: EventChanges[] = [];
  let high = until;
  let passesOver = false;
  for (let length = FIRST_PIECE_EVENTS; high > lowest; length *= 2) {
    passesOver ||= length >= COUNTED_PIECE_EVENTS && isOutsideFaults(key);
    if (passesOver) {
      const quiet = await quietFrom(past, overviews, high);
      if (high - quiet >= length) length = FIRST_PIECE_EVENTS;
      high = Math.max(lowest, quiet);
    }
    const low = Math.max(lowest, high - length);
    found = [...(await changesBetween(past, wanted, low, high)), ...found].slice(-last);
    if (found[0] !== undefined && appears(found[0])) return { found, more: null };
    if (found.length === last) return { found, more: (found[0]?.seq ?? high + 1) - 1 };
    high = low;
  }
  return { found, more: lowest === 0 ? null : lowest };
}

/** The lowest seq after which up to `high` nothing but page faults happened, as far as is counted. */
async function quietFrom(past: Past, overviews: Overviews, high: number): Promise<number> {
  const { blocks, underWay } = await overviews.table(past.machineId);
  let block = Math.ceil(high / BLOCK_EVENTS) - 1;
  let quiet = high;
  for (; block >= 0; block--) {
    const counted = blocks[block] ?? (block === blocks.length ? underWay : null);
    if (counted?.counts[OTHERS] !== 0) break;
    quiet = block * BLOCK_EVENTS;
  }
  return quiet;
}

/** Of what has an id that is never used again: the counter that gives those ids. */
const COUNTERS: Partial<Record<ObjectKind, (state: MachineState) => number>> = {
  IOPF_GROUP: state => state.nextIopfGroupId,
  ATTACH_HANDLE: state => state.nextAttachHandleId,
  IN_FLIGHT_REQUEST: state => state.nextInFlightId,
  PHYSICAL_DEVICE: state => state.nextDeviceNo,
  IOMMU_GROUP: state => state.nextIommuGroupId,
  CONTEXT: state => state.nextContextId,
};

/**
 * The seq after which nothing changes the object any more, up to `until`: that at which it went, if
 * it is gone for good, found by halves and not by reading back to it. null: it never was.
 */
async function lastSeqOf(past: Past, { key, until }: ChangesWanted): Promise<number | null> {
  const counter = COUNTERS[key.kind];
  const id = key.kind === 'CONTEXT' ? key.contextId : key.id;
  if (counter === undefined || id === null) return until;
  const isThere = (state: MachineState) => objectAt(state, key) !== null;
  const wasMade = (state: MachineState) => counter(state) > id;
  const [made, there] = await past.look(until, state => [wasMade(state), isThere(state)] as const);
  if (!made) return null;
  if (there) return until;
  return bisectNear(past, 0, until, state => wasMade(state) && !isThere(state));
}

function appears({ changes }: EventChanges): boolean {
  return changes[0]?.kind === 'APPEARED';
}

/** The last changes of one piece of the log, from where the object appeared last. */
async function changesBetween(
  past: Past,
  { key, field, last }: ChangesWanted,
  low: number,
  high: number,
): Promise<EventChanges[]> {
  const state = await past.copyAt(low);
  const track = new ObjectTrack(state, key, field);
  let found: EventChanges[] = [];
  for await (const page of past.events(low, high)) {
    for (const { seq, event } of page) {
      evolve(state, event);
      const changes = track.after(state, event);
      if (changes.length === 0) continue;
      const one = { seq, changes };
      if (appears(one)) found = [one];
      else found.push(one);
      if (found.length > 2 * last) found = found.slice(-last);
    }
  }
  return found.slice(-last);
}

export interface NextWanted extends Pick<ChangesWanted, 'key' | 'field' | 'until'> {
  /** Only events after this seq. */
  readonly after: number;
}

export interface NextChange {
  readonly found: EventChanges | null;
  /** Nothing was found up to this seq, and what follows was not looked through; null: all was. */
  readonly more: number | null;
}

/** The first event after a seq that changes an object. Errors: UnknownMachineError. */
export async function nextChangeOf(
  past: Past,
  { key, field, after, until }: NextWanted,
  eventsMax = CHANGES_EVENTS_MAX,
): Promise<NextChange> {
  const high = Math.min(until, after + eventsMax);
  const state = await past.copyAt(after);
  const track = new ObjectTrack(state, key, field);
  for await (const page of past.events(after, high)) {
    for (const { seq, event } of page) {
      evolve(state, event);
      const changes = track.after(state, event);
      if (changes.length > 0) return { found: { seq, changes }, more: null };
    }
  }
  return { found: null, more: high < until ? high : null };
}
