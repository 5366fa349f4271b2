/** Finding by what one knows: iopf groups, operations, events; the machine at a time. */
import { expect, onTestFinished, test } from 'vitest';
import { iopfGroupsWhere } from '../../../src/engine/find/iopf-groups.ts';
import { countFitting, rangeUntil, search } from '../../../src/engine/find/search.ts';
import { Engine } from '../../../src/engine/machine/engine.ts';
import { History } from '../../../src/engine/past/history.ts';
import { Past } from '../../../src/engine/past/past.ts';
import { schema } from '../../../src/graphql/schema.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import { graphqlContext } from '../../../src/server/faultline.ts';
import {
  ask,
  at,
  type Json,
  makeFaulting,
  mutate,
  PCI,
  post,
  sendGroups,
  start,
  succeed,
} from '../builder/testing.ts';

const Q = 'contextId: 1, faultId: 4';

/** Six groups: 1 and 2 answered, 3 read, 4 in the queue, then all taken away but for what is over. */
async function faulted() {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 4, { first: 7 });
  await succeed(server, 'faultRead', `${Q}, count: 120`);
  await succeed(server, 'faultWrite', `${Q}, responses: [{cookie: 1, rawCode: 0}]`);
  await succeed(server, 'faultWrite', `${Q}, responses: [{cookie: 2, rawCode: 1}]`);
  await mutate(server, 'destroy', 'contextId: 1, id: 99');
  return server;
}

type Server = Awaited<ReturnType<typeof faulted>>;

async function groups(server: Server, where: string, args = ''): Promise<Json> {
  const data = await ask(
    server,
    `{ machine { iopfGroups(where: {${where}} ${args}) {
      totalCount edges { node { iopfGroupId outcome code cookie device grpid } } } } }`,
  );
  return at(data, 'machine', 'iopfGroups');
}

const ids = (page: Json) =>
  (at(page, 'edges') as Json[]).map(edge => at(edge, 'node', 'iopfGroupId'));

test('iopf groups by what one knows of them, the answered ones too', async () => {
  const server = await faulted();
  const all = await groups(server, '');
  expect(at(all, 'totalCount')).toBe(4);
  expect((at(all, 'edges') as Json[]).map(edge => at(edge, 'node', 'outcome'))).toEqual([
    'ANSWERED',
    'ANSWERED',
    'READ',
    'QUEUED',
  ]);
  const cases: readonly (readonly [where: string, ids: readonly number[]])[] = [
    ['addr: "0x2abc"', [2]],
    ['addr: "0x9000"', []],
    [`bdf: "${PCI}"`, [1, 2, 3, 4]],
    ['bdf: "0000:02:00.0"', []],
    ['grpid: 9', [3]],
    ['cookie: 2', [2]],
    ['code: IOMMUFD_PAGE_RESP_INVALID', [2]],
    ['outcome: READ', [3]],
    ['outcome: ANSWERED, code: IOMMUFD_PAGE_RESP_SUCCESS', [1]],
    ['pasid: 5', []],
    ['minWait: 0', [1, 2, 3, 4]],
    ['minWait: 10000000', []],
    ['faultId: 4, contextId: 1', [1, 2, 3, 4]],
    ['faultId: 5', []],
    ['from: "2020-01-01T00:00:00.000Z", to: "2020-01-02T00:00:00.000Z"', []],
  ];
  for (const [where, wanted] of cases) {
    const page = await groups(server, where);
    expect(ids(page), where).toEqual(wanted);
    expect(at(page, 'totalCount'), where).toBe(wanted.length);
  }
});

test('iopf groups in pages, as they were at a moment, and taken away', async () => {
  const server = await faulted();
  const page = await groups(server, 'minWait: 0', 'first: 2, after: "1"');
  expect(ids(page)).toEqual([2, 3]);
  expect(at(page, 'totalCount')).toBe(4);
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  expect(ids(await groups(server, 'outcome: TAKEN_AWAY'))).toEqual([3, 4]);
  const data = await ask(
    server,
    `{ machine { iopfGroups(where: {grpid: 7}) { edges { node {
      requests { addr } life { stages { stage } } queuedSeq endedSeq } } } } }`,
  );
  const node = at(data, 'machine', 'iopfGroups', 'edges', 0, 'node');
  expect(at(node, 'requests')).toEqual([{ addr: '0x1000' }]);
  expect((at(node, 'life', 'stages') as Json[]).map(stage => at(stage, 'stage'))).toEqual([
    'PAGE_REQUESTED',
    'QUEUED',
    'READ',
    'ANSWERED',
    'RESPONDED',
  ]);
  const then = await ask(
    server,
    `{ machine(at: ${at(node, 'queuedSeq')}) { iopfGroups { totalCount edges { node { outcome } } } } }`,
  );
  expect(at(then, 'machine', 'iopfGroups')).toEqual({
    totalCount: 1,
    edges: [{ node: { outcome: 'QUEUED' } }],
  });
});

test('operations by command, errno, object, text and time', async () => {
  const server = await faulted();
  const commands = async (where: string, args = '') => {
    const data = await ask(
      server,
      `{ machine { operations(where: {${where}} ${args}) { totalCount edges { node { command } } } } }`,
    );
    const page = at(data, 'machine', 'operations');
    const names = (at(page, 'edges') as Json[]).map(edge => at(edge, 'node', 'command'));
    return [at(page, 'totalCount'), names];
  };
  expect(await commands('command: FaultWrite')).toEqual([2, ['FaultWrite', 'FaultWrite']]);
  expect(await commands('command: FaultWrite', 'first: 1')).toEqual([2, ['FaultWrite']]);
  expect(await commands('errno: ENOENT')).toEqual([1, ['Destroy']]);
  expect(await commands('object: {kind: FAULT, contextId: 1, id: 4}, errno: ENOENT')).toEqual([
    0,
    [],
  ]);
  expect(await commands('text: "HAS NO SUCH OBJECT"')).toEqual([1, ['Destroy']]);
  expect(await commands('text: "0x3000"')).toEqual([1, ['PageRequestSend']]);
  expect(await commands('object: {kind: IOPF_GROUP, id: 2}', 'last: 1')).toEqual([
    3,
    ['FaultWrite'],
  ]);
  expect(await commands('to: "2020-01-01T00:00:00.000Z"')).toEqual([0, []]);
  expect(await commands('from: "2020-01-01T00:00:00.000Z", command: Destroy')).toEqual([
    1,
    ['Destroy'],
  ]);
  const { errors } = await post(
    server,
    '{ machine { operations(where: {text: ""}) { totalCount } } }',
  );
  expect(errors[0]!.message).toBe('"where.text" must have 1 to 200 characters, not 0');
  const never = 'where: {from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z"}';
  for (const list of ['operations', 'events']) {
    const later = await post(server, `{ machine { ${list}(${never}) { totalCount } } }`);
    expect(later.errors[0]!.message).toMatch(
      /^"where.from" is 2026-01-02T.*; it must be no later$/,
    );
    expect(later.errors[0]!.extensions?.code).toBe('BAD_USER_INPUT');
  }
});

test('events by type, object and text, with cursors that go on', async () => {
  const server = await faulted();
  const find = async (where: string, args: string) => {
    const data = await ask(
      server,
      `{ machine { events(where: {${where}} ${args}) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { seq summary } } } } }`,
    );
    return at(data, 'machine', 'events');
  };
  const first = await find('text: "cookie"', 'first: 2');
  expect(at(first, 'totalCount')).toBe(5);
  expect(at(first, 'pageInfo', 'hasNextPage')).toBe(true);
  const rest = await find('text: "cookie"', `after: "${at(first, 'pageInfo', 'endCursor')}"`);
  const seqs = [first, rest].flatMap(page =>
    (at(page, 'edges') as Json[]).map(edge => Number(at(edge, 'node', 'seq'))),
  );
  expect(seqs).toHaveLength(5);
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  const back = await find('text: "cookie"', `last: 2, before: "${seqs[4]}"`);
  expect((at(back, 'edges') as Json[]).map(edge => at(edge, 'node', 'seq'))).toEqual(
    seqs.slice(2, 4),
  );
  const sent = await find('type: PageResponseSent, object: {kind: IOPF_GROUP, id: 2}', '');
  expect(at(sent, 'edges', 0, 'node', 'summary')).toBe(
    `response to ${PCI}: iopf group 2, group index 8 INVALID (1)`,
  );
});

test('connections count without a condition, too', async () => {
  const server = await faulted();
  const data = await ask(
    server,
    '{ machine { seq events(first: 0) { totalCount } operations(last: 1) { totalCount edges { node { number } } } } }',
  );
  const machine = at(data, 'machine');
  expect(at(machine, 'events', 'totalCount')).toBe(at(machine, 'seq'));
  expect(at(machine, 'operations', 'totalCount')).toBe(
    at(machine, 'operations', 'edges', 0, 'node', 'number'),
  );
});

/** A machine whose clock goes on by a second an operation. */
async function clocked() {
  const log = openMemoryLog();
  onTestFinished(() => log.close());
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const engine = new Engine({
    log,
    now: () => {
      now += 1_000;
      return now;
    },
  });
  await engine.create('default', {
    type: 'MachineCreate',
    baseline: 'LINUX_6_12_117',
    devices: [],
  });
  await engine.execute('default', { type: 'ContextOpen' });
  for (let made = 0; made < 20; made++) {
    await engine.execute('default', { type: 'IoasAlloc', contextId: 1, flags: 0 });
  }
  return { engine, history: new History(engine), context: graphqlContext(log) };
}

test('the machine at a time, by halves; before it was made is an error', async () => {
  const { context } = await clocked();
  const { execute, parse } = await import('graphql');
  const ask = async (time: string) => {
    const { data, errors } = await execute({
      schema,
      document: parse(
        `{ machine(atTime: "${time}") { seq operations(last: 1) { edges { node { number at } } } } }`,
      ),
      contextValue: { ...context },
    });
    return { data: JSON.parse(JSON.stringify(data)) as Json, said: errors?.[0]?.message };
  };
  const { data } = await ask('2026-01-01T00:00:10.500Z');
  expect(at(data, 'machine', 'operations', 'edges', 0, 'node')).toEqual({
    number: 10,
    at: '2026-01-01T00:00:10.000Z',
  });
  const { data: late } = await ask('2027-01-01T00:00:00.000Z');
  expect(at(late, 'machine', 'operations', 'edges', 0, 'node', 'number')).toBe(22);
  const { said } = await ask('2025-12-31T00:00:00.000Z');
  expect(said).toBe(
    '"atTime" must be 2026-01-01T00:00:01.000Z, when machine "default" was created, or later, not 2025-12-31T00:00:00.000Z',
  );
});

test('a search ends at its bound and says where to go on', async () => {
  const { engine, history } = await clocked();
  const past = await Past.of(engine, history, 'default');
  const range = await rangeUntil(past, 1_000);
  const none = () => [];
  const options = { limit: 1, backward: false };
  await expect(search(past, range, none, options, 10)).rejects.toThrow(
    /go on with "after" at operation \d+/,
  );
  await expect(countFitting(past, range, none, 10)).rejects.toThrow(/narrow it/);
  const known = {
    addr: null,
    device: null,
    contextId: null,
    faultId: null,
    pasid: null,
    grpid: null,
    cookie: null,
    code: null,
    outcome: null,
    minWaitMs: null,
    fromMs: null,
    toMs: null,
  };
  await expect(
    iopfGroupsWhere(past, known, { from: 0, to: 1_000 }, { afterId: 0, limit: 1 }, 10),
  ).rejects.toThrow(/look at a shorter range/);
});
