/** Fault queues and iopf groups as handlers and observers see them. */
import type { IopfGroup } from '../../core/iommu/state.ts';
import type { FaultQueue } from '../../core/iommufd/state.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { presentObjects } from '../../core/refuse/present.ts';
import { NoFaultQueueError } from '../machine/errors.ts';

/** What became of a group. */
export type IopfGroupUpdateKind = 'QUEUED' | 'DELIVERED' | 'ANSWERED' | 'TAKEN_AWAY';

/** News of one iopf group, for a handler or an observer. */
export interface IopfGroupUpdate {
  readonly kind: IopfGroupUpdateKind;
  /** seq of the event that tells of it; for a redelivery, of its read. */
  readonly seq: number;
  readonly iopfGroup: IopfGroup;
  /** The group was sent to a handler before, which left without answering. */
  readonly redelivered: boolean;
  /** ANSWERED: 0 success, 1 invalid. TAKEN_AWAY: 1, the kernel answered INVALID. Else null. */
  readonly code: number | null;
  /** The handler it is for, to be named in the answer; null for an observer. */
  readonly handlerId: string | null;
}

export interface FaultQueueName {
  readonly machineId: string;
  readonly contextId: number;
  readonly faultId: number;
}

/** The fault queue with its file open, or NoFaultQueueError. */
export function existingFaultQueue(state: MachineState, name: FaultQueueName): FaultQueue {
  const faultQueue = openFaultQueue(state, name);
  if (faultQueue !== null) return faultQueue;
  const context = state.contexts.get(name.contextId);
  const has = context?.fileOpen ? presentObjects(context, ['FAULT']) : null;
  throw new NoFaultQueueError(name.contextId, name.faultId, has);
}

/** The fault queue, if its file is open. */
export function openFaultQueue(state: MachineState, name: FaultQueueName): FaultQueue | null {
  const object = state.contexts.get(name.contextId)?.objects.get(name.faultId);
  return object?.type === 'FAULT' && object.fileOpen ? object : null;
}

export function delivered(
  iopfGroup: IopfGroup,
  redelivered: boolean,
  handlerId: string | null,
): IopfGroupUpdate {
  const seq = iopfGroup.readSeq!;
  return { kind: 'DELIVERED', seq, iopfGroup, redelivered, code: null, handlerId };
}
