/**
 * PASIDs between random operations, on the kernels that have them: what is checked of every operation
 * holds. They are drawn here, and not by weight, so that other seeds stay what they are.
 */
import { describe, expect, test } from 'vitest';
import { BASELINES } from '../../src/abi/baselines.ts';
import { BEHAVIOUR } from '../../src/abi/behaviour.ts';
import { DEFAULT_POLICIES } from '../../src/abi/policies.ts';
import type { Command } from '../../src/core/machine/command.ts';
import { CheckedMachine } from '../../src/sim/checked-machine.ts';
import { randomCommand } from '../../src/sim/generator/generator.ts';
import { PASID_MAKERS, pasidOf } from '../../src/sim/generator/iommufd/pasid.ts';
import { Prng } from '../../src/sim/prng.ts';

const STEPS = 2_500;
const SEEDS = [1, 2, 3, 4];

/** The same with a PASID, with its flag, or on a device that has some. */
function withPasids(random: Prng, command: Command): Command {
  switch (command.type) {
    case 'TestMockDomain':
      return { ...command, devFlags: command.devFlags | (random.chance(0.8) ? 4 : 0) };
    case 'HwptAlloc':
      return { ...command, flags: command.flags | (random.chance(0.7) ? 8 : 0) };
    case 'DeviceAttach':
    case 'DeviceReplace':
    case 'DeviceDetach':
      return random.chance(0.7) ? { ...command, pasid: pasidOf(random) } : command;
    case 'TestTriggerIopf':
    case 'PageRequestSend':
      return random.chance(0.5) ? { ...command, pasid: random.pick([1, 2, 5]) } : command;
    default:
      return command;
  }
}

const kernels = BASELINES.filter(baseline => BEHAVIOUR[baseline].pasidHwpts);

describe.each(kernels)('on %s', baseline => {
  const met = new Map<string, number>();

  test.each(SEEDS)('seed %i', seed => {
    const random = new Prng(seed);
    const machine = CheckedMachine.create({ baseline, policies: DEFAULT_POLICIES });
    const makers = Object.values(PASID_MAKERS);
    for (let step = 0; step < STEPS; step++) {
      const { state } = machine;
      const contexts = [...state.contexts.values()];
      const own = random.chance(0.25) && contexts.length > 0;
      const command = own
        ? random.pick(makers)(random, state, random.pick(contexts))
        : withPasids(random, randomCommand(random, state));
      const { events } = machine.run({ command, restored: random.chance(0.01) });
      for (const event of events) {
        const name = event.type === 'HazardRecorded' ? event.name : event.type;
        if ('pasid' in event || name.includes('PASID')) met.set(name, (met.get(name) ?? 0) + 1);
      }
    }
    machine.checkFollower();
    machine.checkReplay();
  });

  test('together they meet what there is of PASIDs', () => {
    expect(met.get('DeviceAttached')).toBeGreaterThan(30);
    expect(met.get('DeviceReplaced')).toBeGreaterThan(3);
    expect(met.get('DeviceDetached')).toBeGreaterThan(30);
    expect(met.get('PASIDS_NOT_JOINED')).toBeGreaterThan(0);
    expect(met.get('FREED_WITH_PASIDS')).toBeGreaterThan(0);
  });
});
