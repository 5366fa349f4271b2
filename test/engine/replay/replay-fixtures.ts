/** A recorded past, and a clock for those who are sent it again. */
import type { Command } from '../../../src/core/machine/command.ts';
import { FaultHandlers } from '../../../src/engine/handler/fault-handler.ts';
import { Engine } from '../../../src/engine/machine/engine.ts';
import { History } from '../../../src/engine/past/history.ts';
import type { ReplayItem, ReplayOptions } from '../../../src/engine/replay/replay.ts';
import type { Clock } from '../../../src/engine/replay/replay-pace.ts';
import { Replays } from '../../../src/engine/replay/replays.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';
import { faultingMachine, faultWrite, pageRequest, QUEUE, runAll } from '../machine/fixtures.ts';

export const read = (pages = 1): Command => ({
  type: 'FaultRead',
  ...QUEUE,
  count: 40 * pages,
  reader: 'HANDLER',
});
export const DETACH: Command = { type: 'DeviceDetach', contextId: 1, devId: 1 };
export const ATTACH: Command = { type: 'DeviceAttach', contextId: 1, devId: 1, ptId: 5 };

/** A clock that stands until a test moves it. */
export class TestClock implements Clock {
  ms = 0;
  timers: { readonly at: number; readonly done: () => void }[] = [];

  now(): number {
    return this.ms;
  }

  after(ms: number, done: () => void): () => void {
    const timer = { at: this.ms + ms, done };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter(other => other !== timer);
    };
  }

  /** Goes to the one timer there is. Gives the milliseconds it waited. */
  jump(): number {
    const [timer, ...others] = this.timers;
    if (timer === undefined || others.length > 0) {
      throw new Error(`there are ${this.timers.length} timers`);
    }
    const waited = timer.at - this.ms;
    this.ms = timer.at;
    timer.done();
    return waited;
  }
}

export interface Past {
  readonly engine: Engine;
  readonly replays: Replays;
  readonly clock: TestClock;
  /** The newest seq before the script. */
  readonly from: number;
  /** Runs a command at a time in milliseconds. */
  at(ms: number, command: Command): Promise<number>;
}

/** A machine `m` that can fault. Its setting up took from 1 to 1 ms. */
export async function past(): Promise<Past> {
  let now = 1;
  const engine = new Engine({ log: openMemoryLog(), now: () => now });
  await faultingMachine(engine);
  const clock = new TestClock();
  return {
    engine,
    replays: new Replays(engine, new History(engine), new FaultHandlers(engine), clock),
    clock,
    from: (await engine.settled('m')).state.seq,
    async at(ms, command) {
      now = ms;
      const [operation] = await runAll(engine, 'm', [command]);
      return operation!.seq;
    },
  };
}

/** Group 1 answered SUCCESS, 2 INVALID, 3 taken away, 4 never answered; each has cookie 1. */
export async function fourFates({ at }: Past): Promise<void> {
  await at(1_000, pageRequest(1));
  await at(1_010, read());
  await at(1_050, faultWrite(1, 0));
  await at(2_000, pageRequest(2));
  await at(2_010, read());
  await at(2_015, faultWrite(1, 1));
  await at(3_000, pageRequest(3));
  await at(3_010, read());
  await at(3_020, DETACH);
  await at(3_030, ATTACH);
  await at(4_000, pageRequest(4));
  await at(4_010, read());
}

export const options = (rest: Partial<ReplayOptions> = {}): ReplayOptions => ({
  machineId: 'm',
  from: 0,
  to: null,
  speed: 0,
  maxWaitMs: null,
  stepwise: false,
  waitForAnswers: false,
  ...rest,
});

export type Items = AsyncGenerator<ReplayItem, undefined>;

export async function next(items: Items): Promise<ReplayItem> {
  const { value, done } = await items.next();
  if (done) throw new Error('it has ended');
  return value;
}

/** Items up to the first that `last` says yes to, that one included. */
export async function until(
  items: Items,
  last: (item: ReplayItem) => boolean,
): Promise<ReplayItem[]> {
  const found: ReplayItem[] = [];
  do found.push(await next(items));
  while (!last(found.at(-1)!));
  return found;
}

/** Whatever can happen without a timer happens. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(resolve => setImmediate(resolve));
}
