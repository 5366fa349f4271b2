/**
 * Dirty tracking. Mirrors iopt_set_dirty_tracking and iopt_read_and_clear_dirty_data of
 * drivers/iommu/iommufd/io_pagetable.c and the mock driver's part of selftest.c, Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { MOCK_IO_PAGE_SIZE, ULONG_MAX } from '../../../abi/uapi.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf } from '../../machine/lookup.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { contiguousAreas, iovaAlignment } from '../ioas/io-pagetable.ts';
import type { HwptPaging, IommufdContext } from '../state.ts';

const SLOT = BigInt(MOCK_IO_PAGE_SIZE);

/** The last IOVA of a range. A length of 0 wraps: from IOVA 0 on it is the whole space. */
export function lastIova({ iova, length }: { iova: bigint; length: bigint }): bigint {
  return iova + BigInt.asUintN(64, length - 1n);
}

/**
 * Source: iommufd_check_iova_range. The kernel masks with the page size less one, whatever it is:
 * of one that is no power of two only some bits count.
 */
export function checkIovaRange(
  x: Execution,
  context: IommufdContext,
  hwpt: HwptPaging,
  {
    iova,
    length,
    pageSize,
  }: { readonly iova: bigint; readonly length: bigint; readonly pageSize: bigint },
  last: bigint,
): Errno {
  if (length === 0n && x.behaviour.dirtyBitmapLengthZero === 'EINVAL') return 'EINVAL';
  if (last > ULONG_MAX) return 'EOVERFLOW';
  const aligned = (size: bigint) => ((iova | (last + 1n)) & (size - 1n)) === 0n;
  if (!aligned(iovaAlignment(ioasOf(context, hwpt.ioasId)))) return 'EINVAL';
  if (pageSize === 0n) return 'EINVAL';
  return aligned(pageSize) ? 0 : 'EINVAL';
}

/**
 * Dirty slots in the part of the range that is mapped from its start without a hole, ascending. The
 * kernel drops the errors of this walk. Source: iommu_read_and_clear_dirty.
 */
export function dirtySlotsIn(
  x: Execution,
  context: IommufdContext,
  hwpt: HwptPaging,
  { iova, last }: { iova: bigint; last: bigint },
): number[] {
  const { areas, complete } = contiguousAreas(ioasOf(context, hwpt.ioasId), iova, last);
  const end = areas.at(-1)?.last;
  if (end !== undefined && !hwpt.dirtyTracking) {
    noteIncomplete(x, hwpt, 'tracking is off: the driver read nothing');
    return [];
  }
  if (!complete) {
    const from = end === undefined ? iova : end + 1n;
    noteIncomplete(x, hwpt, `nothing is mapped at 0x${from.toString(16)}: the walk ended there`);
  }
  if (end === undefined) return [];
  const first = Number(iova / SLOT);
  const final = Number(end / SLOT);
  const { dirtySlots } = hwpt;
  if (final - first >= dirtySlots.size) {
    const inRange = [...dirtySlots.keys()].filter(slot => slot >= first && slot <= final);
    return inRange.sort((a, b) => a - b);
  }
  const found: number[] = [];
  for (let slot = first; slot <= final; slot++) if (dirtySlots.has(slot)) found.push(slot);
  return found;
}

function noteIncomplete(x: Execution, hwpt: HwptPaging, detail: string): void {
  x.hazard('DIRTY_BITMAP_INCOMPLETE', 'iommu_read_and_clear_dirty', detail, [`hwpt ${hwpt.id}`]);
}

/**
 * The bitmap's bits: page numbers from `iova`, as ranges. A bit stands for the largest power of two
 * that divides the page size (iova_bitmap_alloc).
 */
export function pagesOfSlots(
  slots: readonly number[],
  { iova, pageSize }: { iova: bigint; pageSize: bigint },
): IovaRange[] {
  const unit = pageSize & -pageSize;
  const ranges: { start: bigint; last: bigint }[] = [];
  for (const slot of slots) {
    const from = BigInt(slot) * SLOT - iova;
    const start = from / unit;
    const last = (from + SLOT - 1n) / unit;
    const open = ranges.at(-1);
    if (open !== undefined && start <= open.last + 1n) open.last = last;
    else ranges.push({ start, last });
  }
  return ranges;
}

export function clean(
  x: Execution,
  context: IommufdContext,
  hwpt: HwptPaging,
  slots: readonly number[],
): void {
  if (slots.length === 0) return;
  const ascending = slots.toSorted((a, b) => a - b);
  x.emit({
    type: 'PagesCleaned',
    contextId: context.contextId,
    hwptId: hwpt.id,
    slots: ascending,
  });
}
