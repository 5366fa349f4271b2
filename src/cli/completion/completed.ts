/** What a shell completes of one command. */
import type { Flags } from '../command-line.ts';

export interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly flags: Flags;
  /** What may follow it and is no flag; empty: a file, or any text. */
  readonly words: readonly string[];
}
