/** Replay from disk, and its parts, against bare reading and parsing of the same text. */
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { evolve } from '../../src/core/machine/evolve.ts';
import { initialState } from '../../src/core/machine/state.ts';
import { Engine } from '../../src/engine/machine/engine.ts';
import { readEventPages } from '../../src/engine/machine/event-pages.ts';
import type { Log } from '../../src/log/log.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { type BenchRow, count, inDirectory, median, timed } from '../measure.ts';
import { faultCycle, MACHINE, makeFaulting } from './workload.ts';

const ROUNDS = 7;
const CYCLES = 15_000;
/** As many operations at a time as the engine reads. */
const PAGE_OPERATIONS = 1_000;
/** Events a second. */
const REPLAY_BAR = 500_000;

export const REPLAY_NOTE = `\
The three replay rows: the first reads and decodes the events and applies none; the second applies
them too, which is a replay, and carries the bar; the third recomputes each operation's hash besides,
which is what the server does where there are no snapshots. The bar is a number of
events a second, so a busy or slow machine fails it: where the bare side does not reach it, ours cannot.`;

export function benchReplay(): Promise<BenchRow[]> {
  return inDirectory(async directory => {
    const file = join(directory, 'replay.db');
    const log = await openSqliteLog({ file, durability: 'normal' });
    await fill(log);
    const database = new SqliteDatabase(file, { readonly: true });
    const select = database
      .prepare('SELECT events FROM operations WHERE machine_id = ? ORDER BY number')
      .pluck();
    const read: number[] = [];
    const evolved: number[] = [];
    const checked: number[] = [];
    const parsed: number[] = [];
    let events = 0;
    for (let round = 0; round < ROUNDS; round++) {
      read.push(
        await timed(async () => {
          events = await countEvents(log);
        }),
      );
      evolved.push(await timed(() => evolveAll(log)));
      checked.push(await timed(() => evolveChecked(log)));
      parsed.push(
        await timed(() => {
          for (const text of select.iterate(MACHINE)) JSON.parse(text as string);
        }),
      );
    }
    database.close();
    await log.close();
    const row = (what: string, ours: readonly number[], bar: number | null): BenchRow => {
      const oursRate = (events * 1_000) / median(ours);
      const bareRate = (events * 1_000) / median(parsed);
      return {
        what,
        ours: `${count(oursRate)} ev/s`,
        bare: `${count(bareRate)} ev/s`,
        ratio: oursRate / bareRate,
        bar: bar === null ? '' : `≥ ${count(bar)} ev/s`,
        met: bar === null ? null : oursRate >= bar,
      };
    };
    return [
      row('events read back, none applied, against select and JSON.parse', read, null),
      row('replay from disk, against the same', evolved, REPLAY_BAR),
      row('replay from disk, hashes checked, against the same', checked, null),
    ];
  });
}

async function fill(log: Log): Promise<void> {
  const engine = new Engine({ log, now: Date.now });
  const faulting = await makeFaulting(engine);
  for (let page = 0; page < CYCLES; ) {
    const cycles: Promise<void>[] = [];
    for (let i = 0; i < 100; i++) cycles.push(faultCycle(engine, faulting, page++));
    await Promise.all(cycles);
  }
}

async function countEvents(log: Log): Promise<number> {
  let events = 0;
  for await (const page of pages(log)) {
    for (const operation of page) events += operation.events.length;
  }
  return events;
}

async function evolveAll(log: Log): Promise<void> {
  const state = initialState();
  for await (const page of pages(log)) {
    for (const operation of page) {
      for (const event of operation.events) evolve(state, event);
    }
  }
}

/** As the server does where there are no snapshots. */
async function evolveChecked(log: Log): Promise<void> {
  const state = initialState();
  for await (const page of readEventPages(log, MACHINE)) {
    for (const operation of page) {
      for (const event of operation.events) evolve(state, event);
    }
  }
}

async function* pages(log: Log) {
  for (let afterNumber = 0; ; ) {
    const page = await log.readEvents(MACHINE, { afterNumber, limit: PAGE_OPERATIONS });
    if (page.length === 0) return;
    yield page;
    afterNumber = page.at(-1)!.number;
  }
}
