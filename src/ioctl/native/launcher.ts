/**
 * The process that becomes the program: puts everything back as Node found it, installs the filter,
 * hands its listener over and executes the program in its place. Started by its name (start.ts).
 */
import {
  F_SETFD,
  FD_CLOEXEC,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  SECCOMP_SET_MODE_FILTER,
  SIGKILL,
  SIGPIPE,
  SIGXFSZ,
  SYSCALLS,
} from '../../abi/ioctl/linux.ts';
import { assembleFilter, type FdRange } from './filter.ts';
import type { LauncherArguments } from './launcher-arguments.ts';
import { addressOf, errno, execvp, fcntl, prctl, setSignal, syscall3 } from './libc.ts';
import { setLimit } from './limits.ts';
import { receive, send } from './rights.ts';

/** Exit code of a program that could not be started, as of a shell. */
const NOT_EXECUTED = 127;
const SIG_DFL = 0n;

/** Limits were raised; Node ignores signals and marks files to be closed. */
function putBack({ limits, files }: LauncherArguments): void {
  for (const limit of limits) setLimit(limit);
  for (const signal of [SIGPIPE, SIGXFSZ]) setSignal(signal, SIG_DFL);
  for (const fd of [0, 1, 2, ...files]) fcntl(fd, F_SETFD, 0);
}

/** The filter's listener, or -errno. */
function installFilter(range: FdRange): number {
  const filter = assembleFilter(range);
  const program = Buffer.alloc(16);
  program.writeUInt16LE(filter.length / 8, 0);
  program.writeBigUInt64LE(addressOf(filter), 8);
  const flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  const listener = syscall3(SYSCALLS.seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
  return listener < 0 ? -errno() : listener;
}

/** Comes back only if the program could not be executed. */
function becomeProgram(launch: LauncherArguments): void {
  const { socket, supervisor, range } = launch;
  // A supervisor that is gone answers nothing: the program must not outlive it.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (process.ppid !== supervisor) return;
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  putBack(launch);
  if (range === null) {
    // The tracer says when it has this process.
    if (send(socket, 0, null) && receive(socket) !== null) execute(launch);
    return;
  }
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const listener = installFilter(range);
  // From here on this thread's calls wait for the supervisor, so it gets the listener first.
  if (listener < 0) send(socket, -listener, null);
  else if (send(socket, 0, listener)) execute(launch);
}

function execute({ socket, argv }: LauncherArguments): void {
  execvp(argv[0]!, [...argv, null]);
  send(socket, errno(), null);
}

becomeProgram(JSON.parse(process.argv[2]!) as LauncherArguments);
process.exitCode = NOT_EXECUTED;
