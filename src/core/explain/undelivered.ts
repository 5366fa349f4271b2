/** Page requests that brought no group nearer to its fault queue although nothing refused them. */
import type { ErrnoName } from '../../abi/errno.ts';
import {
  PAGE_REQUEST_OUTCOMES,
  type PageRequestOutcome,
  type PageRequestReply,
} from '../iommu/page-request-reply.ts';
import type { Operation } from '../machine/operation.ts';

export interface Undelivered {
  readonly outcome: PageRequestOutcome;
  /** REPORTED: what the page-fault core answered. */
  readonly reportErrno: ErrnoName | null;
  /** In a sentence. */
  readonly message: string;
}

const ON_THE_WAY: ReadonlySet<PageRequestOutcome> = new Set(['REPORTED', 'IN_FLIGHT', 'QUEUED']);

/** null: it was none, it was refused, or it is on its way. */
export function undelivered({
  errno,
  reply,
}: Pick<Operation, 'errno' | 'reply'>): Undelivered | null {
  if (errno !== 0 || reply === null || !('outcome' in reply) || !('reportErrno' in reply))
    return null;
  const { outcome, reportErrno } = reply as PageRequestReply;
  if (reportErrno) {
    const message = `The page-fault core did not take it: iommu_report_device_fault returned ${reportErrno}.`;
    return { outcome, reportErrno, message };
  }
  if (ON_THE_WAY.has(outcome)) return null;
  return { outcome, reportErrno: null, message: PAGE_REQUEST_OUTCOMES[outcome] };
}
