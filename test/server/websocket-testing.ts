import { type Client, createClient } from 'graphql-ws';
import { afterEach, expect } from 'vitest';
import { WebSocket } from 'ws';
import type { Running } from './testing.ts';

const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map(client => client.dispose()));
});

export function connect(server: Running, connectionParams: Record<string, unknown> = {}): Client {
  const url = server.graphql.replace('http:', 'ws:');
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
  });
  clients.push(client);
  return client;
}

/** Runs an operation to its end. Rejects with what ended it instead: errors, or the close event. */
export async function collect(client: Client, query: string): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of client.iterate({ query })) values.push(value);
  return values;
}

/** Opens a bare WebSocket. Resolves with the HTTP status of a refusal, or 101. */
export function open(
  server: Running,
  headers: Record<string, string> = {},
  path = '/graphql',
): Promise<{ socket: WebSocket; status: number }> {
  const url = server.url.replace('http:', 'ws:') + path;
  const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ socket, status: 101 }));
    socket.on('unexpected-response', (_request, response) => {
      resolve({ socket, status: response.statusCode! });
    });
    socket.on('error', reject);
  });
}

export function closing(socket: WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise(resolve => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
}

/** A bare WebSocket that has been acknowledged. */
export async function acknowledged(server: Running): Promise<WebSocket> {
  const { socket } = await open(server);
  const answer = new Promise(resolve => socket.once('message', resolve));
  socket.send('{"type":"connection_init"}');
  expect(String(await answer)).toBe('{"type":"connection_ack"}');
  return socket;
}
