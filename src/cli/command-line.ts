/** What a command of the command line is. */

/** A flag as parseArgs of node:util takes it, and what completions know beside that. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly default?: string | boolean;
  /** The values it has, or the words among them. Left out: any text, or a file. */
  readonly oneOf?: readonly string[];
}

export type Flags = Readonly<Record<string, Flag>>;

export interface Command {
  /** Returns the exit code. */
  readonly run: (argv: readonly string[]) => Promise<number>;
  readonly flags: Flags;
  /** What may follow it and is no flag, if that has names. */
  readonly words?: readonly string[];
  /** What `--help` prints. */
  readonly help: string;
}

export interface CommandLine {
  readonly summary: string;
  /** Loads the command alone: none waits for what another needs. */
  readonly load: () => Promise<Command>;
}
