/** The simulation of hardware at length: nothing is wrong, everything comes up, planted bugs show. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  HARDWARE_VARIANTS,
  type HardwareVariant,
  seedsOf,
} from '../../src/sim/hardware/profile.ts';
import { simulateHardware } from '../../src/sim/hardware/simulate.ts';
import { HARDWARE_CASES } from '../core/check/hardware-hazards.ts';
import { simulated, simulationCopy, withPlanted } from '../planted.ts';
import { HARDWARE_EVENT_TYPES } from '../sim/hardware-events.ts';
import { HARDWARE_MUTANTS } from './hardware-mutants.ts';

/** Machines of each variant, and steps of each machine: 1,000,000 operations in all. */
const SEEDS = 160;
const STEPS = 1_000;
/** Machines tried for one bug. */
const MUTANT_SEEDS = 60;

describe('at length', () => {
  const events = new Set<string>();
  const hazards = new Set<string>();
  const records = new Set<string>();
  let operations = 0;

  test.each(HARDWARE_VARIANTS)('nothing is wrong on %s', variant => {
    for (const seed of seedsOf(variant, SEEDS)) {
      const report = simulateHardware(seed, STEPS);
      operations += report.operations;
      for (const type of report.events.keys()) events.add(type);
      for (const name of report.hazards) hazards.add(name);
      for (const name of report.records) records.add(name);
    }
  });

  test('after each of 1,000,000 operations', () => {
    expect(operations).toBeGreaterThanOrEqual(1_000_000);
  });

  test('every event of modelled hardware comes up', () => {
    expect(HARDWARE_EVENT_TYPES.filter(type => !events.has(type))).toEqual([]);
  });

  test('every hazard of modelled hardware comes up', () => {
    expect(Object.keys(HARDWARE_CASES).filter(name => !hazards.has(name))).toEqual([]);
  });

  test('so do the fault records of each vendor', () => {
    expect([...records]).toEqual(expect.arrayContaining([...RECORDS]));
  });
});

/**
 * Of execute and privileged accesses there are none: no DMA makes them. SMMUv3 sets access flags and has
 * 48 bits of output here.
 */
const RECORDS: readonly string[] = [
  'DDT entry not valid',
  'C_BAD_SUBSTREAMID',
  'F_PERMISSION',
  'F_STREAM_DISABLED',
  'F_TRANSLATION',
  'ILLEGAL_DEV_TABLE_ENTRY',
  'INVALID_PPR_REQUEST',
  'IOTLB_INV_TIMEOUT',
  'IO_PAGE_FAULT',
  'Present bit in PASID entry is clear',
  'Present bit in context entry is clear',
  'Read guest page fault',
  'Read page fault',
  'Transaction type disallowed',
  'Write/AMO guest page fault',
  'Write/AMO page fault',
  'address not canonical',
  'blocked',
  'first-stage entry not accessible',
  'first-stage entry not present',
  'first-stage entry reserved field set',
  'no PASID entry',
  'no write permission',
  'page requests not enabled',
  'page requests not enabled (SCT.8)',
  'second-stage entry not accessible',
  'second-stage permission',
];

describe('planted', () => {
  let folder: string;

  beforeAll(() => {
    folder = simulationCopy(
      `import { SimulationError } from './src/sim/simulate.ts';
       import { simulateHardware } from './src/sim/hardware/simulate.ts';
       try {
         for (const seed of process.argv.slice(2)) simulateHardware(Number(seed), 600);
         console.log('nothing found');
       } catch (error) {
         if (!(error instanceof SimulationError)) throw error;
         console.log(error.message);
       }`,
    );
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** `variant` left out: seeds go through all. */
  function run(count: number, variant?: HardwareVariant): Promise<string> {
    const seeds =
      variant === undefined
        ? Array.from({ length: count }, (_, i) => i + 1)
        : seedsOf(variant, count);
    return simulated(folder, seeds.map(String));
  }

  test('as it is, nothing is found', async () => {
    expect(await run(12)).toBe('nothing found\n');
  });

  test.each(HARDWARE_MUTANTS)('$name', ({ file, variant, ...planted }) =>
    withPlanted(join(folder, 'src', 'core', file), planted, async () => {
      expect(await run(MUTANT_SEEDS, variant)).toMatch(/^seed \d+, step \d+ on /);
    }),
  );
});
