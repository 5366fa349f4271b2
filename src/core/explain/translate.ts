/**
 * What becomes of a DMA: from an IOVA to a user address through a hwpt, an IOAS and an area, or the
 * reason why not. Reads the state, changes nothing.
 */
import { IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } from '../../abi/uapi.ts';
import type { Area, Hwpt, Ioas, IommufdContext } from '../iommufd/state.ts';
import { must } from '../machine/assert.ts';
import { contextOf, findHwptPaging, groupOf, hwptOf, ioasOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import { isPresent, rangesOfPages } from '../memory/process-memory.ts';

/** Why an IOVA does not translate, in the order the reasons are looked for. */
export type TranslationFailure =
  /** The group is on the kernel's default domain: nobody owns its DMA. */
  | 'DEFAULT_DOMAIN'
  /** The group is on the blocking domain: owned, nothing attached. */
  | 'BLOCKING_DOMAIN'
  /** A nested hwpt: the guest's first stage comes first, and it lies in guest memory. */
  | 'FIRST_STAGE'
  /** A reserved range: a device's region, or outside the aperture of some domain. */
  | 'RESERVED'
  /** Nothing is mapped there. */
  | 'NOT_MAPPED'
  /** The area does not permit the access. */
  | 'PERMISSION'
  /** The user page behind it does not exist; only possible without a domain. */
  | 'NOT_PRESENT';

/** What was found on the way; what was not reached is null. */
export interface Translation {
  readonly iova: bigint;
  readonly write: boolean;
  readonly context: IommufdContext | null;
  readonly hwpt: Hwpt | null;
  readonly ioas: Ioas | null;
  readonly area: Area | null;
  /** Smallest IO page of the domain walked, in bytes. */
  readonly pageSize: number | null;
  /** The user address behind the IOVA; null if there is a failure. */
  readonly userVa: bigint | null;
  readonly failure: TranslationFailure | null;
}

/** A DMA as a device makes it. */
export interface Dma {
  /** 0 to 2^64-1. */
  readonly iova: bigint;
  readonly write: boolean;
}

const NOWHERE = {
  context: null,
  hwpt: null,
  ioas: null,
  area: null,
  pageSize: null,
  userVa: null,
} as const;

/** Through whatever an IOMMU group's hardware translates through right now. */
export function translateGroup(state: MachineState, iommuGroupId: number, dma: Dma): Translation {
  const { domain } = groupOf(state, iommuGroupId);
  switch (domain.kind) {
    case 'DEFAULT':
      return { ...NOWHERE, ...dma, failure: 'DEFAULT_DOMAIN' };
    case 'BLOCKING':
      return { ...NOWHERE, ...dma, failure: 'BLOCKING_DOMAIN' };
    case 'HWPT': {
      const context = contextOf(state, domain.contextId);
      return translateHwpt(state, context, hwptOf(context, domain.hwptId), dma);
    }
  }
}

/** Through a hwpt. On a nested one only the parent's stage is known, so the walk ends there. */
export function translateHwpt(
  state: MachineState,
  context: IommufdContext,
  hwpt: Hwpt,
  dma: Dma,
): Translation {
  const paging = findHwptPaging(context, hwpt);
  const ioas = ioasOf(context, paging.ioasId);
  if (hwpt.type === 'HWPT_NESTED') {
    return { ...NOWHERE, ...dma, context, hwpt, ioas, failure: 'FIRST_STAGE' };
  }
  const found = translateIoas(state, context, ioas, dma);
  return { ...found, hwpt, pageSize: paging.domain.pageSize };
}

/** Through an IOAS alone, as an in-kernel access goes (iommufd_access_rw). */
export function translateIoas(
  state: MachineState,
  context: IommufdContext,
  ioas: Ioas,
  dma: Dma,
): Translation {
  const { iova, write } = dma;
  const walked = { ...NOWHERE, ...dma, context, ioas };
  const area = ioas.areas.at(iova);
  if (area === null) {
    const reserved = ioas.reservedRanges.meets(iova, iova);
    return { ...walked, failure: reserved ? 'RESERVED' : 'NOT_MAPPED' };
  }
  const wanted = write ? IOMMU_IOAS_MAP_WRITEABLE : IOMMU_IOAS_MAP_READABLE;
  if ((area.prot & wanted) === 0) return { ...walked, area, failure: 'PERMISSION' };
  const userVa = area.userVa + (iova - area.start);
  // What a domain has is pinned: it may be gone from the process.
  if (ioas.domainPageSizes.size === 0 && !isThere(state, context, area, { userVa, write }))
    return { ...walked, area, failure: 'NOT_PRESENT' };
  return { ...walked, area, userVa, failure: null };
}

function isThere(
  state: MachineState,
  context: IommufdContext,
  area: Area,
  { userVa, write }: { readonly userVa: bigint; readonly write: boolean },
): boolean {
  const pages = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
  return isPresent(rangesOfPages(state, context, pages), userVa, 1n, write);
}
