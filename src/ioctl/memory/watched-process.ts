/** One memory of a process (struct mm_struct), from when it was first looked at until it is gone. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { MemoryRange } from '../../core/memory/user-process.ts';
import { ProcFiles } from './mapped-files.ts';
import { type Mapping, mappingsOf, memoryOf } from './maps.ts';

/** Bytes of the list to begin with; it grows. */
const LIST_BYTES = 64 * 1024;

let buffer = Buffer.alloc(LIST_BYTES);

/**
 * The open list of mappings stays with the memory: after exec or exit it is empty, whoever has the
 * number of the process by then.
 */
export class WatchedProcess {
  readonly pid: number;
  /** Tells it from others that had the same pid before. */
  readonly processId: number;
  /** What was told last; null: nothing yet. */
  told: readonly MemoryRange[] | null = null;
  /** It mapped something: others look at its memory, too. */
  mapped = false;
  private readonly fd: number;
  private text = Buffer.alloc(0);
  /** As it was looked at last. */
  mappings: readonly Mapping[] = [];
  private ranges: readonly MemoryRange[] = [];
  /** Files change their size without a change in the list. */
  private changesAlone = false;

  /** Errors: there is no such process, or it may not be looked at. */
  constructor(pid: number, processId: number) {
    this.pid = pid;
    this.processId = processId;
    this.fd = openSync(`/proc/${pid}/maps`, 'r');
  }

  /** Whether the memory is that of a process still. */
  isThere(): boolean {
    return this.readAt(0) > 0;
  }

  close(): void {
    closeSync(this.fd);
  }

  /** What is there now; null: the memory is gone. */
  look(): readonly MemoryRange[] | null {
    let length = 0;
    for (let bytes = this.readAt(0); bytes > 0; bytes = this.readAt(length)) length += bytes;
    if (length === 0) return null;
    const same = this.text.equals(buffer.subarray(0, length));
    if (same && !this.changesAlone) return this.ranges;
    if (!same) {
      this.text = Buffer.from(buffer.subarray(0, length));
      this.mappings = mappingsOf(this.text.toString('latin1'));
      this.changesAlone = this.mappings.some(maySizeChange);
    }
    this.ranges = memoryOf(this.mappings, new ProcFiles(this.pid));
    return this.ranges;
  }

  private readAt(length: number): number {
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(length)]);
    try {
      return readSync(this.fd, buffer, length, buffer.length - length, length);
    } catch {
      return 0;
    }
  }
}

/** A file that is mapped to be shared, as a guest's memory is; libraries and the like stay as they are. */
function maySizeChange({ permissions, inode, path }: Mapping): boolean {
  return permissions[3] === 's' && inode !== '0' && !path.startsWith('/dev/zero');
}
