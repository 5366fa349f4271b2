/**
 * Reading a log that may be another process's, damaged, or nobody's to write: nothing in it is
 * changed, and whoever has it open is not in the way.
 */
import { existsSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { DatabaseRefusedError, type Log } from '../log.ts';
import { RowLog } from '../row-log.ts';
import { SCHEMA_VERSION, schemaVersion } from './schema.ts';
import { isSqliteError } from './sqlite-errors.ts';
import { byItsHome } from './sqlite-home.ts';
import { inspectHeader } from './sqlite-inspect.ts';
import { sqliteStore } from './sqlite-store.ts';

const WANTED_FILE = 'Name the database of a Faultline server';
const WANTED_SERVE = 'Start "faultline serve" on it once, which brings it to that version';

/** Rejects with DatabaseRefusedError if there is no log of ours in the file, or one of another version. */
export async function openSqliteLogToRead(file: string): Promise<Log> {
  const database = openToRead(file);
  try {
    const version = schemaVersion(database);
    if (version !== SCHEMA_VERSION) {
      const reason = `its schema version is ${version}, not ${SCHEMA_VERSION}`;
      throw new DatabaseRefusedError(file, reason, WANTED_SERVE);
    }
    return new RowLog(sqliteStore(database));
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What SQLite finds wrong with the file's own structures and indexes, or null. */
export function checkStructures(file: string): string | null {
  const database = openToRead(file);
  try {
    const found = database.pragma('integrity_check(1)', { simple: true });
    return found === 'ok' ? null : String(found);
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    return `${error.code}: ${error.message}`;
  } finally {
    database.close();
  }
}

function openToRead(named: string): Database {
  const file = byItsHome(named);
  if (inspectHeader(file) === 'NEW') {
    throw new DatabaseRefusedError(file, 'it is missing or empty', WANTED_FILE);
  }
  // Without a write-ahead log a connection that may not write would leave two files behind.
  const readonly = existsSync(`${file}-wal`);
  try {
    const database = new SqliteDatabase(file, { readonly, fileMustExist: true });
    database.pragma('query_only = on');
    return database;
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    const reason = `SQLite cannot open it (${error.code}: ${error.message})`;
    throw new DatabaseRefusedError(file, reason, WANTED_FILE);
  }
}
