/** What the specifications and drivers say, as tables of this ledger's own (docs/HARDWARE.md). */

import type { IommuSpec } from '../../../core/hardware/unit/state.ts';
import type { IommuVendor } from '../../../core/hardware/vendors/names.ts';
import type { PageRequest } from '../../../core/iommu/state.ts';

export const PASID_VALID = 1;
const LAST_PAGE = 2;

export const isLast = ({ flags }: PageRequest) => (flags & LAST_PAGE) !== 0;
export const hasPasid = ({ flags }: PageRequest) => (flags & PASID_VALID) !== 0;
const marks = (request: PageRequest) => isLast(request) && (request.perm & 3) === 0;
/** Never answered, and no credit. */
export const isStopMarker = (request: PageRequest) => marks(request) && hasPasid(request);

/** Records a queue takes: all where head and tail carry a wrap flag, else one less. */
export function roomOf(vendor: IommuVendor, entries: number): number {
  return vendor === 'SMMUV3' ? entries : entries - 1;
}

export type Answer = { readonly code: number; readonly pasid: number | null } | null;

/** What hardware answers to a request that it loses. */
export function ownAnswer(
  { vendor, answers }: IommuSpec,
  why: string,
  request: PageRequest,
): Answer {
  const last = isLast(request);
  const pasid = hasPasid(request) ? request.pasid : null;
  if (vendor === 'RISCV' ? marks(request) : isStopMarker(request)) return null;
  switch (`${vendor} ${why}`) {
    case 'SMMUV3 QUEUE_OFF':
      return { code: 15, pasid: null };
    case 'SMMUV3 OVERFLOW':
      if (!last) return null;
      if (pasid === null) return { code: 0, pasid };
      if (answers.alwaysWithPasid) return { code: 0, pasid };
      if (!answers.contextReadable) return { code: 15, pasid: null };
      return { code: 0, pasid: answers.answersWithPasid ? pasid : null };
    case 'RISCV OVERFLOW':
      return last ? { code: 0, pasid: answers.answersWithPasid ? pasid : null } : null;
    case 'RISCV NOT_ALLOWED':
      return last ? { code: 1, pasid: answers.answersWithPasid ? pasid : null } : null;
    case 'RISCV QUEUE_OFF':
    case 'RISCV NO_CONTEXT':
      return last ? { code: 15, pasid } : null;
    case 'CONFORMING OVERFLOW':
    case 'VTD OVERFLOW':
      return last ? { code: 0, pasid } : null;
    case 'CONFORMING NOT_ALLOWED':
    case 'CONFORMING QUEUE_OFF':
    case 'VTD NOT_ALLOWED':
    case 'VTD QUEUE_OFF':
      return last ? { code: 15, pasid } : null;
    case 'AMD_VI OVERFLOW': {
      const own = answers.amdAutoResponse;
      return last && own !== null ? { code: own.code, pasid: own.withPasid ? pasid : null } : null;
    }
    case 'AMD_VI NOT_ALLOWED':
    case 'AMD_VI QUEUE_OFF':
      return null;
    default:
      throw new Error(`no rule for ${vendor} ${why}`);
  }
}

/** The code on the wire for the page-fault core's 0, 1, 2; of a stalled transaction its own. */
export function wireOf({ vendor, driver }: IommuSpec, stall: boolean, code: number): number {
  if (stall || code < 2) return code;
  const passedOn = driver === 'AS_LINUX' && (vendor === 'VTD' || vendor === 'AMD_VI');
  return passedOn ? 2 : 15;
}

/** Whether clearing an overflow makes the driver forget what it has collected. */
export function discardsPartials({ vendor, driver }: IommuSpec): boolean {
  return driver === 'CONFORMING' || vendor === 'VTD' || vendor === 'CONFORMING';
}

/** Whether an invalidation of a nested hwpt reaches the caches of functions. */
export function reachesAtc(vendor: IommuVendor): boolean {
  return vendor !== 'SMMUV3' && vendor !== 'RISCV';
}
