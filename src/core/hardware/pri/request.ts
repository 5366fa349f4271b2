/** What a page request says, read from its flags and permissions. */
import {
  IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID,
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMU_PGFAULT_FLAGS_PASID_VALID,
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
} from '../../../abi/uapi.ts';
import type { PageRequest } from '../../iommu/state.ts';

export function isLastPage({ flags }: PageRequest): boolean {
  return (flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE) !== 0;
}

/** null: it has no PASID prefix. */
export function pasidOf({ flags, pasid }: PageRequest): number | null {
  return (flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) === 0 ? null : pasid;
}

/** Last page, neither read nor write; with a PASID it is a stop marker. */
export function looksLikeStopMarker(request: PageRequest): boolean {
  const access = IOMMU_PGFAULT_PERM_READ | IOMMU_PGFAULT_PERM_WRITE;
  return isLastPage(request) && (request.perm & access) === 0;
}

export function isStopMarker(request: PageRequest): boolean {
  return looksLikeStopMarker(request) && pasidOf(request) !== null;
}

/** A request as a function sends it: the answer is to carry the PASID that it has. */
export function pageRequest(
  pasid: number | null,
  grpid: number,
  perm: number,
  addr: bigint,
  last: boolean,
): PageRequest {
  const flags =
    (last ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0) |
    (pasid !== null ? IOMMU_PGFAULT_FLAGS_PASID_VALID | IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID : 0);
  return { flags, pasid: pasid ?? 0, grpid, perm, addr };
}
