/** IOMMU_HWPT_GET_DIRTY_BITMAP: dirty bits are set in the program's bitmap, and none is cleared there. */
import type { IOMMU_HWPT_GET_DIRTY_BITMAP } from '../../abi/ioctl/iommufd.ts';
import { IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR } from '../../abi/uapi.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import type { ProcessMemory } from '../native/user-memory.ts';
import { failure, type Returned } from './caller.ts';
import type { IoctlCall } from './ioctl-call.ts';

/** Bytes of the bitmap that are looked at in one go. */
const PIECE = 1 << 20;

/** Source: iommufd_hwpt_get_dirty_bitmap. */
export async function hwptGetDirtyBitmap(
  call: IoctlCall<typeof IOMMU_HWPT_GET_DIRTY_BITMAP.fields>,
): Promise<Returned> {
  const { contextId, cmd, caller } = call;
  const reserved = call.checkReserved();
  if (reserved !== 0) return reserved;
  const length = cmd.u64('length');
  const pageSize = cmd.u64('page_size');
  const bitmap = cmd.u64('data');
  const bytes = pageSize === 0n ? 0n : (length / pageSize + 7n) / 8n;
  const there = isThere(caller.memory, bitmap, bytes);
  const flags = cmd.u32('flags');
  const { errno, reply } = await call.execute({
    type: 'HwptGetDirtyBitmap',
    contextId,
    hwptId: cmd.u32('hwpt_id'),
    // A bitmap that is not there ends the call before anything is cleared.
    flags: there ? flags : flags | IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR,
    iova: cmd.u64('iova'),
    length,
    pageSize,
  });
  if (reply === null) return failure(errno);
  const set = there && setBits(caller.memory, bitmap, reply.dirtyPages);
  return set ? 0 : failure('EFAULT');
}

function isThere(memory: ProcessMemory, address: bigint, bytes: bigint): boolean {
  for (let done = 0n; done < bytes; done += BigInt(PIECE)) {
    const rest = bytes - done;
    const wanted = rest < BigInt(PIECE) ? Number(rest) : PIECE;
    if (memory.readSome(address + done, wanted).length < wanted) return false;
  }
  return true;
}

/** Sets the bits of ascending ranges, a piece of memory at a time. */
function setBits(memory: ProcessMemory, bitmap: bigint, ranges: readonly IovaRange[]): boolean {
  const pieceBits = 8n * BigInt(PIECE);
  for (let at = 0; at < ranges.length; ) {
    // From the byte of the first bit that is left, as far as a piece reaches.
    const first = ranges[at]!.start / 8n;
    const end = 8n * first + pieceBits;
    let to = at;
    while (to + 1 < ranges.length && ranges[to + 1]!.last < end) to++;
    const within = ranges.slice(at, to + 1);
    at = to + 1;
    const last = within.at(-1)!.last;
    for (let from = first; from <= last / 8n; from += BigInt(PIECE)) {
      if (!setPiece(memory, bitmap, from, within)) return false;
    }
  }
  return true;
}

/** Sets bits in the piece that begins at byte `from` of the bitmap. */
function setPiece(
  memory: ProcessMemory,
  bitmap: bigint,
  from: bigint,
  ranges: readonly IovaRange[],
): boolean {
  const rest = ranges.at(-1)!.last / 8n - from + 1n;
  const bytes = memory.read(bitmap + from, rest < BigInt(PIECE) ? Number(rest) : PIECE);
  if (bytes === null) return false;
  const bits = 8 * bytes.length;
  for (const { start, last } of ranges) {
    const low = Math.max(0, Number(start - 8n * from));
    const high = Math.min(bits - 1, Number(last - 8n * from));
    for (let bit = low; bit <= high; ) {
      if (bit % 8 === 0 && bit + 7 <= high) {
        bytes[bit / 8] = 0xff;
        bit += 8;
      } else {
        bytes[bit >> 3]! |= 1 << (bit % 8);
        bit++;
      }
    }
  }
  return memory.writeAll(bitmap + from, bytes);
}
