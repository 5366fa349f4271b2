/**
 * What `{ __typename }` of another client waits beside requests made to hold it up, in milliseconds
 * that the server's main thread runs: other programs of the machine do not count.
 */

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { MACHINE } from '../engine/workload.ts';
import { type FEW, longLogFile, MANY } from '../log/long-log.ts';
import { type BenchRow, inDirectory, quantile } from '../measure.ts';
import { type HttpClient, httpClient, untyped } from './client.ts';
import { HARD, makeHardwareWorld } from './hardware-world.ts';
import { type ServerProcess, startOurs } from './server-process.ts';
import { WORST_REQUESTS, type World, type WorstRequest } from './worst-requests.ts';

/** Milliseconds at p99. */
const BAR_MS = 50;
/** Waits to measure beside each kind of request, and rounds of it at most. */
const WAITS = 200;
const ROUNDS_MAX = 40;
/** Milliseconds to look at one kind, at most. */
const TIME_MS = 10_000;
const WIDE = 'wide';

export const WAITING_NOTE = `\
A wait is what the server's main thread runs from a \`{ __typename }\` to its answer, while another
client's request is worked on; that is asked for again until enough was measured. "bare" is the wait
beside nothing, and what one such request took in that time stands in brackets.`;

export function benchWaiting(): Promise<BenchRow[]> {
  return waiting(MANY);
}

/** Beside a log of so many events. */
export function waiting(events: typeof FEW | typeof MANY): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const database = join(directory, 'waiting.db');
    copyFileSync(await longLogFile(events), database);
    const server = await startOurs(database);
    const rows: BenchRow[] = [];
    try {
      const prober = httpClient(server.url);
      const maker = httpClient(server.url);
      const world = await makeWorld(maker);
      maker.close();
      for (let i = 0; i < WAITS; i++) await wait(server, prober);
      const alone = quantile(await alone_(server, prober), 0.99);
      for (const [name, make] of Object.entries(WORST_REQUESTS)) {
        const { waits, workMs } = await beside(server, prober, round => make(world, round));
        const p99 = quantile(waits, 0.99);
        rows.push({
          what: `{ __typename } beside ${name}, p99 (${workMs.toFixed(0)} ms)`,
          ours: `${p99.toFixed(1)} ms`,
          bare: `${alone.toFixed(1)} ms`,
          ratio: null,
          bar: `≤ ${BAR_MS} ms`,
          met: p99 <= BAR_MS,
        });
      }
      prober.close();
    } finally {
      await server.stop();
    }
    return rows;
  });
}

async function makeWorld(client: HttpClient): Promise<World> {
  const create =
    'mutation ($input: MachineCreateInput!) { machineCreate(input: $input) { __typename } }';
  await client.post(untyped(create), { input: { machineId: WIDE, devices: [] } });
  const open = 'mutation ($input: ContextOpenInput!) { contextOpen(input: $input) { __typename } }';
  await client.post(untyped(open), { input: { machineId: WIDE } });
  const alloc = 'mutation ($input: IoasAllocInput!) { ioasAlloc(input: $input) { __typename } }';
  const all = Array.from({ length: 1_000 }, () =>
    client.post(untyped(alloc), { input: { machineId: WIDE, contextId: 1 } }),
  );
  await Promise.all(all);
  await makeHardwareWorld(client);
  const { machine } = await client.post(
    untyped(`{ machine(machineId: "${MACHINE}") { seq } }`),
    {},
  );
  return {
    long: MACHINE,
    wide: WIDE,
    hard: HARD,
    seq: (machine as unknown as { seq: number }).seq,
  };
}

async function wait(server: ServerProcess, prober: HttpClient): Promise<number> {
  const before = server.cpuMs();
  await prober.post(untyped('{ __typename }'), {});
  return server.cpuMs() - before;
}

async function alone_(server: ServerProcess, prober: HttpClient): Promise<number[]> {
  const waits: number[] = [];
  while (waits.length < WAITS) waits.push(await wait(server, prober));
  return waits;
}

async function beside(
  server: ServerProcess,
  prober: HttpClient,
  make: (round: number) => WorstRequest,
): Promise<{ waits: number[]; workMs: number }> {
  const waits: number[] = [];
  let workMs = 0;
  let round = 0;
  const until = performance.now() + TIME_MS;
  while (waits.length < WAITS && round < ROUNDS_MAX && performance.now() < until) {
    const worker = httpClient(server.url);
    const { query, variables } = make(round++);
    let working = true;
    const before = server.cpuMs();
    // What is refused counts as what is answered.
    const work = worker
      .post(untyped(query), variables ?? {})
      .catch(() => {})
      .then(() => {
        working = false;
      });
    while (working && waits.length < WAITS && performance.now() < until) {
      waits.push(await wait(server, prober));
    }
    worker.close();
    await work;
    workMs += server.cpuMs() - before;
  }
  return { waits, workMs: workMs / round };
}
