/** Finding the moment a condition on the state turned. */
import { evolve } from '../../core/machine/evolve.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { SearchLimitError } from '../machine/errors.ts';
import type { Past } from '../past/past.ts';
import { askedTurn } from '../turn/turn.ts';

/** States that one scan looks at. */
export const SCAN_EVENTS_MAX = 50_000;

/** Scanned states after which others have their turn: a few milliseconds. */
const TURN_EVENTS = 100;

/** Looks at the state at once, although its answer may come later. */
export type Holds = (state: MachineState) => boolean | Promise<boolean>;

/**
 * A seq at which the condition holds and at the one before it does not. It must not hold at `low`
 * and must hold at `high`. If it turns more than once between them, this is one of the turns.
 */
export async function bisect(past: Past, low: number, high: number, holds: Holds): Promise<number> {
  let before = low;
  let after = high;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (await past.look(middle, holds)) after = middle;
    else before = middle;
    await askedTurn();
  }
  return after;
}

/** Events that are gone through one by one when halves are no longer worth it. */
const WALK_EVENTS = 1_024;

/**
 * As `bisect`, for conditions that cost nothing to ask: by halves over the snapshots, none of which
 * needs a replay, and then event by event between the two that it turned between.
 */
export async function bisectNear(
  past: Past,
  low: number,
  high: number,
  holds: (state: MachineState) => boolean,
): Promise<number> {
  let before = low;
  let after = high;
  while (after - before > WALK_EVENTS) {
    const middle = Math.floor((before + after) / 2);
    const near = await past.lookNear(middle, holds);
    const isBetween = near.seq > before;
    const seq = isBetween ? near.seq : middle;
    if (isBetween ? near.found : await past.look(middle, holds)) after = seq;
    else before = seq;
    await askedTurn();
  }
  return (await scan(past, before, after - 1, holds)) ?? after;
}

/**
 * The first seq from `low` to `high` at which the condition holds, by looking at each; null if
 * there is none. Errors: SearchLimitError.
 */
export async function scan(
  past: Past,
  low: number,
  high: number,
  holds: Holds,
  eventsMax = SCAN_EVENTS_MAX,
): Promise<number | null> {
  const state = await past.copyAt(low);
  if (await holds(state)) return low;
  const last = Math.min(high, low + eventsMax);
  for await (const page of past.events(low, last)) {
    for (const { event } of page) {
      evolve(state, event);
      if (await holds(state)) return state.seq;
      if (state.seq % TURN_EVENTS === 0) await askedTurn();
    }
  }
  if (last === high) return null;
  throw new SearchLimitError(eventsMax, 'events', `go on with "from": ${last}`);
}
