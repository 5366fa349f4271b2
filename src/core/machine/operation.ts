/** One operation as the log keeps it. Types only. */
import type { Errno } from '../../abi/errno.ts';
import type { AnyReply, Command } from './command.ts';
import type { Event } from './event.ts';
import type { TraceStep } from './trace-step.ts';

/** What `execute` makes of a command. */
export interface Outcome {
  readonly command: Command;
  readonly errno: Errno;
  /** What was written back; also on some errors (hwptInvalidate). null if nothing was. */
  readonly reply: AnyReply | null;
  readonly events: readonly Event[];
  readonly trace: readonly TraceStep[];
  /**
   * Allocations that the kernel made in it, the one that failed among them; there where one was to
   * fail (Outside.failNth).
   */
  readonly allocations?: number;
}

/** An outcome with its place in its machine's log. */
export interface Operation extends Outcome {
  /** Counts the machine's operations without gaps, from 1. */
  readonly number: number;
  /** The machine's seq before its first event: the state it saw. */
  readonly seqBefore: number;
  /** The machine's seq after it. Its events are seqBefore + 1 … seq; a refused one may have none. */
  readonly seq: number;
  /** Milliseconds since the epoch when it ran. */
  readonly atMs: number;
}
