/** How system calls read and write: which way, where in the file, and where the bytes are. */
import { SYSCALLS } from '../../abi/ioctl/linux.ts';
import { MAX_RW_COUNT, USER_ADDRESS_END } from '../../abi/uapi.ts';
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

type Call = Pick<Notification, 'syscall' | 'args'>;

/** preadv2 and pwritev2: with flags, and able to go on where the file stands. */
function hasFlags({ syscall }: Call): boolean {
  return syscall === SYSCALLS.preadv2 || syscall === SYSCALLS.pwritev2;
}

/** Flags of a read or write, of which no file here knows any. */
export function flagsOf(call: Call): bigint {
  return hasFlags(call) ? call.args[5]! : 0n;
}

/** preadv2 and pwritev2 with this offset go on where the file stands. */
const CURRENT_OFFSET = 0xffff_ffff_ffff_ffffn;

/** Whether the call says where in the file; if not, it goes on where the file stands. */
export function saysWhere(call: Call, { placed }: Transfer): boolean {
  return placed && !(hasFlags(call) && call.args[3] === CURRENT_OFFSET);
}

/** Where a read or write has its bytes. Errors: those that come before the file is asked. */
export function piecesOf(
  caller: Pick<Caller, 'memory' | 'refuse'>,
  args: Notification['args'],
  vectored: boolean,
): Piece[] | Returned {
  // An unsigned int, of which more than UIO_MAXIOV are EINVAL.
  if (vectored) return readPieces(caller, args[1]!, intOf(args[2]!) >>> 0);
  const count = args[2]!;
  // Before it is cut (vfs_read).
  const beyond = args[1]! + count > USER_ADDRESS_END;
  if (beyond) return caller.refuse('EFAULT', 'CALL_REFUSED', count);
  const length = count > BigInt(MAX_RW_COUNT) ? MAX_RW_COUNT : Number(count);
  return [{ address: args[1]!, length }];
}
