/**
 * Forks and questions about the past in a log of 1,000,000 events: against one of 10,000 where the
 * length must not matter, against reading and parsing the same rows where all of them are read.
 */
import SqliteDatabase from 'better-sqlite3';
import { bisect } from '../../src/engine/find/bisect.ts';
import { changesOf } from '../../src/engine/find/changes.ts';
import { firstWhere } from '../../src/engine/find/find.ts';
import { iopfLife } from '../../src/engine/find/iopf-life.ts';
import { AGAINST, FEW, type LongLog, MANY, openLongLog, someNumber } from '../log/long-log.ts';
import { atLeast, atMost, type BenchRow, count, median, timed } from '../measure.ts';
import { MACHINE } from './workload.ts';

const ROUNDS = 40;
const WARM_UP = 10;
/** Of what reads through the log. */
const SCAN_ROUNDS = 3;
/** Operations that are decoded; fewer than one answer may. */
const OPERATIONS = 150_000;
const FORK_BAR = 2;
/** log2 of 1,000,000 is 1.5 times that of 10,000, and each seek may take 1.5 times as long. */
const BISECT_BAR = 2.25;
/** What somebody waits for without noticing. */
const MIDDLE_MS = 50;

export const TIME_TRAVEL_NOTE = `\
lastChange, against select and JSON.parse, looks for a change that never came in an object that page
faults change, and so replays the whole log back to its beginning.
firstWhere finds nothing: an errno in all operations, of which it stands in a column, as both sides
read it; a response code in ${count(OPERATIONS)} operations, decoded whole.`;

export async function benchTimeTravel(): Promise<BenchRow[]> {
  const few = await openLongLog(FEW);
  const many = await openLongLog(MANY);
  const rows = [
    await compare(`fork at some operation, ${AGAINST}, p50`, FORK_BAR, fork, many, few),
    await compare(`firstSeqWhere by halves, ${AGAINST}, p50`, BISECT_BAR, halve, many, few),
    await compare(`iopfGroupLife, ${AGAINST}, p50`, BISECT_BAR, life, many, few),
    await inTheMiddle('iopfGroupLife in the middle of 1,000,000 events, p50', many, middleLife),
    await inTheMiddle('lastChange in the middle of 1,000,000 events, p50', many, middleChange),
    await inTheMiddle('lastChange of what 1,000,000 events left alone, p50', many, longUnchanged),
    await compareLastChange(many),
    await compareFirstWhere(
      many,
      'of an errno, against select',
      { errno: 'ENOSPC' },
      many.number,
      'errno',
    ),
    await compareFirstWhere(
      many,
      'of a response code, against select and JSON.parse',
      { responseCode: 5 },
      OPERATIONS,
      'events, body',
    ),
  ];
  await few.log.close();
  await many.log.close();
  return rows;
}

type Ask = (side: LongLog, turn: number) => Promise<unknown>;

async function compare(
  what: string,
  bar: number,
  ask: Ask,
  many: LongLog,
  few: LongLog,
): Promise<BenchRow> {
  const times: Record<'many' | 'few', number[]> = { many: [], few: [] };
  for (let turn = 0; turn < WARM_UP + ROUNDS; turn++) {
    const ofMany = await timed(() => ask(many, turn));
    const ofFew = await timed(() => ask(few, turn));
    if (turn < WARM_UP) continue;
    times.many.push(ofMany);
    times.few.push(ofFew);
  }
  return atMost(what, 'ms', { ours: median(times.many), bare: median(times.few) }, bar, 2);
}

/** The forks stay: deleting them is not what is measured. */
function fork({ engine, number }: LongLog, turn: number): Promise<void> {
  return engine.fork(`fork-${turn}`, MACHINE, someNumber(1, number));
}

async function halve({ past, seq }: LongLog): Promise<void> {
  const group = someGroup(seq);
  const found = await bisect(past, 0, seq, state => state.nextIopfGroupId > group);
  if (found === seq) throw new Error(`group ${group} was not found`);
}

async function life({ past, seq }: LongLog): Promise<void> {
  const found = await iopfLife(past, someGroup(seq), seq);
  if (found?.ended !== true) throw new Error('the group has no end');
}

/** Of what a group in the middle of the log met, seen from its end. */
function middleLife({ past, seq }: LongLog, turn: number): Promise<unknown> {
  return iopfLife(past, middleGroup(seq, turn), seq);
}

async function middleChange({ past, overviews, seq }: LongLog, turn: number): Promise<void> {
  const id = middleGroup(seq, turn);
  const key = { kind: 'IOPF_GROUP', contextId: null, id, iova: null } as const;
  const wanted = { key, field: null, until: seq, last: 1 };
  const { found } = await changesOf(past, overviews, wanted);
  if (found.length !== 1) throw new Error(`group ${id} has not changed`);
}

/** Another one each turn, so that no state is at hand. */
function middleGroup(seq: number, turn: number): number {
  return Math.floor(seq / 10) + 997 * turn;
}

async function inTheMiddle(what: string, many: LongLog, ask: Ask): Promise<BenchRow> {
  const times: number[] = [];
  for (let turn = 0; turn < WARM_UP + ROUNDS; turn++) {
    const time = await timed(() => ask(many, turn));
    if (turn >= WARM_UP) times.push(time);
  }
  return atMost(what, 'ms', { ours: median(times), bare: MIDDLE_MS }, 1, 1);
}

/** A cycle has five events. */
function someGroup(seq: number): number {
  return someNumber(1, Math.floor(seq / 5) - 10);
}

/** An IOMMU group, which only page faults went on beside. */
async function longUnchanged({ past, overviews, seq }: LongLog): Promise<void> {
  const key = { kind: 'IOMMU_GROUP', contextId: null, id: 4, iova: null } as const;
  const wanted = { key, field: 'domain', until: seq, last: 1 };
  const { found } = await changesOf(past, overviews, wanted);
  if (found.length !== 1) throw new Error('the group had no domain');
}

async function compareLastChange({ file, past, overviews, seq }: LongLog): Promise<BenchRow> {
  const key = { kind: 'PHYSICAL_DEVICE', contextId: null, id: 1, iova: null } as const;
  const wanted = { key, field: 'binding', until: seq, last: 1 };
  const ours = () => changesOf(past, overviews, wanted);
  const times = await measureScan(file, 'events', Number.MAX_SAFE_INTEGER, ours);
  const rates = { ours: (seq * 1_000) / times.ours, bare: (seq * 1_000) / times.bare };
  return atLeast('lastChange, against select and JSON.parse', 'ev/s', rates, null);
}

async function compareFirstWhere(
  { file, log, past }: LongLog,
  what: string,
  wanted: { readonly errno?: 'ENOSPC'; readonly responseCode?: number },
  operations: number,
  columns: string,
): Promise<BenchRow> {
  const any = { operation: null, object: null, eventType: null, hazard: null };
  const condition = { errno: null, responseCode: null, ...any, ...wanted };
  const [last] = await log.readEvents(MACHINE, { afterNumber: operations - 1, limit: 1 });
  const times = await measureScan(file, columns, operations, () =>
    firstWhere(past, condition, 0, last!.seq),
  );
  const rate = (milliseconds: number) => (operations * 1_000) / milliseconds;
  const rates = { ours: rate(times.ours), bare: rate(times.bare) };
  return atLeast(`firstWhere ${what}`, 'op/s', rates, null);
}

/** Milliseconds of both sides; the bare one parses the columns that are JSON. */
async function measureScan(file: string, columns: string, limit: number, ours: () => unknown) {
  const database = new SqliteDatabase(file, { readonly: true });
  const select = database
    .prepare(`SELECT ${columns} FROM operations WHERE machine_id = ? ORDER BY number LIMIT ?`)
    .raw();
  const times: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
  for (let round = 0; round < SCAN_ROUNDS; round++) {
    times.ours.push(await timed(ours));
    times.bare.push(
      await timed(() => {
        for (const texts of select.iterate(MACHINE, limit)) {
          if (columns !== 'errno') for (const text of texts as string[]) JSON.parse(text);
        }
      }),
    );
  }
  database.close();
  return { ours: median(times.ours), bare: median(times.bare) };
}
