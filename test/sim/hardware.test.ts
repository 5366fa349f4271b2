/** Machines with modelled hardware, some seeds of each vendor at every test run. */
import { expect, test } from 'vitest';
import { HARDWARE_VARIANTS, seedsOf } from '../../src/sim/hardware/profile.ts';
import { type HardwareReport, simulateHardware } from '../../src/sim/hardware/simulate.ts';
import { HARDWARE_EVENT_TYPES } from './hardware-events.ts';

/** Machines of each vendor. */
const SEEDS = 2;
const STEPS = 500;

const reports: HardwareReport[] = [];

test.each(HARDWARE_VARIANTS)('nothing is wrong on %s', variant => {
  for (const seed of seedsOf(variant, SEEDS)) reports.push(simulateHardware(seed, STEPS));
});

test('the same seed runs the same way', () => {
  expect(simulateHardware(4, 200)).toEqual(simulateHardware(4, 200));
});

test('an IOPF that leaked is not wrong once the hazard that told of it is forgotten', () => {
  // It leaks at step 108, and has more hazards than a state keeps from step 870 on.
  expect(simulateHardware(399_751_861, 1_000).hazards).toContain('IOPF_ENABLE_LEAKED');
});

test('together they make every event of modelled hardware', () => {
  const seen = new Set(reports.flatMap(({ events }) => [...events.keys()]));
  expect(HARDWARE_EVENT_TYPES.filter(type => !seen.has(type))).toEqual([]);
});

test('most operations make sense, and DMAs end in every way', () => {
  const sum = (of: (report: HardwareReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  expect(sum(({ refused }) => refused)).toBeLessThan(0.3 * sum(({ operations }) => operations));
  const endings = new Set(reports.flatMap(report => [...report.endings.keys()]));
  expect([...endings].sort()).toEqual([
    'ABORTED DEVICE_RESET',
    'ABORTED INVALID_REQUEST',
    'ABORTED NO_PRI',
    'ABORTED REFUSED',
    'ABORTED RESPONSE_FAILURE',
    'ABORTED RETRY_LIMIT',
    'ABORTED TERMINATED',
    'DONE via ATC',
    'DONE via IOTLB',
    'DONE via WALK',
    'TIMED_OUT',
  ]);
});
