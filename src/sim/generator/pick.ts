/** Which id, device or hwpt a random command names. */
import type { FaultQueue, IommufdContext, IommufdObject } from '../../core/iommufd/state.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { SIMULATED_DEVICES } from '../machine.ts';
import type { Prng } from '../prng.ts';

type Type = IommufdObject['type'];

/** Stands where no object of the wanted type exists; no object has this id. */
export const NOTHING = 0;

/** Of an object of one of the types, the newest being likelier; now and then of any or none. */
export function idOf(
  random: Prng,
  context: IommufdContext | null,
  ...types: readonly Type[]
): number {
  if (context === null || random.chance(0.06)) return random.below(24);
  const ids = [...context.objects.values()].filter(({ type }) => types.includes(type));
  if (ids.length === 0) return NOTHING;
  return (random.chance(0.5) ? ids.at(-1)! : random.pick(ids)).id;
}

export function contextIdOf(random: Prng, context: IommufdContext | null): number {
  return context === null || random.chance(0.02) ? random.below(9) : context.contextId;
}

const ptId = (random: Prng, context: IommufdContext | null) =>
  idOf(random, context, 'HWPT_NESTED', 'HWPT_NESTED', 'HWPT_PAGING', 'IOAS');

/** The one virtual function among the simulated devices. */
export const VIRTFN = SIMULATED_DEVICES.find(({ physfn }) => physfn !== null)!.bdf;

export const emulatedPri = ({ policies }: MachineState) =>
  policies.virtualFunctions === 'EMULATED_PRI';

export const bdf = (random: Prng) =>
  random.chance(0.05) ? '0000:ff:00.0' : random.pick(SIMULATED_DEVICES).bdf;

/** Ids of DEVICE objects of one kind of hardware. */
export function devIdOf(
  random: Prng,
  state: MachineState,
  context: IommufdContext | null,
  kind: 'PCI' | 'MOCK',
): number {
  const devices = [...(context?.objects.values() ?? [])].filter(
    object => object.type === 'DEVICE' && state.physicalDevices.get(object.deviceNo)?.kind === kind,
  );
  if (random.chance(0.04)) return idOf(random, context, 'DEVICE');
  if (devices.length === 0) return NOTHING;
  const virtfns = devices.filter(
    object =>
      object.type === 'DEVICE' && state.physicalDevices.get(object.deviceNo)?.virtfn === true,
  );
  const emulated = state.policies.virtualFunctions === 'EMULATED_PRI';
  if (emulated && virtfns.length > 0 && random.chance(0.5)) return random.pick(virtfns).id;
  const faulting = devices.filter(
    object =>
      object.type === 'DEVICE' && state.physicalDevices.get(object.deviceNo)?.iopfFeature === true,
  );
  return random.pick(faulting.length > 0 && random.chance(0.6) ? faulting : devices).id;
}

/** A mock device; now and then one without IOPF in a group on a fault-capable hwpt. */
export function mockDevIdOf(
  random: Prng,
  state: MachineState,
  context: IommufdContext | null,
): number {
  const objects = context?.objects;
  const without = [...(objects?.values() ?? [])].filter(object => {
    if (object.type !== 'DEVICE') return false;
    const physical = state.physicalDevices.get(object.deviceNo);
    const hwpt = objects?.get(state.iommuGroups.get(object.iommuGroupId)?.hwptId ?? NOTHING);
    const faults = hwpt !== undefined && 'faultId' in hwpt && hwpt.faultId !== null;
    return faults && physical?.kind === 'MOCK' && !physical.iopfFeature;
  });
  if (without.length > 0 && random.chance(0.2)) return random.pick(without).id;
  return devIdOf(random, state, context, 'MOCK');
}

/** A fault queue, one with something to read or to answer rather than another. */
export function faultIdOf(
  random: Prng,
  context: IommufdContext | null,
  waits: (queue: FaultQueue) => boolean,
): number {
  const waiting = [...(context?.objects.values() ?? [])].filter(
    object => object.type === 'FAULT' && waits(object),
  );
  if (waiting.length === 0 || random.chance(0.1)) return idOf(random, context, 'FAULT');
  return random.pick(waiting).id;
}

/** The hwpt or IOAS to move to: one of the device's IOMMU driver, mostly fault-capable. */
export function ptIdFor(
  random: Prng,
  context: IommufdContext | null,
  kind: 'PCI' | 'MOCK',
): number {
  const driver = kind === 'PCI' ? 'CONFORMING' : 'MOCK';
  const faulting = [...(context?.objects.values() ?? [])].filter(
    object =>
      (object.type === 'HWPT_NESTED' && object.driver === driver) ||
      (object.type === 'HWPT_PAGING' && object.faultId !== null && object.domain.driver === driver),
  );
  if (faulting.length === 0 || random.chance(0.4)) return ptId(random, context);
  const attached = faulting.filter(
    hwpt => 'attachedDeviceIds' in hwpt && hwpt.attachedDeviceIds.size > 0,
  );
  return random.pick(attached.length > 0 && random.chance(0.4) ? attached : faulting).id;
}
