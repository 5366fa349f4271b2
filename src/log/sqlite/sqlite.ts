/** The log in an SQLite file (or in memory, as ':memory:'). */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import type { Log } from '../log.ts';
import { RowLog } from '../row-log.ts';
import type { RowStore } from '../row-store.ts';
import { APPLICATION_ID, migrate } from './schema.ts';
import { inspectFile } from './sqlite-inspect.ts';
import { lockFile } from './sqlite-lock.ts';
import { sqliteStore } from './sqlite-store.ts';

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
}

/** How long a transaction waits for another process's, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Rejects with DatabaseRefusedError if the file is not an intact log of this or an older version, or
 * is another's with `exclusive`.
 */
export async function openSqliteLog(options: SqliteLogOptions): Promise<Log> {
  const { file, exclusive = false } = options;
  if (!exclusive || file === ':memory:') return new RowLog(await openStore(options));
  mkdirSync(dirname(file), { recursive: true });
  // Before anything is looked at: what the owner is writing right now may look like damage.
  const unlock = lockFile(file);
  try {
    const store = await openStore(options);
    const close = () => {
      store.close();
      unlock();
    };
    return new RowLog({ ...store, close });
  } catch (error) {
    unlock();
    throw error;
  }
}

async function openStore({ file, durability }: SqliteLogOptions): Promise<RowStore> {
  if (file !== ':memory:' && inspectFile(file) === 'NEW') {
    mkdirSync(dirname(file), { recursive: true });
  }
  const database = new SqliteDatabase(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // The id comes first, while there is no write-ahead log: from then on the file itself says
    // whose it is, even if what follows is cut short.
    markAsOurs(database);
    database.pragma('journal_mode = wal');
    database.pragma(`synchronous = ${durability}`);
    await migrate(database);
    return sqliteStore(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function markAsOurs(database: Database): void {
  if (database.pragma('application_id', { simple: true }) === APPLICATION_ID) return;
  database.pragma(`application_id = ${APPLICATION_ID}`);
}
