/** Each handler in examples/ answers groups of a real server, where its tool is there. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Faultline } from '../../src/server/faultline.ts';
import { ask, makeFaulting, sendGroups, start, succeed } from '../graphql/builder/testing.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** For hangs. */
const PATIENCE = { timeout: 120_000 };

const works = (command: string, ...args: string[]) =>
  spawnSync(command, args, { input: '' }).status === 0;

/** A folder for what a compiler makes. */
function made(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-examples-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}

function compiled(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
}

interface Example {
  readonly there: boolean;
  /** The command that runs it, made if it must be. */
  readonly command: () => readonly [string, ...string[]];
}

const source = (name: string) => join(EXAMPLES, name);

const HANDLERS: Readonly<Record<string, Example>> = {
  'handler.py': {
    there: works('python3', '--version'),
    command: () => ['python3', source('handler.py')],
  },
  'handler.sh': {
    there: works('curl', '--version') && works('bash', '--version'),
    command: () => [source('handler.sh')],
  },
  'handler.c': {
    there: works('cc', '-fsyntax-only', '-x', 'c', '-include', 'curl/curl.h', '/dev/null'),
    command: () => {
      const file = made('handler');
      compiled('cc', '-Wall', '-Wextra', '-Werror', '-o', file, source('handler.c'), '-lcurl');
      return [file];
    },
  },
  'handler.go': {
    there: works('go', 'version'),
    command: () => {
      const file = made('handler');
      compiled('go', 'build', '-o', file, source('handler.go'));
      return [file];
    },
  },
};

/** A program that runs, with what it prints. */
function running(
  [command, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const program = { printed: '', complained: '', ended: new Promise(r => child.once('close', r)) };
  child.stdout.setEncoding('utf8').on('data', text => {
    program.printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    program.complained += text;
  });
  return program;
}

async function answers({ engine }: Faultline, machineId = 'default'): Promise<number> {
  const operations = await engine.log.read(machineId, { afterNumber: 0, limit: 1_000 });
  return operations
    .flatMap(({ events }) => events)
    .filter(event => event.type === 'PageResponseWritten' && event.code === 0).length;
}

describe.each(Object.entries(HANDLERS))('examples/%s', (_name, { there, command }) => {
  test.skipIf(!there)('answers groups of several pages, and ends with the queue', async () => {
    const server = await start();
    await makeFaulting(server);
    await sendGroups(server, 1, { pages: 2 });
    const [program, ...args] = command();
    const handler = running([program, ...args, server.url]);
    await expect.poll(() => answers(server), PATIENCE).toBe(1);
    await sendGroups(server, 1, { first: 1 });
    await expect.poll(() => answers(server), PATIENCE).toBe(2);
    await succeed(server, 'faultClose', 'contextId: 1, faultId: 4');
    expect(await handler.ended).toBe(0);
    expect(handler.printed).toBe('page 0x1000\npage 0x2000\npage 0x1000\n');
    expect((await server.engine.settled('default')).state.hazardCount).toBe(0);
  });

  test.skipIf(!there)('says so if there is no such queue', async () => {
    const [program, ...args] = command();
    const handler = running([program, ...args, (await start()).url]);
    expect(await handler.ended).toBe(1);
    expect(handler.complained).toMatch(/contextId 1: no context of this number is open/);
  });

  test.skipIf(!there)('takes the queue from the environment', async () => {
    const server = await start();
    const other = '{ machineId: "other", devices: [{ bdf: "0000:01:00.0" }] }';
    await ask(server, `mutation { machineCreate(input: ${other}) { __typename } }`);
    await makeFaulting(server, 'other');
    await sendGroups(server, 1, { machineId: 'other' });
    const env = { FAULTLINE_URL: server.url, FAULTLINE_MACHINE: 'other' };
    const handler = running(command(), env);
    await expect.poll(() => answers(server, 'other'), PATIENCE).toBe(1);
    await succeed(server, 'faultClose', 'machineId: "other", contextId: 1, faultId: 4');
    expect(await handler.ended).toBe(0);
    for (const [name, said] of [
      ['FAULTLINE_CONTEXT', /contextId 9: no context of this number is open/],
      ['FAULTLINE_FAULT_ID', /faultId 9: context 1 has no fault queue 9 .* it has fault queue 4/],
    ] as const) {
      const lost = running(command(), { ...env, [name]: '9' });
      expect(await lost.ended).toBe(1);
      expect(lost.complained).toMatch(said);
    }
  });

  test.skipIf(!there)('goes on when the server was restarted', async () => {
    const database = made('log.sqlite');
    const first = await start(database);
    await makeFaulting(first);
    const handler = running([...command(), first.url]);
    await sendGroups(first, 1);
    await expect.poll(() => answers(first), PATIENCE).toBe(1);
    await first.stop();
    const again = await start(database, Number(new URL(first.url).port));
    await sendGroups(again, 1, { first: 1 });
    await expect.poll(() => answers(again), PATIENCE).toBe(2);
    await succeed(again, 'faultClose', 'contextId: 1, faultId: 4');
    expect(await handler.ended).toBe(0);
  });
});
