/** Page request records and responses by vendor: what `raw` shows, and what a device makes of it. */
import { AMD_PAGE_REQUEST, decodeCompletePpr, encodeCompletePpr } from './amd-vi.ts';
import type { IommuVendor } from './names.ts';
import type { PageRequestFormat } from './page-request.ts';
import { decodeGroupResponse, encodeGroupResponse, RISCV_PAGE_REQUEST } from './riscv.ts';
import {
  decodePriResponse,
  encodePriResponse,
  PRI_RESP,
  type ResumeAction,
  SMMUV3_PAGE_REQUEST,
} from './smmuv3.ts';
import { decodeVtdResponse, encodeVtdResponse, VTD_PAGE_REQUEST } from './vtd.ts';

export const PAGE_REQUEST_FORMATS: Readonly<Record<IommuVendor, PageRequestFormat>> = {
  CONFORMING: VTD_PAGE_REQUEST,
  VTD: VTD_PAGE_REQUEST,
  SMMUV3: SMMUV3_PAGE_REQUEST,
  AMD_VI: AMD_PAGE_REQUEST,
  RISCV: RISCV_PAGE_REQUEST,
};

/** What the page-fault core answers: enum iommu_page_response_code. */
export const CORE_RESPONSE = { SUCCESS: 0, INVALID: 1, FAILURE: 2 } as const;

/** PCIe's codes of a Page Request Group Response; 2 to 14 are to a function as 15. */
export const PCIE_RESPONSE = { SUCCESS: 0, INVALID_REQUEST: 1, RESPONSE_FAILURE: 15 } as const;

/** Whose driver writes the response. */
export type DriverBehaviour = 'CONFORMING' | 'AS_LINUX';

/**
 * The number that stands in the vendor's response for a code of the core. Linux passes it on as it
 * is on VT-d and AMD-Vi, so FAILURE is 2 there, which is reserved (intel_iommu_page_response,
 * amd_iommu_page_response); SMMUv3 has codes of its own.
 */
export function wireCode(vendor: IommuVendor, driver: DriverBehaviour, code: number): number {
  if (vendor === 'SMMUV3') {
    const { SUCCESS, INVALID, FAILURE } = PRI_RESP;
    return code === CORE_RESPONSE.SUCCESS
      ? SUCCESS
      : code === CORE_RESPONSE.INVALID
        ? INVALID
        : FAILURE;
  }
  const linuxPassesOn = driver === 'AS_LINUX' && (vendor === 'VTD' || vendor === 'AMD_VI');
  if (code !== CORE_RESPONSE.FAILURE || linuxPassesOn) return code;
  return PCIE_RESPONSE.RESPONSE_FAILURE;
}

/** PCIe's code in the message that a vendor's number becomes. */
export function pcieCode(vendor: IommuVendor, wire: number): number {
  if (vendor !== 'SMMUV3') return wire;
  const { SUCCESS, INVALID_REQUEST, RESPONSE_FAILURE } = PCIE_RESPONSE;
  if (wire === PRI_RESP.SUCCESS) return SUCCESS;
  return wire === PRI_RESP.INVALID ? INVALID_REQUEST : RESPONSE_FAILURE;
}

/** What a function makes of a code: 2 to 14 are as 15 (PCIe, Page Request Group Response). */
export function effectOf(code: number): 'SUCCESS' | 'INVALID_REQUEST' | 'RESPONSE_FAILURE' {
  if (code === PCIE_RESPONSE.SUCCESS) return 'SUCCESS';
  return code === PCIE_RESPONSE.INVALID_REQUEST ? 'INVALID_REQUEST' : 'RESPONSE_FAILURE';
}

/** What Linux does with a stalled transaction for a code (arm_smmu_page_response). */
export function resumeAction(code: number): ResumeAction {
  return code === CORE_RESPONSE.SUCCESS ? 'RETRY' : 'ABORT';
}

export interface WireResponse {
  readonly requesterId: number;
  readonly pasid: number | null;
  readonly prgIndex: number;
  /** As `wireCode` gives it. */
  readonly wire: number;
}

/** The words software writes: an invalidation queue descriptor or a command. */
export function encodeResponse(vendor: IommuVendor, response: WireResponse): readonly bigint[] {
  const { requesterId, pasid, prgIndex, wire } = response;
  switch (vendor) {
    case 'CONFORMING':
    case 'VTD':
      return encodeVtdResponse({ requesterId, pasid, prgIndex, code: wire, last: false });
    case 'SMMUV3':
      return encodePriResponse({
        streamId: requesterId,
        substreamId: pasid,
        prgIndex,
        resp: wire,
      });
    case 'AMD_VI':
      return encodeCompletePpr({ deviceId: requesterId, pasid, prgIndex, status: wire });
    case 'RISCV':
      return encodeGroupResponse({ requesterId, pasid, prgIndex, code: wire });
  }
}

/** What the words say, or null if they are no response of that vendor. */
export function decodeResponse(vendor: IommuVendor, words: readonly bigint[]): WireResponse | null {
  switch (vendor) {
    case 'CONFORMING':
    case 'VTD': {
      const found = decodeVtdResponse(words);
      if (found === null) return null;
      const { requesterId, pasid, prgIndex, code } = found;
      return { requesterId, pasid, prgIndex, wire: code };
    }
    case 'SMMUV3': {
      const found = decodePriResponse(words);
      if (found === null) return null;
      const { streamId, substreamId, prgIndex, resp } = found;
      return { requesterId: streamId, pasid: substreamId, prgIndex, wire: resp };
    }
    case 'AMD_VI': {
      const found = decodeCompletePpr(words);
      if (found === null) return null;
      const { deviceId, pasid, prgIndex, status } = found;
      return { requesterId: deviceId, pasid, prgIndex, wire: status };
    }
    case 'RISCV': {
      const found = decodeGroupResponse(words);
      if (found === null) return null;
      const { requesterId, pasid, prgIndex, code } = found;
      return { requesterId, pasid, prgIndex, wire: code };
    }
  }
}
