import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { post, type Running, start, until } from './testing.ts';

const ACCEPT = { accept: 'text/event-stream' };

function subscribe(server: Running, query: string, signal?: AbortSignal): Promise<Response> {
  return fetch(server.graphql, {
    method: 'POST',
    headers: { ...ACCEPT, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: signal ?? null,
  });
}

/** The events of a stream, as far as they have come, without the comments that keep it alive. */
function events(text: string): { event: string; data: unknown }[] {
  return text.split('\n\n').flatMap(block => {
    const found = /^event: (.*)\ndata:(.*)$/m.exec(block);
    return found ? [{ event: found[1]!, data: found[2] ? JSON.parse(found[2]) : null }] : [];
  });
}

async function expectUp(server: Running): Promise<void> {
  expect((await post(server, '{ hello }')).body).toEqual({ data: { hello: 'world' } });
}

describe('subscriptions as server-sent events', () => {
  test('an invalid one gets its errors', async () => {
    const server = await start();
    const response = await subscribe(server, 'subscription { nothing }');
    const found = events(await response.text());
    expect(found[0]).toMatchObject({
      event: 'next',
      data: { errors: [{ message: expect.stringContaining('Cannot query field "nothing"') }] },
    });
    await expectUp(server);
  });

  test('a generator that throws is masked', async () => {
    const server = await start();
    const text = await (await subscribe(server, 'subscription { breaks }')).text();
    expect(events(text)[0]).toEqual({ event: 'next', data: { data: { breaks: 1 } } });
    expect(text).toContain('Unexpected error.');
    expect(text).not.toContain('secret');
    expect(server.world.log.join()).toContain('secret in a generator');
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
    await expectUp(server);
  });

  test.each(['GET', 'POST'])('by %s run to their end', async method => {
    const server = await start();
    const query = 'subscription { countTo(last: 2) }';
    const response = await (method === 'POST'
      ? subscribe(server, query)
      : fetch(`${server.graphql}?query=${encodeURIComponent(query)}`, { headers: ACCEPT }));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(events(await response.text())).toEqual([
      { event: 'next', data: { data: { countTo: 1 } } },
      { event: 'next', data: { data: { countTo: 2 } } },
      { event: 'complete', data: null },
    ]);
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
  });

  test('a query is answered as a stream of one', async () => {
    const server = await start();
    const response = await subscribe(server, '{ hello }');
    expect(events(await response.text())).toEqual([
      { event: 'next', data: { data: { hello: 'world' } } },
      { event: 'complete', data: null },
    ]);
  });

  test.each(['ticks', 'untold'])('%s ends when the client leaves', async field => {
    const server = await start();
    const leave = new AbortController();
    const response = await subscribe(server, `subscription { ${field} }`, leave.signal);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('next')) text += (await reader.read()).value;
    leave.abort();
    await reader.closed.catch(() => {});
    server.world.release();
    await until(() => server.world.ended === 1);
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
    await expectUp(server);
  });

  test('wait for a client that does not read, and end when it leaves', async () => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(
      `GET /graphql?query=subscription%7Bflood%7D HTTP/1.1\r\nHost: localhost\r\n` +
        'Accept: text/event-stream\r\n\r\n',
    );
    await until(() => server.world.open === 1);
    const before = process.memoryUsage().rss;
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    await expectUp(server);
    expect(server.world.open).toBe(1);
    socket.destroy();
    await until(() => server.world.ended === 1);
    expect(server.world).toMatchObject({ open: 0, ended: 1 });
  });
});
