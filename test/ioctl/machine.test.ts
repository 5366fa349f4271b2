/** A program and others on one machine; what a run leaves in its log. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import type { MachineState } from '../../src/core/machine/state.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { EngineKernel } from '../../src/ioctl/engine-kernel.ts';
import { runProgram } from '../../src/ioctl/run.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { HAS_PYTHON, openFolder } from './compiler.ts';
import { CAN_RUN, PROGRAMS, runPython, runUnder } from './running.ts';

const HANGS = 300_000;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);

describe('on one machine with others', () => {
  python('poll sees what others report and what they read', { timeout: HANGS }, async () => {
    const engine = new Engine({ log: openMemoryLog(), now: Date.now });
    await engine.create('m', { type: 'MachineCreate', baseline: DEFAULT_BASELINE, devices: [] });
    const kernel = new EngineKernel(engine, 'm');
    const file = join(openFolder(), 'saw.json');
    const running = runProgram({
      argv: ['python3', join(PROGRAMS, 'programs.py'), 'fault_others', file],
      kernel,
      exactFds: false,
      privileges: 'OWN',
      warn: message => expect.fail(message),
    });
    const { state } = await engine.machine('m');
    const { contextId, faultId, devId } = await faultCapable(state);
    const trigger = { pasid: 0, grpid: 1, perm: 1, addr: 0n, lastPage: true };
    await engine.execute('m', { type: 'TestTriggerIopf', contextId, devId, ...trigger });
    // Long enough for the program to be asleep in poll, and harmless if it is not yet.
    await setTimeout(100);
    const read = { type: 'FaultRead', contextId, faultId, count: 400, reader: 'READ' } as const;
    expect(await engine.execute('m', read)).toMatchObject({ reply: { bytes: 40 } });
    expect(await running).toMatchObject({ exitCode: 0, summary: { leftOpen: [] } });
    await kernel.close();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ came: 1, left: 0, read: 0 });
  });
});

/** Waits until a device is attached to a fault-capable hwpt. */
async function faultCapable(state: MachineState) {
  for (let tries = 0; tries < 10_000; tries++, await setTimeout(5)) {
    for (const { contextId, hwptId, deviceId } of state.attachHandles.values()) {
      const hwpt = state.contexts.get(contextId)?.objects.get(hwptId);
      if (hwpt?.type !== 'HWPT_NESTED' || hwpt.faultId === null) continue;
      return { contextId, faultId: hwpt.faultId, devId: deviceId };
    }
  }
  throw new Error('the program attached no device');
}

describe('the log of a run', () => {
  python('replays to the same answers, also after a second run', { timeout: HANGS }, () => {
    const folder = openFolder();
    const flags = ['--database', join(folder, 'log.db'), '--machine', 'vmm'];
    expect(runPython('fault_file', { flags }).exitCode).toBe(0);
    expect(runPython('numbers', { flags }).saw).toMatchObject({ ids: [1, 2, 3, 4, 5, 1, 2] });
    const faultline = (...args: string[]) =>
      spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
    const file = join(folder, 'log.faultline');
    const exported = faultline('export', ...flags, '--output', file);
    expect([exported.status, exported.stderr]).toEqual([0, '']);
    const replayed = faultline('replay', '--check', file);
    expect([replayed.status, replayed.stdout]).toEqual([0, expect.stringContaining('machine vmm')]);
  });

  test.skipIf(!CAN_RUN)('a machine keeps the kernel it was made with', { timeout: HANGS }, () => {
    const flags = ['--database', join(openFolder(), 'log.db')];
    expect(runUnder(['true'], { flags: [...flags, '--baseline', 'LINUX_6_11'] }).exitCode).toBe(0);
    const { exitCode, stderr } = runUnder(['true'], { flags });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('behaves as LINUX_6_11, not as LINUX_6_12_117');
  });
});

describe('wrong arguments', () => {
  test.each([
    [['run'], 'a program is missing'],
    [['run', '--baseline', 'LINUX_5', '--', 'true'], '--baseline must be one of'],
    [['run', '--machine', '/', '--', 'true'], '--machine must be'],
    [['run', '--json', '--quiet', '--', 'true'], 'take one of them'],
    [['run', '--no', '--', 'true'], "Unknown option '--no'"],
    [['run', 'true'], 'write the program behind "--": faultline run [flags] -- true'],
  ])('%j', { timeout: HANGS }, (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
