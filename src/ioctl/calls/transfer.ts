/** How system calls read and write: which way, where in the file, and where the bytes are. */
import { SYSCALLS } from '../../abi/ioctl/linux.ts';
import { MAX_RW_COUNT } from '../../abi/uapi.ts';
import type { Notification } from '../native/listener.ts';
import type { Caller, Returned } from '../uapi/caller.ts';
import { type Piece, readPieces } from '../uapi/fault-file.ts';
import { intOf } from './open.ts';

/** How a system call reads or writes. */
export interface Transfer {
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

export const TRANSFERS: ReadonlyMap<number, Transfer> = new Map([
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

/** preadv2 and pwritev2: with flags, and able to go on where the file stands. */
export function hasFlags({ syscall }: Notification): boolean {
  return syscall === SYSCALLS.preadv2 || syscall === SYSCALLS.pwritev2;
}

/** preadv2 and pwritev2 with this offset go on where the file stands. */
const CURRENT_OFFSET = 0xffff_ffff_ffff_ffffn;

/** Whether the call says where in the file; if not, it goes on where the file stands. */
export function saysWhere(notification: Notification, { placed }: Transfer): boolean {
  return placed && !(hasFlags(notification) && notification.args[3] === CURRENT_OFFSET);
}

/** Where a read or write has its bytes. Errors: those that come before the file is asked. */
export function piecesOf(
  caller: Caller,
  { args }: Notification,
  { vectored }: Transfer,
): Piece[] | Returned {
  if (vectored) return readPieces(caller, args[1]!, intOf(args[2]!));
  const count = args[2]!;
  if (count >= 1n << 63n) return caller.refuse('EINVAL', 'CALL_REFUSED', count);
  const length = count > BigInt(MAX_RW_COUNT) ? MAX_RW_COUNT : Number(count);
  return [{ address: args[1]!, length }];
}
