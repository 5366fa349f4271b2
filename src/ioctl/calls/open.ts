/** Opening /dev/iommu, VFIO device files, and what else is answered here. */
import { statSync } from 'node:fs';
import type { CallFile, CallRefusalRule } from '../../abi/call-refusal-rules.ts';
import type { ErrnoName } from '../../abi/errno.ts';
import {
  AT_FDCWD,
  ENXIO,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_PATH,
  OPEN_HOW,
  RESOLVE_BENEATH,
  RESOLVE_IN_ROOT,
  SYSCALLS,
} from '../../abi/ioctl/linux.ts';
import { closeFile, errno, openFile } from '../native/libc.ts';
import type { Notification } from '../native/listener.ts';
import { UserMemory } from '../native/user-memory.ts';
import { fileOf, type OwnPath } from '../own-path.ts';
import { ownPath, pathText } from '../paths.ts';
import { DEBUG_FOLDER } from '../tree.ts';
import { errnoName, failure, type Returned } from '../uapi/caller.ts';
import { VfioDevice } from '../vfio/device.ts';
import { ANSWERED, handOut, NO_NUMBER_FREE, PASS, type Post, type Result } from './post.ts';

/** The low half of an argument, as the int it is. */
export function intOf(argument: bigint): number {
  return Number(argument & 0xffff_ffffn) | 0;
}

interface Opening {
  readonly path: bigint;
  readonly dirfd: number;
  /** The flags; for openat2 they are in a structure of their own. */
  readonly flags: () => number;
  /** Of openat2: the host says what is wrong with how it opens, or where that leads. */
  readonly isHosts: (own: OwnPath, path: string) => boolean;
}

const OURS = () => false;

function openingOf({ tid, syscall, args }: Notification): Opening | null {
  const [first, second, third, fourth] = args;
  switch (syscall) {
    case SYSCALLS.openat:
      return { dirfd: intOf(first!), path: second!, flags: () => intOf(third!), isHosts: OURS };
    case SYSCALLS.openat2:
      return {
        dirfd: intOf(first!),
        path: second!,
        flags: () => new UserMemory(tid).read(third!, 4)?.readInt32LE(0) ?? O_PATH,
        isHosts: (own, path) =>
          isHosts(new UserMemory(tid).read(third!, OPEN_HOW.size), fourth!, own, path),
      };
    case SYSCALLS.open:
      return { dirfd: AT_FDCWD, path: first!, flags: () => intOf(second!), isHosts: OURS };
    case SYSCALLS.creat:
      return { dirfd: AT_FDCWD, path: first!, flags: () => O_CREAT, isHosts: OURS };
    default:
      return null;
  }
}

/** A size that is too small, and a way that an absolute path or a link of /proc may not be taken. */
function isHosts(how: Buffer | null, size: bigint, own: OwnPath, path: string): boolean {
  if (how === null || size < BigInt(OPEN_HOW.size)) return true;
  const resolve = how.readBigUInt64LE(OPEN_HOW.fields.resolve[0]);
  if (own.type === 'FILE') return resolve !== 0n;
  return (resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0n && path.startsWith('/');
}

/** Whether a call opens a file by its path. */
export function isOpen({ syscall }: Notification): boolean {
  return (
    syscall === SYSCALLS.openat ||
    syscall === SYSCALLS.open ||
    syscall === SYSCALLS.openat2 ||
    syscall === SYSCALLS.creat
  );
}

/** What of ours it opens; null: all others are to run at once, for there are many of them. */
export function openedPath(post: Post, notification: Notification): OwnPath | null {
  const opening = openingOf(notification);
  if (opening === null) return null;
  const { tree, warn } = post;
  const { dirfd, path, flags, isHosts } = opening;
  const memory = new UserMemory(notification.tid);
  const own = ownPath(tree, memory, dirfd, path);
  if (memory.isRefused) {
    warn(
      'a program that is not dumpable opens a file: its memory cannot be read by this user, so' +
        ' /dev/iommu is for it what it is on this computer; root can run it, or CAP_SYS_PTRACE',
    );
  }
  if (own === null || isHosts(own, pathText(memory, path) ?? '')) return null;
  const isFile = own.type !== 'TREE' && own.type !== 'SYSFS';
  if (isFile && (flags() & O_PATH) !== 0) return null;
  return own.type === 'FILE' ? reopened(post, own) : own;
}

/**
 * What opening the link of an open file opens: what it was opened from, once more. Anonymous files
 * cannot be opened so. Source: no_open of fs/inode.c.
 */
function reopened(
  { files }: Post,
  { tid, number }: Extract<OwnPath, { type: 'FILE' }>,
): OwnPath | null {
  const kind = files.find(tid, number)?.kind;
  if (kind === undefined) return null;
  switch (kind.type) {
    case 'CONTEXT':
      return { type: 'CONTEXT' };
    case 'DEVICE':
      return { type: 'DEVICE', number: kind.vfioNo };
    case 'FAIL_NTH':
      return kind;
    default:
      return { type: 'REFUSED', returned: -ENXIO, file: kind.type };
  }
}

/** Opens what `openedPath` found. */
export function openOwn(
  post: Post,
  notification: Notification,
  own: OwnPath,
): Promise<Result> | Result {
  if (own.type === 'REFUSED') return refuseOpen(post, own.file, errnoName(-own.returned));
  const flags = openingOf(notification)!.flags();
  if (own.type !== 'TREE' && own.type !== 'SYSFS') {
    const exists = (flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0;
    if (exists) return refuseOpen(post, fileOf(own), 'EEXIST');
    if ((flags & O_DIRECTORY) !== 0) return refuseOpen(post, fileOf(own), 'ENOTDIR');
  }
  if (own.type === 'CONTEXT') return openContext(post, notification);
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  if (own.type === 'DEVICE') return openDevice(post, notification, own.number, closeOnExec);
  if (own.type === 'FAIL_NTH') return handOut(post, notification, own, closeOnExec);
  return openPlace(post, notification, own, { flags, closeOnExec });
}

/** The call is in the log, if it is about a file of iommufd or VFIO. */
async function refuseOpen(
  { kernel }: Post,
  file: CallFile | null,
  errno: ErrnoName,
  why: { readonly rule: CallRefusalRule; readonly given?: bigint } = { rule: 'CALL_REFUSED' },
): Promise<Returned> {
  if (file !== null) {
    const refused = { type: 'CallRefused', contextId: 0, file, call: 'open', errno } as const;
    await kernel.execute({ ...refused, ...why });
  }
  return failure(errno);
}

/** What is not there is the host's. */
async function openPlace(
  post: Post,
  notification: Notification,
  own: OwnPath,
  how: { readonly flags: number; readonly closeOnExec: boolean },
): Promise<Result> {
  const place = await post.tree.placeOf(own, post.kernel);
  if (place === null || !post.listener.isValid(notification)) return PASS;
  return openInTree(post, notification, place, how);
}

/** A VFIO device file: it gets a number that is told, and can do nothing until it is bound. */
async function openDevice(
  post: Post,
  notification: Notification,
  number: number,
  closeOnExec: boolean,
): Promise<Result> {
  const look = (await post.kernel.functions()).find(({ vfioNo }) => vfioNo === number);
  if (!post.listener.isValid(notification)) return PASS;
  if (look === undefined) {
    return refuseOpen(post, 'DEVICE', 'ENOENT', { rule: 'DEVICE_ABSENT', given: BigInt(number) });
  }
  const { bdf } = look;
  const opened = handOut(
    post,
    notification,
    { type: 'DEVICE', bdf, vfioNo: number },
    closeOnExec,
    file => post.devices.add(file, new VfioDevice(look)),
  );
  if (opened >= 0) {
    const call = { contextId: 0, file: 'DEVICE', call: 'open' } as const;
    await post.kernel.execute({ type: 'CallAnswered', ...call, bdf, returned: opened });
  } else if (opened === NO_NUMBER_FREE) {
    return refuseOpen(post, 'DEVICE', 'EMFILE', { rule: 'NO_NUMBER_FREE' });
  }
  return opened;
}

/** A file of the tree, opened as the program asked: it is an ordinary one from there on. */
function openInTree(
  { listener }: Post,
  notification: Notification,
  place: string,
  { flags, closeOnExec }: { readonly flags: number; readonly closeOnExec: boolean },
): Result {
  // What is only looked at by its path could not be handed over; what is written means nothing.
  const asked = flags & ~(O_CREAT | O_EXCL | O_PATH);
  const noted = place.includes(DEBUG_FOLDER) || statSync(place).isDirectory();
  const writes = (asked & O_ACCMODE) !== 0 && !noted;
  const source = openFile(writes ? '/dev/null' : place, asked | O_CLOEXEC);
  if (source < 0) return -errno();
  const added = listener.addFd(notification, source, { closeOnExec, answers: true });
  closeFile(source);
  return added < 0 ? added : ANSWERED;
}

/** open("/dev/iommu"): the file gets the lowest free number, and answers the call. */
async function openContext(post: Post, notification: Notification): Promise<Result> {
  const { kernel, listener, files, memories, failNth } = post;
  const flags = openingOf(notification)!.flags();
  const process = memories.opener(notification.tid);
  if (!listener.isValid(notification)) return PASS;
  const { errno: refused, reply } = await failNth.execute(
    asked => kernel.execute(asked),
    notification.tid,
    {
      type: 'ContextOpen',
      process,
    },
  );
  if (reply === null) return failure(refused);
  const { contextId } = reply;
  memories.opened(contextId, process);
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  const file = files.create(
    { type: 'CONTEXT', contextId },
    flags,
    source => listener.addFd(notification, source, { closeOnExec, answers: true }) >= 0,
  );
  if (file === null) {
    await kernel.execute({ type: 'ContextClose', contextId });
    return NO_NUMBER_FREE;
  }
  return ANSWERED;
}
