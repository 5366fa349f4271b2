/** What a read or write of a program is about: what it gave, and the memory that it can reach. */
import { HWPT_PGFAULT } from '../../abi/ioctl/iommufd.ts';
import { IOCTL_ARRAY_ENTRIES_MAX, RECORDED_BYTES_MAX } from '../../abi/limits.ts';
import { flagsOf, piecesOf, saysWhere, TRANSFERS, type Transfer } from '../calls/transfer.ts';
import { mappingsOf } from '../memory/maps.ts';
import type { ProcessMemory, UserMemory } from '../native/user-memory.ts';
import { failure, type Returned } from '../uapi/caller.ts';
import { IOV_MAX, IOVEC_BYTES, type Piece } from '../uapi/fault-file.ts';
import type { Range } from './pointed.ts';
import type { RecordedBytes, RecordedTransfer } from './recorded-call.ts';
import type { TracedCall } from './traced-call.ts';

/** Bytes of one piece that a fault queue may look at, in either direction. */
const LOOKED_BYTES_MAX = IOCTL_ARRAY_ENTRIES_MAX * HWPT_PGFAULT.size;

/** How a call reads or writes a file that has no offsets; null: it does not, or is refused at once. */
export function transferOf(call: TracedCall): Transfer | null {
  const how = TRANSFERS.get(call.syscall);
  if (how === undefined || saysWhere(call, how)) return null;
  return flagsOf(call) === 0n ? how : null;
}

/** As the kernel is given it, to the last bit. */
export function givenTo({ args }: TracedCall, { vectored }: Transfer): RecordedTransfer {
  return { at: `0x${args[1]!.toString(16)}`, count: `0x${args[2]!.toString(16)}`, vectored };
}

/** The pieces of a read or write, or why it has none: the array cannot be read, or is too long. */
export function givenPieces(
  memory: ProcessMemory,
  { at, count, vectored }: RecordedTransfer,
): Piece[] | Returned {
  const caller = { memory, refuse: failure };
  return piecesOf(caller, [0n, BigInt(at), BigInt(count)], vectored);
}

/** The array of the pieces, and the pieces, as far as the file may look at them. */
export function rangesGiven(memory: ProcessMemory, given: RecordedTransfer): Range[] {
  const pieces = givenPieces(memory, given);
  // An unsigned int.
  const entries = BigInt.asUintN(32, BigInt(given.count));
  const hasArray = given.vectored && entries <= BigInt(IOV_MAX);
  const array = { address: BigInt(given.at), length: IOVEC_BYTES * Number(entries) };
  const reached = typeof pieces === 'number' ? [] : pieces;
  return [
    ...(hasArray ? [array] : []),
    ...reached.map(({ address, length }) => ({
      address,
      length: Math.min(length, LOOKED_BYTES_MAX),
    })),
  ];
}

/**
 * What is there of each range, every byte once: pieces may overlap, and parts end where the right to
 * write does.
 */
export function partsOf(memory: UserMemory, maps: string, ranges: readonly Range[]): PartGiven[] {
  const mappings = mappingsOf(maps);
  const parts: PartGiven[] = [];
  let [end, left] = [0n, RECORDED_BYTES_MAX];
  for (const { address, length } of ranges.toSorted((a, b) => compare(a.address, b.address))) {
    let from = address > end ? address : end;
    const wanted = Math.min(Number(address + BigInt(length) - from), left);
    if (wanted <= 0) continue;
    const there = memory.readSome(from, wanted).length;
    left -= there;
    end = from + BigInt(there);
    while (from < end) {
      const at = from;
      const mapping = mappings.find(({ start, last }) => start <= at && at <= last);
      const last = mapping !== undefined && mapping.last < end ? mapping.last + 1n : end;
      const isWritable = mapping?.permissions[1] === 'w';
      parts.push({ address: from, length: Number(last - from), isWritable });
      from = last;
    }
  }
  return parts;
}

/** A part of memory, with one right. */
export interface PartGiven extends Range {
  readonly isWritable: boolean;
}

const compare = (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b));

/** The bytes of each part. */
export function bytesOfParts(memory: UserMemory, parts: readonly PartGiven[]): RecordedBytes[] {
  return parts.map(({ address, length, isWritable }) => ({
    at: `0x${address.toString(16)}`,
    hex: memory.readSome(address, length).toString('hex'),
    ...(isWritable ? {} : { readOnly: true }),
  }));
}
