/** A device of a program whose faults others answer, in this process and over a server's socket. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import {
  BLOCK_REGISTERS,
  CHANNEL_ERRORS,
  CHANNEL_REGISTERS,
  CHANNEL_STATUS,
} from '../../src/abi/ioctl/dma-block.ts';
import { DEFAULT_IOMMU } from '../../src/core/hardware/unit/possible.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { PROGRAM_TOPOLOGY } from '../../src/engine/trace/topology.ts';
import { EngineKernel } from '../../src/ioctl/engine-kernel.ts';
import type { Kernel } from '../../src/ioctl/kernel.ts';
import { runProgram } from '../../src/ioctl/run.ts';
import { SocketKernel } from '../../src/ioctl/socket/socket-kernel.ts';
import { servePrograms } from '../../src/ioctl/socket/socket-server.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { HAS_PYTHON, openFolder } from './compiler.ts';
import { CAN_RUN, PROGRAMS } from './running.ts';

const HANGS = 300_000;

async function engineWithMachine(): Promise<Engine> {
  const engine = new Engine({ log: openMemoryLog(), now: Date.now });
  await engine.create('m', {
    type: 'MachineCreate',
    baseline: DEFAULT_BASELINE,
    iommus: [DEFAULT_IOMMU],
    devices: PROGRAM_TOPOLOGY,
  });
  return engine;
}

/** Runs the program, maps page 7 for it where its device faults, and answers. */
async function answer(engine: Engine, kernel: Kernel): Promise<unknown> {
  const file = join(openFolder(), 'saw.json');
  const running = runProgram({
    argv: ['python3', join(PROGRAMS, 'vfio.py'), 'answered_by_others', file],
    kernel,
    exactFds: false,
    privileges: 'OWN',
    warn: message => expect.fail(message),
  });
  const { state } = await engine.machine('m');
  for (let tries = 0; tries < 10_000 && state.iopfGroups.size === 0; tries++) await setTimeout(5);
  const at = { contextId: 1, faultId: 3 } as const;
  const table = { hwptId: 5, iova: 0x5000n, gpa: 0x7000n, length: 0x1000n, perm: 3 };
  const tables = { pageSize: 0x1000n, tablesGpa: 0n, tablesLength: 0n };
  await engine.execute('m', { type: 'GuestMap', contextId: 1, ...table, ...tables });
  await engine.execute('m', { type: 'FaultRead', ...at, count: 40, reader: 'READ' });
  const responses = [{ cookie: 1, code: 0 }];
  await engine.execute('m', { type: 'FaultWrite', ...at, count: 8, responses });
  const { exitCode, summary } = await running;
  expect([exitCode, summary.leftOpen, summary.hazards]).toEqual([0, [], {}]);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Entry: page 7, present, writable, user, accessed, dirty, not to execute. */
const SEEN = {
  woken: 1,
  status: [2, 0],
  bytes: `${'33'.repeat(8)}00`,
  entry: '0x8000000000007067',
};

test.skipIf(!CAN_RUN || !HAS_PYTHON)('in this process', { timeout: HANGS }, async () => {
  const engine = await engineWithMachine();
  const kernel = new EngineKernel(engine, 'm');
  expect(await answer(engine, kernel)).toEqual(SEEN);
  await kernel.close();
});

test.skipIf(!CAN_RUN || !HAS_PYTHON)('over a socket', { timeout: HANGS }, async () => {
  const engine = await engineWithMachine();
  const server = await servePrograms(engine, join(openFolder(), 's.sock'));
  const kernel = await SocketKernel.connect(server.path, 'm');
  expect(await answer(engine, kernel)).toEqual(SEEN);
  await kernel.close();
  await server.stop();
  const { state } = await engine.machine('m');
  expect(state.contexts.size).toBe(0);
});

test.skipIf(!CAN_RUN || !HAS_PYTHON)(
  'a supervisor that goes gives its devices back',
  { timeout: HANGS },
  async () => {
    const engine = await engineWithMachine();
    const server = await servePrograms(engine, join(openFolder(), 's.sock'));
    const kernel = await SocketKernel.connect(server.path, 'm');
    const process = { memory: [], capIpcLock: true, capSysResource: true };
    const own = { ...process, rlimitMemlock: null, userId: 0 };
    await kernel.execute({ type: 'ContextOpen', process: own });
    await kernel.execute({ type: 'DeviceBind', contextId: 1, bdf: '0000:01:00.0' });
    await server.stop();
    const { state } = await engine.machine('m');
    expect(state.contexts.size).toBe(0);
    expect([...state.physicalDevices.values()].map(({ binding }) => binding)).not.toContainEqual(
      expect.anything(),
    );
  },
);

test('the registers are those of docs/PROGRAMS.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/PROGRAMS.md'), 'utf8');
  const rows = text.split('\n').filter(line => /^\| 0x/.test(line));
  const offset = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;
  for (const [name, value] of Object.entries({ ...BLOCK_REGISTERS, ...CHANNEL_REGISTERS })) {
    const said = name === 'IOVA_LOW' || name === 'IOVA_HIGH' ? 'IOVA' : name;
    const row = rows.find(line => line.includes(`| ${said} |`));
    expect([name, row]).toEqual([name, expect.stringContaining(offset(value))]);
  }
  const statuses = rows.find(line => line.includes('| STATUS |'))!;
  for (const code of Object.values(CHANNEL_STATUS)) expect(statuses).toMatch(`${code} `);
  const errors = rows.find(line => line.includes('| ERROR |'))!;
  for (const code of Object.values(CHANNEL_ERRORS).slice(1)) expect(errors).toMatch(`${code} `);
});
