import { connect } from 'node:net';
import { GraphQLError, type ValidationRule } from 'graphql';
import { describe, expect, test } from 'vitest';
import { DOCUMENT_CACHE_BYTES_MAX, MESSAGE_BYTES_MAX } from '../../src/server/limits.ts';
import { DocumentCache, type Prepared } from '../../src/server/request/prepared.ts';
import { type Answer, post, type Running, raw, start } from './testing.ts';

const JSON_BODY = { 'content-type': 'application/json' };

/** Every refusal must leave a server that answers. */
async function expectUp(server: Running): Promise<void> {
  expect(await post(server, '{ hello }')).toEqual({
    status: 200,
    body: { data: { hello: 'world' } },
  });
  expect(server.world.log).toEqual([]);
}

describe('bad requests get an error that says why, and the server stays up', () => {
  test.each([
    ['a body that is no JSON', '{', 400, /invalid JSON/],
    ['JSON that is no object', '7', 400, /expected to be object/],
    ['no query', '{}', 200, /Must provide query/],
    ['a syntax error', '{"query":"{"}', 200, /Syntax Error/],
    ['an unknown field', '{"query":"{ nothing }"}', 200, /Cannot query field "nothing"/],
    [
      'a wrong variable',
      '{"query":"query($a:Int){hello(list:[$a])}","variables":{"a":"x"}}',
      400,
      /\$a/,
    ],
  ])('%s', async (_title, body, status, message) => {
    const server = await start();
    const headers = { ...JSON_BODY, accept: 'application/json' };
    const answer = await raw(server, { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect((JSON.parse(answer.text) as Answer['body']).errors?.[0]?.message).toMatch(message);
    await expectUp(server);
  });

  test.each(['variables', 'extensions'])('%s of a GET that are no JSON', async name => {
    const server = await start();
    const answer = await raw(server, { path: `/graphql?query=%7Bhello%7D&${name}=%7B` });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('must be JSON text');
    await expectUp(server);
  });

  test('a body above the limit, announced', async () => {
    const server = await start();
    const answer = await post(server, `{ hello } #${'x'.repeat(MESSAGE_BYTES_MAX)}`);
    expect(answer.status).toBe(413);
    expect(answer.body.errors?.[0]?.message).toContain('at most 1000000 bytes');
    await expectUp(server);
  });

  test('a body above the limit, in chunks of no announced length', async () => {
    const server = await start();
    const chunk = new TextEncoder().encode(' '.repeat(100_000));
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 15) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const response = await fetch(server.graphql, {
      method: 'POST',
      headers: JSON_BODY,
      body,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    await expectUp(server);
  });

  test('a body just below the limit is taken', async () => {
    const server = await start();
    const text = JSON.stringify({ query: '{ hello } #' });
    const query = `{ hello } #${'x'.repeat(MESSAGE_BYTES_MAX - text.length)}`;
    expect((await post(server, query)).status).toBe(200);
  });

  test('a header above the limit', async () => {
    const server = await start();
    const answer = await raw(server, { headers: { 'x-long': 'x'.repeat(20_000) } });
    expect(answer.status).toBe(431);
    await expectUp(server);
  });

  test('bytes that are no HTTP', async () => {
    const server = await start();
    const socket = connect(server.port, '127.0.0.1');
    socket.end('\x16\x03\x01 hello\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1.1 400/);
    await expectUp(server);
  });

  test.each(['/nothing', '/graphql/', '//graphql', '/graphql/..', 'http://evil.example/graphql'])(
    'the address %s',
    async path => {
      const server = await start();
      expect((await raw(server, { path })).status).toBe(404);
      await expectUp(server);
    },
  );

  test.each(['PUT', 'DELETE', 'PATCH'])('the method %s', async method => {
    const server = await start();
    const answer = await raw(server, { method });
    expect(answer.status).toBe(405);
    await expectUp(server);
  });
});

describe('documents that cost too much are refused before validation, with 400', () => {
  const fields = (count: number) =>
    Array.from({ length: count }, (_, i) => `a${i}: hello`).join(' ');
  const times = (count: number, one: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => one(i)).join(' ');
  const nest = (levels: number) => `${'{ self '.repeat(levels)}{ hello }${' }'.repeat(levels)}`;
  /** Two fields, and twice `count` fields by spreading one fragment. */
  const spread = (count: number) =>
    `{ self { ...f } b: self { ...f } } fragment f on Query { ${fields(count)} }`;
  /** Fragments that spread the next one twice: 2^30 fields in 31 lines. */
  const bomb = [
    'query { ...f0 }',
    ...Array.from(
      { length: 30 },
      (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`,
    ),
    'fragment f30 on Query { hello }',
  ].join('\n');

  test.each([
    ['many tokens', `{ hello(list: [${'1 '.repeat(15_000)}]) }`, /15000 tokens/],
    ['many root aliases', `{ ${fields(257)} }`, /256 root fields, not 257/],
    [
      'many aliases of a mutation',
      `mutation { ${fields(257).replaceAll('hello', 'count')} }`,
      /256 root/,
    ],
    ['many fields below', spread(2_500), /5000 fields, not 5002/],
    ['fragments that multiply', bomb, /root fields, not 1073741824/],
    ['deep fields', nest(25), /25 levels deep, not 26/],
    [
      'deep fields through a fragment',
      `{ self { ...a } } fragment a on Query ${nest(24)}`,
      /not 26/,
    ],
    ['a very deep list', `{ hello(list: ${'['.repeat(7_000)}${']'.repeat(7_000)}) }`, /too deeply/],
    ['a very deep selection', nest(4_000), /deep/],
    ['many comments', `{ hello } ${'#\n'.repeat(1_001)}`, /1000 comments/],
    ['a long name', `{ ${'a'.repeat(257)}: hello }`, /256 characters, not 257/],
    [
      'many fragments',
      `{ hello } ${times(65, i => `fragment f${i} on Query { hello }`)}`,
      /64 fragm/,
    ],
    ['one name many times', `{ self { ${times(64, () => 'hello')} } }`, /2000 pairs/],
    [
      'one name many times below',
      `{ ${times(40, () => 'self { self { hello } }')} }`,
      /2000 pairs/,
    ],
    [
      'one name many times in a fragment that is not spread',
      `{ hello } fragment f on Query { ${times(64, () => 'hello')} }`,
      /2000 pairs/,
    ],
    ['a large object', `{ hello(list: [{${times(33, i => `a${i}: 1`)}}]) }`, /32 fields/],
    [
      'a large object for a variable',
      `query ($v: [Int] = {${times(33, i => `a${i}: 1`)}}) { hello(list: $v) }`,
      /32 fields/,
    ],
    ['a list that never closes', `{ hello(list: ${'['.repeat(14_000)}`, /too deeply/],
  ])('%s', async (_title, query, message) => {
    const server = await start();
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const started = performance.now();
      const answer = await post(server, query, { accept });
      expect(performance.now() - started).toBeLessThan(20_000);
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toHaveLength(1);
      expect(answer.body.errors?.[0]?.message).toMatch(message);
    }
    expect(server.world.mutations).toBe(0);
    await expectUp(server);
  });

  test('fragments in a circle are left to validation', async () => {
    const server = await start();
    const answer = await post(
      server,
      '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
    );
    expect(answer.body.errors?.[0]?.message).toMatch(/Cannot spread fragment "a" within itself/);
    await expectUp(server);
  });

  test('what is just within the limits is answered', async () => {
    const server = await start();
    expect((await post(server, `{ ${fields(256)} }`)).status).toBe(200);
    expect((await post(server, nest(24))).body).not.toHaveProperty('errors');
    expect((await post(server, `{ ${times(63, () => 'hello')} }`)).status).toBe(200);
    const selections = `{ ${times(100, i => `a${i}: hello self { ...f }`)} }`;
    expect((await post(server, `${selections} fragment f on Query { hello }`)).status).toBe(400);
    expect((await post(server, spread(2_499))).body).not.toHaveProperty('errors');
  });
});

test('rules of validation can be added to those of the specification', async () => {
  const noSelf: ValidationRule = context => ({
    Field(node) {
      if (node.name.value === 'self') context.reportError(new GraphQLError('No self.'));
    },
  });
  const server = await start({ validationRules: [noSelf] });
  const answer = await post(server, '{ self { hello nothing } }');
  const messages = answer.body.errors?.map(error => error.message);
  expect(messages).toContain('No self.');
  expect(messages).toContainEqual(expect.stringMatching(/Cannot query field "nothing"/));
});

describe('errors', () => {
  test('unexpected ones are hidden behind an id that is in the log', async () => {
    const server = await start();
    const { body, status } = await post(server, '{ unexpected hello }');
    expect(status).toBe(200);
    expect(body.data).toEqual({ unexpected: null, hello: 'world' });
    expect(JSON.stringify(body)).not.toMatch(/secret|stack|at .*\.ts/);
    const [error] = body.errors!;
    expect(error).toMatchObject({ message: 'Unexpected error.', path: ['unexpected'] });
    expect(server.world.log).toHaveLength(1);
    expect(server.world.log[0]).toContain(error!.extensions!.id);
    expect(server.world.log[0]).toContain('secret in a resolver');
  });

  test('one of the context is hidden too', async () => {
    const server = await start({
      makeContext: () => {
        throw new Error('secret in the context');
      },
    });
    const { body } = await post(server, '{ hello }');
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(server.world.log.join()).toContain('secret in the context');
  });

  test('the ones a resolver made on purpose are told and not logged', async () => {
    const server = await start();
    const { body } = await post(server, '{ refused }');
    expect(body.errors).toMatchObject([
      { message: 'told to the client', path: ['refused'], extensions: { code: 'TOLD' } },
    ]);
    expect(server.world.log).toEqual([]);
  });
});

describe('/health and /ready', () => {
  test('say yes', async () => {
    const server = await start();
    expect((await raw(server, { path: '/health' })).status).toBe(200);
    expect((await raw(server, { path: '/ready' })).status).toBe(200);
  });

  test.each([
    ['says no', async () => false],
    [
      'fails',
      async () => {
        throw new Error('secret in the readiness');
      },
    ],
    ['hangs', () => new Promise<boolean>(() => {})],
  ])('/ready is 503 when what it asks %s, and tells nothing', async (_title, readiness) => {
    const server = await start({ readiness });
    const answer = await raw(server, { path: '/ready' });
    expect(answer).toMatchObject({ status: 503, text: '' });
    expect((await raw(server, { path: '/health' })).status).toBe(200);
  });
});

test('a port that is taken rejects with the error of the system', async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toThrow(/EADDRINUSE/);
});

test('the cache of documents holds what was used last, within its bytes', () => {
  const cache = new DocumentCache();
  const quarter = DOCUMENT_CACHE_BYTES_MAX / 4 + 1;
  const one = (bytes: number): Prepared => ({ document: null, errors: [], bytes });
  for (const text of ['a', 'b', 'c']) cache.set(text, one(quarter));
  const first = cache.get('a');
  expect(first).toBeDefined();
  cache.set('d', one(quarter));
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')).toBe(first);
  expect(cache.get('d')).toBeDefined();
  cache.set('e', one(DOCUMENT_CACHE_BYTES_MAX + 1));
  expect(cache.get('e')).toBeUndefined();
  cache.set('d', one(1));
  cache.set('f', one(quarter));
  expect(['a', 'c', 'd', 'f'].filter(text => cache.get(text))).toEqual(['a', 'c', 'd', 'f']);
});
