import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../src/server/http.ts';
import { createSchema } from './testing.ts';

let server: HttpServer;
beforeAll(async () => {
  server = await startHttpServer({
    schema: createSchema(),
    makeContext: () => ({}),
    host: '127.0.0.1',
    port: 0,
    token: null,
    graphiql: { title: 'Test', tabs: [] },
    readiness: async () => true,
  });
});
afterAll(() => server.stop());

// The GraphQL-over-HTTP specification, as its own tool checks it.
for (const audit of serverAudits({ url: () => `${server.url}/graphql` })) {
  test(`${audit.id} ${audit.name}`, async () => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' });
  });
}
