/** A machine's log at a glance: counts of stretches of it, whatever its length. */
import type { Engine } from '../machine/engine.ts';
import { readEventPages } from '../machine/event-pages.ts';
import type { History } from '../past/history.ts';
import type { Past } from '../past/past.ts';
import { lastNumberUntil } from '../past/places.ts';
import { Share } from '../turn/turn.ts';
import { BlockCounter, COLUMNS, type Counts, openGroups, SUMS } from './counts.ts';
import { BLOCK_EVENTS, OverviewTable } from './table.ts';

/** Up to so many events are read for an overview, which then is exact to the event. */
export const EXACT_EVENTS_MAX = 8_192;
/** Machines whose counts stay in memory, a kilobyte for some thousand events. */
const TABLES_KEPT = 16;

/** What buckets divide evenly. */
export type OverviewAxis = 'SEQ' | 'TIME';

export interface OverviewWanted {
  /** Events after this seq, and operations that ended after it. */
  readonly from: number;
  /** Up to this one. */
  readonly to: number;
  /** At most so many. */
  readonly buckets: number;
  readonly axis: OverviewAxis;
}

/** A stretch of a log. */
export interface Bucket {
  /** Its last event. */
  readonly seq: number;
  /** Milliseconds since the epoch of its first and last operations. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly counts: Counts;
}

export class Overviews {
  private readonly engine: Engine;
  private readonly history: History;
  /** The one used last comes last. */
  private readonly tables = new Map<string, OverviewTable>();

  constructor(engine: Engine, history: History) {
    this.engine = engine;
    this.history = history;
  }

  /** The buckets that have anything, in order. Errors: UnknownMachineError, SeqOutOfRangeError. */
  async overview(past: Past, wanted: OverviewWanted): Promise<Bucket[]> {
    const { from, to } = wanted;
    const exact = to - from <= EXACT_EVENTS_MAX;
    const atoms = exact ? await this.counted(past, from, to) : await this.ofBlocks(past, from, to);
    return inBuckets(atoms, wanted);
  }

  /** Whole blocks, and what is before and after them event by event. */
  private async ofBlocks(past: Past, from: number, to: number): Promise<Bucket[]> {
    const table = await this.table(past.machineId);
    const first = Math.ceil(from / BLOCK_EVENTS);
    const end = Math.min(Math.floor(to / BLOCK_EVENTS), table.blocks.length);
    const blocks: Bucket[] = table.blocks.slice(first, end);
    const { underWay } = table;
    const isNewest = underWay !== null && end === table.blocks.length && underWay.seq === to;
    if (isNewest) blocks.push(underWay);
    const before = await this.counted(past, from, first * BLOCK_EVENTS);
    const after = isNewest ? [] : await this.counted(past, end * BLOCK_EVENTS, to);
    return [...before, ...blocks, ...after];
  }

  /** What is counted of a machine, up to date. Errors: UnknownMachineError. */
  async table(machineId: string): Promise<OverviewTable> {
    const { life } = await this.engine.machine(machineId);
    let table = this.tables.get(machineId);
    if (table === undefined || table.life !== life) {
      table?.detach();
      table = new OverviewTable(this.engine.log, machineId, life);
    }
    this.tables.delete(machineId);
    this.tables.set(machineId, table);
    const [oldest] = this.tables;
    if (this.tables.size > TABLES_KEPT && oldest !== undefined) {
      oldest[1].detach();
      this.tables.delete(oldest[0]);
    }
    // Several may wait for it: it is made in a share of its own, also if the first of them leaves.
    await new Share().run(() => table.upToDate(this.engine, this.history));
    return table;
  }

  /** Each event after `from` up to `to`, counted. */
  private async counted(past: Past, from: number, to: number): Promise<Bucket[]> {
    if (from >= to) return [];
    const open = await past.look(from, openGroups);
    const found: Bucket[] = [];
    const counter = new BlockCounter(1, from, open, block => found.push(block));
    const { log } = this.engine;
    const number = await lastNumberUntil(this.engine, past.machineId, from);
    for await (const page of readEventPages(log, past.machineId, number, undefined, false)) {
      for (const operation of page) counter.take(operation, to);
      if (page.at(-1)!.seq > to) break;
    }
    const { underWay } = counter;
    return underWay === null ? found : [...found, underWay];
  }
}

function inBuckets(atoms: readonly Bucket[], { from, to, buckets, axis }: OverviewWanted) {
  const found: Bucket[] = [];
  const startMs = atoms[0]?.firstAtMs ?? 0;
  const endMs = atoms.reduce((ms, { lastAtMs }) => Math.max(ms, lastAtMs), startMs);
  let nowMs = startMs;
  let last = -1;
  for (const atom of atoms) {
    // A clock that was set back does not bring a bucket back.
    nowMs = Math.max(nowMs, atom.lastAtMs);
    const at =
      axis === 'SEQ'
        ? (atom.seq - from - 1) / (to - from)
        : (nowMs - startMs) / (endMs - startMs + 1);
    const bucket = Math.floor(at * buckets);
    if (bucket === last) found.push(joined(found.pop()!, atom));
    else found.push(atom);
    last = bucket;
  }
  return found;
}

function joined({ firstAtMs, counts }: Bucket, atom: Bucket): Bucket {
  const { seq, lastAtMs } = atom;
  const both = COLUMNS.map((_, index) => {
    const [a, b] = [counts[index]!, atom.counts[index]!];
    return index < SUMS.length ? a + b : Math.max(a, b);
  });
  return { seq, firstAtMs, lastAtMs, counts: both };
}
