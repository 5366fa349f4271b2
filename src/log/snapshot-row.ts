/** Snapshots as rows: what each must agree with, and what becomes of one that does not. */
import { hash } from 'node:crypto';
import { SNAPSHOT_VERSION } from '../core/machine/snapshot.ts';
import type { Damage, Snapshot } from './log.ts';
import type { SnapshotRow } from './row-store.ts';
import type { SharingStore } from './shared-past.ts';

/** `hash` is that of the operation it came after, which `holder` has. */
export function snapshotRow(
  holder: string,
  { number, seq, state }: Snapshot,
  operationHash: string,
): SnapshotRow {
  return {
    machineId: holder,
    seq,
    number,
    hash: operationHash,
    version: SNAPSHOT_VERSION,
    digest: digestOf(state),
    state,
  };
}

/**
 * The newest at or before `seq` that can be taken. One that cannot is deleted, since it can be made
 * again; if it was damaged, `say` hears of it.
 */
export function keptSnapshot(
  store: SharingStore,
  machineId: string,
  seq: number,
  say: (line: string) => void,
): Snapshot | null {
  for (;;) {
    const found = store.snapshots.before(machineId, seq);
    if (found === null) return null;
    const what = whatIsWrong(store, found);
    if (what === null && found.version === SNAPSHOT_VERSION) {
      return { number: found.number, seq: found.seq, state: found.state };
    }
    if (what !== null) {
      say(`machine ${found.machineId}, ${nameOf(found)} is deleted, to be made again: ${what}`);
    }
    // A seq that is beyond what numbers here tell apart names no row: then none is taken.
    if (!store.snapshots.delete(found.machineId, found.seq)) return null;
  }
}

export function* snapshotDamage(store: SharingStore, machineId: string | null): Generator<Damage> {
  for (const row of store.snapshots.all(machineId)) {
    const what = whatIsWrong(store, row);
    if (what === null) continue;
    const { machineId: holder, number, seq } = row;
    const beside = nameOf(row);
    yield { machineId: holder, number, seq, beside, what: `${what} (it can be made again)` };
  }
}

/** null also if it is of another version, which is no damage. */
function whatIsWrong(store: SharingStore, { machineId, number, seq, ...row }: SnapshotRow) {
  if (digestOf(row.state) !== row.digest) return 'its digest does not match: it was changed';
  const link = store.link(machineId, number);
  if (link?.seq === seq && link.hash === row.hash) return null;
  return 'the operation it came after is not what it was';
}

function nameOf({ seq }: SnapshotRow): string {
  return `snapshot at seq ${seq}`;
}

function digestOf(state: string): string {
  return hash('sha256', state, 'hex');
}
