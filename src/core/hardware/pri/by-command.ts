/** Page requests that are sent by command, past the function's own bookkeeping of credits. */
import type { PageRequestReply } from '../../iommu/page-request-reply.ts';
import type { Execution } from '../../machine/execution.ts';
import { Refusal } from '../../machine/refusal.ts';
import { type ModelledDevice, priOf, priOwnerOf } from '../function/lookup.ts';
import { isStopMarker, pageRequest } from './request.ts';
import { noteReusedIndex, sendPageRequest, sendStopMarker } from './send.ts';

interface Sent {
  readonly pasid: number | null;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
  readonly lastPage: boolean;
  readonly hold?: boolean;
}

/** Errors: EOPNOTSUPP, it is to be held, which what goes through a queue cannot be. */
export function sendByCommand(
  x: Execution,
  device: ModelledDevice,
  { pasid, grpid, perm, addr, lastPage, hold }: Sent,
): PageRequestReply | Refusal {
  if (hold) return new Refusal('EOPNOTSUPP');
  const nothing = { reportErrno: null, iopfGroupId: null };
  const pri = priOf(x.state, device);
  if (pri === null || !pri.enabled) return { outcome: 'PRI_DISABLED', ...nothing };
  const request = pageRequest(pasid, grpid, perm, addr, lastPage);
  if (isStopMarker(request)) {
    const { queued, served } = sendStopMarker(x, device, request);
    const outcome = !queued ? 'LOST' : served === null ? 'QUEUED' : 'STOP_MARKER_DROPPED';
    return { outcome, ...nothing };
  }
  // A further request of a group that is not complete is no new group.
  if (pri.outstanding.get(grpid)?.lastSent) noteReusedIndex(x, device, pri, grpid);
  const { queued, served } = sendPageRequest(x, device, request, null, 1);
  if (pri.used > pri.allocation) {
    x.hazard(
      'REQUESTS_WITHOUT_CREDIT',
      'page request',
      `${pri.used} requests are outstanding, ${pri.allocation} are allowed`,
      // A virtual function uses the credits of its physical one.
      [...new Set([device.bdf, priOwnerOf(x.state, device).bdf])],
    );
  }
  if (!queued) return { outcome: 'LOST', ...nothing };
  if (served === null) return { outcome: 'QUEUED', ...nothing };
  return { outcome: 'REPORTED', reportErrno: null, iopfGroupId: served.iopfGroupIds[0] ?? null };
}
