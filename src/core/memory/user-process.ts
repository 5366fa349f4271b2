/** Processes as far as iommufd looks at them: who opens a context, who maps, whose memory it is. */
import type { IovaRange } from './iova-range.ts';
import type { RangeMap } from './range-map.ts';

/** User addresses that are there, page aligned. */
export interface MemoryRange extends IovaRange {
  /** It may not be written (no PROT_WRITE): pinning it to be written to is EFAULT. */
  readonly readOnly?: true;
  /** Of larger pages than 4 KiB: their size in bytes, a power of two. Each of them is contiguous. */
  readonly pageSize?: number;
}

/** Of a process, what decides whether it may pin and how that is counted. */
export interface PinningProcess {
  /** CAP_IPC_LOCK: what it pins is not counted. */
  readonly capIpcLock: boolean;
  /** RLIMIT_MEMLOCK in bytes; null: unlimited. */
  readonly rlimitMemlock: bigint | null;
  /** The user whose locked memory is counted in mode 0. */
  readonly userId: number;
  /** Contexts that name one process count as one in mode 1; left out: a process of its own. */
  readonly processId?: number;
}

/** A process by what it may do. */
export interface PrivilegedProcess extends PinningProcess {
  /** CAP_SYS_RESOURCE: it may set IOMMU_OPTION_RLIMIT_MODE. */
  readonly capSysResource: boolean;
}

/** What iommufd needs to know of the process that opens a context. */
export interface UserProcess extends PrivilegedProcess {
  /**
   * User addresses that exist; both ends inclusive, page aligned, disjoint, ascending. Of a process
   * that shares its memory: only if it is not known yet.
   */
  readonly memory: readonly MemoryRange[];
  /**
   * Its memory is one for all contexts that name the process and say so, and it is what the world
   * outside tells of that process; left out: the context has memory of its own.
   */
  readonly sharesMemory?: true;
}

/** The process that runs an operation, where it may be another than the one that opened the context. */
export interface CallingProcess extends PrivilegedProcess {
  readonly processId: number;
}

/** Whose memory a page container pins and who pays: source_mm, source_task, source_user. */
export interface PagesSource extends PinningProcess {
  readonly processId: number;
}

/** User memory of a context. */
export interface OfProcess {
  /** The process that mapped it; left out: the one that opened the context, or nobody knows. */
  readonly processId?: number;
}

/** Which addresses of a process are there (struct mm_struct); in order. */
export type MemoryRanges = RangeMap<MemoryRange> | readonly MemoryRange[];

/** The memory of a process that is told of, or changed since a context was opened. */
export interface ProcessMemory {
  readonly ranges: RangeMap<MemoryRange>;
  /** The world outside tells of it until it tells that the process is gone. */
  told: boolean;
}

/** How a memory changed. What is added may have been there, otherwise; what is removed, missing. */
export interface MemoryChange {
  readonly removed: readonly IovaRange[];
  readonly added: readonly MemoryRange[];
}

/** The process of the kernel traces: 16 MiB of anonymous memory, root's capabilities. */
export const TRACE_PROCESS: UserProcess = {
  memory: [{ start: 0x1000_0000n, last: 0x10ff_ffffn }],
  capIpcLock: true,
  capSysResource: true,
  rlimitMemlock: null,
  userId: 0,
};
