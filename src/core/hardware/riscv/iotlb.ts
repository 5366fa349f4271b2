/** The IOATC's translations: what a look-up may use, and what IOTINVAL takes out. */
import { blockOf, pageOf } from '../cache/translation-cache.ts';
import type { RiscvCached } from './contexts.ts';
import { pageFault, type RiscvAccess, type RiscvFault } from './fault.ts';
import type { RiscvIommu } from './state.ts';

/** Whose translations: GSCID null without second stage, PSCID null without first stage. */
export interface RiscvTag {
  readonly gscid: number | null;
  readonly pscid: number | null;
}

export const tagText = ({ gscid, pscid }: RiscvTag) => `${gscid ?? '-'}/${pscid ?? '-'}`;

function tagOf(text: string): RiscvTag {
  const [gscid, pscid] = text.split('/').map(part => (part === '-' ? null : Number(part)));
  return { gscid: gscid!, pscid: pscid! };
}

export type LookedUp =
  | { readonly kind: 'HIT'; readonly translation: RiscvCached }
  | { readonly kind: 'MISS' }
  | { readonly kind: 'FAULT'; readonly fault: RiscvFault };

/**
 * Looks a translation up. What the first stage forbids is a fault at once; what only a walk can
 * say (a second-stage fault's address, a dirty bit) makes the translation go, and is a miss.
 */
export function lookUp(
  iommu: RiscvIommu,
  tag: RiscvTag,
  iova: bigint,
  access: RiscvAccess,
  sum: boolean,
  translationRequest: boolean,
): LookedUp {
  const { iotlb } = iommu;
  const found = iotlb.find(tagText(tag), pageOf(iova));
  if (found === null) return { kind: 'MISS' };
  iotlb.touch(found);
  if (firstStageDenies(found, access, sum, translationRequest)) {
    return { kind: 'FAULT', fault: pageFault(access) };
  }
  const guestDenies =
    (access.execute && !found.guestExecute) ||
    (access.read && !found.guestRead) ||
    (access.write && !found.guestWrite);
  if (guestDenies || (access.write && !(found.dirty && found.guestDirty))) {
    iotlb.remove(found);
    return { kind: 'MISS' };
  }
  return { kind: 'HIT', translation: found };
}

function firstStageDenies(
  { read, write, execute, user }: RiscvCached,
  access: RiscvAccess,
  sum: boolean,
  translationRequest: boolean,
): boolean {
  if (!translationRequest) {
    if (access.execute && !execute) return true;
    if (access.read && !read) return true;
    if (access.write && !write) return true;
  }
  if (!access.privileged) return !user;
  return user && (access.execute || !sum);
}

/** The page number of the first page of the naturally aligned block around an address. */
export const blockStart = (address: bigint, pageShift: number) =>
  blockOf(pageOf(address), pageShift - 12);

/**
 * IOTINVAL.VMA: without `gscid` it is about address spaces without second stage. With `pscid`,
 * global translations stay.
 */
export function invalidateVma(
  iommu: RiscvIommu,
  gscid: number | null,
  pscid: number | null,
  address: bigint | null,
): void {
  iommu.iotlb.drop({
    tag: text => {
      const tag = tagOf(text);
      return tag.gscid === gscid && (pscid === null || tag.pscid === pscid);
    },
    range: pageRange(address),
    keep: ({ global }) => pscid !== null && global,
  });
}

/**
 * IOTINVAL.GVMA: without `gscid` it is about all virtual machines. Translations of both stages do
 * not know their guest physical address, so all of them go, whatever the address.
 */
export function invalidateGvma(
  iommu: RiscvIommu,
  gscid: number | null,
  address: bigint | null,
): void {
  const ofMachine = (tag: RiscvTag) =>
    tag.gscid !== null && (gscid === null || tag.gscid === gscid);
  const matching = (firstStage: boolean) => (text: string) => {
    const tag = tagOf(text);
    return ofMachine(tag) && (tag.pscid !== null) === firstStage;
  };
  iommu.iotlb.drop({ tag: matching(true), range: null });
  iommu.iotlb.drop({ tag: matching(false), range: gscid === null ? null : pageRange(address) });
}

function pageRange(address: bigint | null) {
  return address === null ? null : { first: pageOf(address), last: pageOf(address) };
}
