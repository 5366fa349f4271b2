/** A server with a small heap, attacked in each form from several addresses, is still there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const HEAP_MB = 512;
/** All of this machine: each is an address of its own to the server. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'];
const PAD = 'x'.repeat(900_000);

let server: ChildProcess;
let port = 0;
let said = '';
const sockets = new Set<Socket | WebSocket>();

beforeAll(async () => {
  const argv = ['serve', '--port', '0', '--database', ':memory:'];
  server = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, MAIN, ...argv]);
  for (const stream of [server.stdout!, server.stderr!]) {
    stream.on('data', data => {
      said += data;
    });
  }
  while (port === 0) {
    await Promise.race([once(server.stdout!, 'data'), once(server, 'exit')]);
    port = Number(/listens on http:\/\/[^:]+:(\d+)/.exec(said)?.[1] ?? 0);
    expect(server.exitCode, said).toBeNull();
  }
});
afterAll(() => {
  server.kill('SIGKILL');
});

const typename = (localAddress: string) => asks(localAddress, '{"query":"{ __typename }"}');

function asks(localAddress: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/graphql', method: 'POST', localAddress };
    const headers = { 'content-type': 'application/json' };
    const sent = request({ ...options, headers, agent: false }, response => {
      let text = '';
      response.on('data', data => {
        text += data;
      });
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What it said before it ended, if it did. */
async function expectAlive(): Promise<void> {
  await new Promise(setImmediate);
  const { exitCode, signalCode } = server;
  expect({ exitCode, signalCode, said }).toEqual({ exitCode: null, signalCode: null, said });
}

/** After each attack, while its connections are still open: others are served, then it all ends. */
async function expectUp(): Promise<void> {
  await expectAlive();
  expect(await typename('127.0.0.9')).toBe('{"data":{"__typename":"Query"}}');
  for (const socket of sockets) {
    if (socket instanceof WebSocket) socket.terminate();
    else socket.destroy();
  }
  sockets.clear();
  await expectAlive();
  expect(await typename('127.0.0.1')).toBe('{"data":{"__typename":"Query"}}');
}

function plain(localAddress: string, text: string | Buffer): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  sockets.add(socket);
  socket.on('error', () => {});
  // Sent, or ended: both is what was wanted.
  return new Promise(resolve => {
    socket.once('close', () => resolve());
    socket.write(text, () => resolve());
  });
}

async function webSocket(localAddress: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
    localAddress,
  } as object);
  sockets.add(socket);
  socket.on('error', () => {});
  await Promise.race([once(socket, 'open'), once(socket, 'close')]);
  if (socket.readyState !== WebSocket.OPEN) return socket;
  socket.send('{"type":"connection_init"}');
  await Promise.race([once(socket, 'message'), once(socket, 'close')]);
  return socket;
}

/** Sends messages on sockets of all addresses, as long as the server keeps the sockets. */
async function flood(count: number, each: number, message: (id: number) => string): Promise<void> {
  for (let i = 0; i < count; i++) {
    const socket = await webSocket(ADDRESSES[i % ADDRESSES.length]!);
    for (let id = 0; id < each && socket.readyState === WebSocket.OPEN; id++) {
      await new Promise(resolve => socket.send(message(id), resolve));
    }
  }
}

const QUERY = 'subscription { events { seq } }';
const subscribe = (id: number | string, payload: object) =>
  JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: QUERY, ...payload } });
const repeat = async (count: number, work: (address: string) => Promise<unknown>) => {
  for (let i = 0; i < count; i++) await work(ADDRESSES[i % ADDRESSES.length]!);
};

describe(`with a heap of ${HEAP_MB} MB`, () => {
  test('ids of 0.9 MB', async () => {
    await flood(6, 100, id => subscribe(`${id}${PAD}`, {}));
    await expectUp();
  });

  test.each([
    ['variables', { variables: { pad: PAD } }],
    ['extensions', { extensions: { pad: PAD } }],
    ['values', { variables: { pad: Array.from({ length: 7_900 }, () => ({})) } }],
    ['lists', { variables: { pad: Array.from({ length: 59_000 }, () => []) } }],
  ])('subscriptions with large %s', async (_title, payload) => {
    await flood(20, 30, id => subscribe(id, payload));
    await expectUp();
  });

  test('subscriptions with large documents', async () => {
    const fields = Array.from({ length: 3_000 }, (_, i) => `a${i}: seq`).join(' ');
    await flood(40, 30, id => {
      const query = `subscription { events { ${fields} } } # ${Math.random()}`;
      return subscribe(id, { query });
    });
    await expectUp();
  });

  test('very many subscriptions', async () => {
    await flood(60, 250, id => subscribe(id, {}));
    await expectUp();
  });

  test('bodies that are half sent', async () => {
    const head = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 990000\r\n\r\n`;
    await repeat(500, address => plain(address, head + PAD));
    await expectUp();
  });

  test('headers that are half sent', async () => {
    const head = `GET /graphql HTTP/1.1\r\nHost: localhost\r\nx-pad: ${'x'.repeat(15_000)}`;
    await repeat(3_000, address => plain(address, head));
    await expectUp();
  });

  test('messages that are half sent', async () => {
    await repeat(300, async address => {
      const socket = await webSocket(address);
      if (socket.readyState !== WebSocket.OPEN) return;
      await new Promise(resolve => socket.send(PAD, { fin: false }, resolve));
    });
    await expectUp();
  });

  test('lists in lists, many times in each of many documents', async () => {
    const asked = Array.from({ length: 12 }, async (_, at) => {
      for (let round = 0; round < 6; round++) {
        const name = (i: number) => `a${at}_${round}_${i}`;
        const fields = Array.from(
          { length: 230 },
          (_, i) => `${name(i)}: __schema { types { name fields { name } } }`,
        );
        const body = JSON.stringify({ query: `{ ${fields.join(' ')} }` });
        expect(await asks(ADDRESSES[at % ADDRESSES.length]!, body)).toMatch(/RESULT_LIMIT| bytes /);
      }
    });
    await Promise.all(asked);
    await expectUp();
  });

  test('answers that nobody reads, over HTTP and over WebSocket', async () => {
    const fields = Array.from({ length: 300 }, (_, i) => `a${i}: description`).join(' ');
    const query = `{ __schema { types { ${fields} } } }`;
    const body = JSON.stringify({ query });
    const head = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    await repeat(40, async address => {
      await plain(address, head + body);
      const socket = await webSocket(address);
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.pause();
      for (let id = 0; id < 3; id++) socket.send(subscribe(id, { query }));
    });
    await expectUp();
  });
}, 600_000);
