/**
 * Requests between look-up and queue: the window in which a driver that does not drain lets a detach
 * pass. In the kernel another thread is in it; here a command holds the request there.
 */
import type { Errno } from '../../abi/errno.ts';
import type { PhysicalDevice } from '../hardware/state.ts';
import type { Execution } from '../machine/execution.ts';
import { Refusal } from '../machine/refusal.ts';
import { heldRequests } from '../refuse/present.ts';
import { answerVpriFailed, land } from './iopf.ts';
import type { AttachHandle } from './state.ts';

/** A request in flight goes on. Errors: ENOENT, there is none of this id. */
export function resumeInFlight(
  x: Execution,
  inFlightId: number,
): { errno: Errno; iopfGroupId: number | null } | 'VPRI_FAILED' | Refusal {
  const found = x.state.inFlight.get(inFlightId);
  if (found === undefined) {
    const facts = { inFlightId, held: heldRequests(x.state) };
    return x.refusedBy('device', new Refusal('ENOENT', 'NO_SUCH_REQUEST', facts));
  }
  x.emit({ type: 'PageRequestLanded', inFlightId });
  const device = x.state.physicalDevices.get(found.deviceNo);
  if (device === undefined) {
    x.hazard(
      'RESPONSE_TO_GONE_DEVICE',
      'iommufd_fault_iopf_handler',
      'the device is gone',
      [`physical device ${found.deviceNo}`],
      found.deviceGoneSeq,
    );
    return { errno: 0, iopfGroupId: null };
  }
  if (device.vpriFailed) {
    answerVpriFailed(x, device, found.request);
    return 'VPRI_FAILED';
  }
  return land(x, device, found.request, found, found);
}

/** A driver that drains finishes a device's requests of a handle before its domain is gone. */
export function drainInFlight(
  x: Execution,
  { deviceNo }: PhysicalDevice,
  handle: AttachHandle | null,
): void {
  if (handle === null || x.state.policies.inFlightRequests === 'NOT_DRAINED') return;
  for (const request of [...x.state.inFlight.values()]) {
    if (request.deviceNo !== deviceNo) continue;
    if (request.attachHandleId === handle.attachHandleId) resumeInFlight(x, request.inFlightId);
  }
}
