/**
 * Forks over a store of rows: a fork's operations up to its fork point are read where its parent
 * has them. Nothing is copied, whatever the length of the past.
 */
import type { Row } from './codec.ts';
import type { BlockRow, Link, NumberRange, RowStore, SnapshotRow } from './row-store.ts';

/** A part of a machine's log: `machineId` holds the operations up to `last`. */
interface Stretch {
  readonly machineId: string;
  readonly last: number;
}

export interface SharingStore extends RowStore {
  /** Under whose id the machine's operation is stored. */
  holderOf(machineId: string, number: number): string;
}

/** The store, where a fork has the operations it shares. */
export function withSharedPast(store: RowStore): SharingStore {
  /** Who holds the machine's operations from `first` on, the oldest first. */
  const stretchesOf = (machineId: string, first: number): Stretch[] => {
    const stretches: Stretch[] = [{ machineId, last: Number.MAX_SAFE_INTEGER }];
    // No further back than asked: a deep fork's newest operations cost no more than others'.
    for (let fork = store.forks.get(machineId); fork !== null && fork.number >= first; ) {
      stretches.push({ machineId: fork.parentId, last: fork.number });
      fork = store.forks.get(fork.parentId);
    }
    return stretches.reverse();
  };

  const holderOf = (machineId: string, number: number): string => {
    for (let id = machineId; ; ) {
      const fork = store.forks.get(id);
      if (fork === null || number > fork.number) return id;
      id = fork.parentId;
    }
  };

  /** What `read` gives for the part of the range that each holder has. */
  const collected = <T>(
    machineId: string,
    range: NumberRange,
    limit: number,
    backward: boolean,
    read: (holder: string, part: NumberRange, limit: number) => T[],
  ): T[] => {
    const parts: (NumberRange & { machineId: string })[] = [];
    let first = range.first;
    for (const stretch of stretchesOf(machineId, range.first)) {
      const last = Math.min(range.last, stretch.last);
      if (first <= last) parts.push({ machineId: stretch.machineId, first, last });
      first = Math.max(first, stretch.last + 1);
    }
    if (backward) parts.reverse();
    const found: T[] = [];
    for (const part of parts) {
      if (found.length >= limit) break;
      for (const item of read(part.machineId, part, limit - found.length)) found.push(item);
    }
    return found;
  };

  const lastLink = (machineId: string): Link | null => {
    const own = store.lastLink(machineId);
    if (own !== null) return own;
    const fork = store.forks.get(machineId);
    return fork && { number: fork.number, seq: fork.seq, hash: fork.hash };
  };

  return {
    ...store,
    holderOf,
    lastLink,
    link: (machineId, number) => store.link(holderOf(machineId, number), number),
    createdAtMs: machineId => store.forks.get(machineId)?.atMs ?? store.createdAtMs(machineId),
    rows: (machineId, range, limit, backward) =>
      collected<Row>(machineId, range, limit, backward, (holder, part, most) =>
        store.rows(holder, part, most, backward),
      ),
    eventRows: (machineId, range, limit, backward) =>
      collected<Row>(machineId, range, limit, backward, (holder, part, most) =>
        store.eventRows(holder, part, most, backward),
      ),
    refusedNumbers: (machineId, range, limit) =>
      collected<number>(machineId, range, limit, false, (holder, part, most) =>
        store.refusedNumbers(holder, part, most),
      ),
    firstNumber(machineId, range, filter) {
      const [number] = collected<number>(machineId, range, 1, false, (holder, part) => {
        const found = store.firstNumber(holder, part, filter);
        return found === null ? [] : [found];
      });
      return number ?? null;
    },
    forks: {
      ...store.forks,
      insert: fork =>
        store.forks.insert({ ...fork, parentId: holderOf(fork.parentId, fork.number) }),
    },
    snapshots: {
      ...store.snapshots,
      before(machineId, seq): SnapshotRow | null {
        for (let id = machineId, most = seq; ; ) {
          const found = store.snapshots.before(id, most);
          const fork = store.forks.get(id);
          if (found !== null || fork === null) return found;
          id = fork.parentId;
          most = Math.min(most, fork.seq);
        }
      },
    },
    blocks: {
      ...store.blocks,
      range(machineId, first, limit): BlockRow[] {
        const found = new Map<number, BlockRow>();
        let last = Number.POSITIVE_INFINITY;
        for (let id = machineId; ; ) {
          for (const row of store.blocks.range(id, first, limit)) {
            if (row.number <= last && !found.has(row.block)) found.set(row.block, row);
          }
          const fork = store.forks.get(id);
          if (fork === null) break;
          id = fork.parentId;
          last = Math.min(last, fork.number);
        }
        return [...found.values()].sort((a, b) => a.block - b.block).slice(0, limit);
      },
    },
    bookmarks: {
      ...store.bookmarks,
      get(machineId, name) {
        for (let id = machineId, most = Infinity; ; ) {
          const found = store.bookmarks.get(id, name);
          if (found !== null && found.seq <= most) return found;
          const fork = store.forks.get(id);
          if (fork === null) return null;
          id = fork.parentId;
          most = Math.min(most, fork.seq);
        }
      },
      of(machineId) {
        const found = new Map(store.bookmarks.of(machineId).map(mark => [mark.name, mark]));
        let most = Infinity;
        for (let fork = store.forks.get(machineId); fork !== null; ) {
          most = Math.min(most, fork.seq);
          for (const mark of store.bookmarks.of(fork.parentId)) {
            if (mark.seq <= most && !found.has(mark.name)) found.set(mark.name, mark);
          }
          fork = store.forks.get(fork.parentId);
        }
        return [...found.values()];
      },
    },
  };
}
