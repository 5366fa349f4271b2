/** When a replay goes on: the pace of the recording, or the steps its client lets it make. */
import type { Operation } from '../../core/machine/operation.ts';
import type { LoggedEvent } from '../follow/follow.ts';

/** A timer set for longer fires at once (Node): 2^31 - 1 milliseconds, nearly 25 days. */
const TIMER_MS_MAX = 0x7fff_ffff;

/** Time as a replay sees it; tests have their own. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Calls `done` after so many milliseconds, or earlier if they are very many. Returns what takes it back. */
  after(ms: number, done: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, done) {
    const timer = setTimeout(done, Math.min(ms, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};

export interface PaceOptions {
  /** How many times faster than recorded; 0 does not wait. */
  readonly speed: number;
  /** The longest wait between two operations in milliseconds; null for as long as it was. */
  readonly maxWaitMs: number | null;
}

/** Waits as long between two operations as passed between them; what comes late shortens the next wait. */
export class Pace {
  private readonly clock: Clock;
  private readonly speed: number;
  private readonly maxWaitMs: number;
  private last: Operation | null = null;
  private dueMs = 0;

  constructor({ speed, maxWaitMs }: PaceOptions, clock: Clock) {
    this.clock = clock;
    this.speed = speed;
    this.maxWaitMs = maxWaitMs ?? Number.POSITIVE_INFINITY;
  }

  /** The next event is one of this operation. */
  reach(operation: Operation): void {
    if (this.last === null) this.dueMs = this.clock.now();
    else if (this.speed > 0) {
      // The clock that recorded may have been set back.
      const gapMs = Math.max(0, operation.atMs - this.last.atMs);
      this.dueMs += Math.min(gapMs / this.speed, this.maxWaitMs);
    }
    this.last = operation;
  }

  /** Milliseconds until the event reached is due; 0 or less if it is. */
  leftMs(): number {
    return this.dueMs - this.clock.now();
  }

  /** The event reached was held back for another reason: what follows keeps its distance from it. */
  held(): void {
    this.dueMs = Math.max(this.dueMs, this.clock.now());
  }
}

/** What a client lets through. */
export type Step = { readonly events: number } | { readonly operations: number };

/** How far a stepwise replay may go on. */
export class Steps {
  private events = 0;
  private operations = 0;

  let(step: Step): void {
    if ('events' in step) this.events += step.events;
    else this.operations += step.operations;
  }

  get mayPass(): boolean {
    return this.events > 0 || this.operations > 0;
  }

  /** An event passed; what is left of an operation counts as one. */
  passed({ seq, operation }: LoggedEvent): void {
    if (this.events > 0) this.events--;
    else if (seq === operation.seq) this.operations--;
  }
}
