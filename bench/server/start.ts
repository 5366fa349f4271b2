/** From the start of the process to the first answer over HTTP. */
import { join } from 'node:path';
import { DEFAULT_MACHINE_ID } from '../../src/abi/limits.ts';
import { MachineSeqDocument } from '../../src/operations/operations.ts';
import { MACHINE } from '../engine/workload.ts';
import { longLogFile, MANY } from '../log/long-log.ts';
import { type BenchRow, inDirectory, median } from '../measure.ts';
import { HELLO } from './bare-documents.ts';
import { type HttpClient, httpClient } from './client.ts';
import { type ServerProcess, startBare, startOurs } from './server-process.ts';

const ROUNDS = 5;
const BAR_MS = 1_000;

export function benchStart(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const long = await longLogFile(MANY);
    const newFile = (round: number) => join(directory, `start-${round}.db`);
    return [
      await compare('start to first answer, on a new file', newFile, DEFAULT_MACHINE_ID),
      await compare(
        'start to first answer, of a machine with 1,000,000 events',
        () => long,
        MACHINE,
      ),
    ];
  });
}

/** On the database of each round. */
async function compare(
  what: string,
  databaseOf: (round: number) => string,
  machineId: string,
): Promise<BenchRow> {
  const seq = (client: HttpClient) => client.post(MachineSeqDocument, { machineId });
  const hello = (client: HttpClient) => client.post(HELLO);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await untilAnswer(() => startOurs(databaseOf(round)), seq));
    bare.push(await untilAnswer(startBare, hello));
  }
  const oursMs = median(ours);
  return {
    what: `${what}, against Yoga { hello }`,
    ours: `${oursMs.toFixed(0)} ms`,
    bare: `${median(bare).toFixed(0)} ms`,
    ratio: oursMs / median(bare),
    bar: `≤ ${BAR_MS / 1_000} s`,
    met: oursMs <= BAR_MS,
  };
}

async function untilAnswer(
  start: () => Promise<ServerProcess>,
  ask: (client: HttpClient) => Promise<unknown>,
): Promise<number> {
  const started = performance.now();
  const server = await start();
  const client = httpClient(server.url);
  await ask(client);
  const elapsed = performance.now() - started;
  client.close();
  await server.stop();
  return elapsed;
}
