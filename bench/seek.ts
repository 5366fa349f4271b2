/**
 * Seeking: the state of a machine at any seq, by the History that answers `machine(at:)`, over an
 * SQLite file. The first seek replays from the start and leaves checkpoints behind; the others go on
 * from those.
 */
import { join } from 'node:path';
import { Engine } from '../src/engine/engine.ts';
import { History } from '../src/engine/history.ts';
import { openSqliteLog } from '../src/log/sqlite.ts';
import { atMost, type BenchRow, count, inDirectory, quantile, timed } from './measure.ts';
import { faultCycle, MACHINE, makeFaulting } from './workload.ts';

const FEW = 10_000;
const MANY = 100_000;
const SEEKS = 1_000;
/** Cycles that join one commit. */
const CYCLES_AT_ONCE = 100;
/** Milliseconds. */
const SEEK_BAR = 10;
/** Of the many's p99 to the few's. */
const RATIO_BAR = 1.5;

export const SEEK_NOTE = `\
A seek goes on from the nearest checkpoint below it. Checkpoints are kept in memory only, and the
first seek makes them as it replays from the start: the bar is for the seeks after it. The bar
speaks of 1,000,000 events; this run has ${count(MANY)}.`;

/** Milliseconds. */
interface Seeks {
  readonly first: number;
  readonly random: number[];
  readonly neighbour: number[];
}

export async function benchSeek(): Promise<BenchRow[]> {
  const few = await seek(FEW);
  const many = await seek(MANY);
  const rows: BenchRow[] = [];
  const against = `${count(MANY)} events against ${count(FEW)}`;
  for (const kind of ['random', 'neighbour'] as const) {
    for (const part of [0.5, 0.99]) {
      const times = { ours: quantile(many[kind], part), bare: quantile(few[kind], part) };
      const row = atMost(`seek, ${kind}, ${against}, p${part * 100}`, 'ms', times, null, 2);
      if (part === 0.5) rows.push(row);
      else rows.push(withBar(row, times.ours));
    }
  }
  const firsts = { ours: many.first, bare: few.first };
  rows.push(
    atMost(`seek, the first: from the start to the end, ${against}`, 'ms', firsts, null, 0),
  );
  return rows;
}

function withBar(row: BenchRow, milliseconds: number): BenchRow {
  return {
    ...row,
    bar: `≤ ${SEEK_BAR} ms, ≤ ${RATIO_BAR}×`,
    met: milliseconds <= SEEK_BAR && row.ratio! <= RATIO_BAR,
  };
}

function seek(events: number): Promise<Seeks> {
  return inDirectory(async directory => {
    const log = await openSqliteLog({ file: join(directory, 'seek.db'), durability: 'normal' });
    const engine = new Engine({ log, now: Date.now });
    const end = await fill(engine, events);
    const history = new History(engine);
    const to = (seq: number) => timed(() => history.stateAt(MACHINE, seq));
    const first = await to(end - 1);
    const random: number[] = [];
    const neighbour: number[] = [];
    for (let i = 0; i < SEEKS; i++) {
      random.push(await to(Math.floor(Math.random() * end)));
    }
    const from = Math.floor(end / 2);
    for (let i = 0; i < SEEKS; i++) neighbour.push(await to(from - i));
    await log.close();
    return { first, random, neighbour };
  });
}

/** Returns the newest seq. */
async function fill(engine: Engine, events: number): Promise<number> {
  const faulting = await makeFaulting(engine);
  for (let page = 0; ; ) {
    const { seq } = (await engine.settled(MACHINE)).state;
    if (seq >= events) return seq;
    const cycles: Promise<void>[] = [];
    for (let i = 0; i < CYCLES_AT_ONCE; i++) cycles.push(faultCycle(engine, faulting, page++));
    await Promise.all(cycles);
  }
}
