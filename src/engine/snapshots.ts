/**
 * When a state is worth a snapshot. Snapshots only shorten replays: any of them may be missing.
 *
 * They are spread so that from one to the next replaying takes a few milliseconds, and further
 * apart for large states, so that writing them costs appends little and the database stays small.
 */
import { fromPlain, type Plain, toPlain } from '../core/snapshot.ts';
import { initialState, type MachineState } from '../core/state.ts';
import type { Log, Snapshot } from '../log/log.ts';

/** Events between two snapshots at least. */
export const SNAPSHOT_EVENTS = 1_024;
/** Characters of a state for which one more event must have come; an event takes some 400 bytes. */
const CHARACTERS_AN_EVENT = 24;

/** A place in the log from which to go on. */
export interface Place {
  /** What the events up to its seq made; the caller's own. */
  readonly state: MachineState;
  /** Number of the operation that ends here; 0 before the first. */
  readonly number: number;
  readonly snapshots: SnapshotSeqs;
}

/** Where snapshots lie along a log. */
export interface SnapshotSeqs {
  /** The newest one; 0 if there is none. */
  readonly last: number;
  /** From here on the next one is worth its cost, as far as is known. */
  readonly next: number;
}

/** Before a machine's first operation. */
export function beginning(): Place {
  return { state: initialState(), number: 0, snapshots: { last: 0, next: SNAPSHOT_EVENTS } };
}

/** The nearest place at or before `seq`. */
export async function placeBefore(log: Log, machineId: string, seq: number): Promise<Place> {
  const found = await log.snapshotBefore(machineId, seq);
  if (found === null) return beginning();
  const state = fromPlain(JSON.parse(found.state) as Plain);
  return { state, number: found.number, snapshots: after(found) };
}

/**
 * Keeps the state after operation `number`, unless it has grown so much since the snapshot before
 * that it is not worth it yet.
 */
export async function keepSnapshot(
  log: Log,
  machineId: string,
  state: MachineState,
  number: number,
  { last }: SnapshotSeqs,
): Promise<SnapshotSeqs> {
  const snapshot = { number, seq: state.seq, state: JSON.stringify(toPlain(state)) };
  const next = last + distance(snapshot);
  if (state.seq < next) return { last, next };
  try {
    await log.putSnapshot(machineId, snapshot);
  } catch {
    // It can be done without. What keeps it from being written keeps operations from it, too, and
    // there it is an error.
  }
  return after(snapshot);
}

function after(snapshot: Snapshot): SnapshotSeqs {
  return { last: snapshot.seq, next: snapshot.seq + distance(snapshot) };
}

/** Events that have to lie between a snapshot and the one before it. */
function distance({ state }: Snapshot): number {
  return Math.max(SNAPSHOT_EVENTS, Math.ceil(state.length / CHARACTERS_AN_EVENT));
}
