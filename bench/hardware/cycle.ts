/**
 * A device's DMA through a fault, over one WebSocket: the mutation dma misses, the group is pushed on
 * the handler's subscription, and one document maps the page in the guest's table and answers; its
 * reply ends with the event by which the retried DMA moved its bytes. Four operations, each committed
 * to the SQLite file before it is told.
 *
 * Bare: graphql-js and graphql-ws with messages of the same shape and no state, as in server/fault.ts.
 *
 * Besides, a device's program of a thousand such faults, whose handler has up to 64 groups in hand.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import {
  BenchModelledGroupsDocument,
  DmaReadDocument,
  MakeModelledDocument,
  MapAndAnswerDocument,
  PingDocument,
  ProgramLoadAndRunDocument,
} from '../../src/operations/operations.ts';
import { atMost, type BenchRow, count, inDirectory, median, quantile } from '../measure.ts';
import { ANSWER, REQUEST, UPDATES } from '../server/bare-documents.ts';
import { dataOf, once, webSocketClient } from '../server/client.ts';
import { startBare, startOurs } from '../server/server-process.ts';

const ROUNDS = 10;
const CYCLES_A_ROUND = 100;
const WARM_UP_ROUNDS = 6;
const BAR = 3;
/** More than enough for a subscription to open. */
const SUBSCRIBED_MS = 200;
const IOVA = 1n << 30n;
const PROGRAM_FAULTS = 1_000;
const IN_FLIGHT = 64;
const PROGRAM_ROUNDS = 5;

const pageAt = (page: number): Hex => `0x${(IOVA + BigInt(page) * 4096n).toString(16)}`;

type Hex = `0x${string}`;

export function benchHardwareCycle(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const server = await startOurs(join(directory, 'cycle.db'));
    const bareServer = await startBare();
    const client = webSocketClient(server.url);
    const bareClient = webSocketClient(bareServer.url);
    const cycle = await ourCycle(client);
    const bareCycle = await theirCycle(bareClient);
    const times: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const ours = await repeat(cycle);
      const bare = await repeat(bareCycle);
      if (round < WARM_UP_ROUNDS) continue;
      times.ours.push(...ours);
      times.bare.push(...bare);
    }
    await bareClient.dispose();
    const rates: number[] = [];
    for (let round = 0; round <= PROGRAM_ROUNDS; round++) rates.push(await program(client, round));
    await client.dispose();
    await Promise.all([server.stop(), bareServer.stop()]);
    const what = 'DMA → fault → mapped and answered → retried → done, against graphql-ws';
    const at = (part: number) => ({
      ours: quantile(times.ours, part),
      bare: quantile(times.bare, part),
    });
    return [
      atMost(`${what}, p50`, 'ms', at(0.5), BAR),
      atMost(`${what}, p99`, 'ms', at(0.99), null),
      {
        what: 'device program of 1,000 faults, 64 in flight, through one handler',
        // The first one compiles.
        ours: `${count(median(rates.slice(1)))} groups/s`,
        bare: '',
        ratio: null,
        bar: '',
        met: null,
      },
    ];
  });
}

async function repeat(cycle: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < CYCLES_A_ROUND; i++) times.push(await cycle());
  return times;
}

async function makeMachine(client: Client, machineId: string): Promise<void> {
  const made = await once(client, MakeModelledDocument, {
    machineId,
    iommu: {},
    function: { iommu: 0, priCapacity: IN_FLIGHT },
  });
  for (const [name, result] of Object.entries(made)) {
    if (result?.errno !== null) throw new Error(`${name} was refused with ${result?.errno}`);
  }
}

async function ourCycle(client: Client): Promise<() => Promise<number>> {
  const machineId = 'cycle';
  await makeMachine(client, machineId);
  const pushes = client.iterate({
    query: BenchModelledGroupsDocument,
    variables: { machineId, maxInFlight: 1 },
  });
  await once(client, PingDocument);
  await sleep(SUBSCRIBED_MS);
  let page = 0;
  return async () => {
    const iova = pageAt(page++);
    const started = performance.now();
    const pushed = pushes.next();
    const requested = once(client, DmaReadDocument, { machineId, iova });
    const { update } = dataOf((await pushed).value!) as GroupPush;
    const { cookie } = update.iopfGroup;
    const { answer } = await once(client, MapAndAnswerDocument, { machineId, iova, cookie });
    await requested;
    const elapsed = performance.now() - started;
    const last = answer !== null && 'events' in answer ? answer.events.at(-1)?.type : undefined;
    if (last !== 'DmaCompleted') throw new Error(JSON.stringify(answer));
    return elapsed;
  };
}

interface GroupPush {
  readonly update: {
    readonly kind: string;
    readonly iopfGroup: {
      readonly cookie: number;
      readonly messages: readonly { readonly addr: Hex }[];
    };
  };
}

async function theirCycle(client: Client): Promise<() => Promise<number>> {
  const pushes = client.iterate({ query: UPDATES });
  // The bare side keeps nothing for a subscriber that is not there yet.
  await once(client, PingDocument);
  await sleep(SUBSCRIBED_MS);
  let page = 0;
  return async () => {
    const started = performance.now();
    const pushed = pushes.next();
    const requested = once(client, REQUEST, { group: page++ });
    const { update } = dataOf((await pushed).value!) as {
      readonly update: { readonly group: number };
    };
    const { answer } = await once(client, ANSWER, { group: update.group });
    await requested;
    const elapsed = performance.now() - started;
    if (answer.events.at(-1)?.type !== 'Sent') throw new Error(JSON.stringify(answer));
    return elapsed;
  };
}

/** Groups answered a second, from the start of the program to its end. */
async function program(client: Client, round: number): Promise<number> {
  const machineId = `program-${round}`;
  await makeMachine(client, machineId);
  const pushes = client.iterate({
    query: BenchModelledGroupsDocument,
    variables: { machineId, maxInFlight: IN_FLIGHT },
  });
  await once(client, PingDocument);
  await sleep(SUBSCRIBED_MS);
  const ops = Array.from({ length: PROGRAM_FAULTS }, (_, page) => ({
    op: 'READ' as const,
    iova: pageAt(page),
    length: '0x1000' as const,
  }));
  const started = performance.now();
  const options = { maxOutstanding: IN_FLIGHT };
  const loaded = once(client, ProgramLoadAndRunDocument, { machineId, ops, options });
  const answers: Promise<unknown>[] = [];
  while (answers.length < PROGRAM_FAULTS) {
    const { update } = dataOf((await pushes.next()).value!) as GroupPush;
    if (update.kind !== 'DELIVERED') continue;
    const { cookie, messages } = update.iopfGroup;
    const iova = messages[0]!.addr;
    answers.push(once(client, MapAndAnswerDocument, { machineId, iova, cookie }));
  }
  await Promise.all([loaded, ...answers]);
  const seconds = (performance.now() - started) / 1_000;
  await pushes.return?.();
  return PROGRAM_FAULTS / seconds;
}
