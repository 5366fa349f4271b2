/** The past of one machine, read piece by piece so that others have their turn in between. */
import type { Event } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Log, OperationEvents, OperationFilter, ReadOptions } from '../../log/log.ts';
import type { Engine } from '../machine/engine.ts';
import { UnknownMachineError } from '../machine/errors.ts';
import { Pace } from '../turn/pace.ts';
import { askedTurn } from '../turn/turn.ts';
import type { History } from './history.ts';
import { lastNumberUntil } from './places.ts';
import { placeBefore } from './snapshots.ts';

/** Operations read at a time, at most. */
const PAGE_OPERATIONS = 500;

/** Rows passed over at a time: a few milliseconds, too. */
const FILTERED_ROWS = 10_000;

/** One event and its place. */
export interface PlacedEvent {
  readonly seq: number;
  readonly event: Event;
}

export interface OperationPage {
  readonly operations: readonly Operation[];
  /** All up to this number were looked at. */
  readonly number: number;
}

export class Past {
  readonly machineId: string;
  readonly engine: Engine;
  private readonly history: History;
  private readonly life: object;

  private constructor(engine: Engine, history: History, machineId: string, life: object) {
    this.engine = engine;
    this.history = history;
    this.machineId = machineId;
    this.life = life;
  }

  /** Errors, here and while reading: UnknownMachineError, also if the machine was made anew. */
  static async of(engine: Engine, history: History, machineId: string): Promise<Past> {
    const { life } = await engine.machine(machineId);
    return new Past(engine, history, machineId, life);
  }

  /**
   * What `look` makes of the state after the event `seq`, which nobody may change: the newest goes on
   * with the machine, so nothing comes between. Errors: SeqOutOfRangeError, those of `look`.
   */
  async look<T>(seq: number, look: (state: MachineState) => T): Promise<T> {
    for (;;) {
      const state = await this.history.stateAt(this.machineId, seq);
      await this.check();
      if (state.seq === seq) return look(state);
    }
  }

  /** What `look` makes of the nearest state at or before `seq` that no replay is needed for. */
  async lookNear<T>(
    seq: number,
    look: (state: MachineState) => T,
  ): Promise<{ readonly seq: number; readonly found: T }> {
    const { state } = await placeBefore(this.engine.log, this.machineId, seq);
    await this.check();
    return { seq: state.seq, found: look(state) };
  }

  /** The state after the event `seq` as the caller's own. */
  async copyAt(seq: number): Promise<MachineState> {
    const state = await this.history.ownStateAt(this.machineId, seq);
    await this.check();
    return state;
  }

  /** The operation that made the event `seq`. */
  async operationOf(seq: number): Promise<Operation> {
    const [operation] = await this.engine.log.read(this.machineId, { afterSeq: seq - 1, limit: 1 });
    await this.check();
    if (operation === undefined) throw new UnknownMachineError(this.machineId);
    await askedTurn();
    return operation;
  }

  /** The operations that made the events after seq `low` up to `high`, in pages. */
  async *operationEvents(low: number, high: number): AsyncGenerator<OperationEvents[]> {
    if (low >= high) return;
    const read: Log['readEvents'] = (...args) => this.engine.log.readEvents(...args);
    for await (const page of this.pages(read, { afterSeq: low })) {
      yield page.filter(({ seqBefore }) => seqBefore < high);
      if (page.at(-1)!.seq >= high) return;
    }
  }

  /** When the operation ran that made the event `seq`, in milliseconds since the epoch. */
  async timeOf(seq: number): Promise<number> {
    const range = { afterSeq: seq - 1, limit: 1 };
    const [operation] = await this.engine.log.readEvents(this.machineId, range);
    if (operation === undefined) throw new UnknownMachineError(this.machineId);
    await askedTurn();
    return operation.atMs;
  }

  /** The events after seq `low` up to `high`, in pages. */
  async *events(low: number, high: number): AsyncGenerator<PlacedEvent[]> {
    for await (const page of this.operationEvents(low, high)) {
      const placed = page.flatMap(({ seqBefore, events }) =>
        events.map((event, index) => ({ seq: seqBefore + 1 + index, event })),
      );
      yield placed.filter(({ seq }) => seq > low && seq <= high);
    }
  }

  /**
   * The operations after number `after` that end at seq `until` or before it, in pages. Where no
   * row fits `filter`, they are passed over: then a page has none of them. No further than the
   * bounds say, however long a page is.
   */
  async *operations(
    after: number,
    until: number,
    filter: OperationFilter,
    { operationsMax, rowsMax }: { operationsMax: number; rowsMax: number },
  ): AsyncGenerator<OperationPage> {
    const { log } = this.engine;
    const newest = await lastNumberUntil(this.engine, this.machineId, until);
    const last = Math.min(newest, after + rowsMax);
    let left = operationsMax;
    const pace = new Pace('asked');
    for (let number = after; number < last && left > 0; ) {
      const range = { afterNumber: number, untilNumber: Math.min(last, number + FILTERED_ROWS) };
      const first = await log.firstNumber(this.machineId, range, filter);
      const { rows: operations } =
        first === null
          ? { rows: [] }
          : await pace.read(Math.min(PAGE_OPERATIONS, left), limit =>
              log.read(this.machineId, {
                beforeNumber: last + 1,
                afterNumber: first - 1,
                limit,
              }),
            );
      await this.check();
      left -= operations.length;
      number = operations.at(-1)?.number ?? range.untilNumber;
      yield { operations, number };
      await askedTurn();
    }
  }

  /**
   * Whole operations with a number above `after` and below `before`, in pages of the order asked for.
   */
  async *between(
    { after, before }: { readonly after: number; readonly before: number },
    order: 'forward' | 'backward',
  ): AsyncGenerator<readonly Operation[]> {
    const pace = new Pace('asked');
    let low = after;
    let high = before;
    for (;;) {
      const { rows, isLast } = await pace.read(PAGE_OPERATIONS, limit =>
        this.engine.log.read(this.machineId, {
          afterNumber: low,
          beforeNumber: high,
          limit,
          order,
        }),
      );
      await this.check();
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows;
      if (isLast) return;
      if (order === 'forward') low = last.number;
      else high = last.number;
    }
  }

  private async *pages<T extends { readonly number: number }>(
    read: (machineId: string, options: ReadOptions) => Promise<T[]>,
    bounds: Omit<ReadOptions, 'limit'>,
  ): AsyncGenerator<T[]> {
    let from = bounds;
    const pace = new Pace('asked');
    for (;;) {
      const { rows: page, isLast } = await pace.read(PAGE_OPERATIONS, limit =>
        read(this.machineId, { ...from, limit }),
      );
      await this.check();
      if (page.length > 0) yield page;
      if (isLast) return;
      from = { ...bounds, afterNumber: page.at(-1)!.number };
    }
  }

  private async check(): Promise<void> {
    const { life } = await this.engine.machine(this.machineId);
    if (life !== this.life) throw new UnknownMachineError(this.machineId);
  }
}
