/** Calls on a file that a program has by its number: ioctl, read, write and dup. */
import type { SystemCall } from '../../abi/call-refusal-rules.ts';
import { F_DUPFD_CLOEXEC, SYSCALLS } from '../../abi/ioctl/linux.ts';
import { MAX_RW_COUNT } from '../../abi/uapi.ts';
import type { CommandOf } from '../../core/machine/command.ts';
import type { HandedFile } from '../files.ts';
import type { Notification } from '../native/listener.ts';
import { type Caller, errnoName, type Returned } from '../uapi/caller.ts';
import { iommufdIoctl } from '../uapi/dispatch.ts';
import { type Piece, readFault, readPieces, writeFault } from '../uapi/fault-file.ts';
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
  const file = post.files.find(notification.tid, intOf(notification.args[0]!));
  if (file === null) return PASS;
  const { kernel, noted } = post;
  const before = kernel.operations;
  noted.refusal = null;
  const result = await resultOf(post, notification, file);
  if (typeof result === 'number' && result < 0 && kernel.operations === before) {
    await kernel.execute(
      refusedCall(notification, file, { returned: result, ...(noted.refusal ?? {}) }),
    );
  }
  return result;
}

const CALLS: Readonly<Record<number, SystemCall>> = {
  [SYSCALLS.ioctl]: 'ioctl',
  [SYSCALLS.read]: 'read',
  [SYSCALLS.readv]: 'read',
  [SYSCALLS.preadv2]: 'read',
  [SYSCALLS.write]: 'write',
  [SYSCALLS.writev]: 'write',
  [SYSCALLS.pwritev2]: 'write',
};

function refusedCall(
  { syscall, args }: Notification,
  { kind }: HandedFile,
  { returned, rule = 'CALL_REFUSED', given }: { returned: number } & Partial<RefusalNote>,
): CommandOf<'CallRefused'> {
  const call = CALLS[syscall] ?? 'dup';
  return {
    type: 'CallRefused',
    contextId: kind.contextId,
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
  switch (syscall) {
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
  return iommufdIoctl(caller, kind.contextId, request, args[2]!);
}

/** A dup of a file whose reads are told in the range alone has to stay in it. */
function duplicate(
  post: Post,
  notification: Notification,
  file: HandedFile,
  { from, closeOnExec }: { readonly from: number; readonly closeOnExec: boolean },
): Result {
  if (file.kind.type !== 'FAULT' || isExact(post)) return PASS;
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
  if (file.kind.type === 'FAULT' && (to < range.first || to > range.last)) {
    warn(
      `a fault queue's file was put at number ${to}, where reads and writes are not seen:` +
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
  const caller = callerOf(post, notification);
  if (kind.type !== 'FAULT') return caller.refuse('EINVAL', 'FILE_HAS_NO_CALL');
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
