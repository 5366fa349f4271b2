/**
 * What crosses between an IOMMU and its software, in the vendor's bits: records of page requests and
 * faults, responses, resumes. Layouts are those of `vendors/`; docs/HARDWARE.md says how sure they are.
 */
import type { Event, EventOf } from '../machine/event.ts';
import type { MachineState } from '../machine/state.ts';
import { faultRecordOf } from './dma/fault-record.ts';
import { walkDma } from './dma/walk.ts';
import { iommuOfDevice, isModelled, type ModelledDevice } from './function/lookup.ts';
import { queuedForm, requesterIdOf } from './prq/receive.ts';
import type { RecordedFault } from './unit/state.ts';
import { faultWords } from './vendors/fault-words.ts';
import { encodeResponse, PAGE_REQUEST_FORMATS, resumeAction, wireCode } from './vendors/formats.ts';
import { encodeResume, encodeSmmuEvent, SMMU_CLASS } from './vendors/smmuv3.ts';

/** Nothing: the event is of no such kind, or its function is not behind a modelled IOMMU. */
const NO_WORDS: readonly bigint[] = [];

/** Kinds of events that `wordsOf` has words for. */
export const RAW_EVENTS = [
  'PageRequestQueued',
  'PageResponseSent',
  'TransactionStalled',
  'StallResumed',
  'FaultRecorded',
] as const;

/** The words of an event; `before`: the state that it met. */
export function wordsOf(before: MachineState, event: Event): readonly bigint[] {
  switch (event.type) {
    case 'PageRequestQueued': {
      const device = deviceOf(before, event.deviceNo);
      if (device === null) return NO_WORDS;
      const { vendor } = iommuOfDevice(before, device).spec;
      return PAGE_REQUEST_FORMATS[vendor].encode(queuedForm(device, event.request));
    }
    case 'PageResponseSent':
      return responseWords(before, event);
    case 'TransactionStalled':
      return stallWords(before, event);
    case 'StallResumed':
      return resumeWords(before, event);
    case 'FaultRecorded':
      return recordWords(before, event);
    default:
      return NO_WORDS;
  }
}

/** The words of a fault record; none if its function is gone. */
export function recordWords(
  state: MachineState,
  record: RecordedFault & { readonly deviceNo: number },
): readonly bigint[] {
  const device = deviceOf(state, record.deviceNo);
  if (device === null) return NO_WORDS;
  const { vendor } = iommuOfDevice(state, device).spec;
  const request = record.detail?.request ?? null;
  const queued = request && queuedForm(device, request);
  return faultWords(vendor, requesterIdOf(device.bdf), record, queued);
}

function deviceOf(state: MachineState, deviceNo: number): ModelledDevice | null {
  const device = state.physicalDevices.get(deviceNo);
  return isModelled(device) ? device : null;
}

/** A page group response, CMD_PRI_RESP, COMPLETE_PPR_REQUEST, ATS.PRGR; to what stalls, CMD_RESUME. */
function responseWords(before: MachineState, event: EventOf<'PageResponseSent'>) {
  const device = deviceOf(before, event.deviceNo);
  if (device === null) return NO_WORDS;
  const { grpid, code, pasid, withPasid } = event;
  const requesterId = requesterIdOf(device.bdf);
  if (device.hardware.spec.stall) {
    return encodeResume({ streamId: requesterId, stag: grpid, action: resumeAction(code) });
  }
  const { vendor, driver } = iommuOfDevice(before, device).spec;
  const wire = wireCode(vendor, driver, code);
  return encodeResponse(vendor, {
    requesterId,
    pasid: withPasid === true ? pasid : null,
    prgIndex: grpid,
    wire,
  });
}

/** The CMD_RESUME, whoever sent it. */
function resumeWords(before: MachineState, { iommuNo, stag, action }: EventOf<'StallResumed'>) {
  const stall = before.iommus.get(iommuNo)?.stalls.get(stag);
  const device = stall === undefined ? null : deviceOf(before, stall.deviceNo);
  if (device === null) return NO_WORDS;
  return encodeResume({ streamId: requesterIdOf(device.bdf), stag, action });
}

/** The event record by which a transaction says that it waits. */
function stallWords(before: MachineState, event: EventOf<'TransactionStalled'>) {
  const device = deviceOf(before, event.deviceNo);
  const dma = device?.hardware.dmas.get(event.dmaId);
  const page = dma?.unrequested[0]?.page;
  if (device === null || dma === undefined || page === undefined) return NO_WORDS;
  const { pasid, iova, write } = dma.request;
  const inputAddress = ((iova >> 12n) + BigInt(page)) << 12n;
  const { outcome } = walkDma(before, device, { pasid, iova: inputAddress, write });
  if (outcome.kind !== 'FAULT') return NO_WORDS;
  const { implicit, stage, gpa } = outcome;
  return encodeSmmuEvent({
    event: faultRecordOf('SMMUV3', outcome, write).code,
    streamId: requesterIdOf(device.bdf),
    substreamId: pasid,
    stag: event.stag,
    privileged: false,
    instruction: false,
    read: !write,
    stage2: stage === 2 || implicit,
    class: implicit ? SMMU_CLASS.TT : SMMU_CLASS.IN,
    inputAddress,
    ipa: gpa ?? 0n,
  });
}
