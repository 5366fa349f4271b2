/**
 * One owner a database file, by whatever name it is opened: a hard link, a bind mount, a symbolic
 * link, the name it had before. The lock is on the file itself. SQLite's own locks are another
 * matter (fcntl(2)), so that whoever reads is not kept out.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, rmSync, statSync } from 'node:fs';
import { DatabaseRefusedError } from '../log.ts';
import { lockByName } from './lock-by-name.ts';

const WANTED = 'Stop the server that has it, or name another file';
const WANTED_FILE = 'Name a file that can be read and written, in a folder that can';

/** The rights of a new database: nobody else's to read. */
export const FILE_MODE = 0o600;
/** Those of a new folder around it. */
export const FOLDER_MODE = 0o700;

export interface FileLock {
  /**
   * From here on nobody copies a write-ahead log into the file, also not SQLite when it closes.
   * Nothing happens on systems other than Linux.
   */
  freeze(): void;
  /** Removes what a start that failed has made, which is nothing if the file was there before. */
  unmake(): void;
  /** SQLite must have closed the file: closing it here takes its locks away. */
  release(): void;
}

/** Files that are locked in this process, by device and inode. */
const locked = new Set<string>();

/**
 * Takes the lock of `file`, which is made if it is not there; its folder must be. Rejects with
 * DatabaseRefusedError if another log has it, in this process or another.
 */
export async function lockFile(file: string): Promise<FileLock> {
  if (process.platform !== 'linux') {
    // There flock(2) and fcntl(2) meet in one lock, and SQLite's readers would be kept out.
    const release = lockByName(file);
    return { freeze() {}, unmake: unmaking(file, makePrivate(file)), release };
  }
  const { lockExclusively, readAsSqliteDoes } = await import('./flock.ts');
  for (;;) {
    const made = makePrivate(file);
    const key = keyOf(file);
    if (key === null) continue;
    // Not opened either: closing it would take the locks away that SQLite has for the owner.
    if (locked.has(key)) throw inUse(file);
    const fd = openToLock(file);
    let mine = false;
    try {
      if (!lockExclusively(fd)) throw inUse(file);
      // Removed or replaced since it was opened, perhaps by who had the lock before?
      mine = keyOf(file) === key && keyOf(fd) === key;
    } finally {
      if (!mine) closeSync(fd);
    }
    if (!mine) continue;
    locked.add(key);
    return {
      freeze: () => readAsSqliteDoes(fd),
      unmake: unmaking(file, made),
      release() {
        if (locked.delete(key)) closeSync(fd);
      },
    };
  }
}

/** Makes the file, empty and private, if there is none; whether it did. */
export function makePrivate(file: string): boolean {
  if (existsSync(file)) return false;
  // Where a symbolic link leads, too.
  closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT, FILE_MODE));
  return true;
}

/** Asked for while nobody else can open the file. */
function unmaking(file: string, made: boolean): () => void {
  if (!made || statSync(file).size > 0) return () => {};
  const beside = ['-journal', '-wal', '-shm'].filter(suffix => !existsSync(file + suffix));
  return () => {
    for (const suffix of [...beside, '']) rmSync(file + suffix, { force: true });
  };
}

/** null if there is no such file. */
function keyOf(file: string | number): string | null {
  const status =
    typeof file === 'number'
      ? fstatSync(file, { bigint: true })
      : statSync(file, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? null : `${status.dev}:${status.ino}`;
}

function openToLock(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DatabaseRefusedError(file, `it cannot be opened (${code})`, WANTED_FILE);
  }
}

function inUse(file: string): DatabaseRefusedError {
  return new DatabaseRefusedError(file, 'another Faultline server has it open', WANTED);
}
