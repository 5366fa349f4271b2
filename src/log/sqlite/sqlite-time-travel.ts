/**
 * What is kept beside the operations in SQLite: forks, snapshots, bookmarks, reruns. Whoever reads a
 * fork, a bookmark or a rerun that was changed gets DamagedLogError.
 */
import type { Database } from 'better-sqlite3';
import { sql } from 'kysely';
import type {
  BookmarkStore,
  ForkRow,
  ForkStore,
  RerunStore,
  RowStore,
  SnapshotRow,
  SnapshotStore,
} from '../row-store.ts';
import {
  BOOKMARK_COLUMNS,
  bookmarkRow,
  FORK_COLUMNS,
  forkRow,
  RERUN_COLUMNS,
  rerunRow,
} from './digested-rows.ts';
import { kyselyOf, lazily, NUMBER, TEXT } from './sqlite-tables.ts';

export function sqliteForks(
  database: Database,
  operations: Pick<RowStore, 'link' | 'lastLink'>,
): ForkStore {
  const db = kyselyOf(database);
  const get = lazily(database, () =>
    db
      .selectFrom('forks')
      .where('machine_id', '=', TEXT)
      .select([...FORK_COLUMNS, 'digest']),
  );
  const of = lazily(database, () =>
    db
      .selectFrom('forks')
      .where('parent_id', '=', TEXT)
      .select('machine_id as machineId')
      .orderBy('machine_id')
      .limit(NUMBER),
  );
  const insert = lazily(database, () =>
    db.insertInto('forks').values({
      machine_id: TEXT,
      parent_id: TEXT,
      number: NUMBER,
      seq: NUMBER,
      hash: TEXT,
      at_ms: NUMBER,
      digest: TEXT,
    }),
  );
  const find = (machineId: string) => forkRow.intact(get().get(machineId));
  const insertNew = database.transaction((fork: ForkRow): boolean => {
    const { machineId, parentId, number, hash } = fork;
    const taken = find(machineId) !== null || operations.lastLink(machineId) !== null;
    if (taken || operations.link(parentId, number)?.hash !== hash) return false;
    insert().run(...forkRow.values(fork));
    return true;
  });
  return {
    get: find,
    insert: fork => insertNew.immediate(fork),
    of: (parentId, limit) =>
      (of().all(parentId, limit) as { machineId: string }[]).map(row => row.machineId),
  };
}

const SNAPSHOT_COLUMNS = [
  'machine_id as machineId',
  'seq',
  'number',
  'hash',
  'version',
  'digest',
  'state',
] as const;

export function sqliteSnapshots(database: Database): SnapshotStore {
  const db = kyselyOf(database);
  const put = lazily(database, () =>
    db.replaceInto('snapshots').values({
      machine_id: TEXT,
      seq: NUMBER,
      number: NUMBER,
      hash: TEXT,
      version: NUMBER,
      digest: TEXT,
      state: TEXT,
    }),
  );
  const ofMachine = db.selectFrom('snapshots').where('machine_id', '=', TEXT);
  const before = lazily(database, () =>
    ofMachine
      .where('seq', '<=', NUMBER)
      .select(SNAPSHOT_COLUMNS)
      .orderBy('seq', 'desc')
      .limit(sql.lit(1)),
  );
  const every = lazily(database, () => db.selectFrom('snapshots').select(SNAPSHOT_COLUMNS));
  const ofOne = lazily(database, () => ofMachine.select(SNAPSHOT_COLUMNS));
  const ofId = db.deleteFrom('snapshots').where('machine_id', '=', TEXT);
  const deleteAll = lazily(database, () => ofId);
  const deleteOne = lazily(database, () => ofId.where('seq', '=', NUMBER));
  return {
    put({ machineId, seq, number, hash, version, digest, state }) {
      put().run(machineId, seq, number, hash, version, digest, state);
    },
    before: (machineId, seq) => (before().get(machineId, seq) as SnapshotRow | undefined) ?? null,
    delete(machineId, seq) {
      const done = seq === null ? deleteAll().run(machineId) : deleteOne().run(machineId, seq);
      return done.changes > 0;
    },
    // One at a time: states are long.
    all: machineId =>
      (machineId === null
        ? every().iterate()
        : ofOne().iterate(machineId)) as IterableIterator<SnapshotRow>,
  };
}

export function sqliteBookmarks(database: Database): BookmarkStore {
  const db = kyselyOf(database);
  const ofMachine = db
    .selectFrom('bookmarks')
    .where('machine_id', '=', TEXT)
    .select([...BOOKMARK_COLUMNS, 'digest']);
  const get = lazily(database, () => ofMachine.where('name', '=', TEXT));
  const of = lazily(database, () => ofMachine.orderBy('name'));
  const put = lazily(database, () =>
    db.replaceInto('bookmarks').values({
      machine_id: TEXT,
      name: TEXT,
      seq: NUMBER,
      note: TEXT,
      at_ms: NUMBER,
      digest: TEXT,
    }),
  );
  const remove = lazily(database, () =>
    db.deleteFrom('bookmarks').where('machine_id', '=', TEXT).where('name', '=', TEXT),
  );
  return {
    get: (machineId, name) => bookmarkRow.intact(get().get(machineId, name)),
    put(bookmark) {
      put().run(...bookmarkRow.values(bookmark));
    },
    delete: (machineId, name) => remove().run(machineId, name).changes > 0,
    of: machineId =>
      of()
        .all(machineId)
        .map(row => bookmarkRow.intact(row)!),
  };
}

export function sqliteReruns(database: Database): RerunStore {
  const db = kyselyOf(database);
  const get = lazily(database, () =>
    db
      .selectFrom('reruns')
      .where('machine_id', '=', TEXT)
      .select([...RERUN_COLUMNS, 'digest']),
  );
  const put = lazily(database, () =>
    db
      .replaceInto('reruns')
      .values({ machine_id: TEXT, recorded_id: TEXT, plan: TEXT, whole: NUMBER, digest: TEXT }),
  );
  const of = lazily(database, () =>
    db
      .selectFrom('reruns')
      .where('recorded_id', '=', TEXT)
      .select('machine_id as machineId')
      .orderBy('machine_id')
      .limit(NUMBER),
  );
  return {
    get(machineId) {
      const found = rerunRow.intact(get().get(machineId));
      return found && { ...found, whole: found.whole === 1 };
    },
    put({ whole, ...rest }) {
      put().run(...rerunRow.values({ ...rest, whole: whole ? 1 : 0 }));
    },
    of: (recordedId, limit) =>
      (of().all(recordedId, limit) as { machineId: string }[]).map(row => row.machineId),
  };
}
