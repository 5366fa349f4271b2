/**
 * The log against bare better-sqlite3 doing the same. Rounds of both take turns, and medians are
 * compared, so that a noisy machine disturbs both alike.
 */
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { Operation } from '../../src/core/machine/operation.ts';
import { encode, FIRST_PREVIOUS_HASH, type Row } from '../../src/log/codec.ts';
import type { Log } from '../../src/log/log.ts';
import { openSqliteLog, type SqliteLogOptions } from '../../src/log/sqlite/sqlite.ts';
import { atLeast, type BenchRow, inDirectory, median, timed } from '../measure.ts';
import { makeOperations } from './sample-operations.ts';

type Durability = SqliteLogOptions['durability'];

const ROUNDS = 15;
/** Fewer under FULL, where the disk sets the pace. */
const APPENDS_A_ROUND: Readonly<Record<Durability, number>> = { normal: 2_000, full: 150 };
/** What design.md asks for; FULL only informs. */
const APPEND_BAR: Readonly<Record<Durability, number | null>> = { normal: 0.8, full: null };
const MACHINE = 'machine-1';

export function benchAppend(): Promise<BenchRow[]> {
  return inDirectory(async directory => [
    await compareAppend(directory, 'normal'),
    await compareAppend(directory, 'full'),
  ]);
}

/** Both write the same rows, one a transaction. Bare gets them encoded and hashed. */
async function compareAppend(directory: string, durability: Durability): Promise<BenchRow> {
  const log = await openSqliteLog({ file: join(directory, `${durability}-ours.db`), durability });
  const bare = openBare(join(directory, `${durability}-bare.db`), durability);
  const perRound = APPENDS_A_ROUND[durability];
  const operations = makeOperations(ROUNDS * perRound);
  const rows = encodeAll(operations);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let from = 0; from < operations.length; from += perRound) {
    const until = from + perRound;
    ours.push(await timed(() => appendEach(log, operations.slice(from, until))));
    theirs.push(await timed(() => bare.insertEach(rows.slice(from, until))));
  }
  await log.close();
  bare.close();
  const perSecond = perRound * 1_000;
  return atLeast(
    `append, ${durability.toUpperCase()}, one a transaction, against better-sqlite3`,
    'op/s',
    { ours: perSecond / median(ours), bare: perSecond / median(theirs) },
    APPEND_BAR[durability],
  );
}

async function appendEach(log: Log, operations: readonly Operation[]): Promise<void> {
  for (const operation of operations) await log.append([{ machineId: MACHINE, operation }]);
}

/** The same table; the caller closes it. */
export function openBare(file: string, durability: Durability) {
  const database = new SqliteDatabase(file);
  database.pragma('journal_mode = wal');
  database.pragma(`synchronous = ${durability}`);
  database.exec(`CREATE TABLE operations (machine_id TEXT NOT NULL, number INTEGER NOT NULL,
    seq_before INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, type TEXT NOT NULL,
    errno TEXT NOT NULL, events TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (machine_id, number)) STRICT`);
  const insert = database.prepare('INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const insertEach = (rows: readonly Row[]): void => {
    for (const r of rows) {
      const place = [r.machineId, r.number, r.seqBefore, r.seq, r.atMs];
      insert.run(...place, r.type, r.errno, r.events, r.body, r.hash);
    }
  };
  return {
    insertEach,
    /** In one transaction. */
    insertAll: database.transaction(insertEach),
    close: () => database.close(),
  };
}

function encodeAll(operations: readonly Operation[]): Row[] {
  const rows: Row[] = [];
  for (const operation of operations) {
    rows.push(encode(MACHINE, operation, rows.at(-1)?.hash ?? FIRST_PREVIOUS_HASH));
  }
  return rows;
}
