import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { MESSAGE_BYTES_MAX, OPERATIONS_PER_SOCKET_MAX } from '../../src/server/limits.ts';
import { post, type Running, start, until } from './testing.ts';
import { acknowledged, closing, collect, connect, open } from './websocket-testing.ts';

async function expectUp(server: Running): Promise<void> {
  expect((await post(server, '{ hello }')).body).toEqual({ data: { hello: 'world' } });
  expect(await collect(connect(server), '{ hello }')).toEqual([{ data: { hello: 'world' } }]);
}

describe('a handshake that is refused', () => {
  test.each([
    ['a foreign Origin', { origin: 'http://evil.example' }, '/graphql', 403],
    ['the Origin null', { origin: 'null' }, '/graphql', 403],
    ['another port for Origin', { origin: 'http://127.0.0.1:1' }, '/graphql', 403],
    ['a foreign Host', { host: 'evil.example' }, '/graphql', 403],
    ['a rebound name', { host: 'evil.example', origin: 'http://evil.example' }, '/graphql', 403],
    ['another path', {}, '/', 404],
  ])('%s', async (_title, headers, path, status) => {
    const server = await start();
    expect((await open(server, headers as Record<string, string>, path)).status).toBe(status);
    await expectUp(server);
  });

  test('the own Origin passes', async () => {
    const server = await start();
    const { status, socket } = await open(server, { origin: server.url });
    expect(status).toBe(101);
    socket.terminate();
  });
});

describe('a server with a token', () => {
  const token = 'sixteen-letters-and-more';

  test.each([
    ['nothing', {}],
    ['another token', { authorization: 'Bearer sixteen-letters-and-mors' }],
    ['a token that is no text', { authorization: [`Bearer ${token}`] }],
    ['a token under another name', { token }],
  ])('closes with 4401 for %s', async (_title, params) => {
    const server = await start({ token });
    const operation = collect(connect(server, params), 'mutation { count }');
    await expect(operation).rejects.toMatchObject({ code: 4401, reason: 'Unauthorized' });
    expect(server.world.mutations).toBe(0);
  });

  test('closes with 4401 for an operation before connection_init', async () => {
    const server = await start({ token });
    const { socket } = await open(server);
    const closed = closing(socket);
    socket.send('{"id":"1","type":"subscribe","payload":{"query":"mutation { count }"}}');
    expect((await closed).code).toBe(4401);
    expect(server.world.mutations).toBe(0);
  });

  test('takes the token in connectionParams, or in the header of the handshake', async () => {
    const server = await start({ token });
    const authorization = `Bearer ${token}`;
    const values = await collect(connect(server, { authorization }), 'mutation { count }');
    expect(values).toEqual([{ data: { count: 1 } }]);
    const { socket } = await open(server, { authorization });
    const answer = new Promise(resolve => socket.once('message', resolve));
    socket.send('{"type":"connection_init"}');
    expect(String(await answer)).toBe('{"type":"connection_ack"}');
    socket.terminate();
  });
});

describe('what is wrong with an operation is an error of this operation only', () => {
  test.each([
    ['a syntax error', '{', /Syntax Error/],
    ['an unknown field', '{ nothing }', /Cannot query field "nothing"/],
    ['too many tokens', `{ hello(list: [${'1 '.repeat(15_000)}]) }`, /15000 tokens/],
    ['too deep a list', `{ hello(list: ${'['.repeat(7_000)}${']'.repeat(7_000)}) }`, /too deeply/],
    ['too many aliases', `{ ${Array.from({ length: 300 }, (_, i) => `a${i}: hello`)} }`, /root/],
    [
      'an unknown operation',
      'fragment a on Query { hello }',
      /Unable to identify|unused|never used/,
    ],
  ])('%s', async (_title, query, message) => {
    const server = await start();
    const client = connect(server);
    await expect(collect(client, query)).rejects.toMatchObject([
      { message: expect.stringMatching(message) },
    ]);
    expect(await collect(client, '{ hello }')).toEqual([{ data: { hello: 'world' } }]);
    expect(server.world.log).toEqual([]);
  });

  test('a generator that throws is masked, and the id is in the log', async () => {
    const server = await start();
    const client = connect(server);
    const values: unknown[] = [];
    const ended = new Promise(resolve => {
      client.subscribe(
        { query: 'subscription { breaks }' },
        { next: value => values.push(value), error: resolve, complete: () => resolve('complete') },
      );
    });
    const errors = await ended;
    expect(values).toEqual([{ data: { breaks: 1 } }]);
    expect(errors).toMatchObject([{ message: 'Unexpected error.' }]);
    expect(JSON.stringify(errors)).not.toContain('secret');
    expect(server.world.log).toHaveLength(1);
    expect(server.world.log[0]).toContain('secret in a generator');
    expect(server.world.log[0]).toContain(
      (errors as [{ extensions: { id: string } }])[0].extensions.id,
    );
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
    await expectUp(server);
  });

  test('an error of a resolver is masked', async () => {
    const server = await start();
    const [value] = await collect(connect(server), '{ unexpected }');
    expect(value).toMatchObject({ errors: [{ message: 'Unexpected error.' }] });
    expect(JSON.stringify(value)).not.toContain('secret');
  });

  test('an error of the context is masked', async () => {
    const server = await start({
      makeContext: () => {
        throw new Error('secret in the context');
      },
    });
    const error = await collect(connect(server), '{ hello }').catch(error => error);
    expect(error).toMatchObject([{ message: 'Unexpected error.' }]);
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  test('one operation too many', async () => {
    const server = await start();
    const socket = await acknowledged(server);
    const errors: string[] = [];
    socket.on('message', data => {
      if (String(data).includes('"type":"error"')) errors.push(String(data));
    });
    for (let i = 0; i <= OPERATIONS_PER_SOCKET_MAX; i += 1) {
      const payload = { query: 'subscription { untold }' };
      socket.send(JSON.stringify({ id: String(i), type: 'subscribe', payload }));
    }
    await until(() => errors.length > 0 && server.world.open === OPERATIONS_PER_SOCKET_MAX);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`"id":"${OPERATIONS_PER_SOCKET_MAX}"`);
    expect(errors[0]).toContain(`at most ${OPERATIONS_PER_SOCKET_MAX} operations`);
    expect(server.world.open).toBe(OPERATIONS_PER_SOCKET_MAX);
    socket.terminate();
    server.world.release();
    await until(() => server.world.open === 0);
    expect(server.world.open).toBe(0);
  });
});

describe('a broken client loses its socket, and the server stays up', () => {
  test.each([
    ['text that is no JSON', '{', 4400],
    ['a message of unknown type', '{"type":"nothing"}', 4400],
    ['an operation without a query', '{"id":"1","type":"subscribe","payload":{}}', 4400],
    ['a second connection_init', '{"type":"connection_init"}', 4429],
    ['a message above the limit', `"${'x'.repeat(MESSAGE_BYTES_MAX)}"`, 1009],
  ])('%s', async (_title, message, code) => {
    const server = await start();
    const socket = await acknowledged(server);
    const closed = closing(socket);
    socket.send(message);
    expect((await closed).code).toBe(code);
    expect(server.world.log).toEqual([]);
    await expectUp(server);
  });

  test('two operations with one id', async () => {
    const server = await start();
    const socket = await acknowledged(server);
    const closed = closing(socket);
    const message = '{"id":"1","type":"subscribe","payload":{"query":"subscription { ticks }"}}';
    socket.send(message);
    socket.send(message);
    expect((await closed).code).toBe(4409);
    await until(() => server.world.open === 0);
    expect(server.world.open).toBe(0);
  });

  test('no connection_init in time', async () => {
    const server = await start();
    const { socket } = await open(server);
    expect(await closing(socket)).toEqual({
      code: 4408,
      reason: 'Connection initialisation timeout',
    });
  });

  test('the old protocol of subscriptions-transport-ws', async () => {
    const server = await start();
    const socket = new WebSocket(server.graphql.replace('http:', 'ws:'), 'graphql-ws');
    const error = await new Promise(resolve => socket.on('error', resolve));
    expect(String(error)).toMatch(/subprotocol/i);
    await expectUp(server);
  });
});

describe('subscriptions', () => {
  test('run to their end', async () => {
    const server = await start();
    const values = await collect(connect(server), 'subscription { countTo(last: 3) }');
    expect(values).toEqual([1, 2, 3].map(countTo => ({ data: { countTo } })));
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
  });

  test('end when the client completes them', async () => {
    const server = await start();
    let seen = 0;
    for await (const _ of connect(server).iterate({ query: 'subscription { ticks }' })) {
      seen += 1;
      if (seen === 3) break;
    }
    await until(() => server.world.ended === 1);
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
  });

  test('end when the client is cut off', async () => {
    const server = await start();
    const socket = await acknowledged(server);
    socket.send('{"id":"1","type":"subscribe","payload":{"query":"subscription { ticks }"}}');
    await until(() => server.world.open === 1);
    socket.terminate();
    await until(() => server.world.ended === 1);
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
  });

  test('wait for a client that does not read, and end when it is cut off', async () => {
    const server = await start();
    const socket = await acknowledged(server);
    socket.send('{"id":"1","type":"subscribe","payload":{"query":"subscription { flood }"}}');
    socket.pause();
    await until(() => server.world.open === 1);
    const before = process.memoryUsage().rss;
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    await expectUp(server);
    expect(server.world.open).toBe(1);
    socket.terminate();
    await until(() => server.world.ended === 1);
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
  });

  test('one that waits for its next value does not hold up others of its socket', async () => {
    const server = await start();
    const client = connect(server);
    const waiting = client.iterate({ query: 'subscription { untold }' });
    expect((await waiting.next()).value).toEqual({ data: { untold: 1 } });
    expect(await collect(client, 'mutation { count }')).toEqual([{ data: { count: 1 } }]);
    await waiting.return?.();
    server.world.release();
    await until(() => server.world.ended === 1);
    expect(server.world.open).toBe(0);
  });
});
