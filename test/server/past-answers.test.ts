/** Answers about the past: kept by whoever asked, and never stale. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  type Answer,
  ask,
  at,
  makeFaulting,
  post,
  sendGroups,
  start,
} from '../graphql/builder/testing.ts';
import { raw } from './testing.ts';

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Pick<Answer, 'data' | 'errors'> | null;
}

async function get(
  { url }: { url: string },
  query: string,
  headers: Record<string, string> = {},
  variables?: object,
): Promise<Got> {
  const parameters = new URLSearchParams({ query });
  if (variables !== undefined) parameters.set('variables', JSON.stringify(variables));
  const response = await fetch(`${url}/graphql?${parameters}`, {
    headers: { 'x-graphql-yoga-csrf': '1', accept: 'application/json', ...headers },
  });
  const text = await response.text();
  const { status } = response;
  return { status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

async function faulting() {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  return server;
}

const GRAPH = 'machine(at: 12) { seq hash graph(since: 11) { nodes { name facts changed } } }';

test('an answer about a moment has a tag, and is not made again for who has it', async () => {
  const server = await faulting();
  const first = await get(server, `{ ${GRAPH} }`);
  expect(first.body!.errors).toBeUndefined();
  const etag = first.headers.get('etag')!;
  expect(etag).toMatch(/^W\/"[0-9a-f]{32}"$/);
  expect(first.headers.get('cache-control')).toBe('private, no-cache');
  expect(first.headers.get('vary')).toBe('accept, accept-encoding');
  await sendGroups(server, 1, { first: 1 });
  const again = await get(server, `{ ${GRAPH} }`, { 'if-none-match': `W/"other", ${etag}` });
  expect(again).toMatchObject({ status: 304, body: null });
  expect(again.headers.get('etag')).toBe(etag);
  const other = await get(server, `{ ${GRAPH} }`, { 'if-none-match': 'W/"other"' });
  expect(other).toMatchObject({ status: 200, body: first.body });
});

test('one that names its history is immutable; for another history there is none', async () => {
  const server = await faulting();
  const hash = at((await get(server, `{ ${GRAPH} }`)).body!.data, 'machine', 'hash') as string;
  const named = GRAPH.replace('at: 12', `at: 12, hash: "${hash}"`);
  const immutable = await get(server, `{ ${named} }`);
  expect(immutable.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
  const digits = GRAPH.replace('at: 12', `at: 12, hash: "${hash.slice(0, 8)}"`);
  const short = await get(server, `{ ${digits} }`);
  expect(short.headers.get('cache-control')).toBe('private, no-cache');
  const document =
    'query ($at: Int!, $hash: String) { machine(at: $at, hash: $hash) { baseline } }';
  const variables = { at: 12, hash };
  const byVariable = await get(server, document, {}, variables);
  expect(byVariable.headers.get('cache-control')).toContain('immutable');
  await ask(
    server,
    `mutation { machineDelete(input: {machineId: "default"})
       machineCreate(input: {machineId: "default", devices: [{bdf: "0000:01:00.0", pri: true}]}) {
         __typename } }`,
  );
  await makeFaulting(server);
  await sendGroups(server, 1);
  for (const document of [named, digits]) {
    const { headers, body } = await get(server, `{ ${document} }`, {
      'if-none-match': immutable.headers.get('etag')!,
    });
    expect(body!.errors[0]!.extensions!.code).toBe('OTHER_HISTORY');
    expect(body!.errors[0]!.message).toMatch(
      /^"hash" is [0-9a-f]+, but seq 12 of machine "default" has [0-9a-f]+: the machine was made anew/,
    );
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('cache-control')).toBeNull();
  }
  const anew = await get(server, `{ ${GRAPH} }`);
  expect(anew.headers.get('etag')).not.toBe(short.headers.get('etag'));
  expect(at(anew.body!.data, 'machine', 'hash')).not.toBe(hash);
});

const KEPT = [
  ['{ __typename machine(at: 5) { contexts { objects { edges { node { users } } } } } }', true],
  ['{ machine(at: 5) { events { edges { node { summary operation { hash number } } } } } }', true],
  ['{ machine(at: 5) { operations { edges { node { number } } } } }', true],
  ['{ diff(from: {at: 3}, to: {at: 5}) { changeCount to { seq } } }', true],
  ['{ machine(at: 5) { ...f } } fragment f on Machine { steps(from: 1) { seq } }', true],
  ['{ machine { seq } }', false],
  ['{ machine(atOperation: 1) { seq } }', false],
  ['{ machine(at: 5) { seq } machines { edges { cursor } } }', false],
  ['{ machine(at: 5) { bookmarks { edges { cursor } } } }', false],
  ['{ machine(at: 5) { ...f } } fragment f on Machine { fork { operation } }', false],
  ['{ machine(at: 5) { life } }', false],
  ['{ machine(at: 5) { operations { edges { node { machineAfter { seq } } } } } }', false],
  ['{ machine(at: 5) { graph(first: 9999) { counts { count } } } }', false],
  ['{ diff(from: {at: 3}, to: {}) { changeCount } }', false],
  ['{ __schema { description } machine(at: 5) { seq } }', false],
] as const;

test.each(KEPT)('%s has a tag: %s', async (query, isKept) => {
  const { headers } = await get(await faulting(), query);
  expect(headers.get('etag') !== null).toBe(isKept);
  expect(headers.get('cache-control') !== null).toBe(isKept);
});

test('the newest moment: what can still come to it is not kept', async () => {
  const server = await faulting();
  const { seq } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  const operations = `{ machine(at: ${seq}) { operations(last: 1) { edges { node { number } } } } }`;
  expect((await get(server, operations)).headers.get('etag')).toBeNull();
  const events = `{ machine(at: ${seq}) { events(last: 1) { edges { node { seq } } } } }`;
  const tag = (await get(server, events)).headers.get('etag');
  expect(tag).not.toBeNull();
  await ask(server, 'mutation { destroy(input: {contextId: 9, id: 1}) { __typename } }');
  await sendGroups(server, 1, { first: 1 });
  expect((await get(server, events)).headers.get('etag')).toBe(tag);
  expect((await get(server, operations)).headers.get('etag')).not.toBeNull();
});

test('a POST is answered as ever', async () => {
  const server = await faulting();
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `{ ${GRAPH} }` }),
  });
  expect(response.headers.get('etag')).toBeNull();
  expect((await post(server, `{ ${GRAPH} }`)).errors).toEqual([]);
});

const HASHES = [
  ['"1234567"', /^"hash" must be 8 to 64 digits of 0-9 a-f, not 1234567$/],
  ['"ABCDEF012345"', /^"hash" must be 8 to 64 digits of 0-9 a-f, not ABCDEF012345$/],
] as const;

test.each(HASHES)('machine(hash: %s) is refused', async (hash, said) => {
  const { errors } = await post(await start(), `{ machine(hash: ${hash}) { seq } }`);
  expect(errors[0]!.message).toMatch(said);
  expect(errors[0]!.extensions?.code).toBe('BAD_USER_INPUT');
});

const ENCODINGS = [
  ['gzip, deflate, br', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['br;q=0, gzip;q=0', null],
  ['identity', null],
] as const;

test.each(ENCODINGS)('for "%s" a long answer comes as %s', async (accepted, encoding) => {
  const server = await faulting();
  const query = '{ machine { events(first: 100) { edges { node { seq type summary } } } } }';
  const plain = JSON.stringify({ data: await ask(server, query) });
  const { status, headers, bytes } = await raw(server, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-encoding': accepted },
    body: JSON.stringify({ query }),
  });
  expect(status).toBe(200);
  expect(headers['content-encoding'] ?? null).toBe(encoding);
  const text = { br: brotliDecompressSync, gzip: gunzipSync };
  const decoded = encoding === null ? bytes : text[encoding](bytes);
  expect(decoded.toString()).toBe(plain);
  if (encoding === null) return;
  expect(headers['vary']).toBe('accept, accept-encoding');
  expect(bytes.length).toBeLessThan(plain.length / 3);
  expect(Number(headers['content-length'])).toBe(bytes.length);
});

test('a short answer comes as it is', async () => {
  const { headers, body } = await get(await start(), '{ machine { seq } }', {
    'accept-encoding': 'br',
  });
  expect(headers.get('content-encoding')).toBeNull();
  expect(at(body!.data, 'machine', 'seq')).toBeGreaterThan(0);
});
