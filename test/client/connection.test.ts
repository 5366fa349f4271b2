/** What operations that fail leave behind in the connection that they share with others. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connect, GraphqlErrors, send } from '../../src/client/connection.ts';
import { DriveDeviceDocument } from '../../src/operations/operations.ts';

/** Refuses the first operation, with both messages in one piece; those after it stay open. */
async function refusing() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void server.close());
  const closed: number[] = [];
  let isFirst = true;
  server.on('connection', (webSocket, { socket }) => {
    webSocket.on('close', code => closed.push(code));
    webSocket.on('message', data => {
      const { type, id } = JSON.parse(String(data)) as { type: string; id: string };
      const say = (message: object) => webSocket.send(JSON.stringify(message));
      if (type === 'connection_init') say({ type: 'connection_ack' });
      if (type !== 'subscribe' || !isFirst) return;
      isFirst = false;
      socket.cork();
      say({ type: 'next', id, payload: { errors: [{ message: 'no such machine' }] } });
      say({ type: 'complete', id });
      socket.uncork();
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, closed };
}

test('one that was refused is counted out once, so that the next one keeps the connection', async () => {
  const { url, closed } = await refusing();
  const stopped = new AbortController();
  const events = { connected: () => {}, lost: () => {} };
  const client = connect({ url, webSocketImpl: WebSocket }, events, stopped.signal);
  const ask = () =>
    send(client, DriveDeviceDocument, { machineId: 'm', bdf: '0000:01:00.0' }, () => {});
  await expect(ask().done).rejects.toThrow(GraphqlErrors);
  await expect.poll(() => closed).toEqual([1000]);
  let isDone = false;
  const lasting = ask();
  void lasting.done.then(() => {
    isDone = true;
  });
  // Another one comes and goes beside it.
  const passing = ask();
  await sleep(50);
  passing.end();
  await sleep(50);
  expect({ isDone, closed }).toEqual({ isDone: false, closed: [1000] });
  lasting.end();
  stopped.abort();
  await client.dispose();
});
