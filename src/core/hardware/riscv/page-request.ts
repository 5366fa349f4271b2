/**
 * The page-request queue: sections "Page-Request-Queue (PQ)" and "Handling Page Request messages".
 */
import { deviceIdTooWide, locateDeviceContext } from './device-directory.ts';
import { CAUSE, reportFault, storeAll, TTYP } from './fault.ts';
import type { RiscvMemory } from './memory.ts';
import {
  deviceIdOf,
  type GroupResponse,
  type PageRequestMessage,
  type PasidField,
  PRG_RESPONSE,
  pageRequestPayload,
} from './messages.ts';
import { interrupt, type RiscvIommu } from './state.ts';

/** Bytes of a record. */
export const PAGE_REQUEST_RECORD_BYTES = 16n;

/** PCIe's message code of page requests, which fault records give as iotval. */
const PAGE_REQUEST_MESSAGE_CODE = 4n;

export interface PageRequestHandled {
  readonly queued: boolean;
  /** What the IOMMU answers by itself, if it does. */
  readonly response: GroupResponse | null;
}

/** Why a request is not queued: the answer, if one is due. */
interface Refused {
  readonly code: number;
  readonly prpr: boolean;
}

/** Receives one page request. */
export function receivePageRequest(
  iommu: RiscvIommu,
  memory: RiscvMemory,
  request: PageRequestMessage,
): PageRequestHandled {
  const refused = disallowed(iommu, memory, request) ?? queueRequest(iommu, memory, request);
  if (refused === null) return { queued: true, response: null };
  return { queued: false, response: responseTo(request, refused) };
}

/** Requests of devices that may not send any, with their fault records; or the device's PRPR. */
function disallowed(
  iommu: RiscvIommu,
  memory: RiscvMemory,
  request: PageRequestMessage,
): Refused | null {
  const deviceId = deviceIdOf(request);
  const fault = (cause: number, code: number, prpr: boolean, dtf: boolean): Refused => {
    const { privileged } = request;
    const processId = request.pasidValid ? request.processId : null;
    const iotval = PAGE_REQUEST_MESSAGE_CODE;
    const about = { deviceId, processId, privileged, iotval, iotval2: 0n };
    reportFault(iommu, memory, { cause, ttyp: TTYP.MESSAGE, ...about }, dtf);
    return { code, prpr };
  };
  const { INVALID_REQUEST, RESPONSE_FAILURE } = PRG_RESPONSE;
  if (iommu.ddtMode === 'OFF') {
    return fault(CAUSE.ALL_DISALLOWED, RESPONSE_FAILURE, false, false);
  }
  if (iommu.ddtMode === 'BARE' || deviceIdTooWide(iommu, deviceId)) {
    return fault(CAUSE.TYPE_DISALLOWED, INVALID_REQUEST, false, false);
  }
  const device = locateDeviceContext(iommu, memory, deviceId);
  if (typeof device === 'number') return fault(device, RESPONSE_FAILURE, false, false);
  if (!device.enPri) {
    return fault(CAUSE.TYPE_DISALLOWED, INVALID_REQUEST, device.prpr, device.dtf);
  }
  const queue = iommu.pageRequestQueue;
  if (!queue.on || queue.memoryFault) return { code: RESPONSE_FAILURE, prpr: device.prpr };
  if (!queue.overflow && (queue.tail + 1) % queue.entries !== queue.head) return null;
  // Room alone does not end an overflow: software has to clear the bit.
  if (!queue.overflow) {
    queue.overflow = true;
    interrupt(iommu, 'PAGE_REQUEST_QUEUE');
  }
  return { code: PRG_RESPONSE.SUCCESS, prpr: device.prpr };
}

/** Writes the record; there is room for it. */
function queueRequest(
  iommu: RiscvIommu,
  memory: RiscvMemory,
  request: PageRequestMessage,
): Refused | null {
  const queue = iommu.pageRequestQueue;
  const address = (queue.ppn << 12n) + BigInt(queue.tail) * PAGE_REQUEST_RECORD_BYTES;
  const stored = storeAll(memory, address, encodePageRequestRecord(request));
  if (stored) queue.tail = (queue.tail + 1) % queue.entries;
  else queue.memoryFault = true;
  interrupt(iommu, 'PAGE_REQUEST_QUEUE');
  // Answered only where a group ends, and then by what `disallowed` says of a broken queue.
  return stored ? null : { code: PRG_RESPONSE.RESPONSE_FAILURE, prpr: false };
}

/** Requests that end no group and stop markers get no answer. */
function responseTo(request: PageRequestMessage, { code, prpr }: Refused): GroupResponse | null {
  const { rid, segment, prgIndex, last, read, write } = request;
  if (!last || (!read && !write)) return null;
  const copied = code === PRG_RESPONSE.RESPONSE_FAILURE || prpr;
  const { pasidValid, processId } = copied ? request : NO_PASID;
  return { kind: 'GROUP_RESPONSE', rid, segment, pasidValid, processId, prgIndex, code };
}

const NO_PASID: PasidField = { pasidValid: false, processId: 0 };

/** A record as software reads it. */
export interface PageRequestRecord extends PasidField {
  readonly deviceId: number;
  readonly privileged: boolean;
  readonly execute: boolean;
  readonly payload: bigint;
}

/** PID 31:12, PV 32, PRIV 33, EXEC 34, DID 63:40; then the message's payload. */
export function encodePageRequestRecord(request: PageRequestMessage): readonly bigint[] {
  const { processId, pasidValid: valid, privileged, execute } = request;
  const first =
    (BigInt(processId) << 12n) |
    (valid ? 1n << 32n : 0n) |
    (valid && privileged ? 1n << 33n : 0n) |
    (valid && execute ? 1n << 34n : 0n) |
    (BigInt(deviceIdOf(request)) << 40n);
  return [first, pageRequestPayload(request)];
}

export function decodePageRequestRecord(words: readonly bigint[]): PageRequestRecord {
  const [first = 0n, payload = 0n] = words;
  return {
    deviceId: Number(first >> 40n),
    pasidValid: ((first >> 32n) & 1n) === 1n,
    processId: Number((first >> 12n) & 0xf_ffffn),
    privileged: ((first >> 33n) & 1n) === 1n,
    execute: ((first >> 34n) & 1n) === 1n,
    payload,
  };
}

/** Takes the oldest record out of the queue as software does: reads it and moves the head. */
export function popPageRequest(iommu: RiscvIommu, memory: RiscvMemory): PageRequestRecord | null {
  const queue = iommu.pageRequestQueue;
  if (queue.head === queue.tail) return null;
  const address = (queue.ppn << 12n) + BigInt(queue.head) * PAGE_REQUEST_RECORD_BYTES;
  const words = [memory.load(address), memory.load(address + 8n)];
  if (words.some(word => typeof word === 'string')) return null;
  queue.head = (queue.head + 1) % queue.entries;
  return decodePageRequestRecord(words as bigint[]);
}

/** Software writes 1 to pqof and pqmf. */
export function clearPageRequestErrors(iommu: RiscvIommu): void {
  iommu.pageRequestQueue.overflow = false;
  iommu.pageRequestQueue.memoryFault = false;
}
