/** What the log needs of a place that keeps rows: memory or SQLite. */
import type { Row } from './codec.ts';
import type { CountedBlock, Damage, OperationFilter } from './log.ts';
import type { StorageError } from './storage-error.ts';

/** What the next operation of a machine continues. */
export interface Link {
  readonly number: number;
  readonly seq: number;
  readonly hash: string;
}

/** Numbers of operations, both ends inclusive; empty if `last` is below `first`. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** The row that another one continues; of a fork's first own row it is its parent's. */
export interface Predecessor {
  readonly machineId: string;
  readonly hash: string;
}

/** A row with what it continues; `before` means nothing for number 1. */
export interface LinkedRow {
  readonly row: Row;
  readonly before: Predecessor;
}

/** What the log needs of a place that keeps rows. Everything is synchronous. */
export interface RowStore {
  /**
   * Writes all rows in one transaction. False, and nothing written, if a row's number is taken, or
   * its predecessor with that hash is not there.
   */
  insert(rows: Iterable<LinkedRow>): boolean;
  /** The link of the newest row; null if the machine is unknown. */
  lastLink(machineId: string): Link | null;
  link(machineId: string, number: number): Link | null;
  /** `atMs` of the machine's first operation, or of its fork. */
  createdAtMs(machineId: string): number | null;
  /** Rows of the range, from its `first` on or, backward, from its `last` on; at most `limit`. */
  rows(machineId: string, range: NumberRange, limit: number, backward: boolean): Row[];
  /** As `rows`, with `body`, `hash` and `type` left empty. */
  eventRows(machineId: string, range: NumberRange, limit: number, backward: boolean): Row[];
  /** The machine ids greater than `after`, in the order of their UTF-8 bytes; at most `limit`. */
  machineIds(after: string, limit: number): string[];
  /** Numbers of the refused operations of the range, ascending; at most `limit`. */
  refusedNumbers(machineId: string, range: NumberRange, limit: number): number[];
  /** The first number of the range whose row fits; null if none does. */
  firstNumber(machineId: string, range: NumberRange, filter: OperationFilter): number | null;
  /**
   * Deletes the machine with all that is kept beside its rows, unless other machines share its past
   * or ran its operations again. Gives the names of those, and whether there was such a machine.
   */
  delete(machineId: string): { readonly deleted: boolean; readonly dependents: readonly string[] };
  /** What keeps a machine from being deleted; at most DEPENDENTS_NAMED. */
  dependentsOf(machineId: string): readonly string[];
  readonly forks: ForkStore;
  readonly snapshots: SnapshotStore;
  readonly blocks: BlockStore;
  readonly bookmarks: BookmarkStore;
  readonly reruns: RerunStore;
  /** Forks, bookmarks and reruns that were changed: of one machine, or all (null). */
  damagedRows(machineId: string | null): Iterable<Damage>;
  /** Why it could not write or read when it last tried; null if it could. */
  failure(): StorageError | null;
  /** Throws StorageError if it cannot write. */
  probe(): void;
  close(): void;
}

/** A machine that shares another one's operations up to `number`. */
export interface ForkRow {
  readonly machineId: string;
  /** The machine under whose id the operation `number` is stored. */
  readonly parentId: string;
  readonly number: number;
  readonly seq: number;
  /** Of that operation. */
  readonly hash: string;
  readonly atMs: number;
}

/** Machines that an error names at most. */
export const DEPENDENTS_NAMED = 5;

export interface ForkStore {
  get(machineId: string): ForkRow | null;
  /** False, and nothing written, if there is a machine of that name or no such parent's row. */
  insert(fork: ForkRow): boolean;
  /** Names of the machines that share the past of this one directly; at most `limit`. */
  of(parentId: string, limit: number): string[];
}

/** A state as text, and the operation it came after. */
export interface SnapshotRow {
  readonly machineId: string;
  readonly seq: number;
  readonly number: number;
  /** Of that operation. */
  readonly hash: string;
  /** How states are written: see SNAPSHOT_VERSION. */
  readonly version: number;
  /** sha256 of `state`, 64 hex digits. */
  readonly digest: string;
  readonly state: string;
}

export interface SnapshotStore {
  /** Replaces the one at that seq. */
  put(snapshot: SnapshotRow): void;
  /** The newest at or before `seq`. */
  before(machineId: string, seq: number): SnapshotRow | null;
  /** One, or all of the machine; whether there was any. */
  delete(machineId: string, seq: number | null): boolean;
  /** Those of one machine, or of all (null). */
  all(machineId: string | null): Iterable<SnapshotRow>;
}

/** What was counted of a stretch of events, and the operation with which it was over. */
export interface BlockRow extends CountedBlock {
  readonly machineId: string;
  /** Of that operation. */
  readonly hash: string;
  /** Of the other columns: src/log/row-digest.ts. */
  readonly digest: string;
}

export interface BlockStore {
  /** Replaces those of the same numbers, in one transaction. */
  put(blocks: readonly BlockRow[]): void;
  /** From `first` on, ascending. */
  range(machineId: string, first: number, limit: number): BlockRow[];
  /** Those from `first` on; whether there was any. */
  delete(machineId: string, first: number): boolean;
  /** Those of one machine, or of all (null). */
  all(machineId: string | null): Iterable<BlockRow>;
}

export interface BookmarkRow {
  readonly machineId: string;
  readonly name: string;
  readonly seq: number;
  readonly note: string;
  readonly atMs: number;
}

export interface BookmarkStore {
  get(machineId: string, name: string): BookmarkRow | null;
  put(bookmark: BookmarkRow): void;
  delete(machineId: string, name: string): boolean;
  /** Those of a machine by name. */
  of(machineId: string): BookmarkRow[];
}

/** The machine's operations are another one's, run again with changes. */
export interface RerunRow {
  readonly machineId: string;
  readonly recordedId: string;
  /** JSON; what it says is the engine's business. */
  readonly plan: string;
  readonly whole: boolean;
}

export interface RerunStore {
  get(machineId: string): RerunRow | null;
  put(rerun: RerunRow): void;
  /** Names of the machines on which this one's operations ran again; at most `limit`. */
  of(recordedId: string, limit: number): string[];
}

/** The names that an error of deleting gives. */
export function dependents(
  machineId: string,
  forks: ForkStore,
  reruns: RerunStore,
): readonly string[] {
  const sharing = forks.of(machineId, DEPENDENTS_NAMED);
  const rerunning = reruns.of(machineId, DEPENDENTS_NAMED);
  return [...new Set([...sharing, ...rerunning])].slice(0, DEPENDENTS_NAMED);
}
