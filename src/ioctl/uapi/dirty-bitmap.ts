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
  const set = there && reply.dirtyPages.every(range => setBits(caller.memory, bitmap, range));
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

/** Sets the bits of [start, last]. */
function setBits(memory: ProcessMemory, bitmap: bigint, { start, last }: IovaRange): boolean {
  const end = last / 8n;
  for (let first = start / 8n; first <= end; first += BigInt(PIECE)) {
    const rest = end - first + 1n;
    const bytes = memory.read(bitmap + first, rest < BigInt(PIECE) ? Number(rest) : PIECE);
    if (bytes === null) return false;
    for (const [index, byte] of bytes.entries()) {
      bytes[index] = byte | maskOf(8n * (first + BigInt(index)), start, last);
    }
    if (!memory.writeAll(bitmap + first, bytes)) return false;
  }
  return true;
}

/** The bits of one byte, whose first bit is `bit`, that lie in [start, last]. */
function maskOf(bit: bigint, start: bigint, last: bigint): number {
  const low = start > bit ? Number(start - bit) : 0;
  const high = last < bit + 7n ? Number(last - bit) : 7;
  return (0xff << low) & (0xff >> (7 - high)) & 0xff;
}
