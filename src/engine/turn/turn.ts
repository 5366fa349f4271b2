/**
 * Shares the event loop. Who has much to do asks for its turn between two pieces of work: it goes on
 * while its time lasts, else it waits until the loop has turned and others had theirs.
 *
 * The time belongs to a share, one for each request: however much of a request goes on at once, it
 * gets no more than another.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Milliseconds that a share works before the event loop turns. */
export const TURN_MS = 3;
/** Milliseconds that all shares work together before the event loop turns. */
const LOOP_MS = 10;
/** Turns of the loop that a share lets pass for each TURN_MS it took too long: a piece has its size. */
const TURNS_OWED = 4;
const TURNS_OWED_MAX = 40;

/** Whoever asked for the work is gone. */
export class NobodyAsksError extends Error {
  override name = 'NobodyAsksError';
}

/** What works on behalf of one request, or of one connection. */
export class Share {
  /** Nobody waits for the work any more. */
  private ended = false;
  /** When it began to work in this turn of the loop, in milliseconds. */
  began = 0;
  /** The turn of the loop in which it worked last. */
  loop = -1;
  /** Turns of the loop to let pass. */
  owed = 0;
  private waiting: (() => void)[] = [];
  private served = 0;

  /** Runs `work`, and all that follows from it, as part of this share. */
  run<T>(work: () => T): T {
    return current.run(this, work);
  }

  /** What is asked for in this share is not wanted any more. */
  end(): void {
    this.ended = true;
  }

  get isEnded(): boolean {
    return this.ended;
  }

  get isWaiting(): boolean {
    return this.served < this.waiting.length;
  }

  wait(): Promise<void> {
    return new Promise(resolve => {
      this.waiting.push(resolve);
    });
  }

  /** Lets the one go on that waits for longest. */
  serve(): void {
    this.waiting[this.served++]?.();
    if (!this.isWaiting) this.waiting.length = this.served = 0;
  }
}

const current = new AsyncLocalStorage<Share>();
/** For what runs outside of any request. */
const nobody = new Share();

/** The shares in which somebody waits, in the order of their turns. */
const ring = new Set<Share>();
/** Counts turns of the event loop in which anybody worked. */
let loop = 0;
let loopBegan = 0;
let watching = false;

/**
 * null: go on, at once: what is awaited first lets others go on too. Else a promise of the next turn.
 */
export function turn(): Promise<void> | null {
  const now = performance.now();
  const share = current.getStore() ?? nobody;
  if (!watching) {
    loopBegan = now;
    watch();
  }
  if (share.loop !== loop) {
    share.loop = loop;
    share.began = now;
  }
  const took = now - share.began;
  const hasTime = took < TURN_MS && now - loopBegan < LOOP_MS;
  if (hasTime && !share.isWaiting) return null;
  const owed = TURNS_OWED * Math.floor(took / TURN_MS - 1);
  share.owed = Math.max(share.owed, Math.min(owed, TURNS_OWED_MAX));
  ring.add(share);
  return share.wait();
}

/** As `turn`, for work that changes nothing: throws NobodyAsksError if nobody waits for it. */
export function askedTurn(): Promise<void> | null {
  if (!isAsked()) throw new NobodyAsksError();
  return turn();
}

/** What comes of steps, between which others have their turn. Errors: NobodyAsksError. */
export async function inTurns<T>(steps: Generator<void, T, void>): Promise<T> {
  for (;;) {
    const { value, done } = steps.next();
    if (done) return value;
    const wait = askedTurn();
    if (wait !== null) await wait;
  }
}

/** Whether somebody waits for the work that asks. */
export function isAsked(): boolean {
  return !(current.getStore()?.isEnded ?? false);
}

/** Resolves when the event loop has turned and it is the caller's turn. */
export function nextTurn(): Promise<void> {
  const share = current.getStore() ?? nobody;
  if (!watching) watch();
  ring.add(share);
  return share.wait();
}

function watch(): void {
  watching = true;
  setImmediate(nextLoop);
}

/** Those who waited go on, one after the other, while the time lasts. */
async function nextLoop(): Promise<void> {
  loop++;
  loopBegan = performance.now();
  watching = false;
  for (const share of ring) {
    const now = performance.now();
    if (now - loopBegan >= TURN_MS) break;
    if (share.owed > 0) {
      share.owed--;
      continue;
    }
    ring.delete(share);
    if (share.loop !== loop) {
      share.loop = loop;
      share.began = now;
    }
    share.serve();
    // A set is walked in the order of insertion: its turn comes again after all others'.
    if (share.isWaiting) ring.add(share);
    // What was woken runs in these microtasks.
    await null;
    await null;
  }
  if (ring.size > 0 && !watching) watch();
}
