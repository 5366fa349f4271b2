/** From the start of the process, on a file that is not there yet, to the first answer over HTTP. */
import { join } from 'node:path';
import { httpClient } from './client.ts';
import { type BenchRow, inDirectory, median } from './measure.ts';
import { type ServerProcess, startBare, startOurs } from './server-process.ts';

const ROUNDS = 5;
const BAR_MS = 1_000;

export function benchStart(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const database = join(directory, `start-${round}.db`);
      ours.push(await untilAnswer(() => startOurs(database), '{ machine { seq } }'));
      bare.push(await untilAnswer(startBare, '{ hello }'));
    }
    const oursMs = median(ours);
    return [
      {
        what: 'start to first answer, against Yoga { hello }',
        ours: `${oursMs.toFixed(0)} ms`,
        bare: `${median(bare).toFixed(0)} ms`,
        ratio: oursMs / median(bare),
        bar: `≤ ${BAR_MS / 1_000} s`,
        met: oursMs <= BAR_MS,
      },
    ];
  });
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
