/**
 * Dirty tracking. Mirrors iopt_set_dirty_tracking and iopt_read_and_clear_dirty_data of
 * drivers/iommu/iommufd/io_pagetable.c and the mock driver's part of selftest.c, Linux 6.12.117.
 */
import type { Errno, ErrnoName } from '../../../abi/errno.ts';
import type { RefusalRule } from '../../../abi/refusal-rules.ts';
import { MOCK_IO_PAGE_SIZE, ULONG_MAX } from '../../../abi/uapi.ts';
import { must } from '../../machine/assert.ts';
import type { Execution } from '../../machine/execution.ts';
import { ioasOf } from '../../machine/lookup.ts';
import { type Facts, Refusal } from '../../machine/refusal.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { contiguousAreas, iovaAlignment } from '../ioas/io-pagetable.ts';
import type { HwptPaging, IommufdContext } from '../state.ts';
import { slotsOfBit } from './dirty-bits.ts';
import { HUGE_SLOTS, isInHugePage } from './huge-pages.ts';

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
  const refused = (errno: ErrnoName, rule: RefusalRule, facts: Facts = {}) =>
    x.refusedBy('iommufd_check_iova_range', new Refusal(errno, rule, facts)).errno;
  if (length === 0n && x.behaviour.dirtyBitmapLengthZero === 'EINVAL') {
    return refused('EINVAL', 'LENGTH_ZERO');
  }
  if (last > ULONG_MAX) {
    return refused('EOVERFLOW', 'RANGE_WRAPS', { argument: 'iova', start: iova, length });
  }
  const aligned = (size: bigint) => ((iova | (last + 1n)) & (size - 1n)) === 0n;
  const decides = (size: bigint) => ((iova & (size - 1n)) === 0n ? 'length' : 'iova');
  const alignment = iovaAlignment(ioasOf(context, hwpt.ioasId));
  const range = { start: iova, last };
  if (!aligned(alignment)) {
    const of = `the IOVA alignment of IOAS ${hwpt.ioasId}`;
    const argument = decides(alignment);
    return refused('EINVAL', 'RANGE_UNALIGNED', { argument, ...range, alignment, of });
  }
  if (pageSize === 0n) return refused('EINVAL', 'PAGE_SIZE_ZERO');
  if (aligned(pageSize)) return 0;
  const of = 'the page size of the bitmap';
  const argument = decides(pageSize);
  return refused('EINVAL', 'RANGE_UNALIGNED', { argument, ...range, alignment: pageSize, of });
}

/** What a walk over dirty bits meets, as numbers of IO pages, ascending. */
export interface DirtySlots {
  /** What the bitmap shows. */
  readonly shown: readonly number[];
  /** What is clean afterwards, unless it was asked for otherwise. */
  readonly cleaned: readonly number[];
}

/**
 * Dirty slots in the part of the range that is mapped from its start without a hole. The kernel
 * drops the errors of this walk. A bit that stands for more than the range holds is shown whole if
 * it begins in the range, and cleaned in any case. Source: iommu_read_and_clear_dirty.
 */
export function dirtySlotsIn(
  x: Execution,
  context: IommufdContext,
  hwpt: HwptPaging,
  range: IovaRange,
): DirtySlots {
  const { areas: parts, found } = slotsInRange(x, context, hwpt, range);
  if (x.behaviour.mockDirtyBitOf === 'IO_PAGE') {
    if (!hwpt.domain.hugePages) return { shown: found, cleaned: found };
    return hugeSlotsIn(x, context, hwpt, parts, range.last);
  }
  const { areas } = ioasOf(context, hwpt.ioasId);
  const shown: number[] = [];
  const cleaned: number[] = [];
  for (const slot of found) {
    if (cleaned.at(-1)! >= slot) continue;
    const together = slotsOfBit(x, must(areas.at(BigInt(slot) * SLOT), 'an area'), slot);
    cleaned.push(...together);
    if (BigInt(together[0]!) * SLOT >= range.start) shown.push(...together);
  }
  return { shown, cleaned };
}

/** Areas of a range, each cut to it. */
type AreaParts = ReturnType<typeof contiguousAreas>['areas'];

/**
 * The walk of the mock driver over IO pages of two sizes. A huge one shows as many pages as it has from
 * where the walk stands, which is behind its start if the range begins there.
 */
function hugeSlotsIn(
  x: Execution,
  context: IommufdContext,
  hwpt: HwptPaging,
  parts: AreaParts,
  lastIova: bigint,
): DirtySlots {
  const ioas = ioasOf(context, hwpt.ioasId);
  const dirty = [...hwpt.dirtySlots.keys()].sort((a, b) => a - b);
  const end = Number(lastIova / SLOT);
  const shown = new Set<number>();
  const cleaned = new Set<number>();
  let next = 0;
  const seek = (slot: number) => {
    while (next < dirty.length && dirty[next]! < slot) next++;
    return dirty[next] ?? Number.POSITIVE_INFINITY;
  };
  for (const { area, start, last } of parts) {
    const final = Number(last / SLOT);
    for (let slot = Number(start / SLOT); slot <= final; ) {
      const head = slot - (slot % HUGE_SLOTS);
      // Blocks without a dirty slot are passed over, where no step would end within one.
      const dirtyHead = seek(head) - (seek(head) % HUGE_SLOTS);
      if (slot === head && dirtyHead > head) {
        slot = Math.max(head + 1, dirtyHead);
        continue;
      }
      if (!isInHugePage(x, context, ioas, area, slot)) {
        if (hwpt.dirtySlots.has(slot)) {
          shown.add(slot);
          cleaned.add(slot);
        }
        slot++;
        continue;
      }
      if (dirtyHead === head) {
        for (let at = 0; at < HUGE_SLOTS; at++) {
          if (hwpt.dirtySlots.has(head + at)) cleaned.add(head + at);
          if (slot + at <= end) shown.add(slot + at);
        }
      }
      slot += HUGE_SLOTS;
    }
  }
  const ascending = (slots: ReadonlySet<number>) => [...slots].sort((a, b) => a - b);
  return { shown: ascending(shown), cleaned: ascending(cleaned) };
}

/** Dirty slots of a range up to its first hole, ascending. */
function slotsInRange(
  x: Execution,
  context: IommufdContext,
  hwpt: HwptPaging,
  { start: iova, last }: IovaRange,
): { readonly areas: AreaParts; readonly found: number[] } {
  const { areas, complete } = contiguousAreas(ioasOf(context, hwpt.ioasId), iova, last);
  const end = areas.at(-1)?.last;
  const unread = !hwpt.dirtyTracking && x.behaviour.mockDirtyWhenOff === 'NOTHING';
  if (end !== undefined && unread) {
    noteIncomplete(x, hwpt, 'tracking is off: the driver read nothing');
    return { areas: [], found: [] };
  }
  if (!complete) {
    const from = end === undefined ? iova : end + 1n;
    noteIncomplete(x, hwpt, `nothing is mapped at 0x${from.toString(16)}: the walk ended there`);
  }
  if (end === undefined) return { areas, found: [] };
  const first = Number(iova / SLOT);
  const final = Number(end / SLOT);
  const { dirtySlots } = hwpt;
  if (final - first >= dirtySlots.size) {
    const inRange = [...dirtySlots.keys()].filter(slot => slot >= first && slot <= final);
    return { areas, found: inRange.sort((a, b) => a - b) };
  }
  const found: number[] = [];
  for (let slot = first; slot <= final; slot++) if (dirtySlots.has(slot)) found.push(slot);
  return { areas, found };
}

function noteIncomplete(x: Execution, hwpt: HwptPaging, detail: string): void {
  x.hazard('DIRTY_BITMAP_INCOMPLETE', 'iommu_read_and_clear_dirty', detail, [`hwpt ${hwpt.id}`]);
}

/** Pages from which on the kernel shifts an int too far. */
const SHIFT_UNDEFINED = 1n << 31n;
/** Pages of which eight are 2^64 bytes or more: the kernel's product of the two is zero. */
const EIGHT_ARE_ZERO = 1n << 61n;

/**
 * Finding the byte of a bit, by the largest power of two that divides the page size. The result is
 * what later kernels compute. Source: iova_bitmap_offset_to_index.
 */
export function noteBitmapIndex(x: Execution, hwpt: HwptPaging, pageSize: bigint): void {
  const unit = pageSize & -pageSize;
  const detail = `its pages are a multiple of 0x${unit.toString(16)} bytes`;
  const note = (name: 'DIRTY_BITMAP_SHIFT' | 'DIRTY_BITMAP_DIVIDES_BY_ZERO') =>
    x.hazard(name, 'iova_bitmap_offset_to_index', detail, [`hwpt ${hwpt.id}`]);
  const { dirtyBitmapIndex } = x.behaviour;
  if (dirtyBitmapIndex === 'SHIFTS_INT' && unit >= SHIFT_UNDEFINED) note('DIRTY_BITMAP_SHIFT');
  if (dirtyBitmapIndex === 'DIVIDES' && unit >= EIGHT_ARE_ZERO) {
    note('DIRTY_BITMAP_DIVIDES_BY_ZERO');
  }
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
