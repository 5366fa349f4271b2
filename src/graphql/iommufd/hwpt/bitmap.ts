/** Dirty bitmaps, from ranges of page numbers. */
import type { IovaRange } from '../../../core/memory/iova-range.ts';

const WORD = 64n;

/** The first `words` words of the bitmap, bit 0 of word 0 the first page; ranges ascend. */
export function bitmapWords(ranges: readonly IovaRange[], words: number): bigint[] {
  const bitmap = new Array<bigint>(words).fill(0n);
  const end = BigInt(words) * WORD;
  for (const { start, last } of ranges) {
    if (start >= end) break;
    const to = last < end ? last : end - 1n;
    for (let word = start / WORD; word <= to / WORD; word++) {
      const first = word * WORD;
      const low = start > first ? start - first : 0n;
      const high = to < first + WORD ? to - first : WORD - 1n;
      bitmap[Number(word)]! |= ((1n << (high - low + 1n)) - 1n) << low;
    }
  }
  return bitmap;
}

/** Bits set in all of it. */
export function bitCount(ranges: readonly IovaRange[]): bigint {
  return ranges.reduce((sum, { start, last }) => sum + last - start + 1n, 0n);
}
