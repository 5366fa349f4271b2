/** What functions do by themselves: DMAs, programs, raw page requests. */
import type { ModelledDevice } from '../../../core/hardware/function/lookup.ts';
import type { Command, CommandOf } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { HARDWARE_MAKERS } from '../../generator/hardware/modelled.ts';
import type { Prng } from '../../prng.ts';
import { attachedTo, dataOf, functionsOf, iovaOf, PAGE } from './pick.ts';

/** A function that translates through something, mostly; one with fewer DMAs rather than another. */
function active(random: Prng, state: MachineState): ModelledDevice {
  const functions = functionsOf(state);
  const attached = functions.filter(device => attachedTo(state, device) !== null);
  return random.pick(attached.length > 0 && random.chance(0.95) ? attached : functions);
}

/** DMAs of a function that wait, above which it does few more. */
const WAITING_MANY = 6;

export function dma(random: Prng, state: MachineState): CommandOf<'Dma'> {
  let device = active(random, state);
  if (device.hardware.dmas.size > WAITING_MANY) device = active(random, state);
  const made = HARDWARE_MAKERS.Dma(random, state) as CommandOf<'Dma'>;
  const nested = translatesNested(state, device);
  const far = random.pick([0n, 1n << 40n, 1n << 63n, (1n << 64n) - 3n * PAGE]);
  const base = nested ? iovaOf(random) : dataOf(random);
  const iova = random.chance(0.02) ? far : base + random.pick([0n, 0n, 0n, 8n, 4095n]);
  const length = random.pick([1n, 8n, PAGE, PAGE, PAGE, PAGE + 1n, 2n * PAGE, 5n * PAGE]);
  const pasid = nested || random.chance(0.05) ? pasidOf(random, device) : null;
  return { ...made, bdf: device.bdf, pasid, iova, length };
}

/** Else a function's IOVAs are the guest's memory itself. */
function translatesNested(state: MachineState, device: ModelledDevice): boolean {
  const { domain } = state.iommuGroups.get(device.iommuGroupId)!;
  if (domain.kind !== 'HWPT') return false;
  const objects = state.contexts.get(domain.contextId)?.objects;
  return objects?.get(domain.hwptId)?.type === 'HWPT_NESTED';
}

export function pasidOf(random: Prng, { hardware }: ModelledDevice): number | null {
  if (hardware.spec.pasidWidth === 0) return random.chance(0.95) ? null : 5;
  return random.pick([null, null, 5, 5, 9, 0]);
}

export function programLoad(random: Prng, state: MachineState): Command {
  const made = HARDWARE_MAKERS.DeviceProgramLoad(random, state) as CommandOf<'DeviceProgramLoad'>;
  const device = active(random, state);
  const nested = translatesNested(state, device);
  if (device.hardware.spec.pasidWidth > 0 && nested) {
    const ops = made.ops.map(op => ({ ...op, pasid: op.op === 'STOP' ? 5 : op.pasid }));
    return { ...made, bdf: device.bdf, ops };
  }
  const marked = random.chance(0.05);
  const ops = made.ops
    .filter(({ op }) => op !== 'STOP' || marked)
    .map(op => ({ ...op, pasid: null, iova: op.iova && (nested ? op.iova : dataOf(random)) }));
  return { ...made, bdf: device.bdf, ops, options: { ...made.options, pasids: [] } };
}

/** Of a function whose program is not over, if there is one. */
export function deviceRun(random: Prng, state: MachineState): Command {
  const going = functionsOf(state).filter(({ hardware: { program } }) => {
    return program !== null && (program.state === 'IDLE' || program.state === 'RUNNING');
  });
  if (going.length === 0) return programLoad(random, state);
  const { bdf } = random.chance(0.95) ? random.pick(going) : active(random, state);
  return { type: 'DeviceRun', bdf, steps: random.pick([1, 3, 20, 100]) };
}

/** A raw message; stop markers with and without PASID among them. */
export function pageRequest(random: Prng, state: MachineState): Command {
  const asking = functionsOf(state).filter(device => device.iopfFeature);
  const device =
    asking.length > 0 && random.chance(0.9) ? random.pick(asking) : active(random, state);
  return {
    type: 'PageRequestSend',
    bdf: device.bdf,
    pasid: pasidOf(random, device),
    grpid: random.pick([0, 1, 2, 3, 3, 511]),
    perm: random.pick([0, 1, 1, 2, 3, 5, 9]),
    addr: random.chance(0.95) ? iovaOf(random) : 1n << 60n,
    lastPage: random.chance(0.5),
    ...(random.chance(0.02) ? { hold: true } : {}),
  };
}
