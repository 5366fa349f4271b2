/** Bytes held for clients are bounded for a connection, an address and all; who takes more ends. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  type Account,
  Ledger,
  type LedgerLimits,
  type Scope,
} from '../../src/server/held/ledger.ts';
import { CONNECTION_BYTES, OPERATION_BYTES } from '../../src/server/limits.ts';
import { post, type Running, start, until } from './testing.ts';
import { acknowledged, closing } from './websocket-testing.ts';

const SMALL: LedgerLimits = { connection: 1_000, address: 2_500, server: 4_000 };

function world(limits = SMALL) {
  const ledger = new Ledger(limits);
  const ended: [string, Scope][] = [];
  const open = (name: string, address: string): Account =>
    ledger.open(address, scope => ended.push([name, scope]));
  return { ledger, ended, open };
}

describe('the ledger', () => {
  test('adds up what is held, and what is held no more', () => {
    const { ledger, ended, open } = world();
    const account = open('a', '::1');
    const one = account.begin();
    const two = account.begin();
    expect(one.add(300)).toBe(true);
    expect(two.set(500)).toBe(true);
    expect(two.set(100)).toBe(true);
    expect(ledger.held).toBe(400);
    one.end();
    one.end();
    expect(ledger.held).toBe(100);
    account.close();
    expect(ledger.held).toBe(0);
    expect(two.add(1)).toBe(false);
    expect(ledger.held).toBe(0);
    expect(ended).toEqual([]);
  });

  test('ends a connection at its bound, which may be met', () => {
    const { ledger, ended, open } = world();
    const holding = open('a', '::1').begin();
    expect(holding.add(1_000)).toBe(true);
    expect(holding.add(1)).toBe(false);
    expect(ended).toEqual([['a', 'CONNECTION']]);
    expect(ledger.held).toBe(0);
  });

  test('ends the largest connection of an address, and not the one that came last', () => {
    const { ledger, ended, open } = world();
    for (const [name, bytes] of [
      ['a', 800],
      ['b', 900],
      ['c', 700],
    ] as const) {
      expect(open(name, '::1').begin().add(bytes)).toBe(true);
    }
    expect(open('d', '::1').begin().add(200)).toBe(true);
    expect(ended).toEqual([['b', 'ADDRESS']]);
    expect(ledger.held).toBe(1_700);
  });

  test('ends the largest connection of the largest address when all hold too much', () => {
    const { ended, open } = world();
    for (const name of ['a', 'b', 'c']) open(name, '1.1.1.1').begin().add(800);
    open('d', '2.2.2.2').begin().add(900);
    expect(open('e', '3.3.3.3').begin().add(701)).toBe(true);
    expect(ended).toEqual([['a', 'SERVER']]);
  });

  test('forgets an address with its last connection', () => {
    const { ledger, open } = world();
    for (let i = 0; i < 5; i++) {
      const account = open('a', '::1');
      expect(account.begin().add(1_000)).toBe(true);
      account.close();
    }
    expect(ledger.held).toBe(0);
  });
});

const limits = (bytes: Partial<LedgerLimits>): LedgerLimits => ({
  connection: 1e9,
  address: 1e9,
  server: 1e9,
  ...bytes,
});

async function expectUp(server: Running): Promise<void> {
  expect((await post(server, '{ hello }')).body).toEqual({ data: { hello: 'world' } });
  expect(server.world.log).toEqual([]);
}

const subscribe = (id: string, payload: object) =>
  JSON.stringify({
    id,
    type: 'subscribe',
    payload: { query: 'subscription { untold }', ...payload },
  });
const PAD = 'x'.repeat(300_000);

describe('a WebSocket that holds too much is closed by name', () => {
  const held = limits({ connection: 4_000_000 });

  test.each([
    ['variables', { variables: { a: PAD } }],
    ['extensions', { extensions: { a: PAD } }],
    ['an unknown part of the payload', { more: PAD }],
    ['values', { variables: { a: Array.from({ length: 40_000 }, () => []) } }],
    ['documents', { query: `subscription { untold } #${PAD}` }],
  ])('%s', async (_title, payload) => {
    const server = await start({ held });
    const socket = await acknowledged(server);
    const closed = closing(socket);
    for (let i = 0; i < 20; i++) socket.send(subscribe(String(i), payload));
    expect(await closed).toEqual({
      code: 4413,
      reason: 'One connection may hold 4000000 bytes here, this one needs more.',
    });
    server.world.release();
    await until(() => server.world.open === 0);
    expect(server.world.open).toBe(0);
    await expectUp(server);
  });

  test('operations, however small', async () => {
    const server = await start({
      held: limits({ connection: CONNECTION_BYTES + 10 * OPERATION_BYTES }),
    });
    const socket = await acknowledged(server);
    const closed = closing(socket);
    for (let i = 0; i < 12; i++) socket.send(subscribe(String(i), {}));
    expect((await closed).code).toBe(4413);
    server.world.release();
    await expectUp(server);
  });

  test('what ended is held no more', async () => {
    const server = await start({ held });
    const socket = await acknowledged(server);
    for (let i = 0; i < 40; i++) {
      const answered = new Promise(resolve => {
        socket.on('message', data => String(data).includes('complete') && resolve(data));
      });
      const payload = { query: `{ hello } #${PAD}`, variables: { i } };
      socket.send(JSON.stringify({ id: String(i), type: 'subscribe', payload }));
      await answered;
      socket.removeAllListeners('message');
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });

  test('a message that is never whole', async () => {
    const server = await start({ held: limits({ connection: CONNECTION_BYTES + 400_000 }) });
    const socket = await acknowledged(server);
    const closed = closing(socket);
    // The first part of a message, again and again.
    socket.send(PAD, { fin: false });
    socket.send(PAD, { fin: false });
    expect((await closed).code).toBe(4413);
    await expectUp(server);
  });

  test('answers that are not read', async () => {
    const server = await start({ held: limits({ connection: CONNECTION_BYTES + 2_000_000 }) });
    const socket = await acknowledged(server);
    socket.pause();
    for (let i = 0; i < 40; i++) {
      socket.send(subscribe(String(i), { query: 'subscription { flood }' }));
    }
    await until(() => server.world.ended > 0 && server.world.open === 0);
    expect(server.world.ended).toBeGreaterThan(0);
    expect(server.world.open).toBe(0);
    socket.terminate();
    await expectUp(server);
  });
});

/** A connection that sends and does not end what it sends. */
async function half(
  server: Running,
  text: string,
): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  let read = '';
  socket.on('data', data => {
    read += data;
  });
  const answer = once(socket, 'close').then(() => read);
  await new Promise<void>(resolve => socket.write(text, () => resolve()));
  return { socket, answer };
}

describe('half-sent requests', () => {
  const HEAD =
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunk = `${PAD.length.toString(16)}\r\n${PAD}\r\n`;

  test.each([
    ['connection', 413, 'One connection may hold'],
    ['address', 429, 'Connections of one address may hold'],
    ['server', 503, 'The server holds'],
  ] as const)('beyond the bound of the %s get %i', async (scope, status, message) => {
    const server = await start({ held: limits({ [scope]: 800_000 }) });
    const { answer, socket } = await half(server, HEAD + chunk);
    socket.write(chunk + chunk);
    const text = await answer;
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain(message);
    await expectUp(server);
  });

  test('of many connections end the largest, and a small client is served beside them', async () => {
    const server = await start({ held: limits({ address: 2_000_000 }) });
    const all = [];
    for (let i = 0; i < 12; i++) all.push(await half(server, HEAD + chunk));
    const ended = await Promise.race(all.map(({ answer }) => answer));
    expect(ended).toMatch(/^HTTP\/1.1 429 /);
    await expectUp(server);
    for (const { socket } of all) socket.destroy();
  });

  test('in chunks of one byte hold no more than their bytes', async () => {
    const server = await start({ held: limits({ connection: 400_000 }) });
    const { socket, answer } = await half(server, HEAD);
    const before = process.memoryUsage();
    for (let i = 0; i < 100; i++) socket.write('1\r\n \r\n'.repeat(1_000));
    const body = '{"query":"{ hello }"}';
    socket.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    const text = await Promise.race([answer, once(socket, 'data').then(String)]);
    expect(text).toContain('"world"');
    const after = process.memoryUsage();
    expect(
      after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers,
    ).toBeLessThan(60_000_000);
    socket.destroy();
  });
});
