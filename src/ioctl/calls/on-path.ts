/** Calls that ask about a path or a file: the stat family, access, readlink. */
import { readlinkSync } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  ENODATA,
  ERANGE,
  S_IFCHR,
  STAT,
  STATX,
  SYSCALLS,
} from '../../abi/ioctl/linux.ts';
import type { HandedFile } from '../files.ts';
import { errno, faccessat, fstatat, statx } from '../native/libc.ts';
import type { Notification } from '../native/listener.ts';
import { UserMemory } from '../native/user-memory.ts';
import type { OwnPath } from '../own-path.ts';
import { ownPath, pathText, placeInTree } from '../paths.ts';
import {
  type DeviceNumber,
  encoded,
  IOMMU_NUMBER,
  linkOf,
  numberOf,
  vfioNumber,
} from '../sysfs/device-numbers.ts';
import { failure, type Returned } from '../uapi/caller.ts';
import { Struct } from '../uapi/struct.ts';
import { intOf } from './open.ts';
import { PASS, type Post, type Result } from './post.ts';

/** What is asked about a path. */
export interface Question {
  readonly asks: 'STAT' | 'STATX' | 'ACCESS' | 'LINK' | 'ATTRIBUTE' | 'ATTRIBUTES';
  readonly dirfd: number;
  readonly path: bigint;
  /** Where the answer goes; of access: the mode asked for. */
  readonly out: bigint;
  readonly flags: number;
  /** Of readlink: bytes there; of statx: the mask. */
  readonly size: number;
}

const ASK: ReadonlySet<number> = new Set([
  ...[SYSCALLS.stat, SYSCALLS.lstat, SYSCALLS.newfstatat, SYSCALLS.statx],
  ...[SYSCALLS.access, SYSCALLS.faccessat, SYSCALLS.faccessat2],
  ...[SYSCALLS.readlink, SYSCALLS.readlinkat],
  ...[SYSCALLS.getxattr, SYSCALLS.lgetxattr, SYSCALLS.listxattr, SYSCALLS.llistxattr],
]);

/** null: the call asks about no path. */
export function questionOf({ syscall, args }: Notification): Question | null {
  // Most calls are none of these, and wait for nothing that is made here.
  if (!ASK.has(syscall)) return null;
  const [a, b, c, d, e] = args as readonly [bigint, bigint, bigint, bigint, bigint];
  const here = { dirfd: AT_FDCWD, path: a, out: b, flags: 0, size: 0 };
  const there = { dirfd: intOf(a), path: b, out: c, flags: intOf(d), size: intOf(d) };
  switch (syscall) {
    case SYSCALLS.stat:
      return { asks: 'STAT', ...here };
    case SYSCALLS.lstat:
      return { asks: 'STAT', ...here, flags: AT_SYMLINK_NOFOLLOW };
    case SYSCALLS.newfstatat:
      return { asks: 'STAT', ...there };
    case SYSCALLS.statx:
      return { asks: 'STATX', ...there, flags: intOf(c), size: intOf(d), out: e };
    case SYSCALLS.access:
      return { asks: 'ACCESS', ...here };
    case SYSCALLS.faccessat:
      return { asks: 'ACCESS', ...there, flags: 0 };
    case SYSCALLS.faccessat2:
      return { asks: 'ACCESS', ...there };
    case SYSCALLS.readlink:
      return { asks: 'LINK', ...here, size: intOf(c) };
    case SYSCALLS.readlinkat:
      // Its fourth argument is a size, and none are flags.
      return { asks: 'LINK', ...there, flags: 0 };
    case SYSCALLS.getxattr:
    case SYSCALLS.lgetxattr:
      return { asks: 'ATTRIBUTE', ...here };
    case SYSCALLS.listxattr:
    case SYSCALLS.llistxattr:
      return { asks: 'ATTRIBUTES', ...here };
    default:
      return null;
  }
}

/** An answer about an open file, whose path is left empty. */
export function asksAboutFile({ tid }: Notification, { flags, path }: Question): boolean {
  if ((flags & AT_EMPTY_PATH) === 0) return false;
  // No path at all is an empty one since Linux 6.11.
  return path === 0n || pathText(new UserMemory(tid), path) === '';
}

/** What of ours a call asks about; null: none. */
export function askedPath(
  post: Post,
  { tid }: Notification,
  { asks, dirfd, path, flags }: Question,
): OwnPath | null {
  const memory = new UserMemory(tid);
  if (asks === 'LINK') {
    const target = placeInTree(post.tree, pathText(memory, path) ?? '', tid);
    if (target !== null) return { type: 'LINK', target };
  }
  const own = ownPath(post.tree, memory, dirfd, path);
  if (own?.type !== 'FILE') return own;
  const kind = post.files.find(own.tid, own.number)?.kind;
  if (kind === undefined || kind.type === 'FAIL_NTH') return null;
  const target = linkOf(kind);
  if (asks === 'LINK') return target === null ? null : { type: 'LINK', target };
  const follows = (flags & AT_SYMLINK_NOFOLLOW) === 0;
  return follows && (asks === 'STAT' || asks === 'STATX') ? own : null;
}

/** getcwd in a folder that is shown here: by its name. Source: the system call of fs/d_path.c. */
export function workingDirectory({ tree }: Post, { tid, args }: Notification): Result {
  const place = placeInTree(tree, '/proc/self/cwd', tid);
  if (place === null) return PASS;
  const bytes = Buffer.from(`${place}\0`);
  if (args[1]! < BigInt(bytes.length)) return -ERANGE;
  return new UserMemory(tid).writeAll(args[0]!, bytes) ? bytes.length : failure('EFAULT');
}

/** Answers what `askedPath` found. */
export async function onPath(
  post: Post,
  { tid }: Notification,
  question: Question,
  own: OwnPath,
): Promise<Result> {
  const memory = new UserMemory(tid);
  const { out, size } = question;
  if (own.type === 'LINK') return writeLink(memory, question, own.target);
  if (own.type === 'REFUSED') return own.returned;
  if (own.type === 'FILE') return onOpenFile(post, question, memory, own);
  const place = await post.tree.placeOf(own, post.kernel);
  if (place === null) return own.type === 'DEVICE' ? failure('ENOENT') : PASS;
  const flags = question.flags & ~AT_EMPTY_PATH;
  switch (question.asks) {
    case 'STAT':
      return writeStat(memory, place, flags, out, shownAs(own));
    case 'STATX':
      return writeStatx(memory, place, { flags, mask: size }, out, shownAs(own));
    case 'ACCESS': {
      const mode = Number(out & 0xffff_ffffn);
      const done = faccessat(SYSCALLS.faccessat2, AT_FDCWD, place, mode, flags);
      return done < 0 ? -errno() : 0;
    }
    // No file here has an extended attribute.
    case 'ATTRIBUTE':
      return -ENODATA;
    case 'ATTRIBUTES':
      return 0;
    case 'LINK':
      try {
        return writeLink(memory, question, readlinkSync(place));
      } catch {
        return failure('EINVAL');
      }
  }
}

/** The stat family by the link of an open file. */
function onOpenFile(
  { files }: Post,
  { asks, out, size }: Question,
  memory: UserMemory,
  { tid, number }: Extract<OwnPath, { type: 'FILE' }>,
): Result {
  const kind = files.find(tid, number)?.kind;
  if (kind === undefined) return PASS;
  const place = `/proc/${tid}/fd/${number}`;
  const shown: Shown = { number: numberOf(kind) };
  return asks === 'STATX'
    ? writeStatx(memory, place, { flags: 0, mask: size }, out, shown)
    : writeStat(memory, place, 0, out, shown);
}

/** fstat, and the stat family with an empty path. */
export function onFileStat(
  { files }: Post,
  { tid, syscall, args }: Notification,
  { kind }: HandedFile,
): Result {
  if (kind.type === 'FAIL_NTH') return PASS;
  const memory = new UserMemory(tid);
  const [fd, second, third, fourth, fifth] = args;
  const place = `/proc/${tid}/fd/${intOf(fd!)}`;
  const shown: Shown = { number: numberOf(kind) };
  if (files.find(tid, intOf(fd!)) === null) return PASS;
  if (syscall === SYSCALLS.statx) {
    const asked = { flags: 0, mask: intOf(fourth!) };
    return writeStatx(memory, place, asked, fifth!, shown);
  }
  const out = syscall === SYSCALLS.fstat ? second! : third!;
  return writeStat(memory, place, 0, out, shown);
}

/** How a file looks that is not what stands for it; `number` null: an anonymous one. */
interface Shown {
  readonly number: DeviceNumber | null;
}

function shownAs(own: OwnPath): Shown | null {
  if (own.type === 'CONTEXT') return { number: IOMMU_NUMBER };
  return own.type === 'DEVICE' ? { number: vfioNumber(own.number) } : null;
}

/** Who may: as the kernel makes device nodes and anonymous files. */
const OWNER_ONLY = 0o600;
const modeOf = ({ number }: Shown) => (number === null ? 0 : S_IFCHR) | OWNER_ONLY;

function writeStat(
  memory: UserMemory,
  place: string,
  flags: number,
  out: bigint,
  shown: Shown | null,
): Returned {
  const stat = new Struct(STAT.fields, Buffer.alloc(STAT.size));
  if (fstatat(SYSCALLS.newfstatat, AT_FDCWD, place, stat.bytes, flags) !== 0) return -errno();
  if (shown !== null) {
    stat.set('st_mode', modeOf(shown));
    stat.set('st_rdev', shown.number === null ? 0n : encoded(shown.number));
    stat.set('st_size', 0n);
    stat.set('st_blocks', 0n);
  }
  return memory.writeAll(out, stat.bytes) ? 0 : failure('EFAULT');
}

function writeStatx(
  memory: UserMemory,
  place: string,
  { flags, mask }: { readonly flags: number; readonly mask: number },
  out: bigint,
  shown: Shown | null,
): Returned {
  const stat = new Struct(STATX.fields, Buffer.alloc(STATX.size));
  if (statx(SYSCALLS.statx, AT_FDCWD, place, flags, mask, stat.bytes) !== 0) return -errno();
  if (shown !== null) {
    stat.set('stx_mode', modeOf(shown));
    stat.set('stx_rdev_major', shown.number?.major ?? 0);
    stat.set('stx_rdev_minor', shown.number?.minor ?? 0);
    stat.set('stx_size', 0n);
    stat.set('stx_blocks', 0n);
  }
  return memory.writeAll(out, stat.bytes) ? 0 : failure('EFAULT');
}

/** Source: do_readlinkat. */
function writeLink(memory: UserMemory, { out, size }: Question, target: string): Returned {
  if (size <= 0) return -ERRNO.EINVAL;
  const bytes = Buffer.from(target).subarray(0, size);
  return memory.writeAll(out, bytes) ? bytes.length : failure('EFAULT');
}
