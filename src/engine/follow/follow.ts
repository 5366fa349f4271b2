/** Reading a machine's log with a cursor: first what is there, then what comes. */
import type { Event } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { Engine } from '../machine/engine.ts';
import { UnknownMachineError } from '../machine/errors.ts';
import type { Machine } from '../machine/machine.ts';
import { Closer, pullIterator } from './pull.ts';

/** Operations read at a time when a follower is behind what memory holds. */
const PAGE_OPERATIONS = 200;

/** One event with its place. */
export interface LoggedEvent {
  readonly seq: number;
  readonly event: Event;
  readonly operation: Operation;
}

/** A cursor over a machine's committed operations. */
export class Follower {
  private readonly engine: Engine;
  private readonly machineId: string;
  private readonly life: object;
  private readonly closer: Closer;
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

  /** Committed operations after the cursor, at most a page; empty if there are none yet. */
  async take(): Promise<readonly Operation[]> {
    const machine = await this.machine();
    if (this.number >= machine.committed) return [];
    const kept = machine.tail[0];
    const operations =
      kept !== undefined && kept.number <= this.number + 1
        ? machine.tail.slice(this.number + 1 - kept.number).slice(0, PAGE_OPERATIONS)
        : await this.engine.log.read(this.machineId, {
            afterNumber: this.number,
            limit: PAGE_OPERATIONS,
          });
    this.number = operations.at(-1)?.number ?? this.number;
    return operations;
  }

  /** Where the news stand now. Take it before looking, so that what comes while looking counts. */
  async mark(): Promise<NewsMark> {
    const machine = await this.machine();
    return { machine, news: machine.news };
  }

  /** Resolves once there is news after `mark`: a commit, a handler that left; or on leaving. */
  wait({ machine, news }: NewsMark): Promise<void> {
    if (machine.gone || machine.news !== news || this.closer.closed) return Promise.resolve();
    return new Promise(resolve => {
      const done = () => {
        machine.waiters.delete(done);
        forget();
        resolve();
      };
      const forget = this.closer.onClose(done);
      machine.waiters.add(done);
    });
  }
}

interface NewsMark {
  readonly machine: Machine;
  readonly news: number;
}

/** Whether an error says that the machine was deleted, which ends a subscription quietly. */
export function isGone(error: unknown): boolean {
  return error instanceof UnknownMachineError;
}

/**
 * A machine's events with a seq above `afterSeq`, each once, in order, then live. Ends when the
 * machine is deleted. Errors, on the first call: UnknownMachineError.
 */
export async function followEvents(
  engine: Engine,
  machineId: string,
  afterSeq: number,
): Promise<AsyncGenerator<LoggedEvent, undefined>> {
  const machine = await engine.machine(machineId);
  const [before] = await engine.log.read(machineId, {
    untilSeq: afterSeq,
    limit: 1,
    order: 'backward',
  });
  const closer = new Closer();
  const follower = new Follower(engine, machine, before?.number ?? 0, closer);
  let queue: LoggedEvent[] = [];
  let place = 0;
  const next = async (): Promise<LoggedEvent | null> => {
    while (!closer.closed) {
      const found = queue[place];
      if (found !== undefined) {
        place++;
        return found;
      }
      const mark = await follower.mark();
      const operations = await follower.take();
      if (operations.length === 0) await follower.wait(mark);
      queue = operations.flatMap(eventsOf).filter(({ seq }) => seq > afterSeq);
      place = 0;
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
