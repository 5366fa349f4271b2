/** Memory of 1,000 subscribers to whom nothing comes, on several WebSockets. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import {
  BenchContextOpenDocument,
  EventTypesDocument,
  PingDocument,
} from '../../src/operations/operations.ts';
import { type BenchRow, inDirectory } from '../measure.ts';
import { REQUEST, UPDATES } from './bare-documents.ts';
import { type HttpClient, httpClient, once, webSocketClient } from './client.ts';
import type { MemoryInUse } from './memory.ts';
import { type ServerProcess, startBare, startOurs } from './server-process.ts';

const SUBSCRIBERS_A_SOCKET = 50;
const SOCKETS = 20;
/** Milliseconds for one event to reach all subscribers. */
const DELIVERY_MS = 5_000;
const BAR_KB = 64;

interface Side {
  readonly subscription: string;
  /** Makes one event for every subscriber. */
  readonly tell: (client: HttpClient) => Promise<unknown>;
}

const OURS: Side = {
  subscription: EventTypesDocument,
  tell: client => client.post(BenchContextOpenDocument),
};
const BARE: Side = {
  subscription: UPDATES,
  tell: client => client.post(REQUEST, { group: 1 }),
};

export function benchSubscribers(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const server = await startOurs(join(directory, 'subscribers.db'));
    const ours = await memoryEach(server, OURS);
    await server.stop();
    const bareServer = await startBare();
    const bare = await memoryEach(bareServer, BARE);
    await bareServer.stop();
    const row = (what: string, key: keyof MemoryInUse): BenchRow => ({
      what: `${what} of each of 1,000 silent subscribers, ${SOCKETS} sockets`,
      ours: `${ours[key].toFixed(1)} KB`,
      bare: `${bare[key].toFixed(1)} KB`,
      ratio: ours[key] / bare[key],
      bar: `≤ ${BAR_KB} KB`,
      met: ours[key] <= BAR_KB,
    });
    return [row('reachable memory', 'reachable'), row('resident memory', 'resident')];
  });
}

/** Kilobytes of 1,024 bytes that each subscriber adds. */
async function memoryEach(server: ServerProcess, side: Side): Promise<MemoryInUse> {
  let told = 0;
  // The first subscribers bring code and caches that the others share.
  const clients = [await connect(server, side, () => told++)];
  const before = await server.memory();
  for (let i = 0; i < SOCKETS; i++) clients.push(await connect(server, side, () => told++));
  const after = await server.memory();
  // Proof that all of them were there.
  const http = httpClient(server.url);
  await side.tell(http);
  const subscribers = clients.length * SUBSCRIBERS_A_SOCKET;
  for (let waited = 0; told < subscribers && waited < DELIVERY_MS; waited += 10) await sleep(10);
  http.close();
  for (const client of clients) await client.dispose();
  if (told !== subscribers) throw new Error(`${told} of ${subscribers} subscribers were told`);
  const each = (key: keyof MemoryInUse) => {
    return (after[key] - before[key]) / (SOCKETS * SUBSCRIBERS_A_SOCKET) / 1_024;
  };
  return { reachable: each('reachable'), resident: each('resident') };
}

/** One WebSocket with its subscriptions, all open. */
async function connect(server: ServerProcess, side: Side, next: () => void): Promise<Client> {
  const client = webSocketClient(server.url);
  const error = (reason: unknown) => {
    throw new Error(`a subscription failed: ${JSON.stringify(reason)}`);
  };
  for (let i = 0; i < SUBSCRIBERS_A_SOCKET; i++) {
    client.subscribe({ query: side.subscription }, { next, error, complete: () => {} });
  }
  // Answered in the order of arrival, but opening a subscription takes a few more turns.
  await once(client, PingDocument);
  await sleep(20);
  return client;
}
