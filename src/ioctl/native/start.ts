/** Starts a program under the filter, and gets the listener of its system calls. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { F_SETFD, FD_CLOEXEC } from '../../abi/ioctl/linux.ts';
import type { FdRange } from './filter.ts';
import { FILES_AT_START, inheritedOf, nodesOwnKinds } from './inherited.ts';
import type { LauncherArguments } from './launcher-arguments.ts';
import { closeFile, fcntl, watchReadable } from './libc.ts';
import { limitsOfCaller } from './limits.ts';
import { connectedPair, receive, send } from './rights.ts';

/** Beside this file: TypeScript in the project, JavaScript in the package. */
const LAUNCHER = fileURLToPath(new URL('./launcher.ts', import.meta.url)).replace(
  /ts$/,
  import.meta.filename.slice(-2),
);

/** The program could not be started; the message says why and what would help. */
export class StartError extends Error {
  /** As a shell's: 127 there is no such program, 126 it cannot be executed or watched. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Started {
  readonly child: ChildProcess;
  /** File number of the listener in this process. */
  readonly listener: number;
  /** Resolves when the program runs. Errors: StartError. */
  readonly executed: Promise<void>;
}

const ADVICE: Readonly<Record<number, string>> = {
  1: 'seccomp is not allowed here',
  2: 'there is no such program',
  13: 'it may not be executed',
  8: 'it is not in a format that this machine executes',
  16: 'another supervisor watches it already: run faultline inside faultline run is not possible',
  22: 'seccomp with WAIT_KILLABLE_RECV needs Linux 5.19 or newer',
  38: 'this kernel has no seccomp user notification',
};

function startError(argv: readonly string[], code: number, watched: boolean): StartError {
  const advice = ADVICE[code] ?? 'see errno(3)';
  const what = watched ? `"${argv[0]}" cannot be executed` : 'no filter can be installed';
  return new StartError(`${what} (errno ${code}): ${advice}`, watched && code === 2 ? 127 : 126);
}

/** A launcher that has told of itself, and the socket to it. */
interface Launched {
  readonly child: ChildProcess;
  readonly socket: number;
  /** What it told first: the listener of its filter, if it has one. */
  readonly listener: number | null;
}

/** Errors: StartError, those of spawn. */
async function launch(argv: readonly string[], range: FdRange | null): Promise<Launched> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const here = `${process.platform} on ${process.arch}`;
    throw new StartError(`programs run on Linux on x64, and this is ${here}`, 126);
  }
  const [ours, theirs] = connectedPair();
  // Each keeps its number: this process closes none of them before the launcher has it.
  for (const { number } of FILES_AT_START) fcntl(number, F_SETFD, FD_CLOEXEC);
  const { numbers: files, certain } = inheritedOf(FILES_AT_START, nodesOwnKinds);
  for (const number of [theirs, ...files]) fcntl(number, F_SETFD, 0);
  const told: LauncherArguments = {
    socket: theirs,
    supervisor: process.pid,
    range,
    limits: limitsOfCaller(),
    files,
    argv,
  };
  const child = spawn(process.execPath, [LAUNCHER, JSON.stringify(told)], { stdio: 'inherit' });
  try {
    await once(child, 'spawn');
  } catch (error) {
    closeFile(ours);
    throw new StartError(`no process can be started: ${(error as Error).message}`, 126);
  } finally {
    closeFile(theirs);
  }
  // A kill that fails, because it has ended, is no reason to end.
  child.on('error', () => {});
  letGoOf(certain);
  const first = await nextMessage(ours);
  if (first === null || first.number !== 0 || (range !== null && first.fd === null)) {
    closeFile(ours);
    child.kill('SIGKILL');
    if (first !== null && first.number !== 0) throw startError(argv, first.number, false);
    const advice = 'it ended before it said why, or this process may open no more files';
    throw new StartError(`the program cannot be watched: ${advice}`, 126);
  }
  return { child, socket: ours, listener: first.fd };
}

/** The caller's files are the program's: whoever waits for it to close one waits for nobody else. */
function letGoOf(files: readonly number[]): void {
  // Node itself uses one of them to talk to the process that started it.
  if (process.channel === undefined) for (const number of files) closeFile(number);
}

/** Starts `argv` with the standard files of this process. Errors: StartError, those of spawn. */
export async function startProgram(argv: readonly string[], range: FdRange): Promise<Started> {
  const { child, socket, listener } = await launch(argv, range);
  const executed = nextMessage(socket).then(message => {
    closeFile(socket);
    if (message !== null) throw startError(argv, message.number, true);
  });
  return { child, listener: listener!, executed };
}

/**
 * Starts `argv` for a tracer: `trace` is given the process, which waits, and what lets it go on once it is
 * traced. Returns what `trace` does. Errors: StartError, those of spawn and of `trace`.
 */
export async function startTraced(
  argv: readonly string[],
  trace: (pid: number, letGo: () => void) => number,
): Promise<number> {
  const { child, socket } = await launch(argv, null);
  // The tracer waits for it.
  child.unref();
  const exitCode = trace(child.pid!, () => send(socket, 0, null));
  const refused = await nextMessage(socket);
  closeFile(socket);
  if (refused !== null) throw startError(argv, refused.number, true);
  return exitCode;
}

/** The next message of the launcher, or null once it has become the program, or ended. */
function nextMessage(socket: number): Promise<ReturnType<typeof receive>> {
  return new Promise(resolve => {
    const watching = watchReadable(socket, () => {
      watching.stop();
      resolve(receive(socket));
    });
  });
}
