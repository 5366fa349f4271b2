/** One memory of a process (struct mm_struct), from when it was first looked at until it is gone. */
import { closeSync, openSync, readSync } from 'node:fs';
import { RangeMap } from '../../core/memory/range-map.ts';
import type { MemoryRange } from '../../core/memory/user-process.ts';
import { isShared, ProcFiles } from './mapped-files.ts';
import { isSharedMemory, type Mapping, mappingFrom, mappingsOf, memoryOf } from './maps.ts';

/** Bytes of the list to begin with; it grows. */
const LIST_BYTES = 64 * 1024;

const one = Buffer.alloc(1);
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
  /** Shared mappings that iommufd was given parts of, as they were then. */
  private readonly shown = new RangeMap<Mapping>();
  private ranges: readonly MemoryRange[] = [];
  private readonly files: ProcFiles;
  /** Files that change their size without a change in the list, and their sizes. */
  private shared: readonly Mapping[] = [];
  private sizes: readonly (bigint | null)[] = [];

  /** Errors: there is no such process, or it may not be looked at. */
  constructor(pid: number, processId: number) {
    this.pid = pid;
    this.processId = processId;
    this.files = new ProcFiles(pid);
    this.fd = openSync(`/proc/${pid}/maps`, 'r');
  }

  /** Whether the memory is that of a process still. */
  isThere(): boolean {
    try {
      // A line at most is written for it.
      return readSync(this.fd, one, 0, 1, 0) > 0;
    } catch {
      return false;
    }
  }

  /** iommufd is given [userVa, userVa + length), as it was looked at last. */
  give(userVa: bigint, length: bigint): void {
    for (let address = userVa; address < userVa + length; ) {
      const mapping = mappingFrom(this.mappings, address);
      if (mapping === null || mapping.start >= userVa + length) return;
      if (isSharedMemory(mapping)) this.show(mapping);
      address = mapping.last + 1n;
    }
  }

  /** The shared mapping that iommufd was given at an address; null: none. */
  given(address: bigint): Mapping | null {
    return this.shown.at(address);
  }

  private show(mapping: Mapping): void {
    const { start, last } = mapping;
    for (const old of [...this.shown.between(start, last)]) {
      this.shown.remove(old.start);
      if (old.start < start) this.shown.add({ ...old, last: start - 1n });
      if (old.last <= last) continue;
      const offset = old.offset + (last + 1n - old.start);
      this.shown.add({ ...old, start: last + 1n, offset });
    }
    this.shown.add(mapping);
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
    if (!same) {
      this.text = Buffer.from(buffer.subarray(0, length));
      this.mappings = mappingsOf(this.text.toString('latin1'));
      this.shared = this.mappings.filter(isShared);
    }
    const sizes = this.shared.map(mapping => this.files.sizeOf(mapping));
    if (same && sizes.every((size, index) => size === this.sizes[index])) return this.ranges;
    this.sizes = sizes;
    this.files.begin();
    this.ranges = memoryOf(this.mappings, this.files);
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
