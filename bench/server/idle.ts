/** What an event costs for each subscriber that it tells nothing, and for each that it tells of. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import { type BenchRow, inDirectory } from '../measure.ts';
import { type HttpClient, httpClient, once, untyped, webSocketClient } from './client.ts';
import { type ServerProcess, startOurs } from './server-process.ts';

const SOCKETS = 20;
const SUBSCRIBERS_A_SOCKET = 75;
const SUBSCRIBERS = SOCKETS * SUBSCRIBERS_A_SOCKET;
const OPERATIONS = 1_000;
const BAR_US = 5;
const QUIET = 'quiet';
const BUSY = 'busy';

export const IDLE_NOTE = `\
Idle subscribers observe or handle a fault queue to which nothing comes, or follow another machine,
while ${OPERATIONS} contexts are opened one after the other. Their cost is what the server's main
thread runs beyond what it runs without any, for one operation of one event and one subscriber.`;

export function benchIdle(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const server = await startOurs(join(directory, 'idle.db'));
    try {
      const http = httpClient(server.url);
      for (const machineId of [QUIET, BUSY]) await makeQueue(http, machineId);
      // Warm.
      await microseconds(server, http);
      const measure = async (what: string, subscription: string, bar: number | null) => {
        const alone = await microseconds(server, http);
        const told = { times: 0 };
        const clients = await subscribe(server, subscription, told);
        const each = bar === null ? SUBSCRIBERS : 0;
        const beside = await microseconds(server, http, { told, each });
        for (const client of clients) await client.dispose();
        return rowOf(what, (beside - alone) / SUBSCRIBERS, alone, bar);
      };
      const groups = (mode: string) =>
        `subscription { iopfGroups(machineId: "${BUSY}", contextId: 1, faultId: 1, mode: ${mode}) { kind } }`;
      const events = (machineId: string) =>
        `subscription { events(machineId: "${machineId}") { seq type } }`;
      const rows = [
        await measure('observes a quiet queue of the machine', groups('OBSERVE'), BAR_US),
        await measure('handles a quiet queue of the machine', groups('HANDLE'), BAR_US),
        await measure('follows another machine', events(QUIET), BAR_US),
        await measure('follows the machine and is told', events(BUSY), null),
      ];
      http.close();
      return rows;
    } finally {
      await server.stop();
    }
  });
}

function rowOf(what: string, each: number, alone: number, bar: number | null): BenchRow {
  return {
    what: `an event, for each of ${SUBSCRIBERS.toLocaleString('en-US')} subscribers that ${what}`,
    ours: `${each.toFixed(2)} µs`,
    bare: `${alone.toFixed(0)} µs the operation`,
    ratio: null,
    bar: bar === null ? '' : `≤ ${bar} µs`,
    met: bar === null ? null : each <= bar,
  };
}

async function makeQueue(http: HttpClient, machineId: string): Promise<void> {
  const run = (name: string, input: string) =>
    http.post(
      untyped(`mutation { ${name}(input: {machineId: "${machineId}"${input}}) { __typename } }`),
      {},
    );
  await run('machineCreate', ', devices: []');
  await run('contextOpen', '');
  await run('faultQueueAlloc', ', contextId: 1');
}

interface Told {
  times: number;
}

/** Of the server's main thread, for one operation. */
async function microseconds(
  server: ServerProcess,
  http: HttpClient,
  { told, each }: { told: Told; each: number } = { told: { times: 0 }, each: 0 },
): Promise<number> {
  // Telling all takes a while each time.
  const operations = each === 0 ? OPERATIONS : OPERATIONS / 20;
  const open = `mutation { contextOpen(input: {machineId: "${BUSY}"}) { ... on ContextOpenPayload { contextId } } }`;
  const before = server.cpuMs();
  for (let i = 0; i < operations; i++) {
    const { contextOpen } = await http.post(untyped(open), {});
    const { contextId } = contextOpen as unknown as { contextId: number };
    const close = `mutation { contextClose(input: {machineId: "${BUSY}", contextId: ${contextId}}) { __typename } }`;
    await http.post(untyped(close), {});
  }
  while (told.times < 2 * operations * each) await sleep(10);
  if (each === 0 && told.times > 0) throw new Error('a subscriber was told something');
  return ((server.cpuMs() - before) * 1_000) / (2 * operations);
}

async function subscribe(server: ServerProcess, query: string, told: Told): Promise<Client[]> {
  const clients: Client[] = [];
  const failed = (reason: unknown) => {
    throw new Error(`a subscription failed: ${JSON.stringify(reason)}`);
  };
  for (let socket = 0; socket < SOCKETS; socket++) {
    const client = webSocketClient(server.url);
    clients.push(client);
    for (let i = 0; i < SUBSCRIBERS_A_SOCKET; i++) {
      client.subscribe({ query }, { next: () => told.times++, error: failed, complete: () => {} });
    }
    await once(client, untyped('{ __typename }'), {});
  }
  await sleep(500);
  return clients;
}
