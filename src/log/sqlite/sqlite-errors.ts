/** What SQLite or the system say when a file does not take or give what it should, in our words. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { StorageError } from '../storage-error.ts';

const FREE_SPACE = 'make room on it, then send it again';
const CHECK_DISK = 'check the disk, its quota and the limit on the size of files';
const CHECK_RIGHTS =
  'check the rights on the file and its folder, and whether the disk is read-only';
/** A file system with less free is taken for full: one page with its place in the log. */
const ROOM_BYTES_MIN = 8_192;

/** By the first part of SQLite's code that is here: what is wrong, what would help. */
const FAILURES: Readonly<Record<string, readonly [string, string]>> = {
  SQLITE_IOERR: ['the database cannot be read or written', CHECK_DISK],
  SQLITE_CANTOPEN: ['the database cannot be opened', CHECK_RIGHTS],
  SQLITE_READONLY: ['the database cannot be written', CHECK_RIGHTS],
  SQLITE_PERM: ['the database cannot be written', CHECK_RIGHTS],
  SQLITE_BUSY: ['another process is writing to the database', 'end it, then send it again'],
  SQLITE_LOCKED: ['another process is writing to the database', 'end it, then send it again'],
  SQLITE_PROTOCOL: ['another process is writing to the database', 'end it, then send it again'],
  SQLITE_CORRUPT: ['the database is damaged', 'run "faultline verify", and restore it from a copy'],
  SQLITE_NOTADB: ['the database is damaged', 'run "faultline verify", and restore it from a copy'],
  SQLITE_NOMEM: ['there is no memory for the database', 'give the server more'],
};

const SYSTEM_FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** null: the error is none of the storage's. */
export function storageErrorOf(error: unknown, file: string): StorageError | null {
  if (error instanceof SqliteDatabase.SqliteError) return ofSqlite(error, file);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return null;
  if (SYSTEM_FULL.has(code)) return full(code, file, error);
  const [verb, help] =
    code === 'EIO' ? ['read or written', CHECK_DISK] : ['opened or made', CHECK_RIGHTS];
  const what = `the database cannot be ${verb} (${code})`;
  return new StorageError('STORAGE_FAILED', file, what, help, error);
}

function ofSqlite(error: InstanceType<typeof SqliteDatabase.SqliteError>, file: string) {
  const { code } = error;
  if (code === 'SQLITE_FULL') return full(code, file, error);
  const [family] = /^SQLITE_[A-Z]+/.exec(code) ?? [''];
  const found = FAILURES[family];
  if (found === undefined) return null;
  if (family === 'SQLITE_IOERR' && !hasRoom(file)) return full(code, file, error);
  const [what, help] = found;
  return new StorageError('STORAGE_FAILED', file, `${what} (${code})`, help, error);
}

function full(code: string, file: string, cause: unknown): StorageError {
  const what = `the disk of the database is full (${code})`;
  return new StorageError('STORAGE_FULL', file, what, FREE_SPACE, cause);
}

/** SQLite calls it an input or output error where the shared-memory file cannot grow. */
function hasRoom(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize >= ROOM_BYTES_MIN;
  } catch {
    return true;
  }
}

/** An error of SQLite itself, such as on a file that is corrupt. */
export function isSqliteError(error: unknown): error is Error & { code: string } {
  return error instanceof SqliteDatabase.SqliteError;
}
