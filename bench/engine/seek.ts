/**
 * Seeking: the state of a machine at any seq, by the History that answers `machine(at:)`, over an
 * SQLite file with the snapshots that its operations left.
 */
import { History } from '../../src/engine/past/history.ts';
import { MachineSeqDocument } from '../../src/operations/operations.ts';
import {
  AGAINST,
  FEW,
  type LongLog,
  longLogFile,
  MANY,
  openLongLog,
  someNumber,
} from '../log/long-log.ts';
import { atMost, type BenchRow, median, quantile, timed } from '../measure.ts';
import { httpClient } from '../server/client.ts';
import { startOurs } from '../server/server-process.ts';
import { MACHINE } from './workload.ts';

const OPENINGS = 40;
const SEEKS = 1_000;
const WARM_UP = 300;
/** Milliseconds. */
const SEEK_BAR = 10;
/** Of the many's p99 to the few's. */
const RATIO_BAR = 1.5;

export const SEEK_NOTE = `\
A seek takes the nearest snapshot below it and applies the events after that, with their hashes
checked. Seeks of both sides take turns. Nothing is kept from one to the next except the eight
states asked for last; the file's pages are in the system's memory. On opening, all hashes of a
small file are checked and those of a large one are not.`;

interface Times {
  readonly many: number[];
  readonly few: number[];
}

export async function benchSeek(): Promise<BenchRow[]> {
  const opened = await measure(OPENINGS, 0, openAndSeek(MANY), openAndSeek(FEW));
  const few = await openLongLog(FEW);
  const many = await openLongLog(MANY);
  const random = await measure(SEEKS, WARM_UP, randomSeek(many), randomSeek(few));
  const neighbour = await measure(SEEKS, WARM_UP, neighbourSeek(many), neighbourSeek(few));
  await few.log.close();
  await many.log.close();
  const openRow = { ours: median(opened.many), bare: median(opened.few) };
  return [
    atMost(`open, load and seek, ${AGAINST}, p50`, 'ms', openRow, null, 2),
    ...rowsOf(`seek, random, ${AGAINST}`, random),
    ...rowsOf(`seek, neighbouring, ${AGAINST}`, neighbour),
    ...withoutBars(rowsOf(`machine(at:) over HTTP, random, ${AGAINST}`, await measureHttp())),
    await compareFork(),
  ];
}

/** p50, and p99 with the bar. */
function rowsOf(what: string, { many, few }: Times): BenchRow[] {
  const at = (part: number) => ({ ours: quantile(many, part), bare: quantile(few, part) });
  const p99 = atMost(`${what}, p99`, 'ms', at(0.99), RATIO_BAR, 2);
  return [
    atMost(`${what}, p50`, 'ms', at(0.5), null, 2),
    {
      ...p99,
      bar: `≤ ${SEEK_BAR} ms, ${p99.bar}`,
      met: p99.met! && quantile(many, 0.99) <= SEEK_BAR,
    },
  ];
}

function withoutBars(rows: readonly BenchRow[]): BenchRow[] {
  return rows.map(row => ({ ...row, bar: '', met: null }));
}

type Seek = (turn: number) => Promise<unknown>;

async function measure(rounds: number, warmUp: number, many: Seek, few: Seek): Promise<Times> {
  const times: Times = { many: [], few: [] };
  for (let turn = 0; turn < warmUp + rounds; turn++) {
    const ofMany = await timed(() => many(turn));
    const ofFew = await timed(() => few(turn));
    if (turn < warmUp) continue;
    times.many.push(ofMany);
    times.few.push(ofFew);
  }
  return times;
}

function openAndSeek(events: number): Seek {
  return async () => {
    const { log, history, seq } = await openLongLog(events);
    await history.stateAt(MACHINE, someNumber(0, seq));
    await log.close();
  };
}

function randomSeek({ history, seq }: LongLog): Seek {
  return () => history.stateAt(MACHINE, someNumber(0, seq - 1));
}

/** From the middle backwards, one event at a time. */
function neighbourSeek({ history, seq }: LongLog): Seek {
  return turn => history.stateAt(MACHINE, Math.floor(seq / 2) - turn);
}

/** Each side has a server of its own. */
async function measureHttp(): Promise<Times> {
  const sides = [];
  for (const events of [MANY, FEW]) {
    const server = await startOurs(await longLogFile(events));
    const client = httpClient(server.url);
    const seek = () =>
      client.post(MachineSeqDocument, { machineId: MACHINE, at: someNumber(0, events) });
    sides.push({ server, client, seek });
  }
  const times = await measure(SEEKS, WARM_UP, sides[0]!.seek, sides[1]!.seek);
  for (const { client, server } of sides) {
    client.close();
    await server.stop();
  }
  return times;
}

/** The same seqs in a fork of a fork of a fork, whose past they are. */
async function compareFork(): Promise<BenchRow> {
  const parent = await openLongLog(FEW);
  const { engine, seq } = parent;
  let machineId = MACHINE;
  const forks: string[] = [];
  for (const fork of ['fork-1', 'fork-2', 'fork-3']) {
    const { committed } = await engine.settled(machineId);
    await engine.fork(fork, machineId, committed);
    await engine.execute(fork, { type: 'ContextOpen' });
    forks.unshift(fork);
    machineId = fork;
  }
  // Two of them: what one has just looked at, it keeps.
  const [inFork, inParent] = [new History(engine), new History(engine)];
  const places = Array.from({ length: WARM_UP + SEEKS }, () => someNumber(0, seq - 1));
  const times = await measure(
    SEEKS,
    WARM_UP,
    turn => inFork.stateAt(machineId, places[turn]!),
    turn => inParent.stateAt(MACHINE, places[turn]!),
  );
  for (const fork of forks) await engine.delete(fork);
  await parent.log.close();
  const medians = { ours: median(times.many), bare: median(times.few) };
  return atMost('seek in a fork at depth 3, against its parent, p50', 'ms', medians, RATIO_BAR, 2);
}
