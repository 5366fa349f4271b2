/** The simulation of hardware at length: nothing is wrong, everything comes up, planted bugs show. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HARDWARE_VARIANTS } from '../../src/sim/hardware/profile.ts';
import { simulateHardware } from '../../src/sim/hardware/simulate.ts';
import { HARDWARE_CASES } from '../core/check/hardware-hazards.ts';
import { HARDWARE_EVENT_TYPES } from '../sim/hardware-events.ts';
import { HARDWARE_MUTANTS } from './hardware-mutants.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Machines of each variant, and steps of each machine. */
const SEEDS = 40;
const STEPS = 1_000;
/** Machines tried for one bug. */
const MUTANT_SEEDS = 60;

describe('at length', () => {
  const events = new Set<string>();
  const hazards = new Set<string>();
  const records = new Set<string>();

  test.each(HARDWARE_VARIANTS)('nothing is wrong on %s', variant => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const report = simulateHardware(seed, STEPS, variant);
      for (const type of report.events.keys()) events.add(type);
      for (const name of report.hazards) hazards.add(name);
      for (const name of report.records) records.add(name);
    }
  });

  test('every event of modelled hardware comes up', () => {
    expect(HARDWARE_EVENT_TYPES.filter(type => !events.has(type))).toEqual([]);
  });

  test('every hazard of modelled hardware comes up', () => {
    expect(Object.keys(HARDWARE_CASES).filter(name => !hazards.has(name))).toEqual([]);
  });

  test('so do the fault records of each vendor', () => {
    expect([...records].sort()).toEqual(RECORDS);
  });
});

/** Of execute and privileged accesses there are none: no DMA makes them. */
const RECORDS: readonly string[] = [];

describe('planted', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-hardware-'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    for (const room of ['abi', 'core', 'engine', 'log', 'sim']) {
      cpSync(join(ROOT, 'src', room), join(folder, 'src', room), { recursive: true });
    }
    writeFileSync(
      join(folder, 'run.ts'),
      `import { SimulationError } from './src/sim/simulate.ts';
       import { simulateHardware } from './src/sim/hardware/simulate.ts';
       const [, , seeds, variant] = process.argv;
       try {
         for (let seed = 1; seed <= Number(seeds); seed++) {
           simulateHardware(seed, 600, variant);
         }
         console.log('nothing found');
       } catch (error) {
         if (!(error instanceof SimulationError)) throw error;
         console.log(error.message);
       }`,
    );
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function simulated(seeds: number, variant?: string): Promise<string> {
    const argv = [
      join(folder, 'run.ts'),
      String(seeds),
      ...(variant === undefined ? [] : [variant]),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, argv);
    return stdout;
  }

  test('as it is, nothing is found', async () => {
    expect(await simulated(12)).toBe('nothing found\n');
  });

  test.each(HARDWARE_MUTANTS)('$name', async ({ file, there, instead, variant }) => {
    const path = join(folder, 'src', 'core', file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(there);
    writeFileSync(
      path,
      text.replace(there, () => instead),
    );
    try {
      expect(await simulated(MUTANT_SEEDS, variant)).toMatch(/^seed \d+, step \d+ on /);
    } finally {
      writeFileSync(path, text);
    }
  });
});
