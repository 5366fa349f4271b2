/**
 * The log against bare better-sqlite3 doing the same. Rounds of both take turns, and medians are
 * compared, so that a noisy machine disturbs both alike.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { Operation, Outcome } from '../src/core/operation.ts';
import type { Row } from '../src/log/codec.ts';
import { encode, FIRST_PREVIOUS_HASH } from '../src/log/codec.ts';
import type { Log } from '../src/log/log.ts';
import { openSqliteLog } from '../src/log/sqlite.ts';

export interface BenchRow {
  readonly name: string;
  /** Operations, or events, a second. */
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
  /** What must be reached, as text. */
  readonly bar: string;
}

const ROUNDS = 15;
const APPENDS_A_ROUND = 2_000;
const MACHINE = 'machine-1';

export async function benchLog(): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  try {
    const append = await benchAppend(directory);
    const replay = await benchReplay(join(directory, 'ours.db'), ROUNDS * APPENDS_A_ROUND);
    return [append, replay];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function benchAppend(directory: string): Promise<BenchRow> {
  const log = await openSqliteLog({ file: join(directory, 'ours.db'), durability: 'normal' });
  const bare = openBare(join(directory, 'bare.db'));
  const operations = makeOperations(ROUNDS * APPENDS_A_ROUND);
  const rows = encodeAll(operations);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let from = 0; from < operations.length; from += APPENDS_A_ROUND) {
    const until = from + APPENDS_A_ROUND;
    ours.push(await seconds(() => appendEach(log, operations.slice(from, until))));
    theirs.push(await seconds(() => bare.insertEach(rows.slice(from, until))));
  }
  await log.close();
  bare.close();
  return row(
    'append, NORMAL, one a transaction (operations/s)',
    APPENDS_A_ROUND,
    ours,
    theirs,
    '≥ 0.8×',
  );
}

/** Replay reads in pages, as the engine does. Bare reads and parses the same texts. */
async function benchReplay(file: string, count: number): Promise<BenchRow> {
  const log = await openSqliteLog({ file, durability: 'normal' });
  const database = new SqliteDatabase(file, { readonly: true });
  const select = database.prepare('SELECT events FROM operations ORDER BY number').pluck();
  const ours: number[] = [];
  const theirs: number[] = [];
  let events = 0;
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(
      await seconds(async () => {
        events = await countEvents(log, count);
      }),
    );
    theirs.push(
      await seconds(() => {
        for (const text of select.iterate()) JSON.parse(text as string);
      }),
    );
  }
  database.close();
  await log.close();
  return row('replay from disk (events/s)', events, ours, theirs, '≥ 500,000/s');
}

async function countEvents(log: Log, count: number): Promise<number> {
  let events = 0;
  for (let afterNumber = 0; afterNumber < count; afterNumber += 1_000) {
    for (const operation of await log.readEvents(MACHINE, { afterNumber, limit: 1_000 })) {
      events += operation.events.length;
    }
  }
  return events;
}

async function appendEach(log: Log, operations: readonly Operation[]): Promise<void> {
  for (const operation of operations) await log.append([{ machineId: MACHINE, operation }]);
}

function openBare(file: string) {
  const database = new SqliteDatabase(file);
  database.pragma('journal_mode = wal');
  database.pragma('synchronous = normal');
  database.exec(`CREATE TABLE operations (machine_id TEXT NOT NULL, number INTEGER NOT NULL,
    seq_before INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, type TEXT NOT NULL,
    errno TEXT NOT NULL, events TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (machine_id, number)) STRICT`);
  const insert = database.prepare('INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  return {
    insertEach(rows: readonly Row[]): void {
      for (const r of rows) {
        const place = [r.machineId, r.number, r.seqBefore, r.seq, r.atMs];
        insert.run(...place, r.type, r.errno, r.events, r.body, r.hash);
      }
    },
    close: () => database.close(),
  };
}

/** Page requests, reads and responses by turns, as a fault handler makes them. */
function makeOperations(count: number): Operation[] {
  const operations: Operation[] = [];
  let seq = 0;
  for (let number = 1; number <= count; number++) {
    const outcome = makeOutcome(number);
    const seqBefore = seq;
    seq += outcome.events.length;
    operations.push({ ...outcome, number, seqBefore, seq, atMs: 1_767_225_600_000 + number });
  }
  return operations;
}

function makeOutcome(number: number): Outcome {
  const group = Math.floor(number / 3);
  const inQueue = { contextId: 1, faultId: 4, iopfGroupId: group };
  const addr = 0x7f00_0000_0000n + BigInt(group) * 4096n;
  const request = { flags: 3, pasid: 5, grpid: group % 512, perm: 3, addr };
  if (number % 3 === 0) {
    return {
      command: {
        type: 'PageRequestSend',
        bdf: '0000:01:00.0',
        pasid: 5,
        grpid: group % 512,
        perm: 3,
        addr,
        lastPage: true,
      },
      errno: 0,
      reply: { outcome: 'REPORTED', reportErrno: 0, iopfGroupId: group },
      events: [
        { type: 'PageRequestReported', deviceNo: 1, request },
        {
          type: 'IopfGroupQueued',
          ...inQueue,
          attachHandleId: 2,
          deviceNo: 1,
          deviceId: 3,
          requests: [request],
        },
      ],
      trace: [
        { function: 'iommu_report_device_fault', depth: 0, returned: '0' },
        { function: 'iopf_group_alloc', depth: 1, returned: String(group) },
        { function: 'iommufd_fault_iopf_handler', depth: 1, returned: '0' },
      ],
    };
  }
  if (number % 3 === 1) {
    return {
      command: { type: 'FaultRead', contextId: 1, faultId: 4, count: 4096, reader: 'HANDLER' },
      errno: 0,
      reply: { bytes: 40, faults: [{ ...request, devId: 3, length: 0, cookie: 0 }] },
      events: [{ type: 'IopfGroupRead', ...inQueue, cookie: 0, reader: 'HANDLER' }],
      trace: [{ function: 'iommufd_fault_fops_read', depth: 0, returned: '40' }],
    };
  }
  return {
    command: {
      type: 'FaultWrite',
      contextId: 1,
      faultId: 4,
      count: 8,
      responses: [{ cookie: 0, code: 0 }],
    },
    errno: 0,
    reply: { bytes: 8 },
    events: [
      { type: 'PageResponseWritten', ...inQueue, cookie: 0, code: 0 },
      {
        type: 'PageResponseSent',
        deviceNo: 1,
        iopfGroupId: group,
        pasid: 5,
        grpid: group % 512,
        code: 0,
      },
    ],
    trace: [
      { function: 'iommufd_fault_fops_write', depth: 0, returned: '8' },
      { function: 'iopf_group_response', depth: 1, returned: '0' },
    ],
  };
}

function encodeAll(operations: readonly Operation[]): Row[] {
  const rows: Row[] = [];
  for (const operation of operations) {
    rows.push(encode(MACHINE, operation, rows.at(-1)?.hash ?? FIRST_PREVIOUS_HASH));
  }
  return rows;
}

async function seconds(run: () => void | Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1_000;
}

function row(name: string, amount: number, ours: number[], bare: number[], bar: string): BenchRow {
  const oursRate = Math.round(amount / median(ours));
  const bareRate = Math.round(amount / median(bare));
  return { name, ours: oursRate, bare: bareRate, ratio: oursRate / bareRate, bar };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!;
}
