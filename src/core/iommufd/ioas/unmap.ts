/**
 * Unmapping, and who is told of it.
 * Mirrors drivers/iommu/iommufd/io_pagetable.c of Linux 6.12.117.
 */
import { flushIoas } from '../../hardware/ats/flush.ts';
import type { Execution } from '../../machine/execution.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { AreaPins, Ioas, IommufdContext } from '../state.ts';
import { inWayFacts } from './io-pagetable.ts';

/**
 * Unmaps areas that lie whole in [start, last]. Accesses that pin one are told first and let go.
 * Source: iopt_unmap_iova_range. Errors: ENOENT, an area sticks out; what was unmapped before it
 * stays so. Returns the bytes unmapped.
 */
export function unmapRange(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  start: bigint,
  last: bigint,
): bigint | Refusal {
  const before = ioas.areas.size;
  const bytes = unmapAreas(x, context, ioas, start, last);
  if (ioas.areas.size < before) flushIoas(x, context, ioas, { start, last });
  return bytes;
}

function unmapAreas(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  start: bigint,
  last: bigint,
): bigint | Refusal {
  let bytes = 0n;
  for (;;) {
    const area = ioas.areas.firstFrom(start);
    if (area === null || area.start > last) return bytes;
    if (area.start < start || area.last > last) {
      if (bytes > 0n) noteUnmapPartial(x, ioas, bytes);
      const argument = area.start < start ? 'iova' : 'length';
      const facts = { argument, start, last, ...inWayFacts(area) };
      const sticksOut = new Refusal('ENOENT', 'AREA_STICKS_OUT', facts);
      return x.refusedBy('iopt_unmap_iova_range', sticksOut);
    }
    if (area.pins !== null) notifyUnmap(x, context, area.pins);
    x.emit({
      type: 'AreaUnmapped',
      contextId: context.contextId,
      ioasId: ioas.id,
      start: area.start,
      last: area.last,
    });
    bytes += area.last - area.start + 1n;
  }
}

function noteUnmapPartial(x: Execution, ioas: Ioas, bytes: bigint): void {
  x.hazard(
    'UNMAP_PARTIAL',
    'iopt_unmap_iova_range',
    `0x${bytes.toString(16)} bytes are unmapped already`,
    [`IOAS ${ioas.id}`],
  );
}

/** Every access lets go of what it pins of an area (iommufd_access_notify_unmap). */
function notifyUnmap(
  x: Execution,
  context: IommufdContext,
  pins: ReadonlyMap<number, AreaPins>,
): void {
  for (const [accessId, { itemIds }] of [...pins].sort(([a], [b]) => a - b)) {
    unpinItems(x, context, accessId, itemIds);
  }
}

/** The self-test's unmap callback: drops items (iommufd_test_access_unmap). */
export function unpinItems(
  x: Execution,
  { contextId }: IommufdContext,
  accessId: number,
  itemIds: Iterable<number>,
): void {
  for (const itemId of [...itemIds]) {
    x.emit({ type: 'AccessPagesUnpinned', contextId, accessId, itemId });
  }
}
