/** The log in an SQLite file (or in memory, as ':memory:'). */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import type { Log } from '../log.ts';
import { RowLog } from '../row-log.ts';
import type { RowStore } from '../row-store.ts';
import { CURRENT_UPCASTING } from '../upcast.ts';
import { FOLDER_MODE, lockFile, makePrivate } from './file-lock.ts';
import { APPLICATION_ID, migrate } from './schema.ts';
import { storageErrorOf } from './sqlite-errors.ts';
import { guardedStore } from './sqlite-guard.ts';
import { byItsHome, makeItsHome } from './sqlite-home.ts';
import { inspectFile } from './sqlite-inspect.ts';
import { sqliteStore } from './sqlite-store.ts';
import { walLoss } from './wal-frames.ts';

export interface SqliteLogOptions {
  /** A path, or ':memory:'. A missing file and its missing directories are created. */
  readonly file: string;
  /**
   * `normal`: what was acknowledged survives the end of the process. `full`: power loss too, at
   * the price of one flush to the disk a transaction.
   */
  readonly durability: 'normal' | 'full';
  /**
   * Refuses the file while another log that was opened with this has it, in any process. Logs
   * opened without it are not kept out. Means nothing for ':memory:'.
   */
  readonly exclusive?: boolean;
  /** Takes a line about storage that fails or works again; standard error by default. */
  readonly say?: (line: string) => void;
}

/** How long a transaction waits for another process's, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Rejects with DatabaseRefusedError if the file is not an intact log of this or an older version, or
 * is another's with `exclusive`; with StorageError if it cannot be made, read or written. What was
 * not there before is not there after that either.
 */
export async function openSqliteLog(options: SqliteLogOptions): Promise<Log> {
  const { exclusive = false, say = console.error } = options;
  if (options.file === ':memory:') return logOver(sqliteStore(await openDatabase(options)), say);
  try {
    return await (exclusive ? openOwned(options, say) : openShared(options, say));
  } catch (error) {
    throw storageErrorOf(error, options.file) ?? error;
  }
}

function logOver(store: RowStore, say: (line: string) => void): Log {
  return new RowLog(store, CURRENT_UPCASTING, say);
}

async function openShared(options: SqliteLogOptions, say: (line: string) => void): Promise<Log> {
  const { file } = options;
  if (inspectFile(file) === 'NEW') {
    makeFolder(file);
    makePrivate(file);
  }
  const database = await openDatabase(options);
  return logOver(guardedStore(sqliteStore(database), database, file, null), say);
}

async function openOwned(options: SqliteLogOptions, say: (line: string) => void): Promise<Log> {
  makeFolder(options.file);
  // Before anything is looked at: what the owner is writing right now may look like damage.
  const lock = await lockFile(options.file);
  let database: Database | null = null;
  try {
    const file = byItsHome(options.file);
    inspectFile(file);
    const lost = walLoss(file);
    if (lost !== null) say(lost);
    database = await openDatabase({ ...options, file });
    makeItsHome(database, file);
    const store = guardedStore(sqliteStore(database), database, file, { lock, say });
    return logOver(store, say);
  } catch (error) {
    database?.close();
    lock.unmake();
    lock.release();
    throw error;
  }
}

/** The names of new folders are flushed too, or a loss of power could take all that is in them. */
function makeFolder(file: string): void {
  const folder = resolve(dirname(file));
  const first = mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  if (first === undefined) return;
  for (let made = folder; made !== dirname(first); made = dirname(made)) flushFolder(dirname(made));
}

function flushFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

async function openDatabase({ file, durability }: SqliteLogOptions): Promise<Database> {
  const database = new SqliteDatabase(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // The id comes first, while there is no write-ahead log: from then on the file itself says
    // whose it is, even if what follows is cut short.
    markAsOurs(database);
    database.pragma('journal_mode = wal');
    database.pragma(`synchronous = ${durability}`);
    await migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function markAsOurs(database: Database): void {
  if (database.pragma('application_id', { simple: true }) === APPLICATION_ID) return;
  database.pragma(`application_id = ${APPLICATION_ID}`);
}
