/** A bug planted in a copy of the core is found by the simulation: each of these conditions matters. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulated, simulationCopy, withPlanted } from '../planted.ts';

/** Machines tried, on several kernels, and steps of each. */
const SEEDS = 36;
const STEPS = 600;

/** Where, what is there, and what is put in its place. */
type Mutant = readonly [file: string, there: string, instead: string];

const MUTANTS: readonly Mutant[] = [
  ['iommufd/device/attach-hwpt.ts', 'hwptId !== null && hwptId !== hwpt.id', 'hwptId === hwpt.id'],
  [
    'iommufd/device/attach-hwpt.ts',
    'const first = attachedDeviceIds.length === 0',
    'const first = attachedDeviceIds.length !== 0',
  ],
  [
    'iommufd/device/group-domain.ts',
    'oldHwpt.faultId !== null && hwpt.faultId === null',
    'oldHwpt.faultId !== null && hwpt.faultId !== null',
  ],
  ['iommufd/fault/fault.ts', 'if (virtfnRefused(x, physical)) {', 'if (false) {'],
  ['iommufd/ioas/map-operations.ts', "mapChecksFirst === 'WRAP'", 'mapChecksFirst !== null'],
  ['iommufd/selftest/memory-operations.ts', 'x.behaviour.addReservedChecked', 'true'],
  [
    'iommufd/fault/fault.ts',
    'group.attachHandleId === handle.attachHandleId',
    'group.attachHandleId !== handle.attachHandleId',
  ],
  ['iommufd/fault/fault-file.ts', 'code === IOMMUFD_PAGE_RESP_SUCCESS || ', ''],
  ['iommu/iopf.ts', 'found === null || !device.iopfFeature', 'found === null'],
  ['iommu/fault-handler.ts', 'faultId === null ? null : {', 'faultId !== null ? null : {'],
  ['iommu/domain-switch.ts', 'if (physical.iopfRefcount === 0) iopfQueueRemove(x, physical);', ''],
  [
    'iommu/iopf.ts',
    'request => request.grpid === last.grpid',
    'request => request.grpid !== last.grpid',
  ],
  ['iommufd/device/operations.ts', 'x.behaviour.hwInfoInputType', 'true'],
  ['iommufd/hwpt/hwpt.ts', 'x.behaviour.pasidHwpts', 'true'],
];

/** What matters on few kernels, and is tried on these alone: what their text has. */
const RARE_MUTANTS: readonly (readonly [kernels: string, ...Mutant])[] = [
  ['LINUX_6_13', 'iommu/iopf.ts', 'if (group.responded) return 0;', ''],
  [
    'LINUX_6_13',
    'iommu/iopf-queue.ts',
    '...pendingGroupIds, ...lostGroups.keys()',
    '...pendingGroupIds',
  ],
  ['NOT_DRAINED', 'iommu/iopf.ts', ' && !held?.queueGone', ''],
  ['NOT_DRAINED', 'iommu/iopf.ts', 'left ? [] : device', 'device'],
  [
    'LINUX_6_13, autoResponse ONLY_TO_PLAIN',
    'iommufd/fault/fault.ts',
    'if (!x.behaviour.destroyAnswersDelivered) forgetDelivered(x, context, faultQueue);',
    '',
  ],
  [
    'LINUX_7_3_4',
    'iommufd/device/bind.ts',
    '{ bindTakesIdFirst } = x.behaviour',
    'bindTakesIdFirst = false',
  ],
];

let folder: string;

beforeAll(() => {
  folder = simulationCopy(
    `import { KERNELS, kernelOf, kernelText } from './src/sim/kernels.ts';
   import { SimulationError, simulate } from './src/sim/simulate.ts';
   try {
     const [, , seeds, text] = process.argv;
     const kernels = KERNELS.filter(kernel => text && kernelText(kernel).includes(text));
     for (let seed = 1; seed <= Number(seeds); seed++) {
       simulate(seed, ${STEPS}, kernels[seed % kernels.length] ?? kernelOf(seed));
     }
     console.log('nothing found');
   } catch (error) {
     if (!(error instanceof SimulationError)) throw error;
     console.log(error.message);
   }`,
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `kernels`: what the text of those tried has; left out: as `faultline sim` chooses. */
const run = (seeds: number, kernels = '') => simulated(folder, [String(seeds), kernels]);

test('as it is, nothing is found', async () => {
  expect(await run(3)).toBe('nothing found\n');
});

function expectFound([file, there, instead]: Mutant, kernels?: string): Promise<void> {
  return withPlanted(join(folder, 'src', 'core', file), { there, instead }, async () => {
    expect(await run(SEEDS, kernels)).toMatch(/^seed \d+, step \d+ on /);
  });
}

test.each(MUTANTS)('%s: %s', (...mutant) => expectFound(mutant));

test.each(RARE_MUTANTS)('on %s, %s: %s', (kernels, ...mutant) => expectFound(mutant, kernels));
