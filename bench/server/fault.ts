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
import {
  BenchAnswerGroupDocument,
  BenchIopfGroupsDocument,
  BenchPageRequestDocument,
  MakeFaultingDocument,
  PingDocument,
} from '../../src/operations/operations.ts';
import type { TypedDocument } from '../../src/operations/typed-document.ts';
import { atMost, type BenchRow, inDirectory, median, quantile } from '../measure.ts';
import { ANSWER, REQUEST, UPDATES } from './bare-documents.ts';
import { dataOf, httpClient, once, webSocketClient } from './client.ts';
import { startBare, startOurs } from './server-process.ts';

const ROUNDS = 12;
const CYCLES_A_ROUND = 150;
const WARM_UP_ROUNDS = 6;
/** More than enough for a subscription to open. */
const SUBSCRIBED_MS = 200;

/** What a client sends in one cycle, and what it looks at in the answers. */
interface Conversation<Pushed, Variables> {
  readonly subscription: TypedDocument<Pushed, Variables>;
  readonly variables: Variables;
  readonly request: (client: Client, page: number) => Promise<unknown>;
  readonly groupOf: (pushed: Pushed) => number;
  readonly answer: (client: Client, group: number) => Promise<Answered>;
  /** The type of the event that the answer's reply must end with. */
  readonly lastEvent: string;
}

interface Answered {
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
async function converse<Pushed, Variables extends Record<string, unknown>>(
  client: Client,
  conversation: Conversation<Pushed, Variables>,
): Promise<() => Promise<number>> {
  const { subscription: query, variables, request, answer } = conversation;
  const pushes = client.iterate<Pushed>({ query, variables });
  // The bare side keeps nothing for a subscriber that is not there yet.
  await once(client, PingDocument);
  await sleep(SUBSCRIBED_MS);
  let page = 0;
  return async () => {
    const started = performance.now();
    const pushed = pushes.next();
    const requested = request(client, page++);
    const group = conversation.groupOf(dataOf<Pushed>((await pushed).value!));
    const answered = await answer(client, group);
    await requested;
    const elapsed = performance.now() - started;
    if (answered.events.at(-1)?.type !== conversation.lastEvent) {
      throw new Error(JSON.stringify(answered));
    }
    return elapsed;
  };
}

const BARE = conversationOf({
  subscription: UPDATES,
  variables: {},
  request: (client, page) => once(client, REQUEST, { group: page }),
  groupOf: ({ update }) => update.group,
  answer: async (client, group) => (await once(client, ANSWER, { group })).answer,
  lastEvent: 'Sent',
});

/** Attaches a PCI function to a fault-capable hwpt. */
async function prepare(url: string) {
  const client = httpClient(url);
  const made = await client.post(MakeFaultingDocument, { bdf: '0000:01:00.0' });
  client.close();
  const { contextId } = made.contextOpen!;
  const faultId = made.faultQueueAlloc!.outFaultId;
  return conversationOf({
    subscription: BenchIopfGroupsDocument,
    variables: { contextId, faultId },
    request: (sender, page) =>
      once(sender, BenchPageRequestDocument, { addr: `0x${((page + 1) * 4096).toString(16)}` }),
    groupOf: ({ update }) => update.iopfGroup.cookie!,
    answer: async (sender, cookie) => {
      const { answer } = await once(sender, BenchAnswerGroupDocument, {
        contextId,
        faultId,
        cookie,
      });
      return { events: answer!.events };
    },
    lastEvent: 'PageResponseSent',
  });
}

/** The conversation, whose document says what the others get. */
function conversationOf<Pushed, Variables>(
  conversation: Conversation<Pushed, Variables>,
): Conversation<Pushed, Variables> {
  return conversation;
}
