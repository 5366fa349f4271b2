/** A cached translation that the tables no longer have was used: who left it there. */
import type { Execution } from '../../machine/execution.ts';
import { groupOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { wordWrittenSeq } from '../../memory/guest-memory.ts';
import type { Translation } from '../cache/columns.ts';
import { iommuOfDevice, type ModelledDevice } from '../function/lookup.ts';
import type { DmaFault, DmaPage, WordRead } from './walk.ts';

export interface StaleUse {
  readonly page: number;
  readonly pasid: number | null;
  readonly found: Translation;
  /** Number of the user page that was read or written. */
  readonly userPage: number;
  readonly cache: 'ATC' | 'IOTLB';
  /** What a walk finds now. */
  readonly outcome: DmaPage | DmaFault;
  readonly words: readonly WordRead[];
}

export function noteStale(x: Execution, device: ModelledDevice, use: StaleUse): void {
  const { page, found, userPage, cache, outcome } = use;
  const hex = (number: number) => `0x${(BigInt(number) << 12n).toString(16)}`;
  const now =
    outcome.kind === 'PAGE'
      ? `leads to ${hex(outcome.target + (page - outcome.page))}`
      : `is ${outcome.reason}`;
  const what = `the ${cache} of ${cache === 'ATC' ? device.bdf : `IOMMU ${device.hardware.spec.iommuNo}`} has IOVA ${hex(page)} at user address ${hex(userPage)}, which ${now}`;
  const changed = changedSeq(x.state, device, use.words);
  const short = cache === 'ATC' ? shortInvalidation(device, use, changed ?? 0) : null;
  if (short !== null) {
    x.hazard(
      'ATC_NOT_INVALIDATED',
      'translation cache',
      `${what}: only the IOTLB was invalidated`,
      [device.bdf],
      short,
    );
    return;
  }
  // A clean entry is cached for less than the table grants, never for more.
  x.hazard(
    'STALE_TRANSLATION_USED',
    'translation cache',
    what,
    [device.bdf],
    changed !== null && changed > found.filledSeq ? changed : incompleteSeq(x, device, use),
  );
}

/** seq of the invalidation that stopped short of the ATC, after the page was cached and changed. */
function shortInvalidation(
  { hardware }: ModelledDevice,
  { page, pasid, found }: StaleUse,
  changed: number,
): number | null {
  const meets = hardware.shortInvalidations.findLast(
    ({ firstPage, lastPage, pasid: of, invalidatedSeq }) =>
      firstPage <= page &&
      page <= lastPage &&
      (of === null || of === pasid) &&
      invalidatedSeq > Math.max(found.filledSeq, changed),
  );
  return meets?.invalidatedSeq ?? null;
}

/**
 * seq of the newest invalidation of the page that the function was asked for and did not complete: by
 * it the kernel said that the second stage has changed.
 */
function incompleteSeq(x: Execution, device: ModelledDevice, { page }: StaleUse): number | null {
  const { invalidations, lostInvalidations } = iommuOfDevice(x.state, device);
  const asked = [...lostInvalidations, ...invalidations.values()].filter(
    ({ deviceNo, firstPage, lastPage }) =>
      deviceNo === device.deviceNo && firstPage <= page && page <= lastPage,
  );
  return asked.length === 0 ? null : Math.max(...asked.map(({ requestedSeq }) => requestedSeq));
}

/** seq of the newest change of an entry on the way of a walk; null: the guest wrote none of them. */
export function changedSeq(
  state: MachineState,
  device: ModelledDevice,
  words: readonly WordRead[],
): number | null {
  const { ownerContextId } = groupOf(state, device.iommuGroupId);
  const context = state.contexts.get(ownerContextId ?? 0);
  if (context === undefined) return null;
  const seqs = words.map(({ userVa }) => wordWrittenSeq(context, userVa) ?? 0);
  const newest = Math.max(0, ...seqs);
  return newest === 0 ? null : newest;
}
