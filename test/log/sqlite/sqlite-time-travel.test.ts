/** What time travel keeps in an SQLite file may be missing, old or damaged without harm. */
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { expect, test } from 'vitest';
import * as operations0001 from '../../../migrations/0001-operations.ts';
import { encode, FIRST_PREVIOUS_HASH } from '../../../src/log/codec.ts';
import { APPLICATION_ID } from '../../../src/log/sqlite/schema.ts';
import { openSqliteLog } from '../../../src/log/sqlite/sqlite.ts';
import { openSqliteLogToRead } from '../../../src/log/sqlite/sqlite-read.ts';
import { AT_MS, fill, next, operations } from '../fixtures.ts';
import { temporaryDirectory } from '../temporary.ts';

const temporaryFile = () => join(temporaryDirectory(), 'log.db');
const open = (file: string) => openSqliteLog({ file, durability: 'normal' });

/** A file as the first version made it, with `count` operations of machine `m`. */
async function firstVersion(file: string, count: number): Promise<void> {
  const database = new SqliteDatabase(file);
  database.pragma(`application_id = ${APPLICATION_ID}`);
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  await operations0001.up(db);
  database.exec(
    `create table kysely_migration (name varchar(255) not null primary key, timestamp varchar(255) not null);
     create table kysely_migration_lock
       (id varchar(255) not null primary key, is_locked integer not null default 0);
     insert into kysely_migration values ('0001-operations', '2026-11-22T00:00:00.000Z');
     insert into kysely_migration_lock values ('migration_lock', 0)`,
  );
  const insert = database.prepare('insert into operations values (?,?,?,?,?,?,?,?,?,?)');
  let previous = FIRST_PREVIOUS_HASH;
  for (const operation of operations(count)) {
    const r = encode('m', operation, previous);
    const place = [r.machineId, r.number, r.seqBefore, r.seq, r.atMs];
    insert.run(...place, r.type, r.errno, r.events, r.body, r.hash);
    previous = r.hash;
  }
  database.close();
}

function edit(file: string, sql: string): void {
  const database = new SqliteDatabase(file);
  database.exec(sql);
  database.close();
}

test('a file of the first version is brought to this one with all it holds', async () => {
  const file = temporaryFile();
  await firstVersion(file, 12);
  const log = await open(file);
  expect(await log.read('m', { limit: 99, verify: true })).toEqual(operations(12));
  expect(await log.refused('m', { afterNumber: 0, untilNumber: 99, limit: 9 })).toEqual([2, 7, 12]);
  await log.fork({ machineId: 'f', parentId: 'm', number: 4, atMs: AT_MS });
  expect(await log.verify('f')).toBeNull();
  await log.close();
});

test('a damaged file of the first version is refused', async () => {
  const file = temporaryFile();
  await firstVersion(file, 5);
  edit(file, `update operations set events = '[]' where number = 3`);
  await expect(open(file)).rejects.toThrow(/machine m, operation 3, .*hash does not match/);
});

test('snapshots that were changed or are of another version are as if they were not there', async () => {
  const file = temporaryFile();
  const log = await open(file);
  const written = await fill(log, 'm', 15);
  for (const index of [2, 5, 8, 14]) {
    const { number, seq } = written[index]!;
    await log.putSnapshot('m', { number, seq, state: `{"seq":${seq}}` });
  }
  const newest = async () => (await log.snapshotBefore('m', 1e9))?.number ?? null;
  expect(await newest()).toBe(15);
  edit(file, `update snapshots set state = state || ' ' where number = 15`);
  expect(await newest()).toBe(9);
  edit(file, 'update snapshots set version = version + 1 where number = 9');
  expect(await newest()).toBe(6);
  edit(file, `update snapshots set hash = '${'0'.repeat(64)}' where number = 6`);
  expect(await newest()).toBe(3);
  edit(file, 'delete from snapshots');
  expect(await newest()).toBeNull();
  await log.close();
});

test('a fork is refused at open if what it shares was changed or cut off', async () => {
  for (const [damage, named] of [
    [`update operations set at_ms = at_ms + 1 where number = 3 and machine_id = 'm'`, /machine m/],
    [`delete from operations where machine_id = 'm' and number > 3`, /machine f.*forked at/],
  ] as const) {
    const file = temporaryFile();
    const log = await open(file);
    const written = await fill(log, 'm', 6);
    await log.fork({ machineId: 'f', parentId: 'm', number: 5, atMs: AT_MS });
    await log.append([{ machineId: 'f', operation: next(written[4]!) }]);
    for (const which of ['ALL', 'OWN'] as const) expect(await log.verify('f', which)).toBeNull();
    await log.close();
    edit(file, damage);
    await expect(open(file)).rejects.toThrow(named);
    const reading = await openSqliteLogToRead(file);
    const whole = await reading.verify('f', 'ALL');
    const own = await reading.verify('f', 'OWN');
    await reading.close();
    expect(whole).not.toBeNull();
    // What changed before the fork is its parent's to tell, unless it is the very operation.
    expect(own === null).toBe(damage.startsWith('update'));
  }
});
