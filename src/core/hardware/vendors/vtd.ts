/**
 * VT-d's records: page request descriptor (7.4.1.1), page group response descriptor, fault recording
 * register. Bits as in Linux' struct page_req_dsc and QI_PGRP_* (intel/prq.c, iommu.h),
 * dma_frcd_* (iommu.h), and QEMU's VTD_PRD_* (intel_iommu_internal.h).
 */
import { at, field, flag, PAGE_BITS } from './bits.ts';
import type { PageRequestFormat } from './page-request.ts';

const PAGE_REQUEST_TYPE = 1;
const PAGE_GROUP_RESPONSE_TYPE = 9;

export const VTD_PAGE_REQUEST: PageRequestFormat = {
  words: 4,
  encode: ({ requesterId, pasid, read, write, execute, privileged, last, prgIndex, address }) => [
    at(PAGE_REQUEST_TYPE, 0) |
      at(pasid !== null, 8) |
      at(requesterId, 16) |
      at(pasid ?? 0, 32) |
      at(execute, 52) |
      at(privileged, 53),
    at(read, 0) | at(write, 1) | at(last, 2) | at(prgIndex, 3) | (address & PAGE_BITS),
    0n,
    0n,
  ],
  decode([first = 0n, second = 0n]) {
    if (field(first, 7, 0) !== PAGE_REQUEST_TYPE) return null;
    return {
      requesterId: field(first, 31, 16),
      pasid: flag(first, 8) ? field(first, 51, 32) : null,
      read: flag(second, 0),
      write: flag(second, 1),
      execute: flag(first, 52),
      privileged: flag(first, 53),
      last: flag(second, 2),
      prgIndex: field(second, 11, 3),
      address: second & PAGE_BITS,
    };
  },
};

/** A page group response, as the invalidation queue takes it. */
export interface VtdPageGroupResponse {
  readonly requesterId: number;
  readonly pasid: number | null;
  readonly prgIndex: number;
  /** 0 success, 1 invalid request, 15 failure; others are reserved, and as 15 to a device. */
  readonly code: number;
  /** LPIG, which drivers set before it went from the descriptor. */
  readonly last: boolean;
}

export function encodeVtdResponse(response: VtdPageGroupResponse): readonly bigint[] {
  const { requesterId, pasid, prgIndex, code, last } = response;
  return [
    at(PAGE_GROUP_RESPONSE_TYPE, 0) |
      at(pasid !== null, 4) |
      at(code, 12) |
      at(requesterId, 16) |
      at(pasid ?? 0, 32),
    at(last, 2) | at(prgIndex, 3),
    0n,
    0n,
  ];
}

export function decodeVtdResponse([first = 0n, second = 0n]: readonly bigint[]) {
  if (field(first, 3, 0) !== PAGE_GROUP_RESPONSE_TYPE) return null;
  const response: VtdPageGroupResponse = {
    requesterId: field(first, 31, 16),
    pasid: flag(first, 4) ? field(first, 51, 32) : null,
    prgIndex: field(second, 11, 3),
    code: field(first, 15, 12),
    last: flag(second, 2),
  };
  return response;
}

/** Fault reasons (7.2.3) that a walk or a message of the hardware here can give. */
export const VTD_FAULT = {
  /** SCT.8: the context entry does not allow page requests. */
  PRE_CLEAR: 0x47,
  PASID_ENTRY_NOT_PRESENT: 0x59,
  /** A privileged request, and SRE is clear. */
  SRE_CLEAR: 0x5d,
  /** A first-stage table other than the root cannot be read. */
  FIRST_STAGE_ACCESS: 0x70,
  FIRST_STAGE_NOT_PRESENT: 0x71,
  FIRST_STAGE_RESERVED: 0x72,
  /** The root table cannot be read. */
  FIRST_STAGE_POINTER: 0x73,
  SECOND_STAGE_ACCESS: 0x78,
  SECOND_STAGE_PERMISSION: 0x79,
  NOT_CANONICAL: 0x80,
  USER: 0x81,
  NO_EXECUTE: 0x82,
  NO_WRITE: 0x85,
  NO_READ: 0x86,
  /** Accessed or dirty bits could not be written. */
  BIT_UPDATE: 0x91,
} as const;

/** A fault recording register (11.4.14), 128 bits. */
export interface VtdFaultRecord {
  readonly requesterId: number;
  readonly pasid: number | null;
  readonly reason: number;
  readonly read: boolean;
  readonly execute: boolean;
  readonly privileged: boolean;
  /** Page of the address; the low 12 bits are not recorded. */
  readonly address: bigint;
}

/** F is set: the record is pending until software clears it. */
export function encodeVtdFault(record: VtdFaultRecord): readonly bigint[] {
  const { requesterId, pasid, reason, read, execute, privileged, address } = record;
  return [
    address & PAGE_BITS,
    at(requesterId, 0) |
      at(privileged, 29) |
      at(execute, 30) |
      at(pasid !== null, 31) |
      at(reason, 32) |
      at(pasid ?? 0, 40) |
      at(read, 62) |
      at(true, 63),
  ];
}

export function decodeVtdFault([
  first = 0n,
  second = 0n,
]: readonly bigint[]): VtdFaultRecord | null {
  if (!flag(second, 63)) return null;
  return {
    requesterId: field(second, 15, 0),
    pasid: flag(second, 31) ? field(second, 59, 40) : null,
    reason: field(second, 39, 32),
    read: flag(second, 62),
    execute: flag(second, 30),
    privileged: flag(second, 29),
    address: first,
  };
}
