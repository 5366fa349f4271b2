/**
 * Reading rows of one machine and checking that they are the chain that was written: numbers and
 * seqs without gaps always, hashes on demand.
 */
import { FIRST_PREVIOUS_HASH, hashOf, type Row } from './codec.ts';
import { type Damage, DamagedLogError, type ReadOptions } from './log.ts';
import type { Link, NumberRange, RowStore } from './row-store.ts';

/** Rows that `verifyChain` holds at a time. */
const VERIFY_ROWS = 1_000;

export function damaged(
  machineId: string,
  number: number,
  seq: number,
  what: string,
): DamagedLogError {
  return new DamagedLogError({ machineId, number, seq, what });
}

/** The rows that answer a read, in its order, checked. `eventsOnly` leaves the other texts out. */
export function readRows(
  store: RowStore,
  machineId: string,
  options: ReadOptions,
  eventsOnly: boolean,
): Row[] {
  if (!Number.isSafeInteger(options.limit) || options.limit < 0) {
    throw new RangeError(`limit ${options.limit} is not a count`);
  }
  const range = rangeOf(store, machineId, options);
  if (range.last < range.first) return [];
  const backward = options.order === 'backward';
  const read = eventsOnly && !options.verify ? 'eventRows' : 'rows';
  const rows = store[read](machineId, range, options.limit, backward);
  if (backward) rows.reverse();
  checkRows(store, machineId, rows, range, backward);
  if (options.verify) checkHashes(store, machineId, rows);
  if (backward) rows.reverse();
  return rows;
}

function rangeOf(store: RowStore, machineId: string, options: ReadOptions): NumberRange {
  const head = store.lastLink(machineId);
  if (head === null) return { first: 1, last: 0 };
  let first = (options.afterNumber ?? 0) + 1;
  let last = Math.min(head.number, (options.beforeNumber ?? Infinity) - 1);
  if (options.afterSeq !== undefined) {
    first = Math.max(first, firstEndingAfter(store, machineId, head, options.afterSeq));
  }
  if (options.untilSeq !== undefined) {
    last = Math.min(last, firstEndingAfter(store, machineId, head, options.untilSeq) - 1);
  }
  return { first, last };
}

/** The operation that made the event `seq`, from 1; null if there is none. */
export function linkOfEvent(store: RowStore, machineId: string, seq: number): Link | null {
  const head = store.lastLink(machineId);
  if (head === null || seq < 1 || seq > head.seq) return null;
  return store.link(machineId, firstEndingAfter(store, machineId, head, seq - 1));
}

/**
 * The least number whose operation ends after `seq`; one more than the head's if none does. Seqs
 * rise with numbers: steps that double find the right part from the newest end, where readers that
 * follow live are, and halving finds the place in it. At most 40 lookups in a million operations.
 * An index by seq would answer in one and make every append a fifth dearer.
 */
function firstEndingAfter(store: RowStore, machineId: string, head: Link, seq: number): number {
  if (head.seq <= seq) return head.number + 1;
  const endsAfter = (number: number): boolean => {
    const link = store.link(machineId, number);
    if (link === null) throw damaged(machineId, number, seq, 'this operation is missing');
    return link.seq > seq;
  };
  let low = 1;
  let high = head.number; // ends after seq
  for (let step = 1; high - step >= low; step *= 2) {
    if (endsAfter(high - step)) high -= step;
    else low = high - step + 1;
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (endsAfter(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Continuity of ascending rows, within themselves and with the range they answer. */
function checkRows(
  store: RowStore,
  machineId: string,
  rows: readonly Row[],
  range: NumberRange,
  backward: boolean,
): void {
  const first = rows[0];
  if (first === undefined) return;
  const wanted = backward ? range.last - rows.length + 1 : range.first;
  if (first.number !== wanted) {
    throw damaged(machineId, wanted, first.seqBefore, 'this operation is missing');
  }
  let before: { number: number; seq: number } | null =
    first.number === 1 ? { number: 0, seq: 0 } : store.link(machineId, first.number - 1);
  for (const row of rows) {
    const what = gapBefore(row, before);
    if (what !== null) throw damaged(machineId, row.number, row.seq, what);
    before = row;
  }
}

/** Why `row` does not continue `before`, or null. */
function gapBefore(row: Row, before: { number: number; seq: number } | null): string | null {
  if (before === null || row.number !== before.number + 1) {
    return 'the operation before it is missing';
  }
  if (row.seqBefore !== before.seq) {
    return `it begins at seq ${row.seqBefore}, but the one before it ended at ${before.seq}`;
  }
  if (row.seq < row.seqBefore) return `it goes back from seq ${row.seqBefore} to ${row.seq}`;
  return null;
}

function checkHashes(store: RowStore, machineId: string, rows: readonly Row[]): void {
  const first = rows[0];
  if (first === undefined) return;
  let previousHash =
    first.number === 1
      ? FIRST_PREVIOUS_HASH
      : (store.link(machineId, first.number - 1)?.hash ?? '');
  for (const row of rows) {
    if (hashOf(row, previousHash) !== row.hash) {
      throw damaged(row.machineId, row.number, row.seq, WRONG_HASH);
    }
    previousHash = row.hash;
  }
}

const WRONG_HASH = 'its hash does not match: it, or the hash before it, was changed';

/** Walks one machine's chain from the operation after `from`; the first damage, or null. */
export function verifyChain(
  store: RowStore,
  machineId: string,
  from: Link = { number: 0, seq: 0, hash: FIRST_PREVIOUS_HASH },
): Damage | null {
  let before = from;
  for (;;) {
    const range = { first: before.number + 1, last: Number.MAX_SAFE_INTEGER };
    const rows = store.rows(machineId, range, VERIFY_ROWS, false);
    for (const row of rows) {
      const { number, seq } = row;
      const what = gapBefore(row, before);
      if (what !== null) return { machineId, number, seq, what };
      if (hashOf(row, before.hash) !== row.hash) {
        return { machineId, number, seq, what: WRONG_HASH };
      }
      before = row;
    }
    if (rows.length < VERIFY_ROWS) break;
  }
  // Not the newest operation: another process may have appended it since.
  const fork = store.forks.get(machineId);
  if (fork === null || before.number > fork.number || before.hash === fork.hash) return null;
  const { number, seq } = fork;
  return { machineId, number, seq, what: 'the operations it shares end before it' };
}

/** As `verifyChain`, for what the machine has by itself: of a fork, what comes after its past. */
export function verifyOwnChain(store: RowStore, machineId: string): Damage | null {
  const fork = store.forks.get(machineId);
  if (fork === null) return verifyChain(store, machineId);
  const { number, seq, hash } = fork;
  if (store.link(machineId, number)?.hash !== hash) {
    return { machineId, number, seq, what: 'the operation it was forked at is not what it was' };
  }
  return verifyChain(store, machineId, fork);
}
