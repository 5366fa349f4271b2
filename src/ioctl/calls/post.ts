/** What the answers to system calls share. */
import { existsSync } from 'node:fs';
import { EMFILE } from '../../abi/ioctl/linux.ts';
import { type FileKind, type HandedFile, type HandedFiles, lowestFree } from '../files.ts';
import type { GuestTables } from '../guest/guest-tables.ts';
import type { Processes } from '../guest/processes.ts';
import type { Kernel } from '../kernel.ts';
import type { FdRange } from '../native/filter.ts';
import type { Listener, Notification } from '../native/listener.ts';
import { UserMemory } from '../native/user-memory.ts';
import type { Privileges } from '../process-facts.ts';
import type { Caller, Returned } from '../uapi/caller.ts';
import type { VfioDevices } from '../vfio/devices.ts';

/** The kernel below is to run the call as if nobody had looked. */
export const PASS = Symbol('pass');
/** The call is answered already, or nobody waits for the answer. */
export const ANSWERED = Symbol('answered');
export type Result = Returned | typeof PASS | typeof ANSWERED;

/** What a call returns that finds no number free. */
export const NO_NUMBER_FREE: Returned = -EMFILE;

export interface Post {
  /** Before hardware looks, it is told what programs wrote into page tables. */
  readonly kernel: Kernel;
  readonly devices: VfioDevices;
  readonly processes: Processes;
  readonly tables: GuestTables;
  readonly listener: Listener;
  readonly files: HandedFiles;
  /** File numbers on which read, write and dup are told. */
  readonly range: FdRange;
  readonly privileges: Privileges;
  /** Says something to whoever started the program. */
  readonly warn: (message: string) => void;
}

/** Numbers below are told only if that was asked for; select takes all below 1024. */
export const SEEN_RANGE: FdRange = { first: 768, last: 1_023 };
export const EXACT_RANGE: FdRange = { first: 3, last: 0x7fff_ffff };

export function isExact({ range }: Post): boolean {
  return range.first < SEEN_RANGE.first;
}

/** Files whose reads are calls of ours are put where they are told. */
export function isTold({ type }: FileKind): boolean {
  return type === 'FAULT' || type === 'VFIO';
}

/** The lowest free number of the caller that is told, from `from` on; null: there is none. */
export function numberInRange({ range }: Post, { tid }: Notification, from: number): number | null {
  return lowestFree(tid, Math.max(range.first, from), range.last);
}

export function callerOf(post: Post, notification: Notification): Caller {
  const { tid } = notification;
  return {
    memory: new UserMemory(tid),
    kernel: post.kernel,
    isWaiting: () => post.listener.isValid(notification),
    handOut: kind => handOut(post, notification, kind),
    fileAt: fd => post.files.find(tid, fd),
    isOpen: fd => existsSync(`/proc/${tid}/fdinfo/${fd}`),
  };
}

/** A new file for the caller: at the lowest number, or in the range if it is read. */
function handOut(post: Post, notification: Notification, kind: FileKind): Returned {
  const isQueue = kind.type === 'FAULT';
  const fd = isQueue && !isExact(post) ? numberInRange(post, notification, 0) : undefined;
  if (fd === null) return NO_NUMBER_FREE;
  let added: Returned = NO_NUMBER_FREE;
  const file = post.files.create(kind, 0, source => {
    const number = fd === undefined ? {} : { fd };
    added = post.listener.addFd(notification, source, { closeOnExec: true, ...number });
    return added >= 0;
  });
  if (file !== null && isQueue) watch(post, file, kind);
  return added;
}

function watch(
  { kernel, files }: Post,
  file: HandedFile,
  { contextId, faultId }: Extract<FileKind, { type: 'FAULT' }>,
): void {
  file.release = kernel.watchQueue(contextId, faultId, readable =>
    files.setReadable(file, readable),
  );
}
