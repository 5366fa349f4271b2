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
import { hasMagic, type NewestFrame, newestFrame, walStateOfFd } from './wal-frames.ts';

const WAL_HEADER_BYTES = 32;
/** Salts and checksum of a frame, behind its page's number and the size of the database. */
const FRAME_TAIL = { offset: 8, bytes: 16 };

const RESTART = 'stop the server, run "faultline verify" on the file, and start it again';

/** Both files of a database that this process alone writes. Its write-ahead log must be there. */
export class FilePlace {
  readonly #file: string;
  readonly #wal: string;
  readonly #fileWas: Stats;
  readonly #walWas: Stats;
  readonly #walFd: number;
  readonly #indexFd: number;
  readonly #header = Buffer.alloc(WAL_HEADER_BYTES);
  readonly #tail = Buffer.alloc(FRAME_TAIL.bytes);
  /** Of the write-ahead log after the newest commit. It does not shrink while it is in use. */
  #walBytes: number;
  /** The newest commit's; null: nothing is in the write-ahead log. */
  #newest: NewestFrame | null;

  constructor(file: string) {
    // SQLite's own files are where a symbolic link leads.
    this.#file = realpathSync(file);
    this.#wal = `${this.#file}-wal`;
    this.#walFd = openSync(this.#wal, 'r');
    this.#indexFd = openSync(`${this.#file}-shm`, 'r');
    this.#fileWas = statSync(this.#file);
    this.#walWas = fstatSync(this.#walFd);
    this.#walBytes = this.#walWas.size;
    this.#newest = newestFrame(this.#indexFd);
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
      this.#newest = newestFrame(this.#indexFd);
      this.#walBytes = Math.max(this.#walBytes, this.#newest?.end ?? 0);
    } catch {
      // Then what was before it is the least there must be.
    }
  }

  /** Whether all that is committed can be read back from the write-ahead log. Takes a while. */
  isWhole(): boolean {
    const state = walStateOfFd(this.#walFd);
    if (this.#newest === null || state.kind === 'EMPTY') return this.#newest === null;
    const { end, offset } = this.#newest;
    const frames = (end - WAL_HEADER_BYTES) / (end - offset);
    return state.kind === 'FRAMES' && state.intact >= frames;
  }

  close(): void {
    closeSync(this.#walFd);
    closeSync(this.#indexFd);
  }

  #walDamage(bytes: number): StorageError | null {
    if (bytes < this.#walBytes) {
      return this.#lost('the write-ahead log of the database was cut');
    }
    // Whatever stands in it, SQLite uses none of it.
    if (this.#newest === null) return null;
    readSync(this.#walFd, this.#header, 0, WAL_HEADER_BYTES, 0);
    if (hasMagic(this.#header) && this.#hasNewest(this.#newest)) return null;
    return this.#lost('the write-ahead log of the database was overwritten');
  }

  /** Whether the newest frame is as it was committed. */
  #hasNewest({ offset, tail }: NewestFrame): boolean {
    readSync(this.#walFd, this.#tail, 0, FRAME_TAIL.bytes, offset + FRAME_TAIL.offset);
    return this.#tail.equals(tail);
  }

  #lost(what: string): StorageError {
    return new StorageError('STORAGE_LOST', this.#file, what, RESTART);
  }
}

const WAL_REMOVED = 'the write-ahead log of the database was removed or renamed';

function isSame(left: Stats, right: Stats): boolean {
  return left.ino === right.ino && left.dev === right.dev;
}
