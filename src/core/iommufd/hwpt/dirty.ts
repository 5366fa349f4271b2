/**
 * Dirty tracking. Mirrors iopt_set_dirty_tracking and iopt_read_and_clear_dirty_data of
 * drivers/iommu/iommufd/io_pagetable.c and the mock driver's part of selftest.c, Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import {
  IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
  IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR,
  MOCK_DIRTY_BITS_MAX,
  MOCK_IO_PAGE_SIZE,
  ULONG_MAX,
} from '../../../abi/uapi.ts';
import type { CommandOf } from '../../machine/command.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf } from '../../machine/lookup.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { contiguousAreas, iovaAlignment } from '../ioas/io-pagetable.ts';
import type { HwptPaging, IommufdContext } from '../state.ts';

const SLOT = BigInt(MOCK_IO_PAGE_SIZE);

/** Errors: EOPNOTSUPP, an unknown flag or a hwpt without dirty tracking; ENOENT. */
export function executeHwptSetDirtyTracking(
  x: Execution,
  context: IommufdContext,
  { flags, hwptId }: CommandOf<'HwptSetDirtyTracking'>,
): Errno {
  return x.call('iommufd_hwpt_set_dirty_tracking', () => {
    if ((flags & ~IOMMU_HWPT_DIRTY_TRACKING_ENABLE) !== 0) return 'EOPNOTSUPP';
    const hwpt = x.getObject(context, hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt.errno;
    return x.call('iopt_set_dirty_tracking', () => {
      if (!hwpt.domain.dirtyOps) return 'EOPNOTSUPP';
      const enabled = (flags & IOMMU_HWPT_DIRTY_TRACKING_ENABLE) !== 0;
      if (enabled) clean(x, context, hwpt, [...hwpt.dirtySlots.keys()]);
      if (enabled !== hwpt.dirtyTracking) {
        x.emit({ type: 'DirtyTrackingSet', contextId: context.contextId, hwptId, enabled });
      }
      return 0;
    });
  });
}

/**
 * Reads, and unless NO_CLEAR clears, the dirty bits of a range. Once the arguments are good nothing
 * fails any more: a hole in the range ends the walk, tracking that is off gives nothing.
 * Errors: EOPNOTSUPP, ENOENT, EINVAL, EOVERFLOW.
 */
export function executeHwptGetDirtyBitmap(
  x: Execution,
  context: IommufdContext,
  command: CommandOf<'HwptGetDirtyBitmap'>,
): { dirtyPages: IovaRange[] } | Refusal {
  let dirtyPages: IovaRange[] = [];
  const rc = x.call('iommufd_hwpt_get_dirty_bitmap', () => {
    const { flags } = command;
    if ((flags & ~IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) !== 0) return new Refusal('EOPNOTSUPP');
    const hwpt = x.getObject(context, command.hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt;
    return x.call('iopt_read_and_clear_dirty_data', () => {
      const last = lastIova(command);
      const checked = checkIovaRange(x, context, hwpt, command, last);
      if (checked !== 0) return checked;
      if (!hwpt.domain.dirtyOps) return 'EOPNOTSUPP';
      if (!x.allocates('iova_bitmap_alloc')) return 'ENOMEM';
      const slots = dirtySlotsIn(x, context, hwpt, { iova: command.iova, last });
      dirtyPages = pagesOfSlots(slots, command);
      if ((flags & IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) === 0) clean(x, context, hwpt, slots);
      return 0;
    });
  });
  if (rc instanceof Refusal) return rc;
  return rc === 0 ? { dirtyPages } : new Refusal(rc);
}

/** The last IOVA of a range. A length of 0 wraps: from IOVA 0 on it is the whole space. */
function lastIova({ iova, length }: { iova: bigint; length: bigint }): bigint {
  return iova + BigInt.asUintN(64, length - 1n);
}

/**
 * Source: iommufd_check_iova_range. The kernel masks with the page size less one, whatever it is:
 * of one that is no power of two only some bits count.
 */
function checkIovaRange(
  x: Execution,
  context: IommufdContext,
  hwpt: HwptPaging,
  { iova, length, pageSize }: CommandOf<'HwptGetDirtyBitmap'>,
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
function dirtySlotsIn(
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
function pagesOfSlots(
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

function clean(
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

/**
 * Marks mapped slots dirty. The slot is the address divided by `pageSize`, not by 2048, as in the
 * kernel. Source: iommufd_test_dirty. Errors: EINVAL, EOVERFLOW, ENOENT. Returns how many.
 */
export function executeTestDirty(
  x: Execution,
  context: IommufdContext,
  { hwptId, iova, length, pageSize, bitmap }: CommandOf<'TestDirty'>,
): bigint | Refusal {
  return x.call('iommufd_test_dirty', () => {
    if (pageSize === 0n || length === 0n) return new Refusal('EINVAL');
    if (iova % pageSize !== 0n || length % pageSize !== 0n) return new Refusal('EINVAL');
    const pages = length / pageSize;
    if (pages > MOCK_DIRTY_BITS_MAX) return new Refusal('EOVERFLOW');
    const hwpt = x.getObject(context, hwptId, 'HWPT_PAGING');
    if (hwpt instanceof Refusal) return hwpt;
    if (hwpt.domain.driver !== 'MOCK' || !hwpt.dirtyTracking) return new Refusal('EINVAL');
    if (!x.allocates('kvzalloc bitmap')) return new Refusal('ENOMEM');
    const { areas } = ioasOf(context, hwpt.ioasId);
    const slots: number[] = [];
    for (let bit = 0n; bit < 64n && bit < pages; bit++) {
      if (((bitmap >> bit) & 1n) === 0n) continue;
      const slot = (iova + bit * pageSize) / pageSize;
      if (areas.at(slot * SLOT) !== null) slots.push(Number(slot));
    }
    if (slots.length > 0) {
      x.emit({ type: 'PagesDirtied', contextId: context.contextId, hwptId, slots });
    }
    return BigInt(slots.length);
  });
}
