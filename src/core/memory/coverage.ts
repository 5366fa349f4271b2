/**
 * How often each number of a wide space is covered: ranges may overlap, repeat and go again in any
 * order. Kept as disjoint ranges of equal count, so that what is asked costs little at any number
 * of them, and so that equal coverage looks equal whatever its history.
 */
import type { IovaRange } from './iova-range.ts';
import { RangeMap } from './range-map.ts';

export interface CoveredRange extends IovaRange {
  /** How many of the added ranges hold it; at least 1. */
  count: number;
}

export class Coverage {
  /** The only range there is, as most often; null with none or with `several`. */
  private only: CoveredRange | null = null;
  private several: RangeMap<CoveredRange> | null = null;
  /** Numbers covered at least once. */
  covered = 0n;

  /** Adds a range; the same may be added again. */
  add({ start, last }: IovaRange): void {
    if (this.only === null && this.several === null) {
      this.only = { start, last, count: 1 };
      this.covered = last - start + 1n;
      return;
    }
    if (this.only?.start === start && this.only.last === last) {
      this.only.count++;
      return;
    }
    const ranges = this.ranges();
    cutAt(ranges, start);
    cutAt(ranges, last + 1n);
    const holes = [...ranges.holes(start, last, 1n)];
    for (const range of ranges.between(start, last)) range.count++;
    for (const hole of holes) {
      ranges.add({ ...hole, count: 1 });
      this.covered += hole.last - hole.start + 1n;
    }
    joinAt(ranges, start);
    joinAt(ranges, last + 1n);
  }

  /** Takes away a range that was added. */
  remove({ start, last }: IovaRange): void {
    if (this.only?.start === start && this.only.last === last) {
      this.only.count--;
      if (this.only.count > 0) return;
      this.only = null;
      this.covered = 0n;
      return;
    }
    if (!this.holes(start, last).next().done) {
      throw new Error(`assertion failed: ${start} to ${last} is covered`);
    }
    const ranges = this.ranges();
    cutAt(ranges, start);
    cutAt(ranges, last + 1n);
    for (const range of [...ranges.between(start, last)]) {
      range.count--;
      if (range.count > 0) continue;
      ranges.remove(range.start);
      this.covered -= range.last - range.start + 1n;
    }
    joinAt(ranges, start);
    joinAt(ranges, last + 1n);
  }

  /** Whether something of [start, last] is covered. */
  meets(start: bigint, last: bigint): boolean {
    if (this.several !== null) return this.several.meets(start, last);
    return this.only !== null && this.only.start <= last && this.only.last >= start;
  }

  /** What is not covered of [start, last], ascending. */
  *holes(start: bigint, last: bigint): Generator<IovaRange> {
    if (this.several !== null) {
      yield* this.several.holes(start, last, 1n);
    } else if (this.only === null || this.only.start > last || this.only.last < start) {
      yield { start, last };
    } else {
      if (this.only.start > start) yield { start, last: this.only.start - 1n };
      if (this.only.last < last) yield { start: this.only.last + 1n, last };
    }
  }

  /** The covered ranges of equal count, ascending; no two that touch have one count. */
  *[Symbol.iterator](): Generator<CoveredRange> {
    if (this.only !== null) yield this.only;
    if (this.several !== null) yield* this.several;
  }

  /** Puts back what iterating gave, in its order. */
  static from(ranges: Iterable<CoveredRange>): Coverage {
    const coverage = new Coverage();
    for (const range of ranges) {
      if (coverage.covered === 0n) coverage.only = { ...range };
      else coverage.ranges().add({ ...range });
      coverage.covered += range.last - range.start + 1n;
    }
    return coverage;
  }

  /** For when one range is not enough. */
  private ranges(): RangeMap<CoveredRange> {
    if (this.several === null) {
      this.several = new RangeMap();
      if (this.only !== null) this.several.add(this.only);
      this.only = null;
    }
    return this.several;
  }
}

/** No range reaches over the border below `at` any more. */
function cutAt(ranges: RangeMap<CoveredRange>, at: bigint): void {
  const range = ranges.at(at);
  if (range === null || range.start === at) return;
  const { start, last, count } = ranges.remove(range.start);
  ranges.add({ start, last: at - 1n, count });
  ranges.add({ start: at, last, count });
}

/** Ranges of one count that touch at the border below `at` become one. */
function joinAt(ranges: RangeMap<CoveredRange>, at: bigint): void {
  const above = ranges.at(at);
  const below = at === 0n ? null : ranges.at(at - 1n);
  if (above === null || below === null || above === below) return;
  if (above.count !== below.count) return;
  ranges.remove(below.start);
  ranges.remove(above.start);
  ranges.add({ start: below.start, last: above.last, count: above.count });
}
