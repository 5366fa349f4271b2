/**
 * Translations that a cache has and the tables have no more, looked for without using them: a use of
 * one is a hazard (stale.ts), this is what waits for it. Reads the state, changes nothing.
 */
import { dmaDomain, groupOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import type { Translation } from '../cache/columns.ts';
import { isModelled, type ModelledDevice } from '../function/lookup.ts';
import { knownSame, tablesOf } from './compared.ts';
import { changedSeq } from './stale.ts';
import { atcTag, type DmaFault, type DmaPage, domainTag, walkDma } from './walk.ts';

/** Walks at most for one translation: the pages of 2 MiB, should a large page have become small ones. */
const WALKS_MAX = 512;

export interface LeftBehind {
  /** Number of the first page that is not what the translation says. */
  readonly page: number;
  /** What a walk finds there. */
  readonly outcome: DmaPage | DmaFault;
  /** seq of the newest change of an entry on the way; null: none changed since it was cached. */
  readonly changedSeq: number | null;
}

/** Of a translation in the function's ATC; null: a walk finds the same, or no DMA looks it up now. */
export function leftInAtc(
  state: MachineState,
  device: ModelledDevice,
  found: Translation,
): LeftBehind | null {
  const pasid = pasidOf(found.tag.split('/')[0]);
  const tables = tablesOf(state, device, pasid);
  const used = tables !== null && found.tag === atcTag(pasid, tables.contextId);
  return used ? leftBehind(state, device, pasid, found) : null;
}

/** Of a translation in an IOTLB; null as for an ATC. */
export function leftInIotlb(
  state: MachineState,
  iommuNo: number,
  found: Translation,
): LeftBehind | null {
  const pasid = pasidOf(found.tag.split('/')[2]);
  for (const device of state.physicalDevices.values()) {
    if (!isModelled(device) || device.hardware.spec.iommuNo !== iommuNo) continue;
    const domain = dmaDomain(groupOf(state, device.iommuGroupId), pasid);
    if (domain.kind !== 'HWPT') continue;
    if (domainTag(domain.contextId, domain.hwptId, pasid) !== found.tag) continue;
    return leftBehind(state, device, pasid, found);
  }
  return null;
}

/** A PASID as tags have it. */
function pasidOf(text: string | undefined): number | null {
  return text === 'none' ? null : Number(text);
}

function leftBehind(
  state: MachineState,
  device: ModelledDevice,
  pasid: number | null,
  found: Translation,
): LeftBehind | null {
  const { write } = found;
  const tables = tablesOf(state, device, pasid);
  if (tables === null || knownSame(found, tables, write) !== null) return null;
  const last = found.page + 2 ** found.log2Pages - 1;
  let page = found.page;
  for (let walks = 0; page <= last && walks < WALKS_MAX; walks++) {
    const access = { pasid, iova: BigInt(page) << 12n, write };
    const { outcome, words } = walkDma(state, device, access);
    const userPage = found.target + (page - found.page);
    if (outcome.kind === 'FAULT' || outcome.target + (page - outcome.page) !== userPage) {
      const changed = changedSeq(state, device, words);
      const since = changed !== null && changed > found.filledSeq;
      return { page, outcome, changedSeq: since ? changed : null };
    }
    page = outcome.page + 2 ** outcome.log2Pages;
  }
  return null;
}
