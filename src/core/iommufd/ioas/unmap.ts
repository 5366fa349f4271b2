/**
 * Unmapping, and who is told of it.
 * Mirrors drivers/iommu/iommufd/io_pagetable.c of Linux 6.12.117.
 */
import { ULONG_MAX } from '../../../abi/uapi.ts';
import { flushIoas } from '../../hardware/ats/flush.ts';
import { must } from '../../machine/assert.ts';
import type { Execution } from '../../machine/execution.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import type { AreaPins, Ioas, IommufdContext } from '../state.ts';
import { inWayFacts } from './io-pagetable.ts';

/** What an unmap did: bytes that are unmapped, also where it ends with a refusal. */
export interface Unmapped {
  readonly bytes: bigint;
  readonly refusal: Refusal | null;
}

/**
 * Unmaps areas that lie whole in [start, last]. Accesses that pin one are told first and let go.
 * Source: iopt_unmap_iova_range. Errors: ENOENT, an area sticks out; what was unmapped before it
 * stays so.
 */
export function unmapRange(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  { start, last }: IovaRange,
): Unmapped {
  const before = ioas.areas.size;
  const unmapped = unmapAreas(x, context, ioas, start, last);
  if (ioas.areas.size < before) flushIoas(x, context, ioas, { start, last });
  return unmapped;
}

/** Everything that is mapped. Source: iopt_unmap_all. */
export function unmapAll(x: Execution, context: IommufdContext, ioas: Ioas): Unmapped {
  return tracedUnmap(x, 'iopt_unmap_all', () =>
    unmapRange(x, context, ioas, { start: 0n, last: ULONG_MAX }),
  );
}

/** Source: iopt_unmap_iova. Errors: EINVAL, a length of 0; EOVERFLOW; as unmapRange. */
export function unmapIova(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  { iova, length }: { readonly iova: bigint; readonly length: bigint },
): Unmapped {
  return tracedUnmap(x, 'iopt_unmap_iova', () => {
    const last = iova + length - 1n;
    if (length === 0n) return nothing(new Refusal('EINVAL', 'LENGTH_ZERO'));
    if (last <= ULONG_MAX) return unmapRange(x, context, ioas, { start: iova, last });
    const facts = { argument: 'iova', start: iova, length };
    return nothing(new Refusal('EOVERFLOW', 'RANGE_WRAPS', facts));
  });
}

const nothing = (refusal: Refusal): Unmapped => ({ bytes: 0n, refusal });

function tracedUnmap(x: Execution, name: string, run: () => Unmapped): Unmapped {
  let unmapped: Unmapped | null = null;
  x.call(name, () => {
    unmapped = run();
    return unmapped.refusal ?? unmapped.bytes;
  });
  return must<Unmapped>(unmapped, name);
}

function unmapAreas(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  start: bigint,
  last: bigint,
): Unmapped {
  let bytes = 0n;
  for (;;) {
    const area = ioas.areas.firstFrom(start);
    if (area === null || area.start > last) return { bytes, refusal: null };
    if (area.start < start || area.last > last) {
      if (bytes > 0n) noteUnmapPartial(x, ioas, bytes);
      const argument = area.start < start ? 'iova' : 'length';
      const facts = { argument, start, last, ...inWayFacts(area) };
      const sticksOut = new Refusal('ENOENT', 'AREA_STICKS_OUT', facts);
      return { bytes, refusal: x.refusedBy('iopt_unmap_iova_range', sticksOut) };
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
