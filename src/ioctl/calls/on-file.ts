/** Calls on a file that a program has by its number: ioctl, read, write and dup. */
import type { SystemCall } from '../../abi/call-refusal-rules.ts';
import { IOMMU_IOAS_MAP } from '../../abi/ioctl/iommufd.ts';
import { F_DUPFD_CLOEXEC, MAP_ANONYMOUS, SYSCALLS } from '../../abi/ioctl/linux.ts';
import { MAX_RW_COUNT } from '../../abi/uapi.ts';
import type { CommandOf } from '../../core/machine/command.ts';
import { type FileKind, type HandedFile, isTransferred } from '../files.ts';
import type { Notification } from '../native/listener.ts';
import { type Caller, errnoName, type Returned } from '../uapi/caller.ts';
import { iommufdIoctl } from '../uapi/dispatch.ts';
import { type Piece, readFault, readPieces, writeFault } from '../uapi/fault-file.ts';
import { onDevice } from './on-device.ts';
import { onFileStat } from './on-path.ts';
import { intOf } from './open.ts';
import {
  ANSWERED,
  callerOf,
  isExact,
  NO_NUMBER_FREE,
  numberInRange,
  PASS,
  type Post,
  type RefusalNote,
  type Result,
} from './post.ts';

/** A call on a file; one that is not ours passes. What fails before it is an operation is logged, too. */
export async function onFile(post: Post, notification: Notification): Promise<Result> {
  const { args, syscall, tid } = notification;
  const isMapping = syscall === SYSCALLS.mmap;
  if (isMapping && (intOf(args[3]!) & MAP_ANONYMOUS) !== 0) return PASS;
  const file = post.files.find(tid, intOf(args[isMapping ? 4 : 0]!));
  if (file === null) return PASS;
  const { kernel, noted } = post;
  const before = kernel.operations;
  noted.refusal = null;
  const result = await resultOf(post, notification, file);
  const { kind } = file;
  const failed = typeof result === 'number' && result < 0 && kernel.operations === before;
  if (failed && kind.type !== 'FAIL_NTH') {
    const why = { returned: result, ...(noted.refusal ?? {}) };
    const contextId =
      kind.type === 'DEVICE' ? (post.devices.of(file)?.bound?.contextId ?? 0) : kind.contextId;
    await kernel.execute(refusedCall(notification, kind, contextId, why));
  }
  return result;
}

/** The files whose calls are operations. */
type IommufdFile = Exclude<FileKind, { type: 'FAIL_NTH' }>;

const CALLS: Readonly<Record<number, SystemCall>> = {
  [SYSCALLS.ioctl]: 'ioctl',
  [SYSCALLS.read]: 'read',
  [SYSCALLS.readv]: 'read',
  [SYSCALLS.preadv2]: 'read',
  [SYSCALLS.pread64]: 'read',
  [SYSCALLS.pwrite64]: 'write',
  [SYSCALLS.write]: 'write',
  [SYSCALLS.writev]: 'write',
  [SYSCALLS.pwritev2]: 'write',
  [SYSCALLS.preadv]: 'read',
  [SYSCALLS.pwritev]: 'write',
  [SYSCALLS.lseek]: 'read',
  [SYSCALLS.mmap]: 'mmap',
};

function refusedCall(
  { syscall, args }: Notification,
  kind: IommufdFile,
  contextId: number,
  { returned, rule = 'CALL_REFUSED', given }: { returned: number } & Partial<RefusalNote>,
): CommandOf<'CallRefused'> {
  const call = CALLS[syscall] ?? 'dup';
  return {
    type: 'CallRefused',
    contextId,
    file: kind.type,
    call,
    ...(call === 'ioctl' ? { request: Number(args[1]! & 0xffff_ffffn) } : {}),
    errno: errnoName(-returned),
    rule,
    ...(given === undefined ? {} : { given }),
  };
}

function resultOf(
  post: Post,
  notification: Notification,
  file: HandedFile,
): Promise<Result> | Result {
  const { syscall, args } = notification;
  const device = post.devices.of(file);
  if (device !== null && !OF_ANY_FILE.includes(syscall))
    return onDevice(post, notification, device);
  switch (syscall) {
    case SYSCALLS.fstat:
    case SYSCALLS.newfstatat:
    case SYSCALLS.statx:
      return onFileStat(post, notification, file);
    case SYSCALLS.mmap:
    case SYSCALLS.lseek:
    case SYSCALLS.preadv:
    case SYSCALLS.pwritev:
      // A pipe refuses them as iommufd's files do.
      return PASS;
    case SYSCALLS.ioctl:
      return onIoctl(post, notification, file);
    case SYSCALLS.dup:
      return duplicate(post, notification, file, { from: 0, closeOnExec: false });
    case SYSCALLS.fcntl:
      return duplicate(post, notification, file, {
        from: intOf(args[2]!),
        closeOnExec: intOf(args[1]!) === F_DUPFD_CLOEXEC,
      });
    case SYSCALLS.dup2:
    case SYSCALLS.dup3:
      return duplicateTo(post, notification, file);
    default:
      return transfer(post, notification, file);
  }
}

/** Calls that do not depend on what the file is. */
const OF_ANY_FILE: readonly number[] = [
  ...[SYSCALLS.dup, SYSCALLS.dup2, SYSCALLS.dup3, SYSCALLS.fcntl],
  ...[SYSCALLS.fstat, SYSCALLS.newfstatat, SYSCALLS.statx],
];

function onIoctl(
  post: Post,
  notification: Notification,
  { kind }: HandedFile,
): Promise<Result> | Result {
  // Fault queues and accesses have no ioctls.
  const caller = callerOf(post, notification);
  if (kind.type !== 'CONTEXT') return caller.refuse('ENOTTY', 'IOCTL_UNKNOWN');
  const { args } = notification;
  const request = Number(args[1]! & 0xffff_ffffn);
  if (request === IOMMU_IOAS_MAP.request) post.processes.uses(kind.contextId, notification.tid);
  return iommufdIoctl(caller, kind.contextId, request, args[2]!);
}

/** A dup of a file whose reads are told in the range alone has to stay in it. */
function duplicate(
  post: Post,
  notification: Notification,
  file: HandedFile,
  { from, closeOnExec }: { readonly from: number; readonly closeOnExec: boolean },
): Result {
  if (!isTransferred(file.kind) || isExact(post)) return PASS;
  const fd = numberInRange(post, notification, from);
  if (fd === null) return PASS;
  const done = post.files.duplicate(
    file,
    source => post.listener.addFd(notification, source, { fd, closeOnExec, answers: true }) >= 0,
  );
  return done ? ANSWERED : NO_NUMBER_FREE;
}

/** At a number that is not told a read would take the byte of the pipe. */
function duplicateTo({ range, warn }: Post, { args }: Notification, file: HandedFile): Result {
  const to = intOf(args[1]!);
  if (isTransferred(file.kind) && (to < range.first || to > range.last)) {
    const whose = file.kind.type === 'DEVICE' ? 'VFIO device' : 'fault queue';
    warn(
      `a ${whose}'s file was put at number ${to}, where reads and writes are not seen:` +
        ' run it with --exact-fds',
    );
  }
  return PASS;
}

const READS: readonly number[] = [
  SYSCALLS.read,
  SYSCALLS.pread64,
  SYSCALLS.readv,
  SYSCALLS.preadv2,
];

async function transfer(post: Post, notification: Notification, file: HandedFile): Promise<Result> {
  const { kind } = file;
  const { syscall, args } = notification;
  const caller = callerOf(post, notification);
  const isRead = READS.includes(syscall);
  if (kind.type === 'FAIL_NTH') {
    const pieces = piecesOf(caller, notification);
    if (typeof pieces === 'number') return pieces;
    const offset = AT_OFFSET.includes(syscall) ? Number(args[3]) : null;
    const [piece = NO_PIECE] = pieces;
    return isRead
      ? post.failNth.read(caller, file, kind.tid, piece, offset)
      : post.failNth.write(caller, kind.tid, piece);
  }
  // /dev/iommu and an access have neither read nor write.
  if (kind.type !== 'FAULT') return caller.refuse('EINVAL', 'FILE_HAS_NO_CALL');
  // It is no file with offsets (stream_open).
  if (AT_OFFSET.includes(syscall)) return caller.refuse('ESPIPE', 'OFFSET_REFUSED');
  const pieces = piecesOf(caller, notification);
  if (typeof pieces === 'number') return pieces;
  if (!caller.isWaiting()) return ANSWERED;
  return isRead ? readFault(caller, kind, pieces) : writeFault(caller, kind, pieces);
}

/** Those of one piece that say where in the file. */
const AT_OFFSET: readonly number[] = [SYSCALLS.pread64, SYSCALLS.pwrite64];
const NO_PIECE: Piece = { address: 0n, length: 0 };

/** Those that name one piece by themselves. */
const SINGLE: readonly number[] = [SYSCALLS.read, SYSCALLS.write, ...AT_OFFSET];

/** preadv2 and pwritev2 with this offset go on where the file stands. */
const CURRENT_OFFSET = 0xffff_ffff_ffff_ffffn;

/** Where a read or write has its bytes. Errors: those that come before iommufd is asked. */
function piecesOf(caller: Caller, { syscall, args }: Notification): Piece[] | Returned {
  if (SINGLE.includes(syscall)) {
    const count = args[2]!;
    if (count >= 1n << 63n) return caller.refuse('EINVAL', 'CALL_REFUSED', count);
    const length = count > BigInt(MAX_RW_COUNT) ? MAX_RW_COUNT : Number(count);
    return [{ address: args[1]!, length }];
  }
  if (syscall === SYSCALLS.preadv2 || syscall === SYSCALLS.pwritev2) {
    if (args[3] !== CURRENT_OFFSET) return caller.refuse('ESPIPE', 'OFFSET_REFUSED');
    if (args[5] !== 0n) return caller.refuse('EOPNOTSUPP', 'OFFSET_REFUSED');
  }
  return readPieces(caller, args[1]!, intOf(args[2]!));
}
