/**
 * Numbers of Linux that the ioctl entrance needs besides iommufd's own: system calls of x86-64, the
 * seccomp user notification (include/uapi/linux/seccomp.h), BPF, inotify, files.
 */
import type { StructLayout } from './layout.ts';

/** AUDIT_ARCH_X86_64: EM_X86_64, 64 bits, little-endian. */
export const AUDIT_ARCH_X86_64 = 0xc000_003e;
/** Numbers from here on are the x32 ABI's. */
export const X32_SYSCALL_BIT = 0x4000_0000;

/** System calls by number (arch/x86/entry/syscalls/syscall_64.tbl). */
export const SYSCALLS = {
  read: 0,
  write: 1,
  open: 2,
  stat: 4,
  fstat: 5,
  lstat: 6,
  lseek: 8,
  mmap: 9,
  ioctl: 16,
  pread64: 17,
  pwrite64: 18,
  readv: 19,
  writev: 20,
  access: 21,
  dup: 32,
  dup2: 33,
  fcntl: 72,
  getcwd: 79,
  creat: 85,
  readlink: 89,
  getxattr: 191,
  lgetxattr: 192,
  listxattr: 194,
  llistxattr: 195,
  openat: 257,
  newfstatat: 262,
  readlinkat: 267,
  faccessat: 269,
  dup3: 292,
  preadv: 295,
  pwritev: 296,
  seccomp: 317,
  preadv2: 327,
  pwritev2: 328,
  statx: 332,
  pidfd_open: 434,
  openat2: 437,
  pidfd_getfd: 438,
  faccessat2: 439,
} as const;
export type SyscallName = keyof typeof SYSCALLS;

export const PR_SET_PDEATHSIG = 1;
export const PR_SET_CHILD_SUBREAPER = 36;
export const PR_SET_NO_NEW_PRIVS = 38;
export const WNOHANG = 1;

// seccomp()
export const SECCOMP_SET_MODE_FILTER = 1;
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
/** Since Linux 5.19: a call that the supervisor has received is interrupted by nothing but a kill. */
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;
export const SECCOMP_RET_USER_NOTIF = 0x7fc0_0000;
export const SECCOMP_RET_ALLOW = 0x7fff_0000;

// ioctls of the listener
export const SECCOMP_IOCTL_NOTIF_RECV = 0xc050_2100;
export const SECCOMP_IOCTL_NOTIF_SEND = 0xc018_2101;
export const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x4008_2102;
export const SECCOMP_IOCTL_NOTIF_ADDFD = 0x4018_2103;
export const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
export const SECCOMP_ADDFD_FLAG_SETFD = 1;
export const SECCOMP_ADDFD_FLAG_SEND = 2;

export const SECCOMP_NOTIF = {
  struct: 'seccomp_notif',
  size: 80,
  fields: { id: [0, 8], pid: [8, 4], flags: [12, 4], data: [16, 64] },
} as const satisfies StructLayout;

export const SECCOMP_NOTIF_RESP = {
  struct: 'seccomp_notif_resp',
  size: 24,
  fields: { id: [0, 8], val: [8, 8], error: [16, 4], flags: [20, 4] },
} as const satisfies StructLayout;

export const SECCOMP_NOTIF_ADDFD = {
  struct: 'seccomp_notif_addfd',
  size: 24,
  fields: { id: [0, 8], flags: [8, 4], srcfd: [12, 4], newfd: [16, 4], newfd_flags: [20, 4] },
} as const satisfies StructLayout;

export const SECCOMP_DATA = {
  struct: 'seccomp_data',
  size: 64,
  fields: { nr: [0, 4], arch: [4, 4], instruction_pointer: [8, 8], args: [16, 48] },
} as const satisfies StructLayout;

/** struct stat on x86-64, but for owners and times. */
export const STAT = {
  struct: 'stat',
  size: 144,
  fields: {
    st_dev: [0, 8],
    st_ino: [8, 8],
    st_nlink: [16, 8],
    st_mode: [24, 4],
    st_rdev: [40, 8],
    st_size: [48, 8],
    st_blocks: [64, 8],
  },
} as const satisfies StructLayout;

/** struct statx, but for owners and times. */
export const STATX = {
  struct: 'statx',
  size: 256,
  fields: {
    stx_mode: [28, 2],
    stx_size: [40, 8],
    stx_blocks: [48, 8],
    stx_rdev_major: [128, 4],
    stx_rdev_minor: [132, 4],
  },
} as const satisfies StructLayout;

/** Structures of the notification, for the check against the header. */
export const SECCOMP_STRUCTS: readonly StructLayout[] = [
  SECCOMP_NOTIF,
  SECCOMP_NOTIF_RESP,
  SECCOMP_NOTIF_ADDFD,
  SECCOMP_DATA,
];

// ioctls of any file (include/uapi/asm-generic/ioctls.h); the kernel answers all but FIONREAD itself.
export const FIONREAD = 0x541b;
export const FIONBIO = 0x5421;
export const FIONCLEX = 0x5450;
export const FIOCLEX = 0x5451;
export const FIGETBSZ = 2;

// Files
export const O_ACCMODE = 3;
export const O_RDWR = 2;
export const O_NONBLOCK = 0x800;
export const O_CLOEXEC = 0x8_0000;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_DIRECTORY = 0o200000;
export const O_PATH = 0x20_0000;
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_EMPTY_PATH = 0x1000;
export const S_IFCHR = 0x2000;
export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_SETFD = 2;
export const FD_CLOEXEC = 1;
export const F_DUPFD_CLOEXEC = 1030;
export const MAP_TYPE = 15;
export const MAP_PRIVATE = 2;
export const MAP_ANONYMOUS = 32;
export const IN_ACCESS = 1;
export const IN_MODIFY = 2;
export const IN_CLOSE = 0x18;
export const IN_OPEN = 0x20;
export const IN_NONBLOCK = 0x800;
export const IN_CLOEXEC = 0x8_0000;

/** struct open_how, of openat2, and what of its `resolve` says how links are followed. */
export const OPEN_HOW = {
  struct: 'open_how',
  size: 24,
  fields: { flags: [0, 8], mode: [8, 8], resolve: [16, 8] },
} as const satisfies StructLayout;
export const RESOLVE_BENEATH = 0x08n;
export const RESOLVE_IN_ROOT = 0x10n;

// Sockets
export const AF_UNIX = 1;
export const SOCK_SEQPACKET = 5;
export const SOCK_CLOEXEC = 0x8_0000;
export const MSG_CMSG_CLOEXEC = 0x4000_0000;
export const SOL_SOCKET = 1;
export const SCM_RIGHTS = 1;

export const RLIMIT_FSIZE = 1;
export const RLIMIT_NOFILE = 7;
export const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;
export const SIGKILL = 9;
export const SIGPIPE = 13;
export const SIGXFSZ = 25;

/** errnos that the entrance gives by itself; those of operations are in ../errno.ts. */
export const ERANGE = 34;
export const ENODATA = 61;
export const EINTR = 4;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const ENXIO = 6;
export const ENOTDIR = 20;
export const ENFILE = 23;
export const ENOSYS = 38;

/** CAP_IPC_LOCK and CAP_SYS_RESOURCE: bits of a capability set. */
export const CAP_IPC_LOCK = 14n;
export const CAP_SYS_RESOURCE = 24n;
