/**
 * The files that stand in for /dev/iommu and what it gives out. Each is one end of a named pipe in a
 * private folder. Which of them a number means is never remembered: it is asked of the kernel, so dup,
 * fork, SCM_RIGHTS and close need no bookkeeping. That the last holder of a file has closed it is told
 * by inotify, before the holder's next system call. poll, select and epoll work as they are: a byte is
 * in the pipe while there is something to read.
 */
import {
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AT_FDCWD,
  IN_ACCESS,
  IN_CLOEXEC,
  IN_CLOSE,
  IN_MODIFY,
  IN_NONBLOCK,
  IN_OPEN,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  STAT,
  SYSCALLS,
} from '../abi/ioctl/linux.ts';
import type { Command } from '../core/machine/command.ts';
import {
  closeFile,
  errno,
  fstatat,
  inotifyAddWatch,
  inotifyInit,
  mkfifo,
  openFile,
  readBytes,
  SystemError,
  watchReadable,
  writeBytes,
} from './native/libc.ts';
import { DEVICE_FILE_BYTES } from './vfio/window.ts';

/** What a file stands for. */
export type FileKind =
  | { readonly type: 'CONTEXT'; readonly contextId: number }
  | { readonly type: 'FAULT'; readonly contextId: number; readonly faultId: number }
  | { readonly type: 'ACCESS'; readonly contextId: number; readonly accessId: number }
  | { readonly type: 'DEVICE'; readonly bdf: string; readonly vfioNo: number }
  /** /proc/…/fail-nth of a thread. */
  | { readonly type: 'FAIL_NTH'; readonly tid: number };

/** Files that are read or written: their numbers have to be among those that are looked at. */
export function isTransferred({ type }: FileKind): boolean {
  return type === 'FAULT' || type === 'DEVICE' || type === 'FAIL_NTH';
}

/** What a file is called in what is said about it. */
export function nameOf({ type }: FileKind): string {
  switch (type) {
    case 'CONTEXT':
      return '/dev/iommu';
    case 'FAULT':
      return "a fault queue's file";
    case 'DEVICE':
      return "a VFIO device's file";
    case 'ACCESS':
      return "an access's file";
    case 'FAIL_NTH':
      return 'a fail-nth file';
  }
}

/** A file that is closed by one operation, or by none. */
export type SimpleFile = Exclude<FileKind, { type: 'DEVICE' }>;

/** What the kernel does when the last holder of a file has closed it; null: nothing of iommufd's. */
export function closingCommand(kind: SimpleFile): Command | null {
  switch (kind.type) {
    case 'CONTEXT':
      return { type: 'ContextClose', contextId: kind.contextId };
    case 'FAULT':
      return { type: 'FaultClose', contextId: kind.contextId, faultId: kind.faultId };
    case 'ACCESS':
      return { type: 'TestAccessClose', contextId: kind.contextId, accessId: kind.accessId };
    case 'FAIL_NTH':
      return null;
  }
}

/** A file that a program has, under one number or many. */
export interface HandedFile {
  readonly kind: FileKind;
  /** Names in the folder, one for each open of it; the file is closed when none is left. */
  readonly names: Set<string>;
  /** Opens of it that were not made here, as far as they were told. */
  strangers: number;
  /** Device and inode. */
  readonly key: string;
  /** Our own open of it: for the byte that says there is something to read, or a device's buffer. */
  readonly signal: number;
  readable: boolean;
  /** Ends what was arranged for the file while it was open. */
  release: (() => void) | null;
}

/** Bytes of inotify's events read at a time. */
const EVENT_BYTES = 64 * 1024;
/** sizeof(struct inotify_event), without the name. */
const EVENT_HEADER = 16;
const ALWAYS_TOLD = IN_OPEN | IN_CLOSE;
/** So many unseen reads and writes are told of: the queue of events is for what is closed. */
const UNSEEN_MAX = 16;

/** What a program did with a file without being seen. */
export type Unseen = 'READ' | 'WRITTEN' | 'OPENED';

export class HandedFiles {
  private readonly folder: string;
  private readonly inotify: number;
  private readonly events = Buffer.alloc(EVENT_BYTES);
  private readonly stat = Buffer.alloc(STAT.size);
  private readonly byInode = new Map<string, HandedFile>();
  private readonly byName = new Map<string, HandedFile>();
  private readonly closed: (file: HandedFile) => void;
  private readonly unseen: (file: HandedFile, how: Unseen) => void;
  private unseenLeft = UNSEEN_MAX;
  /** Opened here, of which has not been told. */
  private readonly opening = new Set<string>();
  private readonly watching: { stop(): void };
  private nextName = 1;

  /**
   * `closed` is told of each file whose last holder has closed it, `unseen` of what should have been told
   * by the filter. Errors: SystemError, there is no inotify left; those of making a folder in the temp
   * folder.
   */
  constructor(closed: (file: HandedFile) => void, unseen: (file: HandedFile, how: Unseen) => void) {
    this.closed = closed;
    this.unseen = unseen;
    this.inotify = inotifyInit(IN_NONBLOCK | IN_CLOEXEC);
    if (this.inotify < 0) {
      const advice = 'raise fs.inotify.max_user_instances, or RLIMIT_NOFILE';
      throw new SystemError('inotify_init', errno(), advice);
    }
    try {
      this.folder = mkdtempSync(join(tmpdir(), 'faultline-run-'));
    } catch (error) {
      closeFile(this.inotify);
      throw error;
    }
    mkdirSync(this.ownFolder);
    const told = ALWAYS_TOLD | IN_ACCESS | IN_MODIFY;
    if (inotifyAddWatch(this.inotify, this.folder, told) < 0) {
      const failed = errno();
      closeFile(this.inotify);
      rmSync(this.folder, { recursive: true, force: true });
      const advice = 'raise fs.inotify.max_user_watches';
      throw new SystemError('inotify_add_watch', failed, advice);
    }
    this.watching = watchReadable(this.inotify, () => this.drain());
  }

  /** Where nobody looks: what is read and written by a name here is not told. */
  private get ownFolder(): string {
    return join(this.folder, 'own');
  }

  /** Files that are still open. */
  get open(): readonly HandedFile[] {
    return [...this.byInode.values()];
  }

  /** A new file. `hand` is given a number of this process and hands it over; false takes it back. */
  create(kind: FileKind, flags: number, hand: (fd: number) => boolean): HandedFile | null {
    const name = String(this.nextName++);
    const path = join(this.folder, name);
    const own = join(this.ownFolder, name);
    const signal = this.backing(own, kind);
    if (signal < 0) throw new SystemError('mkfifo', errno(), `${this.folder} must take files`);
    renameBehind(own, path);
    const key = this.keyAt(path);
    const file: HandedFile = {
      ...{ kind, names: new Set(), strangers: 0, key, signal },
      ...{ readable: false, release: null },
    };
    this.byInode.set(key, file);
    // iommufd has no poll of its own: such a file can always be read and written.
    if (kind.type === 'CONTEXT' || kind.type === 'ACCESS') this.setReadable(file, true);
    if (this.reopen(file, name, flags, hand)) return file;
    this.byInode.delete(key);
    this.discard(file, name);
    return null;
  }

  /** A device's regions are mapped, so its file is a regular one: a hole but for them. */
  private backing(path: string, { type }: FileKind): number {
    if (type === 'DEVICE') {
      // Opened once: closing it would be told as if a program did.
      const fd = openSync(path, 'wx+', 0o600);
      ftruncateSync(fd, DEVICE_FILE_BYTES);
      return fd;
    }
    return mkfifo(path, 0o600) === 0 ? openFile(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
  }

  /** The same file once more, as dup gives it: it closes by itself. */
  duplicate(file: HandedFile, hand: (fd: number) => boolean): boolean {
    const [first] = file.names;
    const name = String(this.nextName++);
    linkSync(join(this.folder, first!), join(this.folder, name));
    if (this.reopen(file, name, 0, hand)) return true;
    this.unlink(name);
    return false;
  }

  private reopen(
    file: HandedFile,
    name: string,
    flags: number,
    hand: (fd: number) => boolean,
  ): boolean {
    this.opening.add(name);
    const fd = openFile(join(this.folder, name), O_RDWR | (flags & O_NONBLOCK) | O_CLOEXEC);
    if (fd < 0) {
      this.opening.delete(name);
      return false;
    }
    file.names.add(name);
    this.byName.set(name, file);
    const handed = hand(fd);
    if (!handed) {
      file.names.delete(name);
      this.byName.delete(name);
    }
    closeFile(fd);
    return handed;
  }

  /** What a number of a program means, if it is one of these files. */
  find(tid: number, fd: number): HandedFile | null {
    return this.byInode.get(this.keyAt(`/proc/${tid}/fd/${fd}`)) ?? null;
  }

  /** Device and inode of a path, which stay as long as anybody has the file; '': there is none. */
  private keyAt(path: string): string {
    const { fields } = STAT;
    if (fstatat(SYSCALLS.newfstatat, AT_FDCWD, path, this.stat, 0) !== 0) return '';
    // As text, as a key of two numbers is; most calls are on the same few files.
    return this.stat.toString('latin1', fields.st_dev[0], fields.st_ino[0] + fields.st_ino[1]);
  }

  /** Takes note of what was closed until now. */
  drain(): void {
    for (;;) {
      const bytes = readBytes(this.inotify, this.events, EVENT_BYTES);
      if (bytes <= 0) return;
      for (let at = 0; at < bytes; ) {
        const length = this.events.readUInt32LE(at + 12);
        const name = this.events.toString('latin1', at + EVENT_HEADER, at + EVENT_HEADER + length);
        this.happened(name.replace(/\0+$/, ''), this.events.readUInt32LE(at + 4));
        at += EVENT_HEADER + length;
      }
    }
  }

  private happened(name: string, mask: number): void {
    if ((mask & IN_OPEN) !== 0 && this.opening.delete(name)) return;
    const file = this.byName.get(name);
    if (file === undefined) return;
    if ((mask & IN_OPEN) !== 0) {
      file.strangers++;
      this.unseen(file, 'OPENED');
    } else if ((mask & IN_CLOSE) === 0) this.moved(file, (mask & IN_ACCESS) !== 0);
    else if (file.strangers > 0) file.strangers--;
    else this.close(name, file);
  }

  /** A program took what says that there is something to read, or put something there. */
  private moved(file: HandedFile, wasRead: boolean): void {
    if (--this.unseenLeft === 0) inotifyAddWatch(this.inotify, this.folder, ALWAYS_TOLD);
    if (file.kind.type !== 'DEVICE') {
      const rest = Buffer.alloc(EVENT_HEADER);
      while (readBytes(file.signal, rest, rest.length) > 0);
      if (file.readable) writeBytes(file.signal, rest, 1);
    }
    this.unseen(file, wasRead ? 'READ' : 'WRITTEN');
  }

  private close(name: string, file: HandedFile): void {
    this.byName.delete(name);
    file.names.delete(name);
    if (file.names.size > 0) {
      this.unlink(name);
      return;
    }
    this.byInode.delete(file.key);
    this.discard(file, name);
    this.closed(file);
  }

  private discard(file: HandedFile, name: string): void {
    closeFile(file.signal);
    this.unlink(name);
  }

  /** A program may have emptied the temp folder. */
  private unlink(name: string): void {
    try {
      unlinkSync(join(this.folder, name));
    } catch {
      // Then there is nothing left to remove.
    }
  }

  /** Whether poll says that there is something to read. */
  setReadable(file: HandedFile, readable: boolean): void {
    if (file.readable === readable) return;
    file.readable = readable;
    const byte = Buffer.alloc(1);
    if (readable) writeBytes(file.signal, byte, 1);
    else readBytes(file.signal, byte, 1);
  }

  /** The end: the folder goes, and files that are still open mean nothing any more. */
  remove(): void {
    this.watching.stop();
    closeFile(this.inotify);
    for (const { signal } of this.open) closeFile(signal);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Gives a file another name. What has it open by the old one goes on under that: rename would move it. */
function renameBehind(from: string, to: string): void {
  linkSync(from, to);
  unlinkSync(from);
}

/** The lowest number from `from` to `to` that a program has not open; null: there is none. */
export function lowestFree(tid: number, from: number, to: number): number | null {
  const open = new Set(readdirSync(`/proc/${tid}/fd`).map(Number));
  for (let fd = from; fd <= to; fd++) if (!open.has(fd)) return fd;
  return null;
}
