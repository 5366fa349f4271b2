/** Whoever makes a call on one of the files, and what the call returns. */
import { ERRNO, type ErrnoName } from '../../abi/errno.ts';
import type { FileKind, HandedFile } from '../files.ts';
import type { Kernel } from '../kernel.ts';
import type { UserMemory } from '../native/user-memory.ts';

/** What a system call returns: a value from 0 on, or an errno as a negative number. */
export type Returned = number;

export interface Caller {
  readonly memory: UserMemory;
  readonly kernel: Kernel;
  /** Whether the thread that called still waits: if not, its number may be another's by now. */
  isWaiting(): boolean;
  /** Gives the caller a new file; its number, or a negative errno. */
  handOut(kind: FileKind): Returned;
  /** The file that a number of the caller means, or null. */
  fileAt(fd: number): HandedFile | null;
  /** Whether a number of the caller means any file. */
  isOpen(fd: number): boolean;
}

/** An errno as a system call returns it; 0 stays 0. */
export function failure(errno: ErrnoName | 0): Returned {
  return errno === 0 ? 0 : -ERRNO[errno];
}
