/**
 * What holds of modelled hardware between two operations: queues are consistent, each credit has its
 * request, each DMA that waits names what it waits for, and the device and the IOMMU agree.
 */
import {
  functionOfDma,
  isModelled,
  type ModelledDevice,
  priOf,
} from '../hardware/function/lookup.ts';
import type { Iommu } from '../hardware/unit/state.ts';
import { recordsIn, slotOf } from '../hardware/vendors/request-queue.ts';
import type { MachineState } from '../machine/state.ts';
import { type Check, type MetHazards, sameMembers } from './invariant-check.ts';

export function checkHardware(state: MachineState, met: MetHazards, check: Check): void {
  for (const iommu of state.iommus.values()) checkIommu(state, iommu, check);
  for (const device of state.physicalDevices.values()) {
    if (!isModelled(device)) continue;
    checkPri(state, device, met, check);
    checkDmas(state, device, check);
  }
}

function checkIommu(state: MachineState, iommu: Iommu, check: Check): void {
  const { iommuNo, spec, pageRequestQueue: queue, stalls } = iommu;
  const { head, tail, records } = queue;
  const where = `IOMMU ${iommuNo}`;
  const waiting = recordsIn(spec.vendor, { entries: spec.prqEntries, head, tail });
  const slots = Array.from({ length: waiting }, (_, i) => slotOf(head + i, spec.prqEntries));
  check(
    sameMembers(records.keys(), slots),
    `${where}: its records are not those from head to tail`,
  );
  check(queue.overflow === (queue.overflowSeq !== null), `${where}: overflow without its moment`);
  check(
    spec.service === 'MANUAL' || records.size === 0,
    `${where}: requests wait though each is served at once`,
  );
  check(iommu.iotlb.size <= spec.iotlb.entries, `${where}: more translations than it holds`);
  for (const [stag, { deviceNo, dmaId }] of stalls) {
    const device = state.physicalDevices.get(deviceNo);
    const dma = isModelled(device) ? device.hardware.dmas.get(dmaId) : undefined;
    check(dma?.stag === stag, `${where}: STAG ${stag} is no DMA's`);
  }
}

/** Credits, and the DMAs that wait for groups. */
function checkPri(
  state: MachineState,
  { hardware, bdf }: ModelledDevice,
  met: MetHazards,
  check: Check,
): void {
  const { pri } = hardware;
  if (pri === null) return;
  const used = [...pri.outstanding.values()].reduce((sum, { requests }) => sum + requests, 0);
  check(pri.used === used, `${bdf}: ${pri.used} credits are used, ${used} requests outstanding`);
  check(
    !pri.enabled || pri.used <= pri.allocation || met.explain(bdf, 'REQUESTS_WITHOUT_CREDIT'),
    `${bdf}: more requests outstanding than it is allowed`,
  );
  check(!pri.enabled || !pri.responseFailure, `${bdf}: PRI is on in spite of a failure`);
  for (const { grpid, deviceNo, dmaIds } of pri.outstanding.values()) {
    for (const dmaId of dmaIds) {
      const dma = functionOfDma(state, deviceNo, dmaId)?.hardware.dmas.get(dmaId);
      check(
        dma?.groups.has(grpid) === true,
        `${bdf}: group index ${grpid} is for DMA ${dmaId}, which does not wait for it`,
      );
    }
  }
  for (const { deviceNo, dmaId } of pri.waiting) {
    const device = state.physicalDevices.get(deviceNo);
    const dma = isModelled(device) ? device.hardware.dmas.get(dmaId) : undefined;
    check((dma?.unrequested.length ?? 0) > 0, `${bdf}: DMA ${dmaId} stands in line for nothing`);
  }
}

/** Every DMA that waits names a group that is outstanding, a tag, or its place in line. */
function checkDmas(state: MachineState, device: ModelledDevice, check: Check): void {
  const pri = priOf(state, device);
  for (const [dmaId, dma] of device.hardware.dmas) {
    const where = `DMA ${dmaId} of ${device.bdf}`;
    check(dmaId < state.nextDmaId, `${where}: its number was not given yet`);
    if (dma.state === 'STALLED') {
      check(dma.stag !== null, `${where}: stalled without a tag`);
      continue;
    }
    for (const grpid of dma.groups.keys()) {
      check(
        pri?.outstanding.get(grpid)?.dmaIds.includes(dmaId) === true,
        `${where}: waits for group index ${grpid}, which is not outstanding for it`,
      );
    }
    check(dma.groups.size > 0 || dma.unrequested.length > 0, `${where}: waits for nothing`);
    const inLine = pri?.waiting.some(name => name.dmaId === dmaId) ?? false;
    check(inLine === dma.unrequested.length > 0, `${where}: its place in line is not as it asks`);
  }
}
