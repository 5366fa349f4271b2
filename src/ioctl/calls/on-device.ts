/** Calls on a VFIO device file: ioctl, reads and writes at an offset or where the file stands, mmap. */
import { SYSCALLS } from '../../abi/ioctl/linux.ts';
import { MAX_RW_COUNT } from '../../abi/uapi.ts';
import type { Notification } from '../native/listener.ts';
import type { Caller, Returned } from '../uapi/caller.ts';
import { eachPiece, type Piece, readPieces } from '../uapi/fault-file.ts';
import type { VfioDevice } from '../vfio/device.ts';
import { vfioIoctl } from '../vfio/device-ioctl.ts';
import { mayMap, readRegion, writeRegion } from '../vfio/regions.ts';
import { intOf } from './open.ts';
import { ANSWERED, callerOf, PASS, type Post, type Result } from './post.ts';

/** How a system call reads or writes. */
interface Transfer {
  readonly writes: boolean;
  /** Its argument is an array of struct iovec. */
  readonly vectored: boolean;
  /** Its fourth argument is an offset. */
  readonly placed: boolean;
}

const transfer = (writes: boolean, vectored: boolean, placed: boolean): Transfer => ({
  writes,
  vectored,
  placed,
});

const TRANSFERS: ReadonlyMap<number, Transfer> = new Map([
  [SYSCALLS.read, transfer(false, false, false)],
  [SYSCALLS.write, transfer(true, false, false)],
  [SYSCALLS.readv, transfer(false, true, false)],
  [SYSCALLS.writev, transfer(true, true, false)],
  [SYSCALLS.pread64, transfer(false, false, true)],
  [SYSCALLS.pwrite64, transfer(true, false, true)],
  [SYSCALLS.preadv, transfer(false, true, true)],
  [SYSCALLS.pwritev, transfer(true, true, true)],
  [SYSCALLS.preadv2, transfer(false, true, true)],
  [SYSCALLS.pwritev2, transfer(true, true, true)],
]);

export function onDevice(
  post: Post,
  notification: Notification,
  device: VfioDevice,
): Promise<Result> | Result {
  const { syscall, args } = notification;
  const caller = callerOf(post, notification);
  if (syscall === SYSCALLS.ioctl) {
    const request = Number(args[1]! & 0xffff_ffffn);
    return vfioIoctl(request, { caller, device, pointer: args[2]!, warn: post.warn });
  }
  // A device's file has no llseek.
  if (syscall === SYSCALLS.lseek) return caller.refuse('ESPIPE', 'OFFSET_REFUSED');
  if (syscall === SYSCALLS.mmap) {
    const may = mayMap(device, args[1]!, intOf(args[3]!), args[5]!);
    return may ? PASS : caller.refuse('EINVAL', 'REGION_REFUSED', args[5]!);
  }
  const how = TRANSFERS.get(syscall);
  return how === undefined ? PASS : move(post, notification, caller, device, how);
}

/** preadv2 and pwritev2 with this offset go on where the file stands. */
const CURRENT_OFFSET = 0xffff_ffff_ffff_ffffn;

async function move(
  post: Post,
  notification: Notification,
  caller: Caller,
  device: VfioDevice,
  { writes, vectored, placed }: Transfer,
): Promise<Result> {
  const { syscall, args } = notification;
  const second = syscall === SYSCALLS.preadv2 || syscall === SYSCALLS.pwritev2;
  const moves = !placed || (second && args[3] === CURRENT_OFFSET);
  if (!moves && args[3]! >= 1n << 63n) return caller.refuse('EINVAL', 'OFFSET_REFUSED');
  if (second && args[5] !== 0n) return caller.refuse('EOPNOTSUPP', 'OFFSET_REFUSED');
  const pieces = vectored
    ? readPieces(caller, args[1]!, intOf(args[2]!))
    : onePiece(caller, args[1]!, args[2]!);
  if (typeof pieces === 'number') return pieces;
  if (!caller.isWaiting()) return ANSWERED;
  let position = moves ? device.position : args[3]!;
  const done = await eachPiece(pieces, async piece => {
    const some = writes
      ? await writeRegion(caller, device, post.tables, position, piece)
      : await readRegion(caller, post.kernel, device, position, piece);
    if (some > 0) position += BigInt(some);
    return some;
  });
  if (moves) device.position = position;
  return done;
}

function onePiece(caller: Caller, address: bigint, count: bigint): Piece[] | Returned {
  if (count >= 1n << 63n) return caller.refuse('EINVAL', 'CALL_REFUSED', count);
  return [{ address, length: count > BigInt(MAX_RW_COUNT) ? MAX_RW_COUNT : Number(count) }];
}
