/** IOMMU_HWPT_GET_DIRTY_BITMAP: dirty bits are set in the program's bitmap, and none is cleared there. */
import type { IOMMU_HWPT_GET_DIRTY_BITMAP } from '../../abi/ioctl/iommufd.ts';
import { PAGE_SIZE } from '../../abi/uapi.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import type { ProcessMemory } from '../native/user-memory.ts';
import { failure, type Returned } from './caller.ts';
import type { IoctlCall } from './ioctl-call.ts';

/** Bytes of the bitmap that are looked at in one go. */
const PIECE = 1 << 20;

/**
 * A bit whose place cannot be written is lost, and nobody is told: the call succeeds. Source:
 * iommufd_hwpt_get_dirty_bitmap, iova_bitmap_set.
 */
export async function hwptGetDirtyBitmap(
  call: IoctlCall<typeof IOMMU_HWPT_GET_DIRTY_BITMAP.fields>,
): Promise<Returned> {
  const { contextId, cmd, caller } = call;
  const reserved = call.checkReserved();
  if (reserved !== 0) return reserved;
  const { errno, reply } = await call.execute({
    type: 'HwptGetDirtyBitmap',
    contextId,
    hwptId: cmd.u32('hwpt_id'),
    flags: cmd.u32('flags'),
    iova: cmd.u64('iova'),
    length: cmd.u64('length'),
    pageSize: cmd.u64('page_size'),
  });
  if (reply === null) return failure(errno);
  setBits(caller.memory, cmd.u64('data'), reply.dirtyPages);
  return 0;
}

/** Sets the bits of ascending ranges, a piece of memory at a time; where it cannot, page by page. */
function setBits(memory: ProcessMemory, bitmap: bigint, ranges: readonly IovaRange[]): void {
  const pieceBits = 8n * BigInt(PIECE);
  for (let at = 0; at < ranges.length; ) {
    // From the byte of the first bit that is left, as far as a piece reaches.
    const first = ranges[at]!.start / 8n;
    const end = 8n * first + pieceBits;
    let to = at;
    while (to + 1 < ranges.length && ranges[to + 1]!.last < end) to++;
    const within = ranges.slice(at, to + 1);
    at = to + 1;
    const last = within.at(-1)!.last / 8n;
    for (let from = first; from <= last; from += BigInt(PIECE)) {
      const rest = last - from + 1n;
      const bytes = rest < BigInt(PIECE) ? Number(rest) : PIECE;
      if (!setPiece(memory, bitmap, { from, bytes }, within)) {
        setPages(memory, bitmap, { from, bytes }, within);
      }
    }
  }
}

/** Bytes of a bitmap, from byte `from` on. */
interface BitmapPart {
  readonly from: bigint;
  readonly bytes: number;
}

function setPages(
  memory: ProcessMemory,
  bitmap: bigint,
  { from, bytes }: BitmapPart,
  ranges: readonly IovaRange[],
): void {
  for (let done = 0; done < bytes; ) {
    const start = from + BigInt(done);
    const toPageEnd = PAGE_SIZE - Number((bitmap + start) % BigInt(PAGE_SIZE));
    const length = Math.min(toPageEnd, bytes - done);
    setPiece(memory, bitmap, { from: start, bytes: length }, ranges);
    done += length;
  }
}

/** Sets the bits that lie in a part; whether all of it could be read and written. */
function setPiece(
  memory: ProcessMemory,
  bitmap: bigint,
  { from, bytes: wanted }: BitmapPart,
  ranges: readonly IovaRange[],
): boolean {
  const address = BigInt.asUintN(64, bitmap + from);
  const bytes = memory.read(address, wanted);
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
  return memory.writeAll(address, bytes);
}
