/**
 * One page fault from the request to the answer at the device, over one WebSocket.
 *
 * Ours: the mutation pageRequest; the group is read by an operation of its own and pushed on the
 * handler's subscription iopfGroups; the mutation faultWrite answers it, and its reply tells that the
 * device got its response. Three operations, each committed to the SQLite file before it is told.
 *
 * Bare: graphql-js and graphql-ws with the same messages and selections of the same shape, and no
 * state at all: the mutation request emits on an event emitter, which pushes on the subscription
 * updates; the mutation answer replies with constants.
 *
 * Both clients are the same code: the clock starts before the first mutation is sent and stops when
 * the push, and the replies of both mutations, have arrived.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import { atMost, type BenchRow, inDirectory, median, quantile } from '../measure.ts';
import { dataOf, httpClient, once, type Variables, webSocketClient } from './client.ts';
import { startBare, startOurs } from './server-process.ts';

const ROUNDS = 12;
const CYCLES_A_ROUND = 150;
const WARM_UP_ROUNDS = 6;
/** More than enough for a subscription to open. */
const SUBSCRIBED_MS = 200;

/** What a client sends in one cycle, and where the pushed group's name stands. */
interface Conversation {
  readonly subscription: string;
  readonly variables: Variables;
  readonly request: string;
  readonly requestVariables: (page: number) => Variables;
  readonly groupOf: (pushed: Variables) => number;
  readonly answer: string;
  readonly answerVariables: (group: number) => Variables;
  /** The type of the event that the answer's reply must end with. */
  readonly lastEvent: string;
}

interface Reply {
  readonly events: readonly { readonly type: string }[];
}

export function benchFault(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const server = await startOurs(join(directory, 'fault.db'));
    const bareServer = await startBare();
    const client = webSocketClient(server.url);
    const bareClient = webSocketClient(bareServer.url);
    const cycle = await converse(client, await prepare(server.url));
    const bareCycle = await converse(bareClient, BARE);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const times = await repeat(cycle);
      const bareTimes = await repeat(bareCycle);
      if (round < WARM_UP_ROUNDS) continue;
      ours.push(...times);
      bare.push(...bareTimes);
    }
    await client.dispose();
    await bareClient.dispose();
    await Promise.all([server.stop(), bareServer.stop()]);
    const what = 'page request → handler → faultWrite → device, against graphql-ws';
    const at99 = { ours: quantile(ours, 0.99), bare: quantile(bare, 0.99) };
    return [
      atMost(`${what}, p50`, 'ms', { ours: median(ours), bare: median(bare) }, 2.5),
      atMost(`${what}, p99`, 'ms', at99, null),
    ];
  });
}

async function repeat(cycle: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < CYCLES_A_ROUND; i++) times.push(await cycle());
  return times;
}

/** Subscribes, and gives the function that runs one cycle and returns its milliseconds. */
async function converse(
  client: Client,
  conversation: Conversation,
): Promise<() => Promise<number>> {
  const { subscription: query, variables, request, answer } = conversation;
  const pushes = client.iterate<Variables>({ query, variables });
  // The bare side keeps nothing for a subscriber that is not there yet.
  await once(client, '{ __typename }', {});
  await sleep(SUBSCRIBED_MS);
  let page = 0;
  return async () => {
    const started = performance.now();
    const pushed = pushes.next();
    const requested = once(client, request, conversation.requestVariables(page++));
    const group = conversation.groupOf(dataOf((await pushed).value!));
    const answered = await once(client, answer, conversation.answerVariables(group));
    await requested;
    const elapsed = performance.now() - started;
    const { events } = answered['answer'] as Reply;
    if (events.at(-1)?.type !== conversation.lastEvent) throw new Error(JSON.stringify(answered));
    return elapsed;
  };
}

const BARE: Conversation = {
  subscription: 'subscription { update: updates { kind group } }',
  variables: {},
  request: 'mutation ($group: Int!) { request(group: $group) { outcome } }',
  requestVariables: page => ({ group: page }),
  groupOf: pushed => (pushed['update'] as { group: number }).group,
  answer: 'mutation ($group: Int!) { answer(group: $group) { bytes events { type } } }',
  answerVariables: group => ({ group }),
  lastEvent: 'Sent',
};

/** Attaches a PCI function to a fault-capable hwpt. */
async function prepare(url: string): Promise<Conversation> {
  const client = httpClient(url);
  const id = async (field: string, payload: string, input: string): Promise<number> => {
    const data = await client.post(
      `mutation { reply: ${field}(input: ${input}) { ... on ${payload} } }`,
    );
    return (data['reply'] as { id: number }).id;
  };
  const contextId = await id('contextOpen', 'ContextOpenPayload { id: contextId }', '{}');
  const allocate = (field: string, out: string, rest: string) =>
    id(field, `${out}`, `{ contextId: ${contextId}, ${rest} }`);
  const hwpt = 'HwptAllocPayload { id: outHwptId }';
  const devId = await allocate(
    'deviceBind',
    'DeviceBindPayload { id: outDevId }',
    'bdf: "0000:01:00.0"',
  );
  const ioasId = await allocate('ioasAlloc', 'IoasAllocPayload { id: outIoasId }', 'flags: 0');
  const faultId = await allocate(
    'faultQueueAlloc',
    'FaultQueueAllocPayload { id: outFaultId }',
    'flags: 0',
  );
  const parentId = await allocate(
    'hwptAlloc',
    hwpt,
    `devId: ${devId}, ptId: ${ioasId}, rawFlags: 1`,
  );
  const nestedId = await allocate(
    'hwptAlloc',
    hwpt,
    `devId: ${devId}, ptId: ${parentId}, rawFlags: 4, faultId: ${faultId}, vtdS1: { pgtblAddr: "0x1000" }`,
  );
  await allocate(
    'deviceAttach',
    'DeviceAttachPayload { id: outPtId }',
    `devId: ${devId}, ptId: ${nestedId}`,
  );
  client.close();
  return {
    subscription: `subscription ($contextId: U32!, $faultId: U32!) {
      update: iopfGroups(contextId: $contextId, faultId: $faultId) { kind iopfGroup { cookie } }
    }`,
    variables: { contextId, faultId },
    request: `mutation ($addr: PageAddress!) {
      pageRequest(input: { bdf: "0000:01:00.0", grpid: 1, perm: IOMMU_PGFAULT_PERM_READ, addr: $addr }) {
        ... on PageRequestPayload { outcome }
      }
    }`,
    requestVariables: page => ({ addr: `0x${((page + 1) * 4096).toString(16)}` }),
    groupOf: pushed => (pushed['update'] as { iopfGroup: { cookie: number } }).iopfGroup.cookie,
    answer: `mutation ($contextId: U32!, $faultId: U32!, $cookie: U32!) {
      answer: faultWrite(input: {
        contextId: $contextId, faultId: $faultId,
        responses: [{ cookie: $cookie, code: IOMMUFD_PAGE_RESP_SUCCESS }]
      }) { ... on FaultWritePayload { bytes events { type } } }
    }`,
    answerVariables: cookie => ({ contextId, faultId, cookie }),
    lastEvent: 'PageResponseSent',
  };
}
