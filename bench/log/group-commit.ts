/**
 * Group commit: 32 clients of one machine against one, each waiting for its answer before it sends
 * the next command, with synchronous=FULL. Without group commit both are as fast as the disk.
 */
import { join } from 'node:path';
import { Engine } from '../../src/engine/machine/engine.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { expectSuccess, type Faulting, MACHINE, makeFaulting } from '../engine/workload.ts';
import { atLeast, type BenchRow, inDirectory, median } from '../measure.ts';

const ROUNDS = 9;
const ROUND_MS = 300;
const CLIENTS = 32;

export function benchGroupCommit(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const log = await openSqliteLog({ file: join(directory, 'group.db'), durability: 'full' });
    const engine = new Engine({ log, now: Date.now });
    const faulting = await makeFaulting(engine);
    const many: number[] = [];
    const one: number[] = [];
    await rate(engine, faulting, CLIENTS);
    for (let round = 0; round < ROUNDS; round++) {
      many.push(await rate(engine, faulting, CLIENTS));
      one.push(await rate(engine, faulting, 1));
    }
    await log.close();
    const rates = { ours: median(many), bare: median(one) };
    return [atLeast(`group commit, FULL: ${CLIENTS} clients against 1`, 'op/s', rates, 8)];
  });
}

/** Operations a second of so many clients. */
async function rate(engine: Engine, faulting: Faulting, clients: number): Promise<number> {
  const started = performance.now();
  const until = started + ROUND_MS;
  const runs: Promise<number>[] = [];
  for (let client = 0; client < clients; client++) runs.push(runClient(engine, faulting, until));
  let operations = 0;
  for (const run of runs) operations += await run;
  return (operations * 1_000) / (performance.now() - started);
}

/** Allocates and destroys by turns, so that the machine does not grow. */
async function runClient(engine: Engine, { contextId }: Faulting, until: number): Promise<number> {
  let operations = 0;
  while (performance.now() < until) {
    const alloc = await engine.execute(MACHINE, { type: 'IoasAlloc', contextId, flags: 0 });
    const { outIoasId: id } = expectSuccess(alloc).reply as { outIoasId: number };
    expectSuccess(await engine.execute(MACHINE, { type: 'Destroy', contextId, id }));
    operations += 2;
  }
  return operations;
}
