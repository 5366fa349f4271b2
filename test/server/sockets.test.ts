/** Connections end when they must, and what would act is not opened by accident. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { HEADERS_TIMEOUT_MS, MESSAGE_BYTES_MAX } from '../../src/server/limits.ts';
import { post, type Running, raw, start } from './testing.ts';

const HEAD = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const CHUNK = `${(100_000).toString(16)}\r\n${' '.repeat(100_000)}\r\n`;

function open(server: Running): { socket: Socket; text: () => string; ended: Promise<unknown> } {
  const socket = connect(server.port, '127.0.0.1');
  let text = '';
  socket.on('data', data => {
    text += data;
  });
  socket.on('error', () => {});
  // A byte that meets a closed socket resets the connection: that is an end too.
  const ended = new Promise(resolve => socket.once('close', resolve));
  return { socket, text: () => text, ended };
}

async function expectUp(server: Running): Promise<void> {
  expect((await post(server, '{ hello }')).body).toEqual({ data: { hello: 'world' } });
  expect(server.world.log).toEqual([]);
}

describe('a request that is refused before it was read to its end closes its connection', () => {
  test('a body in chunks above the limit', async () => {
    const server = await start();
    const { socket, text, ended } = open(server);
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    // Never the chunk that ends it.
    for (let bytes = 0; bytes <= MESSAGE_BYTES_MAX; bytes += 100_000) socket.write(CHUNK);
    await ended;
    expect(text()).toMatch(/^HTTP\/1.1 413 /);
    expect(text().toLowerCase()).toContain('connection: close');
    expect(text()).toContain(`at most ${MESSAGE_BYTES_MAX} bytes`);
    await expectUp(server);
  });

  test.each([
    ['announced as too long', `Content-Length: ${MESSAGE_BYTES_MAX + 1}\r\n\r\n{`, 413],
    [
      'of another type',
      'Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx',
      415,
    ],
  ])('%s', async (title, rest, status) => {
    const server = await start();
    const { socket, text, ended } = open(server);
    const head = title === 'of another type' ? HEAD.replace(/Content-Type.*\r\n/, '') : HEAD;
    socket.write(head + rest);
    await ended;
    expect(text()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    await expectUp(server);
  });

  test('one that was read to its end may be followed by another', async () => {
    const server = await start();
    const { socket, text } = open(server);
    const body = '{"query":"{ hello }"}';
    const request = `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
    for (let answers = 1; answers <= 3; answers++) {
      socket.write(request);
      while (text().split('"world"').length <= answers) await sleep(5);
    }
    socket.destroy();
  });
});

test('a client has as long for its headers as is said, and not much longer', async () => {
  const server = await start();
  const { socket, text, ended } = open(server);
  socket.write('GET /graphql HTTP/1.1\r\nHost: localhost\r\n');
  const started = performance.now();
  // A byte now and then does not help.
  const drip = setInterval(() => socket.write('x'), 1_000);
  await ended;
  clearInterval(drip);
  const ms = performance.now() - started;
  expect(text()).toMatch(/^HTTP\/1.1 408 /);
  expect(ms).toBeGreaterThanOrEqual(HEADERS_TIMEOUT_MS - 100);
  // It was 34 seconds: the timeouts were looked at twice a minute.
  expect(ms).toBeLessThan(2 * HEADERS_TIMEOUT_MS);
  await expectUp(server);
}, 120_000);

test.each(['GET', 'UPGRADE'])('two Host headers are refused (%s)', async kind => {
  const server = await start();
  const { socket, text, ended } = open(server);
  const upgrade = kind === 'UPGRADE' ? 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' : '';
  socket.write(
    `GET /graphql?query=%7Bhello%7D HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n${upgrade}` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nConnection: ${upgrade ? 'upgrade' : 'close'}\r\n\r\n`,
  );
  await ended;
  expect(text()).toMatch(/^HTTP\/1.1 400 /);
  expect(text()).not.toContain('world');
  await expectUp(server);
});

describe('a subscription over HTTP that does not ask for a stream', () => {
  const query = 'subscription { countTo(last: 1) }';
  test.each([
    ['a GET that takes anything', 'GET', '*/*'],
    ['a GET that takes JSON', 'GET', 'application/json'],
    ['a GET that says nothing', 'GET', undefined],
    ['a GET that refuses streams', 'GET', 'application/json, text/event-stream;q=0'],
    ['a POST that refuses streams', 'POST', '*/*, text/event-stream; q=0.00'],
    ['a POST that takes anything', 'POST', '*/*'],
    ['a POST that takes JSON', 'POST', 'application/json'],
  ])('%s is not opened, and is told what to send', async (_title, method, accept) => {
    const server = await start();
    const answer = await raw(server, {
      method,
      path: method === 'GET' ? `/graphql?query=${encodeURIComponent(query)}` : '/graphql',
      headers: { 'content-type': 'application/json', ...(accept === undefined ? {} : { accept }) },
      ...(method === 'POST' ? { body: JSON.stringify({ query }) } : {}),
    });
    expect(answer.status).toBe(406);
    expect(JSON.parse(answer.text)).toMatchObject({
      errors: [{ message: expect.stringContaining('"Accept: text/event-stream"') }],
    });
    expect(server.world).toMatchObject({ open: 0, ended: 0 });
    await expectUp(server);
  });

  test('one that does among other types is opened', async () => {
    const server = await start();
    const answer = await raw(server, {
      path: `/graphql?query=${encodeURIComponent(query)}`,
      headers: { accept: 'application/json;q=0.5, Text/Event-Stream;q=0.9' },
    });
    expect(answer.status).toBe(200);
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
  });
});
