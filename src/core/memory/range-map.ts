/**
 * Disjoint ranges of IOVAs in order, with a value each: find, insert, remove and first-fit at a cost
 * that hardly grows with their number. Kept as chunks of a sorted list; each chunk knows the widest
 * hole in front of one of its ranges, so that a search for room skips it whole.
 *
 * Searches go over ends rounded to doubles, which lie side by side in memory; rounding keeps the
 * order, so that at most a few neighbours have to be looked at exactly.
 */
import type { IovaRange } from './iova-range.ts';

/** Ranges in one chunk at most; a fuller one is cut in two. */
const CHUNK_MAX = 128;
/** Of a hole not measured since something near it changed. */
const UNKNOWN = Number.POSITIVE_INFINITY;

interface Chunk<T extends IovaRange> {
  readonly items: T[];
  /** The last IOVA of each item, rounded. */
  readonly lasts: number[];
}

export class RangeMap<T extends IovaRange> {
  private readonly chunks: Chunk<T>[] = [];
  /** The last IOVA of each chunk, rounded. */
  private readonly lasts: number[] = [];
  /** Widest hole right before an item of each chunk, in bytes, rounded; or UNKNOWN. */
  private readonly widest: number[] = [];
  size = 0;
  /** Ranges added and removed so far: who saw the map at this count has seen it as it is. */
  changes = 0;

  /** The range that holds `iova`, or null. */
  at(iova: bigint): T | null {
    const found = this.firstFrom(iova);
    return found !== null && found.start <= iova ? found : null;
  }

  /** The lowest range that ends at `iova` or above it. */
  firstFrom(iova: bigint): T | null {
    const chunk = this.chunks[this.chunkFrom(iova)];
    return chunk === undefined ? null : chunk.items[itemFrom(chunk, iova)]!;
  }

  /** Whether some range meets [start, last]. */
  meets(start: bigint, last: bigint): boolean {
    const found = this.firstFrom(start);
    return found !== null && found.start <= last;
  }

  /** Ranges that meet [start, last], ascending. Nothing may be changed meanwhile. */
  *between(start: bigint, last: bigint): Generator<T> {
    let place = this.chunkFrom(start);
    let index = place < this.chunks.length ? itemFrom(this.chunks[place]!, start) : 0;
    for (; place < this.chunks.length; place++, index = 0) {
      const { items } = this.chunks[place]!;
      for (; index < items.length; index++) {
        const item = items[index]!;
        if (item.start > last) return;
        yield item;
      }
    }
  }

  /** Adds a range that meets no other. */
  add(item: T): void {
    let place = this.chunkFrom(item.start);
    if (place === this.chunks.length) {
      if (place === 0) this.insertChunk(0, { items: [], lasts: [] });
      else place--;
    }
    const chunk = this.chunks[place]!;
    const { items, lasts } = chunk;
    const index = itemFrom(chunk, item.start);
    if (index < items.length && items[index]!.start <= item.last) {
      throw new Error('assertion failed: ranges are disjoint');
    }
    insert(items, index, item);
    insert(lasts, index, Number(item.last));
    this.size++;
    this.changes++;
    if (items.length > CHUNK_MAX) {
      const half = items.length >> 1;
      this.insertChunk(place + 1, { items: items.splice(half), lasts: lasts.splice(half) });
    }
    this.forget(place);
  }

  /** Takes out the range that starts at `start`, which must be there. */
  remove(start: bigint): T {
    const place = this.chunkFrom(start);
    const chunk = this.chunks[place];
    const index = chunk === undefined ? 0 : itemFrom(chunk, start);
    const item = chunk?.items[index];
    if (chunk === undefined || item?.start !== start) {
      throw new Error(`assertion failed: a range starts at ${start}`);
    }
    takeOut(chunk.items, index);
    takeOut(chunk.lasts, index);
    this.size--;
    this.changes++;
    if (chunk.items.length === 0) {
      takeOut(this.chunks, place);
      takeOut(this.lasts, place);
      takeOut(this.widest, place);
    }
    this.forget(place);
    return item;
  }

  /** Holes of at least `length` bytes inside [start, last], ascending. */
  *holes(start: bigint, last: bigint, length: bigint): Generator<IovaRange> {
    const { chunks, widest } = this;
    const roundedLength = Number(length);
    // Chunks that end before the range does: those that can be skipped whole.
    const wholeChunks = firstFrom(this.lasts, Number(last));
    let from = start;
    let place = this.chunkFrom(start);
    let index = place < chunks.length ? itemFrom(chunks[place]!, start) : 0;
    while (place < chunks.length) {
      const { items } = chunks[place]!;
      for (; index < items.length; index++) {
        const item = items[index]!;
        if (item.start > last) break;
        if (item.start > from && item.start - from >= length) {
          yield { start: from, last: item.start - 1n };
        }
        from = item.last + 1n;
      }
      if (index < items.length) break;
      index = 0;
      place++;
      const next = place;
      for (; place < wholeChunks; place++) {
        if (widest[place]! < roundedLength) continue;
        if (widest[place] === UNKNOWN) widest[place] = this.measure(place);
        if (widest[place]! >= roundedLength) break;
      }
      if (place > next) from = chunks[place - 1]!.items.at(-1)!.last + 1n;
    }
    if (from <= last && last - from + 1n >= length) yield { start: from, last };
  }

  *[Symbol.iterator](): Generator<T> {
    for (const { items } of this.chunks) yield* items;
  }

  /** The widest hole right before an item of a chunk, from the chunk before it on. */
  private measure(place: number): number {
    let widest = 0n;
    let from = place === 0 ? 0n : this.chunks[place - 1]!.items.at(-1)!.last + 1n;
    for (const { start, last } of this.chunks[place]!.items) {
      const hole = start - from;
      if (hole > widest) widest = hole;
      from = last + 1n;
    }
    return Number(widest);
  }

  private insertChunk(place: number, chunk: Chunk<T>): void {
    insert(this.chunks, place, chunk);
    insert(this.lasts, place, 0);
    insert(this.widest, place, UNKNOWN);
  }

  /** After a change in a chunk: where it and one cut off it end, and the holes up to the next. */
  private forget(changed: number): void {
    const end = Math.min(changed + 3, this.chunks.length);
    for (let place = changed; place < end; place++) {
      this.lasts[place] = this.chunks[place]!.lasts.at(-1)!;
      this.widest[place] = UNKNOWN;
    }
  }

  /** The first chunk whose last range ends at `iova` or above it. */
  private chunkFrom(iova: bigint): number {
    const { lasts, chunks } = this;
    const rounded = Number(iova);
    let place = firstFrom(lasts, rounded);
    while (
      place < lasts.length &&
      lasts[place] === rounded &&
      chunks[place]!.items.at(-1)!.last < iova
    )
      place++;
    return place;
  }
}

/** The first item that ends at `iova` or above it. */
function itemFrom({ items, lasts }: Chunk<IovaRange>, iova: bigint): number {
  const rounded = Number(iova);
  let index = firstFrom(lasts, rounded);
  while (index < lasts.length && lasts[index] === rounded && items[index]!.last < iova) index++;
  return index;
}

function insert<T>(list: T[], index: number, item: T): void {
  if (index === list.length) list.push(item);
  else list.splice(index, 0, item);
}

function takeOut<T>(list: T[], index: number): void {
  if (index === list.length - 1) list.pop();
  else list.splice(index, 1);
}

/** The first of the ascending numbers that is not below `wanted`. */
function firstFrom(numbers: readonly number[], wanted: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
