/** What a PCI function behind a modelled IOMMU has and does. Types only; `evolve` alone changes it. */
import type { Content } from '../../memory/guest-memory.ts';
import type { Translation } from '../cache/columns.ts';
import type { TranslationCache } from '../cache/translation-cache.ts';

/** The capabilities of a PCI function behind a modelled IOMMU. */
export interface FunctionSpec {
  /** The IOMMU it is behind. */
  readonly iommuNo: number;
  /** Address Translation Services; null: it has none. */
  readonly ats: AtsSpec | null;
  /** Outstanding Page Request Capacity; of a function with PRI. */
  readonly priCapacity: number;
  /** log2 of how many PASIDs it has; 0: no PASIDs. */
  readonly pasidWidth: number;
  /** Its transactions can stall (SMMUv3). */
  readonly stall: boolean;
}

export interface AtsSpec {
  /** Invalidations it can have pending, 1 to 32. */
  readonly invalidateQueueDepth: number;
  /** Whether it completes invalidations; one that does not is broken. */
  readonly respondsToInvalidation: boolean;
  /** Translations its cache holds, and which makes room. */
  readonly entries: number;
  readonly lru: boolean;
}

/** ATS Control. */
export interface AtsState {
  enabled: boolean;
  readonly invalidateQueueDepth: number;
  readonly respondsToInvalidation: boolean;
}

/** Requests of one page request group that have no answer. */
export interface OutstandingGroup {
  readonly grpid: number;
  /** The function that sent them: a virtual one shares the capability of its physical function. */
  readonly deviceNo: number;
  readonly pasid: number | null;
  /** Requests sent, each a credit. */
  requests: number;
  /** The last one of the group was sent. */
  lastSent: boolean;
  /** DMAs that wait for it; empty for raw requests. */
  dmaIds: readonly number[];
  /** seq of the event that sent the first one. */
  readonly sentSeq: number;
}

/** A group whose end the IOMMU answered by itself while its beginning is on its way to software. */
export interface TruncatedGroup {
  /** seq of the event that sent its first request. */
  readonly sentSeq: number;
  /** seq of the overflow. */
  readonly overflowSeq: number;
}

/** The PRI capability (PCIe, Page Request Extended Capability). */
export interface PriState {
  readonly capacity: number;
  /** Outstanding Page Request Allocation. */
  allocation: number;
  enabled: boolean;
  /** Valid while disabled: all that was sent is complete. */
  stopped: boolean;
  responseFailure: boolean;
  /** UPRGI: a response named an index that is not outstanding. */
  unexpectedIndex: boolean;
  /** By PRG index. */
  readonly outstanding: Map<number, OutstandingGroup>;
  /** Requests in `outstanding`: credits that are used. */
  used: number;
  /** Where ROUND_ROBIN goes on. */
  nextIndex: number;
  /** DMAs that wait for a credit, in order. */
  waiting: readonly DmaName[];
  /** By PRG index. */
  readonly truncated: Map<number, TruncatedGroup>;
}

export interface DmaName {
  readonly deviceNo: number;
  readonly dmaId: number;
}

export type DmaState =
  | 'WAITING_PRG'
  | 'NO_CREDIT'
  | 'STALLED'
  /** It asks again when time has passed, or when software has cleared the overflow. */
  | 'BACKED_OFF';

/** How a device makes page requests and when it gives up. */
export interface DmaOptions {
  readonly pagesPerGroup: number;
  readonly prgIndex: PrgIndexChoice;
  /** Answers of success after which a page may still be missing, before the device gives up. */
  readonly retryLimit: number;
  /** null: it waits for ever. */
  readonly timeoutTicks: number | null;
}

export type PrgIndexChoice =
  | { readonly kind: 'NEXT_FREE' }
  | { readonly kind: 'ROUND_ROBIN' }
  /** A broken device: every group has this index. */
  | { readonly kind: 'FIXED'; readonly index: number };

/** What a DMA moves. */
export interface DmaRequest {
  /** null: without a PASID. */
  readonly pasid: number | null;
  readonly iova: bigint;
  readonly length: bigint;
  readonly write: boolean;
  /** WRITE: each byte, 0 to 255; null: what `source` holds. */
  readonly fill: number | null;
  /** WRITE: the DMA whose bytes it writes. */
  readonly source: number | null;
  /** WRITE: the bytes, as hex, where they are not all the same. Absent without, and in older logs. */
  readonly data?: string;
  /** READ: where its bytes are written to then; null: nowhere. */
  readonly copyTo: bigint | null;
  /** READ: what each byte has to be; null: not compared. */
  readonly expected: number | null;
  /** Part of the function's program. */
  readonly ofProgram: boolean;
  /** Place in the program of the operation that asks. Absent without, and in older logs. */
  readonly programOp?: number;
}

/** A DMA that is not finished. */
export interface Dma {
  readonly dmaId: number;
  readonly request: DmaRequest;
  readonly options: DmaOptions;
  state: DmaState;
  /** PRG index to the pages asked for under it, counted from the DMA's first page. */
  readonly groups: Map<number, MissedPage[]>;
  /** Pages that are missing and not asked for yet. */
  unrequested: readonly MissedPage[];
  /** STALLED: its STAG. */
  stag: number | null;
  retries: number;
  readonly issuedSeq: number;
  /** seq of the event by which it began to wait for what it waits for now. */
  waitsSeq: number;
  readonly deadlineTick: number | null;
}

/** A page that could not be translated, and where. */
export interface MissedPage {
  readonly page: number;
  /** 1: the guest's table; 2: the nest parent, or the only stage. */
  readonly stage: 1 | 2;
}

export const PROGRAM_OPS = [
  'READ',
  'WRITE',
  'COPY',
  'ECHO',
  'TRANSLATE',
  'STOP',
  'BARRIER',
  'REPEAT',
  'EXPECT',
] as const;
export type ProgramOpKind = (typeof PROGRAM_OPS)[number];

/** One step of a device's program; fields that its kind has not are null. */
export interface ProgramOp {
  readonly op: ProgramOpKind;
  readonly iova: bigint | null;
  /** COPY: where to. */
  readonly toIova: bigint | null;
  readonly length: bigint | null;
  /** WRITE, EXPECT: each byte. */
  readonly fill: number | null;
  /** TRANSLATE: whether to write. */
  readonly write: boolean;
  /** null: the next one of the program's, or none. */
  readonly pasid: number | null;
  /** REPEAT: how often what stands since the REPEAT before it, or the start, runs once more. */
  readonly count: number | null;
}

export interface ProgramOptions extends DmaOptions {
  /** DMAs in flight at most. */
  readonly maxOutstanding: number;
  readonly onInvalid: 'SKIP' | 'STOP';
  /** Taken in turn by what names none; empty: no PASID. */
  readonly pasids: readonly number[];
}

export type ProgramState = 'IDLE' | 'RUNNING' | 'WAITING' | 'DONE' | 'FAILED';

/** Where a run of a program stands: it is written into the state when the run stops. */
export interface ProgramRun {
  next: number;
  loops: number | null;
  stepsLeft: number;
  steps: number;
  turns?: number;
}

export interface DeviceProgram {
  readonly ops: readonly ProgramOp[];
  readonly options: ProgramOptions;
  /** Place of the next operation. */
  next: number;
  /** How often the REPEAT under way goes on; null: none is. */
  loops: number | null;
  /** Operations it may still do before `deviceRun` has to come again. */
  stepsLeft: number;
  /** Operations done. */
  steps: number;
  /** Of a program with `pasids`: operations that took one of them. Absent in older logs: `steps`. */
  turns?: number;
  state: ProgramState;
  /** FAILED: why. */
  failure: string | null;
  /** FAILED: place of the operation that failed. Absent if none did, and in older logs. */
  failedOp?: number;
}

/** An IOTLB invalidation that left the same pages in the ATC. */
export interface ShortInvalidation {
  readonly pasid: number | null;
  readonly firstPage: number;
  readonly lastPage: number;
  readonly invalidatedSeq: number;
}

/** What a PCI function behind a modelled IOMMU is, holds and waits for. */
export interface FunctionHardware {
  readonly spec: FunctionSpec;
  readonly ats: AtsState | null;
  /** Of a physical function; a virtual one shares it. */
  readonly pri: PriState | null;
  readonly atc: TranslationCache<Translation>;
  program: DeviceProgram | null;
  readonly dmas: Map<number, Dma>;
  /** Bytes read and not written yet, by the DMA that read them. */
  readonly held: Map<number, Content>;
  shortInvalidations: ShortInvalidation[];
}
