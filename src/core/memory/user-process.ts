/** The process behind a context, as far as iommufd looks at it. */
import type { IovaRange } from './iova-range.ts';

/** What iommufd needs to know of the process that opened a context. */
export interface UserProcess {
  /** User addresses that exist; both ends inclusive, page aligned, disjoint, ascending. */
  readonly memory: readonly IovaRange[];
  /** CAP_IPC_LOCK: what it pins is not counted. */
  readonly capIpcLock: boolean;
  /** CAP_SYS_RESOURCE: it may set IOMMU_OPTION_RLIMIT_MODE. */
  readonly capSysResource: boolean;
  /** RLIMIT_MEMLOCK in bytes; null: unlimited. */
  readonly rlimitMemlock: bigint | null;
  /** The user whose locked memory is counted in mode 0. */
  readonly userId: number;
  /** Contexts that name one process count as one in mode 1; left out: a process of its own. */
  readonly processId?: number;
}

/** The process of the kernel traces: 16 MiB of anonymous memory, root's capabilities. */
export const TRACE_PROCESS: UserProcess = {
  memory: [{ start: 0x1000_0000n, last: 0x10ff_ffffn }],
  capIpcLock: true,
  capSysResource: true,
  rlimitMemlock: null,
  userId: 0,
};
