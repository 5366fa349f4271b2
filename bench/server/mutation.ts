/** A mutation over HTTP against Yoga's `{ hello }`: one client, one keep-alive connection. */
import { join } from 'node:path';
import {
  BenchContextOpenDocument,
  BenchDestroyDocument,
  BenchIoasAllocDocument,
} from '../../src/operations/operations.ts';
import { atMost, type BenchRow, inDirectory, median, quantile } from '../measure.ts';
import { HELLO } from './bare-documents.ts';
import { type HttpClient, httpClient } from './client.ts';
import { startBare, startOurs } from './server-process.ts';

const ROUNDS = 12;
const PAIRS_A_ROUND = 150;
const WARM_UP_ROUNDS = 6;

export function benchMutation(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const server = await startOurs(join(directory, 'mutation.db'));
    const bareServer = await startBare();
    const client = httpClient(server.url);
    const bareClient = httpClient(bareServer.url);
    const { contextOpen } = await client.post(BenchContextOpenDocument);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const times = await mutate(client, contextOpen!.contextId);
      const bareTimes = await hello(bareClient);
      if (round < WARM_UP_ROUNDS) continue;
      ours.push(...times);
      bare.push(...bareTimes);
    }
    client.close();
    bareClient.close();
    await Promise.all([server.stop(), bareServer.stop()]);
    const what = 'mutation over HTTP (committed) against Yoga { hello }';
    const at99 = { ours: quantile(ours, 0.99), bare: quantile(bare, 0.99) };
    return [
      atMost(`${what}, p50`, 'ms', { ours: median(ours), bare: median(bare) }, 2.5),
      atMost(`${what}, p99`, 'ms', at99, null),
    ];
  });
}

/** Allocates an IOAS and destroys it, so that the machine does not grow. Milliseconds of each. */
async function mutate(client: HttpClient, contextId: number): Promise<number[]> {
  const times: number[] = [];
  for (let pair = 0; pair < PAIRS_A_ROUND; pair++) {
    const started = performance.now();
    const { ioasAlloc } = await client.post(BenchIoasAllocDocument, { contextId });
    const between = performance.now();
    const id = ioasAlloc!.outIoasId;
    const { destroy } = await client.post(BenchDestroyDocument, { contextId, id });
    times.push(between - started, performance.now() - between);
    if (!('seq' in destroy!)) throw new Error('destroy was refused');
  }
  return times;
}

async function hello(client: HttpClient): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < 2 * PAIRS_A_ROUND; i++) {
    const started = performance.now();
    await client.post(HELLO);
    times.push(performance.now() - started);
  }
  return times;
}
