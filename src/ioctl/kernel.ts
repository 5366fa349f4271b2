/** What stands behind the stand-in files: something that runs operations. */
import type { Errno } from '../abi/errno.ts';
import type { ReachedPiece } from '../core/iommufd/selftest/access-rw.ts';
import type { Command, CommandOf, CommandType, ReplyOf } from '../core/machine/command.ts';
import type { Event } from '../core/machine/event.ts';
import type { DmaLook, FunctionLook, GuestTableLook } from './look.ts';

/** What became of an operation, once it is in the log. */
export interface Outcome<T extends CommandType> {
  readonly errno: Errno;
  /** What is written back, also on some errors; null: nothing. */
  readonly reply: ReplyOf[T] | null;
  readonly events: readonly Event[];
  /** Allocations that it made, if one was to fail (Outside.failNth). */
  readonly allocations?: number;
}

/** Commands whose facts stand in the memory that an access reaches. */
export type ReachingCommand = CommandOf<'TestAccessRw'> | CommandOf<'TestAccessPages'>;

/**
 * A machine that runs operations, in this process or behind a socket. Operations run in the order in
 * which they are given.
 */
export interface Kernel {
  execute<C extends Command>(command: C): Promise<Outcome<C['type']>>;
  /**
   * As execute, for a command that needs to know what stands in user memory which an access reaches:
   * `complete` looks there, and nothing runs between that and the command.
   */
  executeReaching<C extends ReachingCommand>(
    command: C,
    complete: (pieces: readonly ReachedPiece[]) => C,
  ): Promise<Outcome<C['type']>>;
  /**
   * Calls back with whether a fault queue's file has something to read: at once, and whenever that
   * changes, whoever changed it; before the answer of the operation that did. Returns what ends it.
   */
  watchQueue(contextId: number, faultId: number, changed: (readable: boolean) => void): () => void;
  /**
   * Calls back with the events that hardware and guests change user memory by (look.ts), whoever's
   * operation made them, in their order; before the answer of that operation. Returns what ends it.
   */
  follow(happened: (events: readonly Event[]) => void): Promise<() => void>;
  /** The PCI functions there are. */
  functions(): Promise<readonly FunctionLook[]>;
  /** The page tables of guests that DMAs which wait, and the one that starts, go through. */
  guestTables(starting: DmaLook | null): Promise<readonly GuestTableLook[]>;
  /** Commits what waits and lets go. */
  close(): Promise<void>;
}

/** What of an operation the files need. */
export function outcomeOf<T extends CommandType>({
  errno,
  reply,
  events,
  allocations,
}: Outcome<CommandType>): Outcome<T> {
  const counted = allocations === undefined ? {} : { allocations };
  return { errno, reply: reply as ReplyOf[T] | null, events, ...counted };
}
