/** Events of IOMMUs as a whole, and of hardware's time. */
import { FAULT_RECORDS_MAX } from '../../../abi/limits.ts';
import { hex } from '../../explain/words.ts';
import type { EventEntries } from '../../machine/event-entry.ts';
import type { MachineState } from '../../machine/state.ts';
import { TranslationCache } from '../cache/translation-cache.ts';
import { iommuOf } from '../function/lookup.ts';
import type { IommuSpec, RecordedFault } from './state.ts';

/** A modelled IOMMU is part of the machine. */
export interface IommuAdded {
  readonly type: 'IommuAdded';
  readonly iommuNo: number;
  readonly spec: IommuSpec;
}

/** An IOMMU refused a transaction and wrote a record about it. */
export interface FaultRecorded extends RecordedFault {
  readonly type: 'FaultRecorded';
  readonly iommuNo: number;
  readonly deviceNo: number;
}

/** Software cleared the error at which the invalidation queue had stopped. */
export interface QueueErrorCleared {
  readonly type: 'QueueErrorCleared';
  readonly iommuNo: number;
}

/** Hardware's time went on. */
export interface TickAdvanced {
  readonly type: 'TickAdvanced';
  readonly tick: number;
}

export type UnitEvent = IommuAdded | FaultRecorded | QueueErrorCleared | TickAdvanced;

export const UNIT_EVENTS: EventEntries<UnitEvent> = {
  IommuAdded: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'An IOMMU whose queues and caches are modelled is part of the machine.',
    describe: ({ iommuNo, spec }) =>
      `IOMMU ${iommuNo}: ${spec.vendor}, page request queue of ${spec.prqEntries}`,
    evolve: evolveIommuAdded,
  },
  FaultRecorded: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'An IOMMU refused a transaction for good and wrote a fault record.',
    describe: event =>
      `IOMMU ${event.iommuNo} refused physical device ${event.deviceNo} at ${hex(event.iova)}: ${event.name}`,
    evolve(state, { type: _, iommuNo, ...record }) {
      const iommu = iommuOf(state, iommuNo);
      const records = [...iommu.faultRecords, { ...record, recordedSeq: state.seq }];
      iommu.faultRecords = records.slice(-FAULT_RECORDS_MAX);
    },
  },
  QueueErrorCleared: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'Software cleared the error at which the invalidation queue had stopped.',
    describe: event => `IOMMU ${event.iommuNo}: its invalidation queue goes on`,
    evolve(state, event) {
      iommuOf(state, event.iommuNo).queueError = null;
    },
  },
  TickAdvanced: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'Hardware’s time went on.',
    describe: event => `it is tick ${event.tick}`,
    evolve(state, event) {
      state.tick = event.tick;
    },
  },
};

function evolveIommuAdded(state: MachineState, { iommuNo, spec }: IommuAdded): void {
  state.iommus.set(iommuNo, {
    iommuNo,
    spec,
    pageRequestQueue: {
      head: 0,
      tail: 0,
      records: new Map(),
      enabled: true,
      overflow: false,
      overflowSeq: null,
    },
    stalls: new Map(),
    resumedSeqs: new Map(),
    faultRecords: [],
    iotlb: new TranslationCache({ ...spec.iotlb }),
    invalidations: new Map(),
    lostInvalidations: [],
    queueError: null,
  });
}
