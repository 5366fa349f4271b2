/** Whose memory the devices of programs reach, and what becomes of memory that a program gave up. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import { CHANNEL_ERRORS, CHANNEL_STATUS } from '../../src/abi/ioctl/dma-block.ts';
import { DEFAULT_IOMMU } from '../../src/core/hardware/unit/possible.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { PROGRAM_TOPOLOGY } from '../../src/engine/trace/topology.ts';
import { EngineKernel } from '../../src/ioctl/engine-kernel.ts';
import { runProgram } from '../../src/ioctl/run.ts';
import { SocketKernel } from '../../src/ioctl/socket/socket-kernel.ts';
import { servePrograms } from '../../src/ioctl/socket/socket-server.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { HAS_PYTHON, openFolder } from './compiler.ts';
import { CAN_RUN, PROGRAMS, runPython, USERS } from './running.ts';

const HANGS = 300_000;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);
const DONE = [CHANNEL_STATUS.DONE, CHANNEL_ERRORS.NONE];
const GONE = [CHANNEL_STATUS.ERROR, CHANNEL_ERRORS.MEMORY_GONE];

python('what devices met is in the log, which replays', { timeout: HANGS }, () => {
  const folder = openFolder();
  const flags = ['--database', join(folder, 'log.db'), '--machine', 'vmm'];
  for (const name of ['two', 'child_gone', 'freed', 'tables']) {
    expect(runPython(name, { flags }, 'whose.py').exitCode).toBe(0);
  }
  const faultline = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  const file = join(folder, 'log.faultline');
  const exported = faultline('export', ...flags, '--output', file);
  expect([exported.status, exported.stderr]).toEqual([0, '']);
  const replayed = faultline('replay', '--check', file);
  expect([replayed.status, replayed.stdout]).toEqual([0, expect.stringContaining('machine vmm')]);
});

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

python('on a server’s machine, too', { timeout: HANGS }, async () => {
  const engine = await engineWithMachine();
  const server = await servePrograms(engine, join(openFolder(), 's.sock'));
  const kernel = await SocketKernel.connect(server.path, 'm');
  const warnings: string[] = [];
  for (const name of ['child_gone', 'freed', 'read_only']) {
    const { exitCode, summary } = await runProgram({
      argv: ['python3', join(PROGRAMS, 'whose.py'), name, join(openFolder(), 'saw.json')],
      kernel,
      exactFds: false,
      privileges: 'OWN',
      warn: message => warnings.push(message),
    });
    expect([exitCode, summary.hazards]).toEqual([0, { PINNED_MEMORY_GONE: 1 }]);
  }
  expect(warnings.length).toBeGreaterThan(0);
  await kernel.close();
  await server.stop();
  const { state } = await engine.machine('m');
  expect(state.hazards.map(({ objects }) => objects.length)).toEqual([3, 3, 3]);
});

python('also when somebody else starts the DMA', { timeout: HANGS }, async () => {
  const engine = await engineWithMachine();
  const kernel = new EngineKernel(engine, 'm');
  const folder = openFolder();
  const warnings: string[] = [];
  const running = runProgram({
    argv: ['python3', join(PROGRAMS, 'whose.py'), 'others_dma', join(folder, 'saw.json')],
    kernel,
    exactFds: false,
    privileges: 'OWN',
    warn: message => warnings.push(message),
  });
  while (!existsSync(join(folder, 'freed'))) await setTimeout(5);
  const bdf = '0000:01:00.0';
  const write = { pasid: null, iova: 0x1_0000n, length: 8n, write: true, fill: 1 };
  const { errno } = await engine.execute('m', { type: 'Dma', bdf, ...write });
  expect(errno).toBe(0);
  while (warnings.length === 0) await setTimeout(5);
  writeFileSync(join(folder, 'met'), '');
  const { exitCode, summary } = await running;
  expect([exitCode, summary.hazards]).toEqual([0, { PINNED_MEMORY_GONE: 1 }]);
  expect(summary.operationsByType).toMatchObject({ UserMemoryChange: 1 });
  await kernel.close();
});

describe.each(USERS)('as %s', user => {
  const run = (name: string) => runPython(name, { user }, 'whose.py');

  python('the process that mapped a page, whoever maps after it', { timeout: HANGS }, () => {
    const { saw, summary } = run('two');
    expect(saw).toEqual({
      child: 'mapped',
      other: 'EFAULT',
      both: ['pppp', 'cccc'],
      written: [DONE, DONE],
      parents: 'PPPPpppp',
      again: [DONE, DONE],
      last: 'QQPPpppp',
      childs: 'DDCCcccc',
    });
    expect(summary.hazards).toEqual({});
  });

  python('one DMA goes to two processes', { timeout: HANGS }, () => {
    const { saw, summary } = run('over_the_border');
    expect(saw).toEqual({ done: DONE, parents: 'BBBB....', childs: '....BBBB' });
    expect(summary.hazards).toEqual({});
  });

  python('of a child that has ended, what others share with it', { timeout: HANGS }, () => {
    const { saw, summary, stderr } = run('child_gone');
    expect(saw).toEqual({
      alive: 'oooo',
      shared: DONE,
      here: 'ZZZZ',
      back: 'ZZZZ',
      own: GONE,
      lost: DONE,
    });
    expect(summary.hazards).toEqual({ PINNED_MEMORY_GONE: 1 });
    expect(stderr).toMatch(/a device read at 0x[\da-f]+ of process \d+, which gave .* not known/);
    expect(stderr).toMatch(/a device wrote at 0x[\da-f]+ of process \d+, which gave .* are lost/);
  });

  python('of a child that never called iommufd, too', { timeout: HANGS }, () => {
    const { saw, summary } = run('inherited');
    expect(saw).toEqual({ read: 'ssss', written: DONE, childs: 'ZZZZssss' });
    expect(summary.hazards).toEqual({ PINNED_MEMORY_GONE: 1 });
  });

  python('a page that is gone does not keep those behind it away', { timeout: HANGS }, () => {
    expect(run('gap').saw).toEqual({ written: DONE, ends: ['ZZZZ', 'ZZZZ'] });
  });

  python('memory that was freed is a hazard when a device meets it', { timeout: HANGS }, () => {
    const { saw, summary } = run('freed');
    expect(saw).toEqual({
      before: DONE,
      written: DONE,
      read: GONE,
      border: GONE,
      left: [DONE, 'ZZZZ'],
    });
    expect(summary.hazards).toEqual({ PINNED_MEMORY_GONE: 1 });
    expect(summary.operationsByType).toMatchObject({ Dma: 6, UserMemoryChange: 1 });
  });

  python('an open file has the memory that was unmapped', { timeout: HANGS }, () => {
    const { saw, summary } = run('open_file');
    expect(saw).toEqual({
      middle: DONE,
      around: ['....MMMM', 'MMMMMMMM', 'MMMMMMMM', 'MMMM....'],
      all: DONE,
      first: 'AAAA',
      read: 'file',
      cut: GONE,
      lost: DONE,
      size: 4096,
    });
    // Found or not: the program gave it up twice.
    expect(summary.hazards).toEqual({ PINNED_MEMORY_GONE: 2 });
  });

  python('another mapping has it, as far as that may be touched', { timeout: HANGS }, () => {
    const { saw, summary } = run('other_mapping');
    expect(saw).toEqual({
      read: 'ffff',
      refused: DONE,
      kept: 'ffff',
      written: DONE,
      seen: 'ZZZZ',
    });
    expect(summary.hazards).toEqual({ PINNED_MEMORY_GONE: 1 });
  });

  python('what became read-only keeps its bytes, which is a hazard', { timeout: HANGS }, () => {
    const { saw, summary } = run('read_only');
    expect(saw).toEqual({ read: 'kkkk', written: DONE, kept: 'kkkk', again: DONE, seen: 'ZZZZ' });
    expect(summary.hazards).toEqual({ PINNED_MEMORY_GONE: 1 });
    const access = run('access');
    const EFAULT = 14;
    expect(access.saw).toEqual({ before: 0, written: EFAULT, read: 0 });
    expect(access.summary.hazards).toEqual({ PINNED_MEMORY_GONE: 1 });
  });

  python('a guest’s page table is read where it was mapped', { timeout: HANGS }, () => {
    const { saw, summary } = run('tables');
    // Accessed and dirty bits, too.
    expect(saw).toEqual({ done: DONE, childs: 'ZZZZ 0x5067', parents: '....' });
    expect(summary.hazards).toEqual({});
  });
});
