/** What is missing before devices can do DMA through a guest's table, one command at a time. */
import type { IommufdContext } from '../../../core/iommufd/state.ts';
import type { Command } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { Prng } from '../../prng.ts';
import {
  attachedTo,
  contextOf,
  functionsOf,
  GUEST_LENGTH,
  ioasOf,
  nestedOf,
  parentOf,
  queuesOf,
  ROOTS,
  USER_VA,
} from './pick.ts';

/** null: everything is there. */
export function missing(random: Prng, state: MachineState): Command | null {
  const context = contextOf(state);
  if (context === null) return { type: 'ContextOpen' };
  const { contextId } = context;
  const ioas = ioasOf(context);
  if (ioas === null) return { type: 'IoasAlloc', contextId, flags: 0 };
  const guestMemory = ioas.areas.at(0n);
  if (guestMemory === null) return mapGuest(contextId, ioas.id, 0n, GUEST_LENGTH, 7);
  const devId = boundDevId(context);
  if (devId === null) return bind(state, contextId);
  const parent = parentOf(context);
  const alloc = { type: 'HwptAlloc', contextId, devId, dataType: 0, dataLen: 0 } as const;
  if (parent === null) return { ...alloc, ptId: ioas.id, flags: 1, faultId: 0, userData: null };
  const queues = queuesOf(context).filter(({ fileOpen }) => fileOpen);
  const [faultQueue] = queues;
  if (faultQueue === undefined) return { type: 'FaultQueueAlloc', contextId, flags: 0 };
  const nested = nestedOf(context).filter(({ faultId }) => queues.some(({ id }) => id === faultId));
  if (nested.length < ROOTS.length) {
    return {
      ...alloc,
      ptId: parent.id,
      flags: 4,
      faultId: random.pick(queues).id,
      dataType: 1,
      dataLen: 24,
      userData: {
        kind: 'VTD_S1',
        flags: 0n,
        pgtblAddr: ROOTS[nested.length]!,
        addrWidth: context.contextId % 2 === 0 ? 57 : 48,
      },
    };
  }
  return bind(state, contextId) ?? attach(random, state, context, nested[0]!.id);
}

/** `prot`: 1 fixed IOVA, 2 writeable, 4 readable. */
export function mapGuest(
  contextId: number,
  ioasId: number,
  gpa: bigint,
  length: bigint,
  flags: number,
): Command {
  return {
    type: 'IoasMap',
    contextId,
    ioasId,
    flags,
    userVa: USER_VA + gpa,
    iova: gpa,
    length,
  };
}

function boundDevId(context: IommufdContext): number | null {
  for (const object of context.objects.values()) if (object.type === 'DEVICE') return object.id;
  return null;
}

/** Binds the next function that is bound to nothing; null: all are, or their group is another's. */
function bind(state: MachineState, contextId: number): Command | null {
  for (const device of functionsOf(state)) {
    const { ownerContextId } = state.iommuGroups.get(device.iommuGroupId)!;
    if (ownerContextId !== null && ownerContextId !== contextId) continue;
    if (device.binding === null) return { type: 'DeviceBind', contextId, bdf: device.bdf };
  }
  return null;
}

/** Attaches a function that is on nothing: fault-capable mostly; else as the function can be. */
function attach(
  random: Prng,
  state: MachineState,
  context: IommufdContext,
  hwptId: number,
): Command | null {
  const { contextId } = context;
  for (const device of functionsOf(state)) {
    if (device.binding?.contextId !== contextId || attachedTo(state, device) !== null) continue;
    const { deviceId: devId } = device.binding;
    const pri = device.pri || device.hardware.spec.stall;
    const ptId = pri && !device.virtfn ? hwptId : plainFor(random, state, context, hwptId, device);
    return { type: 'DeviceAttach', contextId, devId, ptId };
  }
  return null;
}

/** A function that cannot fault goes to the IOAS itself; a virtual one as the policy has it. */
function plainFor(
  random: Prng,
  { policies }: MachineState,
  context: IommufdContext,
  hwptId: number,
  { virtfn }: { readonly virtfn: boolean },
): number {
  const emulated = virtfn && policies.virtualFunctions === 'EMULATED_PRI';
  if (emulated && random.chance(0.8)) return hwptId;
  return random.chance(0.2) ? parentOf(context)!.id : ioasOf(context)!.id;
}
