/** Each handler in examples/ answers groups of a real server, where its tool is there. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Faultline } from '../../src/server/faultline.ts';
import { run } from '../e2e/process.ts';
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
  const program = {
    printed: '',
    complained: '',
    ended: new Promise(r => child.once('close', r)),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
  };
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

/** Delivers three groups, of whose answers the kernel takes all but that to cookie 2. */
async function serverThatRefusesTheSecond() {
  const told: string[] = [];
  const server = createServer(async (request, response) => {
    const { query } = (await json(request)) as { query: string };
    if (query.startsWith('subscription')) {
      const events = [1, 2, 3].map(cookie => {
        const iopfGroup = { iopfGroupId: cookie + 10, cookie, messages: [{ addr: '0x1000' }] };
        return `event: next\ndata: ${JSON.stringify({ data: { iopfGroups: { kind: 'DELIVERED', iopfGroup } } })}\n\n`;
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(events.join(''));
      server.once('answered', () => response.end('event: complete\ndata:\n\n'));
      return;
    }
    told.push(query);
    const cookies = [...query.matchAll(/cookie: (\d)/g)].map(([, cookie]) => cookie);
    const taken = cookies.includes('2') ? cookies.indexOf('2') : cookies.length;
    const faultWrite = taken === 0 ? { errno: 'EINVAL' } : { errno: null, bytes: taken * 8 };
    response.end(JSON.stringify({ data: { faultWrite } }));
    if (cookies.includes('3') && taken === cookies.length) server.emit('answered');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told };
}

test.skipIf(!HANDLERS['handler.sh']!.there)(
  'examples/handler.sh: one late answer of a request leaves the others theirs',
  async () => {
    const { url, told } = await serverThatRefusesTheSecond();
    const handler = running([source('handler.sh'), url]);
    expect(await handler.ended).toBe(0);
    expect(told.at(-1)).toMatch(/responses: \[\{ cookie: 3, iopfGroupId: 13,/);
  },
);

test.skipIf(!HANDLERS['handler.sh']!.there).each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('examples/handler.sh: %s ends it and all it started', async (signal, code) => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  const handler = running([source('handler.sh'), server.url]);
  await expect.poll(() => answers(server), PATIENCE).toBe(1);
  handler.kill(signal);
  // Once nothing holds its standard output.
  expect(await handler.ended).toBe(code);
  await sendGroups(server, 1, { first: 1 });
  expect((await server.engine.settled('default')).state.iopfGroups.size).toBe(1);
  expect(handler.complained).toBe('');
});

test('examples/handler-hardware.ts maps what a modelled device asks for', async () => {
  const clone = join(EXAMPLES, 'hardware/clone.ts');
  const handler = `${process.execPath} --import ${clone} ${source('handler-hardware.ts')}`;
  const flags = [
    '--until',
    '40groups',
    '--handler',
    handler,
    '--json',
    '--keep',
    made('kept.jsonl'),
  ];
  const { code, stdout } = await run('test', 'HARDWARE_FAULTS', ...flags);
  expect(JSON.parse(stdout)).toMatchObject({
    passed: true,
    failures: [],
    devices: [{ sent: 40, unanswered: 0, dmas: { done: 40, failed: 0, retries: 0 } }],
  });
  expect(code).toBe(0);
});

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
