/**
 * Rows in SQLite. Kysely builds each statement once, typed against the table; better-sqlite3 runs
 * it prepared, because running through Kysely takes twice the time.
 */
import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import { type Compilable, sql } from 'kysely';
import type { Row } from '../codec.ts';
import { dependents, type Link, type LinkedRow, type RowStore } from '../row-store.ts';
import { damagedRowsIn } from './digested-rows.ts';
import { sqliteBlocks } from './sqlite-blocks.ts';
import { kyselyOf, lazily, NUMBER, type OperationsTable, TEXT } from './sqlite-tables.ts';
import {
  sqliteBookmarks,
  sqliteForks,
  sqliteReruns,
  sqliteSnapshots,
} from './sqlite-time-travel.ts';

/** Takes over the connection: closing the store closes it. The operations table must exist. */
export function sqliteStore(database: Database): RowStore {
  const run = prepareAll(database);
  const links: Pick<RowStore, 'link' | 'lastLink'> = {
    lastLink: machineId => (run.lastLink.get(machineId) as Link | undefined) ?? null,
    link: (machineId, number) => (run.link.get(machineId, number) as Link | undefined) ?? null,
  };
  const forks = sqliteForks(database, links);
  const reruns = sqliteReruns(database);
  const dependentsOf = (machineId: string) => dependents(machineId, forks, reruns);

  const insertOne = ({ row, before }: LinkedRow): void => {
    const { machineId: id, number, seq, atMs, type, errno, events, body, hash } = row;
    const rest = [seq, atMs, type, errno, events, body, hash];
    if (number === 1) run.insertFirst().run(id, number, id, ...rest);
    else run.insertNext.run(id, number, before.machineId, number - 1, before.hash, ...rest);
  };
  const insertAll = database.transaction((rows: Iterable<LinkedRow>) => {
    for (const row of rows) insertOne(row);
  });
  const deleteAll = database.transaction((machineId: string) => {
    const needing = dependentsOf(machineId);
    if (needing.length > 0) return { deleted: false, dependents: needing };
    let deleted = 0;
    for (const remove of run.deletes) deleted += remove().run(machineId).changes;
    return { deleted: deleted > 0, dependents: [] };
  });

  return {
    insert(rows) {
      try {
        if (Array.isArray(rows) && rows.length === 1) insertOne(rows[0] as LinkedRow);
        else insertAll.immediate(rows);
        return true;
      } catch (error) {
        if (isLostRace(error)) return false;
        throw error;
      }
    },
    ...links,
    createdAtMs: machineId => (run.atMs.get(machineId, 1) as number | undefined) ?? null,
    rows(machineId, range, limit, backward) {
      const statement = backward ? run.rowsBackward : run.rowsForward;
      const found = statement.all(machineId, range.first, range.last, limit) as RowTuple[];
      return found.map(tuple => rowOf(machineId, tuple));
    },
    eventRows(machineId, range, limit, backward) {
      const statement = backward ? run.eventRowsBackward : run.eventRowsForward;
      const found = statement.all(machineId, range.first, range.last, limit) as EventRowTuple[];
      return found.map(tuple => eventRowOf(machineId, tuple));
    },
    machineIds(after, limit) {
      const ids: string[] = [];
      let id = after;
      while (ids.length < limit) {
        const next = run.nextMachineId().get(id, id) as { id: string | null };
        if (next.id === null) break;
        ids.push(next.id);
        id = next.id;
      }
      return ids;
    },
    refusedNumbers(machineId, range, limit) {
      const found = run.refused().all(machineId, range.first, range.last, limit);
      return (found as { number: number }[]).map(({ number }) => number);
    },
    firstNumber(machineId, { first, last }, { type, errno }) {
      const found = run.firstNumber().get(machineId, first, last, type, errno, 1);
      return (found as { number: number } | undefined)?.number ?? null;
    },
    delete: machineId => deleteAll.immediate(machineId),
    dependentsOf,
    forks,
    snapshots: sqliteSnapshots(database),
    blocks: sqliteBlocks(database),
    bookmarks: sqliteBookmarks(database),
    reruns,
    damagedRows: damagedRowsIn(database),
    // Known to who keeps the file: see sqlite-guard.ts.
    failure: () => null,
    probe() {},
    close: () => {
      database.close();
    },
  };
}

function prepareAll(database: Database) {
  const db = kyselyOf(database);
  const table = db.selectFrom('operations').where('machine_id', '=', TEXT);
  const inRange = table.where('number', '>=', NUMBER).where('number', '<=', NUMBER).limit(NUMBER);
  const rows = inRange.select([...ROW_COLUMNS]);
  const eventRows = inRange.select([...EVENT_ROW_COLUMNS]);
  const links = table.select(['number', 'seq', 'hash']);
  // An operation begins where the row before it ended. If that row is gone, or is another than
  // the writer saw, this is null, which the column refuses.
  const seqOfPredecessor = table
    .where('number', '=', NUMBER)
    .where('hash', '=', TEXT)
    .select('seq');
  const prepare = (query: Compilable): Statement<unknown[]> =>
    database.prepare(query.compile().sql);

  return {
    // A fork has the name if it has no operations of its own yet, too: null again.
    insertFirst: lazily(database, () =>
      db.insertInto('operations').values(eb => ({
        ...ANY_ROW,
        seq_before: sql<number>`iif(exists ${eb.selectFrom('forks').where('machine_id', '=', TEXT).select('number')}, null, 0)`,
      })),
    ),
    insertNext: prepare(
      db.insertInto('operations').values({ ...ANY_ROW, seq_before: seqOfPredecessor }),
    ),
    lastLink: prepare(links.orderBy('number', 'desc').limit(sql.lit(1))),
    link: prepare(links.where('number', '=', NUMBER)),
    atMs: prepare(table.where('number', '=', NUMBER).select('at_ms')).pluck(),
    rowsForward: prepare(rows.orderBy('number')).raw(),
    rowsBackward: prepare(rows.orderBy('number', 'desc')).raw(),
    eventRowsForward: prepare(eventRows.orderBy('number')).raw(),
    eventRowsBackward: prepare(eventRows.orderBy('number', 'desc')).raw(),
    // Of two least ones the lesser. A fork may have no operations of its own yet.
    nextMachineId: lazily(database, () =>
      db.selectNoFrom(eb => {
        const least = (name: 'operations' | 'forks') =>
          eb
            .selectFrom(name)
            .where('machine_id', '>', TEXT)
            .select(({ fn }) => fn.min('machine_id').as('id'));
        return sql<
          string | null
        >`(select min(id) from (${least('operations').unionAll(least('forks'))}))`.as('id');
      }),
    ),
    refused: lazily(database, () =>
      // As the partial index has it.
      inRange.where('errno', '<>', sql.lit('0')).select('number').orderBy('number'),
    ),
    firstNumber: lazily(database, () =>
      inRange
        .where(sql<boolean>`type = coalesce(${TEXT}, type)`)
        .where(sql<boolean>`errno = coalesce(${TEXT}, errno)`)
        .select('number')
        .orderBy('number'),
    ),
    deletes: (['operations', 'forks', 'snapshots', 'blocks', 'bookmarks', 'reruns'] as const).map(
      name => lazily(database, () => db.deleteFrom(name).where('machine_id', '=', TEXT)),
    ),
  };
}

/** In the order in which `insertOne` binds. */
const ANY_ROW: OperationsTable = {
  machine_id: TEXT,
  number: NUMBER,
  seq_before: NUMBER,
  seq: NUMBER,
  at_ms: NUMBER,
  type: TEXT,
  errno: TEXT,
  events: TEXT,
  body: TEXT,
  hash: TEXT,
};

const EVENT_ROW_COLUMNS = ['number', 'seq_before', 'seq', 'at_ms', 'events', 'errno'] as const;
type EventRowTuple = [number, number, number, number, string, string];

function eventRowOf(machineId: string, tuple: EventRowTuple): Row {
  const [number, seqBefore, seq, atMs, events, errno] = tuple;
  return {
    machineId,
    number,
    seqBefore,
    seq,
    atMs,
    type: '',
    errno,
    events,
    body: '',
    hash: '',
  };
}

const ROW_COLUMNS = [...EVENT_ROW_COLUMNS, 'type', 'body', 'hash'] as const;
type RowTuple = [...EventRowTuple, string, string, string];

function rowOf(machineId: string, tuple: RowTuple): Row {
  const [number, seqBefore, seq, atMs, events, errno, type, body, hash] = tuple;
  return { machineId, number, seqBefore, seq, atMs, type, errno, events, body, hash };
}

/** The number is taken, or the predecessor is not there. */
function isLostRace(error: unknown): boolean {
  if (!(error instanceof SqliteDatabase.SqliteError)) return false;
  return (
    error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || error.code === 'SQLITE_CONSTRAINT_NOTNULL'
  );
}
