import { connect } from 'node:net';
import { createClient } from 'graphql-ws';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { STOP_CLOSE_MS, STOP_GRACE_MS } from '../../src/server/limits.ts';
import { post, type Running, start, until } from './testing.ts';

/** Runs `work` and returns how many milliseconds it took. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function client(server: Running) {
  const url = server.graphql.replace('http:', 'ws:');
  return createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
}

describe('stop', () => {
  test('is quick when nothing is under way, even with idle connections', async () => {
    const server = await start();
    await post(server, '{ hello }');
    const idle = connect(server.port, '127.0.0.1');
    await new Promise(resolve => idle.once('connect', resolve));
    expect(await timed(() => server.stop())).toBeLessThan(STOP_GRACE_MS);
    await expect(fetch(server.graphql)).rejects.toThrow();
    idle.destroy();
  });

  test('can be called again, together and later', async () => {
    const server = await start();
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
  });

  test('lets a request under way finish, and takes no new ones', async () => {
    const server = await start();
    const answer = post(server, '{ slow }');
    await until(() => server.world.slow === 1);
    const stopped = server.stop();
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
    server.world.release();
    expect(await answer).toEqual({ status: 200, body: { data: { slow: 'done' } } });
    expect(await timed(() => stopped)).toBeLessThan(STOP_GRACE_MS);
  });

  test('lets an operation under way on a WebSocket finish', async () => {
    const server = await start();
    const operation = client(server).iterate({ query: '{ slow }' }).next();
    await until(() => server.world.slow === 1);
    const stopped = server.stop();
    server.world.release();
    expect(await operation).toMatchObject({ value: { data: { slow: 'done' } } });
    await stopped;
  });

  test.each(['ticks', 'untold'])('closes WebSockets with 1001 and ends %s', async field => {
    const server = await start();
    const ended = new Promise(resolve => {
      client(server).subscribe(
        { query: `subscription { ${field} }` },
        { next: () => {}, error: resolve, complete: () => resolve('complete') },
      );
    });
    await until(() => server.world.open === 1);
    const stopped = timed(() => server.stop());
    expect(await ended).toMatchObject({ code: 1001, reason: 'Going away' });
    server.world.release();
    expect(await stopped).toBeLessThan(STOP_GRACE_MS);
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
  });

  test('cuts streams of server-sent events, without telling them they are complete', async () => {
    const server = await start();
    const response = await fetch(`${server.graphql}?query=subscription%7Bticks%7D`, {
      headers: { accept: 'text/event-stream' },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('next')) text += (await reader.read()).value;
    const rest = (async () => {
      for (let step = await reader.read(); !step.done; step = await reader.read()) {
        text += step.value;
      }
    })();
    const stopped = server.stop();
    await expect(rest).rejects.toThrow();
    await stopped;
    expect(text).not.toContain('complete');
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
  });

  test('waits for generators to clean up', async () => {
    const server = await start();
    const stream = await fetch(`${server.graphql}?query=subscription%7Btidy%7D`, {
      headers: { accept: 'text/event-stream' },
    });
    await until(() => server.world.open === 1);
    await server.stop();
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
    await stream.text().catch(() => 'cut');
  });

  test('does not wait for ever: not for a request, a generator, or a client', async () => {
    const server = await start();
    const answer = post(server, '{ slow }').catch(() => 'cut');
    const socket = new WebSocket(server.graphql.replace('http:', 'ws:'), 'graphql-transport-ws');
    await new Promise(resolve => socket.once('open', resolve));
    socket.send('{"type":"connection_init"}');
    socket.send('{"id":"1","type":"subscribe","payload":{"query":"subscription { untold }"}}');
    await until(() => server.world.open === 1);
    // A client that reads nothing any more does not answer the closing handshake either.
    socket.pause();
    const elapsed = await timed(() => server.stop());
    expect(elapsed).toBeGreaterThan(STOP_GRACE_MS - 100);
    expect(elapsed).toBeLessThan(STOP_GRACE_MS + 2 * STOP_CLOSE_MS + 500);
    expect(await answer).toBe('cut');
    socket.terminate();
    server.world.release();
  });
});
