/** `faultline drive` and `faultline test`: devices that fault, and handlers put to the test. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { groupsWanted, type PagesOptions } from '../../src/cli/drive/pages.ts';
import { Tally } from '../../src/cli/drive/tally.ts';
import { handleFaults } from '../../src/client/index.ts';
import type { Faultline } from '../../src/server/faultline.ts';
import { ask, at, start } from '../graphql/builder/testing.ts';
import { begin, run, serve, temporaryDirectory } from './process.ts';

const CLIENT = new URL('../../src/client/index.ts', import.meta.url).pathname;

const handlerOf = (folder: string, body: string) => {
  const file = join(folder, 'handler.ts');
  writeFileSync(
    file,
    `import { handleFaults } from ${JSON.stringify(CLIENT)};
     const queue = { url: process.env.FAULTLINE_URL, contextId: 1, faultId: 4, maxInFlight: 64 };
     await handleFaults(queue, async group => { ${body} }).ended;`,
  );
  return `${process.execPath} ${file}`;
};

const scenarioOf = (folder: string, value: object) => {
  const file = join(folder, 'scenario.json');
  writeFileSync(file, JSON.stringify(value));
  return file;
};

async function makeScenario(server: { url: string }, scenario: string) {
  await ask(
    server,
    `mutation { machineCreate(input: {machineId: "m", scenario: ${scenario}}) { errno } }`,
  );
}

function answerAll(server: { url: string }, answer: 'SUCCESS' | 'INVALID') {
  const queue = { url: server.url, machineId: 'm', contextId: 1, faultId: 4, maxInFlight: 64 };
  const handler = handleFaults(queue, async () => answer);
  onTestFinished(() => handler.stop());
}

const DRIVE = ['--machine', 'm', '--rate', '400', '--until', '60groups', '--json'];

test('a declared device: groups of several pages and PASIDs, all answered', async () => {
  const server = await start();
  await makeScenario(server, 'NESTED_FAULTS');
  answerAll(server, 'SUCCESS');
  const flags = ['--url', server.url, ...DRIVE, '--group-size', '1-4', '--pasids', '5,6'];
  const { code, stdout, stderr } = await run('drive', ...flags);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const summary = JSON.parse(stdout) as Record<string, unknown>;
  expect(summary).toMatchObject({
    sent: 60,
    queued: 60,
    answered: { success: 60, invalid: 0, failure: 0 },
    takenAway: 0,
    unanswered: 0,
    refused: {},
    dmas: null,
  });
  const { iopfGroups } = (
    (await ask(
      server,
      '{ machine(machineId: "m") { iopfGroups(first: 1000) { totalCount edges { node { pasid requests { addr } } } } } }',
    )) as unknown as { machine: { iopfGroups: Groups } }
  ).machine;
  expect(iopfGroups.totalCount).toBe(60);
  const sizes = new Set(iopfGroups.edges.map(({ node }) => node.requests.length));
  expect([...sizes].sort()).toEqual([1, 2, 3, 4]);
  expect(new Set(iopfGroups.edges.map(({ node }) => node.pasid))).toEqual(new Set([5, 6]));
});

interface Groups {
  readonly totalCount: number;
  readonly edges: readonly { node: { pasid: number; requests: readonly unknown[] } }[];
}

test('a modelled device: DMAs that end, under its credits', async () => {
  const server = await start();
  await makeScenario(server, 'HARDWARE_FAULTS');
  answerAll(server, 'INVALID');
  const { code, stdout } = await run('drive', '--url', server.url, ...DRIVE);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    sent: 60,
    answered: { success: 0, invalid: 60, failure: 0 },
    dmas: { done: 0, failed: 60, retries: 0 },
  });
});

test('nobody answers: exit code 1, and how many', async () => {
  const server = await start();
  await makeScenario(server, 'NESTED_FAULTS');
  const flags = ['--url', server.url, '--machine', 'm', '--until', '5groups', '--grace', '50'];
  const { code, stdout } = await run('drive', ...flags);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^unanswered {2}5$/m);
});

test('a drive that is told to end sends what it began, and its numbers add up', async () => {
  const server = await start();
  await makeScenario(server, 'NESTED_FAULTS');
  const driving = ['drive', '--url', server.url, '--machine', 'm', '--rate', '400'];
  const many = ['--group-size', '8', '--until', '60groups', '--grace', '0', '--json'];
  const { stdout } = await run(...driving, ...many);
  const { sent, queued, unanswered } = JSON.parse(stdout) as Record<string, number>;
  expect(await partialRequests(server)).toBe(0);
  const query = '{ machine(machineId: "m") { iopfGroups { totalCount } } }';
  expect(at(await ask(server, query), 'machine', 'iopfGroups', 'totalCount')).toBe(60);
  expect({ sent, queued, unanswered }).toEqual({ sent: 60, queued: 60, unanswered: 60 });
});

async function partialRequests(server: Faultline): Promise<number> {
  const { physicalDevices } = (await server.engine.settled('m')).state;
  return [...physicalDevices.values()].reduce(
    (sum, device) => sum + (device.kind === 'PCI' ? device.partial.length : 0),
    0,
  );
}

test('a server that goes away ends it with what came of it so far', async () => {
  const server = await serve(join(temporaryDirectory(), 'gone.sqlite'));
  await makeScenario(server, 'NESTED_FAULTS');
  answerAll(server, 'SUCCESS');
  const driven = begin('drive', '--url', server.url, '--machine', 'm', '--until', '10m', '--json');
  const answered = async () => {
    const query =
      '{ machine(machineId: "m") { iopfGroups(where: {outcome: ANSWERED}) { totalCount } } }';
    return at(await ask(server, query), 'machine', 'iopfGroups', 'totalCount');
  };
  await expect.poll(answered, { timeout: 120_000 }).toBeGreaterThan(3);
  await server.kill('SIGKILL');
  const { code, stdout } = await driven.finished;
  expect(code).toBe(1);
  const summary = JSON.parse(stdout) as { sent: number; stopped: string };
  expect(summary.sent).toBeGreaterThan(3);
  expect(summary.stopped).toMatch(/^the server closed the connection: 1006/);
});

test('what cannot be driven is told', async () => {
  const server = await start();
  await makeScenario(server, 'NESTED_FAULTS');
  const cases: readonly (readonly [flags: string[], code: number, said: string])[] = [
    [['--machine', 'm', '--device', '0000:09:00.0'], 1, 'has no PCI function 0000:09:00.0'],
    [['--machine', 'm', '--device', '0000:02:00.0'], 1, 'is not attached to a nested hwpt'],
    [['--machine', 'nobody'], 1, 'nobody'],
    [['--rate', '0'], 2, '--rate: expected a whole number from 1 to 100000, not "0"'],
    [['--group-size', '8-1'], 2, '--group-size: expected from 1 to 512 pages'],
    [['--range', '0x10-0x5'], 2, '--range: expected a range'],
    [['--pages', '/nowhere'], 2, '--pages: expected random, sequential, or a file'],
    [['--until', 'later'], 2, '--until: expected a time or a number'],
    [['--device', 'x'], 2, '--device: expected a PCI address'],
  ];
  for (const [flags, wanted, said] of cases) {
    const { code, stderr } = await run('drive', '--url', server.url, ...flags);
    expect({ flags, code }).toEqual({ flags, code: wanted });
    expect(stderr).toContain(said);
  }
  const wrong = await run('drive', '--url', '127.0.0.1:4000');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toBe(
    'faultline drive: --url: expected the address of a server, such as http://127.0.0.1:4000 (http, https, ws, wss), not "127.0.0.1:4000"; see --help\n',
  );
  for (const url of ['http://127.0.0.1:1', 'http://127.0.0.1:1/#part']) {
    const { code, stderr } = await run('drive', '--url', url);
    expect(code).toBe(1);
    expect(stderr).toContain('no server answers there; faultline serve starts one');
  }
});

test('a scenario drives all its devices, on a machine that it makes or that is there', async () => {
  const server = await start();
  const file = scenarioOf(temporaryDirectory(), {
    scenario: 'TWO_QUEUES',
    expect: { waitMaxMs: 60_000 },
  });
  for (const contextId of [1, 2]) {
    const queue = { url: server.url, machineId: 'made', contextId, faultId: 4, maxInFlight: 64 };
    const handler = handleFaults({ ...queue, waitForQueue: true }, async () => 'SUCCESS');
    onTestFinished(() => handler.stop());
  }
  const flags = ['--url', server.url, '--machine', 'made', '--rate', '300', '--until', '20groups'];
  const made = await run('drive', file, ...flags, '--json');
  expect(made.stderr).toBe(
    'machine made: 0000:01:00.0 faults into fault queue 4 of context 1\n' +
      'machine made: 0000:02:00.0 faults into fault queue 4 of context 2\n',
  );
  expect(JSON.parse(made.stdout)).toMatchObject({
    passed: true,
    failures: [],
    devices: [
      { device: '0000:01:00.0', sent: 20, unanswered: 0 },
      { device: '0000:02:00.0', sent: 20, unanswered: 0 },
    ],
  });
  const again = await run('drive', 'TWO_QUEUES', ...flags);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.stdout).toMatch(/^device {6}0000:01:00\.0$[\s\S]*^device {6}0000:02:00\.0$/m);
  expect(again.stdout).toMatch(/^passed$/m);
});

test('what a scenario expects is checked on a driven machine, too: of this drive', async () => {
  const server = await start();
  await makeScenario(server, 'NESTED_FAULTS');
  const answers = '[{ cookie: 9, code: IOMMUFD_PAGE_RESP_SUCCESS }]';
  await ask(
    server,
    `mutation { faultWrite(input: {machineId: "m", contextId: 1, faultId: 4, responses: ${answers}}) { errno } }`,
  );
  const queue = { url: server.url, machineId: 'm', contextId: 1, faultId: 4, maxInFlight: 64 };
  const handler = handleFaults(queue, async () => {
    await setTimeout(20);
    return 'SUCCESS';
  });
  onTestFinished(() => handler.stop());
  const scenario = { scenario: 'NESTED_FAULTS', drive: [{ rate: 300, until: '5groups' }] };
  const folder = temporaryDirectory();
  const flags = ['--url', server.url, '--machine', 'm'];
  const passes = await run('drive', scenarioOf(folder, scenario), ...flags);
  expect(passes).toMatchObject({ code: 0, stderr: '' });
  const strict = scenarioOf(folder, { ...scenario, expect: { waitMaxMs: 5 } });
  const slow = await run('drive', strict, ...flags);
  expect(slow.stdout).toMatch(/^FAILED {2}longest wait in ms: \d/m);
  expect(slow.code).toBe(1);
});

test('a good handler passes', async () => {
  const folder = temporaryDirectory();
  const file = scenarioOf(folder, {
    scenario: 'NESTED_FAULTS',
    drive: [{ rate: 300, until: '40groups', 'group-size': '1-3' }],
    expect: { takenAway: 0, waitMaxMs: 60_000 },
  });
  const keep = join(folder, 'kept.jsonl');
  const handler = handlerOf(folder, "console.log('a group'); return 'SUCCESS';");
  const { code, stdout, stderr } = await run(
    'test',
    file,
    '--handler',
    handler,
    '--json',
    '--keep',
    keep,
  );
  expect(JSON.parse(stdout)).toMatchObject({
    passed: true,
    failures: [],
    kept: null,
    devices: [{ sent: 40, unanswered: 0, answersASecond: expect.any(Number) }],
  });
  expect(code).toBe(0);
  expect(stderr).toBe('handler: a group\n'.repeat(41));
  expect(existsSync(keep)).toBe(false);
});

test('a handler that forgets groups fails, and its log is kept', async () => {
  const folder = temporaryDirectory();
  const file = scenarioOf(folder, {
    scenario: 'NESTED_FAULTS',
    drive: [{ rate: 300, until: '10groups', pages: 'sequential' }],
  });
  const keep = join(folder, 'kept.jsonl');
  const handler = handlerOf(
    folder,
    "if (group.iopfGroupId % 5 === 0) await new Promise(() => {}); return 'SUCCESS';",
  );
  const flags = ['--handler', handler, '--keep', keep, '--grace', '3000'];
  const { code, stdout } = await run('test', file, ...flags);
  // The summary counts as the verdict does.
  expect(stdout).toMatch(/^unanswered {2}2$/m);
  expect(stdout).toMatch(/^handler {5}\d+(\.\d+)? answers a second$/m);
  expect(stdout).toContain('FAILED  unanswered groups: 2, expected at most 0');
  expect(stdout).toContain(`the log is kept in ${keep}`);
  expect(code).toBe(1);
  const replayed = await run('replay', '--check', keep);
  expect(replayed.code).toBe(0);
  expect(readFileSync(keep, 'utf8')).toContain('FaultRead');
});

test('a handler that answers INVALID fails where a scenario forbids it, or a DMA fails', async () => {
  const folder = temporaryDirectory();
  const handler = ['--handler', handlerOf(folder, "return 'INVALID';")];
  const flags = [...handler, '--keep', join(folder, 'kept.jsonl'), '--until', '6groups'];
  const nested = { scenario: 'NESTED_FAULTS' };
  const lenient = await run('test', scenarioOf(folder, nested), ...flags);
  expect(lenient.code).toBe(0);
  const strict = await run(
    'test',
    scenarioOf(folder, { ...nested, expect: { invalid: 2 } }),
    ...flags,
  );
  expect(strict.stdout).toContain('FAILED  groups answered INVALID: 6, expected at most 2\n');
  expect(strict.code).toBe(1);
  const hardware = await run('test', 'HARDWARE_FAULTS', ...flags);
  expect(hardware.stdout).toContain('FAILED  failed DMAs: 6, expected at most 0\n');
  expect(hardware.code).toBe(1);
  const expected = { scenario: 'HARDWARE_FAULTS', expect: { failedDmas: 6 } };
  expect((await run('test', scenarioOf(folder, expected), ...flags)).code).toBe(0);
});

test('a handler that never answers fails by the first group', async () => {
  const folder = temporaryDirectory();
  const file = scenarioOf(folder, { scenario: 'NESTED_FAULTS', drive: [{ until: '2groups' }] });
  const handler = handlerOf(folder, 'await new Promise(() => {});');
  const flags = ['--handler', handler, '--keep', join(folder, 'kept.jsonl'), '--grace', '2000'];
  const { code, stdout } = await run('test', file, ...flags);
  const [failed, kept, ...more] = stdout.trim().split('\n');
  expect(failed).toMatch(
    /^FAILED {2}the first group was not answered within 2000 ms .*FAULTLINE_URL/,
  );
  expect(kept).toMatch(/^the log is kept in /);
  expect(more).toEqual([]);
  expect(code).toBe(1);
});

test('a handler that ends by itself fails', async () => {
  const folder = temporaryDirectory();
  const file = scenarioOf(folder, { scenario: 'NESTED_FAULTS', drive: [{ until: '5groups' }] });
  const keep = join(folder, 'kept.jsonl');
  const flags = ['--handler', 'exit 3', '--keep', keep, '--grace', '100'];
  const { code, stdout } = await run('test', file, ...flags);
  expect(stdout).toContain('FAILED  the handler ended by itself with exit code 3');
  expect(code).toBe(1);
});

test('a scenario with a mistake is told before anything starts', async () => {
  const folder = temporaryDirectory();
  const cases: readonly (readonly [value: object, said: string])[] = [
    [{ scenario: 'NOTHING' }, '"scenario" must be one of NESTED_FAULTS,'],
    [
      { scenario: 'NESTED_FAULTS', other: 1 },
      'there is no "other"; there are scenario, drive, expect',
    ],
    [{ scenario: 'NESTED_FAULTS', drive: [] }, '"drive" must be a list'],
    [{ scenario: 'NESTED_FAULTS', drive: [{ speed: 1 }] }, 'there is no "speed"'],
    [{ scenario: 'NESTED_FAULTS', drive: [{ rate: 'x' }] }, '--rate: expected a whole number'],
    [{ scenario: 'NESTED_FAULTS', expect: { waitP99Ms: 'x' } }, '"expect.waitP99Ms" must be'],
    [
      { scenario: 'NESTED_FAULTS', expect: { failedDmas: 0 } },
      '"expect.failedDmas": the devices of NESTED_FAULTS make no DMAs',
    ],
  ];
  for (const [value, said] of cases) {
    const { code, stderr } = await run('test', scenarioOf(folder, value), '--handler', 'true');
    expect({ value, code }).toEqual({ value, code: 2 });
    expect(stderr).toContain(said);
  }
  expect((await run('test', 'nowhere.json', '--handler', 'true')).stderr).toContain('is none of');
  expect((await run('test', 'NESTED_FAULTS')).stderr).toContain('--handler is missing');
});

const PAGES: PagesOptions = {
  order: 'sequential',
  listed: [],
  first: 0x1000n,
  last: 0x3fffn,
  pasids: [],
  sizeMin: 2,
  sizeMax: 2,
  seed: 1,
};

function groupsOf(options: PagesOptions, count: number) {
  const groups = groupsWanted(options);
  return Array.from({ length: count }, () => groups.next().value);
}

test('pages come in order, from a file, or from a seed', () => {
  expect(groupsOf(PAGES, 2).flatMap(({ pages }) => pages)).toEqual([
    0x1000n,
    0x2000n,
    0x3000n,
    0x1000n,
  ]);
  const listed = { ...PAGES, order: 'file', listed: [0x5123n, 0x9000n], sizeMin: 1 } as const;
  expect(groupsOf({ ...listed, sizeMax: 1 }, 3).map(({ pages }) => pages[0])).toEqual([
    0x5000n,
    0x9000n,
    0x5000n,
  ]);
  const random = { ...PAGES, order: 'random', last: 0xffff_ffffn } as const;
  expect(groupsOf(random, 5)).toEqual(groupsOf(random, 5));
  expect(groupsOf(random, 5)).not.toEqual(groupsOf({ ...random, seed: 2 }, 5));
});

test('a tally counts its own device, and waits by the clock it is given', () => {
  let now = 0;
  const tally = new Tally(3, false, () => now);
  const take = (type: string, data: object) =>
    tally.take({ type, data, operation: { at: new Date(now).toISOString() } });
  const queued = (iopfGroupId: number, deviceNo = 3) =>
    take('IopfGroupQueued', { deviceNo, iopfGroupId });
  const sent = (iopfGroupId: number, code: number) =>
    take('PageResponseSent', { deviceNo: 3, iopfGroupId, grpid: 9, code });
  queued(1);
  queued(2);
  queued(3, 4);
  now = 10;
  expect(sent(1, 0)).toBe(9);
  now = 30;
  take('IopfGroupAutoResponded', { iopfGroupId: 2 });
  expect(sent(2, 1)).toBe(9);
  now = 2_000;
  expect(tally.summary()).toMatchObject({
    queued: 2,
    answered: { success: 1, invalid: 0, failure: 0 },
    takenAway: 1,
    unanswered: 0,
    seconds: 2,
    waitMs: { p50: 30, p99: 30, max: 30 },
  });
});
