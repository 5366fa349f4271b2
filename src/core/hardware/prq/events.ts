/** Events of page request queues. */
import { count, describeRequest, responseText } from '../../explain/words.ts';
import type { PageRequest } from '../../iommu/state.ts';
import { must } from '../../machine/assert.ts';
import { type EventEntries, outsideTheState } from '../../machine/event-entry.ts';
import type { MachineState } from '../../machine/state.ts';
import { devicesBehind, iommuOf, modelledDeviceOf, priOf } from '../function/lookup.ts';
import type { Iommu } from '../unit/state.ts';
import type { LostBecause } from '../vendors/automatic-answer.ts';
import { nextIndex, slotOf } from '../vendors/request-queue.ts';

interface OfIommu {
  readonly iommuNo: number;
}

/** The IOMMU wrote a page request into its queue. */
export interface PageRequestQueued extends OfIommu {
  readonly type: 'PageRequestQueued';
  readonly deviceNo: number;
  /** Where it stands in the queue's memory. */
  readonly index: number;
  readonly request: PageRequest;
}

/** A page request reached no queue. */
export interface PageRequestDropped extends OfIommu {
  readonly type: 'PageRequestDropped';
  readonly deviceNo: number;
  readonly request: PageRequest;
  readonly why: LostBecause;
}

/** The IOMMU itself answered the last request of a group that reached no queue. */
export interface PageRequestAutoResponded extends OfIommu {
  readonly type: 'PageRequestAutoResponded';
  readonly deviceNo: number;
  readonly grpid: number;
  /** null: the answer has no PASID. */
  readonly pasid: number | null;
  /** PCIe's code. */
  readonly code: number;
  readonly why: LostBecause;
}

/** The queue was full: requests are lost until software clears the overflow. */
export interface PrqOverflowed extends OfIommu {
  readonly type: 'PrqOverflowed';
}

/** Software cleared the overflow, and discarded partial groups of this IOMMU's functions. */
export interface PrqOverflowCleared extends OfIommu {
  readonly type: 'PrqOverflowCleared';
  /** Collected requests that were discarded. */
  readonly discardedPartial: number;
}

/** The driver read records and moved the head over them. */
export interface PrqServed extends OfIommu {
  readonly type: 'PrqServed';
  readonly count: number;
}

/** A page request queue was turned on or off. */
export interface PrqSwitched extends OfIommu {
  readonly type: 'PrqSwitched';
  readonly enabled: boolean;
}

/** The driver reads the record and does not report it. */
export interface PageRequestRefused extends OfIommu {
  readonly type: 'PageRequestRefused';
  readonly deviceNo: number;
  readonly grpid: number;
  readonly why: RefusedBecause;
}

export type RefusedBecause =
  | 'STOP_MARKER'
  | 'NO_PASID'
  | 'PASID_TOO_WIDE'
  | 'NOT_CANONICAL'
  | 'PRIVILEGED'
  | 'DENIED'
  | 'NO_DEVICE';

export type PrqEvent =
  | PageRequestQueued
  | PageRequestDropped
  | PageRequestAutoResponded
  | PrqOverflowed
  | PrqOverflowCleared
  | PrqServed
  | PrqSwitched
  | PageRequestRefused;

const iommu = ({ iommuNo }: OfIommu) => `IOMMU ${iommuNo}`;

export const PRQ_EVENTS: EventEntries<PrqEvent> = {
  PageRequestQueued: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'An IOMMU wrote a page request into its queue.',
    describe: event =>
      `${iommu(event)} queued as record ${event.index} of physical device ${event.deviceNo}: ${describeRequest(event.request)}`,
    evolve: evolvePageRequestQueued,
  },
  PageRequestDropped: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A page request reached no queue.',
    describe: event =>
      `${iommu(event)} lost a request of physical device ${event.deviceNo}: ${describeRequest(event.request)} (${event.why})`,
    evolve: outsideTheState,
  },
  PageRequestAutoResponded: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'The IOMMU itself answered a request that reached no queue.',
    describe: event =>
      `${iommu(event)} answers group index ${event.grpid} of physical device ${event.deviceNo} by itself: ${event.code === 15 ? 'FAILURE (15)' : responseText(event.code)} (${event.why})`,
    evolve: evolveAutoResponded,
  },
  PrqOverflowed: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A page request queue was full: requests are lost until software clears it.',
    describe: event => `${iommu(event)}: its page request queue overflowed`,
    evolve(state, event) {
      const { pageRequestQueue } = iommuOf(state, event.iommuNo);
      pageRequestQueue.overflow = true;
      pageRequestQueue.overflowSeq = state.seq;
    },
  },
  PrqOverflowCleared: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'Software cleared an overflow, and discarded the groups that it cut.',
    describe: event =>
      `${iommu(event)}: overflow cleared, ${event.discardedPartial} collected requests discarded`,
    evolve: evolveOverflowCleared,
  },
  PrqServed: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'The driver read records of a page request queue and moved its head.',
    describe: event => `${iommu(event)}: ${count(event.count, 'record')} served`,
    evolve: evolvePrqServed,
  },
  PrqSwitched: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A page request queue was turned on or off.',
    describe: event => `${iommu(event)}: page request queue ${event.enabled ? 'on' : 'off'}`,
    evolve(state, event) {
      iommuOf(state, event.iommuNo).pageRequestQueue.enabled = event.enabled;
    },
  },
  PageRequestRefused: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'The IOMMU driver does not report a page request that it read.',
    describe: event =>
      `${iommu(event)}: group index ${event.grpid} of physical device ${event.deviceNo} not reported (${event.why})`,
    evolve: outsideTheState,
  },
};

function evolvePageRequestQueued(state: MachineState, event: PageRequestQueued): void {
  const { spec, pageRequestQueue } = iommuOf(state, event.iommuNo);
  const { deviceNo, request, index } = event;
  pageRequestQueue.records.set(index, { deviceNo, request, queuedSeq: state.seq });
  pageRequestQueue.tail = nextIndex(spec.vendor, pageRequestQueue.tail, spec.prqEntries);
}

/** The head of a group that stands in the queue, or is collected, is cut off from its answer. */
function evolveAutoResponded(state: MachineState, event: PageRequestAutoResponded): void {
  const { deviceNo, grpid, iommuNo } = event;
  const device = modelledDeviceOf(state, deviceNo);
  const pri = priOf(state, device);
  const group = pri?.outstanding.get(grpid);
  if (pri === null || group === undefined || event.why !== 'OVERFLOW') return;
  const queued = queuedRecords(iommuOf(state, iommuNo)).some(
    record => record.deviceNo === deviceNo && record.request.grpid === grpid,
  );
  if (!queued && !device.partial.some(request => request.grpid === grpid)) return;
  pri.truncated.set(grpid, { sentSeq: group.sentSeq, overflowSeq: state.seq });
}

function evolveOverflowCleared(state: MachineState, event: PrqOverflowCleared): void {
  const { pageRequestQueue } = iommuOf(state, event.iommuNo);
  pageRequestQueue.overflow = false;
  pageRequestQueue.overflowSeq = null;
  if (event.discardedPartial === 0) return;
  for (const device of devicesBehind(state, event.iommuNo)) priOf(state, device)?.truncated.clear();
}

function evolvePrqServed(state: MachineState, { iommuNo, count }: PrqServed): void {
  const { spec, pageRequestQueue } = iommuOf(state, iommuNo);
  for (let i = 0; i < count; i++) {
    const slot = slotOf(pageRequestQueue.head, spec.prqEntries);
    must(pageRequestQueue.records.get(slot), `record ${slot}`);
    pageRequestQueue.records.delete(slot);
    pageRequestQueue.head = nextIndex(spec.vendor, pageRequestQueue.head, spec.prqEntries);
  }
}

/** The records of a queue, the one software reads next first. */
export function queuedRecords({ spec, pageRequestQueue }: Iommu) {
  const { head, records } = pageRequestQueue;
  return Array.from({ length: records.size }, (_, i) =>
    must(records.get(slotOf(head + i, spec.prqEntries)), 'record of a queue'),
  );
}
