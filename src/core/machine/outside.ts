/** What stood outside the machine when a command ran. */
import type { CallingProcess, MemoryChange } from '../memory/user-process.ts';

/** How the memory of a process changed since it was told last; the first time all of it is added. */
export interface ToldMemory extends MemoryChange {
  readonly processId: number;
}

/**
 * Facts about the caller's surroundings, found by whoever looked as the command ran and kept in the log
 * with it: replay and what if ask nobody. Each may be left out.
 */
export interface Outside {
  /**
   * The kernel's fault injection: the allocation that fails, counted from 1 within this operation
   * (/proc/…/fail-nth); places that the self-test lets fail count too (iommufd_should_fail). Making a
   * machine is not the kernel's work and does not fail.
   */
  readonly failNth?: number;
  /** The process that runs it; left out: as the one that opened the context was when it did. */
  readonly process?: CallingProcess;
  /** How memories of processes changed since they were told of last; before the command runs. */
  readonly memory?: readonly ToldMemory[];
  /** Processes that are gone and were told of; after the command ran. */
  readonly gone?: readonly number[];
}

/** The same command where an allocation of the kernel is to fail; undefined: none. */
export function failing<C extends { readonly type: string; readonly outside?: Outside }>(
  command: C,
  failNth: number | undefined,
): C {
  return failNth === undefined ? command : { ...command, outside: { ...command.outside, failNth } };
}
