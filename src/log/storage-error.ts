/** The place that keeps the log does not take or give what it should: a disk, a file, its name. */

/**
 * STORAGE_FULL: there is no room. STORAGE_FAILED: reading or writing failed. Both may pass by
 * themselves. STORAGE_LOST: the file is not the one that was opened any more; nothing is written or
 * read until a new start.
 */
export type StorageCode = 'STORAGE_FULL' | 'STORAGE_FAILED' | 'STORAGE_LOST';

/** The message says what would help. It names no path: clients read it. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageCode;
  readonly file: string;
  /** What is wrong, without what would help. */
  readonly what: string;

  constructor(code: StorageCode, file: string, what: string, help: string, cause?: unknown) {
    super(`${what}; ${help}`, { cause });
    this.code = code;
    this.file = file;
    this.what = what;
  }
}
