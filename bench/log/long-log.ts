/** Machines with long logs, each in a database of its own: made once for all benchmarks of a run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../../src/engine/machine/engine.ts';
import { Overviews } from '../../src/engine/overview/overview.ts';
import { History } from '../../src/engine/past/history.ts';
import { Past } from '../../src/engine/past/past.ts';
import type { Log } from '../../src/log/log.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { faultCycle, MACHINE, makeFaulting } from '../engine/workload.ts';

export const FEW = 10_000;
export const MANY = 1_000_000;
export const AGAINST = '1,000,000 events against 10,000';
/** Fault cycles that join one commit. */
const CYCLES_AT_ONCE = 10;

/** A machine that is loaded, and nothing else of it in memory. */
export interface LongLog {
  readonly file: string;
  readonly log: Log;
  readonly engine: Engine;
  readonly history: History;
  readonly overviews: Overviews;
  readonly past: Past;
  /** Its newest seq and operation. */
  readonly seq: number;
  readonly number: number;
}

const files = new Map<number, Promise<string>>();

/** Opens the database of a machine with so many events, and makes it if it is the first time. */
export async function openLongLog(events: number): Promise<LongLog> {
  const file = await longLogFile(events);
  const log = await openSqliteLog({ file, durability: 'normal' });
  const engine = new Engine({ log, now: Date.now });
  const { state, number } = await engine.settled(MACHINE);
  const history = new History(engine);
  const past = await Past.of(engine, history, MACHINE);
  const overviews = new Overviews(engine, history);
  return { file, log, engine, history, overviews, past, seq: state.seq, number };
}

export function longLogFile(events: number): Promise<string> {
  const file = files.get(events) ?? makeFile(events);
  files.set(events, file);
  return file;
}

async function makeFile(events: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'long.db');
  const log = await openSqliteLog({ file, durability: 'normal' });
  await fill(new Engine({ log, now: Date.now }), events);
  await log.close();
  return file;
}

async function fill(engine: Engine, events: number): Promise<void> {
  const faulting = await makeFaulting(engine);
  for (let page = 0; ; ) {
    if ((await engine.settled(MACHINE)).state.seq >= events) return;
    const cycles: Promise<void>[] = [];
    for (let i = 0; i < CYCLES_AT_ONCE; i++) cycles.push(faultCycle(engine, faulting, page++));
    await Promise.all(cycles);
  }
}

/** Some whole number from `least` to `most`. */
export function someNumber(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}
