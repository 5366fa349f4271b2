/** What deep forks cost, in reads of the database. */
import SqliteDatabase from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { RowLog } from '../../../src/log/row-log.ts';
import type { RowStore } from '../../../src/log/row-store.ts';
import { migrate } from '../../../src/log/sqlite/schema.ts';
import { sqliteStore } from '../../../src/log/sqlite/sqlite-store.ts';
import { AT_MS, fill, next } from '../fixtures.ts';

/** A store that counts the calls of the methods that read. */
function counting(store: RowStore): { store: RowStore; reads: () => number } {
  let reads = 0;
  const counted = <T extends object>(part: T): T =>
    Object.fromEntries(
      Object.entries(part).map(([name, method]) => [
        name,
        typeof method !== 'function'
          ? method
          : (...args: unknown[]) => {
              reads++;
              return method(...args);
            },
      ]),
    ) as T;
  return { store: { ...counted(store), forks: counted(store.forks) }, reads: () => reads };
}

/** Reads for verifying all machines of a chain of forks, each of one operation more. */
async function readsToVerify(depth: number): Promise<number> {
  const database = new SqliteDatabase(':memory:');
  onTestFinished(() => {
    database.close();
  });
  await migrate(database);
  const { store, reads } = counting(sqliteStore(database));
  const log = new RowLog(store);
  let last = (await fill(log, 'f0', 3)).at(-1)!;
  for (let i = 1; i <= depth; i++) {
    const [machineId, parentId] = [`f${i}`, `f${i - 1}`];
    await log.fork({ machineId, parentId, number: last.number, atMs: AT_MS });
    last = next(last);
    await log.append([{ machineId, operation: last }]);
  }
  const before = reads();
  const heads = await log.machines({ after: null, limit: depth + 1 });
  expect(heads).toHaveLength(depth + 1);
  for (const { machineId } of heads) expect(await log.verify(machineId, 'OWN')).toBeNull();
  return reads() - before;
}

test('verifying takes as many reads for each fork however deep it is', async () => {
  const [shallow, deep] = [await readsToVerify(50), await readsToVerify(200)];
  expect(shallow).toBeGreaterThan(50);
  expect(deep / 200).toBeLessThan((1.05 * shallow) / 50);
});
