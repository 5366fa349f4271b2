/**
 * read and write of a fault queue's file (iommufd_fault_fops_* of drivers/iommu/iommufd/fault.c,
 * 6.12.117). It has no vectored operations: the kernel goes through the pieces one by one.
 */
import { HWPT_PAGE_RESPONSE, HWPT_PGFAULT } from '../../abi/ioctl/iommufd.ts';
import { IOCTL_ARRAY_ENTRIES_MAX } from '../../abi/limits.ts';
import { MAX_RW_COUNT, USER_ADDRESS_END } from '../../abi/uapi.ts';
import type { PageResponse, PgfaultMessage } from '../../core/iommufd/fault/fault-file.ts';
import type { CommandOf, ReplyOf } from '../../core/machine/command.ts';
import type { FileKind } from '../files.ts';
import type { Outcome } from '../kernel.ts';
import { type Caller, failure, type Returned } from './caller.ts';
import { emptyStruct, Struct } from './struct.ts';

type FaultFile = Extract<FileKind, { type: 'FAULT' }>;

/** A piece of user memory. */
export interface Piece {
  readonly address: bigint;
  readonly length: number;
}

/** No process has memory there. */
const NOWHERE = 0n;

/** Reads into the pieces until one is not filled. */
export function readFault(caller: Caller, file: FaultFile, pieces: Piece[]): Promise<Returned> {
  return eachPiece(pieces, piece => readPiece(caller, file, piece));
}

/** Writes the pieces until one is not taken whole. */
export function writeFault(caller: Caller, file: FaultFile, pieces: Piece[]): Promise<Returned> {
  return eachPiece(pieces, piece => writePiece(caller, file, piece));
}

/** Piece after piece, until one is not moved whole. Source: do_loop_readv_writev. */
export async function eachPiece(
  pieces: readonly Piece[],
  run: (piece: Piece) => Promise<Returned>,
): Promise<Returned> {
  let total = 0;
  for (const piece of pieces) {
    const done = await run(piece);
    if (done < 0) return total > 0 ? total : done;
    total += done;
    if (done < piece.length) break;
  }
  return total;
}

async function readPiece(caller: Caller, file: FaultFile, piece: Piece): Promise<Returned> {
  const { errno, reply } = await readWhatFits(caller, file, piece);
  if (reply === null) return failure(errno);
  const bytes = Buffer.concat(reply.faults.map(messageBytes));
  return caller.memory.writeAll(piece.address, bytes) ? reply.bytes : failure('EFAULT');
}

/**
 * Takes no more groups than the buffer can hold: a group that cannot be copied stays in the queue, so
 * how much of the buffer can be written has to be known before. Its own bytes are put back to try it.
 */
async function readWhatFits(
  { memory, execute }: Caller,
  { contextId, faultId }: FaultFile,
  { address, length }: Piece,
): Promise<Outcome<'FaultRead'>> {
  const command = (count: number): CommandOf<'FaultRead'> => ({
    type: 'FaultRead',
    contextId,
    faultId,
    count,
    reader: 'READ',
  });
  // A message is never longer than what a queue can hold.
  const looked = Math.min(length, IOCTL_ARRAY_ENTRIES_MAX * HWPT_PGFAULT.size);
  const there = memory.write(address, memory.readSome(address, looked));
  if (there === looked || length % HWPT_PGFAULT.size !== 0) return execute(command(length));
  const whole = there - (there % HWPT_PGFAULT.size);
  if (whole > 0) {
    const outcome = await execute(command(whole));
    if (outcome.errno !== 'EINVAL') return outcome;
  }
  return execute({ ...command(length), bufVa: NOWHERE });
}

function messageBytes(message: PgfaultMessage): Buffer {
  const bytes = emptyStruct(HWPT_PGFAULT);
  bytes.set('flags', message.flags);
  bytes.set('dev_id', message.devId);
  bytes.set('pasid', message.pasid);
  bytes.set('grpid', message.grpid);
  bytes.set('perm', message.perm);
  bytes.set('addr', message.addr);
  bytes.set('length', message.length);
  bytes.set('cookie', message.cookie);
  return bytes.bytes;
}

/** Records that are not there are EFAULT when their turn comes: fewer are given than `count` says. */
async function writePiece(
  { memory, execute }: Caller,
  { contextId, faultId }: FaultFile,
  { address, length }: Piece,
): Promise<Returned> {
  const { size, fields } = HWPT_PAGE_RESPONSE;
  const bytes = memory.readSome(address, Math.min(length, IOCTL_ARRAY_ENTRIES_MAX * size));
  const responses: PageResponse[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) {
    const record = new Struct(fields, bytes.subarray(at));
    responses.push({ cookie: record.u32('cookie'), code: record.u32('code') });
  }
  const { errno, reply } = await execute({
    type: 'FaultWrite',
    contextId,
    faultId,
    count: length,
    responses,
  });
  return reply === null ? failure(errno) : writtenBytes(reply);
}

function writtenBytes({ bytes }: ReplyOf['FaultWrite']): Returned {
  return bytes;
}

/** The pieces that a struct iovec array names. Errors: EINVAL, too many or too long; EFAULT. */
export function readPieces(
  caller: Pick<Caller, 'memory' | 'refuse'>,
  address: bigint,
  count: number,
): Piece[] | Returned {
  if (count > IOV_MAX) return caller.refuse('EINVAL', 'IOVEC_REFUSED', count);
  const bytes = caller.memory.read(address, count * IOVEC_BYTES);
  if (bytes === null) return caller.refuse('EFAULT', 'IOVEC_REFUSED', count);
  const given = Array.from({ length: count }, (_, index) => ({
    address: bytes.readBigUInt64LE(IOVEC_BYTES * index),
    length: bytes.readBigUInt64LE(IOVEC_BYTES * index + 8),
  }));
  if (given.some(({ length }) => length >= 1n << 63n)) {
    return caller.refuse('EINVAL', 'IOVEC_REFUSED', count);
  }
  const pieces: Piece[] = [];
  let left = MAX_RW_COUNT;
  for (const { address, length } of given) {
    // The pieces together are cut, as one would be.
    const cut = length > BigInt(left) ? left : Number(length);
    left -= cut;
    // A single one is cut before it is looked at (import_ubuf), several after.
    const looked = count === 1 ? BigInt(cut) : length;
    const beyond = address + looked > USER_ADDRESS_END;
    if (beyond) return caller.refuse('EFAULT', 'IOVEC_REFUSED', count);
    pieces.push({ address, length: cut });
  }
  return pieces;
}

/** UIO_MAXIOV, and sizeof(struct iovec). */
export const IOV_MAX = 1_024;
export const IOVEC_BYTES = 16;
