/** Invariants of requests in flight: they know which of what they found is gone by now. */
import type { MachineState } from '../machine/state.ts';
import type { Check } from './invariant-check.ts';

export function checkInFlight(state: MachineState, check: Check): void {
  for (const [id, request] of state.inFlight) {
    const where = `request in flight ${id}`;
    const { deviceNo, attachHandleId, contextId, faultId } = request;
    check(
      request.inFlightId === id && id < state.nextInFlightId,
      `${where}: stands under another number, or one not given`,
    );
    check(
      (request.handleFreedSeq === null) === state.attachHandles.has(attachHandleId),
      `${where}: whether its attach handle is freed`,
    );
    check(
      (request.deviceGoneSeq === null) === state.physicalDevices.has(deviceNo),
      `${where}: whether its device is gone`,
    );
    const queue = state.contexts.get(contextId)?.objects.get(faultId);
    check(request.queueGone || queue?.type === 'FAULT', `${where}: its fault queue is gone`);
    check(
      request.leftIopfQueueSeq !== null ||
        request.deviceGoneSeq !== null ||
        state.physicalDevices.get(deviceNo)?.iopfFeature === true,
      `${where}: its device left the iopf queue`,
    );
    check(
      state.policies.inFlightRequests === 'NOT_DRAINED' || request.handleFreedSeq === null,
      `${where}: its attach handle was freed by a driver that drains`,
    );
  }
}
