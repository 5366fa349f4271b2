/** Programs on a machine of a running server, over its socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_BASELINE } from '../../src/abi/baselines.ts';
import type { Errno } from '../../src/abi/errno.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { SocketKernel } from '../../src/ioctl/socket/socket-kernel.ts';
import { type ProgramServer, servePrograms } from '../../src/ioctl/socket/socket-server.ts';
import { LostError } from '../../src/ioctl/socket/wire.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { HAS_PYTHON, openFolder } from './compiler.ts';
import { CAN_RUN, PROGRAMS, runPython, runUnder } from './running.ts';

const HANGS = 300_000;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const python = test.skipIf(!CAN_RUN || !HAS_PYTHON);

describe('faultline serve', () => {
  const database = join(openFolder(), 'log.db');
  const flags = ['--server', `${database}.sock`];
  let server: ChildProcess;

  beforeAll(async () => {
    const args = [MAIN, 'serve', '--database', database, '--port', '0'];
    server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [greeting] = (await once(server.stdout!, 'data')) as [Buffer];
    expect(greeting.toString()).toContain(`faultline run --server ${database}.sock --`);
  }, HANGS);

  afterAll(async () => {
    server.kill();
    await once(server, 'exit');
    expect(existsSync(`${database}.sock`)).toBe(false);
  }, HANGS);

  python('a program reads and answers faults', { timeout: HANGS }, () => {
    const { saw, summary } = runPython('fault_file', { flags });
    expect(saw).toMatchObject({ queued: 1, readv: 40, taken: 0, answered: 8, twice: 'EINVAL' });
    expect(summary.leftOpen).toEqual([]);
  });

  python('a thread asleep in epoll wakes', { timeout: HANGS }, () => {
    expect(runPython('fault_threadless_poll', { flags }).saw).toMatchObject({ group: 9 });
  });

  test.skipIf(!CAN_RUN)('its socket is for this user alone', () => {
    expect(statSync(`${database}.sock`).mode & 0o777).toBe(0o600);
  });

  test.skipIf(!CAN_RUN)('a machine it has not is refused by name', { timeout: HANGS }, () => {
    const { exitCode, stderr } = runUnder(['true'], { flags: [...flags, '--machine', 'none'] });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('there is no machine "none"');
  });

  test.each(['http://127.0.0.1:4000', 'ws://localhost:4000/graphql', 'unix:///run/x.sock'])(
    'a URL is none: %s',
    { timeout: HANGS },
    url => {
      const { exitCode, stderr } = runUnder(['true'], { flags: ['--server', url] });
      expect(exitCode).toBe(2);
      expect(stderr).toContain(
        `--server wants the path of a socket, not the URL "${url}": faultline serve --database FILE makes FILE.sock`,
      );
    },
  );

  test.skipIf(!CAN_RUN)('a socket that is not there is refused', { timeout: HANGS }, () => {
    const { exitCode, stderr } = runUnder(['true'], { flags: ['--server', '/nowhere/x.sock'] });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      '--server: "/nowhere/x.sock" is the socket of no running server (ENOENT); a path is wanted',
    );
  });
});

describe('the socket', () => {
  const engine = new Engine({ log: openMemoryLog(), now: Date.now });
  const path = join(openFolder(), 's.sock');
  let server: ProgramServer;

  beforeAll(async () => {
    await engine.create('m', { type: 'MachineCreate', baseline: DEFAULT_BASELINE, devices: [] });
    server = await servePrograms(engine, path);
  });
  afterAll(() => server.stop());

  /** Sends messages and returns as many answers; `null` when the server hangs up. */
  async function talk(...messages: readonly unknown[]): Promise<unknown[]> {
    const socket = connect(path);
    socket.setEncoding('utf8');
    for (const message of messages) {
      socket.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
    }
    let text = '';
    for await (const part of socket) {
      text += String(part);
      if (text.split('\n').length > messages.length) break;
    }
    socket.destroy();
    return text
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line));
  }

  const machine = { type: 'MACHINE', id: 1, machineId: 'm' };

  test.each([
    [{ type: 'KernelReplace' }, '"baseline" is no baseline of a program'],
    [{ type: 'Nothing' }, '"Nothing" is no type of a command'],
    [{ type: 'IoasAlloc', contextId: 1 }, '"flags" is no u32 of a program'],
    [{ type: 'IoasAlloc', contextId: 1, flags: -1 }, '"flags" is no u32 of a program'],
    [{ type: 'IoasAlloc', contextId: 1, flags: 0, more: 1 }, 'IoasAlloc has no "more"'],
    [
      { type: 'IoasUnmap', contextId: 1, ioasId: 1, iova: 1, length: { u64: '0x1' } },
      '"iova" is no u64 of a program',
    ],
  ])('refuses %j', async (command, message) => {
    const before = (await engine.machine('m')).number;
    const answers = await talk(machine, { type: 'EXECUTE', id: 2, command });
    expect(answers).toEqual([
      { type: 'READY', id: 1 },
      { type: 'ERROR', id: 2, message: expect.stringContaining(message) },
    ]);
    expect((await engine.machine('m')).number).toBe(before);
  });

  test('wants to know the machine first', async () => {
    const execute = { type: 'EXECUTE', id: 7, command: { type: 'ContextOpen' } };
    expect(await talk(execute)).toEqual([
      { type: 'ERROR', id: 7, message: 'the first message must be MACHINE' },
    ]);
  });

  test('hangs up on what is no message', async () => {
    expect(await talk('not JSON')).toEqual([]);
  });

  test('closes what a supervisor had open when it goes', async () => {
    const { state } = await engine.machine('m');
    const open = { type: 'EXECUTE', id: 2, command: { type: 'ContextOpen' } };
    const [, opened] = await talk(machine, open);
    expect(opened).toMatchObject({ type: 'OUTCOME', errno: 0, reply: { contextId: 1 } });
    while (state.contexts.size > 0) await setTimeout(1);
    expect(state.contexts.size).toBe(0);
  });

  test('a machine that is deleted is lost to its own supervisors alone', async () => {
    await engine.create('x', { type: 'MachineCreate', baseline: DEFAULT_BASELINE, devices: [] });
    const [kernel, idle, other] = await Promise.all(
      ['x', 'x', 'm'].map(machineId => SocketKernel.connect(path, machineId)),
    );
    for (const each of [kernel!, idle!]) {
      await each.follow(() => {});
      await each.execute({ type: 'ContextOpen' });
    }
    await engine.delete('x');
    const deleted = expect.objectContaining({ message: expect.stringContaining('machine "x"') });
    const open = { type: 'ContextOpen' } as const;
    await expect(kernel!.execute(open)).rejects.toEqual(deleted);
    await expect(kernel!.execute(open)).rejects.toBeInstanceOf(LostError);
    // What they had open cannot be closed, which ends nothing else.
    await kernel!.close();
    await idle!.close();
    expect((await other!.execute(open)).errno).toBe(0);
    await other!.close();
  });

  test('looks again where another client changed what an access reaches', async () => {
    const kernel = await SocketKernel.connect(path, 'm');
    const { contextId } = (await kernel.execute({ type: 'ContextOpen' })).reply!;
    const opened = await kernel.execute({ type: 'IoasAlloc', contextId, flags: 0 });
    const ioasId = opened.reply!.outIoasId;
    const area = { contextId, ioasId, iova: 0x1000000n, length: 0x1000n };
    const map = (userVa: bigint) => ({ type: 'IoasMap', ...area, flags: 7, userVa }) as const;
    expect((await kernel.execute(map(0x10000000n))).errno).toBe(0);
    const create = { type: 'TestCreateAccess', contextId, ioasId, flags: 0 } as const;
    const accessId = (await kernel.execute(create)).reply!.outAccessId;
    const read = { type: 'TestAccessRw', contextId, accessId, flags: 0, fill: 0 } as const;
    const moves: Promise<{ readonly errno: Errno }>[] = [];
    const seen: bigint[] = [];
    const command = { ...read, iova: area.iova, length: 2n };
    const before = (await engine.machine('m')).number;
    const outcome = await kernel.executeReaching(command, pieces => {
      seen.push(...pieces.map(({ userVa }) => userVa));
      // Twice somebody is quicker.
      if (moves.length < 4) {
        moves.push(engine.execute('m', { type: 'IoasUnmap', ...area }));
        moves.push(engine.execute('m', map(pieces[0]!.userVa + 0x2000n)));
      }
      return { ...command, data: seen.length.toString().padStart(4, '0') };
    });
    for (const move of moves) expect((await move).errno).toBe(0);
    expect(seen).toEqual([0x10000000n, 0x10002000n, 0x10004000n]);
    expect(outcome).toMatchObject({ errno: 0, reply: { data: '0003' } });
    // The others' four operations, and the access once.
    expect((await engine.machine('m')).number).toBe(before + 5);
    await kernel.close();
  });
});

describe('a program whose supervisor is killed', () => {
  python('ends, and the server closes what it had', { timeout: HANGS }, async () => {
    const engine = new Engine({ log: openMemoryLog(), now: Date.now });
    await engine.create('m', { type: 'MachineCreate', baseline: DEFAULT_BASELINE, devices: [] });
    const path = join(openFolder(), 's.sock');
    const server = await servePrograms(engine, path);
    const program = ['python3', join(PROGRAMS, 'programs.py'), 'sleeper'];
    const args = [MAIN, 'run', '--server', path, '--machine', 'm', '--', ...program];
    const run = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [pid] = (await once(run.stdout!, 'data')) as [Buffer];
    const { state } = await engine.machine('m');
    expect(state.contexts.size).toBe(1);
    run.kill('SIGKILL');
    await once(run, 'exit');
    while (state.contexts.size > 0) await setTimeout(1);
    while (existsSync(`/proc/${Number(pid)}`)) await setTimeout(1);
    await server.stop();
    expect(state.contexts.size).toBe(0);
  });
});
