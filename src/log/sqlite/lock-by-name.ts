/**
 * One owner a file name, for systems where a file itself cannot be locked beside SQLite's own locks:
 * see file-lock.ts. The lock is SQLite's on an empty file beside it: the system takes it back however
 * the process ends, so that no stale lock is ever in the way.
 */
import { closeSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { DatabaseRefusedError } from '../log.ts';

const WANTED = 'Stop the server that has it, or name another file';
const WANTED_MOVED = 'Move that file away, or name another database';

/**
 * Takes the lock of `file`, whose directory must exist, and returns the function that gives it back
 * and removes the lock's file. Throws DatabaseRefusedError if another process or another log of
 * this one has it.
 */
export function lockByName(file: string): () => void {
  const lock = `${realFile(file)}-lock`;
  for (;;) {
    const before = inodeOf(file, lock) ?? create(lock);
    const database = new SqliteDatabase(lock, { timeout: 0 });
    try {
      database.exec('BEGIN EXCLUSIVE');
      // Whoever had the lock may have removed the file after it was opened here.
      if (before !== null && inodeOf(file, lock) === before) return () => release(lock, database);
    } catch (error) {
      database.close();
      if (!(error instanceof SqliteDatabase.SqliteError)) throw error;
      if (!error.code.startsWith('SQLITE_BUSY')) throw error;
      throw new DatabaseRefusedError(file, 'another Faultline server has it open', WANTED);
    }
    database.close();
  }
}

/** The same file by another name has the same lock. */
function realFile(file: string): string {
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return realpathSync(file);
  return join(realpathSync(dirname(file)), basename(file));
}

/** null if there is no such file. */
function inodeOf(file: string, lock: string): bigint | null {
  const status = statSync(lock, { throwIfNoEntry: false, bigint: true });
  if (status === undefined) return null;
  if (status.isFile() && status.size === 0n) return status.ino;
  const reason = `${lock}, which is to be its lock, is not an empty file`;
  throw new DatabaseRefusedError(file, reason, WANTED_MOVED);
}

/**
 * The inode of a new file; null if another process made it first. An existing file is never opened
 * here: closing it would give back the locks that this process has on it.
 */
function create(lock: string): bigint | null {
  try {
    closeSync(openSync(lock, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return statSync(lock, { throwIfNoEntry: false, bigint: true })?.ino ?? null;
}

/** The file goes first: nobody can take the lock of one that is about to be removed. */
function release(lock: string, database: Database): void {
  if (!database.open) return;
  rmSync(lock, { force: true });
  database.close();
}
