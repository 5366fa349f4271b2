/**
 * AMD-Vi's records: PPR log entry and IO_PAGE_FAULT event (48882), COMPLETE_PPR_REQUEST. Bits as in
 * Linux' PPR_* and EVENT_* (amd_iommu_types.h) and build_complete_ppr (amd/iommu.c), and VirtualBox'
 * iommu-amd.h.
 */
import { at, field, flag, PAGE_BITS } from './bits.ts';
import type { PageRequestFormat, QueuedPageRequest } from './page-request.ts';

const PAGE_SERVICE_REQUEST = 1;
const COMPLETE_PPR_REQUEST = 7;
const IO_PAGE_FAULT = 2;
const INVALID_PPR_REQUEST = 9;

/** Flags of an entry, at bits 59:48. */
const EXECUTE = 0x002;
const READ = 0x004;
const WRITE = 0x020;
const USER = 0x040;
/** The request is of a guest: PASID and GVA are valid. */
const GUEST = 0x100;

export const AMD_PAGE_REQUEST: PageRequestFormat = {
  words: 2,
  encode({ requesterId, pasid, read, write, execute, privileged, last, prgIndex, address }) {
    const flags =
      (execute ? EXECUTE : 0) |
      (read ? READ : 0) |
      (write ? WRITE : 0) |
      (privileged ? 0 : USER) |
      (pasid !== null ? GUEST : 0);
    const id = pasid ?? 0;
    return [
      at(requesterId, 0) |
        at(id & 0xffff, 16) |
        at(prgIndex, 32) |
        at(last, 41) |
        at(id >> 16, 42) |
        at(flags, 48) |
        at(PAGE_SERVICE_REQUEST, 60),
      address & PAGE_BITS,
    ];
  },
  decode([first = 0n, second = 0n]) {
    // 0 until the hardware has written the entry (erratum 733).
    if (field(first, 63, 60) !== PAGE_SERVICE_REQUEST) return null;
    const flags = field(first, 59, 48);
    const pasid = field(first, 31, 16) | (field(first, 45, 42) << 16);
    return {
      requesterId: field(first, 15, 0),
      pasid: (flags & GUEST) !== 0 ? pasid : null,
      read: (flags & READ) !== 0,
      write: (flags & WRITE) !== 0,
      execute: (flags & EXECUTE) !== 0,
      privileged: (flags & USER) === 0,
      last: flag(first, 41),
      prgIndex: field(first, 40, 32),
      address: second & PAGE_BITS,
    };
  },
};

/** COMPLETE_PPR_REQUEST, a command of 16 bytes. */
export interface AmdCompletePpr {
  readonly deviceId: number;
  /** With GN, where the device wants it. */
  readonly pasid: number | null;
  readonly prgIndex: number;
  /** 0 success, 1 invalid, 15 failure; others are reserved, and as 15 to a device. */
  readonly status: number;
}

export function encodeCompletePpr(command: AmdCompletePpr): readonly bigint[] {
  const { deviceId, pasid, prgIndex, status } = command;
  return [
    at(deviceId, 0) | at(pasid ?? 0, 32) | at(COMPLETE_PPR_REQUEST, 60),
    at(pasid !== null, 2) | at(prgIndex, 32) | at(status, 44),
  ];
}

export function decodeCompletePpr([first = 0n, second = 0n]: readonly bigint[]) {
  if (field(first, 63, 60) !== COMPLETE_PPR_REQUEST) return null;
  const command: AmdCompletePpr = {
    deviceId: field(first, 15, 0),
    pasid: flag(second, 2) ? field(first, 51, 32) : null,
    prgIndex: field(second, 40, 32),
    status: field(second, 47, 44),
  };
  return command;
}

/** INVALID_PPR_REQUEST of the event log: the entry, with another type (iommu_print_event). */
export function encodeAmdInvalidPpr(request: QueuedPageRequest): readonly bigint[] {
  const [first = 0n, second = 0n] = AMD_PAGE_REQUEST.encode(request);
  const type = at(INVALID_PPR_REQUEST, 60) | (first & ~at(0xf, 60));
  return [type, second];
}

/** An event that names a device and an address and no more. */
export interface AmdEvent {
  /** 1 ILLEGAL_DEV_TABLE_ENTRY, 7 IOTLB_INV_TIMEOUT. */
  readonly type: number;
  readonly deviceId: number;
  readonly address: bigint;
}

export function encodeAmdEvent({ type, deviceId, address }: AmdEvent): readonly bigint[] {
  return [at(deviceId, 0) | at(type, 60), address];
}

/** IO_PAGE_FAULT of the event log, 16 bytes. */
export interface AmdPageFault {
  readonly deviceId: number;
  /** With GN; else `domainId` stands in its place. */
  readonly pasid: number | null;
  readonly domainId: number;
  /** The page was marked present. */
  readonly present: boolean;
  /** What was asked is not allowed; only with `present`. */
  readonly denied: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly privileged: boolean;
  /** A reserved bit was set. */
  readonly reserved: boolean;
  readonly address: bigint;
}

/** Flags GN 48, NX 49, US 50, PR 52, RW 53, PE 54, RZ 55; the type in 63:60. */
export function encodeAmdPageFault(fault: AmdPageFault): readonly bigint[] {
  const { deviceId, pasid, domainId, present, write, execute, privileged } = fault;
  const id = pasid ?? domainId;
  return [
    at(deviceId, 0) |
      at(id >> 16, 16) |
      at(id & 0xffff, 32) |
      at(pasid !== null, 48) |
      at(execute, 49) |
      at(!privileged, 50) |
      at(present, 52) |
      at(write, 53) |
      at(fault.denied, 54) |
      at(fault.reserved, 55) |
      at(IO_PAGE_FAULT, 60),
    fault.address,
  ];
}

export function decodeAmdPageFault([first = 0n, address = 0n]: readonly bigint[]) {
  if (field(first, 63, 60) !== IO_PAGE_FAULT) return null;
  const id = field(first, 47, 32) | (field(first, 19, 16) << 16);
  const guest = flag(first, 48);
  const fault: AmdPageFault = {
    deviceId: field(first, 15, 0),
    pasid: guest ? id : null,
    domainId: guest ? 0 : id,
    present: flag(first, 52),
    denied: flag(first, 54),
    write: flag(first, 53),
    execute: flag(first, 49),
    privileged: !flag(first, 50),
    reserved: flag(first, 55),
    address,
  };
  return fault;
}
