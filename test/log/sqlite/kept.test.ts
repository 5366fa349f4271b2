/** What is kept beside the operations: every flipped bit is found and named, or changes no answer. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Engine } from '../../../src/engine/machine/engine.ts';
import { addBookmark } from '../../../src/engine/past/bookmarks.ts';
import { rerun } from '../../../src/engine/replay/rerun.ts';
import { DatabaseRefusedError, type Log, type Snapshot } from '../../../src/log/log.ts';
import { RowLog } from '../../../src/log/row-log.ts';
import { openSqliteLog } from '../../../src/log/sqlite/sqlite.ts';
import { checkStructures, openSqliteLogToRead } from '../../../src/log/sqlite/sqlite-read.ts';
import { sqliteStore } from '../../../src/log/sqlite/sqlite-store.ts';
import { CURRENT_UPCASTING } from '../../../src/log/upcast.ts';
import { CREATE, OPEN, runAll } from '../../engine/machine/fixtures.ts';
import { temporaryDirectory } from '../temporary.ts';

const open = (file: string) => openSqliteLog({ file, durability: 'normal' });
const temporaryFile = () => join(temporaryDirectory(), 'log.db');

/** A file with two forks, one of which has nothing of its own, two bookmarks, a rerun, snapshots. */
async function everythingKept(): Promise<string> {
  const file = temporaryFile();
  const log = await open(file);
  const engine = new Engine({ log, now: () => 1_700_000_000_000 });
  await engine.create('m', CREATE);
  await runAll(engine, 'm', [OPEN, OPEN, OPEN]);
  await engine.fork('plain', 'm', 2);
  await engine.fork('grown', 'm', 3);
  await runAll(engine, 'grown', [OPEN]);
  const { seq } = (await log.head('m'))!;
  await addBookmark(engine, 'm', 'before', 'it was “right” here', { number: 2, seq: 2 });
  await addBookmark(engine, 'grown', 'after', '', { number: 3, seq: 3 });
  const again = { recordedId: 'm', baseline: null, policies: {}, edits: [] };
  await rerun(engine, { machineId: 'again', from: 2, to: 4, ...again });
  for (const number of [2, 4]) {
    const [operation] = await log.read('m', { afterNumber: number - 1, limit: 1 });
    await log.putSnapshot('m', { number, seq: operation!.seq, state: `{"seq":${operation!.seq}}` });
    await log.putBlocks('m', [{ block: number / 2 - 1, number, version: 1, counts: '[1,2]' }]);
  }
  expect(seq).toBeGreaterThan(3);
  await log.close();
  return file;
}

/** All that can be asked of what is kept, but for snapshots, which may be missing. */
async function answers(log: Log): Promise<unknown> {
  const heads = await log.machines({ after: null, limit: 99 });
  const machines = await Promise.all(
    heads.map(async ({ machineId }) => ({
      fork: await log.forkOf(machineId),
      forks: await log.forksOf(machineId, 99),
      dependents: await log.dependentsOf(machineId),
      bookmarks: await log.bookmarks(machineId),
      rerun: await log.rerun(machineId),
      operations: await log.read(machineId, { limit: 99 }),
    })),
  );
  return { heads, machines };
}

/** As `faultline verify`: what it finds, by name. */
async function verified(file: string): Promise<string[]> {
  const found: string[] = [];
  const log = await openSqliteLogToRead(file);
  try {
    for (const { machineId } of await log.machines({ after: null, limit: 99 })) {
      const damage = await log.verify(machineId, 'OWN');
      if (damage !== null) found.push(`${machineId}: ${damage.what}`);
    }
    for (const { machineId, beside } of await log.verifyKept(null)) {
      found.push(`${machineId}: ${beside}`);
    }
  } catch (error) {
    found.push((error as Error).message);
  } finally {
    await log.close();
  }
  return [...found, ...(checkStructures(file) ?? [])];
}

/** A test that takes longer hangs. */
const HANGING_MS = 300_000;
const TABLES = ['forks', 'bookmarks', 'reruns', 'snapshots', 'blocks'] as const;

/** Each column of each row of the table with each of its bits flipped. */
function* flippedValues(database: Database, table: (typeof TABLES)[number]) {
  const rows = database.prepare(`select rowid, * from ${table}`).safeIntegers().all();
  for (const { rowid, ...columns } of rows as Record<string, bigint | string>[]) {
    for (const [column, value] of Object.entries(columns)) {
      const isText = typeof value === 'string';
      const bytes = isText ? Buffer.from(value) : Buffer.alloc(8);
      if (!isText) bytes.writeBigInt64LE(value);
      const as = isText ? 'text' : 'integer';
      const sql = `update or ignore ${table} set ${column} = cast(? as ${as}) where rowid = ?`;
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const bound = isText ? flipped : flipped.readBigInt64LE();
        yield { sql, bound, rowid: rowid!, what: `${table} row ${rowid} ${column} bit ${bit}` };
      }
    }
  }
}

describe('a flipped bit of a value is found by verify and named, or changes no answer', () => {
  test.each(TABLES)(
    'in %s',
    async table => {
      const database = new SqliteDatabase(await everythingKept());
      onTestFinished(() => {
        database.close();
      });
      const log = new RowLog(sqliteStore(database), CURRENT_UPCASTING, () => {});
      const intact = await answers(log);
      const snapshots = await allSnapshots(log);
      expect(snapshots).toHaveLength(2);
      const range = { first: 0, limit: 99, version: 1 };
      const blocks = await log.blocks('m', range);
      expect(blocks).toHaveLength(2);
      expect(await log.verifyKept(null)).toEqual([]);
      let [flipped, found] = [0, 0];
      for (const { sql, bound, rowid, what } of [...flippedValues(database, table)]) {
        database.exec('begin');
        try {
          if (database.prepare(sql).run(bound, rowid).changes === 0) continue;
          flipped++;
          const damage = await log.verifyKept(null);
          if (damage.length > 0) {
            found++;
            expect(damage[0]!.beside, what).toMatch(NAMES[table]);
          }
          // Of a damaged snapshot or block nothing is taken, and all else of the file is as it was.
          if (damage.length > 0 && table !== 'snapshots' && table !== 'blocks') continue;
          if (damage.length === 0) expect(await answers(log), what).toEqual(intact);
          for (const snapshot of await allSnapshots(log))
            expect(snapshots).toContainEqual(snapshot);
          for (const block of await log.blocks('m', range)) expect(blocks).toContainEqual(block);
        } finally {
          database.exec('rollback');
        }
      }
      expect(flipped).toBeGreaterThan(1_000);
      // Where not, a text comes back as it was, or a snapshot is of another version.
      expect(found / flipped).toBeGreaterThan(0.9);
    },
    HANGING_MS,
  );
});

const NAMES = {
  forks: /^its fork$/,
  bookmarks: /^bookmark ".+"$/s,
  reruns: /^the plan it was made by$/,
  snapshots: /^snapshot at seq -?\d+$/,
  blocks: /^counted block -?\d+$/,
};

/** What is taken of the snapshots of `m`, from the newest back. */
async function allSnapshots(log: Log): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for (let seq = 1e9; ; seq = found.at(-1)!.seq - 1) {
    const snapshot = await log.snapshotBefore('m', seq);
    if (snapshot === null) return found;
    found.push(snapshot);
  }
}

/** Offsets in the file of what is used of the pages of these tables and their indexes. */
function usedBytes(file: string): number[] {
  const database = new SqliteDatabase(file, { readonly: true });
  const named = TABLES.map(table => `'${table}'`).join(', ');
  const pages = database
    .prepare(`select rootpage from sqlite_master where tbl_name in (${named})`)
    .pluck()
    .all() as number[];
  const pageSize = database.pragma('page_size', { simple: true }) as number;
  database.close();
  const bytes = readFileSync(file);
  return pages.flatMap(page => {
    const start = (page - 1) * pageSize;
    // A leaf: 8 bytes of header, two for each cell, and the cells at the end of the page.
    expect([10, 13]).toContain(bytes.readUInt8(start));
    const cells = bytes.readUInt16BE(start + 3);
    const content = start + bytes.readUInt16BE(start + 5);
    const head = Array.from({ length: 8 + 2 * cells }, (_, at) => start + at);
    return [
      ...head,
      ...Array.from({ length: start + pageSize - content }, (_, at) => content + at),
    ];
  });
}

test(
  'a flipped bit of their pages is found by verify, or changes no answer; so at open',
  async () => {
    const file = await everythingKept();
    const intact = await answersOf(() => openSqliteLogToRead(file));
    const bytes = readFileSync(file);
    const copy = temporaryFile();
    let found = 0;
    for (const at of usedBytes(file).filter((_, index) => index % 3 === 0)) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      writeFileSync(copy, flipped);
      const named = await verified(copy);
      if (named.length > 0) found++;
      else expect(await answersOf(() => openSqliteLogToRead(copy)), `byte ${at}`).toEqual(intact);
      const opened = await answersOf(() => open(copy)).catch((error: unknown) => error);
      if (!(opened instanceof DatabaseRefusedError)) expect(opened, `byte ${at}`).toEqual(intact);
    }
    expect(found).toBeGreaterThan(300);
  },
  HANGING_MS,
);

async function answersOf(opening: () => Promise<Log>): Promise<unknown> {
  const log = await opening();
  try {
    return await answers(log);
  } finally {
    await log.close();
  }
}

test('a rerun of which the flag was flipped is damage at open and when read, and not deleted', async () => {
  const file = await everythingKept();
  const log = await open(file);
  const database = new SqliteDatabase(file);
  database.exec('update reruns set whole = 0');
  database.close();
  const engine = new Engine({ log, now: () => 0 });
  const named = 'machine again, the plan it was made by: its digest does not match: it was changed';
  await expect(engine.settled('again')).rejects.toThrow(named);
  expect(await log.head('again')).toMatchObject({ number: 4 });
  await log.close();
  await expect(open(file)).rejects.toThrow(`it is damaged at ${named}`);
});

test('a machine that has run and has no operation is damage', async () => {
  const file = temporaryFile();
  const log = await open(file);
  const engine = new Engine({ log, now: () => 0 });
  await engine.create('m', CREATE);
  await runAll(engine, 'm', [OPEN, OPEN, OPEN]);
  const again = { recordedId: 'm', baseline: null, policies: {}, edits: [] };
  await rerun(engine, { machineId: 'whole', from: 0, to: 4, ...again });
  expect(await log.verifyKept(null)).toEqual([]);
  const database = new SqliteDatabase(file);
  database.exec("delete from operations where machine_id = 'whole'");
  database.close();
  const what = 'all of it has run, and none of its operations is there';
  const damage = { machineId: 'whole', number: 0, seq: 0, beside: 'the plan it was made by', what };
  expect(await log.verifyKept(null)).toEqual([damage]);
  expect(await log.verifyKept('whole')).toEqual([damage]);
  expect(await log.verifyKept('m')).toEqual([]);
  await log.close();
});

test('a file of the second version gets digests for what it holds', async () => {
  const file = await everythingKept();
  const intact = await answersOf(() => open(file));
  const database = new SqliteDatabase(file);
  for (const table of ['forks', 'bookmarks', 'reruns']) {
    database.exec(`alter table ${table} drop column digest`);
  }
  database.exec(
    `drop table home; drop table probe; drop table blocks;
     delete from kysely_migration where name in ('0003-digests', '0004-blocks')`,
  );
  database.pragma('user_version = 2');
  database.close();
  const secondVersion = readFileSync(file);
  expect(await answersOf(() => open(file))).toEqual(intact);
  expect(await verified(file)).toEqual([]);
  // Its chains are looked at before it is brought to this version, those of forks too.
  writeFileSync(file, secondVersion);
  const damaging = new SqliteDatabase(file);
  damaging.exec(`update operations set at_ms = 1 where machine_id = 'grown'`);
  damaging.close();
  await expect(open(file)).rejects.toThrow(/damaged at machine grown, operation 4/);
});
