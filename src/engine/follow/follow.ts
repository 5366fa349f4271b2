/** Reading a machine's log with a cursor: first what is there, then what comes. */
import type { Event } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { Engine } from '../machine/engine.ts';
import { UnknownMachineError } from '../machine/errors.ts';
import type { Machine } from '../machine/machine.ts';
import { Pace } from '../turn/pace.ts';
import { Closer, pullIterator } from './pull.ts';
import { ANY_OPERATION, isAbout, type Topic } from './waiters.ts';

/** Operations read at a time, at most, when a follower is behind what memory holds. */
const PAGE_OPERATIONS = 200;

/** One event with its place. */
export interface LoggedEvent {
  readonly seq: number;
  readonly event: Event;
  readonly operation: Operation;
}

/**
 * A cursor over a machine's committed operations. Between two looks it holds on to a number and no
 * operation: who reads slowly keeps none of them in memory.
 */
export class Follower {
  private readonly engine: Engine;
  private readonly machineId: string;
  private readonly life: object;
  private readonly closer: Closer;
  /** The last page read from the log, as long as nobody else needs the memory. */
  private page: WeakRef<readonly Operation[]> | null = null;
  private readonly pace = new Pace();
  /** Number of the last operation taken. */
  number: number;

  constructor(engine: Engine, machine: Machine, afterNumber: number, closer: Closer) {
    this.engine = engine;
    this.machineId = machine.machineId;
    this.life = machine.life;
    this.number = afterNumber;
    this.closer = closer;
  }

  /** The machine followed; UnknownMachineError also if another one has its name now. */
  async machine(): Promise<Machine> {
    const machine = await this.engine.machine(this.machineId);
    if (machine.life !== this.life) throw new UnknownMachineError(this.machineId);
    return machine;
  }

  /** The committed operation after the cursor, which stays; null if there is none yet. */
  async peek(): Promise<Operation | null> {
    const [operation] = await this.after(1);
    return operation ?? null;
  }

  /** Committed operations after the cursor, at most a page; empty if there are none yet. */
  async take(): Promise<readonly Operation[]> {
    const operations = await this.after(PAGE_OPERATIONS);
    this.number = operations.at(-1)?.number ?? this.number;
    return operations;
  }

  private async after(most: number): Promise<readonly Operation[]> {
    const machine = await this.machine();
    if (this.number >= machine.committed) return [];
    const from = this.number + 1;
    for (const kept of [machine.tail, this.page?.deref()]) {
      const first = kept?.[0]?.number ?? Number.POSITIVE_INFINITY;
      if (first > from) continue;
      const found = kept!.slice(from - first, from - first + most);
      if (found.length > 0) return found;
    }
    const { rows } = await this.pace.read(PAGE_OPERATIONS, limit =>
      this.engine.log.read(this.machineId, { afterNumber: this.number, limit }),
    );
    this.page = new WeakRef(rows);
    return rows.slice(0, most);
  }

  /** Where the news stand now. Take it before looking, so that what comes while looking counts. */
  async mark(): Promise<NewsMark> {
    const machine = await this.machine();
    return { machine, news: machine.news };
  }

  /**
   * Resolves once there is an operation after the cursor that is about `topic`, or other news after
   * `mark`: a handler that left; or on leaving. Operations about nothing of it are passed over.
   */
  wait({ machine, news }: NewsMark, topic: Topic = ANY_OPERATION): Promise<void> {
    const isNews = machine.gone || machine.news !== news || this.closer.closed;
    if (isNews || this.hasCome(machine, topic)) return Promise.resolve();
    return new Promise(resolve => {
      const leave = () => done(0);
      const forget = this.closer.onClose(leave);
      const done = (from: number) => {
        machine.waiters.delete(topic, done);
        forget();
        if (topic !== ANY_OPERATION) this.number = Math.max(this.number, from - 1);
        resolve();
      };
      machine.waiters.add(topic, done);
    });
  }

  /** Whether what is waited for has come since the last look. */
  private hasCome({ committed, tail }: Machine, topic: Topic): boolean {
    if (this.number >= committed) return false;
    const first = tail[0]?.number ?? Number.POSITIVE_INFINITY;
    if (topic === ANY_OPERATION || first > this.number + 1) return true;
    const come = tail.slice(this.number + 1 - first);
    if (come.some(operation => isAbout(operation, topic))) return true;
    this.number = committed;
    return false;
  }
}

export interface NewsMark {
  readonly machine: Machine;
  readonly news: number;
}

/** Whether an error says that the machine was deleted, which ends a subscription quietly. */
export function isGone(error: unknown): boolean {
  return error instanceof UnknownMachineError;
}

/** What comes of one event: a value for the subscriber, or null for none. */
type Look<T> = (logged: LoggedEvent) => T | null;

/**
 * Events one by one, with what `look` makes of them. Its place is the follower's and an index, so
 * that nothing else is held while the subscriber does not ask.
 */
export class EventCursor<T> {
  private readonly follower: Follower;
  private readonly look: Look<T>;
  /** Events of the operation after the follower's cursor that were looked at. */
  private index = 0;

  constructor(follower: Follower, look: Look<T>) {
    this.follower = follower;
    this.look = look;
  }

  /** The next value; null if no operation is left. */
  async next(): Promise<T | null> {
    for (;;) {
      const operation = await this.follower.peek();
      if (operation === null) return null;
      const { events, number, seqBefore } = operation;
      while (this.index < events.length) {
        const event = events[this.index++]!;
        const value = this.look({ seq: seqBefore + this.index, event, operation });
        if (value !== null) return value;
      }
      this.follower.number = number;
      this.index = 0;
    }
  }
}

/**
 * A machine's events with a seq above `afterSeq`, each once, in order, then live. Ends when the
 * machine is deleted. Errors, on the first call: UnknownMachineError.
 */
export function followEvents(
  engine: Engine,
  machineId: string,
  afterSeq: number,
): Promise<AsyncGenerator<LoggedEvent, undefined>> {
  return following(engine, machineId, afterSeq, cursor => cursor.next());
}

/** As `followEvents`, of what `take` makes of the events that are there; null: of none yet. */
export async function following<T>(
  engine: Engine,
  machineId: string,
  afterSeq: number,
  take: (cursor: EventCursor<LoggedEvent>) => Promise<T | null>,
): Promise<AsyncGenerator<T, undefined>> {
  const machine = await engine.machine(machineId);
  const [before] = await engine.log.read(machineId, {
    untilSeq: afterSeq,
    limit: 1,
    order: 'backward',
  });
  const closer = new Closer();
  const follower = new Follower(engine, machine, before?.number ?? 0, closer);
  const cursor = new EventCursor(follower, logged => (logged.seq > afterSeq ? logged : null));
  const next = async (): Promise<T | null> => {
    while (!closer.closed) {
      const mark = await follower.mark();
      const found = await take(cursor);
      if (found !== null) return found;
      await follower.wait(mark);
    }
    return null;
  };
  return pullIterator(closer, () =>
    next().catch(error => {
      if (isGone(error)) return null;
      throw error;
    }),
  );
}

/** An operation's events, each with its seq. */
export function eventsOf(operation: Operation): LoggedEvent[] {
  return operation.events.map((event, index) => ({
    seq: operation.seqBefore + 1 + index,
    event,
    operation,
  }));
}
