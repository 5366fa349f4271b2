/**
 * A process of its own that appends operations until it wrote `count` of them, going on behind
 * other writers, and prints each number after its append was acknowledged.
 * Arguments: file, machine id, count.
 */
import { writeSync } from 'node:fs';
import { ConcurrencyError } from '../../src/log/log.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { next } from './fixtures.ts';

const [file, machineId, count] = process.argv.slice(2) as [string, string, string];
const log = await openSqliteLog({ file, durability: 'normal' });
for (let won = 0; won < Number(count); ) {
  const newest = await log.read(machineId, { limit: 1, order: 'backward' });
  const operation = next(newest[0] ?? null);
  try {
    await log.append([{ machineId, operation }]);
    writeSync(1, `${operation.number}\n`);
    won++;
  } catch (error) {
    if (!(error instanceof ConcurrencyError)) throw error;
  }
}
await log.close();
