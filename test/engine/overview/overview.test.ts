/** Overviews: what the log says counted one by one, however they come about. */
import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { EVENTS } from '../../../src/core/machine/event.ts';
import type { Operation } from '../../../src/core/machine/operation.ts';
import type { Engine } from '../../../src/engine/machine/engine.ts';
import { COLUMNS, COUNTS_VERSION, type Column } from '../../../src/engine/overview/counts.ts';
import {
  type Bucket,
  EXACT_EVENTS_MAX,
  Overviews,
  type OverviewWanted,
} from '../../../src/engine/overview/overview.ts';
import { BLOCK_EVENTS } from '../../../src/engine/overview/table.ts';
import { History } from '../../../src/engine/past/history.ts';
import { Past } from '../../../src/engine/past/past.ts';
import { Share } from '../../../src/engine/turn/turn.ts';
import type { Log } from '../../../src/log/log.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import { openSqliteLog } from '../../../src/log/sqlite/sqlite.ts';
import { Prng } from '../../../src/sim/prng.ts';
import {
  engineOver,
  faultingMachine,
  pageRequest,
  sqliteLog,
  temporaryFile,
} from '../machine/fixtures.ts';
import { work } from './work.ts';

const LOGS: readonly (readonly [name: string, open: () => Promise<Log>])[] = [
  ['memory', async () => openMemoryLog()],
  ['SQLite', () => sqliteLog(temporaryFile())],
];

const LAYER_COLUMN = {
  USER_SPACE: 'userSpace',
  IOMMUFD: 'iommufd',
  IOMMU_CORE: 'iommuCore',
  HARDWARE: 'hardware',
} as const;

/** Types of what a page request meets on the way to its answer, and of hazards. */
const ON_THE_WAY = /^(PageRe|IopfGroup|PartialRequestsDropped$|HazardRecorded$)/;

/** A log looked at event by event. */
class ByHand {
  readonly operations: readonly Operation[];
  /** By seq: what its event adds to, and the groups waiting and held after it. */
  private readonly adds: Column[][] = [[]];
  private readonly depth: (readonly [waiting: number, held: number])[] = [[0, 0]];

  constructor(operations: readonly Operation[]) {
    this.operations = operations;
    const open = new Map<number, boolean>();
    for (const { events, errno } of operations) {
      for (const event of events) {
        const adds: Column[] = [LAYER_COLUMN[EVENTS[event.type].layer]];
        const end = endOf(event);
        if (!ON_THE_WAY.test(event.type)) adds.push('others');
        if (event.type === 'HazardRecorded') adds.push('hazards');
        if (event.type === 'IopfGroupQueued') {
          adds.push('queued');
          open.set(event.iopfGroupId, false);
        }
        if (event.type === 'IopfGroupRead') {
          adds.push('read');
          open.set(event.iopfGroupId, true);
        }
        if (end !== null && 'iopfGroupId' in event) {
          adds.push(end);
          open.delete(event.iopfGroupId ?? 0);
        }
        this.adds.push(adds);
        const held = [...open.values()].filter(Boolean).length;
        this.depth.push([open.size - held, held]);
      }
      this.adds.at(-1)!.push('operations', ...(errno === 0 ? [] : (['refused'] as const)));
    }
  }

  get seq(): number {
    return this.operations.at(-1)!.seq;
  }

  /** What an overview has to say of (from, to]. */
  counts(from: number, to: number): Record<Column, number> {
    const counts = Object.fromEntries(COLUMNS.map(name => [name, 0])) as Record<Column, number>;
    for (const name of this.adds.slice(from + 1, to + 1).flat()) counts[name]++;
    for (const [waiting, held] of this.depth.slice(from, to + 1)) {
      counts.waiting = Math.max(counts.waiting, waiting);
      counts.held = Math.max(counts.held, held);
    }
    return counts;
  }

  times(from: number, to: number): readonly [firstAtMs: number, lastAtMs: number] {
    const inside = this.operations.filter(({ seqBefore, seq }) => seq > from && seqBefore < to);
    const last = this.operations.findLast(
      ({ seqBefore, seq }) => seq > from && (seqBefore < to || seq === to),
    );
    return [inside[0]!.atMs, last!.atMs];
  }
}

function endOf(event: Operation['events'][number]): Column | null {
  if (event.type === 'IopfGroupAutoResponded') return 'takenAway';
  if (event.type === 'IopfGroupLost') return 'lost';
  if (event.type !== 'PageResponseWritten') return null;
  return event.code === 0 ? 'success' : 'invalid';
}

const named = ({ counts }: Bucket) =>
  Object.fromEntries(COLUMNS.map((name, index) => [name, counts[index]]));

/** Each bucket says what is so, and together they are the range. */
function check(log: ByHand, buckets: readonly Bucket[], wanted: OverviewWanted) {
  let after = wanted.from;
  for (const [index, bucket] of buckets.entries()) {
    const what = `${JSON.stringify(wanted)}: (${after}, ${bucket.seq}]`;
    expect(named(bucket), what).toEqual(log.counts(after, bucket.seq));
    if (index % 16 === 0) {
      const { firstAtMs, lastAtMs } = bucket;
      expect([firstAtMs, lastAtMs], what).toEqual(log.times(after, bucket.seq));
    }
    after = bucket.seq;
  }
  expect(after).toBe(wanted.to);
  expect(buckets.length).toBeLessThanOrEqual(wanted.buckets);
}

async function overviewsOf(engine: Engine, machineId = 'm') {
  const history = new History(engine);
  const overviews = new Overviews(engine, history);
  const past = await Past.of(engine, history, machineId);
  return (wanted: OverviewWanted) => overviews.overview(past, wanted);
}

const byHand = async (log: Log, machineId = 'm') =>
  new ByHand(await log.read(machineId, { limit: 1_000_000 }));

/** Ranges of all sizes, some of which end where blocks do. */
function ranges(seq: number): OverviewWanted[] {
  const prng = new Prng(7);
  const found: OverviewWanted[] = [
    { from: 0, to: seq, buckets: 1_000, axis: 'SEQ' },
    { from: 0, to: seq, buckets: 7, axis: 'TIME' },
    { from: BLOCK_EVENTS, to: 2 * BLOCK_EVENTS, buckets: 50, axis: 'SEQ' },
    { from: 0, to: seq - (seq % BLOCK_EVENTS), buckets: 2, axis: 'TIME' },
    { from: 1, to: seq - 1, buckets: 1, axis: 'SEQ' },
    { from: 300, to: 300 + EXACT_EVENTS_MAX, buckets: 40, axis: 'TIME' },
    { from: 300, to: 301 + EXACT_EVENTS_MAX, buckets: 40, axis: 'SEQ' },
  ];
  for (let index = 0; index < 12; index++) {
    const from = prng.below(seq);
    const to = from + 1 + prng.below(seq - from);
    const axis = prng.below(2) === 0 ? 'SEQ' : 'TIME';
    found.push({ from, to, buckets: 1 + prng.below(60), axis });
  }
  return found;
}

test.each(LOGS)('on %s every bucket is what its events are', async (_, open) => {
  const log = await open();
  const engine = engineOver(log);
  await faultingMachine(engine);
  await work(engine, 'm', 10_000, 1);
  const operations = await byHand(log);
  const { seq } = operations;
  expect(seq).toBeGreaterThan(EXACT_EVENTS_MAX + 1_000);
  const whole = operations.counts(0, seq);
  const never: Column[] = ['failure', 'lost'];
  const seen = COLUMNS.filter(name => whole[name] > 0);
  expect(seen).toEqual(COLUMNS.filter(name => !never.includes(name)));
  const overview = await overviewsOf(engine);
  for (const wanted of ranges(seq)) check(operations, await overview(wanted), wanted);
  // Kept by the log: another one reads them, and goes on.
  const again = await overviewsOf(engineOver(log));
  for (const wanted of ranges(seq)) check(operations, await again(wanted), wanted);
});

test.each(LOGS)('on %s commits keep it up, and nothing is read again', async (_, open) => {
  const log = await open();
  const engine = engineOver(log);
  await faultingMachine(engine);
  await work(engine, 'm', 9_000, 2);
  const overview = await overviewsOf(engine);
  const seqOf = async () => (await engine.settled('m')).state.seq;
  const wanted = async (): Promise<OverviewWanted> => ({
    from: 0,
    to: await seqOf(),
    buckets: 2_000,
    axis: 'SEQ',
  });
  expect((await wanted()).to).toBeGreaterThan(EXACT_EVENTS_MAX);
  await overview(await wanted());
  let reads = 0;
  const { readEvents } = log;
  log.readEvents = (...args) => {
    reads++;
    return readEvents.apply(log, args);
  };
  for (const events of [1, 2, 40, 900, 256, 3]) {
    await work(engine, 'm', events, events);
    const now = await wanted();
    const before = reads;
    const buckets = await overview(now);
    expect(reads).toBe(before);
    check(await byHand(log), buckets, now);
  }
});

test('a machine made anew, and one read again after a failed commit, are counted as they are', async () => {
  const log = openMemoryLog();
  const engine = engineOver(log);
  const history = new History(engine);
  const overviews = new Overviews(engine, history);
  const look = async () => {
    const { seq } = (await engine.settled('m')).state;
    const wanted = { from: 0, to: seq, buckets: 100, axis: 'SEQ' } as const;
    const past = await Past.of(engine, history, 'm');
    check(await byHand(log), await overviews.overview(past, wanted), wanted);
    return seq;
  };
  await faultingMachine(engine);
  await work(engine, 'm', 9_000, 3);
  const seq = await look();
  expect(seq).toBeGreaterThan(EXACT_EVENTS_MAX);
  const { append } = log;
  log.append = async () => {
    throw new Error('the disk is on fire');
  };
  await expect(engine.execute('m', pageRequest(3))).rejects.toThrow('the disk is on fire');
  log.append = append;
  await work(engine, 'm', 300, 4);
  await look();
  await engine.delete('m');
  await faultingMachine(engine);
  await work(engine, 'm', 9_100, 5);
  await look();
});

test.each(LOGS)('on %s a fork shares what was counted of its past', async (_, open) => {
  const log = await open();
  const engine = engineOver(log);
  await faultingMachine(engine);
  await work(engine, 'm', 9_000, 6);
  const { seq } = await byHand(log);
  const whole = { from: 0, to: seq, buckets: 100, axis: 'SEQ' } as const;
  await (await overviewsOf(engine))(whole);
  const kept = await log.blocks('m', { first: 0, limit: 1_000, version: COUNTS_VERSION });
  expect(kept.length).toBeGreaterThan(20);
  // At the very operation with which a block was over, and at the one before.
  for (const number of [kept[9]!.number, kept[9]!.number - 1]) {
    const id = `f${number}`;
    await engine.fork(id, 'm', number);
    const shared = await log.blocks(id, { first: 0, limit: 1_000, version: COUNTS_VERSION });
    expect(shared).toEqual(kept.slice(0, number === kept[9]!.number ? 10 : 9));
    await work(engine, id, 9_000, number);
    const own = await byHand(log, id);
    const wanted = { ...whole, to: own.seq };
    expect(wanted.to).toBeGreaterThan(EXACT_EVENTS_MAX);
    check(own, await (await overviewsOf(engine, id))(wanted), wanted);
    check(own, await (await overviewsOf(engineOver(log), id))(wanted), wanted);
  }
});

test('what was changed or thrown away is counted again, and it is said if it was changed', async () => {
  const file = temporaryFile();
  const engine = engineOver(await openSqliteLog({ file, durability: 'normal' }));
  await faultingMachine(engine);
  await work(engine, 'm', 9_000, 8);
  const operations = await byHand(engine.log);
  const wanted = { from: 0, to: operations.seq, buckets: 100, axis: 'SEQ' } as const;
  await (await overviewsOf(engine))(wanted);
  await engine.log.close();
  const edits: readonly (readonly [sql: string, said: RegExp | null, left: number | null])[] = [
    ['select 1', null, null],
    [
      `update blocks set counts = replace(counts, ',0', ',1') where block = 7`,
      /^machine m, counted block 7 is deleted, to be counted again: its digest/,
      7,
    ],
    [
      `update blocks set hash = 'f' where block = 3`,
      /counted block 3 is deleted, .* its digest/,
      3,
    ],
    ['update blocks set version = 9 where block >= 2', /counted block 2 .*digest/, 2],
    ['delete from blocks where block = 5', null, 5],
    ['delete from blocks', null, 0],
  ];
  for (const [sql, said, left] of edits) {
    const database = new SqliteDatabase(file);
    database.exec(sql);
    database.close();
    const lines: string[] = [];
    const log = await openSqliteLog({ file, durability: 'normal', say: line => lines.push(line) });
    const kept = await log.blocks('m', { first: 0, limit: 1_000, version: COUNTS_VERSION });
    if (left === null) expect(kept.length).toBeGreaterThan(16);
    else expect(kept, sql).toHaveLength(left);
    if (said === null) expect(lines).toEqual([]);
    else expect(lines).toEqual([expect.stringMatching(said)]);
    const overview = await overviewsOf(engineOver(log));
    check(operations, await overview(wanted), wanted);
    expect(
      (await log.blocks('m', { first: 0, limit: 1_000, version: COUNTS_VERSION })).length,
    ).toBeGreaterThan(16);
    await log.close();
  }
});

test('making it lets others have their turn, whoever asked and left', async () => {
  const engine = engineOver();
  await faultingMachine(engine);
  await work(engine, 'm', 20_000, 9);
  const operations = await byHand(engine.log);
  const wanted = { from: 0, to: operations.seq, buckets: 100, axis: 'SEQ' } as const;
  const overview = await overviewsOf(engine);
  let made = false;
  let longest = 0;
  const share = new Share();
  const asked = share.run(() => overview(wanted));
  share.end();
  const both = [asked, overview(wanted)];
  for (const one of both) {
    one.then(() => {
      made = true;
    });
  }
  while (!made) {
    const began = process.cpuUsage();
    await new Promise(resolve => setImmediate(resolve));
    const { user, system } = process.cpuUsage(began);
    longest = Math.max(longest, (user + system) / 1_000);
  }
  for (const buckets of await Promise.all(both)) check(operations, buckets, wanted);
  // Twice what a turn of the loop may take, and what the compiler of a cold start does beside it.
  expect(longest).toBeLessThan(50);
});
