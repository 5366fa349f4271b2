/**
 * Memory of processes that changes between random operations: what is checked of every operation holds,
 * and what the log says makes the same state. It is drawn here, and not by weight, so that other seeds
 * stay what they are.
 */
import { expect, test } from 'vitest';
import { BASELINES } from '../../src/abi/baselines.ts';
import { DEFAULT_POLICIES } from '../../src/abi/policies.ts';
import { CheckedMachine } from '../../src/sim/checked-machine.ts';
import { randomCommand } from '../../src/sim/generator/generator.ts';
import { CONTEXT_MAKERS } from '../../src/sim/generator/iommufd/main.ts';
import { Prng } from '../../src/sim/prng.ts';

const STEPS = 1_500;
/** One operation in so many changes memory. */
const CHANGES_EVERY = 8;

test.each(BASELINES.map((baseline, index) => [baseline, 100 + index] as const))(
  'on %s, seed %i',
  (baseline, seed) => {
    const random = new Prng(seed);
    const machine = CheckedMachine.create({ baseline, policies: DEFAULT_POLICIES });
    const met = new Map<string, number>();
    for (let step = 0; step < STEPS; step++) {
      const { state } = machine;
      const contexts = [...state.contexts.values()];
      const changes = random.chance(1 / CHANGES_EVERY) && contexts.length > 0;
      const command = changes
        ? CONTEXT_MAKERS.UserMemoryChange(random, state, random.pick(contexts))
        : randomCommand(random, state);
      const { events } = machine.run({ command });
      for (const event of events) {
        const name = event.type === 'HazardRecorded' ? event.name : event.type;
        met.set(name, (met.get(name) ?? 0) + 1);
      }
    }
    machine.checkFollower();
    machine.checkReplay();
    expect(met.get('UserMemoryChanged')).toBeGreaterThan(20);
    expect(met.get('AreaMapped')).toBeGreaterThan(5);
  },
);
