/** The seccomp filter, by an interpreter of its instructions (classic BPF, kernel/bpf/core.c). */
import { describe, expect, test } from 'vitest';
import {
  AUDIT_ARCH_X86_64,
  F_DUPFD_CLOEXEC,
  F_SETFD,
  FIONREAD,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_USER_NOTIF,
  SYSCALLS,
  X32_SYSCALL_BIT,
} from '../../src/abi/ioctl/linux.ts';
import { EXACT_RANGE, SEEN_RANGE } from '../../src/ioctl/calls/post.ts';
import { assembleFilter } from '../../src/ioctl/native/filter.ts';

const TOLD = SECCOMP_RET_USER_NOTIF;
const ALLOWED = SECCOMP_RET_ALLOW;

/** Whether the jump of an instruction is taken. */
function holds(code: number, accumulator: number, value: number): boolean {
  if (code === 0x15) return accumulator === value;
  if (code === 0x25) return accumulator > value;
  if (code === 0x35) return accumulator >= value;
  throw new Error(`no instruction 0x${code.toString(16)}`);
}

/** What the filter says of a system call. */
function run(
  filter: Buffer,
  nr: number,
  args: readonly number[],
  arch = AUDIT_ARCH_X86_64,
): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(nr, 0);
  data.writeUInt32LE(arch, 4);
  for (const [index, value] of args.entries()) data.writeBigInt64LE(BigInt(value), 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const code = filter.readUInt16LE(8 * at);
    const value = filter.readUInt32LE(8 * at + 4);
    if (code === 0x06) return value;
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x54) accumulator = (accumulator & value) >>> 0;
    else at += filter.readUInt8(8 * at + (holds(code, accumulator, value) ? 2 : 3));
  }
}

describe.each([
  ['from 768 to 1023', SEEN_RANGE],
  ['from 3 on', EXACT_RANGE],
])('file numbers %s', (_name, range) => {
  const filter = assembleFilter(range);
  const says = (nr: number, ...args: number[]) => run(filter, nr, args);

  test('every open and every question about a path is told', () => {
    const asked = ['stat', 'lstat', 'statx', 'access', 'faccessat', 'faccessat2'] as const;
    const opens = ['open', 'openat', 'openat2', 'creat'] as const;
    for (const name of [
      ...opens,
      ...asked,
      'readlink',
      'readlinkat',
      'getxattr',
      'llistxattr',
    ] as const) {
      expect([name, says(SYSCALLS[name])]).toEqual([name, TOLD]);
    }
  });

  test('an ioctl is told by its type on any file, and others in the range', () => {
    expect(says(SYSCALLS.ioctl, 5, 0x3b80)).toBe(TOLD);
    expect(says(SYSCALLS.ioctl, 5, 0x3bff)).toBe(TOLD);
    expect(says(SYSCALLS.ioctl, 5, FIONREAD)).toBe(TOLD);
    // A direction makes it another number.
    for (const request of [0x3a80, 0x3c00, 0xc000_3b80]) {
      const edges = [range.first - 1, range.first, range.last];
      const said = edges.map(fd => says(SYSCALLS.ioctl, fd, request));
      expect(said).toEqual([ALLOWED, TOLD, TOLD]);
    }
  });

  test('reads, writes and dups are told in the range, both ends included', () => {
    const calls = [
      'read',
      'write',
      'readv',
      'writev',
      'preadv2',
      'pwritev2',
      'pread64',
      'pwrite64',
      'preadv',
      'pwritev',
      'lseek',
      'fstat',
    ] as const;
    for (const name of [...calls, 'dup', 'dup2', 'dup3'] as const) {
      const nr = SYSCALLS[name];
      const edges = [range.first - 1, range.first, range.last].map(fd => says(nr, fd));
      expect([name, edges]).toEqual([name, [ALLOWED, TOLD, TOLD]]);
      if (range === SEEN_RANGE) expect([name, says(nr, range.last + 1)]).toEqual([name, ALLOWED]);
    }
  });

  test('newfstatat by its path, and of an open file in the range', () => {
    const stat = (fd: number, flags: number) => says(SYSCALLS.newfstatat, fd, 0, 0, flags);
    expect([stat(-100, 0), stat(5, 0x100)]).toEqual([TOLD, TOLD]);
    const open = [range.first - 1, range.first, range.last].map(fd => stat(fd, 0x1000));
    expect(open).toEqual([ALLOWED, TOLD, TOLD]);
  });

  test('a mapping by its file, which is the fifth argument', () => {
    const of = (fd: number) => says(SYSCALLS.mmap, range.first, 0, 0, 0, fd);
    expect([of(range.first), of(range.first - 1), of(-1)]).toEqual([TOLD, ALLOWED, ALLOWED]);
  });

  test('of fcntl only the dups', () => {
    expect(says(SYSCALLS.fcntl, range.first, F_DUPFD_CLOEXEC)).toBe(TOLD);
    expect(says(SYSCALLS.fcntl, range.first, 0)).toBe(TOLD);
    expect(says(SYSCALLS.fcntl, range.first, F_SETFD)).toBe(ALLOWED);
    expect(says(SYSCALLS.fcntl, range.first - 1, 0)).toBe(ALLOWED);
  });

  test('nothing of another ABI, and nothing else', () => {
    expect(run(filter, SYSCALLS.openat, [], 0x4000_0003)).toBe(ALLOWED);
    expect(says(SYSCALLS.openat + X32_SYSCALL_BIT)).toBe(ALLOWED);
    const named = new Set<number>(Object.values(SYSCALLS));
    const others = Array.from({ length: 500 }, (_, nr) => nr).filter(nr => !named.has(nr));
    expect(others.filter(nr => says(nr, range.first, 0x3b80) !== ALLOWED)).toEqual([]);
  });
});
