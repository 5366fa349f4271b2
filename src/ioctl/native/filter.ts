/**
 * The seccomp filter: which system calls are told to the supervisor. A program of classic BPF over
 * struct seccomp_data, as bytes; pure. What is not named runs at full speed: the kernel remembers of a
 * system call number that it is always allowed.
 */
import { IOMMUFD_TYPE, IOMMUFD_TYPE_MASK } from '../../abi/ioctl/iommufd.ts';
import {
  AT_EMPTY_PATH,
  AUDIT_ARCH_X86_64,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  FIONREAD,
  SECCOMP_DATA,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_USER_NOTIF,
  SYSCALLS,
  type SyscallName,
} from '../../abi/ioctl/linux.ts';

/** Numbers of files on which read, write and dup are looked at; both ends inclusive. */
export interface FdRange {
  readonly first: number;
  readonly last: number;
}

/** Calls that name a file by its path. */
const PATHS = [
  ...(['openat', 'open', 'openat2', 'creat'] as const),
  ...(['stat', 'lstat', 'statx', 'access', 'faccessat', 'faccessat2'] as const),
  ...(['readlink', 'readlinkat', 'getcwd'] as const),
  ...(['getxattr', 'lgetxattr', 'listxattr', 'llistxattr'] as const),
] as const satisfies readonly SyscallName[];
/** Calls whose first argument is a file that may be ours. */
const ON_FILES = [
  ...(['read', 'write', 'readv', 'writev', 'preadv2', 'pwritev2'] as const),
  ...(['pread64', 'pwrite64', 'preadv', 'pwritev', 'lseek'] as const),
  ...(['dup', 'dup2', 'dup3', 'fstat'] as const),
] as const satisfies readonly SyscallName[];

// include/uapi/linux/bpf_common.h
const LOAD_WORD = 0x20;
const AND = 0x54;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_GREATER_OR_EQUAL = 0x35;
const JUMP_IF_GREATER = 0x25;
const RETURN = 0x06;

/** A label of the program, or the next instruction. */
type Target = 'notify' | 'allow' | 'ioctl' | 'file' | 'fcntl' | 'fstatat' | 'mmap' | 'next';

interface Instruction {
  readonly code: number;
  readonly value: number;
  readonly yes?: Target;
  readonly no?: Target;
}

type Line = Instruction | { readonly label: Target };

const load = (value: number): Line => ({ code: LOAD_WORD, value });
const jump = (code: number, value: number, yes: Target, no: Target): Line => ({
  code,
  value,
  yes,
  no,
});

/** Where the low half of an argument stands. */
const argument = (index: number) => SECCOMP_DATA.fields.args[0] + 8 * index;

function inRange({ first, last }: FdRange, index: number): Line[] {
  return [
    load(argument(index)),
    jump(JUMP_IF_GREATER_OR_EQUAL, first, 'next', 'allow'),
    jump(JUMP_IF_GREATER, last, 'allow', 'notify'),
  ];
}

function linesOf(range: FdRange): Line[] {
  return [
    load(SECCOMP_DATA.fields.arch[0]),
    jump(JUMP_IF_EQUAL, AUDIT_ARCH_X86_64, 'next', 'allow'),
    // The numbers of the x32 ABI are larger than all of these, so they meet none.
    load(SECCOMP_DATA.fields.nr[0]),
    jump(JUMP_IF_EQUAL, SYSCALLS.ioctl, 'ioctl', 'next'),
    // The most frequent ones first.
    ...ON_FILES.map(name => jump(JUMP_IF_EQUAL, SYSCALLS[name], 'file', 'next')),
    ...PATHS.map(name => jump(JUMP_IF_EQUAL, SYSCALLS[name], 'notify', 'next')),
    jump(JUMP_IF_EQUAL, SYSCALLS.mmap, 'mmap', 'next'),
    jump(JUMP_IF_EQUAL, SYSCALLS.fcntl, 'fcntl', 'next'),
    jump(JUMP_IF_EQUAL, SYSCALLS.newfstatat, 'fstatat', 'next'),
    { code: RETURN, value: SECCOMP_RET_ALLOW },
    { label: 'ioctl' },
    load(argument(1)),
    // The pipe that stands for a file has an answer to this one, and the file has none.
    jump(JUMP_IF_EQUAL, FIONREAD, 'notify', 'next'),
    { code: AND, value: IOMMUFD_TYPE_MASK },
    jump(JUMP_IF_EQUAL, IOMMUFD_TYPE, 'notify', 'file'),
    { label: 'fcntl' },
    load(argument(1)),
    jump(JUMP_IF_EQUAL, F_DUPFD, 'file', 'next'),
    jump(JUMP_IF_EQUAL, F_DUPFD_CLOEXEC, 'file', 'allow'),
    // How C libraries ask about an open file: there are as many of them as there are opens.
    { label: 'fstatat' },
    load(argument(3)),
    { code: AND, value: AT_EMPTY_PATH },
    jump(JUMP_IF_EQUAL, AT_EMPTY_PATH, 'file', 'notify'),
    { label: 'file' },
    ...inRange(range, 0),
    { label: 'mmap' },
    ...inRange(range, 4),
    { label: 'notify' },
    { code: RETURN, value: SECCOMP_RET_USER_NOTIF },
    { label: 'allow' },
    { code: RETURN, value: SECCOMP_RET_ALLOW },
  ];
}

/** The filter's instructions, each a struct sock_filter of 8 bytes. */
export function assembleFilter(range: FdRange): Buffer {
  const instructions: Instruction[] = [];
  const labels = new Map<Target, number>();
  for (const line of linesOf(range)) {
    if ('label' in line) labels.set(line.label, instructions.length);
    else instructions.push(line);
  }
  const bytes = Buffer.alloc(8 * instructions.length);
  const distance = (target: Target | undefined, from: number) =>
    target === undefined || target === 'next' ? 0 : labels.get(target)! - from - 1;
  for (const [index, { code, value, yes, no }] of instructions.entries()) {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(distance(yes, index), 8 * index + 2);
    bytes.writeUInt8(distance(no, index), 8 * index + 3);
    bytes.writeUInt32LE(value, 8 * index + 4);
  }
  return bytes;
}
