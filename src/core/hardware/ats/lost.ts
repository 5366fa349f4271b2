/** Invalidations that a device did not complete, and what they leave behind. */
import type { Ioas, IommufdContext } from '../../iommufd/state.ts';
import type { Execution } from '../../machine/execution.ts';
import { hwptOf } from '../../machine/lookup.ts';
import { pageOf } from '../cache/translation-cache.ts';
import { isModelled } from '../function/lookup.ts';
import type { LostInvalidation } from '../unit/state.ts';
import { ALL_PAGES } from './flush.ts';

/** A range is mapped whose invalidation timed out: the device may still have the old pages. */
export function noteMappedAnew(
  x: Execution,
  contextId: number,
  hwptId: number,
  iova: bigint,
  length: bigint,
): void {
  if (x.state.iommus.size === 0) return;
  const first = pageOf(iova);
  const last = pageOf(iova + length - 1n);
  for (const { lostInvalidations } of x.state.iommus.values()) {
    const met = lostInvalidations.filter(
      lost => lost.firstPage <= last && lost.lastPage >= first && isOn(x, lost, contextId, hwptId),
    );
    for (const lost of met) noteTimedOut(x, lost, 'its range is mapped anew');
  }
}

/** The same by IOMMU_IOAS_MAP: in domains of the IOAS, and in what is nested on them. */
export function noteIoasMapped(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  iova: bigint,
  length: bigint,
): void {
  if (x.state.iommus.size === 0) return;
  const { contextId } = context;
  for (const hwptId of ioas.hwptIds) {
    noteMappedAnew(x, contextId, hwptId, iova, length);
    const hwpt = hwptOf(context, hwptId);
    if (hwpt.type !== 'HWPT_PAGING') continue;
    for (const childId of hwpt.childIds) noteNestedMapped(x, contextId, childId);
  }
}

/** A guest's IOVAs have no range in the IOAS; a flush of its domain names all of them. */
function noteNestedMapped(x: Execution, contextId: number, hwptId: number): void {
  for (const { lostInvalidations } of x.state.iommus.values()) {
    for (const lost of lostInvalidations) {
      const all = lost.firstPage === 0 && lost.lastPage >= ALL_PAGES.lastPage;
      if (all && isOn(x, lost, contextId, hwptId)) noteTimedOut(x, lost, 'memory is mapped anew');
    }
  }
}

function isOn(x: Execution, { deviceNo }: LostInvalidation, contextId: number, hwptId: number) {
  const device = x.state.physicalDevices.get(deviceNo);
  if (!isModelled(device)) return false;
  const domain = x.state.iommuGroups.get(device.iommuGroupId)?.domain;
  return domain?.kind === 'HWPT' && domain.contextId === contextId && domain.hwptId === hwptId;
}

export function noteTimedOut(
  x: Execution,
  { deviceNo, firstPage, lastPage, requestedSeq }: LostInvalidation,
  what: string,
): void {
  const device = x.state.physicalDevices.get(deviceNo);
  const name = isModelled(device) ? device.bdf : `physical device ${deviceNo}`;
  const hex = (page: number) => `0x${(BigInt(page) << 12n).toString(16)}`;
  x.hazard(
    'ATC_INVALIDATION_TIMED_OUT',
    'invalidation queue',
    `${name} was to forget pages ${hex(firstPage)} to ${hex(lastPage)} and did not say that it has: ${what}`,
    [name],
    requestedSeq,
  );
}
