/** A short query that multiplies lists ends with an error, and the server stays up. */
import { getIntrospectionQuery } from 'graphql';
import { createClient } from 'graphql-ws';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  countPast,
  PAST_THINGS_MAX,
  RESULT_CHARACTERS_MAX,
  RESULT_FIELDS_MAX,
} from '../../../src/graphql/builder/result-limit.ts';
import { type Faultline, startFaultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, post, succeed } from './testing.ts';

const CIRCLE =
  '{machine(machineId:"big"){operations(first:1){edges{node{ events{operation{ events{operation{ events{operation{number}}}}}} }}}}}';
const OBJECTS =
  '{machine(machineId:"big"){contexts{objects(first:1000){edges{node{context{objects(first:1000){edges{node{context{objects(first:1000){edges{node{users}}}}}}}}}}}}}}';
const HOLDERS =
  '{machine(machineId:"big"){contexts{objects(first:1000){edges{node{holders{reason} context{objects(first:1000){edges{node{holders{reason}}}}}}}}}}}';
const aliases = Array.from({ length: 2_000 }, (_, index) => `a${index}: arguments`).join(' ');
const JSON_ALIASES = `{machine(machineId:"big"){operations(first:1){edges{node{${aliases}}}}}}`;
const SPREAD = `{machine(machineId:"big"){operations(first:1){edges{node{...Op}}}}}
  fragment Op on Operation {events{operation{events{... on Event{operation{events{seq}}}}}}}`;
const VARIABLE =
  'query($n: Int!) {machine(machineId:"big"){contexts{objects(first:$n){edges{node{context{objects(first:$n){edges{node{objectId}}}}}}}}}}';

const DEVICES = 256;
const EVENTS = 1 + 2 * DEVICES;

let server: Faultline;
beforeAll(async () => {
  const config = { host: '127.0.0.1', port: 0, database: ':memory:', token: null };
  server = await startFaultline({ ...config, durability: 'normal' });
  const devices = Array.from({ length: DEVICES }, (_, index) => ({
    bdf: `0000:${index.toString(16).padStart(2, '0')}:00.0`,
  }));
  const input = { machineId: 'big', devices };
  const create =
    'mutation($input: MachineCreateInput!) { machineCreate(input: $input) { ... on MachineCreatePayload { machine { seq } } } }';
  const made = await ask(server, create, { input });
  expect(at(made, 'machineCreate', 'machine', 'seq')).toBe(EVENTS);
  await succeed(server, 'contextOpen', 'machineId: "big"');
  const ioasAlloc = { type: 'IoasAlloc', contextId: 1, flags: 0 } as const;
  await Promise.all(Array.from({ length: 1_000 }, () => server.engine.execute('big', ioasAlloc)));
  return () => server.stop();
});

const LIMIT = {
  message: expect.stringMatching(`^An answer may have ${RESULT_FIELDS_MAX} fields`),
  extensions: { code: 'RESULT_LIMIT' },
};

function client() {
  const made = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  onTestFinished(() => made.dispose());
  return made;
}

describe('over HTTP', () => {
  test.each(Object.entries({ CIRCLE, OBJECTS, HOLDERS, JSON_ALIASES, SPREAD, VARIABLE }))(
    '%s ends with one error',
    async (_, query) => {
      const { status, data, errors } = await post(server, query, { n: 1_000 });
      expect({ status, data }).toEqual({ status: 200, data: null });
      expect(errors).toMatchObject([LIMIT]);
      expect(errors[0]!.path![0]).toBe('machine');
      await ask(server, '{ machine(machineId: "big") { seq } }');
    },
  );

  test('what a thousand fields meet is told once', async () => {
    const { data, errors } = await post(
      server,
      '{machine(machineId:"big"){context(contextId:1){objects(first:1000){edges{node{context{object(id:1){context{objects(first:1000){edges{cursor}}}}}}}}}}}',
    );
    expect(errors).toMatchObject([LIMIT]);
    // The items that were still to come are not, and so their list is none.
    expect(data).toEqual({ machine: { context: null } });
  });

  test('a mutation is committed, and tells what it can', async () => {
    const walk = CIRCLE.slice('{machine(machineId:"big")'.length, -1);
    const { data, errors } = await post(
      server,
      `mutation {
        a: ioasAlloc(input: {machineId: "big", contextId: 1}) { ... on IoasAllocPayload { outIoasId } }
        b: ioasAlloc(input: {machineId: "big", contextId: 1}) { ... on IoasAllocPayload { machine ${walk} } }
      }`,
    );
    expect(errors).toMatchObject([LIMIT]);
    expect(data).toEqual({ a: { outIoasId: expect.any(Number) }, b: null });
  });

  const times = (count: number, field: string) =>
    Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ');
  test.each([
    [
      'the schema',
      `{ ${times(230, '__schema { types { name fields { name args { name } } } }')} }`,
    ],
    [
      'a type',
      `{ ${times(250, '__type(name: "Machine") { fields { name description type { name kind fields { name description args { name description } } } } }')} }`,
    ],
    [
      'names of types',
      `{ machine(machineId: "big") { operations(first: 1000) { edges { ${times(200, '__typename')} } } } }`,
    ],
  ])('introspection counts: %s', async (_, query) => {
    expect((await post(server, query)).errors).toMatchObject([LIMIT]);
    await ask(server, '{ machine(machineId: "big") { seq } }');
  });

  test('the schema, whole, is answered', async () => {
    const data = await ask(server, getIntrospectionQuery());
    expect((at(data, '__schema', 'types') as Json[]).length).toBeGreaterThan(100);
  });

  test('names and texts count too', async () => {
    const name = 'a'.repeat(250);
    const fields = Array.from({ length: 40 }, (_, index) => `${name}${index}: number`).join(' ');
    const query = `{ machine(machineId: "big") { operations(first: 1000) { edges { node { ${fields} } } } } }`;
    const { errors } = await post(server, query);
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(`may have ${RESULT_CHARACTERS_MAX} characters`),
        extensions: { code: 'RESULT_LIMIT' },
      },
    ]);
  });

  test('long lists are answered, again and again', async () => {
    const query = `{ machine(machineId: "big") { operations(first: 1000) { edges { node {
      number command arguments events { seq type summary data } trace { function depth returned }
    } } } } }`;
    for (let round = 0; round < 5; round++) {
      const edges = at(await ask(server, query), 'machine', 'operations', 'edges') as Json[];
      expect(edges.length).toBe(1_000);
      expect((at(edges[0]!, 'node', 'events') as Json[]).length).toBe(EVENTS);
    }
  });

  test('events and trace are pages', async () => {
    const node = (fields: string) =>
      `{ machine(machineId: "big") { operations(first: 2) { edges { node { ${fields} } } } } }`;
    const data = await ask(server, node('events(first: 1) { seq } trace(first: 1) { depth }'));
    const [create, open] = at(data, 'machine', 'operations', 'edges') as Json[];
    expect(at(create!, 'node', 'events')).toEqual([{ seq: 1 }]);
    expect(at(open!, 'node', 'trace')).toEqual([{ depth: 0 }]);
    for (const field of ['events(first: 1001) { seq }', 'trace(first: -1) { depth }']) {
      const { errors } = await post(server, node(field));
      expect(errors[0]).toMatchObject({
        message: expect.stringMatching(/^"first" must be from 0 to 1000, not /),
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
  });
});

describe('over WebSocket', () => {
  test('a query ends with one error', async () => {
    for await (const { errors } of client().iterate({ query: CIRCLE })) {
      expect(errors).toMatchObject([LIMIT]);
    }
    await ask(server, '{ machine(machineId: "big") { seq } }');
  });

  test('an event of a subscription ends with one error', async () => {
    const query =
      'subscription { events(machineId: "big", after: 0) { operation { events { operation { events { operation { number } } } } } } }';
    for await (const { errors } of client().iterate({ query })) {
      expect(errors).toMatchObject([LIMIT]);
      break;
    }
    await ask(server, '{ machine(machineId: "big") { seq } }');
  });

  test('each event of a subscription may have as much as a query', async () => {
    const fields = 'a: events { seq type } b: events { seq type }';
    expect(EVENTS * EVENTS * 4).toBeGreaterThan(2 * RESULT_FIELDS_MAX);
    const query = `subscription { events(machineId: "big", after: 0) { seq operation { ${fields} } } }`;
    for await (const { data, errors } of client().iterate({ query })) {
      expect(errors).toBeUndefined();
      if (at(data as Json, 'events', 'seq') === EVENTS) break;
    }
  });
});

test('over SSE an event ends with one error', async () => {
  const query =
    'subscription { events(machineId: "big", after: 0) { operation { events { operation { events { operation { number } } } } } } }';
  const cut = new AbortController();
  onTestFinished(() => cut.abort());
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query }),
    signal: cut.signal,
  });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (/data: {.*}\n/.test(text)) break;
  }
  expect(JSON.parse(/data: ({.*})\n/.exec(text)![1]!)).toMatchObject({ errors: [LIMIT] });
  await ask(server, '{ machine(machineId: "big") { seq } }');
});

test('states of the past count together; the first may have any size', () => {
  const context = {};
  countPast(context, 2 * PAST_THINGS_MAX);
  expect(() => countPast(context, 0)).toThrow(/states of the past in one answer/);
  const other = {};
  for (let i = 0; i < 10; i++) countPast(other, PAST_THINGS_MAX / 10 - 1);
  expect(() => countPast(other, 0)).toThrow(/states of the past in one answer/);
});

test('an answer ends when there is no room for it', async () => {
  const context = { hold: () => false };
  const { execute, parse } = await import('graphql');
  const { schema } = await import('../../../src/graphql/schema.ts');
  const result = await execute({
    schema,
    document: parse(getIntrospectionQuery()),
    contextValue: context,
  });
  expect([...new Set(result.errors)]).toMatchObject([{ extensions: { code: 'CONNECTION_ENDED' } }]);
  expect(result.data).toBeNull();
});
