/** What is asked for of one stretch of a log: the last answer stays until the next is there. */
import { signal } from '@preact/signals';
import { newestOnly } from './newest-only.ts';
import { wordsOf } from './server.ts';

export interface Stretch {
  readonly machine: string;
  readonly from: number;
  readonly to: number;
}

export interface Answered<Answer> {
  readonly stretch: Stretch;
  readonly answer: Answer;
}

/** One request at a time; of the stretches wanted meanwhile only the newest is asked for. */
export class ShownStretch<Answer> {
  readonly shown = signal<Answered<Answer> | null>(null);
  readonly problem = signal<string | null>(null);
  private readonly read: (stretch: Stretch) => Promise<Answer>;
  private readonly isNear: (here: Stretch, wanted: Stretch) => boolean;

  constructor(
    read: (stretch: Stretch) => Promise<Answer>,
    isNear: (here: Stretch, wanted: Stretch) => boolean,
  ) {
    this.read = read;
    this.isNear = isNear;
  }

  /** Asks for it, unless what is here is nearly that. */
  want(stretch: Stretch): void {
    const here = this.shown.peek()?.stretch;
    if (here !== undefined && this.isNear(here, stretch)) return;
    this.fulfil(stretch);
  }

  /** The answer, if it is about this machine. */
  of(machine: string | null): Answer | null {
    const shown = this.shown.value;
    return shown !== null && shown.stretch.machine === machine ? shown.answer : null;
  }

  private readonly fulfil = newestOnly<Stretch>(async stretch => {
    try {
      this.shown.value = { stretch, answer: await this.read(stretch) };
      this.problem.value = null;
    } catch (error) {
      this.problem.value = wordsOf(error);
    }
  });
}

/** Whether two are the same. */
export function isSame(here: Stretch, wanted: Stretch): boolean {
  const { machine, from, to } = here;
  return machine === wanted.machine && from === wanted.from && to === wanted.to;
}
