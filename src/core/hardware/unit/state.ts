/** IOMMUs as hardware: their queues, caches and fault records. Types only; `evolve` alone changes them. */
import type { PageRequest } from '../../iommu/state.ts';
import type { Translation } from '../cache/columns.ts';
import type { CacheBound, TranslationCache } from '../cache/translation-cache.ts';
import type { DmaFaultReason, TableFormat } from '../tables/access.ts';
import type { AnswerSettings } from '../vendors/automatic-answer.ts';
import type { DriverBehaviour } from '../vendors/formats.ts';
import type { IommuVendor } from '../vendors/names.ts';

/** Who runs the driver's interrupt thread: each request at once, or `prqServe`. */
export type PrqService = 'IMMEDIATE' | 'MANUAL';

/** An IOMMU to add to a machine. */
export interface IommuSpec {
  readonly vendor: IommuVendor;
  readonly driver: DriverBehaviour;
  /** Records of the page request queue; a power of two. */
  readonly prqEntries: number;
  readonly service: PrqService;
  readonly iotlb: CacheBound;
  /** Ticks after which an ATC invalidation that is not completed has timed out. */
  readonly invalidationTimeoutTicks: number;
  /** The format of the guests' first stage; null: by the user data of the hwpt. */
  readonly tableFormat: TableFormat | null;
  /** What decides its own answers to page requests. */
  readonly answers: AnswerSettings;
  /** AS_LINUX: nested hwpts take fault queues though Linux' driver refuses that. */
  readonly faultCapableNested?: true;
  /** Memory refuses the records of its page request queue. */
  readonly prqBroken?: true;
}

/** A page request that stands in a queue. */
export interface PageRequestRecord {
  readonly deviceNo: number;
  readonly request: PageRequest;
  /** seq of the event that queued it. */
  readonly queuedSeq: number;
}

export interface PageRequestQueue {
  /** Index of the next record that software reads. */
  head: number;
  /** Index of the next record that hardware writes. */
  tail: number;
  /** By slot in the queue's memory, those from head to tail. */
  readonly records: Map<number, PageRequestRecord>;
  enabled: boolean;
  /** Requests were lost; none is written until software clears it. */
  overflow: boolean;
  /** seq of the event that set it; null while it is clear. */
  overflowSeq: number | null;
}

/** A transaction that waits in the IOMMU (SMMUv3, stall model). */
export interface Stall {
  readonly deviceNo: number;
  readonly dmaId: number;
  /** seq of the event by which it stalled. */
  readonly stalledSeq: number;
}

/** What a fault record says besides, for its vendor's bits. */
export interface FaultDetail {
  /** Why the walk ended; null: there was none. */
  readonly reason: DmaFaultReason | null;
  /** Whose fault it is: 1, the guest's table; 2, the nest parent, or the only stage. */
  readonly stage: 1 | 2;
  /** The second stage had no table of the guest. */
  readonly implicit: boolean;
  /** What the second stage was asked for; null where it was not. */
  readonly gpa: bigint | null;
  /** It was an ATS translation request. */
  readonly translationRequest: boolean;
  /** It was a page request; null: it was not. */
  readonly request: PageRequest | null;
}

/** What an IOMMU records of a transaction that it refuses. */
export interface RecordedFault {
  readonly pasid: number | null;
  readonly iova: bigint;
  readonly write: boolean;
  /** The vendor's number. */
  readonly code: number;
  /** The vendor's name for it. */
  readonly name: string;
  /** Left out where there is nothing more, and in older logs. */
  readonly detail?: FaultDetail;
}

/** What an IOMMU wrote about a transaction that it refused. */
export interface FaultRecord extends RecordedFault {
  readonly deviceNo: number;
  readonly recordedSeq: number;
}

/** An ATC invalidation that its device has not completed. */
export interface PendingInvalidation {
  readonly itag: number;
  readonly deviceNo: number;
  /** null: requests without a PASID. */
  readonly pasid: number | null;
  /** Page numbers, both inclusive. */
  readonly firstPage: number;
  readonly lastPage: number;
  readonly deadlineTick: number;
  readonly requestedSeq: number;
}

/** An invalidation that timed out: what is in the device's ATC for its range is not known. */
export interface LostInvalidation {
  readonly deviceNo: number;
  readonly pasid: number | null;
  readonly firstPage: number;
  readonly lastPage: number;
  readonly requestedSeq: number;
}

/** Why the invalidation queue stopped. */
export interface QueueError {
  /** VT-d ITE, SMMUv3 CERROR_ATC_INV_SYNC, AMD IOTLB_INV_TIMEOUT, RISC-V cmd_to. */
  readonly kind: string;
  readonly errorSeq: number;
}

export interface Iommu {
  /** Counts the machine's IOMMUs from 0. */
  readonly iommuNo: number;
  readonly spec: IommuSpec;
  readonly pageRequestQueue: PageRequestQueue;
  /** By STAG. */
  readonly stalls: Map<number, Stall>;
  /** STAG to the seq of the event by which a transaction under it was resumed or ended last. */
  readonly resumedSeqs: Map<number, number>;
  /** The newest of them. */
  faultRecords: FaultRecord[];
  readonly iotlb: TranslationCache<Translation>;
  /** By ITag. */
  readonly invalidations: Map<number, PendingInvalidation>;
  lostInvalidations: LostInvalidation[];
  queueError: QueueError | null;
}
