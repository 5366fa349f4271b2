/** A bug planted in a copy of the core is found by the simulation: each of these conditions matters. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
/** Machines tried, on several kernels, and steps of each. */
const SEEDS = 36;
const STEPS = 600;

/** Where, what is there, and what is put in its place. */
const MUTANTS = [
  ['attach.ts', 'group.hwptId !== null && group.hwptId !== hwpt.id', 'group.hwptId === hwpt.id'],
  ['attach.ts', 'group.attachedDeviceIds.length === 0', 'group.attachedDeviceIds.length !== 0'],
  [
    'group-domain.ts',
    'oldHwpt.faultId !== null && hwpt.faultId === null',
    'oldHwpt.faultId !== null && hwpt.faultId !== null',
  ],
  ['fault.ts', "if (virtfnRefused(x, physical)) return 'EINVAL';", ''],
  [
    'fault.ts',
    'group.attachHandleId === handle.attachHandleId',
    'group.attachHandleId !== handle.attachHandleId',
  ],
  ['fault-file.ts', 'code === IOMMUFD_PAGE_RESP_SUCCESS || ', ''],
  ['iopf.ts', 'found === null || !device.iopfFeature', 'found === null'],
  ['iopf.ts', 'if (group.responded) return 0;', ''],
  ['iopf.ts', 'faultId === null ? null : {', 'faultId !== null ? null : {'],
  ['iopf-queue.ts', '...pendingGroupIds, ...lostGroups.keys()', '...pendingGroupIds'],
  [
    'hardware/domain-switch.ts',
    'if (physical.iopfRefcount === 0) iopfQueueRemove(x, physical);',
    '',
  ],
  ['iopf.ts', 'request => request.grpid === last.grpid', 'request => request.grpid !== last.grpid'],
] as const;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-mutants-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const room of ['abi', 'core', 'engine', 'log', 'sim']) {
    cpSync(join(ROOT, 'src', room), join(folder, 'src', room), { recursive: true });
  }
  writeFileSync(
    join(folder, 'run.ts'),
    `import { SimulationError, simulate } from './src/sim/simulate.ts';
     try {
       const seeds = Number(process.argv[2]);
       for (let seed = 1; seed <= seeds; seed++) simulate(seed, ${STEPS});
       console.log('nothing found');
     } catch (error) {
       if (!(error instanceof SimulationError)) throw error;
       console.log(error.message);
     }`,
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function simulated(seeds: number): Promise<string> {
  const argv = [join(folder, 'run.ts'), String(seeds)];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return stdout;
}

test('as it is, nothing is found', async () => {
  expect(await simulated(3)).toBe('nothing found\n');
}, 60_000);

test.each(MUTANTS)(
  '%s: %s',
  async (file, there, instead) => {
    const path = join(folder, 'src', 'core', file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(there);
    writeFileSync(path, text.replace(there, instead));
    try {
      expect(await simulated(SEEDS)).toMatch(/^seed \d+, step \d+ on /);
    } finally {
      writeFileSync(path, text);
    }
  },
  60_000,
);
