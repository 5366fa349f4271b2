/** Events of transactions that stall in an IOMMU (SMMUv3, IHI 0070 3.12.2). */
import { must } from '../../machine/assert.ts';
import type { EventEntries } from '../../machine/event-entry.ts';
import { iommuOf, modelledDeviceOf } from '../function/lookup.ts';

interface OfStall {
  readonly iommuNo: number;
  readonly stag: number;
}

/** A transaction waits in the IOMMU, and an event record says so. */
export interface TransactionStalled extends OfStall {
  readonly type: 'TransactionStalled';
  readonly deviceNo: number;
  readonly dmaId: number;
}

/** CMD_RESUME reached a stalled transaction. */
export interface StallResumed extends OfStall {
  readonly type: 'StallResumed';
  readonly action: 'RETRY' | 'ABORT';
}

/** CMD_STALL_TERM, or a reset: all stalled transactions of a function end. */
export interface StallsTerminated {
  readonly type: 'StallsTerminated';
  readonly iommuNo: number;
  readonly deviceNo: number;
  /** The tags that are free by it. Absent in older logs. */
  readonly stags?: readonly number[];
}

export type StallEvent = TransactionStalled | StallResumed | StallsTerminated;

export const STALL_EVENTS: EventEntries<StallEvent> = {
  TransactionStalled: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A transaction waits in the IOMMU, with a tag that its event record names.',
    describe: event =>
      `DMA ${event.dmaId} of physical device ${event.deviceNo} stalled in IOMMU ${event.iommuNo} with STAG ${event.stag}`,
    evolve(state, { iommuNo, stag, deviceNo, dmaId }) {
      iommuOf(state, iommuNo).stalls.set(stag, { deviceNo, dmaId, stalledSeq: state.seq });
      const { dmas } = modelledDeviceOf(state, deviceNo).hardware;
      const dma = must(dmas.get(dmaId), `DMA ${dmaId}`);
      dma.state = 'STALLED';
      dma.stag = stag;
      dma.unrequested = [];
      dma.waitsSeq = state.seq;
    },
  },
  StallResumed: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'CMD_RESUME reached a stalled transaction: it is tried again, or ends.',
    describe: event => `STAG ${event.stag} of IOMMU ${event.iommuNo}: ${event.action}`,
    evolve(state, { iommuNo, stag }) {
      const { stalls, resumedSeqs } = iommuOf(state, iommuNo);
      resumedSeqs.set(stag, state.seq);
      const { deviceNo, dmaId } = must(stalls.get(stag), `STAG ${stag}`);
      stalls.delete(stag);
      const dma = modelledDeviceOf(state, deviceNo).hardware.dmas.get(dmaId);
      if (dma !== undefined) dma.stag = null;
    },
  },
  StallsTerminated: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'All stalled transactions of a function are ended (CMD_STALL_TERM).',
    describe: event => `stalled transactions of physical device ${event.deviceNo} are ended`,
    evolve(state, { iommuNo, stags = [] }) {
      const { resumedSeqs } = iommuOf(state, iommuNo);
      for (const stag of stags) resumedSeqs.set(stag, state.seq);
    },
  },
};
