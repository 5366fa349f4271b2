/**
 * What overviews cost: making the counts of a long log against reading its events, one answer once
 * they are made, and appends that are counted against appends that are not.
 */
import { join } from 'node:path';
import { parse } from 'graphql';
import { Engine } from '../../src/engine/machine/engine.ts';
import { readEventPages } from '../../src/engine/machine/event-pages.ts';
import { COLUMNS } from '../../src/engine/overview/counts.ts';
import { Overviews } from '../../src/engine/overview/overview.ts';
import { OverviewTable } from '../../src/engine/overview/table.ts';
import { History } from '../../src/engine/past/history.ts';
import { execute } from '../../src/graphql/execute.ts';
import { schema } from '../../src/graphql/schema.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { type LongLog, MANY, openLongLog } from '../log/long-log.ts';
import { atMost, type BenchRow, inDirectory, median } from '../measure.ts';
import { type Faulting, faultCycle, MACHINE, makeFaulting } from './workload.ts';

const MAKING_BAR = 1.3;
const APPEND_BAR = 1.03;
const ANSWER_CPU_MS = 10;
const ANSWER_BYTES = 100_000;
const ANSWERS = 50;
const MAKINGS = 3;
/** Turns of each side, and fault cycles of a turn, some at once. */
const TURNS = 120;
const CYCLES = 100;
const CYCLES_AT_ONCE = 10;

const ALL = `{ machine(machineId: "${MACHINE}") { overview(buckets: 1000) {
  from seq startAt firstMs lastMs ${COLUMNS.join(' ')} } } }`;

export const OVERVIEW_NOTE = `\
Overviews: CPU time of this process. Making reads and counts every event, where nothing is kept;
the bare side reads every event. An answer has 1,000 buckets of all columns, executed and as JSON.
Appends are counted on one side and not on the other, by turns.`;

export async function benchOverview(): Promise<BenchRow[]> {
  const long = await openLongLog(MANY);
  const rows = [await making(long), ...(await answering(long))];
  await long.log.close();
  return [...rows, await appending()];
}

/** Milliseconds of CPU that `run` took. */
async function cpuOf(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function making({ log, engine, history }: LongLog): Promise<BenchRow> {
  const { life } = await engine.machine(MACHINE);
  const times = { ours: [] as number[], bare: [] as number[] };
  const table = (): OverviewTable => new OverviewTable(none(log), MACHINE, life);
  for (let turn = 0; turn < MAKINGS; turn++) {
    const made = table();
    times.ours.push(await cpuOf(() => made.upToDate(engine, history)));
    made.detach();
    times.bare.push(
      await cpuOf(async () => {
        for await (const page of readEventPages(log, MACHINE, 0, undefined, false)) page.at(0);
      }),
    );
  }
  const ms = { ours: median(times.ours), bare: median(times.bare) };
  return atMost(
    'overview of 1,000,000 events: counting against reading',
    'ms CPU',
    ms,
    MAKING_BAR,
    0,
  );
}

/** The log with nothing kept of what was counted before; what is counted is kept. */
function none(log: LongLog['log']): LongLog['log'] {
  return new Proxy(log, {
    get(target, name) {
      if (name === 'blocks') return async () => [];
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function answering({ engine, history }: LongLog): Promise<BenchRow[]> {
  const overviews = new Overviews(engine, history);
  const document = parse(ALL);
  const answer = async () => {
    const contextValue = { engine, history, overviews };
    return JSON.stringify(await execute({ schema, document, contextValue }));
  };
  const text = await answer();
  if (text.includes('"errors"')) throw new Error(text.slice(0, 1_000));
  const times: number[] = [];
  for (let turn = 0; turn < ANSWERS; turn++) times.push(await cpuOf(answer));
  const ms = { ours: median(times), bare: ANSWER_CPU_MS };
  const bytes = { ours: text.length, bare: ANSWER_BYTES };
  return [
    atMost('overview of 1,000,000 events, once made: one answer', 'ms CPU', ms, 1, 2),
    atMost('overview of 1,000,000 events: its bytes', 'bytes', bytes, 1, 0),
  ];
}

interface Side {
  readonly engine: Engine;
  readonly faulting: Faulting;
  page: number;
}

function appending(): Promise<BenchRow> {
  return inDirectory(async directory => {
    const ours = await openSide(join(directory, 'counted.db'), true);
    const bare = await openSide(join(directory, 'bare.db'), false);
    const spent = { ours: 0, bare: 0 };
    for (let turn = 0; turn < TURNS; turn++) {
      const times = { ours: 0, bare: 0 };
      for (const name of turn % 2 === 0
        ? (['ours', 'bare'] as const)
        : (['bare', 'ours'] as const)) {
        times[name] = await cpuOf(() => cycles(name === 'ours' ? ours : bare));
      }
      spent.ours += times.ours;
      spent.bare += times.bare;
    }
    for (const { engine } of [ours, bare]) await engine.log.close();
    const each = TURNS * CYCLES;
    const ms = { ours: spent.ours / each, bare: spent.bare / each };
    return atMost(
      'a fault cycle through the engine, counted against not',
      'ms CPU',
      ms,
      APPEND_BAR,
    );
  });
}

async function openSide(file: string, counted: boolean): Promise<Side> {
  const log = await openSqliteLog({ file, durability: 'normal' });
  const engine = new Engine({ log, now: Date.now });
  const side = { engine, faulting: await makeFaulting(engine), page: 0 };
  for (let turn = 0; turn < CYCLES_AT_ONCE; turn++) await cycles(side);
  if (!counted) return side;
  const { life } = await engine.machine(MACHINE);
  await new OverviewTable(log, MACHINE, life).upToDate(engine, new History(engine));
  return side;
}

async function cycles(side: Side): Promise<void> {
  for (let done = 0; done < CYCLES; done += CYCLES_AT_ONCE) {
    const some: Promise<void>[] = [];
    for (let i = 0; i < CYCLES_AT_ONCE; i++) {
      some.push(faultCycle(side.engine, side.faulting, side.page++));
    }
    await Promise.all(some);
  }
}
