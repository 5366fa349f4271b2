/**
 * The log in memory: for tests and for machines that need not outlive the server. It keeps the
 * same rows as the database, so hashes agree, callers cannot change what was written, and the
 * codec takes part in every test.
 */
import type { Row } from './codec.ts';
import type { Log } from './log.ts';
import { RowLog } from './row-log.ts';
import {
  type BlockRow,
  type BlockStore,
  type BookmarkRow,
  type BookmarkStore,
  dependents,
  type ForkRow,
  type ForkStore,
  type NumberRange,
  type RerunRow,
  type RerunStore,
  type RowStore,
  type SnapshotRow,
  type SnapshotStore,
} from './row-store.ts';

export function openMemoryLog(): Log {
  return new RowLog(memoryStore());
}

function memoryStore(): RowStore {
  /** Machine id to its rows, of which the first may be beyond 1. */
  const machines = new Map<string, Row[]>();
  const forks = new Map<string, ForkRow>();
  const reruns = new Map<string, RerunRow>();
  const snapshots = memorySnapshots();
  const blocks = memoryBlocks();
  const bookmarks = memoryBookmarks();

  const slice = (machineId: string, range: NumberRange, limit: number, backward: boolean) => {
    const all = machines.get(machineId) ?? [];
    const first = Math.max(range.first - (all[0]?.number ?? 1), 0);
    const end = Math.max(range.last + 1 - (all[0]?.number ?? 1), 0);
    if (!backward) return all.slice(first, Math.min(end, first + limit));
    return all.slice(Math.max(first, end - limit), end).reverse();
  };
  const link = (machineId: string, number: number) => {
    const all = machines.get(machineId);
    return all?.[number - all[0]!.number] ?? null;
  };
  const forkStore: ForkStore = {
    get: machineId => forks.get(machineId) ?? null,
    insert(fork) {
      if (machines.has(fork.machineId) || forks.has(fork.machineId)) return false;
      if (link(fork.parentId, fork.number)?.hash !== fork.hash) return false;
      forks.set(fork.machineId, fork);
      return true;
    },
    of: (parentId, limit) =>
      [...forks.values()]
        .filter(fork => fork.parentId === parentId)
        .slice(0, limit)
        .map(fork => fork.machineId),
  };

  const rerunStore: RerunStore = {
    get: machineId => reruns.get(machineId) ?? null,
    put: rerun => reruns.set(rerun.machineId, rerun),
    of: (recordedId, limit) =>
      [...reruns.values()]
        .filter(rerun => rerun.recordedId === recordedId)
        .slice(0, limit)
        .map(rerun => rerun.machineId),
  };
  const dependentsOf = (machineId: string) => dependents(machineId, forkStore, rerunStore);

  return {
    // One caller at a time, and it has just checked that the rows continue their machines. All of
    // them come before the first is kept: getting one may fail.
    insert(rows) {
      for (const { row } of [...rows]) {
        const all = machines.get(row.machineId);
        if (all === undefined) machines.set(row.machineId, [row]);
        else all.push(row);
      }
      return true;
    },
    lastLink: machineId => machines.get(machineId)?.at(-1) ?? null,
    link,
    createdAtMs: machineId => machines.get(machineId)?.[0]?.atMs ?? null,
    rows: slice,
    eventRows: slice,
    machineIds: (after, limit) =>
      [...new Set([...machines.keys(), ...forks.keys()])]
        .filter(id => byUtf8(id, after) > 0)
        .sort(byUtf8)
        .slice(0, limit),
    refusedNumbers: (machineId, range, limit) =>
      slice(machineId, range, Number.MAX_SAFE_INTEGER, false)
        .filter(row => row.errno !== '0')
        .slice(0, limit)
        .map(row => row.number),
    firstNumber(machineId, range, { type, errno }) {
      const fits = (row: Row) =>
        row.type === (type ?? row.type) && row.errno === (errno ?? row.errno);
      return slice(machineId, range, Number.MAX_SAFE_INTEGER, false).find(fits)?.number ?? null;
    },
    delete(machineId) {
      const needing = dependentsOf(machineId);
      if (needing.length > 0) return { deleted: false, dependents: needing };
      const had = machines.delete(machineId);
      const deleted = forks.delete(machineId) || had;
      reruns.delete(machineId);
      snapshots.delete(machineId, null);
      blocks.delete(machineId, 0);
      for (const { name } of bookmarks.of(machineId)) bookmarks.delete(machineId, name);
      return { deleted, dependents: [] };
    },
    dependentsOf,
    forks: forkStore,
    snapshots,
    blocks,
    bookmarks,
    reruns: rerunStore,
    // Nothing but this program writes its memory, and it takes all there is.
    damagedRows: () => [],
    failure: () => null,
    probe() {},
    close: () => machines.clear(),
  };
}

function memorySnapshots(): SnapshotStore {
  /** By machine id, by ascending seq. */
  const all = new Map<string, SnapshotRow[]>();
  return {
    put(snapshot) {
      const others = all.get(snapshot.machineId)?.filter(({ seq }) => seq !== snapshot.seq) ?? [];
      const after = others.findIndex(({ seq }) => seq > snapshot.seq);
      others.splice(after < 0 ? others.length : after, 0, snapshot);
      all.set(snapshot.machineId, others);
    },
    before: (machineId, seq) => all.get(machineId)?.findLast(row => row.seq <= seq) ?? null,
    delete(machineId, seq) {
      const were = all.get(machineId) ?? [];
      const left = were.filter(row => seq !== null && row.seq !== seq);
      if (left.length === 0) all.delete(machineId);
      else all.set(machineId, left);
      return left.length < were.length;
    },
    all: machineId => (machineId === null ? [...all.values()].flat() : (all.get(machineId) ?? [])),
  };
}

function memoryBlocks(): BlockStore {
  /** By machine id; holes where none was kept. */
  const all = new Map<string, BlockRow[]>();
  const of = (machineId: string) => (all.get(machineId) ?? []).filter(row => row !== undefined);
  return {
    put(rows) {
      for (const row of rows) {
        const kept = all.get(row.machineId) ?? [];
        kept[row.block] = row;
        all.set(row.machineId, kept);
      }
    },
    range: (machineId, first, limit) =>
      (all.get(machineId) ?? [])
        .slice(first)
        .filter(row => row !== undefined)
        .slice(0, limit),
    delete(machineId, first) {
      const kept = all.get(machineId) ?? [];
      if (kept.length <= first) return false;
      if (first === 0) all.delete(machineId);
      else kept.length = first;
      return true;
    },
    all: machineId => (machineId === null ? [...all.keys()].flatMap(of) : of(machineId)),
  };
}

function memoryBookmarks(): BookmarkStore {
  const all = new Map<string, Map<string, BookmarkRow>>();
  return {
    get: (machineId, name) => all.get(machineId)?.get(name) ?? null,
    put(bookmark) {
      const marks = all.get(bookmark.machineId) ?? new Map<string, BookmarkRow>();
      all.set(bookmark.machineId, marks.set(bookmark.name, bookmark));
    },
    delete: (machineId, name) => all.get(machineId)?.delete(name) ?? false,
    of: machineId => [...(all.get(machineId)?.values() ?? [])],
  };
}

function byUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
