/** What a page request answers whoever sent it. Types only. */
import type { Errno } from '../../abi/errno.ts';

/** What became of a request a PCI function wanted to send. */
export type PageRequestOutcome =
  /** Given to the page-fault core; `reportErrno` is what it answered. */
  | 'REPORTED'
  /** A stop marker (last page, no read, no write, with PASID): the IOMMU driver drops it. */
  | 'STOP_MARKER_DROPPED'
  /** Held between look-up and queue; `inFlightId` names it. */
  | 'IN_FLIGHT'
  /** Emulated PRI of a virtual function: held back after a failure, answered INVALID. */
  | 'VPRI_FAILED'
  /** It stands in its IOMMU’s queue until prqServe. */
  | 'QUEUED'
  /** It reached no queue; the IOMMU may have answered by itself. */
  | 'LOST'
  /** The function did not send it: PRI is off until a fault-capable hwpt is attached. */
  | 'PRI_DISABLED';

export interface PageRequestReply {
  readonly outcome: PageRequestOutcome;
  /** Return value of iommu_report_device_fault; null if nothing was reported. */
  readonly reportErrno: Errno | null;
  /** The iopf group this request completed and that was queued, if any. */
  readonly iopfGroupId: number | null;
  /** IN_FLIGHT: what PageRequestResume takes. */
  readonly inFlightId?: number;
}
