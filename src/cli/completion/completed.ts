/** What a shell completes of one command. */
import type { Flags } from '../command-line.ts';

export interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly flags: Flags;
  /** Names of what may follow it and is no flag. */
  readonly words: readonly string[];
  /** A file, or any text, may follow it as well. */
  readonly files: boolean;
}
