/**
 * Rows in SQLite. Kysely builds each statement once, typed against the table; better-sqlite3 runs
 * it prepared, because running through Kysely takes twice the time.
 */
import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import { type Compilable, Kysely, SqliteDialect, sql } from 'kysely';
import type { Link, RowStore } from './chain.ts';
import type { Row } from './codec.ts';

interface OperationsTable {
  machine_id: string;
  number: number;
  seq_before: number;
  seq: number;
  at_ms: number;
  type: string;
  errno: string;
  events: string;
  body: string;
  hash: string;
}

export interface Tables {
  operations: OperationsTable;
}

export function kyselyOf(database: Database): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
}

/** Takes over the connection: closing the store closes it. The operations table must exist. */
export function sqliteStore(database: Database): RowStore {
  const run = prepareAll(database);

  const insertOne = (row: Row, previousHash: string): void => {
    const { machineId: id, number, seq, atMs, type, errno, events, body, hash } = row;
    if (number === 1) {
      run.insertFirst.run(id, number, 0, seq, atMs, type, errno, events, body, hash);
    } else {
      // id, number - 1 and previousHash find the predecessor.
      const before = number - 1;
      run.insertNext.run(
        id,
        number,
        id,
        before,
        previousHash,
        seq,
        atMs,
        type,
        errno,
        events,
        body,
        hash,
      );
    }
  };
  const insertAll = database.transaction((rows: readonly Row[], hashes: readonly string[]) => {
    for (let i = 0; i < rows.length; i++) insertOne(rows[i]!, hashes[i]!);
  });

  return {
    insert(rows, previousHashes) {
      try {
        if (rows.length === 1) insertOne(rows[0]!, previousHashes[0]!);
        else insertAll.immediate(rows, previousHashes);
        return true;
      } catch (error) {
        if (isLostRace(error)) return false;
        throw error;
      }
    },
    lastLink: machineId => (run.lastLink.get(machineId) as Link | undefined) ?? null,
    link: (machineId, number) => (run.link.get(machineId, number) as Link | undefined) ?? null,
    atMs: (machineId, number) => (run.atMs.get(machineId, number) as number | undefined) ?? null,
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
        const next = run.nextMachineId.get(id) as string | undefined;
        if (next === undefined) break;
        ids.push(next);
        id = next;
      }
      return ids;
    },
    delete: machineId => run.delete.run(machineId).changes > 0,
    close: () => {
      database.close();
    },
  };
}

/** Values bound at run time; Kysely wants some value of the type to build the statement. */
const TEXT = '';
const NUMBER = 0;

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
    insertFirst: prepare(db.insertInto('operations').values({ ...ANY_ROW, seq_before: NUMBER })),
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
    nextMachineId: prepare(
      db
        .selectFrom('operations')
        .where('machine_id', '>', TEXT)
        .select('machine_id')
        .orderBy('machine_id')
        .limit(sql.lit(1)),
    ).pluck(),
    delete: prepare(db.deleteFrom('operations').where('machine_id', '=', TEXT)),
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

const EVENT_ROW_COLUMNS = ['number', 'seq_before', 'seq', 'at_ms', 'events'] as const;
type EventRowTuple = [number, number, number, number, string];

function eventRowOf(machineId: string, tuple: EventRowTuple): Row {
  const [number, seqBefore, seq, atMs, events] = tuple;
  return {
    machineId,
    number,
    seqBefore,
    seq,
    atMs,
    type: '',
    errno: '',
    events,
    body: '',
    hash: '',
  };
}

const ROW_COLUMNS = [...EVENT_ROW_COLUMNS, 'type', 'errno', 'body', 'hash'] as const;
type RowTuple = [...EventRowTuple, string, string, string, string];

function rowOf(machineId: string, tuple: RowTuple): Row {
  const [number, seqBefore, seq, atMs, events, type, errno, body, hash] = tuple;
  return { machineId, number, seqBefore, seq, atMs, type, errno, events, body, hash };
}

/** The number is taken, or the predecessor is not there. */
function isLostRace(error: unknown): boolean {
  if (!(error instanceof SqliteDatabase.SqliteError)) return false;
  return (
    error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || error.code === 'SQLITE_CONSTRAINT_NOTNULL'
  );
}
