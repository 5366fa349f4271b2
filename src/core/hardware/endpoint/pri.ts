/**
 * The Page Request Interface of a PCI function: what it may send, what becomes of a response, its
 * capability's registers (PCIe, "Page Request Services" and "Page Request Extended Capability"). A
 * physical function and its virtual functions share one. Enabling and resetting are refused as by
 * pci_enable_pri and pci_reset_pri (drivers/pci/ats.c).
 */
import type { Errno } from '../../../abi/errno.ts';
import { effectOf } from '../vendors/formats.ts';
import { isStopMarker, type QueuedPageRequest } from '../vendors/page-request.ts';

/** Requests of one index that no response has come for. */
export interface OutstandingGroup {
  readonly pasid: number | null;
  /** Page requests sent, each a credit. */
  requests: number;
  /** The last one was sent: a response is due. */
  lastSent: boolean;
}

export interface PriState {
  /** Outstanding Page Request Capacity: what the function can have outstanding, 1 to 2^32 - 1. */
  readonly capacity: number;
  /** Outstanding Page Request Allocation: what it is allowed. */
  allocation: number;
  enabled: boolean;
  /** RF: a response with a failure came. Stays until Enable goes from 0 to 1. */
  responseFailure: boolean;
  /** UPRGI: a response named an index that is not outstanding. Stays as RF does. */
  unexpectedIndex: boolean;
  /** PRG Response PASID Required: responses carry the PASID if the request did. */
  readonly pasidRequired: boolean;
  /** By group index. */
  readonly outstanding: Map<number, OutstandingGroup>;
}

/** Group indexes there are: 0 to 511. */
export const PRG_INDEXES = 512;

/** After reset: disabled and stopped. */
export function newPri(capacity: number, pasidRequired: boolean): PriState {
  return {
    capacity,
    allocation: 0,
    enabled: false,
    responseFailure: false,
    unexpectedIndex: false,
    pasidRequired,
    outstanding: new Map(),
  };
}

/** Requests that are outstanding. */
export function creditsUsed({ outstanding }: PriState): number {
  let used = 0;
  for (const { requests } of outstanding.values()) used += requests;
  return used;
}

/** Stopped: all it had sent has been answered. Meaningful while it is disabled. */
export const isStopped = (pri: PriState) => !pri.enabled && pri.outstanding.size === 0;

/** Whether it can be enabled now. Errors: EBUSY, it is, or it is not stopped. */
export function checkEnable(pri: PriState): Errno {
  return pri.enabled || !isStopped(pri) ? 'EBUSY' : 0;
}

/** Enables it with as much of the wanted allocation as it can have; clears RF and UPRGI. */
export function enablePri(pri: PriState, wanted: number): void {
  pri.allocation = Math.min(wanted, pri.capacity);
  pri.enabled = true;
  pri.responseFailure = false;
  pri.unexpectedIndex = false;
}

/** It sends no more; what it has sent is still to be answered. */
export function disablePri(pri: PriState): void {
  pri.enabled = false;
}

/** Whether it can be reset now. Errors: EBUSY, it is enabled. */
export const checkReset = (pri: PriState): Errno => (pri.enabled ? 'EBUSY' : 0);

/** Forgets what is outstanding, which stops it. Responses that come later are unexpected. */
export function resetPri(pri: PriState): void {
  pri.outstanding.clear();
}

export type SendVerdict =
  | 'SEND'
  /** PRI is off. */
  | 'DISABLED'
  /** As many requests are outstanding as are allowed. */
  | 'NO_CREDIT'
  /** The index is outstanding with its last request sent: reusing it breaks the rules. */
  | 'INDEX_IN_USE';

/** Whether a function that keeps the rules may send a request now. Stop markers need no credit. */
export function maySend(pri: PriState, request: QueuedPageRequest): SendVerdict {
  if (!pri.enabled) return 'DISABLED';
  if (isStopMarker(request)) return 'SEND';
  if (pri.outstanding.get(request.prgIndex)?.lastSent === true) return 'INDEX_IN_USE';
  return creditsUsed(pri) < pri.allocation ? 'SEND' : 'NO_CREDIT';
}

/** The request is on its way, whether the rules allow it or not. */
export function noteSent(pri: PriState, request: QueuedPageRequest): void {
  if (isStopMarker(request)) return;
  const group = pri.outstanding.get(request.prgIndex);
  if (group === undefined) {
    const { pasid, last } = request;
    pri.outstanding.set(request.prgIndex, { pasid, requests: 1, lastSent: last });
    return;
  }
  group.requests++;
  group.lastSent ||= request.last;
}

/** The lowest index after `from`, around the end, that is not outstanding; null if all are. */
export function freeIndex({ outstanding }: PriState, from: number): number | null {
  for (let step = 0; step < PRG_INDEXES; step++) {
    const index = (from + step) % PRG_INDEXES;
    if (!outstanding.has(index)) return index;
  }
  return null;
}

export type ResponseEffect =
  /** All pages of the group are said to be there: look again. */
  | 'SUCCESS'
  /** One page is not there, or may not be accessed so; repeating never helps. */
  | 'INVALID_REQUEST'
  /** Codes 2 to 15: PRI goes off, RF is set; what waits for any group is over. */
  | 'RESPONSE_FAILURE'
  /** The index is not outstanding: UPRGI is set, nothing else happens. */
  | 'UNEXPECTED'
  /** A failure came before, and PRI has not been enabled since. */
  | 'IGNORED';

/** What a Page Group Response does to the function. A failure counts whatever its index is. */
export function responseEffect(
  pri: PriState,
  { prgIndex, code }: { readonly prgIndex: number; readonly code: number },
): ResponseEffect {
  if (pri.responseFailure) return 'IGNORED';
  const effect = effectOf(code);
  if (effect === 'RESPONSE_FAILURE') return effect;
  return pri.outstanding.has(prgIndex) ? effect : 'UNEXPECTED';
}

/** Applies a response; returns its effect. */
export function receiveResponse(
  pri: PriState,
  response: { readonly prgIndex: number; readonly code: number },
): ResponseEffect {
  const effect = responseEffect(pri, response);
  switch (effect) {
    case 'SUCCESS':
    case 'INVALID_REQUEST':
      pri.outstanding.delete(response.prgIndex);
      break;
    case 'RESPONSE_FAILURE':
      pri.enabled = false;
      pri.responseFailure = true;
      // The others are over for the function, but not answered: it is stopped after a reset only.
      pri.outstanding.delete(response.prgIndex);
      break;
    case 'UNEXPECTED':
      pri.unexpectedIndex = true;
      break;
    case 'IGNORED':
      break;
  }
  return effect;
}
