/** Programs that attach PASIDs of VFIO devices, and of mock devices by the self-test's ioctl. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_IOMMU } from '../../src/core/hardware/unit/possible.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { PROGRAM_TOPOLOGY } from '../../src/engine/trace/topology.ts';
import { runProgram } from '../../src/ioctl/run.ts';
import { SocketKernel } from '../../src/ioctl/socket/socket-kernel.ts';
import { servePrograms } from '../../src/ioctl/socket/socket-server.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { HAS_PYTHON, openFolder } from './compiler.ts';
import { CAN_RUN, PROGRAMS, runPython } from './running.ts';

const HANGS = 300_000;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);
const run = (name: string, baseline = 'LINUX_7_3_4', flags: readonly string[] = []) =>
  runPython(name, { flags: ['--baseline', baseline, ...flags] }, 'pasids.py');

/** Where the structure is read, and where it is not: each in the kernel's order. */
const REFUSED = {
  attach: {
    nowhere: 'EFAULT',
    short: 'EINVAL',
    other: 'EINVAL',
    both: 'EINVAL',
    ends: 'EINVAL',
    cut: 'EFAULT',
    rid: 0,
    longer: 0,
  },
  detach: {
    nowhere: 'EFAULT',
    short: 'EINVAL',
    other: 'EINVAL',
    both: 'EINVAL',
    ends: 'EINVAL',
    cut: 'EFAULT',
    absent: 0,
    huge: 0,
    rid: 0,
    twice: 0,
  },
};

python('the flag is looked at before the PASID is read', { timeout: HANGS }, () => {
  const { saw, summary } = run('refused');
  expect(saw).toEqual(REFUSED);
  // The refused ones are no operation of the device.
  expect(summary.operationsByType).toMatchObject({ DeviceAttach: 2, DeviceDetach: 4 });
});

python('kernels before 6.15 do not know the flag', { timeout: HANGS }, () => {
  const { attach, detach } = REFUSED;
  expect(run('refused', 'LINUX_6_12_117').saw).toEqual({
    attach: { ...attach, cut: 'EINVAL' },
    detach: { ...detach, cut: 'EINVAL', absent: 'EINVAL', huge: 'EINVAL' },
  });
  expect(run('refused', 'LINUX_6_14').saw).toEqual(run('refused', 'LINUX_6_12_117').saw);
  expect(run('refused', 'LINUX_6_15').saw).toEqual(REFUSED);
});

python('hwpts for PASIDs alone, and PASIDs that there are', { timeout: HANGS }, () => {
  expect(run('rules').saw).toEqual({
    absent: 'ENOENT',
    type: 'EINVAL',
    ioas: 'EINVAL',
    plain: 'EINVAL',
    one: true,
    replaced: true,
    by_plain: 'EINVAL',
    by_ioas: 'EINVAL',
    freed: 0,
    held: 'EBUSY',
    beside: ['EINVAL', 'EINVAL'],
    rid: [true, 'EBUSY'],
    last: true,
    wide: ['EINVAL', 'EINVAL', 'ENOSPC', 'ENOSPC'],
    detached: [0, 0, 0],
    zero: [0, 'EBUSY'],
    own: [true, 0, 'EBUSY', 'EBUSY', 0, 0],
  });
});

python('an answer that cannot be written costs the RID', { timeout: HANGS }, () => {
  expect(run('unwritable').saw).toEqual({ held: 'EBUSY', lost: 'EFAULT', rid: 0, pasid: 'EBUSY' });
});

const FAULTS = {
  states: [
    [1, 0],
    [1, 0],
    [1, 0],
    [2, 0],
  ],
  flat: `${'33'.repeat(4)}00`,
  asked: [true, 9, 2, '0x5000'],
  // One with PASID 3, which is not attached, and one without.
  of_rid: [3, 0],
  quiet: [[4], ''],
  one: [
    [2, 0],
    [1, 0],
    [1, 0],
  ],
  written: [`${'77'.repeat(32)}00`, '00'.repeat(33)],
  all: [2, 2, 2],
  rid: `${'44'.repeat(8)}${'55'.repeat(8)}00`,
  marked: [0x60, 0x60],
  again: [[2, 0], `${'66'.repeat(3)}00`],
};

python('a PASID faults into its own queue, through its own table', { timeout: HANGS }, () => {
  const { saw, summary } = run('faults');
  expect(saw).toEqual(FAULTS);
  expect([summary.hazards, summary.refusals]).toEqual([{}, {}]);
});

python('also on the machine of a server', { timeout: HANGS }, async () => {
  const engine = new Engine({ log: openMemoryLog(), now: Date.now });
  await engine.create('m', {
    type: 'MachineCreate',
    baseline: 'LINUX_7_3_4',
    iommus: [DEFAULT_IOMMU],
    devices: PROGRAM_TOPOLOGY,
  });
  const folder = openFolder();
  const server = await servePrograms(engine, join(folder, 's.sock'));
  const kernel = await SocketKernel.connect(server.path, 'm');
  const file = join(folder, 'saw.json');
  const { exitCode } = await runProgram({
    argv: ['python3', join(PROGRAMS, 'pasids.py'), 'faults', file],
    kernel,
    exactFds: false,
    privileges: 'OWN',
    warn: message => expect.fail(message),
  });
  expect([exitCode, JSON.parse(readFileSync(file, 'utf8'))]).toEqual([0, FAULTS]);
  await kernel.close();
  await server.stop();
});

python('a replace answers what waits, of its PASID alone', { timeout: HANGS }, () => {
  const { saw, summary } = run('replaced');
  expect(saw).toEqual({
    asked: [9, '0x5000'],
    moved: true,
    states: [
      [3, 1],
      [3, 1],
      [1, 0],
    ],
    late: 'EINVAL',
    left: [1, 8],
    same: [true, [1, 0]],
    detached: [0, [3, 1]],
    empty: '',
    new: [[1, 0], 9],
  });
  expect(summary.hazards).toEqual({});
});

interface Exported {
  readonly type: string;
  readonly events: readonly { readonly type: string; readonly pasid?: number }[];
}

python('a device that is closed leaves its PASIDs, the lowest first', { timeout: HANGS }, () => {
  const folder = openFolder();
  const database = ['--database', join(folder, 'log.db'), '--machine', 'vmm'];
  expect(run('closes', 'LINUX_7_3_4', database).saw).toEqual({
    held: 'EBUSY',
    freed: 0,
    again: true,
  });
  const output = join(folder, 'log.faultline');
  spawnSync(process.execPath, [MAIN, 'export', ...database, '--output', output]);
  const operations: Exported[] = readFileSync(output, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const { events } = operations.find(({ type }) => type === 'DeviceUnbind')!;
  // What waits of each is answered as it goes.
  const kept = ['PageResponseSent', 'DeviceDetached'];
  const told = events.filter(({ type }) => kept.includes(type));
  expect(told.map(({ type, pasid = 0 }) => [type, pasid])).toEqual(
    [5, 12, 700, 0].flatMap(pasid => kept.map(type => [type, pasid])),
  );
});

const TESTS = {
  check: [[5, 0], 'EINVAL'],
  attach: [[5, 5], 'EBUSY', 'EBUSY'],
  checked: [[5, 5], 'EINVAL', 'EINVAL', 'ENOENT', 'EINVAL'],
  replace: [[5, 6], 'EINVAL'],
  detach: [
    [5, 0],
    [5, 0],
  ],
  gone: [5, 0],
  absent: ['ENOENT', 'ENOENT', 'ENOENT', 'ENOENT'],
  lost: ['EFAULT', [5, 0]],
  stays: ['EFAULT', [5, 6]],
  ids: [1, 2, 5, 6, [5, 0]],
};

python('the self-test attaches PASIDs of its mock devices', { timeout: HANGS }, () => {
  const { saw, summary } = run('tests');
  expect(saw).toEqual(TESTS);
  expect(summary.hazards).toEqual({});
});

python('the self-test of kernels before 6.15 has no such operations', { timeout: HANGS }, () => {
  const { ids, ...answers } = run('tests', 'LINUX_6_14').saw;
  expect(ids).toEqual([1, 2, expect.anything(), expect.anything(), [expect.any(Number), 0]]);
  expect(new Set(Object.values(answers).flat())).toEqual(new Set(['EOPNOTSUPP']));
});
