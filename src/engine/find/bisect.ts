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
    const { seq, found } = await lookBetween(past, before, middle, holds);
    if (found) after = seq;
    else before = seq;
    await askedTurn();
  }
  return (await scan(past, before, after - 1, holds)) ?? after;
}

/** At the nearest state after `before` up to `seq` that no replay is needed for, else at `seq`. */
async function lookBetween<T>(
  past: Past,
  before: number,
  seq: number,
  look: (state: MachineState) => T,
): Promise<{ readonly seq: number; readonly found: T }> {
  const near = await past.lookNear(seq, look);
  return near.seq > before ? near : { seq, found: await past.look(seq, look) };
}

/** Guesses before halves are safer: what is counted does not come evenly. */
const GUESSES_MAX = 8;

/**
 * As `bisectNear`, of a count that only grows: the first seq at which it is above `wanted`. Where that
 * is is guessed from how much has come by when, so that few snapshots are looked at.
 */
export async function passingNear(
  past: Past,
  high: number,
  wanted: number,
  count: (state: MachineState) => number,
): Promise<number> {
  let before = { seq: 0, found: 0 };
  let after = { seq: high, found: await past.look(high, count) };
  // The second of two guesses is beyond the first, so that it lies between the two.
  let beyond = 0;
  for (let looks = 0; after.seq - before.seq > WALK_EVENTS; looks++) {
    const share = (wanted + 1 - before.found) / (after.found - before.found);
    const at = before.seq + (after.seq - before.seq) * (looks < GUESSES_MAX ? share : 0.5) + beyond;
    const middle = Math.min(Math.max(Math.floor(at), before.seq + 1), after.seq - 1);
    const looked = await lookBetween(past, before.seq, middle, count);
    const isPassed = looked.found > wanted;
    if (isPassed) after = looked;
    else before = looked;
    beyond = beyond !== 0 || looks >= GUESSES_MAX ? 0 : (isPassed ? -2 : 2) * WALK_EVENTS;
    await askedTurn();
  }
  const passed = (state: MachineState) => count(state) > wanted;
  return (await scan(past, before.seq, after.seq - 1, passed)) ?? after.seq;
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
