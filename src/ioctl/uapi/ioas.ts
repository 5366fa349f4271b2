/** ioctls on I/O address spaces (drivers/iommu/iommufd/ioas.c, Linux 6.12.117). */
import {
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_ALLOW_IOVAS,
  IOMMU_IOAS_COPY,
  IOMMU_IOAS_IOVA_RANGES,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_UNMAP,
  IOVA_RANGE,
} from '../../abi/ioctl/iommufd.ts';
import { IOCTL_ARRAY_ENTRIES_MAX } from '../../abi/limits.ts';
import type { IovaRange } from '../../core/memory/iova-range.ts';
import { failure, type Returned } from './caller.ts';
import type { IoctlCall } from './ioctl-call.ts';
import { type IoctlEntry, ioctlEntry } from './ioctl-entry.ts';
import { plainIoctl } from './plain-ioctl.ts';
import { emptyStruct, Struct } from './struct.ts';

export const IOAS_CALLS: readonly IoctlEntry[] = [
  plainIoctl(IOMMU_IOAS_ALLOC, 'IoasAlloc', ({ outIoasId: id }, contextId) => ({
    type: 'Destroy',
    contextId,
    id,
  })),
  plainIoctl(IOMMU_IOAS_MAP, 'IoasMap'),
  plainIoctl(IOMMU_IOAS_COPY, 'IoasCopy'),
  plainIoctl(IOMMU_IOAS_UNMAP, 'IoasUnmap'),
  ioctlEntry(IOMMU_IOAS_IOVA_RANGES, ioasIovaRanges),
  ioctlEntry(IOMMU_IOAS_ALLOW_IOVAS, ioasAllowIovas),
];

/** Writes the array before the structure. Source: iommufd_ioas_iova_ranges. */
async function ioasIovaRanges(
  call: IoctlCall<typeof IOMMU_IOAS_IOVA_RANGES.fields>,
): Promise<Returned> {
  const { contextId, cmd, caller } = call;
  const reserved = call.checkReserved();
  if (reserved !== 0) return reserved;
  const { errno, reply } = await call.execute({
    type: 'IoasIovaRanges',
    contextId,
    ioasId: cmd.u32('ioas_id'),
    numIovas: cmd.u32('num_iovas'),
  });
  if (reply === null) return failure(errno);
  const array = Buffer.concat(reply.allowedIovas.map(rangeBytes));
  if (!caller.memory.writeAll(cmd.u64('allowed_iovas'), array)) return failure('EFAULT');
  cmd.set('num_iovas', reply.numIovas);
  cmd.set('out_iova_alignment', reply.outIovaAlignment);
  const responded = call.respond();
  return responded === 0 ? failure(errno) : responded;
}

function rangeBytes({ start, last }: IovaRange): Buffer {
  const range = emptyStruct(IOVA_RANGE);
  range.set('start', start);
  range.set('last', last);
  return range.bytes;
}

/** A range that no kernel takes: it stands where the array ends too early. */
const REFUSED: IovaRange = { start: 1n, last: 0n };

/**
 * Reads ranges one by one and refuses the first bad one; EFAULT comes where the array is not there.
 * Source: iommufd_ioas_load_iovas.
 */
async function ioasAllowIovas(
  call: IoctlCall<typeof IOMMU_IOAS_ALLOW_IOVAS.fields>,
): Promise<Returned> {
  const { contextId, cmd, caller } = call;
  const reserved = call.checkReserved();
  if (reserved !== 0) return reserved;
  const count = cmd.u32('num_iovas');
  if (count > IOCTL_ARRAY_ENTRIES_MAX) {
    return call.caller.refuse('ENOMEM', 'IOCTL_ARRAY_REFUSED', count);
  }
  const array = caller.memory.readSome(cmd.u64('allowed_iovas'), count * IOVA_RANGE.size);
  const ranges: IovaRange[] = [];
  for (let at = 0; at + IOVA_RANGE.size <= array.length; at += IOVA_RANGE.size) {
    const range = new Struct(IOVA_RANGE.fields, array.subarray(at));
    ranges.push({ start: range.u64('start'), last: range.u64('last') });
  }
  const whole = ranges.length === count;
  const allowedIovas = whole ? ranges : [...ranges, REFUSED];
  const { errno } = await call.execute({
    type: 'IoasAllowIovas',
    contextId,
    ioasId: cmd.u32('ioas_id'),
    allowedIovas,
  });
  const unread = !whole && errno === 'EINVAL' && areGood(ranges);
  return failure(unread ? 'EFAULT' : errno);
}

/** Whether each range is one, and meets none before it. */
function areGood(ranges: readonly IovaRange[]): boolean {
  const ordered = [...ranges].sort((a, b) => (a.start < b.start ? -1 : 1));
  return ordered.every(
    ({ start, last }, index) => start < last && (index === 0 || ordered[index - 1]!.last < start),
  );
}
