/** Deadlines that have passed: by deadline, then by id. */
import { keysOf } from '../../collections/by-key.ts';
import type { Execution } from '../../machine/execution.ts';
import type { MachineState } from '../../machine/state.ts';
import { noteTimedOut } from '../ats/lost.ts';
import { isModelled, type ModelledDevice, priOf } from '../function/lookup.ts';
import type { Dma } from '../function/state.ts';
import { failProgram } from '../program/fail.ts';
import { continueProgram } from '../program/run.ts';
import { queuedRecords } from '../prq/events.ts';
import { TIMEOUT_RULES } from '../vendors/invalidation-timeout.ts';

/** Whether anything waits for time to pass: a DMA with a deadline or that backed off, an invalidation. */
export function waitsForTime({ iommus, physicalDevices }: MachineState): boolean {
  if (iommus.size === 0) return false;
  for (const { invalidations } of iommus.values()) if (invalidations.size > 0) return true;
  for (const device of physicalDevices.values()) {
    if (!isModelled(device)) continue;
    for (const { deadlineTick, state } of device.hardware.dmas.values()) {
      if (deadlineTick !== null || state === 'BACKED_OFF') return true;
    }
  }
  return false;
}

export function timeOut(x: Execution): void {
  timeOutInvalidations(x);
  timeOutDmas(x);
}

function timeOutInvalidations(x: Execution): void {
  const { tick, iommus } = x.state;
  for (const { iommuNo, invalidations, spec } of iommus.values()) {
    const due = [...invalidations.values()]
      .filter(({ deadlineTick }) => deadlineTick <= tick)
      .sort((a, b) => a.deadlineTick - b.deadlineTick || a.requestedSeq - b.requestedSeq);
    for (const pending of due) {
      const { deviceNo, itag, pasid, firstPage } = pending;
      const { kind, stopsQueue, code } = TIMEOUT_RULES[spec.vendor];
      x.emit({ type: 'InvalidationTimedOut', deviceNo, itag, kind });
      if (!stopsQueue) {
        const iova = BigInt(firstPage) << 12n;
        x.emit({
          type: 'FaultRecorded',
          iommuNo,
          deviceNo,
          pasid,
          iova,
          write: false,
          code,
          name: kind,
        });
      }
      noteTimedOut(x, pending, kind);
    }
  }
}

function timeOutDmas(x: Execution): void {
  const { tick, physicalDevices } = x.state;
  const due: { device: ModelledDevice; dma: Dma; deadline: number }[] = [];
  for (const device of physicalDevices.values()) {
    if (!isModelled(device)) continue;
    for (const dma of device.hardware.dmas.values()) {
      const deadline = dma.deadlineTick;
      if (deadline !== null && deadline <= tick) due.push({ device, dma, deadline });
    }
  }
  due.sort((a, b) => a.deadline - b.deadline || a.dma.dmaId - b.dma.dmaId);
  for (const { device, dma } of due) {
    const { deviceNo, bdf } = device;
    const { dmaId, request } = dma;
    const holder = whoHolds(x.state, device, dma);
    const planted = dma.waitsSeq;
    x.emit({ type: 'DmaTimedOut', deviceNo, dmaId });
    x.hazard(
      'DMA_TIMED_OUT',
      'device',
      `DMA ${dmaId} of ${bdf} waited for ${holder}`,
      [bdf, `DMA ${dmaId}`],
      planted,
    );
    if (request.ofProgram && device.hardware.program?.options.onInvalid === 'STOP') {
      failProgram(x, device, `DMA ${dmaId} timed out`, request.programOp);
    }
  }
  for (const device of new Set(due.map(({ device }) => device))) continueProgram(x, device);
}

/** Who has what the DMA waits for. */
function whoHolds(state: MachineState, device: ModelledDevice, dma: Dma): string {
  if (dma.state === 'NO_CREDIT') {
    return `a credit: ${priOf(state, device)?.used ?? 0} requests are outstanding`;
  }
  if (dma.state === 'BACKED_OFF') return 'time to ask again: its request was lost in an overflow';
  const grpid = dma.stag ?? keysOf(dma.groups)[0] ?? 0;
  const { deviceNo } = device;
  const named = `group index ${grpid}`;
  const group = [...state.iopfGroups.values()].find(
    other => other.deviceNo === deviceNo && other.requests.some(r => r.grpid === grpid),
  );
  if (group !== undefined) {
    const where = group.cookie === null ? `fault queue ${group.faultId}` : 'a handler';
    return `${named}, which ${where} has as iopf group ${group.iopfGroupId}`;
  }
  for (const iommu of state.iommus.values()) {
    const queued = queuedRecords(iommu).some(
      record => record.deviceNo === deviceNo && record.request.grpid === grpid,
    );
    if (queued) return `${named}, which stands in the queue of IOMMU ${iommu.iommuNo}`;
  }
  if (device.partial.some(request => request.grpid === grpid)) {
    return `${named}, which the kernel collects`;
  }
  return `${named}, which was lost`;
}
