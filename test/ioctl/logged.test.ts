/** Every call that the supervisor sees is in the log, also one that changes nothing of the machine. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HAS_PYTHON, openFolder } from './compiler.ts';
import { CAN_RUN, type Ran, runPython } from './running.ts';

const HANGS = 300_000;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);

interface Logged {
  readonly command: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Runs a program of logged.py, and reads the log of its machine. */
function run(name: string, flags: readonly string[] = []): { ran: Ran; log: readonly Logged[] } {
  const database = ['--database', join(openFolder(), 'log.db'), '--machine', 'm'];
  const ran = runPython(name, { flags: [...database, ...flags] }, 'logged.py');
  const args = ['log', 'm', ...database.slice(0, 2), '--json'];
  const printed = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  expect([printed.status, printed.stderr]).toEqual([0, '']);
  const lines = printed.stdout.trimEnd().split('\n');
  return { ran, log: lines.map(line => JSON.parse(line) as Logged) };
}

/** The arguments of each command of a type. */
function of(log: readonly Logged[], type: string): Logged['arguments'][] {
  return log.filter(({ command }) => command === type).map(logged => logged.arguments);
}

python('what a program does to its VFIO device', { timeout: HANGS }, () => {
  const { ran, log } = run('device');
  expect(ran.saw).toEqual({ absent: 'ENOENT', window: '01' });
  const at = { file: 'DEVICE', bdf: '0000:01:00.0' };
  const [opened, ...answered] = of(log, 'CallAnswered');
  expect(opened).toEqual({ contextId: 0, ...at, call: 'open', returned: 768 });
  const bound = { contextId: 1, ...at };
  const ioctl = (request: number, what: object) => ({
    ...bound,
    ...{ call: 'ioctl', request, requestNames: [expect.stringMatching(/^VFIO_DEVICE_/)] },
    ...what,
    returned: 0,
  });
  const moved = (call: string, what: object) => ({ ...bound, call, ...what });
  const config = { region: 7, regionNames: ['VFIO_PCI_CONFIG_REGION_INDEX'] };
  const bar0 = { region: 0, regionNames: ['VFIO_PCI_BAR0_REGION_INDEX'] };
  const bar2 = { region: 2, regionNames: ['VFIO_PCI_BAR2_REGION_INDEX'] };
  const msi = { interrupt: 1, interruptNames: ['VFIO_PCI_MSI_IRQ_INDEX'] };
  const event = ['VFIO_IRQ_SET_DATA_EVENTFD', 'VFIO_IRQ_SET_ACTION_TRIGGER'];
  const id = { ...bar0, offset: 0, length: 4, value: '0x4d444c46', returned: 4 };
  expect(answered).toEqual([
    ioctl(0x3b6b, {}),
    ioctl(0x3b6c, config),
    ioctl(0x3b6d, msi),
    ioctl(0x3b6e, { ...msi, flags: 36, flagsNames: event, count: 1 }),
    moved('write', {
      ...{ ...config, offset: 4, length: 2, value: '0x6', busMaster: true, returned: 2 },
    }),
    moved('write', {
      ...{ ...config, offset: 4, length: 1, value: '0x2', busMaster: false, returned: 1 },
    }),
    moved('write', { ...config, offset: 0x3c, length: 1, value: '0x21', returned: 1 }),
    moved('read', id),
    moved('read', { ...id, value: '0x4c46' }),
    moved('write', {
      ...{ ...bar2, offset: 16, length: 10, value: '0x3736353433323130', returned: 10 },
    }),
    moved('mmap', { ...bar2, offset: 0, length: 4_096 }),
    moved('read', { length: 0, returned: 0 }),
  ]);
  expect(of(log, 'CallRefused')).toEqual([
    expect.objectContaining({ file: 'DEVICE', call: 'open', errno: 'ENOENT', given: '0x9' }),
  ]);
  // Dups, and what is asked of any file, are calls that are answered, and no more.
  const types = ['MachineCreate', 'ContextOpen', 'DeviceBind', 'DeviceReset', 'DeviceUnbind'];
  const rest = log.map(({ command }) => command).filter(type => !type.startsWith('Call'));
  expect(rest).toEqual([...types, 'ContextClose']);
});

python.each([
  ['in the range', []],
  ['on all numbers', ['--exact-fds']],
])('what no file of iommufd knows, %s', { timeout: HANGS }, (_name, flags) => {
  const { ran, log } = run('others', flags);
  expect(ran.saw).toEqual({
    iommu: 'ENOTTY',
    queue: 'ENOTTY',
    terminal: 'ENOTTY',
    bound: 'EINVAL',
    pipe: 3,
    none: 0,
    map: 'ENODEV',
    seek: 'ESPIPE',
    poll: 0,
    waits: true,
  });
  const refused = of(log, 'CallRefused');
  expect(refused.map(({ file, call, request, errno }) => [file, call, request, errno])).toEqual([
    ['CONTEXT', 'ioctl', 0x541b, 'ENOTTY'],
    ['FAULT', 'ioctl', 0x541b, 'ENOTTY'],
    ['FAULT', 'ioctl', 0x5401, 'ENOTTY'],
    ['DEVICE', 'ioctl', 0x541b, 'EINVAL'],
    ['FAULT', 'mmap', undefined, 'ENODEV'],
    ['FAULT', 'lseek', undefined, 'ESPIPE'],
  ]);
  const answered = of(log, 'CallAnswered');
  expect(answered.map(({ file, call, returned }) => [file, call, returned])).toEqual([
    ['DEVICE', 'open', expect.any(Number)],
    ['FAULT', 'read', 0],
  ]);
});

python('opens that fail, and what was called', { timeout: HANGS }, () => {
  const { ran, log } = run('opens');
  const opens = ['EEXIST', 'ENOTDIR', 'ENOTDIR', 'ENOTDIR', 'ENXIO'];
  expect(ran.saw).toEqual({ opens, seek: 'ESPIPE' });
  expect(of(log, 'CallRefused').map(({ file, call, errno }) => [file, call, errno])).toEqual([
    ['FAULT', 'lseek', 'ESPIPE'],
    ['CONTEXT', 'open', 'EEXIST'],
    ['CONTEXT', 'open', 'ENOTDIR'],
    ['CONTEXT', 'open', 'ENOTDIR'],
    ['DEVICE', 'open', 'ENOTDIR'],
    ['FAULT', 'open', 'ENXIO'],
  ]);
});
