/**
 * Records what a program's calls say to iommufd and what they get, on whatever kernel it runs. Its
 * threads are traced (ptrace), stop at each system call and go on: nothing is answered here, and nothing
 * is changed. Whoever calls it does nothing else meanwhile.
 */
import { readFileSync } from 'node:fs';
import { AT_FDCWD, F_DUPFD, F_DUPFD_CLOEXEC, O_CLOEXEC, SYSCALLS } from '../../abi/ioctl/linux.ts';
import {
  FILE_SYSCALLS,
  MAX_ERRNO,
  PTRACE_CONT,
  PTRACE_EVENT_CLONE,
  PTRACE_EVENT_EXEC,
  PTRACE_EVENT_FORK,
  PTRACE_EVENT_STOP,
  PTRACE_EVENT_VFORK,
  PTRACE_GET_SYSCALL_INFO,
  PTRACE_LISTEN,
  PTRACE_O_EXITKILL,
  PTRACE_O_TRACECLONE,
  PTRACE_O_TRACEEXEC,
  PTRACE_O_TRACEFORK,
  PTRACE_O_TRACESYSGOOD,
  PTRACE_O_TRACEVFORK,
  PTRACE_SEIZE,
  PTRACE_SYSCALL,
  PTRACE_SYSCALL_INFO,
  PTRACE_SYSCALL_INFO_ENTRY,
  RESTARTS,
  SIGTRAP,
  STOP_SIGNALS,
  SYSCALL_STOP,
} from '../../abi/ioctl/ptrace.ts';
import {
  eventMessage,
  nextStop,
  request,
  type Stop,
  seize,
  syscallInfo,
} from '../native/ptrace.ts';
import type { CallRecorder } from './recorder.ts';
import type { Returns, TracedCall } from './traced-call.ts';

const OPTIONS =
  PTRACE_O_TRACESYSGOOD |
  PTRACE_O_TRACEFORK |
  PTRACE_O_TRACEVFORK |
  PTRACE_O_TRACECLONE |
  PTRACE_O_TRACEEXEC |
  PTRACE_O_EXITKILL;

/**
 * Traces a process from its next execve to the end of the last process that it leaves. Returns how the
 * process itself ended: as a shell's, 128 and the signal's number if one did. Errors: SystemError.
 */
export function trace(root: number, letGo: () => void, recorder: CallRecorder): number {
  const threads = new Map<number, Thread>();
  seize(PTRACE_SEIZE, root, OPTIONS);
  threads.set(root, { process: root, watched: false, returns: null });
  letGo();
  let exitCode = 0;
  for (let stop = nextStop(); stop !== null; stop = nextStop()) {
    const ended = endOf(stop);
    if (ended === null) {
      const thread = threads.get(stop.tid) ?? newThread(stop.tid);
      threads.set(stop.tid, thread);
      goOn(stop, thread, recorder, threads);
      continue;
    }
    const { process } = threads.get(stop.tid) ?? { process: stop.tid };
    threads.delete(stop.tid);
    if (stop.tid === root) exitCode = ended;
    if (![...threads.values()].some(thread => thread.process === process)) recorder.exit(process);
    if (threads.size === 0) break;
  }
  return exitCode;
}

interface Thread {
  readonly process: number;
  /** The program runs: calls before its execve are the launcher's. */
  watched: boolean;
  /** The call it is in. */
  returns: Returns | null;
}

function newThread(tid: number): Thread {
  const status = readFileSync(`/proc/${tid}/status`, 'utf8');
  const process = Number(/^Tgid:\s+(\d+)/m.exec(status)?.[1] ?? tid);
  return { process, watched: true, returns: null };
}

/** The exit code, if the thread is no more. */
function endOf({ status }: Stop): number | null {
  const signal = status & 0x7f;
  if (signal === 0) return (status >> 8) & 0xff;
  return signal === 0x7f ? null : 128 + signal;
}

/** Looks at a stop and lets the thread go on. */
function goOn(
  { tid, status }: Stop,
  thread: Thread,
  recorder: CallRecorder,
  threads: Map<number, Thread>,
): void {
  const signal = (status >> 8) & 0xff;
  const event = status >> 16;
  let deliver = 0;
  if (signal === (SIGTRAP | SYSCALL_STOP)) atSyscall(tid, thread, recorder);
  else if (event === PTRACE_EVENT_EXEC) {
    thread.watched = true;
    recorder.exec(thread.process);
  } else if ([PTRACE_EVENT_FORK, PTRACE_EVENT_VFORK, PTRACE_EVENT_CLONE].includes(event)) {
    const child = eventMessage(tid);
    const born = newThread(child);
    if (!threads.has(child)) threads.set(child, { ...born, watched: thread.watched });
    if (born.process !== thread.process) recorder.fork(thread.process, born.process);
  } else if (event === PTRACE_EVENT_STOP) {
    // A process that was stopped stays so, until it is continued.
    if (STOP_SIGNALS.includes(signal)) return request(PTRACE_LISTEN, tid);
  } else deliver = signal;
  request(thread.watched ? PTRACE_SYSCALL : PTRACE_CONT, tid, deliver);
}

const { fields } = PTRACE_SYSCALL_INFO;

function atSyscall(tid: number, thread: Thread, recorder: CallRecorder): void {
  const info = syscallInfo(PTRACE_GET_SYSCALL_INFO, tid);
  if (info.readUInt8(fields.op[0]) === PTRACE_SYSCALL_INFO_ENTRY) {
    const args = Array.from({ length: 6 }, (_, index) =>
      info.readBigUInt64LE(fields.args[0] + 8 * index),
    );
    const syscall = Number(info.readBigUInt64LE(fields.nr[0]));
    thread.returns = returnsOf(recorder, { tid, process: thread.process, syscall, args });
    return;
  }
  const returned = Number(info.readBigInt64LE(fields.rval[0]));
  const { returns } = thread;
  thread.returns = null;
  if (!RESTARTS.includes(-returned)) returns?.(returned);
}

const intOf = (argument: bigint) => Number(BigInt.asIntN(32, argument));

/** What a call of this kind means for what is recorded; null: nothing. */
function returnsOf(recorder: CallRecorder, call: TracedCall): Returns | null {
  const { process, syscall, args } = call;
  const [first, second, third] = args.map(intOf) as [number, number, number];
  const { files } = recorder;
  const whenDone =
    (done: (returned: number) => void): Returns =>
    returned => {
      if (returned >= 0 || returned < -MAX_ERRNO) done(returned);
    };
  switch (syscall) {
    case SYSCALLS.open:
      return recorder.open(call, args[0]!, AT_FDCWD, second);
    case SYSCALLS.openat:
      return recorder.open(call, args[1]!, first, third);
    case SYSCALLS.openat2:
      return recorder.open(call, args[1]!, first, null);
    case SYSCALLS.ioctl:
      return recorder.ioctl(call);
    case SYSCALLS.read:
    case SYSCALLS.readv:
    case SYSCALLS.write:
    case SYSCALLS.writev:
    case SYSCALLS.preadv2:
    case SYSCALLS.pwritev2:
      return recorder.transfer(call);
    case SYSCALLS.dup:
      return whenDone(fd => files.dup(process, first, fd, false));
    case SYSCALLS.dup2:
      return whenDone(fd => files.dup(process, first, fd, false));
    case SYSCALLS.dup3:
      return whenDone(fd => files.dup(process, first, fd, (third & O_CLOEXEC) !== 0));
    case SYSCALLS.fcntl:
      if (second !== F_DUPFD && second !== F_DUPFD_CLOEXEC) return null;
      return whenDone(fd => files.dup(process, first, fd, second === F_DUPFD_CLOEXEC));
    case FILE_SYSCALLS.close:
      // It is closed whatever close returns.
      return () => recorder.close(call, () => files.close(process, first));
    case FILE_SYSCALLS.close_range:
      return whenDone(() =>
        recorder.close(call, () => files.closeRange(process, first >>> 0, second >>> 0)),
      );
    default:
      return null;
  }
}
