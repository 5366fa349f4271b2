/**
 * The calls of the C library that Node has none of, through koffi: nothing is compiled, at build or at
 * start. Everything native stands in this folder. Linux on x86-64, with glibc or musl.
 */
import koffi from 'koffi';

const libc = koffi.load(null);

type Call<A extends readonly unknown[]> = (...args: A) => number;

/** A function of libc; koffi checks the arguments against the declaration at each call. */
function declare<A extends readonly unknown[]>(declaration: string): Call<A> {
  return libc.func(declaration) as unknown as Call<A>;
}

export const ioctl = declare<[fd: number, request: number, argument: Uint8Array]>(
  'int ioctl(int, unsigned long, void *)',
);
export const prctl = declare<[option: number, a: number, b: number, c: number, d: number]>(
  'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
);
export const poll = declare<[pollfds: Uint8Array, count: number, timeoutMs: number]>(
  'int poll(void *, unsigned long, int)',
);
export const readBytes = declare<[fd: number, bytes: Uint8Array, count: number]>(
  'long read(int, void *, unsigned long)',
);
export const writeBytes = declare<[fd: number, bytes: Uint8Array, count: number]>(
  'long write(int, void *, unsigned long)',
);
export const openFile = declare<[path: string, flags: number]>('int open(const char *, int)');
export const closeFile = declare<[fd: number]>('int close(int)');
export const mkfifo = declare<[path: string, mode: number]>(
  'int mkfifo(const char *, unsigned int)',
);
export const inotifyInit = declare<[flags: number]>('int inotify_init1(int)');
export const inotifyAddWatch = declare<[fd: number, path: string, mask: number]>(
  'int inotify_add_watch(int, const char *, uint32_t)',
);
export const processVmReadv = declare<
  [pid: number, local: Uint8Array, count: number, remote: Uint8Array, count: number, flags: number]
>('long process_vm_readv(int, void *, unsigned long, void *, unsigned long, unsigned long)');
export const processVmWritev = declare<
  [pid: number, local: Uint8Array, count: number, remote: Uint8Array, count: number, flags: number]
>('long process_vm_writev(int, void *, unsigned long, void *, unsigned long, unsigned long)');
export const socketpair = declare<
  [domain: number, type: number, protocol: number, fds: Uint8Array]
>('int socketpair(int, int, int, void *)');
export const sendmsg = declare<[fd: number, message: Uint8Array, flags: number]>(
  'long sendmsg(int, void *, int)',
);
export const recvmsg = declare<[fd: number, message: Uint8Array, flags: number]>(
  'long recvmsg(int, void *, int)',
);
export const fcntl = declare<[fd: number, command: number, value: number]>(
  'int fcntl(int, int, long)',
);
export const setSignal = declare<[signal: number, handler: bigint]>('void *signal(int, uintptr_t)');
export const setrlimit = declare<[resource: number, limit: Uint8Array]>(
  'int setrlimit(int, void *)',
);
/** fstatat, which older C libraries have under other names. */
export const fstatat = declare<
  [number: number, dirfd: number, path: string, stat: Uint8Array, flags: number]
>('long syscall(long, long, const char *, void *, long)');
/** faccessat2, with flags, and statx, as system calls of those numbers. */
export const faccessat = declare<
  [number: number, dirfd: number, path: string, mode: number, flags: number]
>('long syscall(long, long, const char *, long, long)');
export const statx = declare<
  [number: number, dirfd: number, path: string, flags: number, mask: number, statx: Uint8Array]
>('long syscall(long, long, const char *, long, long, void *)');
/** A system call that libc has no function for. */
export const syscall3 = declare<[number: number, a: number, b: number, c: Uint8Array]>(
  'long syscall(long, long, long, void *)',
);
const TGKILL = 234;
const PTRACE = 101;
const ptraceCall = declare<[number: number, a: number, b: number, c: number, d: Uint8Array]>(
  'long syscall(long, long, long, long, void *)',
);
const syscallNumbers = declare<[number: number, a: number, b: number, c: number, d: number]>(
  'long syscall(long, long, long, long, long)',
);
/** Whether a thread is the first of its process, whose number is then its own. */
export const leadsProcess = (tid: number) => syscallNumbers(TGKILL, tid, tid, 0, 0) === 0;
/** ptrace as the system call, whose address and data are numbers here. */
export const ptraceWord = (what: number, tid: number, address: number, data: number) =>
  syscallNumbers(PTRACE, what, tid, address, data);
export const ptraceBytes = (what: number, tid: number, address: number, data: Uint8Array) =>
  ptraceCall(PTRACE, what, tid, address, data);
export const waitpid = declare<[pid: number, status: Uint8Array, options: number]>(
  'int waitpid(int, void *, int)',
);
/** The same with numbers alone. */
export const syscallOfInts = declare<[number: number, a: number, b: number, c: number]>(
  'long syscall(long, long, long, long)',
);
export const execvp = declare<[file: string, argv: readonly (string | null)[]]>(
  'int execvp(const char *, const char **)',
);

/** errno of the last call that failed. */
export function errno(): number {
  return koffi.errno();
}

/** The address of bytes, which do not move as long as they are referenced. */
export function addressOf(bytes: Uint8Array): bigint {
  return koffi.address(bytes);
}

/**
 * Calls back whenever a file can be read, or is hung up, until `stop`. While it runs the process does
 * not end. Errors: the file cannot be polled.
 */
export function watchReadable(fd: number, call: () => void): { stop(): void } {
  const handle = koffi.node.poll(fd, { readable: true }, call);
  return {
    stop() {
      handle.stop();
      handle.close();
    },
  };
}

/** A call of the system that failed where it cannot be answered with an errno. */
export class SystemError extends Error {
  readonly code: number;
  /** As other errors of the system carry it. */
  readonly syscall: string;

  constructor(syscall: string, code: number, advice: string) {
    super(`${syscall} failed with errno ${code}; ${advice}`);
    this.code = code;
    this.syscall = syscall;
  }
}
