/**
 * The log's contract over any store of rows: what continues what, which rows answer a read, and
 * whether they are intact. Memory and SQLite differ only in their RowStore.
 */
import { MACHINE_ID_LENGTH_MAX } from '../abi/limits.ts';
import type { Operation } from '../core/machine/operation.ts';
import { blockDamage, blockRow, keptBlocks } from './block-row.ts';
import { damaged, linkOfEvent, readRows, verifyChain, verifyOwnChain } from './chain.ts';
import { decode, decodeEvents, encode, FIRST_PREVIOUS_HASH, hashOf, type Row } from './codec.ts';
import {
  type BlockRange,
  type Bookmark,
  ConcurrencyError,
  type CountedBlock,
  type Damage,
  DependentsError,
  type Fork,
  type Log,
  type LogEntry,
  type MachineHead,
  type OperationEvents,
  type OperationFilter,
  type ReadOptions,
  type Rerun,
  type Snapshot,
  type StoredOperation,
} from './log.ts';
import type { Link, LinkedRow, RowStore } from './row-store.ts';
import { type SharingStore, withSharedPast } from './shared-past.ts';
import { keptSnapshot, snapshotDamage, snapshotRow } from './snapshot-row.ts';
import type { StorageError } from './storage-error.ts';
import { CURRENT_UPCASTING, type Upcasting } from './upcast.ts';

/** Where a machine's log ends, and under whose id that operation is stored. */
interface Place extends Link {
  readonly machineId: string;
}

type Continuation = Pick<Operation, 'number' | 'seqBefore'>;

/** Before a machine's first operation. */
const NOTHING: Place = { machineId: '', number: 0, seq: 0, hash: FIRST_PREVIOUS_HASH };
/** Machines whose newest link is remembered between appends; beyond it they are looked up again. */
const LINKS_REMEMBERED_MAX = 10_000;

export class RowLog implements Log {
  readonly #store: SharingStore;
  readonly #upcasting: Upcasting;
  readonly #say: (line: string) => void;
  /** May be behind another writer's; the store refuses then. */
  readonly #links = new Map<string, Place>();

  /** `say` takes a line about what was damaged and is made again. */
  constructor(
    store: RowStore,
    upcasting: Upcasting = CURRENT_UPCASTING,
    say: (line: string) => void = console.error,
  ) {
    this.#store = withSharedPast(store);
    this.#upcasting = upcasting;
    this.#say = say;
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const rows: LinkedRow[] = [];
    const links = new Map<string, Place>();
    for (const { machineId, operation } of entries) {
      checkEntry(machineId, operation);
      const link = links.get(machineId) ?? this.#linkBefore(machineId, operation);
      if (!continues(operation, link)) throw conflict(machineId, operation, link);
      const row = encode(machineId, operation, link.hash);
      rows.push({ row, before: link });
      links.set(machineId, { machineId, number: row.number, seq: row.seq, hash: row.hash });
    }
    if (!this.#store.insert(rows)) throw this.#lostRace(entries);
    if (this.#links.size + links.size > LINKS_REMEMBERED_MAX) this.#links.clear();
    for (const [machineId, link] of links) this.#links.set(machineId, link);
  }

  async head(machineId: string): Promise<MachineHead | null> {
    return this.#head(machineId);
  }

  async hashOf(machineId: string, number: number): Promise<string | null> {
    return this.#store.link(machineId, number)?.hash ?? null;
  }

  async hashAt(machineId: string, seq: number): Promise<string | null> {
    if (seq === 0) return this.#store.lastLink(machineId) === null ? null : FIRST_PREVIOUS_HASH;
    return linkOfEvent(this.#store, machineId, seq)?.hash ?? null;
  }

  async machines(page: { after: string | null; limit: number }): Promise<MachineHead[]> {
    const heads: MachineHead[] = [];
    for (const machineId of this.#store.machineIds(page.after ?? '', page.limit)) {
      const head = this.#head(machineId);
      if (head !== null) heads.push(head);
    }
    return heads;
  }

  async read(machineId: string, options: ReadOptions): Promise<Operation[]> {
    const operations: Operation[] = [];
    for (const row of readRows(this.#store, machineId, options, false)) {
      operations.push(readable(row, decode, this.#upcasting));
    }
    return operations;
  }

  async readEvents(machineId: string, options: ReadOptions): Promise<OperationEvents[]> {
    const operations: OperationEvents[] = [];
    for (const row of readRows(this.#store, machineId, options, true)) {
      const { number, seqBefore, seq, atMs, errno } = row;
      const events = readable(row, decodeEvents, this.#upcasting);
      operations.push({ number, seqBefore, seq, atMs, refused: errno !== '0', events });
    }
    return operations;
  }

  async readStored(
    machineId: string,
    options: { afterNumber: number; limit: number },
  ): Promise<StoredOperation[]> {
    const rows = readRows(this.#store, machineId, { ...options, verify: true }, false);
    return rows.map(({ machineId: _, hash: __, ...stored }) => stored);
  }

  async appendStored(machineId: string, operations: Iterable<StoredOperation>): Promise<void> {
    checkMachineId(machineId);
    if (this.#store.lastLink(machineId) !== null) {
      throw new ConcurrencyError(machineId, NOTHING, this.#store.lastLink(machineId)!);
    }
    if (!this.#store.insert(linkedRows(machineId, operations))) {
      throw new ConcurrencyError(machineId, NOTHING, this.#store.lastLink(machineId) ?? NOTHING);
    }
  }

  async refused(
    machineId: string,
    options: { afterNumber: number; untilNumber: number; limit: number },
  ): Promise<number[]> {
    const range = { first: options.afterNumber + 1, last: options.untilNumber };
    return this.#store.refusedNumbers(machineId, range, options.limit);
  }

  async firstNumber(
    machineId: string,
    range: { afterNumber: number; untilNumber: number },
    filter: OperationFilter,
  ): Promise<number | null> {
    const { afterNumber, untilNumber } = range;
    return this.#store.firstNumber(
      machineId,
      { first: afterNumber + 1, last: untilNumber },
      filter,
    );
  }

  async fork({ machineId, parentId, number, atMs }: Omit<Fork, 'seq'>): Promise<void> {
    checkMachineId(machineId);
    const link = this.#store.link(parentId, number);
    const written =
      link !== null &&
      this.#store.forks.insert({
        machineId,
        parentId,
        number,
        seq: link.seq,
        hash: link.hash,
        atMs,
      });
    if (written) return;
    throw new ConcurrencyError(machineId, NOTHING, this.#store.lastLink(machineId) ?? NOTHING);
  }

  async forkOf(machineId: string): Promise<Fork | null> {
    const fork = this.#store.forks.get(machineId);
    if (fork === null) return null;
    const { hash: _, ...rest } = fork;
    return rest;
  }

  async forksOf(machineId: string, limit: number): Promise<string[]> {
    return this.#store.forks.of(machineId, limit);
  }

  async dependentsOf(machineId: string): Promise<readonly string[]> {
    return this.#store.dependentsOf(machineId);
  }

  async putSnapshot(machineId: string, snapshot: Snapshot): Promise<void> {
    const { number, seq } = snapshot;
    const link = this.#store.link(machineId, number);
    // Deleted, or forked anew, meanwhile.
    if (link?.seq !== seq) return;
    const holder = this.#store.holderOf(machineId, number);
    this.#store.snapshots.put(snapshotRow(holder, snapshot, link.hash));
  }

  async snapshotBefore(machineId: string, seq: number): Promise<Snapshot | null> {
    return keptSnapshot(this.#store, machineId, seq, this.#say);
  }

  async putBlocks(machineId: string, blocks: readonly CountedBlock[]): Promise<void> {
    const rows = blocks.map(block => blockRow(this.#store, machineId, block));
    this.#store.blocks.put(rows.filter(row => row !== null));
  }

  async blocks(machineId: string, range: BlockRange): Promise<CountedBlock[]> {
    return keptBlocks(this.#store, machineId, range, this.#say);
  }

  async putBookmark(bookmark: Bookmark): Promise<void> {
    this.#store.bookmarks.put(bookmark);
  }

  async bookmark(machineId: string, name: string): Promise<Bookmark | null> {
    return this.#store.bookmarks.get(machineId, name);
  }

  async bookmarks(machineId: string): Promise<Bookmark[]> {
    const bookmarks = this.#store.bookmarks.of(machineId);
    return bookmarks.sort((a, b) => a.seq - b.seq || (a.name < b.name ? -1 : 1));
  }

  async deleteBookmark(machineId: string, name: string): Promise<boolean> {
    return this.#store.bookmarks.delete(machineId, name);
  }

  async putRerun(rerun: Rerun): Promise<void> {
    this.#store.reruns.put(rerun);
  }

  async rerun(machineId: string): Promise<Rerun | null> {
    return this.#store.reruns.get(machineId);
  }

  async deleteMachine(machineId: string): Promise<boolean> {
    this.#links.delete(machineId);
    const { deleted, dependents } = this.#store.delete(machineId);
    if (dependents.length > 0) throw new DependentsError(machineId, dependents);
    return deleted;
  }

  async verify(machineId: string, which: 'ALL' | 'OWN' = 'ALL'): Promise<Damage | null> {
    const walk = which === 'OWN' ? verifyOwnChain : verifyChain;
    return walk(this.#store, machineId);
  }

  async verifyKept(machineId: string | null): Promise<Damage[]> {
    return [
      ...this.#store.damagedRows(machineId),
      ...snapshotDamage(this.#store, machineId),
      ...blockDamage(this.#store, machineId),
    ];
  }

  failure(): StorageError | null {
    return this.#store.failure();
  }

  async checkWritable(): Promise<void> {
    this.#store.probe();
  }

  async close(): Promise<void> {
    this.#store.close();
  }

  #linkBefore(machineId: string, operation: Operation): Place {
    const remembered = this.#links.get(machineId);
    if (remembered !== undefined && continues(operation, remembered)) return remembered;
    const link = this.#store.lastLink(machineId);
    if (link === null) return NOTHING;
    return { ...link, machineId: this.#store.holderOf(machineId, link.number) };
  }

  /** Names the entry that another writer came before. */
  #lostRace(entries: readonly LogEntry[]): Error {
    const checked = new Set<string>();
    for (const { machineId, operation } of entries) {
      this.#links.delete(machineId);
      if (checked.has(machineId)) continue;
      checked.add(machineId);
      const link = this.#store.lastLink(machineId) ?? NOTHING;
      if (!continues(operation, link)) return conflict(machineId, operation, link);
    }
    // Another writer deleted the machine and wrote it anew to the same number and seq.
    const { machineId, operation } = entries[0]!;
    return conflict(machineId, operation, this.#store.lastLink(machineId) ?? NOTHING);
  }

  #head(machineId: string): MachineHead | null {
    const link = this.#store.lastLink(machineId);
    const createdAtMs = this.#store.createdAtMs(machineId);
    if (link === null) return null;
    if (createdAtMs === null) throw damaged(machineId, 1, 0, 'the first operation is missing');
    const { number, seq, hash } = link;
    return { machineId, number, seq, hash, createdAtMs };
  }
}

/** Rows of a new machine, as they come. */
function* linkedRows(
  machineId: string,
  operations: Iterable<StoredOperation>,
): Generator<LinkedRow> {
  let before = NOTHING;
  for (const stored of operations) {
    if (!continues(stored, before)) throw conflict(machineId, stored, before);
    const row = { ...stored, machineId, hash: '' };
    row.hash = hashOf(row, before.hash);
    yield { row, before };
    before = row;
  }
}

function continues(operation: Continuation, link: Link): boolean {
  return operation.number === link.number + 1 && operation.seqBefore === link.seq;
}

function conflict(machineId: string, operation: Continuation, link: Link): ConcurrencyError {
  const expected = { number: operation.number - 1, seq: operation.seqBefore };
  return new ConcurrencyError(machineId, expected, { number: link.number, seq: link.seq });
}

/** What only a mistake in the caller breaks. */
function checkEntry(machineId: string, operation: Operation): void {
  const { number, seqBefore, seq, atMs, events } = operation;
  if (number === 1) checkMachineId(machineId);
  if (!Number.isSafeInteger(number) || number < 1) throw new RangeError(`number ${number}`);
  if (!Number.isSafeInteger(atMs) || atMs < 0) throw new RangeError(`atMs ${atMs}`);
  if (!Number.isSafeInteger(seqBefore) || seqBefore < 0) throw new RangeError(`seq ${seqBefore}`);
  if (seq !== seqBefore + events.length) {
    throw new RangeError(
      `operation ${number} goes from seq ${seqBefore} to ${seq} with ${events.length} events`,
    );
  }
}

function checkMachineId(machineId: string): void {
  if (machineId.length < 1 || machineId.length > MACHINE_ID_LENGTH_MAX) {
    throw new RangeError(`a machine id has 1 to ${MACHINE_ID_LENGTH_MAX} characters`);
  }
  // Both would not come back from a database as they went in.
  if (!machineId.isWellFormed() || machineId.includes('\0')) {
    throw new RangeError('a machine id is well-formed Unicode without U+0000');
  }
}

/** What `read` makes of the row; text that is not JSON is damage. */
function readable<T>(row: Row, read: (row: Row, table: Upcasting) => T, table: Upcasting): T {
  try {
    return read(row, table);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw damaged(row.machineId, row.number, row.seq, `its text is not JSON: ${error.message}`);
  }
}
