/**
 * States of the past, spread over a machine's log, from which replaying goes on. As text: it is
 * smaller than the objects, its size is known, and nobody can change it.
 */
import { fromPlain, type Plain, toPlain } from '../core/snapshot.ts';
import { initialState, type MachineState } from '../core/state.ts';

/** All texts of a server together, in characters; all but a few of them take one byte. */
export const CHECKPOINT_CHARACTERS_MAX = 64 * 1024 * 1024;
/** Events between two checkpoints at least: replaying so many takes 1 ms. */
export const CHECKPOINT_EVENTS = 256;
/** Writing and reading back so many characters takes about as long as replaying one event. */
const CHARACTERS_AN_EVENT = 64;

/** A place in the log from which to go on: `state` is what the events up to `seq` made. */
export interface Place {
  readonly state: MachineState;
  /** Number of the operation that ends here; 0 before the first. */
  readonly number: number;
}

export interface StartingPlace extends Place {
  /** So many events after it the first offer is worth its cost. */
  readonly offerAfter: number;
}

interface Checkpoint {
  readonly seq: number;
  readonly number: number;
  readonly text: string;
}

/** One machine's, by ascending seq, and how far apart they have to be. */
interface Spread {
  readonly checkpoints: Checkpoint[];
  readonly distance: number;
}

const NONE: Spread = { checkpoints: [], distance: CHECKPOINT_EVENTS };

export class Checkpoints {
  /** By `life` of the machine; whoever was asked for last comes last. */
  private readonly spreads = new Map<object, Spread>();
  private charactersNow = 0;
  private readonly charactersMax: number;

  constructor(charactersMax = CHECKPOINT_CHARACTERS_MAX) {
    this.charactersMax = charactersMax;
  }

  /** Of all texts together. */
  get characters(): number {
    return this.charactersNow;
  }

  /** The nearest place at or before `seq`; its state is the caller's own. */
  before(life: object, seq: number): StartingPlace {
    const { checkpoints, distance } = this.asked(life) ?? NONE;
    const checkpoint = checkpoints[indexAfter(checkpoints, seq) - 1];
    if (checkpoint === undefined) return { state: initialState(), number: 0, offerAfter: distance };
    const { text, number } = checkpoint;
    const state = fromPlain(JSON.parse(text) as Plain);
    return { state, number, offerAfter: offerAfter(distance, text) };
  }

  /**
   * Keeps the place unless there is one too near. Returns how many events later the next offer is
   * worth its cost.
   */
  offer(life: object, { state, number }: Place): number {
    const spread = this.asked(life) ?? { checkpoints: [], distance: CHECKPOINT_EVENTS };
    const { checkpoints, distance } = spread;
    const { seq } = state;
    const index = indexAfter(checkpoints, seq);
    const below = seq - (checkpoints[index - 1]?.seq ?? 0);
    const above = (checkpoints[index]?.seq ?? Infinity) - seq;
    if (Math.min(below, above) < distance) return distance;
    const text = JSON.stringify(toPlain(state));
    checkpoints.splice(index, 0, { seq, number, text });
    this.spreads.set(life, spread);
    this.charactersNow += text.length;
    while (this.charactersNow > this.charactersMax) this.thinOut();
    return offerAfter(distance, text);
  }

  private asked(life: object): Spread | undefined {
    const spread = this.spreads.get(life);
    if (spread === undefined) return undefined;
    this.spreads.delete(life);
    this.spreads.set(life, spread);
    return spread;
  }

  /** Halves the checkpoints of the machine that was asked for longest ago; the last one goes too. */
  private thinOut(): void {
    const [life, spread] = this.spreads.entries().next().value!;
    const kept = spread.checkpoints.filter((_, index) => index % 2 === 1);
    for (const { text } of spread.checkpoints) this.charactersNow -= text.length;
    for (const { text } of kept) this.charactersNow += text.length;
    if (kept.length === 0) this.spreads.delete(life);
    else this.spreads.set(life, { checkpoints: kept, distance: 2 * spread.distance });
  }
}

/** A large state costs so much that it must be worth many events. */
function offerAfter(distance: number, text: string): number {
  return Math.max(distance, Math.ceil(text.length / CHARACTERS_AN_EVENT));
}

/** The index of the first checkpoint after `seq`. */
function indexAfter(checkpoints: readonly Checkpoint[], seq: number): number {
  let low = 0;
  let high = checkpoints.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (checkpoints[middle]!.seq > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}
