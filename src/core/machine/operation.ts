/** One operation as the log keeps it. Types only. */
import type { Errno } from '../../abi/errno.ts';
import type { Command } from './command.ts';
import type { Event } from './event.ts';
import type { AnyReply } from './reply.ts';

/** One kernel function an operation passed, in order of entry. */
export interface TraceStep {
  readonly function: string;
  /** How deep in the call tree, from 0. */
  readonly depth: number;
  /** What it returned: '0', an errno's name, or a short value such as an object id. */
  readonly returned: string;
}

/** What `execute` makes of a command. */
export interface Outcome {
  readonly command: Command;
  readonly errno: Errno;
  /** What was written back; also on some errors (hwptInvalidate). null if nothing was. */
  readonly reply: AnyReply | null;
  readonly events: readonly Event[];
  readonly trace: readonly TraceStep[];
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
