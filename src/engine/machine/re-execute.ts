/** Whether this version of Faultline does what a log says was done. */
import { isDeepStrictEqual } from 'node:util';
import { execute } from '../../core/machine/execute.ts';
import type { Operation, Outcome } from '../../core/machine/operation.ts';
import { initialState } from '../../core/machine/state.ts';
import { jsonOf } from '../../log/codec.ts';

/** The first thing that came out in another way. */
export interface Difference {
  readonly number: number;
  /** The event's seq; for `errno` and `reply`, the seq the operation began at. */
  readonly seq: number;
  /** `errno`, `reply`, or an event by its place, as in `event 2`. */
  readonly field: string;
  /** As JSON; `nothing` where the other side has an event more. */
  readonly recorded: string;
  readonly now: string;
}

/** Runs a machine's commands again, from its first, and compares. */
export class ReExecution {
  readonly #state = initialState();

  /** The next operation of the machine; the first difference, or null. Not to go on after one. */
  run(recorded: Operation): Difference | null {
    const { number, seqBefore } = recorded;
    let now: Outcome;
    try {
      now = execute(this.#state, recorded.command);
    } catch (error) {
      const threw = `an assertion: ${(error as Error).message}`;
      const was = jsonOf(recorded.errno);
      return { number, seq: seqBefore, field: 'errno', recorded: was, now: threw };
    }
    for (const field of ['errno', 'reply'] as const) {
      if (isDeepStrictEqual(now[field], recorded[field])) continue;
      const texts = { recorded: jsonOf(recorded[field]), now: jsonOf(now[field]) };
      return { number, seq: seqBefore, field, ...texts };
    }
    const events = Math.max(now.events.length, recorded.events.length);
    for (let place = 0; place < events; place++) {
      const [was, is] = [recorded.events[place], now.events[place]];
      if (isDeepStrictEqual(is, was)) continue;
      const textOf = (event: object | undefined) =>
        event === undefined ? 'nothing' : jsonOf(event);
      const texts = { recorded: textOf(was), now: textOf(is) };
      return { number, seq: seqBefore + place + 1, field: `event ${place + 1}`, ...texts };
    }
    return null;
  }
}
