/** ptrace(2) and waitpid(2), for recording what a program does on a real kernel. */

import { EINTR } from '../../abi/ioctl/linux.ts';
import { PTRACE_GETEVENTMSG, PTRACE_SYSCALL_INFO, WAIT_ALL } from '../../abi/ioctl/ptrace.ts';
import { errno, ptraceBytes, ptraceWord, SystemError, waitpid } from './libc.ts';

/** A thread that stopped or ended. */
export interface Stop {
  readonly tid: number;
  /** As waitpid gives it. */
  readonly status: number;
}

const status = Buffer.alloc(4);
const info = Buffer.alloc(PTRACE_SYSCALL_INFO.size);
const word = Buffer.alloc(8);

/** The next thread that stops or ends; null: there is none left. */
export function nextStop(): Stop | null {
  for (;;) {
    const tid = waitpid(-1, status, WAIT_ALL);
    if (tid > 0) return { tid, status: status.readInt32LE(0) };
    if (errno() !== EINTR) return null;
  }
}

/** A request whose argument is a number. A thread that is gone is no error: its end is told as well. */
export function request(what: number, tid: number, data = 0): void {
  ptraceWord(what, tid, 0, data);
}

/** Errors: the thread may not be traced. */
export function seize(what: number, tid: number, options: number): void {
  if (ptraceWord(what, tid, 0, options) < 0) {
    throw new SystemError(
      'ptrace',
      errno(),
      'another tracer has the program, or it is not allowed',
    );
  }
}

/** The number that an event left: the id of a new thread. */
export function eventMessage(tid: number): number {
  ptraceBytes(PTRACE_GETEVENTMSG, tid, 0, word);
  return Number(word.readBigUInt64LE(0));
}

/** struct ptrace_syscall_info of a stop at a system call; the next call of this function changes it. */
export function syscallInfo(what: number, tid: number): Buffer {
  info.fill(0);
  ptraceBytes(what, tid, info.length, info);
  return info;
}
