/** A refusal cannot be missed: fields without a fragment, and the list in the response's extensions. */
import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Json, makeFaulting, start } from './testing.ts';

/** Selects nothing of any answer: whoever reads only `data` sees no refusal. */
const BLIND = `mutation {
  contextOpen(input: {}) { __typename }
  ioasAlloc(input: { contextId: 1 }) { __typename }
  first: destroy(input: { contextId: 1, id: 77 }) { __typename }
  deviceBind(input: { contextId: 1, bdf: "0000:0a:00.0" }) { __typename }
  taken: machineCreate(input: { machineId: "m", devices: [{ bdf: "0000:01:00.0", physfn: "0000:02:00.0" }] }) { __typename }
}`;

const REFUSALS = [
  {
    path: ['first'],
    errno: 'ENOENT',
    function: 'iommufd_object_remove',
    rule: 'OBJECT_ABSENT',
    message: expect.stringMatching(/iommufd_object_remove returned ENOENT\.$/),
  },
  {
    path: ['deviceBind'],
    errno: 'ENODEV',
    function: 'vfio_df_ioctl_bind_iommufd',
    rule: 'NO_SUCH_FUNCTION',
    message: expect.stringMatching(/^bdf 0000:0a:00\.0: no PCI function has this address\. /),
  },
  {
    path: ['taken'],
    errno: 'ENODEV',
    function: 'bus',
    rule: 'NO_SUCH_FUNCTION',
    message: expect.stringMatching(/^physfn \S+: no PCI function has this address\. /),
  },
];

interface Body {
  readonly data: Json;
  readonly extensions?: { readonly refusals?: Json };
}

async function send({ url }: { url: string }, query: string, accept: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });
  expect(response.status).toBe(200);
  return response.text();
}

async function sendJson(server: { url: string }, query: string): Promise<Body> {
  return JSON.parse(await send(server, query, 'application/json')) as Body;
}

test('over HTTP the response lists what was refused, in order', async () => {
  const { extensions } = await sendJson(await start(), BLIND);
  expect(extensions).toEqual({ refusals: REFUSALS });
});

test('over server-sent events too', async () => {
  const stream = await send(await start(), BLIND, 'text/event-stream');
  const data = /^data: (.+)$/m.exec(stream)![1]!;
  expect((JSON.parse(data) as Body).extensions).toEqual({ refusals: REFUSALS });
});

test('over WebSocket too', async () => {
  const { url } = await start();
  const client = createClient({ url: `${url}/graphql`, webSocketImpl: WebSocket });
  onTestFinished(async () => client.dispose());
  const { value } = await client.iterate({ query: BLIND }).next();
  expect((value as Body).extensions).toEqual({ refusals: REFUSALS });
});

test('nothing refused, nothing listed; and what one document met is not told to the next', async () => {
  const server = await start();
  await sendJson(server, BLIND);
  const body = await sendJson(server, 'mutation { contextOpen(input: {}) { __typename } }');
  expect(body).toEqual({ data: { contextOpen: { __typename: 'ContextOpenPayload' } } });
});

test('a page request that reached no fault queue is listed, though nothing refused it', async () => {
  const server = await start();
  const { extensions } = await sendJson(
    server,
    `mutation {
      off: pageRequest(input: { bdf: "0000:01:00.0", grpid: 1, addr: "0x1000" }) { __typename }
      gone: pageRequest(input: { bdf: "0000:0a:00.0", grpid: 1, addr: "0x1000" }) { __typename }
    }`,
  );
  expect(extensions).toEqual({
    undelivered: [
      {
        path: ['off'],
        outcome: 'PRI_DISABLED',
        reportErrno: null,
        message: expect.stringMatching(/^Not sent: PRI is off until a fault-capable hwpt/),
      },
    ],
    refusals: [expect.objectContaining({ path: ['gone'], rule: 'NO_SUCH_FUNCTION' })],
  });
  await makeFaulting(server);
  const sent = await sendJson(
    server,
    'mutation { pageRequest(input: { bdf: "0000:01:00.0", grpid: 1, addr: "0x1000" }) { seq } }',
  );
  expect(sent).not.toHaveProperty('extensions');
});

test('a refusal that an earlier operation recorded is not one of the document that reads it', async () => {
  const server = await start();
  await sendJson(server, BLIND);
  const query = '{ machine { operations(last: 2) { edges { node { errno } } } } }';
  expect(JSON.stringify(await sendJson(server, query))).toContain('ENODEV');
  expect(await sendJson(server, query)).not.toHaveProperty('extensions');
});

test('operation, seq and errno need no fragment, and do not collide with those in one', async () => {
  const server = await start();
  const before = (await server.engine.settled('default')).state.seq;
  const { data } = await sendJson(
    server,
    `mutation {
      contextOpen(input: {}) { seq errno operation { number command } }
      good: ioasAlloc(input: { contextId: 1 }) {
        ...Outcome
        ... on IoasAllocPayload { outIoasId seq errno }
      }
      bad: ioasAlloc(input: { contextId: 9 }) {
        ...Outcome
        ... on KernelError { errno seq code }
      }
      machineCreate(input: { machineId: "m" }) { ...Outcome }
    }
    fragment Outcome on OperationResult { seq errno operation { number } }`,
  );
  expect(data).toEqual({
    contextOpen: { seq: before + 1, errno: null, operation: { number: 2, command: 'ContextOpen' } },
    good: { seq: before + 2, errno: null, operation: { number: 3 }, outIoasId: 1 },
    bad: { seq: before + 2, errno: 'EBADF', operation: { number: 4 }, code: 9 },
    machineCreate: { seq: 1, errno: null, operation: { number: 1 } },
  });
});
