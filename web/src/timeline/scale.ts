/** From a seq to canvas pixels, and back: by steps, each as wide as the next, or by the clock. */
import type { Sums } from '../data/overview.ts';
import type { Range } from '../state/address.ts';
import { clockText, durationText, grouped } from '../ui/format.ts';

/** The width of the names at the left of the canvas, in CSS pixels. */
export const GUTTER = 104;
/** The space behind the newest event. */
const END_SPACE = 18;

export interface Tick {
  readonly x: number;
  readonly text: string;
}

export interface Scale {
  /** Pixels of an event on the average. */
  readonly step: number;
  readonly x: (seq: number) => number;
  readonly seq: (x: number) => number;
  readonly ticks: () => Tick[];
  /** Where a long time without events is drawn short. */
  readonly gaps: readonly Tick[];
}

const NICE = [1, 2, 5];
const TICK_PIXELS = 90;

/** The distance of ruler lines: 1, 2 or 5 times a power of ten. */
function tickStep(step: number): number {
  for (let power = 1; ; power *= 10) {
    for (const nice of NICE) if (nice * power * step >= TICK_PIXELS) return nice * power;
  }
}

const roomOf = (width: number) => Math.max(width - GUTTER - END_SPACE, 1);

export function stepScale({ from, to }: Range, width: number): Scale {
  const step = roomOf(width) / Math.max(to - from, 1);
  const x = (seq: number) => GUTTER + (seq - from) * step;
  return {
    step,
    x,
    seq: at => from + (at - GUTTER) / step,
    ticks() {
      const every = tickStep(step);
      const ticks: Tick[] = [];
      for (let seq = Math.ceil(from / every) * every; seq <= to; seq += every) {
        ticks.push({ x: x(seq), text: grouped(seq) });
      }
      return ticks;
    },
    gaps: [],
  };
}

/** When events were, as the sums of a stretch tell it. */
export type Times = Pick<Sums, 'last' | 'ms' | 'startMs'>;

/** No time between two events takes more of the picture than one part in so many. */
const GAP_PARTS = 8;

/**
 * The longest time that is drawn as long as it is. With the k longest drawn as long as `most`, all
 * together are k * most + rest; `most` is a part of that for the first k of which no other is longer.
 */
function longestDrawn(lengths: readonly number[]): number {
  const sorted = lengths.toSorted((a, b) => b - a);
  let rest = sorted.reduce((sum, length) => sum + length, 0);
  for (let k = 0; k < GAP_PARTS && rest > 0; k += 1) {
    const most = rest / (GAP_PARTS - k);
    if (sorted[k]! <= most) return most;
    rest -= sorted[k]!;
  }
  return Number.POSITIVE_INFINITY;
}

/** Index of the last place in a sorted list whose value is not above one; 0 if there is none. */
function placeOf(
  sorted: { readonly [at: number]: number; readonly length: number },
  value: number,
) {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sorted[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What goes evenly from one list of rising numbers to another. */
function between(from: readonly number[], to: readonly number[], value: number): number {
  const at = Math.min(placeOf(from, value), from.length - 2);
  const part = (value - from[at]!) / (from[at + 1]! - from[at]! || 1);
  return to[at]! + part * (to[at + 1]! - to[at]!);
}

/** By the clock; null where all is of one time. */
export function timeScale({ from, to }: Range, width: number, times: Times): Scale | null {
  const { last, ms, startMs } = times;
  const [first, end] = [placeOf(last, from), placeOf(last, to)];
  const seqs = [...last.subarray(first, end + 1)];
  const clock = [...ms.subarray(first, end + 1)];
  const lengths = clock.slice(1).map((at, index) => at - clock[index]!);
  const most = longestDrawn(lengths);
  const xs = [0];
  for (const length of lengths) xs.push(xs.at(-1)! + Math.min(length, most));
  const whole = xs.at(-1)!;
  if (whole === 0) return null;
  const pixels = roomOf(width) / whole;
  for (const [index, x] of xs.entries()) xs[index] = GUTTER + x * pixels;
  return {
    step: roomOf(width) / Math.max(to - from, 1),
    x: seq => between(seqs, xs, seq),
    seq: x => between(xs, seqs, x),
    ticks: () => clockTicks(clock, xs, startMs, most),
    gaps: lengths.flatMap((length, index) => {
      if (length <= most) return [];
      return [{ x: (xs[index]! + xs[index + 1]!) / 2, text: durationText(length) }];
    }),
  };
}

/** Operations of two machines beside each other: where each ends in its log, or that it has none. */
export interface Pair {
  /** The seq before it and after it; null: there is none on this side. */
  readonly a: Range | null;
  readonly b: Range | null;
}

/**
 * Two scales on which operations that belong together begin at the same place, and have the room
 * that the longer of them needs. The events before the first are those both share.
 */
export function alignedScales(pairs: readonly Pair[], width: number): readonly [Scale, Scale] {
  const places = { a: [[0, 0]], b: [[0, 0]] } as Record<'a' | 'b', [seq: number, at: number][]>;
  let end = Math.max(pairs.find(({ a }) => a !== null)?.a?.from ?? 0, 0);
  for (const pair of pairs) {
    for (const side of ['a', 'b'] as const) {
      const own = pair[side];
      if (own !== null) places[side].push([own.from, end], [own.to, end + own.to - own.from]);
    }
    end += Math.max(1, ...[pair.a, pair.b].map(own => (own === null ? 0 : own.to - own.from)));
  }
  const pixels = roomOf(width) / Math.max(end, 1);
  const scaleOf = (side: [seq: number, at: number][]): Scale => {
    const seqs = side.map(([seq]) => seq);
    const xs = side.map(([, at]) => GUTTER + at * pixels);
    return {
      step: pixels,
      x: seq => between(seqs, xs, seq),
      seq: x => between(xs, seqs, x),
      ticks: () =>
        xs.flatMap((x, index) => {
          const before = xs[index - 1];
          return before === undefined || x - before >= 1
            ? [{ x, text: grouped(seqs[index]!) }]
            : [];
        }),
      gaps: [],
    };
  };
  return [scaleOf(places.a), scaleOf(places.b)];
}

/** The time at places that are far enough from each other, the first of each run of events first. */
function clockTicks(
  clock: readonly number[],
  xs: readonly number[],
  startMs: number,
  most: number,
) {
  const ticks: Tick[] = [];
  for (const [index, x] of xs.entries()) {
    const afterGap = index === 0 || clock[index]! - clock[index - 1]! > most;
    // The first stands beside the names, not over them.
    const before = ticks.length === 1 ? GUTTER + TICK_PIXELS / 2 : ticks.at(-1)?.x;
    const room = x - (before ?? Number.NEGATIVE_INFINITY);
    if (room < TICK_PIXELS || (!afterGap && x === xs[index - 1])) continue;
    ticks.push({ x, text: clockText(startMs + clock[index]!) });
  }
  return ticks;
}
