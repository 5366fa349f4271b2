/** The trail writes itself: each place one jumped to, the newest last. */
import { effect, signal } from '@preact/signals';
import { shown } from '../data/moments.ts';
import { jumps, machine, playhead, refused } from './place.ts';
import { sentenceOf } from './refused.ts';

export interface Step {
  readonly machine: string;
  readonly seq: number;
  /** The refused operation that was looked at there. */
  readonly refused: string | null;
  readonly sentence: string;
}

/** Steps kept. */
const STEPS_MAX = 200;

export const trail = signal<readonly Step[]>([]);

function note(step: Step): void {
  const last = trail.peek().at(-1);
  if (last?.machine === step.machine && last.seq === step.seq && last.refused === step.refused)
    return;
  trail.value = [...trail.peek(), step].slice(-STEPS_MAX);
}

/** Notes a jump once its moment is shown, with the sentence of its event. */
export function keepTrail(): void {
  let noted = 0;
  effect(() => {
    const jump = jumps.value;
    const moment = shown.value;
    if (jump === noted || moment === null) return;
    if (moment.machine !== machine.peek() || moment.seq !== playhead.peek()) return;
    noted = jump;
    const { machine: name, seq } = moment;
    note({ machine: name, seq, refused: refused.peek(), sentence: sentenceOf(moment) });
  });
}
