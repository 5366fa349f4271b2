/** Makes a failing sequence shorter. */
import type { Checked, Step } from './checked-machine.ts';
import { stepText, whatIsWrong } from './simulate.ts';

/** Runs made to shorten a failing sequence at most. */
const SHRINK_RUNS_MAX = 400;

export interface Shrunken {
  readonly steps: readonly Step[];
  /** What is wrong after the last of them; null if it cannot be seen again in a run of the steps. */
  readonly wrong: string | null;
}

/**
 * A shorter sequence after which something is still wrong: pieces are left out, ever smaller ones,
 * as long as it fails without them. What is wrong may be another thing than at first.
 */
export function shrink(create: () => Checked, steps: readonly Step[]): Shrunken {
  let kept = failureOf(create, steps) ?? { steps, wrong: null };
  if (kept.wrong === null) return kept;
  let runs = 0;
  let size = kept.steps.length >> 1;
  while (size >= 1 && runs < SHRINK_RUNS_MAX) {
    const before = kept.steps.length;
    for (let from = 0; from < kept.steps.length && runs < SHRINK_RUNS_MAX; runs++) {
      const shorter = [...kept.steps.slice(0, from), ...kept.steps.slice(from + size)];
      const failed = failureOf(create, shorter);
      if (failed === null) from += size;
      else kept = failed;
    }
    // What one pass left out can make another operation superfluous.
    if (size > 1 || kept.steps.length === before) size >>= 1;
  }
  return kept;
}

/** The steps up to the first after which something is wrong, or null. */
function failureOf(create: () => Checked, steps: readonly Step[]): Shrunken | null {
  const done: Step[] = [];
  try {
    const machine = create();
    for (const step of steps) {
      done.push(step);
      machine.run(step);
      machine.checkFollower();
    }
    if (machine.ended) machine.checkEnd();
    return null;
  } catch (error) {
    return { steps: done, wrong: whatIsWrong(error) };
  }
}

/** What is left and what is wrong then, for people. */
export function shrunkenText({ steps, wrong }: Shrunken): string {
  if (wrong === null) return 'it does not show again when the same operations are run';
  const sequence = steps.map(step => `  ${stepText(step)}`);
  return [`shortened to ${steps.length} operations:`, ...sequence, 'after which', wrong].join('\n');
}
