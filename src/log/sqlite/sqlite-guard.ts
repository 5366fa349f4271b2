/**
 * A store whose failures have a name. Before each commit it looks whether the files are in their
 * place; once they are not, it neither writes nor reads any more.
 */
import type { Database } from 'better-sqlite3';
import type { RowStore } from '../row-store.ts';
import { StorageError } from '../storage-error.ts';
import type { FileLock } from './file-lock.ts';
import { FilePlace } from './file-place.ts';
import { storageErrorOf } from './sqlite-errors.ts';

/** What a store of a server's has, and others have not. */
export interface Owned {
  readonly lock: FileLock;
  /** Takes a line about the storage failing, and taking writes again. */
  readonly say: (line: string) => void;
}

/** What has to find room before the database is taken for one that takes writes again. */
const PROBE_BYTES = 65_536;

/** The methods of a store that write. */
const WRITES: ReadonlySet<string> = new Set(['insert', 'put', 'delete']);

/** The store of `file`, whose write-ahead log is there if it is `owned`. */
export function guardedStore(
  store: RowStore,
  database: Database,
  file: string,
  owned: Owned | null,
): RowStore {
  const guard = new Guard(database, file, owned);
  return {
    ...guard.methods(store),
    forks: guard.methods(store.forks),
    snapshots: guard.methods(store.snapshots),
    blocks: guard.methods(store.blocks),
    bookmarks: guard.methods(store.bookmarks),
    reruns: guard.methods(store.reruns),
    failure: () => guard.failure,
    probe: () => guard.probe(),
    close: () => guard.close(() => store.close()),
  };
}

class Guard {
  failure: StorageError | null = null;
  readonly #database: Database;
  readonly #file: string;
  readonly #owned: Owned | null;
  readonly #place: FilePlace | null;
  #closed = false;

  constructor(database: Database, file: string, owned: Owned | null) {
    this.#database = database;
    this.#file = file;
    this.#owned = owned;
    this.#place = owned === null ? null : new FilePlace(file);
  }

  /** The functions of a store or a part of one, guarded. */
  methods<T extends object>(part: T): T {
    const guarded = Object.entries(part).map(([name, method]) => {
      if (typeof method !== 'function') return [name, method];
      const writes = WRITES.has(name);
      return [name, (...args: unknown[]) => this.#run(() => method(...args), writes)];
    });
    return Object.fromEntries(guarded) as T;
  }

  /** Looks at the files, and tries to write if that failed before. */
  probe(): void {
    this.#run(() => {
      if (this.failure === null) return;
      // In two transactions: what is gone when the first ends is not written at all.
      this.#database.exec(`insert into probe values (zeroblob(${PROBE_BYTES}))`);
      this.#database.exec('delete from probe');
    }, true);
  }

  close(closeStore: () => void): void {
    if (this.#closed) return;
    this.#closed = true;
    // What stands in the write-ahead log may be none of ours: it must not come into the file.
    if (this.failure?.code === 'STORAGE_LOST' || this.#place?.isWhole() === false) {
      this.#owned?.lock.freeze();
    }
    closeStore();
    this.#place?.close();
    this.#owned?.lock.release();
  }

  #run<T>(call: () => T, writes: boolean): T {
    if (this.failure?.code === 'STORAGE_LOST') throw this.failure;
    try {
      if (writes) this.#checkPlace();
      const result = call();
      if (writes) this.#wrote();
      return result;
    } catch (error) {
      const failure = error instanceof StorageError ? error : storageErrorOf(error, this.#file);
      if (failure === null) throw error;
      this.#fail(failure);
      throw failure;
    }
  }

  #checkPlace(): void {
    const lost = this.#place?.lost() ?? null;
    if (lost === null) return;
    throw this.#save() ? savedButLost(lost) : lost;
  }

  /** Brings what the nameless write-ahead log holds into the file, if that can be done. */
  #save(): boolean {
    if (this.#place?.canBeSaved() !== true) return false;
    try {
      // Without waiting for readers: one in the way keeps some of it out.
      const [done] = this.#database.pragma('wal_checkpoint(passive)') as Checkpoint[];
      return done?.busy === 0 && done.log === done.checkpointed;
    } catch {
      return false;
    }
  }

  #wrote(): void {
    this.#place?.wrote();
    if (this.failure === null) return;
    this.failure = null;
    this.#owned?.say(`${this.#file}: the database takes writes again`);
  }

  #fail(failure: StorageError): void {
    // Told when it begins, and when it becomes another one.
    if (this.failure?.code !== failure.code) this.#owned?.say(`${this.#file}: ${failure.message}`);
    this.failure = failure;
  }
}

/** What the pragma gives, in frames of the write-ahead log. */
interface Checkpoint {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

function savedButLost({ file, what }: StorageError): StorageError {
  const help = 'what was acknowledged is in the database itself now: start the server again';
  return new StorageError('STORAGE_LOST', file, what, help);
}
