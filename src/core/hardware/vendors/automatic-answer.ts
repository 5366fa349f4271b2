/**
 * What the hardware itself answers to page requests that reach no queue. A lost request that is not
 * the last of its group is silent; a lost last one gets Success on overflow although nobody mapped
 * anything, so that the function looks again.
 */
import { PCIE_RESPONSE } from './formats.ts';
import type { IommuVendor } from './names.ts';
import { countsAsStopMarker, type QueuedPageRequest } from './page-request.ts';

/** Why a request reaches no queue. */
export type LostBecause =
  /** The queue is full, or it was and software has not said that it knows. */
  | 'OVERFLOW'
  /** The queue is off. */
  | 'QUEUE_OFF'
  /** Memory refused a record. */
  | 'QUEUE_BROKEN'
  /** The function may not send page requests, or there is no translation at all. */
  | 'NOT_ALLOWED'
  /** Nothing is known of the function: no valid context. */
  | 'NO_CONTEXT';

export const LOST_BECAUSE = [
  'OVERFLOW',
  'QUEUE_OFF',
  'QUEUE_BROKEN',
  'NOT_ALLOWED',
  'NO_CONTEXT',
] as const satisfies readonly LostBecause[];

/** What decides an answer besides the request. */
export interface AnswerSettings {
  /** RISC-V's DC.tc.PRPR, SMMUv3's STE.PPAR: answers carry the PASID of the request. */
  readonly answersWithPasid: boolean;
  /** SMMUv3's IDR3.PPS: they always do. */
  readonly alwaysWithPasid: boolean;
  /** SMMUv3: the STE can be read and is valid when the IOMMU answers by itself. */
  readonly contextReadable: boolean;
  /** AMD-Vi's PprAutoRspEn and register 2080h; null if it is off, as Linux leaves it. */
  readonly amdAutoResponse: { readonly code: number; readonly withPasid: boolean } | null;
}

export const DEFAULT_ANSWER_SETTINGS: AnswerSettings = {
  answersWithPasid: true,
  alwaysWithPasid: false,
  contextReadable: true,
  amdAutoResponse: null,
};

export interface AutomaticAnswer {
  /** PCIe's code. */
  readonly code: number;
  /** Of the request, or null. */
  readonly pasid: number | null;
}

const { SUCCESS, INVALID_REQUEST, RESPONSE_FAILURE } = PCIE_RESPONSE;

/** The answer, or null for none. */
export function automaticAnswer(
  vendor: IommuVendor,
  because: LostBecause,
  request: QueuedPageRequest,
  settings: AnswerSettings,
): AutomaticAnswer | null {
  if (countsAsStopMarker(vendor, request)) return null;
  switch (vendor) {
    case 'SMMUV3':
      return smmuAnswer(because, request, settings);
    case 'AMD_VI':
      return amdAnswer(because, request, settings);
    case 'RISCV':
      return riscvAnswer(because, request, settings);
    case 'VTD':
    case 'CONFORMING':
      return vtdAnswer(because, request);
  }
}

/** IHI 0070, 8.1 for overflow and 8.2 for a queue that is off or broken. */
function smmuAnswer(
  because: LostBecause,
  { pasid, last }: QueuedPageRequest,
  { answersWithPasid, alwaysWithPasid, contextReadable }: AnswerSettings,
): AutomaticAnswer | null {
  switch (because) {
    case 'QUEUE_OFF':
    case 'QUEUE_BROKEN':
      // All of them, also those that do not end a group.
      return { code: RESPONSE_FAILURE, pasid: null };
    case 'OVERFLOW':
      if (!last) return null;
      if (pasid === null || alwaysWithPasid) return { code: SUCCESS, pasid };
      if (!contextReadable) return { code: RESPONSE_FAILURE, pasid: null };
      return { code: SUCCESS, pasid: answersWithPasid ? pasid : null };
    case 'NOT_ALLOWED':
    case 'NO_CONTEXT':
      // "Incoming PRI Page Requests are not affected by ATSCHK or STE.EATS": it is queued.
      throw new Error('assertion failed: SMMUv3 queues requests of any stream');
  }
}

/** Specification 20260222, "Handling Page Request messages"; recorded from its reference model. */
function riscvAnswer(
  because: LostBecause,
  { pasid, last }: QueuedPageRequest,
  { answersWithPasid }: AnswerSettings,
): AutomaticAnswer | null {
  if (!last) return null;
  switch (because) {
    case 'OVERFLOW':
      return { code: SUCCESS, pasid: answersWithPasid ? pasid : null };
    case 'NOT_ALLOWED':
      return { code: INVALID_REQUEST, pasid: answersWithPasid ? pasid : null };
    case 'QUEUE_OFF':
    case 'QUEUE_BROKEN':
    case 'NO_CONTEXT':
      return { code: RESPONSE_FAILURE, pasid };
  }
}

/**
 * VT-d 7.10 step (d) speaks of automatic answers after an overflow; their code was found in no text,
 * Success is what the other two specifications say. The codes of a request that is not allowed were
 * not found either: docs/HARDWARE.md lists both as unsure.
 */
function vtdAnswer(
  because: LostBecause,
  { pasid, last }: QueuedPageRequest,
): AutomaticAnswer | null {
  if (!last) return null;
  return because === 'OVERFLOW' ? { code: SUCCESS, pasid } : { code: RESPONSE_FAILURE, pasid };
}

/** Nothing unless software has turned it on. What else AMD-Vi answers was found in no text. */
function amdAnswer(
  because: LostBecause,
  { pasid, last }: QueuedPageRequest,
  { amdAutoResponse }: AnswerSettings,
): AutomaticAnswer | null {
  if (!last || because !== 'OVERFLOW' || amdAutoResponse === null) return null;
  const { code, withPasid } = amdAutoResponse;
  return { code, pasid: withPasid ? pasid : null };
}
