/** A fault record in its vendor's bits. */
import { encodeFaultRecord, TTYP } from '../riscv/fault.ts';
import type { FaultDetail, RecordedFault } from '../unit/state.ts';
import { encodeAmdEvent, encodeAmdInvalidPpr, encodeAmdPageFault } from './amd-vi.ts';
import type { IommuVendor } from './names.ts';
import type { QueuedPageRequest } from './page-request.ts';
import { encodeSmmuEvent, SMMU_CLASS } from './smmuv3.ts';
import { encodeVtdFault } from './vtd.ts';

/** The message code of a Page Request Message (PCIe). */
const PAGE_REQUEST_MESSAGE = 4n;

/**
 * The fault recording register, event record, event log entry or fault queue record. `queued`: the
 * page request that the record is about; null: it is about a transaction.
 */
export function faultWords(
  vendor: IommuVendor,
  requesterId: number,
  record: RecordedFault,
  queued: QueuedPageRequest | null,
): readonly bigint[] {
  const { pasid, iova, write, code } = record;
  switch (vendor) {
    case 'CONFORMING':
    case 'VTD':
      return encodeVtdFault({
        requesterId,
        pasid,
        reason: code,
        read: !write,
        execute: false,
        privileged: false,
        address: iova,
      });
    case 'SMMUV3':
      return smmuWords(requesterId, record);
    case 'AMD_VI':
      return amdWords(requesterId, record, queued);
    case 'RISCV':
      return riscvWords(requesterId, record, queued !== null);
  }
}

const NO_DETAIL: FaultDetail = {
  reason: null,
  stage: 1,
  implicit: false,
  gpa: null,
  translationRequest: false,
  request: null,
};

function smmuWords(streamId: number, record: RecordedFault): readonly bigint[] {
  const { pasid, iova, write, code, detail = NO_DETAIL } = record;
  const { stage, implicit, gpa } = detail;
  return encodeSmmuEvent({
    event: code,
    streamId,
    substreamId: pasid,
    stag: null,
    privileged: false,
    instruction: false,
    read: !write,
    // Of a second-stage fault alone there is an IPA.
    stage2: gpa !== null && (stage === 2 || implicit),
    class: implicit ? SMMU_CLASS.TT : SMMU_CLASS.IN,
    inputAddress: iova,
    ipa: gpa ?? 0n,
  });
}

const AMD_PAGE_FAULT = 2;

/** Reasons that say that an entry was there. */
const PRESENT: ReadonlySet<string> = new Set([
  'NOT_READABLE',
  'NOT_WRITABLE',
  'PRIVILEGE',
  'STAGE2_PERMISSION',
]);
const RESERVED: ReadonlySet<string> = new Set(['RESERVED', 'MISALIGNED']);

function amdWords(
  deviceId: number,
  record: RecordedFault,
  queued: QueuedPageRequest | null,
): readonly bigint[] {
  const { pasid, iova, write, code, detail = NO_DETAIL } = record;
  const { reason } = detail;
  if (queued !== null) return encodeAmdInvalidPpr(queued);
  if (code !== AMD_PAGE_FAULT) return encodeAmdEvent({ type: code, deviceId, address: iova });
  const denied = PRESENT.has(reason ?? '');
  const reserved = RESERVED.has(reason ?? '');
  return encodeAmdPageFault({
    deviceId,
    pasid,
    domainId: 0,
    present: denied || reserved,
    denied,
    write,
    execute: false,
    privileged: false,
    reserved,
    address: iova,
  });
}

function riscvWords(deviceId: number, record: RecordedFault, message: boolean): readonly bigint[] {
  const { pasid, iova, write, code, detail = NO_DETAIL } = record;
  const { gpa, implicit, translationRequest } = detail;
  const untranslated = write ? TTYP.UNTRANSLATED_WRITE : TTYP.UNTRANSLATED_READ;
  const access = translationRequest ? TTYP.TRANSLATION_REQUEST : untranslated;
  return encodeFaultRecord({
    cause: code,
    ttyp: message ? TTYP.MESSAGE : access,
    deviceId,
    processId: pasid,
    privileged: false,
    iotval: message ? PAGE_REQUEST_MESSAGE : iova,
    // Bit 0 says that the access was the walk's own.
    iotval2: gpa === null ? 0n : (gpa & ~3n) | (implicit ? 1n : 0n),
  });
}
