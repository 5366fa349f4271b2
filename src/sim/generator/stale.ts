/** Commands that go step by step where random ones hardly come: what outlives its attach handle. */
import type { InFlightRequest } from '../../core/iommu/state.ts';
import type { FaultQueue, Hwpt, IommufdContext } from '../../core/iommufd/state.ts';
import type { Command } from '../../core/machine/command.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Prng } from '../prng.ts';

const LAST_PAGE = 2;

/** The next step on such a way, or null: there is none, or chance has it otherwise. */
export function staleCommand(random: Prng, state: MachineState): Command | null {
  const stale = [...state.inFlight.values()].find(({ handleFreedSeq }) => handleFreedSeq !== null);
  if (stale !== undefined && random.chance(0.7)) return heldCommand(state, stale);
  if (!random.chance(0.4)) return null;
  for (const group of state.iopfGroups.values()) {
    if (group.cookie === null || state.attachHandles.has(group.attachHandleId)) continue;
    const context = state.contexts.get(group.contextId)!;
    if (context.fileOpen) return takeDown(state, context, queueOf(context, group.faultId)!);
  }
  return null;
}

/**
 * A request that is held goes on when its fault queue is another under the same id, or when its
 * device joined the iopf queue again and collected a request with its index.
 */
function heldCommand(state: MachineState, held: InFlightRequest): Command | null {
  const { inFlightId, contextId, faultId, request } = held;
  const resume = { type: 'PageRequestResume', inFlightId } as const;
  const context = state.contexts.get(contextId);
  if (!context?.fileOpen) return resume;
  if (held.queueGone) {
    return context.objects.has(faultId) ? resume : { type: 'FaultQueueAlloc', contextId, flags: 0 };
  }
  const queue = queueOf(context, faultId)!;
  const left = held.leftIopfQueueSeq !== null && (request.flags & LAST_PAGE) !== 0;
  if (!left || inFlightId % 3 === 0) return takeDown(state, context, queue);
  const device = state.physicalDevices.get(held.deviceNo);
  if (device?.kind !== 'PCI' || device.binding === null) return resume;
  const { grpid } = request;
  if (device.partial.some(partial => partial.grpid === grpid)) return resume;
  if (device.iopfFeature) {
    const { bdf } = device;
    return { type: 'PageRequestSend', bdf, pasid: null, grpid, perm: 1, addr: 0n, lastPage: false };
  }
  const ptId = [...queue.hwptIds].find(id => {
    const hwpt = context.objects.get(id) as Hwpt;
    return (hwpt.type === 'HWPT_NESTED' ? hwpt.driver : hwpt.domain.driver) === 'CONFORMING';
  });
  const { deviceId: devId } = device.binding;
  return ptId === undefined ? resume : { type: 'DeviceAttach', contextId, devId, ptId };
}

function queueOf(context: IommufdContext, faultId: number): FaultQueue | null {
  const queue = context.objects.get(faultId);
  return queue?.type === 'FAULT' ? queue : null;
}

/** Closes the file of a fault queue, destroys its hwpts and then itself, one of them at a time. */
function takeDown(state: MachineState, context: IommufdContext, queue: FaultQueue): Command {
  const { contextId, objects } = context;
  if (queue.fileOpen) return { type: 'FaultClose', contextId, faultId: queue.id };
  const [hwptId] = queue.hwptIds;
  if (hwptId === undefined) return { type: 'Destroy', contextId, id: queue.id };
  return takeDownHwpt(state, context, objects.get(hwptId) as Hwpt);
}

function takeDownHwpt(state: MachineState, context: IommufdContext, hwpt: Hwpt): Command {
  const { contextId, objects } = context;
  if (hwpt.type === 'HWPT_PAGING') {
    const [childId] = hwpt.childIds;
    if (childId !== undefined) return takeDownHwpt(state, context, objects.get(childId) as Hwpt);
  }
  const [devId] = hwpt.attachedDeviceIds;
  if (devId === undefined) return { type: 'Destroy', contextId, id: hwpt.id };
  const mock = [...objects.values()].find(
    object => object.type === 'SELFTEST' && object.deviceId === devId,
  );
  return mock === undefined
    ? { type: 'DeviceDetach', contextId, devId }
    : { type: 'Destroy', contextId, id: mock.id };
}
