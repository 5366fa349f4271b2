/** Runs a program on a machine, from its start to the end of the last process that it left. */
import { constants } from 'node:os';
import { EXACT_RANGE, SEEN_RANGE } from './calls/post.ts';
import type { Kernel } from './kernel.ts';
import type { FdRange } from './native/filter.ts';
import { raiseFileSize } from './native/limits.ts';
import { Listener } from './native/listener.ts';
import { adoptOrphans } from './native/orphans.ts';
import { StartError, type Started, startProgram } from './native/start.ts';
import type { Privileges } from './process-facts.ts';
import { type RunSummary, Summary } from './summary.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';
import { DEVICE_FILE_BYTES } from './vfio/window.ts';

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

/** Exit code of a program that cannot be run or watched, as a shell's. */
const CANNOT_RUN = 126;

/** Signals for this process that are meant for the program. */
const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * The supervisor's files may be as large as it needs them; the program keeps its own limit. Errors:
 * StartError, that is not allowed.
 */
export function allowLargeFiles(): void {
  const most = raiseFileSize();
  if (most >= BigInt(DEVICE_FILE_BYTES)) return;
  throw new StartError(
    `no file may have more than ${most} bytes here (ulimit -f), and the file of a VFIO device has more;` +
      ` limit the program alone: faultline run -- sh -c 'ulimit -f BLOCKS; exec "$@"' sh PROGRAM`,
    CANNOT_RUN,
  );
}

/** Errors: StartError, the program could not be started, and has ended; LostError. */
export async function runProgram(options: RunOptions): Promise<RunResult> {
  const range = options.exactFds ? EXACT_RANGE : SEEN_RANGE;
  const started = await startProgram(options.argv, range);
  try {
    return await supervise(options, range, started);
  } catch (error) {
    // It may be waiting for an answer that nobody gives.
    started.child.kill('SIGKILL');
    throw error;
  }
}

async function supervise(
  options: RunOptions,
  range: FdRange,
  { child, listener, executed }: Started,
): Promise<RunResult> {
  const summary = new Summary(options.kernel);
  const exited = new Promise<number>(resolve => {
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  const supervisor = supervisorOf({
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
    await Promise.all([supervisor.serve(), executed]);
    return { exitCode: await exited, summary: summary.result };
  } finally {
    letGo();
    for (const signal of FORWARDED) process.off(signal, forward);
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.off(signal, stay);
  }
}

/** Errors: StartError, a folder or what tells of closed files cannot be had. */
function supervisorOf(options: SupervisorOptions): Supervisor {
  try {
    return new Supervisor(options);
  } catch (error) {
    const { message, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const advice = syscall === 'mkdtemp' ? '; name a folder that can be written to in TMPDIR' : '';
    throw new StartError(`the supervisor cannot start: ${message}${advice}`, CANNOT_RUN);
  }
}
