/** Seeded simulation: a few seeds at every test run; `npm run sim` runs others. */
import { describe, expect, test } from 'vitest';
import { EVENT_VERSIONS } from '../../src/log/upcast.ts';
import { type RunReport, simulate } from '../../src/sim/simulate.ts';

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const STEPS = 800;

/**
 * Events that cannot come up here: only a full fault queue drops requests (test/core/limits.test.ts),
 * and the others take another baseline or policy, or a read into memory that is not there.
 */
const ELSEWHERE = [
  'DriverIopfCounted',
  'IopfGroupFlushed',
  'IopfGroupLost',
  'PageRequestInFlight',
  'PageRequestLanded',
  'PartialRequestsDropped',
  'VpriFailed',
  'VpriReset',
];

describe('simulation', () => {
  const reports: RunReport[] = [];

  test.each(SEEDS)(`seed %i runs ${STEPS} steps with nothing wrong`, seed => {
    const report = simulate(seed, STEPS);
    expect(report.operations).toBeGreaterThan(STEPS);
    reports.push(report);
  });

  test('the same seed runs the same way', () => {
    expect(simulate(3, 200)).toEqual(simulate(3, 200));
  });

  test('the seeds together make every event a few thousand operations can make', () => {
    const seen = new Set(reports.flatMap(({ eventTypes }) => [...eventTypes]));
    const unseen = Object.keys(EVENT_VERSIONS).filter(type => !seen.has(type));
    expect(unseen.sort()).toEqual(ELSEWHERE);
  });

  test('the seeds together meet the kernel misbehaving in several ways', () => {
    const seen = [...new Set(reports.flatMap(({ hazards }) => hazards))];
    expect(seen).toEqual(
      expect.arrayContaining([
        'iommu_report_device_fault',
        'iommufd_fault_iopf_disable',
        'iopt_table_enforce_dev_resv_regions',
      ]),
    );
  });
});
