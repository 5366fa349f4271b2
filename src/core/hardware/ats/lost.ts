/** Invalidations that a device did not complete, and what they leave behind. */
import type { Execution } from '../../machine/execution.ts';
import { pageOf } from '../cache/translation-cache.ts';
import { isModelled } from '../function/lookup.ts';
import type { LostInvalidation } from '../unit/state.ts';

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
