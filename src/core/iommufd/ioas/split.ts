/**
 * Cutting areas in two, for whoever unmaps in the middle of one.
 * Mirrors drivers/iommu/iommufd/io_pagetable.c of Linux 6.12.117.
 */
import { AREAS_PER_IOAS_MAX } from '../../../abi/limits.ts';
import type { Execution } from '../../machine/execution.ts';
import { Refusal } from '../../machine/refusal.ts';
import type { Area, Ioas, IommufdContext } from '../state.ts';
import { iovaAlignment } from './io-pagetable.ts';

/**
 * Cuts the area at each IOVA behind it; where none is, nothing is cut. Source: iopt_cut_iova. Errors:
 * those of splitArea; what was cut before stays so.
 */
export function cutIovas(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  iovas: readonly bigint[],
): Refusal | null {
  for (const iova of iovas) {
    const area = ioas.areas.at(iova);
    if (area === null) continue;
    const refused = splitArea(x, context, ioas, area, iova);
    if (refused !== null) return refused;
  }
  return null;
}

/**
 * Source: iopt_area_split. Errors: EINVAL, the cut is not aligned, or an access pins the area; ENOMEM.
 * EBUSY is of a race.
 */
function splitArea(
  x: Execution,
  { contextId }: IommufdContext,
  ioas: Ioas,
  { start, last, userVa, pins }: Area,
  lowerLast: bigint,
): Refusal | null {
  const refusedBy = (refusal: Refusal) => x.refusedBy('iopt_area_split', refusal);
  // The kernel takes a lower part of one byte for none.
  if (lowerLast === start || lowerLast === last) return null;
  const iova = lowerLast + 1n;
  const ioasId = ioas.id;
  const range = { ioasId, start, last };
  const alignment = iovaAlignment(ioas);
  if (iova % alignment !== 0n || (userVa + iova - start) % alignment !== 0n) {
    return refusedBy(new Refusal('EINVAL', 'CUT_UNALIGNED', { ...range, iova, alignment }));
  }
  for (let part = 0; part < 2; part++) {
    if (!x.allocates('kzalloc iopt_area')) return new Refusal('ENOMEM');
  }
  if (ioas.areas.size >= AREAS_PER_IOAS_MAX) {
    const facts = { most: AREAS_PER_IOAS_MAX, what: 'mappings in an IOAS' };
    return refusedBy(new Refusal('ENOMEM', 'BOUND_REACHED', facts));
  }
  if (pins !== null) {
    const facts = { ...range, accessIds: [...pins.keys()].sort((a, b) => a - b).join(', ') };
    return refusedBy(new Refusal('EINVAL', 'CUT_PINNED', facts));
  }
  x.emit({ type: 'AreaSplit', contextId, ioasId, start, last, iova });
  return null;
}
