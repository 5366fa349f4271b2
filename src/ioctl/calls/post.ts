/** What the answers to system calls share. */

import { existsSync } from 'node:fs';
import type { CallRefusalRule } from '../../abi/call-refusal-rules.ts';
import { O_NONBLOCK } from '../../abi/ioctl/linux.ts';
import type { FailNth } from '../fail-nth.ts';
import {
  type FileKind,
  type HandedFile,
  type HandedFiles,
  isTransferred,
  lowestFree,
} from '../files.ts';
import type { GuestTables } from '../guest/guest-tables.ts';
import type { Memories } from '../memory/memories.ts';
import type { FdRange } from '../native/filter.ts';
import type { Listener, Notification } from '../native/listener.ts';
import { UserMemory } from '../native/user-memory.ts';
import { openFilesOf, type Privileges } from '../process-facts.ts';
import type { Summary } from '../summary.ts';
import type { Tree } from '../tree.ts';
import { type Caller, failure, type Returned } from '../uapi/caller.ts';
import type { VfioDevices } from '../vfio/devices.ts';

/** The kernel below is to run the call as if nobody had looked. */
export const PASS = Symbol('pass');
/** The call is answered already, or nobody waits for the answer. */
export const ANSWERED = Symbol('answered');
export type Result = Returned | typeof PASS | typeof ANSWERED;

/** What a call returns that finds no number free. */
export const NO_NUMBER_FREE: Returned = failure('EMFILE');

/** Why the call that is being answered fails, if it does before it is an operation. */
export interface RefusalNote {
  readonly rule: CallRefusalRule;
  readonly given: bigint | undefined;
}

export interface Post {
  readonly kernel: Summary;
  readonly devices: VfioDevices;
  readonly tables: GuestTables;
  readonly listener: Listener;
  readonly files: HandedFiles;
  readonly tree: Tree;
  readonly failNth: FailNth;
  readonly memories: Memories;
  /** File numbers on which read, write and dup are told. */
  readonly range: FdRange;
  readonly privileges: Privileges;
  /** Says something to whoever started the program. */
  readonly warn: (message: string) => void;
  /** Of the call that is being answered: one is, at a time. */
  readonly noted: { refusal: RefusalNote | null };
}

/** Numbers below are told only if that was asked for; select takes all below 1024. */
export const SEEN_RANGE: FdRange = { first: 768, last: 1_023 };
export const EXACT_RANGE: FdRange = { first: 3, last: 0x7fff_ffff };

export function isExact({ range }: Post): boolean {
  return range.first < SEEN_RANGE.first;
}

/**
 * The lowest free number of the caller that is told, from `from` on; null: all are taken, or RLIMIT_NOFILE
 * is below them, which is said.
 */
export function numberInRange(
  { range, warn }: Post,
  { tid }: Notification,
  from: number,
): number | null {
  const last = Math.min(range.last, openFilesOf(tid) - 1);
  const number = lowestFree(tid, Math.max(range.first, from), last);
  if (number === null) {
    warn(
      `the program has no file number from ${range.first} to ${range.last} left ` +
        '(RLIMIT_NOFILE, or too many files), so reads and writes are not seen: run it with --exact-fds',
    );
  }
  return number;
}

export function callerOf(post: Post, notification: Notification): Caller {
  const { tid } = notification;
  return {
    memory: new UserMemory(tid),
    execute: command =>
      post.failNth.execute(
        asked => post.kernel.execute(asked),
        tid,
        post.memories.before(tid, command),
      ),
    executeReaching: (command, complete) =>
      post.failNth.execute(
        asked =>
          post.kernel.executeReaching(asked, pieces =>
            complete(asked, pieces, post.memories.reached()),
          ),
        tid,
        post.memories.before(tid, command),
      ),
    reached: () => post.memories.reached(),
    get processId() {
      return post.memories.processIdOf(tid);
    },
    isWaiting: () => post.listener.isValid(notification),
    handOut: kind => handOut(post, notification, kind, true),
    fileAt: fd => post.files.find(tid, fd),
    isOpen: fd => existsSync(`/proc/${tid}/fdinfo/${fd}`),
    refuse: (errno, rule, given) => {
      post.noted.refusal = { rule, given: given === undefined ? undefined : BigInt(given) };
      return failure(errno);
    },
  };
}

/** A new file for the caller: at the lowest number, or in the range if it is read. */
export function handOut(
  post: Post,
  notification: Notification,
  kind: FileKind,
  closeOnExec: boolean,
  made: (file: HandedFile) => void = () => {},
): Returned {
  const inRange = isTransferred(kind) && !isExact(post);
  const fd = inRange ? numberInRange(post, notification, 0) : null;
  // Where its reads are not seen they must not wait for ever.
  const flags = inRange && fd === null ? O_NONBLOCK : 0;
  let added: Returned = NO_NUMBER_FREE;
  const file = post.files.create(kind, flags, source => {
    const number = fd === null ? {} : { fd };
    added = post.listener.addFd(notification, source, { closeOnExec, ...number });
    return added >= 0;
  });
  if (file === null) return added;
  if (kind.type === 'FAULT') watch(post, file, kind);
  made(file);
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
