/**
 * The operation log: append-only, gapless, hash-chained, one chain a machine. The contract here is
 * the same in memory and on SQLite; test/log/contract.ts holds both to it.
 */
import type { Event } from '../core/machine/event.ts';
import type { Operation } from '../core/machine/operation.ts';
import type { StorageError } from './storage-error.ts';

export interface LogEntry {
  readonly machineId: string;
  readonly operation: Operation;
}

/** Where a machine's log ends. */
export interface MachineHead {
  readonly machineId: string;
  /** Number of its newest operation, from 1. */
  readonly number: number;
  /** Its newest event's seq. */
  readonly seq: number;
  /** Hash of its newest operation, 64 hex digits: it stands for the whole history before it. */
  readonly hash: string;
  /** `atMs` of its first operation, milliseconds since the epoch. */
  readonly createdAtMs: number;
}

/** Which operations to read. All bounds hold together; without any, the whole machine. */
export interface ReadOptions {
  /** Operations with a higher number. */
  readonly afterNumber?: number;
  /** Operations with a lower number. */
  readonly beforeNumber?: number;
  /** Operations that end after this seq; refused ones, which have no events, at this seq do not. */
  readonly afterSeq?: number;
  /** Operations that end at this seq or before it. */
  readonly untilSeq?: number;
  /** At most this many, from 0. */
  readonly limit: number;
  /** `forward` (the default) gives the oldest first, `backward` the newest. */
  readonly order?: 'forward' | 'backward';
  /** Recompute each hash too. Without it, numbers and seqs alone are checked. */
  readonly verify?: boolean;
}

/** What a replay needs of one operation: reading only this is twice as fast as reading it whole. */
export interface OperationEvents {
  readonly number: number;
  readonly seqBefore: number;
  readonly seq: number;
  /** Milliseconds since the epoch when it ran. */
  readonly atMs: number;
  readonly refused: boolean;
  readonly events: readonly Event[];
}

/** One thing wrong in a machine's stored log. */
export interface Damage {
  readonly machineId: string;
  /** The operation where it shows. The one before it may be the one that was changed. */
  readonly number: number;
  /** The seq stored with that operation. */
  readonly seq: number;
  /** What is wrong, one sentence. */
  readonly what: string;
  /** A row kept beside the operations, as in `bookmark "late"`; absent: it is the operation. */
  readonly beside?: string;
}

/** Where it is in its machine, and what it is. */
export function damageText({ number, seq, what, beside }: Damage): string {
  return `${beside ?? `operation ${number}, seq ${seq}`}: ${what}`;
}

/** An operation as it is stored: its events and the rest of it as JSON texts, see codec.ts. */
export interface StoredOperation {
  readonly number: number;
  readonly seqBefore: number;
  readonly seq: number;
  readonly atMs: number;
  readonly type: string;
  readonly errno: string;
  readonly events: string;
  readonly body: string;
}

/** What the columns of a stored operation say of it; null: any. */
export interface OperationFilter {
  readonly type: string | null;
  /** '0' or a name. */
  readonly errno: string | null;
}

/** The state after event `seq`, which is the last one of operation `number`, as text. */
export interface Snapshot {
  readonly number: number;
  readonly seq: number;
  readonly state: string;
}

/** What was counted of one stretch of a machine's events; the log does not look into it. */
export interface CountedBlock {
  /** Counts the stretches, which are all of one length, from 0. */
  readonly block: number;
  /** The first operation that ends after it: with that one it was over. */
  readonly number: number;
  /** How `counts` is written. */
  readonly version: number;
  readonly counts: string;
}

/** Which counted blocks to read. */
export interface BlockRange {
  readonly first: number;
  readonly limit: number;
  /** Others are deleted. */
  readonly version: number;
}

/** Where a machine left the past it shares. */
export interface Fork {
  readonly machineId: string;
  /** Whose operations up to `number` it has. */
  readonly parentId: string;
  readonly number: number;
  readonly seq: number;
  readonly atMs: number;
}

/** A name for a moment of a machine. */
export interface Bookmark {
  /** Whose it is: of a fork, also a machine whose past it shares. */
  readonly machineId: string;
  readonly name: string;
  readonly seq: number;
  readonly note: string;
  readonly atMs: number;
}

/** That a machine's operations are `recordedId`'s, run again with the changes of `plan` (JSON). */
export interface Rerun {
  readonly machineId: string;
  readonly recordedId: string;
  readonly plan: string;
  /** All of them have run; said when they had, and never taken back. */
  readonly whole: boolean;
}

export interface Log {
  /**
   * Writes the entries in one transaction: all of them or, on an error, none. Each must continue
   * its machine; number 1 with seqBefore 0 creates it. When it resolves, they are committed.
   * Rejects with ConcurrencyError if another writer was first.
   */
  append(entries: readonly LogEntry[]): Promise<void>;
  /** null if there is no such machine. */
  head(machineId: string): Promise<MachineHead | null>;
  /** Hash of an operation: it stands for the whole history up to it. null if there is none. */
  hashOf(machineId: string, number: number): Promise<string | null>;
  /** Hash of the operation that made the event `seq`, or of seq 0; null if there is none. */
  hashAt(machineId: string, seq: number): Promise<string | null>;
  /** Heads in the order of the machine ids' UTF-8 bytes, of the ids greater than `after`. */
  machines(page: { readonly after: string | null; readonly limit: number }): Promise<MachineHead[]>;
  /** Rejects with DamagedLogError or EventVersionError. An unknown machine has no operations. */
  read(machineId: string, options: ReadOptions): Promise<Operation[]>;
  /** As `read`, without command, reply and trace. */
  readEvents(machineId: string, options: ReadOptions): Promise<OperationEvents[]>;
  /** Operations after `afterNumber` with their texts as stored; hashes are verified, as in `read`. */
  readStored(
    machineId: string,
    options: { readonly afterNumber: number; readonly limit: number },
  ): Promise<StoredOperation[]>;
  /**
   * Makes a machine of stored operations, the first of which is number 1, in one transaction: if
   * `operations` throws, nothing is written. Rejects with ConcurrencyError if there is one of the
   * name, or an operation does not continue the one before it.
   */
  appendStored(machineId: string, operations: Iterable<StoredOperation>): Promise<void>;
  /** Numbers of refused operations after `afterNumber`, the oldest first. */
  refused(
    machineId: string,
    options: {
      readonly afterNumber: number;
      readonly untilNumber: number;
      readonly limit: number;
    },
  ): Promise<number[]>;
  /** The first operation of the range that fits; null if none does. No operation is decoded. */
  firstNumber(
    machineId: string,
    range: { readonly afterNumber: number; readonly untilNumber: number },
    filter: OperationFilter,
  ): Promise<number | null>;
  /**
   * Makes a machine that shares the parent's operations up to `number`. Rejects with
   * ConcurrencyError if there is one of the name, or the parent has no such operation, and with
   * RangeError for a name that no machine can have.
   */
  fork(fork: Omit<Fork, 'seq'>): Promise<void>;
  /** null if the machine shares nobody's past. */
  forkOf(machineId: string): Promise<Fork | null>;
  /** Names of the machines that share the past of this one directly. */
  forksOf(machineId: string, limit: number): Promise<string[]>;
  /** Names of the machines that share its past directly, or ran its operations again. */
  dependentsOf(machineId: string): Promise<readonly string[]>;
  /** Keeps a state of the past; of no meaning for what is promised. */
  putSnapshot(machineId: string, snapshot: Snapshot): Promise<void>;
  /** The newest intact one at or before `seq`. */
  snapshotBefore(machineId: string, seq: number): Promise<Snapshot | null>;
  /** Keeps what was counted; of no meaning for what is promised. */
  putBlocks(machineId: string, blocks: readonly CountedBlock[]): Promise<void>;
  /** Intact ones from the first on, without a gap; of a fork, also those in the past it shares. */
  blocks(machineId: string, range: BlockRange): Promise<CountedBlock[]>;
  putBookmark(bookmark: Bookmark): Promise<void>;
  bookmark(machineId: string, name: string): Promise<Bookmark | null>;
  /** By seq, then by name; of a fork, also those in the past it shares. */
  bookmarks(machineId: string): Promise<Bookmark[]>;
  deleteBookmark(machineId: string, name: string): Promise<boolean>;
  putRerun(rerun: Rerun): Promise<void>;
  rerun(machineId: string): Promise<Rerun | null>;
  /**
   * Whether there was such a machine. Rejects with DependentsError while others share its past or
   * ran its operations again.
   */
  deleteMachine(machineId: string): Promise<boolean>;
  /**
   * Walks the hash chain from the first operation and gives the first damage, or null. Operations
   * cut from the end leave an intact shorter chain: only a head kept elsewhere tells. `OWN` leaves
   * out what a fork shares, but for the operation it was forked at.
   */
  verify(machineId: string, which?: 'ALL' | 'OWN'): Promise<Damage | null>;
  /**
   * What is damaged of all that is kept beside the operations, of one machine or of all (null):
   * forks, bookmarks and reruns, whose rows have digests, and snapshots and counted blocks, which can
   * be made again.
   */
  verifyKept(machineId: string | null): Promise<Damage[]>;
  /** Why it could not write or read when it last tried; null if it could. */
  failure(): StorageError | null;
  /** Rejects with StorageError if it cannot write; tries to, if that failed before. */
  checkWritable(): Promise<void>;
  close(): Promise<void>;
}

/** An entry does not continue its machine: another writer was first, or the caller is behind. */
export class ConcurrencyError extends Error {
  override readonly name = 'ConcurrencyError';
  readonly machineId: string;
  /** What the entry wanted to continue. */
  readonly expected: { readonly number: number; readonly seq: number };
  /**
   * Where the machine's log ended; number 0 and seq 0 if there is no such machine. The same as
   * `expected` if the machine was deleted and rewritten to the same place.
   */
  readonly actual: { readonly number: number; readonly seq: number };

  constructor(
    machineId: string,
    expected: ConcurrencyError['expected'],
    actual: ConcurrencyError['actual'],
  ) {
    const same = expected.number === actual.number && expected.seq === actual.seq;
    super(
      `machine ${machineId} was expected at operation ${expected.number}, seq ${expected.seq}, but ` +
        (same ? 'was rewritten' : `is at operation ${actual.number}, seq ${actual.seq}`),
    );
    this.machineId = machineId;
    this.expected = expected;
    this.actual = actual;
  }
}

/** A machine cannot be deleted: others share its past, or ran its operations again. */
export class DependentsError extends Error {
  override readonly name = 'DependentsError';

  constructor(machineId: string, dependents: readonly string[]) {
    const names = dependents.map(name => `"${name}"`).join(', ');
    super(`machine "${machineId}" is what others were made of (${names}); delete them first`);
  }
}

/** What was read back is not what was written. */
export class DamagedLogError extends Error {
  override readonly name = 'DamagedLogError';
  readonly damage: Damage;

  constructor(damage: Damage) {
    const { machineId, number, what, beside = `operation ${number}` } = damage;
    super(`machine ${machineId}, ${beside}: ${what}`);
    this.damage = damage;
  }
}

/** The file is not a log this version can open. It was left as it is. */
export class DatabaseRefusedError extends Error {
  override readonly name = 'DatabaseRefusedError';
  readonly file: string;
  /** What is wrong with it. */
  readonly reason: string;
  /** What would be right. */
  readonly wanted: string;

  constructor(file: string, reason: string, wanted: string) {
    super(`${file} was refused and not touched: ${reason}. ${wanted}`);
    this.file = file;
    this.reason = reason;
    this.wanted = wanted;
  }
}
