/**
 * Whether a database is still where it was opened. SQLite writes on into files that were removed,
 * and trusts a write-ahead log that somebody cut, so that what it says is committed would be gone
 * after the next start.
 */
import {
  closeSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { StorageError } from '../storage-error.ts';

/** sqlite.org/fileformat, "The Write-Ahead Log": the first four bytes, but for the lowest bit. */
const WAL_MAGIC = 0x377f_0682;
const WAL_HEADER_BYTES = 32;

const RESTART = 'stop the server, run "faultline verify" on the file, and start it again';

/** Both files of a database that this process alone writes. Its write-ahead log must be there. */
export class FilePlace {
  readonly #file: string;
  readonly #wal: string;
  readonly #fileWas: Stats;
  readonly #walWas: Stats;
  readonly #walFd: number;
  readonly #header = Buffer.alloc(WAL_HEADER_BYTES);
  /** Of the write-ahead log after the newest commit. It does not shrink while it is in use. */
  #walBytes: number;

  constructor(file: string) {
    // SQLite's own files are where a symbolic link leads.
    this.#file = realpathSync(file);
    this.#wal = `${this.#file}-wal`;
    this.#walFd = openSync(this.#wal, 'r');
    this.#fileWas = statSync(this.#file);
    this.#walWas = fstatSync(this.#walFd);
    this.#walBytes = this.#walWas.size;
  }

  /** What is wrong: STORAGE_LOST, which never passes. null: all is in its place. */
  lost(): StorageError | null {
    const file = statSync(this.#file, { throwIfNoEntry: false });
    if (file === undefined) return this.#lost('the database was removed or renamed');
    if (!isSame(file, this.#fileWas)) return this.#lost('another file took the database’s place');
    const wal = statSync(this.#wal, { throwIfNoEntry: false });
    if (wal === undefined) return this.#lost(WAL_REMOVED);
    if (!isSame(wal, this.#walWas)) {
      return this.#lost('another file took the place of the database’s write-ahead log');
    }
    return this.#walDamage(wal.size);
  }

  /**
   * The write-ahead log lost its name and nothing else: what was committed is in the open file
   * still.
   */
  canBeSaved(): boolean {
    const file = statSync(this.#file, { throwIfNoEntry: false });
    const wal = statSync(this.#wal, { throwIfNoEntry: false });
    if (file === undefined || !isSame(file, this.#fileWas) || wal !== undefined) return false;
    return this.#walDamage(fstatSync(this.#walFd).size) === null;
  }

  /** A commit is done. Throws nothing: what is committed has happened. */
  wrote(): void {
    try {
      this.#walBytes = fstatSync(this.#walFd).size;
    } catch {
      // Then the size before it is the least it must have.
    }
  }

  close(): void {
    closeSync(this.#walFd);
  }

  #walDamage(bytes: number): StorageError | null {
    if (bytes < this.#walBytes) {
      return this.#lost('the write-ahead log of the database was cut');
    }
    if (this.#walBytes === 0) return null;
    readSync(this.#walFd, this.#header, 0, WAL_HEADER_BYTES, 0);
    // Compared without its lowest bit, which tells the order of bytes in checksums.
    if ((this.#header.readUInt32BE(0) & ~1) === WAL_MAGIC) return null;
    return this.#lost('the write-ahead log of the database was overwritten');
  }

  #lost(what: string): StorageError {
    return new StorageError('STORAGE_LOST', this.#file, what, RESTART);
  }
}

const WAL_REMOVED = 'the write-ahead log of the database was removed or renamed';

function isSame(left: Stats, right: Stats): boolean {
  return left.ino === right.ino && left.dev === right.dev;
}
