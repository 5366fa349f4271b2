/** Random commands to modelled hardware of every vendor: the checks hold, the events make the state. */
import { expect, test } from 'vitest';
import { IOMMU_VENDORS } from '../../../src/core/hardware/vendors/names.ts';
import { HARDWARE_MAKERS } from '../../../src/sim/generator/hardware/modelled.ts';
import { Prng } from '../../../src/sim/prng.ts';
import { Rig } from './rig.ts';

const SEEDS = [1, 2, 3];
const STEPS = 400;

const cases = IOMMU_VENDORS.flatMap(vendor =>
  SEEDS.flatMap(seed => [
    { vendor, seed, stall: false },
    ...(vendor === 'SMMUV3' ? [{ vendor, seed, stall: true }] : []),
  ]),
);

test.each(cases)('$vendor, seed $seed, stall $stall', ({ vendor, seed, stall }) => {
  const random = new Prng(seed);
  const service = seed === 1 ? 'IMMEDIATE' : 'MANUAL';
  const driver = seed === 3 && vendor !== 'RISCV' ? 'AS_LINUX' : 'CONFORMING';
  const rig = new Rig({
    iommu: { vendor, driver, service, prqEntries: 4 },
    fn: { stall, priCapacity: 4, ...(stall ? { ats: null } : {}) },
    functions: 2,
  });
  const makers = Object.values(HARDWARE_MAKERS);
  const context = () => rig.state.contexts.get(1)!;
  for (let step = 0; step < STEPS; step++) {
    const roll = random.below(10);
    if (roll < 2) {
      for (const cookie of rig.read()) rig.answer(cookie, random.pick([0, 0, 1]));
    } else if (roll === 2) {
      rig.invalidate();
    } else {
      rig.try(random.pick(makers)(random, rig.state, context()));
    }
  }
  const made = new Set(rig.events.map(({ type }) => type));
  expect(made.has('DmaCompleted') || made.has('DmaAborted')).toBe(true);
  rig.checkReplay();
});
