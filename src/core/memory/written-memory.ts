/**
 * What accesses wrote into the memory of a process, as runs of one byte each: they fill ranges, so
 * that writing 16 MiB costs as much as writing one byte. What was never written is zero.
 */
import type { IovaRange } from './iova-range.ts';
import { RangeMap } from './range-map.ts';

/** User addresses that hold one value, both ends inclusive. */
export interface WrittenRun extends IovaRange {
  /** Each byte of it, 1 to 255. */
  readonly fill: number;
}

/** Runs in order; no two of one value touch, so that equal memory looks equal. */
export type WrittenMemory = RangeMap<WrittenRun>;

export function newWrittenMemory(): WrittenMemory {
  return new RangeMap<WrittenRun>();
}

/** Sets every byte of [start, last]. */
export function fillMemory(memory: WrittenMemory, run: WrittenRun): void {
  let { start, last } = run;
  const { fill } = run;
  // Neighbours of the same value join in, so they are looked at too.
  const from = start === 0n ? start : start - 1n;
  for (const old of [...memory.between(from, last + 1n)]) {
    memory.remove(old.start);
    if (old.fill === fill) {
      if (old.start < start) start = old.start;
      if (old.last > last) last = old.last;
      continue;
    }
    if (old.start < start) {
      memory.add({ ...old, last: old.last < start ? old.last : start - 1n });
    }
    if (old.last > last) {
      memory.add({ ...old, start: old.start > last ? old.start : last + 1n });
    }
  }
  if (fill !== 0) memory.add({ start, last, fill });
}

/** `length` bytes from `userVa` on, as hex. */
export function readMemory(memory: WrittenMemory, userVa: bigint, length: bigint): string {
  const last = userVa + length - 1n;
  let hex = '';
  let next = userVa;
  const append = (fill: number, end: bigint) => {
    if (end < next) return;
    hex += fill
      .toString(16)
      .padStart(2, '0')
      .repeat(Number(end - next + 1n));
    next = end + 1n;
  };
  for (const run of memory.between(userVa, last)) {
    append(0, run.start - 1n);
    append(run.fill, run.last < last ? run.last : last);
  }
  append(0, last);
  return hex;
}
