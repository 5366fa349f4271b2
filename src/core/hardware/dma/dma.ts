/** A DMA from issue to its end: it looks, asks, waits, looks again, and moves its bytes or fails. */
import { DMAS_PER_DEVICE_MAX, HARDWARE_EVENTS_MAX } from '../../../abi/limits.ts';
import { keysOf } from '../../collections/by-key.ts';
import { hex } from '../../explain/words.ts';
import type { Execution } from '../../machine/execution.ts';
import { contextOf } from '../../machine/lookup.ts';
import { firstOtherByte } from '../../memory/guest-memory.ts';
import { dmaOf, iommuOfDevice, type ModelledDevice, priOf } from '../function/lookup.ts';
import type { Dma, DmaOptions, DmaRequest, DmaState } from '../function/state.ts';
import { requestMissing } from '../pri/send.ts';
import { failProgram } from '../program/fail.ts';
import type { AbortReason, UserRun } from './events.ts';
import { faultRecordOf } from './fault-record.ts';
import { lookAtPages, type Pass, wholeSpan } from './pass.ts';
import { stallTransaction } from './stall.ts';
import type { DmaFault } from './walk.ts';

/** What became of a DMA when its device had done what it could. */
export interface DmaOutcome {
  readonly dmaId: number;
  readonly state: DmaState | 'DONE' | 'ABORTED';
  /** ABORTED: why. */
  readonly reason: AbortReason | null;
  /** READ, done: where its bytes lie. */
  readonly runs: readonly UserRun[];
}

/** Whether the device can have one DMA more. */
export function hasRoom({ hardware }: ModelledDevice): boolean {
  return hardware.dmas.size < DMAS_PER_DEVICE_MAX;
}

/** The device issues a DMA. */
export function startDma(
  x: Execution,
  device: ModelledDevice,
  request: DmaRequest,
  options: DmaOptions,
): DmaOutcome {
  const pass = lookAtPages(x, device, request, [wholeSpan(request)]);
  const dmaId = x.state.nextDmaId;
  if (pass.fatal !== null) {
    recordFault(x, device, request, pass.fatal.fault, pass.fatal.iova);
    return abort(x, device, dmaId, request, 'REFUSED');
  }
  if (pass.missed.length === 0) return complete(x, device, dmaId, request, pass, true);
  const { stall } = device.hardware.spec;
  if (!stall && !canAsk(x, device)) return refuseMissing(x, device, dmaId, request, pass, true);
  const { deviceNo } = device;
  const { timeoutTicks } = options;
  const deadlineTick = timeoutTicks === null ? null : x.state.tick + timeoutTicks;
  const { missed } = pass;
  x.emit({ type: 'DmaIssued', deviceNo, dmaId, request, options, missed, deadlineTick });
  waitForPages(x, device, dmaId, pass);
  return outcomeOf(device, dmaId);
}

/** The device looks again at all pages: whether something is missing still. */
export function lookAgainAtAll(x: Execution, device: ModelledDevice, dma: Dma): Pass {
  const { request } = dma;
  return lookAtPages(x, device, request, [wholeSpan(request)]);
}

/**
 * The device looked again: it moves its bytes, asks again, or gives up. `lost`: what it asked had
 * reached no queue.
 */
export function goOn(
  x: Execution,
  device: ModelledDevice,
  dma: Dma,
  pass: Pass,
  lost: boolean,
): void {
  const { dmaId, request } = dma;
  if (pass.fatal !== null) {
    recordFault(x, device, request, pass.fatal.fault, pass.fatal.iova);
    abort(x, device, dmaId, null, 'REFUSED');
    return;
  }
  if (pass.missed.length === 0) {
    complete(x, device, dmaId, request, pass, false);
    return;
  }
  askAgain(x, device, dma, pass, lost);
}

/**
 * Pages are missing after an answer of success. Where the IOMMU itself gave it, the queue loses what
 * is asked at once as well: the device backs off, and counts what it lost together as one retry.
 */
export function askAgain(
  x: Execution,
  device: ModelledDevice,
  { dmaId, request, options, state, retries: before }: Dma,
  pass: Pass,
  lost: boolean,
): void {
  const { deviceNo } = device;
  const backsOff = state === 'BACKED_OFF';
  const retries = lost && backsOff ? before : before + 1;
  const { missed } = pass;
  x.emit({ type: 'DmaRetried', deviceNo, dmaId, missed, retries });
  if (retries >= options.retryLimit) {
    abort(x, device, dmaId, null, 'RETRY_LIMIT');
    return;
  }
  if (!device.hardware.spec.stall && !canAsk(x, device)) {
    refuseMissing(x, device, dmaId, request, pass, false);
    return;
  }
  if (lost || backsOff) noteWaits(x, device, dmaId, 'BACKED_OFF');
  else waitForPages(x, device, dmaId, pass);
}

/** The pages that are missing are asked for, or the transaction stalls in the IOMMU. */
function waitForPages(x: Execution, device: ModelledDevice, dmaId: number, pass: Pass): void {
  const { hardware } = device;
  if (hardware.spec.stall) stallTransaction(x, device, dmaId, pass.missed[0]!);
  else requestMissing(x, device, dmaId);
  const dma = hardware.dmas.get(dmaId);
  if (dma === undefined) return;
  const noRoom = dma.unrequested.length > 0 && x.events.length >= HARDWARE_EVENTS_MAX;
  noteWaits(x, device, dmaId, noRoom ? 'BACKED_OFF' : dma.state);
}

/** What a DMA waits for now. */
export function noteWaits(
  x: Execution,
  device: ModelledDevice,
  dmaId: number,
  state: DmaState,
): void {
  const { stag, groups } = dmaOf(device, dmaId);
  const { deviceNo } = device;
  x.emit({ type: 'DmaWaited', deviceNo, dmaId, state, stag, grpids: keysOf(groups) });
}

/** Page requests are sent by functions that have ATS on and PRI on. */
function canAsk(x: Execution, device: ModelledDevice): boolean {
  return (device.hardware.ats?.enabled ?? false) && (priOf(x.state, device)?.enabled ?? false);
}

/**
 * Nobody can be asked. A translation request was answered without rights, which is not recorded; an
 * untranslated request is refused and recorded.
 */
function refuseMissing(
  x: Execution,
  device: ModelledDevice,
  dmaId: number,
  request: DmaRequest,
  { missed, faults }: Pass,
  fresh: boolean,
): DmaOutcome {
  const { page } = missed[0]!;
  const iova = ((request.iova >> 12n) + BigInt(page)) << 12n;
  if (device.hardware.ats?.enabled !== true) {
    recordFault(x, device, request, faults.get(page)!, iova);
    return abort(x, device, dmaId, fresh ? request : null, 'REFUSED');
  }
  return abort(x, device, dmaId, fresh ? request : null, 'NO_PRI');
}

function recordFault(
  x: Execution,
  device: ModelledDevice,
  { pasid, write }: DmaRequest,
  fault: DmaFault,
  iova: bigint,
): void {
  const { iommuNo, spec } = iommuOfDevice(x.state, device);
  const { code, name } = faultRecordOf(spec.vendor, fault, write);
  const { deviceNo } = device;
  const { reason, stage, implicit, gpa } = fault;
  const translationRequest = device.hardware.ats?.enabled ?? false;
  const detail = { reason, stage, implicit, gpa, translationRequest, request: null };
  x.emit({ type: 'FaultRecorded', iommuNo, deviceNo, pasid, iova, write, code, name, detail });
}

/** The bytes move. What was read to be copied is written at once. */
function complete(
  x: Execution,
  device: ModelledDevice,
  dmaId: number,
  request: DmaRequest,
  { runs, via }: Pass,
  fresh: boolean,
): DmaOutcome {
  const { deviceNo } = device;
  const { expected, copyTo } = request;
  const wrong = expected === null ? null : unexpected(x, request.iova, runs, expected);
  const options = fresh ? null : dmaOf(device, dmaId).options;
  x.emit({
    type: 'DmaCompleted',
    deviceNo,
    dmaId,
    request: fresh ? request : null,
    via,
    runs,
    matched: expected === null ? null : wrong === null,
  });
  if (wrong !== null && request.ofProgram) {
    failProgram(x, device, wrong, request.programOp);
  }
  if (copyTo !== null) {
    const { program } = device.hardware;
    const write: DmaRequest = {
      ...request,
      iova: copyTo,
      write: true,
      fill: null,
      source: dmaId,
      copyTo: null,
    };
    return startDma(x, device, write, options ?? program!.options);
  }
  return { dmaId, state: 'DONE', reason: null, runs };
}

/** Which byte of what was read is not as expected; null if all are. */
function unexpected(
  { state }: Execution,
  iova: bigint,
  runs: readonly UserRun[],
  expected: number,
): string | null {
  let from = iova;
  for (const { contextId, userVa, length } of runs) {
    const other = firstOtherByte(contextOf(state, contextId), userVa, length, expected);
    if (other !== null) {
      const at = hex(from + other.userVa - userVa);
      return `the byte at ${at} is ${hex(BigInt(other.value))}, not ${hex(BigInt(expected))}`;
    }
    from += length;
  }
  return null;
}

/** The DMA fails; `request`: of one that was not issued before. */
export function abort(
  x: Execution,
  device: ModelledDevice,
  dmaId: number,
  request: DmaRequest | null,
  reason: AbortReason,
): DmaOutcome {
  const { deviceNo, hardware } = device;
  const { ofProgram, programOp } = request ?? dmaOf(device, dmaId).request;
  x.emit({ type: 'DmaAborted', deviceNo, dmaId, request, reason });
  if (ofProgram && hardware.program?.options.onInvalid === 'STOP') {
    failProgram(x, device, `DMA ${dmaId} failed: ${reason}`, programOp);
  }
  return { dmaId, state: 'ABORTED', reason, runs: [] };
}

function outcomeOf({ hardware }: ModelledDevice, dmaId: number): DmaOutcome {
  const dma = hardware.dmas.get(dmaId);
  if (dma === undefined) return { dmaId, state: 'ABORTED', reason: null, runs: [] };
  return { dmaId, state: dma.state, reason: null, runs: [] };
}
