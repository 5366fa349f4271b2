/**
 * The name of a file that has several. SQLite keeps the write-ahead log beside the name that was
 * opened, so that by another name, such as a hard link, what stands in it would not be seen. The
 * file says itself by which name it is open.
 */
import { existsSync, realpathSync, rmSync, statSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { inspectHeader } from './sqlite-inspect.ts';

/** The name to open the file by: its home, if that is still this very file; else `file`. */
export function byItsHome(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return file;
  const real = realpathSync(file);
  // Whoever opened it by this name is not done.
  if (existsSync(`${real}-wal`) || inspectHeader(file) === 'NEW') return file;
  const home = homeIn(real);
  if (home === null || home === real || !isSameFile(home, real)) return file;
  // While a server has the file open by its home, looking left these. They are nobody's.
  for (const suffix of ['-wal', '-shm']) rmSync(real + suffix, { force: true });
  return home;
}

/** Writes down that the file is open by this name, in the file itself and not in its log alone. */
export function makeItsHome(database: Database, file: string): void {
  const real = realpathSync(file);
  if (readHome(database) === real) return;
  database.prepare('insert or replace into home (id, path) values (1, ?)').run(real);
  database.pragma('wal_checkpoint(passive)');
}

function readHome(database: Database): string | null {
  return (database.prepare('select path from home').pluck().get() as string | undefined) ?? null;
}

/** null also if the file is of an older version, or damaged: that is for others to tell. */
function homeIn(file: string): string | null {
  try {
    // One that may not write would leave two files behind.
    const database = new SqliteDatabase(file, { fileMustExist: true });
    try {
      database.pragma('query_only = on');
      return readHome(database);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof SqliteDatabase.SqliteError) return null;
    throw error;
  }
}

function isSameFile(left: string, right: string): boolean {
  const [a, b] = [left, right].map(file => statSync(file, { throwIfNoEntry: false, bigint: true }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
