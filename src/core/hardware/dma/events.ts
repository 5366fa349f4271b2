/** Events of DMAs: from issue to completion. */
import { count, hex } from '../../explain/words.ts';
import { must } from '../../machine/assert.ts';
import type { EventEntries } from '../../machine/event-entry.ts';
import { contextOf, dmaDomain, groupOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import {
  type Content,
  contentOf,
  contentOfBytes,
  fillGuestMemory,
  putContent,
} from '../../memory/guest-memory.ts';
import { bytesOfHex } from '../../memory/hex-bytes.ts';
import type { OfProcess } from '../../memory/user-process.ts';
import { pageOf } from '../cache/translation-cache.ts';
import { iommuOfDevice, type ModelledDevice, modelledDeviceOf, priOf } from '../function/lookup.ts';
import type { DmaOptions, DmaRequest, DmaState, MissedPage } from '../function/state.ts';
import { atcTag, domainTag } from './walk.ts';

interface OfDma {
  readonly deviceNo: number;
  readonly dmaId: number;
}

/** User memory that a DMA reads or fills, in the order of its IOVAs. */
export interface UserRun extends OfProcess {
  readonly contextId: number;
  readonly userVa: bigint;
  readonly length: bigint;
}

/** Where the last translation of a DMA came from. */
export type Via = 'WALK' | 'IOTLB' | 'ATC';

/** A device issued a DMA that does not complete at once. */
export interface DmaIssued extends OfDma {
  readonly type: 'DmaIssued';
  readonly request: DmaRequest;
  readonly options: DmaOptions;
  /** What could not be translated. */
  readonly missed: readonly MissedPage[];
  /** null: it waits for ever. */
  readonly deadlineTick: number | null;
}

/** A DMA moved its bytes. */
export interface DmaCompleted extends OfDma {
  readonly type: 'DmaCompleted';
  /** null: as it was issued. */
  readonly request: DmaRequest | null;
  readonly via: Via;
  readonly runs: readonly UserRun[];
  /** Whether what was read is what was expected; null: nothing was. */
  readonly matched: boolean | null;
}

/** A DMA waits for answers, for a credit, for time to pass, or in the IOMMU. */
export interface DmaWaited extends OfDma {
  readonly type: 'DmaWaited';
  readonly state: DmaState;
  /** Group indexes that it waits for. */
  readonly grpids: readonly number[];
  readonly stag: number | null;
}

/** After an answer of success pages are missing all the same: the device asks again. */
export interface DmaRetried extends OfDma {
  readonly type: 'DmaRetried';
  readonly missed: readonly MissedPage[];
  readonly retries: number;
}

export type AbortReason =
  /** The group was answered INVALID. */
  | 'INVALID_REQUEST'
  /** A failure disabled PRI. */
  | 'RESPONSE_FAILURE'
  /** The bound on retries was reached, which is the device's or ours. */
  | 'RETRY_LIMIT'
  /** It cannot ask: it has no PRI, or PRI is off. */
  | 'NO_PRI'
  /** The IOMMU refused it for good, and recorded that. */
  | 'REFUSED'
  /** The stalled transaction was ended. */
  | 'TERMINATED'
  | 'DEVICE_RESET';

/** A DMA failed. */
export interface DmaAborted extends OfDma {
  readonly type: 'DmaAborted';
  /** null: as it was issued. */
  readonly request: DmaRequest | null;
  readonly reason: AbortReason;
}

/** The device gave up waiting. */
export interface DmaTimedOut extends OfDma {
  readonly type: 'DmaTimedOut';
}

export type DmaEvent = DmaIssued | DmaCompleted | DmaWaited | DmaRetried | DmaAborted | DmaTimedOut;

const dma = ({ dmaId, deviceNo }: OfDma) => `DMA ${dmaId} of physical device ${deviceNo}`;
const moves = ({ write, iova, length }: DmaRequest) =>
  `${write ? 'write' : 'read'} of ${length} bytes at ${hex(iova)}`;

export const DMA_EVENTS: EventEntries<DmaEvent> = {
  DmaIssued: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A device issued a DMA that does not complete at once: pages are missing.',
    describe: event =>
      `${dma(event)}: ${moves(event.request)}, ${count(event.missed.length, 'page')} missing`,
    evolve: evolveDmaIssued,
  },
  DmaCompleted: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A DMA moved its bytes.',
    describe: event =>
      `${dma(event)} done${event.request === null ? '' : `, ${moves(event.request)}`} (${event.via})`,
    evolve: evolveDmaCompleted,
  },
  DmaWaited: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A DMA waits: for answers, for a credit or for time to ask, or in the IOMMU.',
    describe: event => `${dma(event)} waits (${event.state})`,
    evolve(state, event) {
      const { hardware } = modelledDeviceOf(state, event.deviceNo);
      must(hardware.dmas.get(event.dmaId), `DMA ${event.dmaId}`).state = event.state;
    },
  },
  DmaRetried: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'The device looked again after an answer of success, and pages are missing still.',
    describe: event =>
      `${dma(event)} looked again and misses ${count(event.missed.length, 'page')}`,
    evolve(state, event) {
      const device = modelledDeviceOf(state, event.deviceNo);
      const found = must(device.hardware.dmas.get(event.dmaId), `DMA ${event.dmaId}`);
      found.retries = event.retries;
      found.unrequested = [...found.unrequested, ...event.missed];
      const backedOff = found.state === 'BACKED_OFF';
      if (found.groups.size === 0 && !backedOff) found.state = 'NO_CREDIT';
      found.waitsSeq = state.seq;
      waitForCredit(state, device, event.dmaId);
    },
  },
  DmaAborted: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A DMA failed.',
    describe: event => `${dma(event)} failed: ${event.reason}`,
    evolve: evolveDmaEnded,
  },
  DmaTimedOut: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'The device gave up waiting: the deadline of a DMA passed.',
    describe: event => `${dma(event)} timed out`,
    evolve: evolveDmaEnded,
  },
};

/** The DMA stands in line for credits, once. */
function waitForCredit(state: MachineState, device: ModelledDevice, dmaId: number): void {
  const pri = priOf(state, device);
  if (pri === null || pri.waiting.some(name => name.dmaId === dmaId)) return;
  pri.waiting = [...pri.waiting, { deviceNo: device.deviceNo, dmaId }];
}

function evolveDmaIssued(state: MachineState, event: DmaIssued): void {
  const { deviceNo, dmaId, request, options, missed, deadlineTick } = event;
  const device = modelledDeviceOf(state, deviceNo);
  state.nextDmaId = dmaId + 1;
  device.hardware.dmas.set(dmaId, {
    dmaId,
    request,
    options,
    state: 'NO_CREDIT',
    groups: new Map(),
    unrequested: missed,
    stag: null,
    retries: 0,
    issuedSeq: state.seq,
    waitsSeq: state.seq,
    deadlineTick,
  });
  if (!device.hardware.spec.stall) waitForCredit(state, device, dmaId);
}

/** A DMA that ended, well or not, waits for nothing; its groups stay outstanding without it. */
function forgetDma(state: MachineState, device: ModelledDevice, dmaId: number): void {
  const { dmas } = device.hardware;
  const found = dmas.get(dmaId);
  if (found === undefined) return;
  dmas.delete(dmaId);
  if (found.stag !== null) iommuOfDevice(state, device).stalls.delete(found.stag);
  const pri = priOf(state, device);
  if (pri === null) return;
  if (found.unrequested.length > 0) {
    pri.waiting = pri.waiting.filter(name => name.dmaId !== dmaId);
  }
  for (const grpid of found.groups.keys()) {
    const group = pri.outstanding.get(grpid);
    if (group) group.dmaIds = group.dmaIds.filter(id => id !== dmaId);
  }
}

function evolveDmaCompleted(state: MachineState, event: DmaCompleted): void {
  const device = modelledDeviceOf(state, event.deviceNo);
  const { hardware } = device;
  const request = event.request ?? must(hardware.dmas.get(event.dmaId), 'DMA').request;
  state.nextDmaId = Math.max(state.nextDmaId, event.dmaId + 1);
  touchCaches(state, device, request);
  if (request.write) {
    const content =
      request.source === null
        ? givenContent(request)
        : must(hardware.held.get(request.source), 'bytes');
    let offset = 0n;
    for (const { contextId, userVa, length } of event.runs) {
      const context = contextOf(state, contextId);
      if (content !== null) putContent(context, userVa, length, content, offset, state.seq);
      else {
        const fill = request.fill ?? 0;
        const run = { start: userVa, last: userVa + length - 1n, fill };
        fillGuestMemory(context, run, state.seq);
      }
      offset += length;
    }
    if (request.source !== null) hardware.held.delete(request.source);
  } else if (request.copyTo !== null) {
    hardware.held.set(event.dmaId, contentOfRuns(state, event.runs));
  }
  forgetDma(state, device, event.dmaId);
}

/** null: the DMA was given no bytes of its own. */
function givenContent({ data }: DmaRequest): Content | null {
  return data === undefined ? null : contentOfBytes(bytesOfHex(data));
}

function contentOfRuns(state: MachineState, runs: readonly UserRun[]): Content {
  let offset = 0n;
  const parts = runs.map(({ contextId, userVa, length }) => {
    const { runs: filled, words } = contentOf(contextOf(state, contextId), userVa, length);
    const at = offset;
    offset += length;
    const moved = <T extends { start: bigint; last: bigint }>(item: T): T => ({
      ...item,
      start: item.start + at,
      last: item.last + at,
    });
    return { runs: filled.map(moved), words: words.map(moved) };
  });
  return {
    length: offset,
    runs: parts.flatMap(part => part.runs),
    words: parts.flatMap(part => part.words),
  };
}

/** Where uses count, a DMA makes the translations that it used younger. */
function touchCaches(
  state: MachineState,
  device: ModelledDevice,
  { iova, length, pasid }: DmaRequest,
): void {
  const domain = dmaDomain(groupOf(state, device.iommuGroupId), pasid);
  if (domain.kind !== 'HWPT') return;
  const { atc } = device.hardware;
  const { iotlb } = iommuOfDevice(state, device);
  const caches = [
    { cache: atc, tag: atcTag(pasid, domain.contextId) },
    { cache: iotlb, tag: domainTag(domain.contextId, domain.hwptId, pasid) },
  ].filter(({ cache }) => cache.bound.lru && cache.size > 0);
  for (const { cache, tag } of caches) {
    const last = pageOf(iova + length - 1n);
    for (let page = pageOf(iova); page <= last; ) {
      const found = cache.find(tag, page);
      if (found !== null) cache.touch(found);
      page = found === null ? page + 1 : found.page + 2 ** found.log2Pages;
    }
  }
}

function evolveDmaEnded(state: MachineState, event: DmaAborted | DmaTimedOut): void {
  const device = modelledDeviceOf(state, event.deviceNo);
  const { hardware } = device;
  const found = hardware.dmas.get(event.dmaId)?.request;
  const request = (event.type === 'DmaAborted' ? event.request : null) ?? found;
  state.nextDmaId = Math.max(state.nextDmaId, event.dmaId + 1);
  if (request?.source != null) hardware.held.delete(request.source);
  forgetDma(state, device, event.dmaId);
}
