/** Finding the moment a condition turned, by looking at few states of the past. */
import type { MachineState } from '../core/state.ts';
import type { Past } from './past.ts';

/**
 * A seq at which the condition holds and at the one before it does not. It must not hold at `low`
 * and must hold at `high`. If it turns more than once between them, this is one of the turns.
 */
export async function bisect(
  past: Past,
  low: number,
  high: number,
  holds: (state: MachineState) => boolean | Promise<boolean>,
): Promise<number> {
  let before = low;
  let after = high;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (await holds(await past.stateAt(middle))) after = middle;
    else before = middle;
  }
  return after;
}
