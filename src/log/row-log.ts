/**
 * The log's contract over any store of rows: what continues what, which rows answer a read, and
 * whether they are intact. Memory and SQLite differ only in their RowStore.
 */
import { MACHINE_ID_LENGTH_MAX } from '../abi/limits.ts';
import type { Operation } from '../core/operation.ts';
import type { Link, RowStore } from './chain.ts';
import { damaged, readRows, verifyChain } from './chain.ts';
import type { Row } from './codec.ts';
import { decode, decodeEvents, encode, FIRST_PREVIOUS_HASH } from './codec.ts';
import type { Damage, Log, LogEntry, MachineHead, OperationEvents, ReadOptions } from './log.ts';
import { ConcurrencyError } from './log.ts';
import type { Upcasting } from './upcast.ts';
import { CURRENT_UPCASTING } from './upcast.ts';

/** The link before a machine's first operation. */
const NOTHING: Link = { number: 0, seq: 0, hash: FIRST_PREVIOUS_HASH };
/** Machines whose newest link is remembered between appends; beyond it they are looked up again. */
const LINKS_REMEMBERED_MAX = 10_000;

export class RowLog implements Log {
  readonly #store: RowStore;
  readonly #upcasting: Upcasting;
  /** May be behind another writer's; the store refuses then. */
  readonly #links = new Map<string, Link>();

  constructor(store: RowStore, upcasting: Upcasting = CURRENT_UPCASTING) {
    this.#store = store;
    this.#upcasting = upcasting;
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const rows: Row[] = [];
    const previousHashes: string[] = [];
    const links = new Map<string, Link>();
    for (const { machineId, operation } of entries) {
      checkEntry(machineId, operation);
      const link = links.get(machineId) ?? this.#linkBefore(machineId, operation);
      if (!continues(operation, link)) throw conflict(machineId, operation, link);
      const row = encode(machineId, operation, link.hash);
      rows.push(row);
      previousHashes.push(link.hash);
      links.set(machineId, { number: row.number, seq: row.seq, hash: row.hash });
    }
    if (!this.#store.insert(rows, previousHashes)) throw this.#lostRace(entries);
    if (this.#links.size + links.size > LINKS_REMEMBERED_MAX) this.#links.clear();
    for (const [machineId, link] of links) this.#links.set(machineId, link);
  }

  async head(machineId: string): Promise<MachineHead | null> {
    return this.#head(machineId);
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
      const { number, seqBefore, seq } = row;
      const events = readable(row, decodeEvents, this.#upcasting);
      operations.push({ number, seqBefore, seq, events });
    }
    return operations;
  }

  async deleteMachine(machineId: string): Promise<boolean> {
    this.#links.delete(machineId);
    return this.#store.delete(machineId);
  }

  async verify(machineId: string): Promise<Damage | null> {
    return verifyChain(this.#store, machineId);
  }

  async close(): Promise<void> {
    this.#store.close();
  }

  #linkBefore(machineId: string, operation: Operation): Link {
    const remembered = this.#links.get(machineId);
    if (remembered !== undefined && continues(operation, remembered)) return remembered;
    return this.#store.lastLink(machineId) ?? NOTHING;
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
    const createdAtMs = this.#store.atMs(machineId, 1);
    if (link === null) return null;
    if (createdAtMs === null) throw damaged(machineId, 1, 0, 'the first operation is missing');
    const { number, seq, hash } = link;
    return { machineId, number, seq, hash, createdAtMs };
  }
}

function continues(operation: Operation, link: Link): boolean {
  return operation.number === link.number + 1 && operation.seqBefore === link.seq;
}

function conflict(machineId: string, operation: Operation, link: Link): ConcurrencyError {
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
