/** The first moment at which a condition on the state holds. */
import { expect, test } from 'vitest';
import { evolve } from '../../../src/core/machine/evolve.ts';
import { initialState, type MachineState } from '../../../src/core/machine/state.ts';
import { LIST_MAX } from '../../../src/graphql/builder/lists.ts';
import { RESULT_FIELDS_MAX } from '../../../src/graphql/builder/result-limit.ts';
import type { Faultline } from '../../../src/server/faultline.ts';
import {
  ask,
  at,
  type Json,
  makeFaulting,
  post,
  sendGroups,
  start,
  succeed,
} from '../builder/testing.ts';

/** A condition, what its error says. */
const REFUSED: readonly (readonly [condition: string, said: RegExp])[] = [
  [
    'select: "hazardCount", comparison: EQ, value: 1',
    /^"condition.select" must be a selection on Machine, such as "\{ hazardCount \}": Syntax Error/,
  ],
  ['select: "", comparison: EQ', /^"condition.select" must be a selection on Machine/],
  [
    `select: "{${' hazardCount'.repeat(300)} }", comparison: EQ`,
    /^"condition.select" must be a selection on Machine.*tokens/,
  ],
  ['select: "{ nothing }", comparison: EQ', /^"condition.select": Cannot query field "nothing"/],
  ['select: "{ context { fileOpen } }", comparison: EQ', /^"condition.select": .*contextId/],
  ['select: "{ contexts }", comparison: EQ', /^"condition.select": .*must have a selection/],
  [
    'select: "{ seq hazardCount }", comparison: EQ',
    /^"condition.select" must lead to one field, and selects several of Machine$/,
  ],
  [
    'select: "{ }", comparison: EQ',
    /^"condition.select" must lead to one field, and selects none of Machine$/,
  ],
  ['select: "{ contexts { } }", comparison: EQ', /and selects none of IommufdContext$/],
  [
    'select: "{ hazardCount @skip(if: true) }", comparison: EQ, value: 0',
    /^"condition.select" must have no directives, and has @skip$/,
  ],
  [
    'select: "{ contexts { ... on IommufdContext @include(if: false) { fileOpen } } }", comparison: EQ, value: true',
    /^"condition.select" must have no directives, and has @include$/,
  ],
  ['select: "mutation { seq }", comparison: EQ', /^"condition.select" must be one selection/],
  ['select: "query($a: Int) { seq }", comparison: EQ', /^"condition.select" must be one selection/],
  [
    'select: "{ ...F } fragment F on Machine { seq }", comparison: EQ',
    /^"condition.select" must be one selection/,
  ],
  [
    'select: "{ operations { edges { cursor } } }", comparison: EQ',
    /^"condition.select" must be about the state alone, and Machine.operations reads the log; firstWhere looks for operations and events$/,
  ],
  [
    'select: "{ firstSeqWhere(condition: {select: \\"{ seq }\\", comparison: IS_NULL}) { seq } }", comparison: EQ',
    /Machine.firstSeqWhere reads the log; firstWhere looks for operations and events$/,
  ],
  [
    'select: "{ context(contextId: 1) { object(id: 1) { changes { more } } } }", comparison: EQ',
    /IommufdObject.changes reads the log; firstWhere looks for operations and events$/,
  ],
  [
    'select: "{ hazardCount }", comparison: EQ, value: "1"',
    /^"condition.value" must be a whole number to compare with Int, not "1"$/,
  ],
  [
    'select: "{ hazardCount }", comparison: EQ, value: 1.5',
    /^"condition.value" must be a whole number to compare with Int, not 1.5$/,
  ],
  [
    'select: "{ contexts { fileOpen } }", comparison: EQ, value: 0.5, count: true',
    /^"condition.value" must be a whole number to compare with a count, not 0.5$/,
  ],
  [
    'select: "{ hazardCount }", comparison: EQ',
    /^"condition.value" must be a whole number .*left out$/,
  ],
  [
    'select: "{ hazardCount }", comparison: CONTAINS, value: 1',
    /^"condition.comparison" must be one of EQ, NE, LT, LE, GT, GE, IS_NULL, NOT_NULL for Int, not CONTAINS$/,
  ],
  [
    'select: "{ hazardCount }", comparison: IS_NULL, value: 1',
    /^"condition.value" must not be given with IS_NULL$/,
  ],
  [
    'select: "{ hazardCount }", comparison: IS_NULL, count: true',
    /^"condition.comparison" must be one of EQ, NE, LT, LE, GT, GE for a count, not IS_NULL$/,
  ],
  [
    'select: "{ baseline }", comparison: EQ, value: "LINUX_2_0"',
    /^"condition.value" must be one of .*LINUX_6_12_117.* to compare with Baseline, not "LINUX_2_0"$/,
  ],
  [
    'select: "{ baseline }", comparison: LT, value: "V6_PATCH"',
    /^"condition.comparison" must be one of EQ, NE, IS_NULL, NOT_NULL for Baseline, not LT$/,
  ],
  [
    'select: "{ contexts { fileOpen } }", comparison: EQ, value: 1',
    /^"condition.value" must be true or false to compare with Boolean, not 1$/,
  ],
  [
    'select: "{ contexts { object(id: 1) { ... on Ioas { areas { edges { node { start } } } } } } }", comparison: EQ, value: 4096',
    /^"condition.value" must be a string of "0x" and 1 to 16 hex digits to compare with HexU64, not 4096$/,
  ],
  ['select: "{ seq }", comparison: MORE', /^"condition.comparison": .*MORE/],
  [
    'select: "{ contexts(first: 5000) { contextId } }", comparison: EQ, value: 1',
    /^"condition.select": "first" must be from 0 to 1000, not 5000$/,
  ],
];

test('a condition that does not fit the schema is refused by name', async () => {
  const server = await start();
  for (const [condition, said] of REFUSED) {
    const { errors, data } = await post(
      server,
      `{ machine { firstSeqWhere(condition: {${condition}}) { seq } } }`,
    );
    expect(errors, condition).toHaveLength(1);
    expect(errors[0]!.message, condition).toMatch(said);
    if (data !== null) expect(data).toEqual({ machine: { firstSeqWhere: null } });
  }
});

test('a seq to begin at that the view has not is refused', async () => {
  const server = await start();
  for (const from of [-1, 9999]) {
    const { errors } = await post(
      server,
      `{ machine { firstSeqWhere(from: ${from}, condition: {select: "{ seq }", comparison: NOT_NULL}) { seq } } }`,
    );
    expect(errors[0]!.message).toMatch(new RegExp(`^"from" must be from 0 to \\d+.*not ${from}$`));
    expect(errors[0]!.extensions?.code).toBe('SEQ_OUT_OF_RANGE');
  }
});

async function eventful(): Promise<Faultline> {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 6);
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4, count: 120');
  for (const cookie of [2, 1]) {
    await succeed(
      server,
      'faultWrite',
      `contextId: 1, faultId: 4, responses: [{cookie: ${cookie}, code: IOMMUFD_PAGE_RESP_SUCCESS}]`,
    );
  }
  await succeed(
    server,
    'ioasMap',
    'contextId: 1, ioasId: 2, iova: "0x7000", length: "0x1000", userVa: "0x10000000", flags: [IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_FIXED_IOVA]',
  );
  await succeed(server, 'faultClose', 'contextId: 1, faultId: 4');
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  return server;
}

interface Condition {
  readonly select: string;
  readonly comparison: string;
  readonly value?: Json;
  readonly count?: boolean;
  readonly quantifier?: string;
}

/** The seq at which it holds first; null if none. */
async function find(server: Faultline, condition: Condition, args = ''): Promise<Json> {
  const data = await ask(
    server,
    `query($condition: StateConditionInput!) {
      machine { firstSeqWhere(condition: $condition ${args}) { verdict seq event { seq } machine { seq } } } }`,
    { condition },
  );
  const match = at(data, 'machine', 'firstSeqWhere');
  const seq = at(match, 'seq');
  if (seq === null) {
    const verdict = args.includes('BISECT') ? 'NOT_LOOKED_FOR' : 'NEVER_HELD';
    expect(match).toEqual({ verdict, seq, event: null, machine: null });
    return null;
  }
  const event = seq === 0 ? null : { seq };
  expect(match).toEqual({ verdict: 'FOUND', seq, event, machine: { seq } });
  return seq;
}

/** The same by a walk over the log, with the condition written in TypeScript. */
async function walk(
  { engine }: Faultline,
  holds: (state: MachineState) => boolean,
): Promise<number | null> {
  const state = initialState();
  for (const { events } of await engine.log.read('default', { limit: 10_000 })) {
    for (const event of events) {
      evolve(state, event);
      if (holds(state)) return state.seq;
    }
  }
  return null;
}

const queueOf = (state: MachineState) => {
  const object = state.contexts.get(1)?.objects.get(4);
  return object?.type === 'FAULT' ? object : null;
};
const QUEUE = (fields: string) =>
  `{ context(contextId: 1) { object(id: 4) { ... on FaultQueue { ${fields} } } } }`;

/** Conditions that hold from some seq on to the end, and the same in TypeScript. */
const LASTING: readonly (readonly [Condition, (state: MachineState) => boolean])[] = [
  [
    { select: '{ hazardCount }', comparison: 'GE', value: 1 },
    ({ hazardCount }) => hazardCount >= 1,
  ],
  [
    { select: '{ context(contextId: 1) { object(id: 3) { users } } }', comparison: 'NOT_NULL' },
    ({ contexts }) => contexts.get(1)?.objects.has(3) ?? false,
  ],
  [
    { select: QUEUE('fileOpen'), comparison: 'EQ', value: false },
    state => queueOf(state)?.fileOpen === false,
  ],
  [
    {
      select: '{ context(contextId: 1) { objects { edges { node { objectId } } } } }',
      comparison: 'GT',
      value: 3,
      count: true,
    },
    ({ contexts }) => (contexts.get(1)?.objects.size ?? 0) > 3,
  ],
  [
    {
      select:
        '{ context(contextId: 1) { object(id: 2) { ... on Ioas { areas { edges { node { start } } } } } } }',
      comparison: 'EQ',
      value: '0x07000',
    },
    ({ contexts }) => {
      const ioas = contexts.get(1)?.objects.get(2);
      return ioas?.type === 'IOAS' && ioas.areas.at(0x7000n) !== null;
    },
  ],
  [
    { select: '{ hazards { title } }', comparison: 'CONTAINS', value: 'file is closed' },
    ({ hazards }) => hazards.length > 0,
  ],
  [
    { select: '{ hazards { name } }', comparison: 'EQ', value: 'FAULT_FILE_CLOSED' },
    ({ hazards }) => hazards.length > 0,
  ],
];

test('what lasts is found by halves and by a scan alike', async () => {
  const server = await eventful();
  for (const [condition, holds] of LASTING) {
    const expected = await walk(server, holds);
    expect(expected, condition.select).not.toBeNull();
    expect(await find(server, condition), condition.select).toBe(expected);
    expect(await find(server, condition, 'method: SCAN'), condition.select).toBe(expected);
  }
});

test('what comes and goes is found by a scan, which is made where halves say nothing', async () => {
  const server = await eventful();
  const read: Condition = {
    select: QUEUE('awaitingResponse { cookie }'),
    comparison: 'EQ',
    value: 3,
    quantifier: 'ALL',
  };
  // Also where there are none: before the queue is, the value is null and does not fit.
  const all = await walk(server, state => {
    const queue = queueOf(state);
    return queue !== null && [...queue.awaitingResponse.keys()].every(cookie => cookie === 3);
  });
  expect(await find(server, read, 'method: SCAN')).toBe(all);
  const from = (await walk(server, state => queueOf(state)?.awaitingResponse.size === 3))!;
  const left = await walk(
    server,
    state => state.seq > from && queueOf(state)?.awaitingResponse.size === 1,
  );
  expect(await find(server, read, `from: ${from}, method: SCAN`)).toBe(left);
  expect(await find(server, { ...read, quantifier: 'ANY' }, 'method: SCAN')).toBe(from);
  const deliver: Condition = { select: QUEUE('deliverCount'), comparison: 'EQ', value: 6 };
  expect(await find(server, deliver, 'method: BISECT')).toBeNull();
  const six = await walk(server, state => queueOf(state)?.deliver.length === 6);
  expect(await find(server, deliver, 'method: SCAN')).toBe(six);
  expect(await find(server, deliver)).toBe(six);
});

test('it holds where it begins, or nowhere', async () => {
  const server = await eventful();
  const absent: Condition = {
    select: '{ context(contextId: 9) { fileOpen } }',
    comparison: 'IS_NULL',
  };
  expect(await find(server, absent)).toBe(0);
  expect(await find(server, absent, 'from: 7')).toBe(7);
  for (const method of ['AUTO', 'BISECT', 'SCAN']) {
    const there = { ...absent, comparison: 'NOT_NULL' };
    expect(await find(server, there, `method: ${method}`)).toBeNull();
    const other = { ...absent, comparison: 'NE', value: true };
    expect(await find(server, other, `method: ${method}`)).toBeNull();
  }
});

test('not beyond the view', async () => {
  const server = await eventful();
  const hazard = await walk(server, ({ hazardCount }) => hazardCount > 0);
  const data = await ask(
    server,
    `{ machine(at: ${hazard! - 1}) { firstSeqWhere(
      condition: {select: "{ hazardCount }", comparison: GT, value: 0}) { seq verdict } } }`,
  );
  expect(data).toEqual({ machine: { firstSeqWhere: { seq: null, verdict: 'NEVER_HELD' } } });
});

/** Opens contexts, by 25. */
async function openContexts(server: Faultline, count: number): Promise<void> {
  const opens = Array.from(
    { length: 25 },
    (_, i) => `o${i}: contextOpen(input: {}) { __typename }`,
  );
  for (let times = 0; times < count / 25; times++) {
    await ask(server, `mutation { ${opens.join(' ')} }`);
  }
}

async function allocIoases({ engine }: Faultline, count: number): Promise<void> {
  const ioasAlloc = { type: 'IoasAlloc', contextId: 1, flags: 0 } as const;
  await Promise.all(Array.from({ length: count }, () => engine.execute('default', ioasAlloc)));
}

test('a list that may be cut is refused, and no wrong answer', async () => {
  const server = await start();
  await openContexts(server, 25);
  await allocIoases(server, LIST_MAX);
  const CUT: readonly (readonly [select: string, said: string])[] = [
    [
      '{ context(contextId: 1) { objects { edges { node { objectId } } } } }',
      'IommufdContext.objects may be cut at 1000 entries: narrow it,',
    ],
    [
      '{ context(contextId: 1) { objects(first: null) { e: edges { node { objectId } } } } }',
      'IommufdContext.objects may be cut at 1000 entries: narrow it,',
    ],
    [
      '{ contexts { objects(first: 7) { edges { cursor } } } }',
      'IommufdContext.objects may be cut at 7 entries: leave out "first",',
    ],
    [
      '{ contexts(first: 25) { contextId } }',
      'Machine.contexts may be cut at 25 entries: leave out "first",',
    ],
  ];
  for (const [select, said] of CUT) {
    const { data, errors } = await post(
      server,
      `query($select: String!) { machine { firstSeqWhere(
        condition: {select: $select, comparison: GE, value: 5000, count: true}) { seq } } }`,
      { select },
    );
    expect(data, select).toEqual({ machine: { firstSeqWhere: null } });
    expect(errors, select).toMatchObject([
      {
        message: `"condition.select": ${said} or use a count field such as objectCount`,
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  }
});

test('a list is as long as it may be where "first" is left out', async () => {
  const server = await start();
  await openContexts(server, 25);
  await allocIoases(server, LIST_MAX - 1);
  const condition: Condition = {
    select: '{ context(contextId: 1) { objects { edges { node { objectId } } } } }',
    comparison: 'GE',
    value: LIST_MAX - 1,
    count: true,
  };
  const expected = await walk(
    server,
    ({ contexts }) => contexts.get(1)?.objects.size === LIST_MAX - 1,
  );
  expect(expected).not.toBeNull();
  expect(await find(server, condition)).toBe(expected);
  const narrowed = condition.select.replace('objects', 'objects(objectType: IOAS, after: "500")');
  expect(await find(server, { ...condition, select: narrowed, value: LIST_MAX - 501 })).toBe(
    expected,
  );
});

test('what a fragment leaves out is null', async () => {
  const server = await eventful();
  const node = (fragment: string) =>
    `{ context(contextId: 1) { objects { edges { node { ${fragment} } } } } }`;
  const condition = { comparison: 'GE', count: true };
  const ioases = { ...condition, select: node('... on Ioas { areaCount }') };
  expect(await find(server, { ...ioases, value: 1 })).not.toBeNull();
  expect(await find(server, { ...ioases, value: 2 }, 'method: SCAN')).toBeNull();
  const cookies = node('... on FaultQueue { awaitingResponse { cookie } }');
  const three = await walk(server, state => queueOf(state)?.awaitingResponse.size === 3);
  expect(await find(server, { ...condition, select: cookies, value: 3 }, 'method: SCAN')).toBe(
    three,
  );
});

test('one state that has more than an answer may have ends the search with an error', async () => {
  const server = await start();
  await openContexts(server, 750);
  const { errors } = await post(
    server,
    `{ machine { firstSeqWhere(condition: {
      select: "{ contexts { machine { contexts { fileOpen } } } }", comparison: EQ, value: false}) { seq } } }`,
  );
  expect(errors).toHaveLength(1);
  expect(errors[0]!.message).toMatch(/^"condition.select": An answer may have 100000 fields/);
});

test('states that together have more than an answer may have are looked at all', async () => {
  const server = await start();
  const count = 750;
  await openContexts(server, count);
  // Two fields under each context of each state.
  expect(count * count).toBeGreaterThan(RESULT_FIELDS_MAX);
  const condition: Condition = {
    select: '{ contexts { machine { seq } } }',
    comparison: 'EQ',
    value: count,
    count: true,
  };
  expect(await find(server, condition, 'method: SCAN')).toBe(
    await walk(server, ({ contexts }) => contexts.size === count),
  );
});
