/** From the start of the process to the first answer over HTTP. */
import { join } from 'node:path';
import { MACHINE } from '../engine/workload.ts';
import { longLogFile, MANY } from '../log/long-log.ts';
import { type BenchRow, inDirectory, median } from '../measure.ts';
import { httpClient } from './client.ts';
import { type ServerProcess, startBare, startOurs } from './server-process.ts';

const ROUNDS = 5;
const BAR_MS = 1_000;

export function benchStart(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const long = await longLogFile(MANY);
    const newFile = (round: number) => join(directory, `start-${round}.db`);
    return [
      await compare('start to first answer, on a new file', newFile, '{ machine { seq } }'),
      await compare(
        'start to first answer, of a machine with 1,000,000 events',
        () => long,
        `{ machine(machineId: "${MACHINE}") { seq } }`,
      ),
    ];
  });
}

/** On the database of each round. */
async function compare(
  what: string,
  databaseOf: (round: number) => string,
  query: string,
): Promise<BenchRow> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await untilAnswer(() => startOurs(databaseOf(round)), query));
    bare.push(await untilAnswer(startBare, '{ hello }'));
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

async function untilAnswer(start: () => Promise<ServerProcess>, query: string): Promise<number> {
  const started = performance.now();
  const server = await start();
  const client = httpClient(server.url);
  await client.post(query);
  const elapsed = performance.now() - started;
  client.close();
  await server.stop();
  return elapsed;
}
