/** Seeded simulation: some seeds on every kernel at every test run; `npm run sim` runs others. */
import { describe, expect, test } from 'vitest';
import { HAZARDS, type HazardName } from '../../src/abi/hazards.ts';
import { EVENT_VERSIONS } from '../../src/log/upcast.ts';
import { KERNELS, kernelText, REFERENCE } from '../../src/sim/kernels.ts';
import { type RunReport, simulate } from '../../src/sim/simulate.ts';

const SEEDS = [1, 2];
const STEPS = 800;

describe('simulation', () => {
  const reports: RunReport[] = [];

  test.each(SEEDS)(`seed %i runs ${STEPS} steps on the reference with nothing wrong`, seed => {
    const report = simulate(seed, STEPS, REFERENCE);
    expect(report.operations).toBeGreaterThan(STEPS);
    reports.push(report);
  });

  test.each(KERNELS.map((kernel, index) => [kernelText(kernel), kernel, index + 1] as const))(
    'nothing is wrong on %s',
    (_text, kernel, seed) => {
      reports.push(simulate(seed, STEPS, kernel));
    },
  );

  test('the same seed runs the same way', () => {
    expect(simulate(3, 200)).toEqual(simulate(3, 200));
  });

  // A machine keeps its kernel but in a whatIf.
  test('together they make every event but one', () => {
    const seen = new Set(reports.flatMap(({ eventTypes }) => [...eventTypes]));
    expect(Object.keys(EVENT_VERSIONS).filter(type => !seen.has(type))).toEqual(['KernelReplaced']);
  });

  // One is met at a bound far beyond these runs; the other would be a bug of ours.
  test('together they meet every hazard but two', () => {
    const seen = new Set(reports.flatMap(({ hazards }) => hazards));
    const unseen = Object.keys(HAZARDS).filter(name => !seen.has(name as HazardName));
    expect(unseen).toEqual(['FAULT_MEMORY_UNBOUNDED', 'OBJECTS_LEFT']);
  });
});
