/** Numbers of ptrace(2) and wait(2) (include/uapi/linux/ptrace.h), and of calls that move files. */
import type { StructLayout } from './layout.ts';

export const PTRACE_CONT = 7;
export const PTRACE_SYSCALL = 24;
export const PTRACE_GETEVENTMSG = 0x4201;
export const PTRACE_SEIZE = 0x4206;
export const PTRACE_LISTEN = 0x4208;
export const PTRACE_GET_SYSCALL_INFO = 0x420e;

// Options
export const PTRACE_O_TRACESYSGOOD = 0x1;
export const PTRACE_O_TRACEFORK = 0x2;
export const PTRACE_O_TRACEVFORK = 0x4;
export const PTRACE_O_TRACECLONE = 0x8;
export const PTRACE_O_TRACEEXEC = 0x10;
export const PTRACE_O_EXITKILL = 0x10_0000;

// Events
export const PTRACE_EVENT_FORK = 1;
export const PTRACE_EVENT_VFORK = 2;
export const PTRACE_EVENT_CLONE = 3;
export const PTRACE_EVENT_EXEC = 4;
export const PTRACE_EVENT_STOP = 128;

export const PTRACE_SYSCALL_INFO_ENTRY = 1;
export const PTRACE_SYSCALL_INFO_EXIT = 2;

/** The first of `args`; `rval` and `is_error` are the exit's, in the same place as `nr`. */
export const PTRACE_SYSCALL_INFO = {
  struct: 'ptrace_syscall_info',
  size: 88,
  fields: { op: [0, 1], nr: [24, 8], args: [32, 48], rval: [24, 8], is_error: [32, 1] },
} as const satisfies StructLayout;

/** __WALL: children of every kind. */
export const WAIT_ALL = 0x4000_0000;

export const SIGTRAP = 5;
/** With PTRACE_O_TRACESYSGOOD a stop at a system call has this bit in its signal. */
export const SYSCALL_STOP = 0x80;
/** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU: with PTRACE_EVENT_STOP the process is stopped. */
export const STOP_SIGNALS: readonly number[] = [19, 20, 21, 22];

/** System calls that open and close files, besides those of linux.ts (syscall_64.tbl). */
export const FILE_SYSCALLS = { close: 3, close_range: 436 } as const;

/** Largest errno that a system call returns, negated. */
export const MAX_ERRNO = 4_095;
/** A call that is begun again after a signal returns one of these to nobody. */
export const RESTARTS: readonly number[] = [512, 513, 514, 516];
