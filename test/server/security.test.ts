import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/server/config.ts';
import { post, type Running, raw, start } from './testing.ts';

const MUTATION = JSON.stringify({ query: 'mutation { count }' });
const JSON_BODY = { 'content-type': 'application/json' };

describe('what a page of another site could send is refused, and does nothing', () => {
  const own = (server: Running) => `127.0.0.1:${server.port}`;

  test.each([
    ['a foreign site', 'http://evil.example'],
    ['no origin at all, as from a sandbox or a file', 'null'],
    ['another port of this machine', 'http://127.0.0.1:1'],
    ['the right name without the port', 'http://127.0.0.1'],
    ['another scheme', 'ftp://127.0.0.1'],
    ['text that is no origin', 'x'],
  ])('Origin: %s', async (_title, origin) => {
    const server = await start();
    const headers = { ...JSON_BODY, origin };
    const answer = await raw(server, { method: 'POST', headers, body: MUTATION });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('another origin');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(server.world.mutations).toBe(0);
  });

  test.each([
    ['a name pointed here (DNS rebinding)', 'evil.example', 403],
    ['one that ends like ours', 'notlocalhost', 403],
    ['one that begins like ours', '127.0.0.1.evil.example', 403],
    ['an address that is not ours', '192.0.2.1', 403],
    ['a number that URLs take for our address', '0x7f000001', 400],
    ['text that is no host', 'a b', 400],
    ['a port that is none', '127.0.0.1:99999', 400],
    ['a path', '127.0.0.1/x', 400],
  ])('Host: %s', async (_title, host, status) => {
    const server = await start();
    const headers = { ...JSON_BODY, host };
    const answer = await raw(server, { method: 'POST', headers, body: MUTATION });
    expect(answer.status).toBe(status);
    expect(server.world.mutations).toBe(0);
    expect((await raw(server, { headers: { host }, path: '/health' })).status).toBe(status);
  });

  test('no Host at all, as HTTP/1.0 allows', async () => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.end('GET /graphql?query=%7Bhello%7D HTTP/1.0\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1.1 400/);
    expect(text).not.toContain('world');
  });

  test('a rebound name is refused although Origin and Host agree', async () => {
    const server = await start();
    const headers = { ...JSON_BODY, host: 'evil.example', origin: 'http://evil.example' };
    expect((await raw(server, { method: 'POST', headers, body: MUTATION })).status).toBe(403);
    expect(server.world.mutations).toBe(0);
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded', 'query=mutation%7Bcount%7D'],
    ['text', 'text/plain', MUTATION],
    ['text that names JSON', 'text/plain; application/json', MUTATION],
    ['a bare document', 'application/graphql', 'mutation { count }'],
    [
      'a multipart form',
      'multipart/form-data; boundary=b',
      `--b\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${MUTATION}\r\n--b--\r\n`,
    ],
  ])('%s for a body', async (_title, contentType, body) => {
    const server = await start();
    const headers = { 'content-type': contentType };
    const answer = await raw(server, { method: 'POST', headers, body });
    expect(answer.status).toBe(415);
    expect(server.world.mutations).toBe(0);
  });

  test('a body without a content type', async () => {
    const server = await start();
    expect((await raw(server, { method: 'POST', body: MUTATION })).status).toBe(415);
    expect(server.world.mutations).toBe(0);
  });

  test('a mutation in a GET', async () => {
    const server = await start();
    const answer = await raw(server, { path: '/graphql?query=mutation%7Bcount%7D' });
    expect(answer.status).toBe(405);
    expect(server.world.mutations).toBe(0);
  });

  test.each(['cross-site', 'same-site'])('a GET without Origin, %s by the browser', async site => {
    const server = await start();
    const answer = await raw(server, {
      path: '/graphql?query=subscription%7BcountTo(last:1)%7D',
      headers: { 'sec-fetch-site': site, accept: 'text/event-stream' },
    });
    expect(answer.status).toBe(403);
    expect(server.world.ended).toBe(0);
  });

  test('a link with an operation gets the playground, never a result', async () => {
    const server = await start();
    const answer = await raw(server, {
      path: '/graphql?query=%7Bhello%7D',
      headers: { 'sec-fetch-site': 'cross-site', accept: 'text/html' },
    });
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.text).not.toContain('"hello":"world"');
  });

  test('a preflight gets no permission', async () => {
    const server = await start();
    const answer = await raw(server, {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(403);
    const same = await raw(server, {
      method: 'OPTIONS',
      headers: { origin: `http://${own(server)}`, 'access-control-request-method': 'POST' },
    });
    expect(same.status).toBe(405);
    for (const name of Object.keys({ ...answer.headers, ...same.headers })) {
      expect(name).not.toMatch(/^access-control/);
    }
  });

  test('a batch', async () => {
    const server = await start();
    const body = `[${MUTATION},${MUTATION}]`;
    const answer = await raw(server, { method: 'POST', headers: JSON_BODY, body });
    expect(answer.status).toBe(400);
    expect(server.world.mutations).toBe(0);
  });
});

describe('what people and their own pages send is taken', () => {
  test('a POST of JSON needs no further header', async () => {
    const server = await start();
    expect(await post(server, 'mutation { count }')).toEqual({
      status: 200,
      body: { data: { count: 1 } },
    });
  });

  test('the own origin, under each name of this machine', async () => {
    const server = await start();
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      const host = `${name}:${server.port}`;
      const headers = { ...JSON_BODY, host, origin: `http://${host}`, 'sec-fetch-site': 'none' };
      const answer = await raw(server, { method: 'POST', headers, body: MUTATION });
      expect(answer.status, host).toBe(200);
    }
  });

  test('a port forwarded from elsewhere, and a proxy that speaks TLS', async () => {
    const server = await start();
    for (const [host, origin] of [
      ['localhost:9999', 'http://localhost:9999'],
      ['localhost', 'https://localhost'],
    ] as const) {
      const headers = { ...JSON_BODY, host, origin };
      const answer = await raw(server, { method: 'POST', headers, body: MUTATION });
      expect(answer.status, host).toBe(200);
    }
  });

  test('a query in a GET', async () => {
    const server = await start();
    const answer = await raw(server, { path: '/graphql?query=%7Bhello%7D' });
    expect(JSON.parse(answer.text)).toEqual({ data: { hello: 'world' } });
  });
});

describe('a server with a token', () => {
  const token = 'sixteen-letters-and-more';

  test.each([
    ['no header', {}],
    ['another token', { authorization: 'Bearer sixteen-letters-and-mors' }],
    ['a longer token', { authorization: `Bearer ${token}x` }],
    ['a shorter token', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['the bare token', { authorization: token }],
    ['another scheme', { authorization: `Basic ${token}` }],
  ])('refuses %s, for queries, streams and bad requests alike', async (_title, headers) => {
    const server = await start({ token });
    const answer = await post(server, 'mutation { count }', headers as Record<string, string>);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ errors: [{ message: 'This server needs its token.' }] });
    const stream = await raw(server, {
      path: '/graphql?query=subscription%7BcountTo(last:1)%7D',
      headers: { ...headers, accept: 'text/event-stream' },
    });
    expect(stream.status).toBe(401);
    expect(stream.headers['www-authenticate']).toBe('Bearer');
    expect((await raw(server, { method: 'PUT', headers })).status).toBe(401);
    expect(server.world).toMatchObject({ mutations: 0, ended: 0 });
  });

  test('takes the token', async () => {
    const server = await start({ token });
    const answer = await post(server, '{ hello }', { authorization: `Bearer ${token}` });
    expect(answer).toEqual({ status: 200, body: { data: { hello: 'world' } } });
  });

  test('still refuses a foreign origin that has the token', async () => {
    const server = await start({ token });
    const headers = { authorization: `Bearer ${token}`, origin: 'http://evil.example' };
    expect((await post(server, '{ hello }', headers)).status).toBe(403);
  });

  test('shows the playground and its health without it, and the token in neither', async () => {
    const server = await start({ token });
    const page = await raw(server, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(page.text).not.toContain(token);
    expect((await raw(server, { path: '/health' })).status).toBe(200);
  });

  test('on all addresses takes any Host, but only an Origin that equals it', async () => {
    const server = await start({ host: '0.0.0.0', token });
    const authorization = `Bearer ${token}`;
    const host = 'box.example:4000';
    const ask = (headers: Record<string, string>) =>
      raw(server, { method: 'POST', headers: { ...JSON_BODY, ...headers }, body: MUTATION });
    expect((await ask({ authorization, host })).status).toBe(200);
    expect((await ask({ authorization, host, origin: `http://${host}` })).status).toBe(200);
    expect((await ask({ authorization, host, origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask({ host, origin: `http://${host}` })).status).toBe(401);
  });
});

test('a server that others can reach does not start without a token', async () => {
  await expect(start({ host: '0.0.0.0' })).rejects.toThrow(ConfigError);
  await expect(start({ host: '127.0.0.1', token: 'short' })).rejects.toThrow(/16 to 1024/);
});
