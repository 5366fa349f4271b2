/**
 * `npm run bench:soak [-- --minutes N]`: page faults at full speed for ten minutes, answered over a
 * WebSocket, and the memory of the server after a full garbage collection every half minute. It must
 * stay flat: what a server holds does not grow with its log.
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  BenchAnswerGroupDocument,
  BenchIopfGroupsDocument,
  type BenchIopfGroupsSubscription,
  BenchPageRequestDocument,
  MakeFaultingDocument,
} from '../src/operations/operations.ts';
import { inDirectory, median } from './measure.ts';
import { httpClient, once, webSocketClient } from './server/client.ts';
import { type ServerProcess, startOurs } from './server/server-process.ts';

const MINUTES_DEFAULT = 10;
const SAMPLE_MS = 30_000;
/** Faults under way at a time. */
const LANES = 8;
/** Growth from the first half's median to the second's that counts as flat, of reachable memory. */
const GROWTH_MAX = 1.1;
/** Samples at the beginning that do not count: caches fill, code is compiled. */
const WARM_UP_SAMPLES = 2;
/** What the last answers may take once no more faults come. */
const LAST_ANSWERS_MS = 10_000;
const BDF = '0000:01:00.0';

interface Sample {
  readonly seconds: number;
  readonly faults: number;
  readonly reachable: number;
  readonly resident: number;
}

async function soak(server: ServerProcess, minutes: number): Promise<Sample[]> {
  const http = httpClient(server.url);
  const made = await http.post(MakeFaultingDocument, { bdf: BDF });
  http.close();
  const { contextId } = made.contextOpen!;
  const faultId = made.faultQueueAlloc!.outFaultId;
  const client = webSocketClient(server.url);
  const variables = { contextId, faultId };
  const groups = client.iterate<BenchIopfGroupsSubscription>({
    query: BenchIopfGroupsDocument,
    variables,
  });
  const until = performance.now() + minutes * 60_000;
  let faults = 0;
  /** Of the lanes, each for an answer, as a device that has no more credits. */
  const waiting: (() => void)[] = [];
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      const page = ++faults % 65_536;
      const fault = once(client, BenchPageRequestDocument, { addr: `0x${page.toString(16)}000` });
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      const { pageRequest } = await fault;
      if (!(pageRequest && 'outcome' in pageRequest)) throw new Error('a fault was refused');
      await promise;
    }
  };
  let answered = 0;
  const answering = (async () => {
    for await (const { data } of groups) {
      const { kind, iopfGroup } = data!.update;
      if (kind !== 'DELIVERED') throw new Error(`a group is ${kind}, and nobody took one away`);
      const queue = { contextId, faultId, cookie: iopfGroup.cookie! };
      const { answer } = await once(client, BenchAnswerGroupDocument, queue);
      if (!(answer && 'bytes' in answer)) throw new Error('an answer was refused');
      answered++;
      waiting.shift()!();
    }
  })();
  const samples: Sample[] = [];
  const started = performance.now();
  const sampling = (async () => {
    while (performance.now() < until) {
      await new Promise(resolve => setTimeout(resolve, SAMPLE_MS));
      const { reachable, resident } = await server.memory();
      const sample = {
        seconds: Math.round((performance.now() - started) / 1_000),
        faults,
        reachable,
        resident,
      };
      samples.push(sample);
      process.stdout.write(`${line(sample)}\n`);
    }
  })();
  // An answer that fails ends it all, and not half an hour later.
  const lanes = Promise.all([sampling, ...Array.from({ length: LANES }, lane)]);
  await Promise.race([lanes, answering.then(() => lanes)]);
  for (let waited = 0; answered < faults && waited < LAST_ANSWERS_MS; waited += 100) {
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  if (answered !== faults) throw new Error(`${faults} faults, ${answered} of them answered`);
  await groups.return?.();
  await client.dispose();
  return samples;
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function line({ seconds, faults, reachable, resident }: Sample): string {
  const rate = Math.round(faults / seconds);
  return `${seconds} s: ${faults} faults (${rate} a second), reachable ${mebibytes(reachable)}, resident ${mebibytes(resident)}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: 'string' } } });
  const minutes = values.minutes === undefined ? MINUTES_DEFAULT : Number(values.minutes);
  if (!(minutes >= 2)) {
    process.stderr.write('soak: --minutes must be a number from 2 on\n');
    return 2;
  }
  const samples = await inDirectory(async directory => {
    const server = await startOurs(join(directory, 'soak.db'));
    try {
      return await soak(server, minutes);
    } finally {
      await server.stop();
    }
  });
  const counted = samples.slice(WARM_UP_SAMPLES).map(({ reachable }) => reachable);
  const half = Math.floor(counted.length / 2);
  const growth = median(counted.slice(-half)) / median(counted.slice(0, half));
  const flat = growth <= GROWTH_MAX;
  process.stdout.write(
    `reachable memory, second half against first: ${growth.toFixed(3)}× (at most ${GROWTH_MAX}): ${flat ? 'flat' : 'NOT FLAT'}\n`,
  );
  return flat ? 0 : 1;
}

process.exitCode = await main();
