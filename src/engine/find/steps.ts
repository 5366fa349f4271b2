/** A range of a log as patches: what each event changed. */

import { describeEvent } from '../../core/explain/describe.ts';
import { diffObjects, diffStates } from '../../core/explain/diff.ts';
import { faultKeys } from '../../core/explain/fault-events.ts';
import { type Change, shownDifference } from '../../core/explain/shown-value.ts';
import type { Event } from '../../core/machine/event.ts';
import { evolve } from '../../core/machine/evolve.ts';
import { fromPlain, toPlain } from '../../core/machine/snapshot.ts';
import { namesIn } from '../past/device-names.ts';
import type { Past } from '../past/past.ts';
import { askedTurn } from '../turn/turn.ts';

/** Events of one answer. */
export const STEPS_MAX = 500;

export interface Step {
  readonly seq: number;
  readonly event: Event;
  /** The event in one sentence. */
  readonly summary: string;
  /** As between the states before and after it. */
  readonly changes: readonly Change[];
}

/**
 * The events after seq `from` up to `to`, with what each changed. Two states go along, one an event
 * behind the other. Errors: UnknownMachineError, SeqOutOfRangeError.
 */
export async function stepsOf(past: Past, from: number, to: number): Promise<Step[]> {
  if (from >= to) return [];
  const before = await past.copyAt(from);
  const after = fromPlain(toPlain(before));
  const steps: Step[] = [];
  for await (const page of past.events(from, to)) {
    for (const { seq, event } of page) {
      evolve(after, event);
      const keys = faultKeys(before, after, event);
      const found = keys === null ? diffStates(before, after) : diffObjects(before, after, keys);
      const summary = describeEvent(event, no => namesIn(after)(no) ?? namesIn(before)(no));
      steps.push({ seq, event, summary, changes: found.map(shownDifference) });
      evolve(before, event);
      await askedTurn();
    }
  }
  return steps;
}
