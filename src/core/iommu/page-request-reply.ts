/** What a page request answers whoever sent it. */
import type { Errno } from '../../abi/errno.ts';

/** What may become of a request that a PCI function wants to send. */
export const PAGE_REQUEST_OUTCOMES = {
  REPORTED: 'It reached the page-fault core; reportErrno is what that answered.',
  STOP_MARKER_DROPPED:
    'A stop marker (last page, no read, no write, with PASID): dropped, no response.',
  IN_FLIGHT: 'Held between look-up and queue, as asked for: pageRequestResume goes on.',
  VPRI_FAILED:
    'Policy EMULATED_PRI: the function’s PRI failed before. Not delivered, answered INVALID; vpriReset lets requests through again.',
  QUEUED: 'It stands in the page request queue of its IOMMU until prqServe.',
  LOST: 'It reached no queue; the IOMMU may have answered it by itself.',
  PRI_DISABLED: 'Not sent: PRI is off until a fault-capable hwpt is attached through this device.',
} as const satisfies Readonly<Record<string, string>>;

export type PageRequestOutcome = keyof typeof PAGE_REQUEST_OUTCOMES;

export interface PageRequestReply {
  readonly outcome: PageRequestOutcome;
  /** Return value of iommu_report_device_fault; null if nothing was reported. */
  readonly reportErrno: Errno | null;
  /** The iopf group this request completed and that was queued, if any. */
  readonly iopfGroupId: number | null;
  /** IN_FLIGHT: what PageRequestResume takes. */
  readonly inFlightId?: number;
}
