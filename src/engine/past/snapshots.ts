/**
 * When a state is worth a snapshot. Snapshots only shorten replays: any of them may be missing.
 *
 * They are spread so that from one to the next replaying takes a few milliseconds, and further
 * apart for large states, so that writing them costs appends little and the database stays small.
 */
import { isModelled } from '../../core/hardware/function/lookup.ts';
import { fromPlain, type Plain, toPlain } from '../../core/machine/snapshot.ts';
import { initialState, type MachineState } from '../../core/machine/state.ts';
import type { Log, Snapshot } from '../../log/log.ts';

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
  /** Characters of the newest one for each thing in its state. */
  readonly charactersAThing: number;
}

/** Before a machine's first operation. */
export function beginning(): Place {
  const snapshots = { last: 0, next: SNAPSHOT_EVENTS, charactersAThing: 0 };
  return { state: initialState(), number: 0, snapshots };
}

/** The nearest place at or before `seq`. */
export async function placeBefore(log: Log, machineId: string, seq: number): Promise<Place> {
  const found = await log.snapshotBefore(machineId, seq);
  if (found === null) return beginning();
  const state = fromPlain(JSON.parse(found.state) as Plain);
  return { state, number: found.number, snapshots: after(found, state) };
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
  seqs: SnapshotSeqs,
): Promise<SnapshotSeqs> {
  // Writing it to learn its size would cost as much as keeping it.
  const grown = seqs.last + distance(thingsIn(state) * seqs.charactersAThing);
  if (state.seq < grown) return { ...seqs, next: grown };
  const text = JSON.stringify(toPlain(state));
  const charactersAThing = text.length / Math.max(1, thingsIn(state));
  const next = seqs.last + distance(text.length);
  if (state.seq < next) return { ...seqs, next, charactersAThing };
  const snapshot = { number, seq: state.seq, state: text };
  try {
    await log.putSnapshot(machineId, snapshot);
  } catch {
    // It can be done without. What keeps it from being written keeps operations from it, too, and
    // there it is an error.
  }
  return after(snapshot, state);
}

function after({ seq, state: text }: Snapshot, state: MachineState): SnapshotSeqs {
  const charactersAThing = text.length / Math.max(1, thingsIn(state));
  return { last: seq, next: seq + distance(text.length), charactersAThing };
}

/** Events that have to lie between a snapshot of so many characters and the one before it. */
function distance(characters: number): number {
  return Math.max(SNAPSHOT_EVENTS, Math.ceil(characters / CHARACTERS_AN_EVENT));
}

/** What a state grows by: objects, areas, groups, devices, guest words, cached translations. */
export function thingsIn({ contexts, physicalDevices, iopfGroups, iommus }: MachineState): number {
  let count = physicalDevices.size + iopfGroups.size;
  for (const { objects, pages, words } of contexts.values()) {
    count += objects.size + pages.size + words.size;
  }
  for (const { iotlb } of iommus.values()) count += iotlb.size;
  for (const device of iommus.size === 0 ? [] : physicalDevices.values()) {
    if (isModelled(device)) count += device.hardware.atc.size;
  }
  return count;
}
