/** What is kept beside the operations in SQLite: forks, snapshots, bookmarks, reruns. */
import type { Database } from 'better-sqlite3';
import { sql } from 'kysely';
import type {
  BookmarkRow,
  BookmarkStore,
  ForkRow,
  ForkStore,
  RerunRow,
  RerunStore,
  RowStore,
  SnapshotRow,
  SnapshotStore,
} from '../row-store.ts';
import { kyselyOf, lazily, NUMBER, TEXT } from './sqlite-tables.ts';

const FORK_COLUMNS = [
  'machine_id as machineId',
  'parent_id as parentId',
  'number',
  'seq',
  'hash',
  'at_ms as atMs',
] as const;

export function sqliteForks(
  database: Database,
  operations: Pick<RowStore, 'link' | 'lastLink'>,
): ForkStore {
  const db = kyselyOf(database);
  const get = lazily(database, () =>
    db.selectFrom('forks').where('machine_id', '=', TEXT).select(FORK_COLUMNS),
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
    }),
  );
  const find = (machineId: string) => (get().get(machineId) as ForkRow | undefined) ?? null;
  const insertNew = database.transaction((fork: ForkRow): boolean => {
    const { machineId, parentId, number, seq, hash, atMs } = fork;
    const taken = find(machineId) !== null || operations.lastLink(machineId) !== null;
    if (taken || operations.link(parentId, number)?.hash !== hash) return false;
    insert().run(machineId, parentId, number, seq, hash, atMs);
    return true;
  });
  return {
    get: find,
    insert: fork => insertNew.immediate(fork),
    of: (parentId, limit) =>
      (of().all(parentId, limit) as { machineId: string }[]).map(row => row.machineId),
  };
}

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
      .select(['machine_id as machineId', 'seq', 'number', 'hash', 'version', 'digest', 'state'])
      .orderBy('seq', 'desc')
      .limit(sql.lit(1)),
  );
  const ofId = db.deleteFrom('snapshots').where('machine_id', '=', TEXT);
  const deleteAll = lazily(database, () => ofId);
  const deleteOne = lazily(database, () => ofId.where('seq', '=', NUMBER));
  return {
    put({ machineId, seq, number, hash, version, digest, state }) {
      put().run(machineId, seq, number, hash, version, digest, state);
    },
    before: (machineId, seq) => (before().get(machineId, seq) as SnapshotRow | undefined) ?? null,
    delete(machineId, seq) {
      if (seq === null) deleteAll().run(machineId);
      else deleteOne().run(machineId, seq);
    },
  };
}

export function sqliteBookmarks(database: Database): BookmarkStore {
  const db = kyselyOf(database);
  const ofMachine = db
    .selectFrom('bookmarks')
    .where('machine_id', '=', TEXT)
    .select(['machine_id as machineId', 'name', 'seq', 'note', 'at_ms as atMs']);
  const get = lazily(database, () => ofMachine.where('name', '=', TEXT));
  const of = lazily(database, () => ofMachine.orderBy('name'));
  const put = lazily(database, () =>
    db
      .replaceInto('bookmarks')
      .values({ machine_id: TEXT, name: TEXT, seq: NUMBER, note: TEXT, at_ms: NUMBER }),
  );
  const remove = lazily(database, () =>
    db.deleteFrom('bookmarks').where('machine_id', '=', TEXT).where('name', '=', TEXT),
  );
  return {
    get: (machineId, name) => (get().get(machineId, name) as BookmarkRow | undefined) ?? null,
    put({ machineId, name, seq, note, atMs }) {
      put().run(machineId, name, seq, note, atMs);
    },
    delete: (machineId, name) => remove().run(machineId, name).changes > 0,
    of: machineId => of().all(machineId) as BookmarkRow[],
  };
}

export function sqliteReruns(database: Database): RerunStore {
  const db = kyselyOf(database);
  const get = lazily(database, () =>
    db
      .selectFrom('reruns')
      .where('machine_id', '=', TEXT)
      .select(['machine_id as machineId', 'recorded_id as recordedId', 'plan', 'whole']),
  );
  const put = lazily(database, () =>
    db
      .replaceInto('reruns')
      .values({ machine_id: TEXT, recorded_id: TEXT, plan: TEXT, whole: NUMBER }),
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
      const found = get().get(machineId) as
        | (Omit<RerunRow, 'whole'> & { whole: 0 | 1 })
        | undefined;
      return found === undefined ? null : { ...found, whole: found.whole === 1 };
    },
    put({ machineId, recordedId, plan, whole }) {
      put().run(machineId, recordedId, plan, whole ? 1 : 0);
    },
    of: (recordedId, limit) =>
      (of().all(recordedId, limit) as { machineId: string }[]).map(row => row.machineId),
  };
}
