/** Calls on a file that a program has by its number: ioctl, read, write and dup. */
import { IOMMU_IOAS_MAP } from '../../abi/ioctl/iommufd.ts';
import { F_DUPFD_CLOEXEC, MAP_ANONYMOUS, SYSCALLS } from '../../abi/ioctl/linux.ts';
import { MAX_RW_COUNT } from '../../abi/uapi.ts';
import type { HandedFile } from '../files.ts';
import type { Notification } from '../native/listener.ts';
import { type Caller, failure, type Returned } from '../uapi/caller.ts';
import { iommufdIoctl } from '../uapi/dispatch.ts';
import { type Piece, readFault, readPieces, writeFault } from '../uapi/fault-file.ts';
import { onDevice } from './on-device.ts';
import { intOf } from './open.ts';
import {
  ANSWERED,
  callerOf,
  isExact,
  isTold,
  NO_NUMBER_FREE,
  numberInRange,
  PASS,
  type Post,
  type Result,
} from './post.ts';

/** A call on a file; one that is not ours passes. */
export function onFile(post: Post, notification: Notification): Promise<Result> | Result {
  const { tid, syscall, args } = notification;
  const isMapping = syscall === SYSCALLS.mmap;
  if (isMapping && (intOf(args[3]!) & MAP_ANONYMOUS) !== 0) return PASS;
  const file = post.files.find(tid, intOf(args[isMapping ? 4 : 0]!));
  if (file === null) return PASS;
  const device = post.devices.of(file);
  if (device !== null && !DUPS.includes(syscall)) return onDevice(post, notification, device);
  switch (syscall) {
    case SYSCALLS.mmap:
    case SYSCALLS.lseek:
    case SYSCALLS.pread64:
    case SYSCALLS.pwrite64:
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

const DUPS: readonly number[] = [SYSCALLS.dup, SYSCALLS.dup2, SYSCALLS.dup3, SYSCALLS.fcntl];

function onIoctl(
  post: Post,
  notification: Notification,
  { kind }: HandedFile,
): Promise<Result> | Result {
  // Fault queues and accesses have no ioctls.
  if (kind.type !== 'CONTEXT') return failure('ENOTTY');
  const { args } = notification;
  const request = Number(args[1]! & 0xffff_ffffn);
  if (request === IOMMU_IOAS_MAP.request) post.processes.uses(kind.contextId, notification.tid);
  return iommufdIoctl(callerOf(post, notification), kind.contextId, request, args[2]!);
}

/** A dup of a file whose reads are told in the range alone has to stay in it. */
function duplicate(
  post: Post,
  notification: Notification,
  file: HandedFile,
  { from, closeOnExec }: { readonly from: number; readonly closeOnExec: boolean },
): Result {
  if (!isTold(file.kind) || isExact(post)) return PASS;
  const fd = numberInRange(post, notification, from);
  if (fd === null) return NO_NUMBER_FREE;
  const done = post.files.duplicate(
    file,
    source => post.listener.addFd(notification, source, { fd, closeOnExec, answers: true }) >= 0,
  );
  return done ? ANSWERED : NO_NUMBER_FREE;
}

/** At a number that is not told a read would take the byte of the pipe. */
function duplicateTo({ range, warn }: Post, { args }: Notification, file: HandedFile): Result {
  const to = intOf(args[1]!);
  if (isTold(file.kind) && (to < range.first || to > range.last)) {
    const whose = file.kind.type === 'VFIO' ? 'VFIO device' : 'fault queue';
    warn(
      `a ${whose}'s file was put at number ${to}, where reads and writes are not seen:` +
        ' run it with --exact-fds',
    );
  }
  return PASS;
}

const READS: readonly number[] = [SYSCALLS.read, SYSCALLS.readv, SYSCALLS.preadv2];

async function transfer(
  post: Post,
  notification: Notification,
  { kind }: HandedFile,
): Promise<Result> {
  // /dev/iommu and an access have neither read nor write.
  if (kind.type !== 'FAULT') return failure('EINVAL');
  const caller = callerOf(post, notification);
  const pieces = piecesOf(caller, notification);
  if (typeof pieces === 'number') return pieces;
  if (!caller.isWaiting()) return ANSWERED;
  return READS.includes(notification.syscall)
    ? readFault(caller, kind, pieces)
    : writeFault(caller, kind, pieces);
}

/** preadv2 and pwritev2 with this offset go on where the file stands. */
const CURRENT_OFFSET = 0xffff_ffff_ffff_ffffn;

/** Where a read or write has its bytes. Errors: those that come before iommufd is asked. */
function piecesOf(caller: Caller, { syscall, args }: Notification): Piece[] | Returned {
  if (syscall === SYSCALLS.read || syscall === SYSCALLS.write) {
    const count = args[2]!;
    if (count >= 1n << 63n) return failure('EINVAL');
    const length = count > BigInt(MAX_RW_COUNT) ? MAX_RW_COUNT : Number(count);
    return [{ address: args[1]!, length }];
  }
  if (syscall === SYSCALLS.preadv2 || syscall === SYSCALLS.pwritev2) {
    if (args[3] !== CURRENT_OFFSET) return failure('ESPIPE');
    if (args[5] !== 0n) return failure('EOPNOTSUPP');
  }
  return readPieces(caller, args[1]!, intOf(args[2]!));
}
