/** What a request brings is held to its limits by name: depth, number, length; over every way in. */
import { describe, expect, test } from 'vitest';
import {
  ERROR_CHARACTERS_MAX,
  JSON_DEPTH_MAX,
  JSON_OBJECTS_MAX,
  JSON_VALUES_MAX,
  OPERATION_ID_CHARACTERS_MAX,
} from '../../src/server/limits.ts';
import { hasTooManyValues, jsonProblem, sizeOfJson } from '../../src/server/request/json.ts';
import { type Answer, post, type Running, raw, start } from './testing.ts';
import { acknowledged, closing } from './websocket-testing.ts';

const JSON_BODY = { 'content-type': 'application/json' };
const QUERY = 'query ($v: [Int]) { hello(list: $v) }';
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

async function expectUp(server: Running): Promise<void> {
  expect((await post(server, '{ hello }')).body).toEqual({ data: { hello: 'world' } });
  expect(server.world.log).toEqual([]);
}

async function sent(
  server: Running,
  body: string,
): Promise<{ status: number; errors: Answer['body']['errors']; text: string }> {
  const { status, text } = await raw(server, { method: 'POST', headers: JSON_BODY, body });
  return { status, errors: (JSON.parse(text) as Answer['body']).errors, text };
}

/** The answer to one operation on a WebSocket. */
async function overWebSocket(server: Running, payload: string): Promise<string> {
  const socket = await acknowledged(server);
  const answer = new Promise(resolve => socket.once('message', resolve));
  socket.send(`{"id":"1","type":"subscribe","payload":${payload}}`);
  const text = String(await answer);
  socket.terminate();
  return text;
}

const DEEP = `"$v" may have ${JSON_DEPTH_MAX} levels of lists and objects, this one has more at "$v[0][0][0][0][0][0]…"`;

describe('JSON that is nested 10,000 deep is refused with its place', () => {
  const variables = `{"v":${deep(10_000)}}`;

  test('over HTTP', async () => {
    const server = await start();
    const answer = await sent(
      server,
      JSON.stringify({ query: QUERY }).replace('}"}', `}","variables":${variables}}`),
    );
    expect(answer).toMatchObject({ status: 400, errors: [{ message: DEEP }] });
    expect(answer.errors![0]!.extensions?.code).toBe('JSON_LIMIT');
    await expectUp(server);
  });

  test('in a GET, as deep as its address may be long', async () => {
    const server = await start();
    const query = new URLSearchParams({ query: QUERY, variables: `{"v":${deep(1_500)}}` });
    const answer = await raw(server, { path: `/graphql?${query}` });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ errors: [{ message: DEEP }] });
    await expectUp(server);
  });

  test('over WebSocket, as an error of the operation', async () => {
    const server = await start();
    const text = await overWebSocket(server, `{"query":"${QUERY}","variables":${variables}}`);
    expect(JSON.parse(text)).toMatchObject({
      id: '1',
      type: 'error',
      payload: [{ message: DEEP }],
    });
    await expectUp(server);
  });

  test.each(['variables', 'extensions'])('in %s as a whole', async name => {
    const server = await start();
    const answer = await sent(
      server,
      `{"query":"{ hello }","${name}":{"a":{"b":${deep(10_000)}}}}`,
    );
    expect(answer.status).toBe(400);
    const place = name === 'variables' ? '"$a.b[0]' : '"extensions.a.b[0]';
    expect(answer.errors![0]!.message).toContain(place);
    await expectUp(server);
  });

  test.each(['connection_init', 'ping', 'pong'])('in a %s, which ends its socket', async type => {
    const server = await start();
    const socket = await acknowledged(server);
    const closed = closing(socket);
    socket.send(`{"type":"${type}","payload":{"a":${deep(10_000)}}}`);
    expect(await closed).toMatchObject({ code: 4400, reason: expect.stringContaining('deep') });
    await expectUp(server);
  });
});

test('as deep and as many as may be is taken', async () => {
  const server = await start();
  const nested = deep(JSON_DEPTH_MAX - 2);
  const answer = await sent(server, `{"query":"{ hello }","variables":{"a":${nested}}}`);
  expect(answer).toMatchObject({ status: 200, text: '{"data":{"hello":"world"}}' });
  const list = Array.from({ length: JSON_VALUES_MAX - 10 }, () => 1);
  const many = JSON.stringify({ query: QUERY, variables: { v: list } });
  expect((await sent(server, many)).text).toBe('{"data":{"hello":"world"}}');
});

describe('JSON that has too much in it', () => {
  test.each([
    [
      'values',
      `{"v":[${'1,'.repeat(JSON_VALUES_MAX)}1]}`,
      `"$v" may have ${JSON_VALUES_MAX} values`,
    ],
    [
      'objects',
      `{"v":[${'{},'.repeat(JSON_OBJECTS_MAX)}{}]}`,
      `"$v" may have ${JSON_OBJECTS_MAX} objects`,
    ],
    ['lists', `{"v":[${'[],'.repeat(300_000)}[]]}`, `A request may have ${JSON_VALUES_MAX} values`],
  ])('%s', async (_title, variables, message) => {
    const server = await start();
    const answer = await sent(server, `{"query":"${QUERY}","variables":${variables}}`);
    expect(answer.status).toBe(400);
    expect(answer.errors![0]!.message).toContain(message);
    await expectUp(server);
  });

  test('text in strings is not counted', () => {
    expect(hasTooManyValues(JSON.stringify(`,[{"\\${',['.repeat(200_000)}`))).toBe(false);
    expect(hasTooManyValues(`"\\"${','.repeat(200_000)}"`)).toBe(false);
    expect(hasTooManyValues(`"\\\\"${','.repeat(200_000)}`)).toBe(true);
    // A text that ends in a string, and one of escaped quotes and backslashes alone.
    expect(hasTooManyValues(`"${','.repeat(200_000)}`)).toBe(false);
    expect(hasTooManyValues(`"\\\\\\"${','.repeat(200_000)}"`)).toBe(false);
    expect(hasTooManyValues(`"${'\\"'.repeat(100_000)}"${','.repeat(200_000)}`)).toBe(true);
  });

  test('is measured alike in every form', () => {
    expect(sizeOfJson({ a: [1, { b: null }] }, 'x')).toEqual({ values: 5, problem: null });
    expect(sizeOfJson('text', 'x').values).toBe(1);
    expect(jsonProblem(undefined, undefined)).toBeNull();
    const long = 'k'.repeat(500_000);
    const problem = jsonProblem({ [long]: { [long]: JSON.parse(deep(100)) } }, {});
    expect(problem!.length).toBeLessThan(300);
  });
});

describe('an error does not repeat what it was sent', () => {
  const megabyte = 'x'.repeat(900_000);
  const bodies = {
    variable: { query: QUERY, variables: { v: megabyte } },
    'variable in a list': { query: QUERY, variables: { v: [megabyte] } },
    literal: { query: `{ hello(list: "${megabyte}") }` },
    name: { query: `{ ${megabyte} }` },
    'syntax error': { query: `{ hello } "${megabyte}"` },
    'operation name': { query: '{ hello }', operationName: megabyte },
    parameter: { query: '{ hello }', [megabyte]: 1 },
  };

  test.each(Object.entries(bodies))('%s', async (_title, body) => {
    const server = await start();
    const { errors, text } = await sent(server, JSON.stringify(body));
    expect(errors!.length).toBeGreaterThan(0);
    expect(errors![0]!.message.length).toBeLessThanOrEqual(ERROR_CHARACTERS_MAX);
    expect(text.length).toBeLessThan(3 * ERROR_CHARACTERS_MAX);
    expect(errors![0]!.message).not.toBe('Unexpected error.');
    if (_title !== 'parameter' && _title !== 'operation name') {
      const answer = await overWebSocket(server, JSON.stringify(body));
      expect(answer.length).toBeLessThan(3 * ERROR_CHARACTERS_MAX);
    }
    await expectUp(server);
  });
});

describe('a message of a WebSocket', () => {
  test.each(['next', 'error', 'connection_ack', 'nothing'])(
    'of the type %s closes it and logs nothing',
    async type => {
      const server = await start();
      const socket = await acknowledged(server);
      const closed = closing(socket);
      const payload = type === 'error' ? [{ message: 'x' }] : {};
      socket.send(JSON.stringify({ id: '1', type, payload }));
      expect(await closed).toEqual({
        code: 4400,
        reason: 'Clients send no message of this type',
      });
      await expectUp(server);
    },
  );

  test('with a long id closes it; the longest that may be is taken', async () => {
    const server = await start();
    const socket = await acknowledged(server);
    const send = (id: string) =>
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: '{ hello }' } }));
    const answer = new Promise(resolve => socket.once('message', resolve));
    send('x'.repeat(OPERATION_ID_CHARACTERS_MAX));
    expect(String(await answer)).toContain('world');
    const closed = closing(socket);
    send('x'.repeat(OPERATION_ID_CHARACTERS_MAX + 1));
    expect(await closed).toEqual({ code: 4400, reason: 'An id may have 128 characters' });
    await expectUp(server);
  });
});
