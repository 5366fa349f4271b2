/** Events of translation caches: the IOTLB of an IOMMU, the ATC of a function, and ATS. */
import { SHORT_INVALIDATIONS_MAX } from '../../../abi/limits.ts';
import { count, hex } from '../../explain/words.ts';
import { must } from '../../machine/assert.ts';
import { type EventEntries, outsideTheState } from '../../machine/event-entry.ts';
import { contextOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { wordWrittenSeq, writeWord } from '../../memory/guest-memory.ts';
import { atcTagStart, domainTag, domainTagStart, type UserWord } from '../dma/walk.ts';
import { iommuOf, iommuOfDevice, modelledDeviceOf } from '../function/lookup.ts';
import { TIMEOUT_RULES } from '../vendors/invalidation-timeout.ts';

interface OfDevice {
  readonly deviceNo: number;
}

/** A translation that a cache took. */
export interface CachedPage {
  /** Whose it is: domain and PASID in an IOTLB, PASID in an ATC. */
  readonly tag: string;
  /** Number of its first page. */
  readonly page: number;
  readonly log2Pages: number;
  /** Number of the user page that it leads to. */
  readonly target: number;
  readonly read: boolean;
  readonly write: boolean;
}

/** Pages that an invalidation names, both inclusive. */
export interface InvalidatedPages {
  /** null: of all PASIDs. */
  readonly pasid: PasidName | null;
  readonly firstPage: number;
  readonly lastPage: number;
}

/** A PASID, or requests without one. */
export interface PasidName {
  readonly pasid: number | null;
}

export interface IotlbFilled {
  readonly type: 'IotlbFilled';
  readonly iommuNo: number;
  readonly translations: readonly CachedPage[];
  /** Accessed and dirty bits that the walks set. */
  readonly updates: readonly UserWord[];
}

export interface AtcFilled extends OfDevice {
  readonly type: 'AtcFilled';
  readonly translations: readonly CachedPage[];
}

/** Translations of a domain left an IOTLB. */
export interface IotlbInvalidated extends InvalidatedPages {
  readonly type: 'IotlbInvalidated';
  readonly iommuNo: number;
  readonly contextId: number;
  readonly hwptId: number;
  /** Functions whose ATC was not invalidated with it. */
  readonly atcLeft: readonly number[];
}

/** A function completed an invalidation of its ATC. */
export interface AtcInvalidated extends OfDevice, InvalidatedPages {
  readonly type: 'AtcInvalidated';
}

/** A translation request of a function was completed. */
export interface AtsTranslationCompleted extends OfDevice {
  readonly type: 'AtsTranslationCompleted';
  readonly pasid: number | null;
  readonly iova: bigint;
  readonly status: 'SUCCESS' | 'UR' | 'CA';
  readonly read: boolean;
  readonly write: boolean;
}

/** An invalidation was sent to a function that does not complete it now. */
export interface InvalidationRequested extends OfDevice, InvalidatedPages {
  readonly type: 'InvalidationRequested';
  readonly itag: number;
  readonly deadlineTick: number;
}

/** A pending invalidation came to its end: the function was reset or removed. */
export interface InvalidationCompleted extends OfDevice {
  readonly type: 'InvalidationCompleted';
  readonly itag: number;
}

/** A function did not complete an invalidation in time: the invalidation queue stopped, but AMD-Vi's. */
export interface InvalidationTimedOut extends OfDevice {
  readonly type: 'InvalidationTimedOut';
  readonly itag: number;
  /** The vendor's word for the error. */
  readonly kind: string;
}

/** ATS Control: Enable. Disabling forgets what is cached. */
export interface AtsSwitched extends OfDevice {
  readonly type: 'AtsSwitched';
  readonly enabled: boolean;
}

export type AtsEvent =
  | IotlbFilled
  | AtcFilled
  | IotlbInvalidated
  | AtcInvalidated
  | AtsTranslationCompleted
  | InvalidationRequested
  | InvalidationCompleted
  | InvalidationTimedOut
  | AtsSwitched;

const PAGE = 4096n;
const pagesText = ({ firstPage, lastPage }: InvalidatedPages) =>
  `${hex(BigInt(firstPage) * PAGE)} to ${hex(BigInt(lastPage) * PAGE + PAGE - 1n)}`;
const device = ({ deviceNo }: OfDevice) => `physical device ${deviceNo}`;

export const ATS_EVENTS: EventEntries<AtsEvent> = {
  IotlbFilled: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'An IOMMU cached translations that it walked for.',
    describe: event =>
      `IOMMU ${event.iommuNo} cached ${count(event.translations.length, 'translation')}`,
    evolve: evolveIotlbFilled,
  },
  AtcFilled: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A function cached translations in its ATC.',
    describe: event => `${device(event)} cached ${count(event.translations.length, 'translation')}`,
    evolve(state, event) {
      const { atc } = modelledDeviceOf(state, event.deviceNo).hardware;
      for (const translation of event.translations) {
        atc.fill({ ...translation, execute: false, filledSeq: state.seq });
      }
    },
  },
  IotlbInvalidated: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'Translations of a domain left the IOTLB.',
    describe: event => `IOMMU ${event.iommuNo} forgot ${pagesText(event)} of hwpt ${event.hwptId}`,
    evolve: evolveIotlbInvalidated,
  },
  AtcInvalidated: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A function completed an invalidation of its ATC.',
    describe: event => `${device(event)} forgot ${pagesText(event)}`,
    evolve(state, event) {
      const { hardware } = modelledDeviceOf(state, event.deviceNo);
      const start = event.pasid === null ? '' : atcTagStart(event.pasid.pasid);
      hardware.atc.drop({
        tag: tag => tag.startsWith(start),
        range: { first: event.firstPage, last: event.lastPage },
      });
      // Who forgets everything has nothing left of an invalidation that was lost.
      const iommu = iommuOfDevice(state, modelledDeviceOf(state, event.deviceNo));
      iommu.lostInvalidations = iommu.lostInvalidations.filter(
        lost => lost.deviceNo !== event.deviceNo || event.pasid !== null || event.firstPage > 0,
      );
      // One PASID's translations are gone; what was left of the others is left.
      hardware.shortInvalidations = hardware.shortInvalidations.filter(
        short =>
          event.pasid !== null ||
          short.firstPage < event.firstPage ||
          short.lastPage > event.lastPage,
      );
    },
  },
  AtsTranslationCompleted: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A translation request of a function was completed (PCIe, ATS).',
    describe: event =>
      `${device(event)}: translation of ${hex(event.iova)} is ${event.status}, R=${Number(event.read)} W=${Number(event.write)}`,
    evolve: outsideTheState,
  },
  InvalidationRequested: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'An invalidation was sent to a function that does not complete it now.',
    describe: event =>
      `${device(event)} was told to forget ${pagesText(event)} (ITag ${event.itag})`,
    evolve: evolveInvalidationRequested,
  },
  InvalidationCompleted: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A pending invalidation came to its end: the function was reset.',
    describe: event => `${device(event)}: invalidation with ITag ${event.itag} over`,
    evolve(state, event) {
      iommuOfDevice(state, modelledDeviceOf(state, event.deviceNo)).invalidations.delete(
        event.itag,
      );
    },
  },
  InvalidationTimedOut: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A function did not complete an invalidation in time. AMD-Vi’s queue goes on.',
    describe: event =>
      `${device(event)} did not complete the invalidation with ITag ${event.itag}: ${event.kind}`,
    evolve: evolveInvalidationTimedOut,
  },
  AtsSwitched: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'ATS Control: Enable was set or cleared; clear, nothing is cached.',
    describe: event => `${device(event)}: ATS ${event.enabled ? 'on' : 'off'}`,
    evolve(state, event) {
      const { ats, atc } = modelledDeviceOf(state, event.deviceNo).hardware;
      must(ats, 'ATS').enabled = event.enabled;
      atc.drop({ tag: null, range: null });
    },
  },
};

function evolveIotlbFilled(state: MachineState, event: IotlbFilled): void {
  const { iotlb } = iommuOf(state, event.iommuNo);
  for (const translation of event.translations) {
    iotlb.fill({ ...translation, execute: false, filledSeq: state.seq });
  }
  for (const { contextId, userVa, value } of event.updates) {
    const context = contextOf(state, contextId);
    // Who wrote the entry is software; hardware's own bits do not make it newer.
    writeWord(context, userVa, value, wordWrittenSeq(context, userVa) ?? 0);
  }
}

function evolveIotlbInvalidated(state: MachineState, event: IotlbInvalidated): void {
  const { contextId, hwptId, pasid, firstPage, lastPage } = event;
  const start = domainTagStart(contextId, hwptId);
  iommuOf(state, event.iommuNo).iotlb.drop({
    tag: pasid === null ? tag => tag.startsWith(start) : domainTag(contextId, hwptId, pasid.pasid),
    range: { first: firstPage, last: lastPage },
  });
  for (const deviceNo of event.atcLeft) {
    const { hardware } = modelledDeviceOf(state, deviceNo);
    const short = { pasid: pasid?.pasid ?? null, firstPage, lastPage, invalidatedSeq: state.seq };
    const all = [...hardware.shortInvalidations, short];
    hardware.shortInvalidations = all.slice(-SHORT_INVALIDATIONS_MAX);
  }
}

function evolveInvalidationRequested(state: MachineState, event: InvalidationRequested): void {
  const { itag, deviceNo, pasid, firstPage, lastPage, deadlineTick } = event;
  iommuOfDevice(state, modelledDeviceOf(state, deviceNo)).invalidations.set(itag, {
    itag,
    deviceNo,
    pasid: pasid?.pasid ?? null,
    firstPage,
    lastPage,
    deadlineTick,
    requestedSeq: state.seq,
  });
}

function evolveInvalidationTimedOut(state: MachineState, event: InvalidationTimedOut): void {
  const iommu = iommuOfDevice(state, modelledDeviceOf(state, event.deviceNo));
  const lost = must(iommu.invalidations.get(event.itag), `ITag ${event.itag}`);
  iommu.invalidations.delete(event.itag);
  const { deviceNo, pasid, firstPage, lastPage, requestedSeq } = lost;
  const all = [...iommu.lostInvalidations, { deviceNo, pasid, firstPage, lastPage, requestedSeq }];
  iommu.lostInvalidations = all.slice(-SHORT_INVALIDATIONS_MAX);
  if (TIMEOUT_RULES[iommu.spec.vendor].stopsQueue) {
    iommu.queueError = { kind: event.kind, errorSeq: state.seq };
  }
}
