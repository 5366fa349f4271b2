/** Runs a program on a machine, from its start to the end of the last process that it left. */
import { constants } from 'node:os';
import { EXACT_RANGE, SEEN_RANGE } from './calls/post.ts';
import type { Kernel } from './kernel.ts';
import { Listener } from './native/listener.ts';
import { adoptOrphans } from './native/orphans.ts';
import { startProgram } from './native/start.ts';
import type { Privileges } from './process-facts.ts';
import { type RunSummary, Summary } from './summary.ts';
import { Supervisor } from './supervisor.ts';

export interface RunOptions {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly kernel: Kernel;
  /** read and write are looked at on every file number, not only from 768 to 1023. */
  readonly exactFds: boolean;
  readonly privileges: Privileges;
  readonly warn: (message: string) => void;
}

export interface RunResult {
  /** As a shell's: 128 and the signal's number if one ended the program. */
  readonly exitCode: number;
  readonly summary: RunSummary;
}

/** Signals for this process that are meant for the program. */
const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** Errors: StartError, the program could not be started; those of answering its calls. */
export async function runProgram(options: RunOptions): Promise<RunResult> {
  const range = options.exactFds ? EXACT_RANGE : SEEN_RANGE;
  const { child, listener, executed } = await startProgram(options.argv, range);
  const summary = new Summary(options.kernel);
  const exited = new Promise<number>(resolve => {
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  const supervisor = new Supervisor({
    kernel: summary,
    listener: new Listener(listener),
    range,
    privileges: options.privileges,
    warn: options.warn,
  });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  // A terminal sends SIGINT and SIGQUIT to the program, too; it decides what they mean. Without one
  // they come from a process, and for this one alone.
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const stay = hasTerminal ? () => {} : forward;
  for (const signal of FORWARDED) process.on(signal, forward);
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, stay);
  const letGo = adoptOrphans();
  try {
    const served = supervisor.serve().catch(error => {
      child.kill('SIGKILL');
      throw error;
    });
    await Promise.all([served, executed]);
    return { exitCode: await exited, summary: summary.result };
  } finally {
    letGo();
    for (const signal of FORWARDED) process.off(signal, forward);
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.off(signal, stay);
  }
}
