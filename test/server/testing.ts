import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import {
  GraphQLError,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { afterEach } from 'vitest';
import { type HttpServer, type ServerOptions, startHttpServer } from '../../src/server/http.ts';

/** What resolvers of the test schema share: they write down what happened to them. */
export interface World {
  mutations: number;
  /** Generators that have begun and not yet cleaned up. */
  open: number;
  /** Generators that have cleaned up. */
  ended: number;
  /** Lines the server logged. */
  log: string[];
  /** How often the field `slow` was begun. */
  slow: number;
  /** Resolves the field `slow`, and lets `untold` go on. */
  release: () => void;
  released: Promise<void>;
}

export interface Running extends HttpServer {
  world: World;
  graphql: string;
}

const running: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(server => server.stop()));
});

/** Starts a server on a free port, which stops after the test. */
export async function start(overrides: Partial<ServerOptions> = {}): Promise<Running> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const world: World = { mutations: 0, open: 0, ended: 0, slow: 0, log: [], released, release };
  const server = await startHttpServer({
    schema: createSchema(),
    makeContext: () => ({ world }),
    host: '127.0.0.1',
    port: 0,
    token: null,
    graphiql: { title: 'Test', tabs: [{ name: 'Say hello', query: 'query Hello { hello }' }] },
    readiness: async () => true,
    log: line => world.log.push(line),
    ...overrides,
  });
  running.push(server);
  return Object.assign(server, { world, graphql: `${server.url}/graphql` });
}

/** What a test reads of a GraphQL answer. */
export interface Answer {
  status: number;
  body: { data?: Record<string, unknown> | null; errors?: AnswerError[] };
}

export interface AnswerError {
  message: string;
  extensions?: { code?: string; id?: string };
}

/** Posts one operation as JSON, with no header that curl would not send. */
export async function post(
  server: Running,
  query: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(server.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** One request with exactly these headers, which `fetch` would not send (Host, Origin). */
export function raw(
  server: { readonly port: number },
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path = '/graphql', headers = {}, body } = options;
    const request = httpRequest({ host: '127.0.0.1', port: server.port, method, path, headers });
    request.on('error', reject);
    request.on('response', async response => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      const { statusCode, headers } = response;
      resolve({ status: statusCode!, headers, text: bytes.toString(), bytes });
    });
    request.end(body);
  });
}

/** Waits until `condition` holds, at most two minutes; a test asserts on it afterwards. */
export async function until(condition: () => boolean, ms = 120_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!condition() && Date.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

type Context = { world: World };

export function createSchema(): GraphQLSchema {
  const query: GraphQLObjectType = new GraphQLObjectType({
    name: 'Query',
    fields: () => ({
      hello: {
        type: GraphQLString,
        args: { list: { type: new GraphQLList(GraphQLInt) } },
        resolve: () => 'world',
      },
      self: { type: query, resolve: () => ({}) },
      slow: {
        type: GraphQLString,
        resolve: async (_root, _args, { world }: Context) => {
          world.slow++;
          await world.released;
          return 'done';
        },
      },
      unexpected: {
        type: GraphQLString,
        resolve: () => {
          throw new Error('secret in a resolver');
        },
      },
      refused: {
        type: GraphQLString,
        resolve: () => {
          throw new GraphQLError('told to the client', { extensions: { code: 'TOLD' } });
        },
      },
    }),
  });

  const mutation = new GraphQLObjectType({
    name: 'Mutation',
    fields: {
      count: {
        type: new GraphQLNonNull(GraphQLInt),
        resolve: (_root, _args, { world }: Context) => {
          world.mutations += 1;
          return world.mutations;
        },
      },
    },
  });

  /** Runs `values` and writes down that it cleaned up. */
  const watched = async function* (world: World, values: () => AsyncGenerator<unknown>) {
    world.open += 1;
    try {
      yield* values();
    } finally {
      world.open -= 1;
      world.ended += 1;
    }
  };
  const echo = (value: unknown) => value;
  const subscription = new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      countTo: {
        type: GraphQLInt,
        args: { last: { type: new GraphQLNonNull(GraphQLInt) } },
        subscribe: (_root, { last }: { last: number }, { world }: Context) =>
          watched(world, async function* () {
            for (let i = 1; i <= last; i += 1) yield i;
          }),
        resolve: echo,
      },
      /** A value every 5 ms, without end. */
      ticks: {
        type: GraphQLInt,
        subscribe: (_root, _args, { world }: Context) =>
          watched(world, async function* () {
            for (let i = 1; ; i += 1) {
              yield i;
              await new Promise(resolve => setTimeout(resolve, 5));
            }
          }),
        resolve: echo,
      },
      /** 64 KB at a time as fast as the client reads, without end. */
      flood: {
        type: GraphQLString,
        subscribe: (_root, _args, { world }: Context) =>
          watched(world, async function* () {
            for (;;) yield 'x'.repeat(65_536);
          }),
        resolve: echo,
      },
      /** One value, then none until the test releases it. */
      untold: {
        type: GraphQLInt,
        subscribe: (_root, _args, { world }: Context) =>
          watched(world, async function* () {
            yield 1;
            await world.released;
          }),
        resolve: echo,
      },
      /** A value every 5 ms; takes 100 ms to clean up. */
      tidy: {
        type: GraphQLInt,
        subscribe: (_root, _args, { world }: Context) =>
          watched(world, async function* () {
            try {
              for (let i = 1; ; i += 1) {
                yield i;
                await new Promise(resolve => setTimeout(resolve, 5));
              }
            } finally {
              await new Promise(resolve => setTimeout(resolve, 100));
            }
          }),
        resolve: echo,
      },
      breaks: {
        type: GraphQLInt,
        subscribe: (_root, _args, { world }: Context) =>
          watched(world, async function* () {
            yield 1;
            throw new Error('secret in a generator');
          }),
        resolve: echo,
      },
    },
  });

  return new GraphQLSchema({ query, mutation, subscription });
}
