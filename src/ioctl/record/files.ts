/**
 * Which numbers of which process are files that are recorded. Every call that opens, copies or closes
 * one is seen, so it is remembered; the kernel could not be asked, for files without a name look alike.
 */
import type { RecordedFile } from './recorded-call.ts';

interface Slot {
  readonly file: RecordedFile;
  readonly closeOnExec: boolean;
}

export class RecordedFiles {
  /** By process, then by number. */
  private readonly tables = new Map<number, Map<number, Slot>>();
  private readonly holders = new Map<RecordedFile, number>();
  private readonly closed: (file: RecordedFile) => void;
  private next: RecordedFile = 1;

  /** `closed` is told of a file whose last number is gone. */
  constructor(closed: (file: RecordedFile) => void) {
    this.closed = closed;
  }

  /** No file is open. */
  get isEmpty(): boolean {
    return this.holders.size === 0;
  }

  /** A file that was opened now. */
  open(process: number, fd: number, closeOnExec: boolean): RecordedFile {
    const file = this.next++;
    this.put(process, fd, { file, closeOnExec });
    return file;
  }

  at(process: number, fd: number): RecordedFile | null {
    return this.tables.get(process)?.get(fd)?.file ?? null;
  }

  dup(process: number, from: number, to: number, closeOnExec: boolean): void {
    const slot = this.tables.get(process)?.get(from);
    // What stood there before is closed, whatever comes in its place.
    if (from !== to) this.close(process, to);
    if (slot !== undefined) this.put(process, to, { file: slot.file, closeOnExec });
  }

  close(process: number, fd: number): void {
    const table = this.tables.get(process);
    const slot = table?.get(fd);
    if (table === undefined || slot === undefined) return;
    table.delete(fd);
    this.release(slot.file);
  }

  closeRange(process: number, first: number, last: number): void {
    const numbers = [...(this.tables.get(process)?.keys() ?? [])];
    for (const fd of numbers) if (fd >= first && fd <= last) this.close(process, fd);
  }

  fork(parent: number, child: number): void {
    for (const [fd, slot] of this.tables.get(parent) ?? []) this.put(child, fd, slot);
  }

  exec(process: number): void {
    for (const [fd, { closeOnExec }] of [...(this.tables.get(process) ?? [])]) {
      if (closeOnExec) this.close(process, fd);
    }
  }

  exit(process: number): void {
    this.closeRange(process, 0, Number.MAX_SAFE_INTEGER);
    this.tables.delete(process);
  }

  private put(process: number, fd: number, slot: Slot): void {
    this.close(process, fd);
    const table = this.tables.get(process) ?? new Map<number, Slot>();
    this.tables.set(process, table.set(fd, slot));
    this.holders.set(slot.file, (this.holders.get(slot.file) ?? 0) + 1);
  }

  private release(file: RecordedFile): void {
    const left = (this.holders.get(file) ?? 0) - 1;
    if (left > 0) {
      this.holders.set(file, left);
      return;
    }
    this.holders.delete(file);
    this.closed(file);
  }
}
