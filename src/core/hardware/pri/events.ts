/** Events of the PRI capability: what a function asks, what it is answered, its registers. */
import { byKey } from '../../collections/by-key.ts';
import { describeRequest } from '../../explain/words.ts';
import type { PageRequest } from '../../iommu/state.ts';
import { must } from '../../machine/assert.ts';
import { type EventEntries, outsideTheState } from '../../machine/event-entry.ts';
import type { MachineState } from '../../machine/state.ts';
import {
  functionOfDma,
  iommuOfDevice,
  type ModelledDevice,
  modelledDeviceOf,
  priOf,
} from '../function/lookup.ts';
import type { PriState } from '../function/state.ts';
import { isLastPage, pasidOf } from './request.ts';
import { answerText } from './words.ts';

interface OfDevice {
  readonly deviceNo: number;
}

/** A function sent a page request. */
export interface PageRequestIssued extends OfDevice {
  readonly type: 'PageRequestIssued';
  readonly request: PageRequest;
  /** The DMA that waits for it; null: it was sent by command. */
  readonly dmaId: number | null;
  /** Where the page is missing: 1 the guest's table, 2 the nest parent. */
  readonly stage: 1 | 2;
}

/** A function sent a stop marker: it uses the PASID no more. Never answered. */
export interface StopMarkerIssued extends OfDevice {
  readonly type: 'StopMarkerIssued';
  readonly request: PageRequest;
}

/**
 * A page request group response reached the function: of a group that is outstanding, or a failure,
 * which counts whatever index it names.
 */
export interface PrgResponseReceived extends OfDevice {
  readonly type: 'PrgResponseReceived';
  readonly grpid: number;
  /** PCIe's response code: 0 success, 1 invalid request, 15 response failure; 2 to 14 as 15. */
  readonly code: number;
  /** The iopf group that software answered; null: the kernel or the IOMMU itself did. */
  readonly iopfGroupId: number | null;
}

/** A response named an index that is not outstanding: UPRGI is set, the response ignored. */
export interface PrgResponseUnexpected extends OfDevice {
  readonly type: 'PrgResponseUnexpected';
  readonly grpid: number;
  readonly code: number;
  readonly iopfGroupId: number | null;
}

/** A response came after a failure had disabled PRI. */
export interface PrgResponseIgnored extends OfDevice {
  readonly type: 'PrgResponseIgnored';
  readonly grpid: number;
  readonly code: number;
}

/** PRI Control: Enable was set. RF and UPRGI are clear by that. */
export interface PriEnabled extends OfDevice {
  readonly type: 'PriEnabled';
  readonly allocation: number;
}

/** PRI Control: Enable is clear. */
export interface PriDisabled extends OfDevice {
  readonly type: 'PriDisabled';
  readonly why: 'SOFTWARE' | 'RESPONSE_FAILURE';
}

/** All that was sent before PRI was disabled is complete. */
export interface PriStopped extends OfDevice {
  readonly type: 'PriStopped';
}

/** PRI Control: Reset, which forgets what is outstanding. */
export interface PriReset extends OfDevice {
  readonly type: 'PriReset';
}

export type PriEvent =
  | PageRequestIssued
  | StopMarkerIssued
  | PrgResponseReceived
  | PrgResponseUnexpected
  | PrgResponseIgnored
  | PriEnabled
  | PriDisabled
  | PriStopped
  | PriReset;

export const PRI_EVENTS: EventEntries<PriEvent> = {
  PageRequestIssued: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A function sent a page request (PCIe, Page Request Message).',
    describe: event => `physical device ${event.deviceNo} asks: ${describeRequest(event.request)}`,
    evolve: evolvePageRequestIssued,
  },
  StopMarkerIssued: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A function sent a stop marker: it uses the PASID no more. Never answered.',
    describe: event => `physical device ${event.deviceNo} sent a stop marker`,
    evolve: outsideTheState,
  },
  PrgResponseReceived: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A response reached the function for a group that is outstanding, or a failure.',
    describe: answerText('response to group index'),
    evolve: evolvePrgResponseReceived,
  },
  PrgResponseUnexpected: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A response named a group that is not outstanding: UPRGI is set.',
    describe: answerText('unexpected response to group index'),
    evolve(state, event) {
      const pri = priOfDevice(state, event);
      pri.unexpectedIndex = true;
      if (event.iopfGroupId !== null) pri.truncated.delete(event.grpid);
    },
  },
  PrgResponseIgnored: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A response came after a failure had disabled PRI, and changes nothing.',
    describe: answerText('ignores the response to group index'),
    evolve: outsideTheState,
  },
  PriEnabled: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'PRI Control: Enable was set (pci_enable_pri).',
    describe: event =>
      `physical device ${event.deviceNo}: PRI on, ${event.allocation} requests allowed`,
    evolve(state, event) {
      enablePri(priOfDevice(state, event), event.allocation);
    },
  },
  PriDisabled: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'PRI Control: Enable is clear, by software or by a failure.',
    describe: event => `physical device ${event.deviceNo}: PRI off (${event.why})`,
    evolve(state, event) {
      const pri = priOfDevice(state, event);
      pri.enabled = false;
      if (event.why === 'RESPONSE_FAILURE') pri.responseFailure = true;
      pri.stopped = pri.outstanding.size === 0;
    },
  },
  PriStopped: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'All that was sent before PRI was disabled is complete.',
    describe: event => `physical device ${event.deviceNo}: PRI stopped`,
    evolve(state, event) {
      priOfDevice(state, event).stopped = true;
    },
  },
  PriReset: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'PRI Control: Reset, which forgets what is outstanding (pci_reset_pri).',
    describe: event => `physical device ${event.deviceNo}: PRI reset`,
    evolve(state, event) {
      resetPri(state, priOfDevice(state, event));
    },
  },
};

export function enablePri(pri: PriState, allocation: number): void {
  pri.enabled = true;
  pri.stopped = false;
  pri.responseFailure = false;
  pri.unexpectedIndex = false;
  pri.allocation = allocation;
}

/** What is outstanding is forgotten; DMAs that waited for it wait for a credit again. */
export function resetPri(state: MachineState, pri: PriState): void {
  // DMAs stand in line in this order afterwards.
  for (const [grpid, { deviceNo: asking, dmaIds }] of byKey(pri.outstanding)) {
    for (const dmaId of dmaIds) {
      const device = functionOfDma(state, asking, dmaId);
      const dma = device?.hardware.dmas.get(dmaId);
      const pages = dma?.groups.get(grpid);
      if (device === null || dma === undefined || pages === undefined) continue;
      const { deviceNo } = device;
      dma.groups.delete(grpid);
      dma.unrequested = [...dma.unrequested, ...pages];
      dma.state = 'NO_CREDIT';
      dma.waitsSeq = state.seq;
      if (!pri.waiting.some(name => name.dmaId === dmaId)) {
        pri.waiting = [...pri.waiting, { deviceNo, dmaId }];
      }
    }
  }
  pri.outstanding.clear();
  pri.used = 0;
  pri.stopped = true;
}

/** A function is gone: nobody waits for what it asked, and its credits are free. */
export function forgetFunction(state: MachineState, device: ModelledDevice): void {
  const { deviceNo, hardware } = device;
  const iommu = iommuOfDevice(state, device);
  for (const [stag, stall] of iommu.stalls) {
    if (stall.deviceNo === deviceNo) iommu.stalls.delete(stag);
  }
  for (const [itag, pending] of iommu.invalidations) {
    if (pending.deviceNo === deviceNo) iommu.invalidations.delete(itag);
  }
  iommu.lostInvalidations = iommu.lostInvalidations.filter(lost => lost.deviceNo !== deviceNo);
  const pri = priOf(state, device);
  // Its own capability goes with it.
  if (pri === null || pri === hardware.pri) return;
  pri.waiting = pri.waiting.filter(name => name.deviceNo !== deviceNo);
  for (const [grpid, group] of pri.outstanding) {
    group.dmaIds = group.dmaIds.filter(dmaId => !hardware.dmas.has(dmaId));
    if (group.deviceNo !== deviceNo || group.dmaIds.length > 0) continue;
    pri.outstanding.delete(grpid);
    pri.used -= group.requests;
  }
  if (!pri.enabled && pri.outstanding.size === 0) pri.stopped = true;
}

function priOfDevice(state: MachineState, { deviceNo }: OfDevice): PriState {
  return must(priOf(state, modelledDeviceOf(state, deviceNo)), `PRI of device ${deviceNo}`);
}

function evolvePageRequestIssued(state: MachineState, event: PageRequestIssued): void {
  const { deviceNo, request, dmaId } = event;
  const { grpid } = request;
  const pri = priOfDevice(state, event);
  const device = modelledDeviceOf(state, deviceNo);
  let group = pri.outstanding.get(grpid);
  if (group === undefined) {
    group = {
      grpid,
      deviceNo,
      pasid: pasidOf(request),
      requests: 0,
      lastSent: false,
      dmaIds: [],
      sentSeq: state.seq,
    };
    pri.outstanding.set(grpid, group);
  }
  group.requests++;
  pri.used++;
  if (isLastPage(request)) {
    group.lastSent = true;
    pri.nextIndex = (grpid + 1) % 512;
  }
  if (dmaId === null) return;
  if (!group.dmaIds.includes(dmaId)) group.dmaIds = [...group.dmaIds, dmaId];
  const dma = must(device.hardware.dmas.get(dmaId), `DMA ${dmaId}`);
  const page = Number((request.addr >> 12n) - (dma.request.iova >> 12n));
  dma.unrequested = dma.unrequested.filter(missed => missed.page !== page);
  if (dma.unrequested.length === 0) {
    pri.waiting = pri.waiting.filter(name => name.dmaId !== dmaId);
  }
  const asked = dma.groups.get(grpid);
  const missed = { page, stage: event.stage };
  if (asked === undefined) dma.groups.set(grpid, [missed]);
  else asked.push(missed);
  dma.state = 'WAITING_PRG';
  dma.waitsSeq = state.seq;
}

function evolvePrgResponseReceived(state: MachineState, event: PrgResponseReceived): void {
  const pri = priOfDevice(state, event);
  // What the kernel had collected of a group that was cut went with the answered one.
  if (event.iopfGroupId !== null) pri.truncated.delete(event.grpid);
  const group = pri.outstanding.get(event.grpid);
  // A failure counts whatever index it names.
  if (group === undefined) return;
  pri.outstanding.delete(event.grpid);
  pri.used -= group.requests;
  for (const dmaId of group.dmaIds) {
    const dma = functionOfDma(state, group.deviceNo, dmaId)?.hardware.dmas.get(dmaId);
    if (dma === undefined) continue;
    dma.groups.delete(event.grpid);
    const inLine = dma.groups.size === 0 && dma.unrequested.length > 0;
    if (inLine && dma.state !== 'BACKED_OFF') dma.state = 'NO_CREDIT';
  }
}
