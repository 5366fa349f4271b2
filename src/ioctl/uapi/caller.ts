/** Whoever makes a call on one of the files, and what the call returns. */
import type { CallRefusalRule } from '../../abi/call-refusal-rules.ts';
import { ERRNO, type ErrnoName } from '../../abi/errno.ts';
import type { ReachedPiece } from '../../core/iommufd/selftest/access-rw.ts';
import { must } from '../../core/machine/assert.ts';
import type { Command } from '../../core/machine/command.ts';
import type { FileKind, HandedFile } from '../files.ts';
import type { Outcome, ReachingCommand } from '../kernel.ts';
import type { Reached } from '../memory/reached.ts';
import type { ProcessMemory } from '../native/user-memory.ts';

/** What a system call returns: a value from 0 on, or an errno as a negative number. */
export type Returned = number;

export interface Caller {
  readonly memory: ProcessMemory;
  /** Runs an operation for the thread that called. */
  execute<C extends Command>(command: C): Promise<Outcome<C['type']>>;
  /** As execute; see Kernel.executeReaching. Looks into the memory of processes by `reached`. */
  executeReaching<C extends ReachingCommand>(
    command: C,
    complete: (command: C, pieces: readonly ReachedPiece[], reached: Reached) => C,
  ): Promise<Outcome<C['type']>>;
  /** The memory that accesses reach, now. */
  reached(): Reached;
  /** The process that calls, as machines know it. */
  readonly processId: number;
  /** Whether the thread that called still waits: if not, its number may be another's by now. */
  isWaiting(): boolean;
  /** An errno with its reason, for a call that fails before it is an operation. */
  refuse(errno: ErrnoName, rule: CallRefusalRule, given?: number | bigint): Returned;
  /** Gives the caller a new file; its number, or a negative errno. */
  handOut(kind: FileKind): Returned;
  /** The file that a number of the caller means, or null. */
  fileAt(fd: number): Pick<HandedFile, 'kind'> | null;
  /** Whether a number of the caller means any file. */
  isOpen(fd: number): boolean;
}

/** An errno as a system call returns it; 0 stays 0. */
export function failure(errno: ErrnoName | 0): Returned {
  return errno === 0 ? 0 : -ERRNO[errno];
}

const ERRNO_NAMES: ReadonlyMap<number, ErrnoName> = new Map(
  Object.entries(ERRNO).map(([name, code]) => [code, name as ErrnoName]),
);

/** The name of an errno's number. */
export function errnoName(code: number): ErrnoName {
  return must(ERRNO_NAMES.get(code), `errno ${code}`);
}
