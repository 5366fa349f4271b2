/** Calls on a file that a program has by its number: ioctl, read, write and dup. */
import type { SystemCall } from '../../abi/call-refusal-rules.ts';
import {
  F_DUPFD_CLOEXEC,
  FIGETBSZ,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  MAP_ANONYMOUS,
  SYSCALLS,
} from '../../abi/ioctl/linux.ts';
import type { CallDetails } from '../../core/iommufd/main/call-operations.ts';
import { must } from '../../core/machine/assert.ts';
import type { CommandOf } from '../../core/machine/command.ts';
import { type FileKind, type HandedFile, isTransferred, nameOf } from '../files.ts';
import type { Notification } from '../native/listener.ts';
import { openFilesOf } from '../process-facts.ts';
import { errnoName, type Returned } from '../uapi/caller.ts';
import { iommufdIoctl } from '../uapi/dispatch.ts';
import { type Piece, readFault, writeFault } from '../uapi/fault-file.ts';
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
import { flagsOf, piecesOf, saysWhere, TRANSFERS } from './transfer.ts';

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
  const device = post.devices.of(file);
  if (device !== null) device.details = {};
  const result = await resultOf(post, notification, file);
  const { kind } = file;
  if (kernel.operations !== before || kind.type === 'FAIL_NTH') return result;
  const contextId = kind.type === 'DEVICE' ? (device?.bound?.contextId ?? 0) : kind.contextId;
  if (typeof result === 'number' && result < 0) {
    const why = { returned: result, ...(noted.refusal ?? {}) };
    await kernel.execute(refusedCall(notification, kind, contextId, why));
  } else {
    const answered = answeredCall(notification, kind, contextId, device?.details, result);
    if (answered !== null) await kernel.execute(answered);
  }
  return result;
}

/** The files whose calls are operations. */
type IommufdFile = Exclude<FileKind, { type: 'FAIL_NTH' }>;

/** What a call is in the log, where it is no read or write. */
const CALLS: Readonly<Record<number, SystemCall>> = {
  [SYSCALLS.ioctl]: 'ioctl',
  [SYSCALLS.lseek]: 'lseek',
  [SYSCALLS.mmap]: 'mmap',
};

function callOf(syscall: number): SystemCall {
  const transfer = TRANSFERS.get(syscall);
  if (transfer !== undefined) return transfer.writes ? 'write' : 'read';
  return CALLS[syscall] ?? 'dup';
}

function refusedCall(
  { syscall, args }: Notification,
  kind: IommufdFile,
  contextId: number,
  { returned, rule = 'CALL_REFUSED', given }: { returned: number } & Partial<RefusalNote>,
): CommandOf<'CallRefused'> {
  const call = callOf(syscall);
  return {
    type: 'CallRefused',
    contextId,
    file: kind.type,
    call,
    ...(call === 'ioctl' ? { request: requestOf(args) } : {}),
    errno: errnoName(-returned),
    rule,
    ...(given === undefined ? {} : { given }),
  };
}

/** null: it is about the number and not about the file, as dup and fstat are, or the kernel's below. */
function answeredCall(
  { syscall, args }: Notification,
  kind: IommufdFile,
  contextId: number,
  details: CallDetails | undefined,
  result: Result,
): CommandOf<'CallAnswered'> | null {
  const isMapping = syscall === SYSCALLS.mmap && kind.type === 'DEVICE';
  if (OF_ANY_FILE.includes(syscall) || (typeof result !== 'number' && !isMapping)) return null;
  const call = callOf(syscall);
  return {
    type: 'CallAnswered',
    contextId,
    file: kind.type,
    call,
    ...(call === 'ioctl' ? { request: requestOf(args) } : {}),
    ...(kind.type === 'DEVICE' ? { bdf: kind.bdf } : {}),
    ...details,
    ...(typeof result === 'number' ? { returned: result } : {}),
  };
}

const requestOf = (args: Notification['args']) => Number(args[1]! & 0xffff_ffffn);

function resultOf(
  post: Post,
  notification: Notification,
  file: HandedFile,
): Promise<Result> | Result {
  const { syscall, args } = notification;
  // The kernel answers these for any file, before the file is asked.
  if (syscall === SYSCALLS.ioctl && OF_THE_KERNEL.includes(requestOf(args))) return PASS;
  const device = post.devices.of(file);
  if (device !== null && !OF_ANY_FILE.includes(syscall))
    return onDevice(post, notification, device);
  switch (syscall) {
    case SYSCALLS.fstat:
    case SYSCALLS.newfstatat:
    case SYSCALLS.statx:
      return onFileStat(post, notification, file);
    case SYSCALLS.lseek:
    case SYSCALLS.mmap:
      return file.kind.type === 'FAIL_NTH' ? PASS : refusesPlace(post, notification);
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

const OF_THE_KERNEL: readonly number[] = [FIOCLEX, FIONCLEX, FIONBIO, FIGETBSZ];

/** Calls that do not depend on what the file is. */
const OF_ANY_FILE: readonly number[] = [
  ...[SYSCALLS.dup, SYSCALLS.dup2, SYSCALLS.dup3, SYSCALLS.fcntl],
  ...[SYSCALLS.fstat, SYSCALLS.newfstatat, SYSCALLS.statx],
];

/** None of iommufd's files has an offset, and none can be mapped. */
function refusesPlace(post: Post, notification: Notification): Returned {
  const { refuse } = callerOf(post, notification);
  if (notification.syscall === SYSCALLS.lseek) return refuse('ESPIPE', 'OFFSET_REFUSED');
  return notification.args[1] === 0n
    ? refuse('EINVAL', 'CALL_REFUSED', 0)
    : refuse('ENODEV', 'FILE_HAS_NO_CALL');
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
  if (!isTransferred(file.kind) || isExact(post)) return PASS;
  if (from > post.range.last) {
    warnOfNumber(post, notification, file, from);
    return PASS;
  }
  const fd = numberInRange(post, notification, from);
  if (fd === null) return PASS;
  const done = post.files.duplicate(
    file,
    source => post.listener.addFd(notification, source, { fd, closeOnExec, answers: true }) >= 0,
  );
  return done ? ANSWERED : NO_NUMBER_FREE;
}

/** At a number that is not told a read would take the byte of the pipe. */
function duplicateTo(post: Post, notification: Notification, file: HandedFile): Result {
  warnOfNumber(post, notification, file, intOf(notification.args[1]!));
  return PASS;
}

/** Not of a number that no file can have, for then nothing happens. */
function warnOfNumber(
  { range, warn }: Post,
  { tid }: Notification,
  { kind }: HandedFile,
  to: number,
): void {
  if (!isTransferred(kind) || (to >= range.first && to <= range.last)) return;
  if (to < 0 || to >= openFilesOf(tid)) return;
  warn(
    `${nameOf(kind)} was put at number ${to}, where reads and writes are not seen:` +
      ' run it with --exact-fds',
  );
}

async function transfer(post: Post, notification: Notification, file: HandedFile): Promise<Result> {
  const { kind } = file;
  const { syscall, args } = notification;
  const how = must(TRANSFERS.get(syscall), `system call ${syscall}`);
  const caller = callerOf(post, notification);
  const isQueue = kind.type === 'FAULT';
  // /dev/iommu and an access have neither read nor write.
  if (!isQueue && kind.type !== 'FAIL_NTH') return caller.refuse('EINVAL', 'FILE_HAS_NO_CALL');
  const placed = saysWhere(notification, how);
  // It is no file with offsets (stream_open).
  if (isQueue && placed) return caller.refuse('ESPIPE', 'OFFSET_REFUSED');
  if (flagsOf(notification) !== 0n) return caller.refuse('EOPNOTSUPP', 'OFFSET_REFUSED');
  const pieces = piecesOf(caller, args, how.vectored);
  if (typeof pieces === 'number') return pieces;
  if (!isQueue) {
    const [piece = NO_PIECE] = pieces;
    return how.writes
      ? post.failNth.write(caller, kind.tid, piece)
      : post.failNth.read(caller, file, kind.tid, piece, placed ? Number(args[3]) : null);
  }
  if (!caller.isWaiting()) return ANSWERED;
  return how.writes ? writeFault(caller, kind, pieces) : readFault(caller, kind, pieces);
}

const NO_PIECE: Piece = { address: 0n, length: 0 };
