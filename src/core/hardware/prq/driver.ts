/**
 * What an IOMMU driver does with a page request that it reads: one that keeps the contract, or Linux'
 * (intel/prq.c, amd/ppr.c, arm-smmu-v3.c), by baseline.
 */
import type { Behaviour } from '../../../abi/behaviour.ts';
import type { PageRequest } from '../../iommu/state.ts';
import { isStopMarker, looksLikeStopMarker, pasidOf } from '../pri/request.ts';
import { signExtended } from '../tables/entry.ts';
import type { IommuSpec } from '../unit/state.ts';
import type { IommuVendor } from '../vendors/names.ts';
import type { RefusedBecause } from './events.ts';

export type Verdict =
  | { readonly kind: 'REPORT' }
  | {
      readonly kind: 'REFUSE';
      readonly why: RefusedBecause;
      /** What the last request of a group is answered; null: nothing. */
      readonly answer: 'INVALID' | 'FAILURE' | null;
    };

const REPORT: Verdict = { kind: 'REPORT' };
const STOP_MARKER: Verdict = { kind: 'REFUSE', why: 'STOP_MARKER', answer: null };

/** Whether Linux' driver discards partial groups when it clears an overflow: VT-d's alone does. */
export const LINUX_DISCARDS_PARTIAL: Readonly<Record<IommuVendor, boolean>> = {
  CONFORMING: true,
  VTD: true,
  SMMUV3: false,
  AMD_VI: false,
  RISCV: false,
};

/** `pasidWidth`: log2 of the PASIDs that the function has. */
export function driverVerdict(
  behaviour: Behaviour,
  { vendor, driver }: IommuSpec,
  request: PageRequest,
  pasidWidth: number,
): Verdict {
  if (driver === 'CONFORMING') return isStopMarker(request) ? STOP_MARKER : REPORT;
  switch (vendor) {
    case 'VTD':
      return intelVerdict(behaviour, request);
    case 'AMD_VI':
      return amdVerdict(behaviour, request, pasidWidth);
    case 'SMMUV3':
      return smmuVerdict(request);
    case 'CONFORMING':
    case 'RISCV':
      return isStopMarker(request) ? STOP_MARKER : REPORT;
  }
}

/** Source: prq_event_thread; the bits of a stop marker count without a PASID too. */
function intelVerdict(behaviour: Behaviour, request: PageRequest): Verdict {
  const { addr, perm } = request;
  const invalid = (why: RefusedBecause): Verdict => ({ kind: 'REFUSE', why, answer: 'INVALID' });
  const read = (perm & 1) !== 0;
  const write = (perm & 2) !== 0;
  if (pasidOf(request) === null && !behaviour.vtdReportsWithoutPasid) return invalid('NO_PASID');
  if (!signExtended(addr, 57)) return invalid('NOT_CANONICAL');
  if ((perm & 8) !== 0 && (read || write)) return invalid('PRIVILEGED');
  if ((perm & 4) !== 0 && read) return invalid('PRIVILEGED');
  return looksLikeStopMarker(request) ? STOP_MARKER : REPORT;
}

/**
 * arm_smmu_handle_ppr answers every request with PRI_RESP_DENY, because no driver enables PRI. Here
 * those with a PASID are reported, as they are once one does: so that an overflow can be seen.
 */
function smmuVerdict(request: PageRequest): Verdict {
  if (isStopMarker(request)) return STOP_MARKER;
  return pasidOf(request) === null ? { kind: 'REFUSE', why: 'DENIED', answer: 'FAILURE' } : REPORT;
}

/** Source: ppr_is_valid, ppr_handler_v2 (amd/ppr.c). */
function amdVerdict(behaviour: Behaviour, request: PageRequest, pasidWidth: number): Verdict {
  const pasid = pasidOf(request);
  const answer = behaviour.amdAnswersRefused ? 'FAILURE' : null;
  if (pasid === null || pasid === 0) return { kind: 'REFUSE', why: 'NO_PASID', answer };
  if (pasid >= 2 ** pasidWidth) return { kind: 'REFUSE', why: 'PASID_TOO_WIDE', answer };
  return isStopMarker(request) ? STOP_MARKER : REPORT;
}
