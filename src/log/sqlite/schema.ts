/** The database's schema: which migrations there are, and how the file says that it is ours. */
import type { Database } from 'better-sqlite3';
import { type Migration, Migrator } from 'kysely/migration';
import * as operations0001 from '../../../migrations/0001-operations.ts';
import * as timeTravel0002 from '../../../migrations/0002-time-travel.ts';
import * as digests0003 from '../../../migrations/0003-digests.ts';
import * as blocks0004 from '../../../migrations/0004-blocks.ts';
import { rowDigest } from '../row-digest.ts';
import { kyselyOf } from './sqlite-tables.ts';

/** SQLite's application id of our files: "Fltl" in ASCII. */
export const APPLICATION_ID = 0x466c_746c;

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-operations': operations0001,
  '0002-time-travel': timeTravel0002,
  '0003-digests': digests0003,
  '0004-blocks': blocks0004,
};

/** The newest `user_version` known here: each migration sets its own number. */
export const SCHEMA_VERSION = Object.keys(MIGRATIONS).length;

/** Brings a file of ours to SCHEMA_VERSION, in one transaction. */
export async function migrate(database: Database): Promise<void> {
  // Taken before looking: of two processes that open a new file, one waits here for the other.
  database.exec('BEGIN IMMEDIATE');
  try {
    if (schemaVersion(database) < SCHEMA_VERSION) {
      defineRowDigest(database);
      const provider = { getMigrations: async () => MIGRATIONS };
      const { error } = await new Migrator({ db: kyselyOf(database), provider }).migrateToLatest();
      if (error !== undefined) throw error;
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** `faultline_row_digest(kind, column, …)` in the SQL of this connection. */
export function defineRowDigest(database: Database): void {
  const options = { varargs: true, deterministic: true };
  database.function('faultline_row_digest', options, (kind, ...columns: unknown[]) =>
    rowDigest(String(kind), columns),
  );
}

export function schemaVersion(database: Database): number {
  return database.pragma('user_version', { simple: true }) as number;
}
