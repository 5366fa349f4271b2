/**
 * What is in the memory of a process, for devices that move it about: runs of one byte each, and
 * 8-byte words where somebody wrote one (page tables, above all). A word lies over the run under it;
 * filling a range takes the words in it away. What was never written is zero.
 *
 * Costs follow the runs and words there are, not the bytes: moving 1 MiB that holds one run is one
 * step.
 */
import type { IovaRange } from '../../memory/iova-range.ts';
import { fillMemory, type WrittenMemory } from '../../memory/written-memory.ts';

/** Bytes of a word; words stand at multiples of it. */
export const WORD_BYTES = 8n;
const LAST_BYTE = WORD_BYTES - 1n;
const WORD_MASK = ~LAST_BYTE;
/** A byte in each place of a word. */
const EACH_BYTE = 0x0101_0101_0101_0101n;

/** Runs, and the words over them by user address. */
export interface Contents {
  readonly runs: WrittenMemory;
  readonly words: Map<bigint, bigint>;
}

/** A part of a range, at its distance from the range's start. */
export type ContentsPart =
  | {
      readonly kind: 'RUN';
      readonly offset: bigint;
      readonly length: bigint;
      readonly fill: number;
    }
  | { readonly kind: 'WORD'; readonly offset: bigint; readonly value: bigint };

/** The word at an address, a multiple of 8, little-endian. */
export function readWordAt({ runs, words }: Contents, address: bigint): bigint {
  const word = words.get(address);
  if (word !== undefined) return word;
  const under = runs.at(address);
  if (under !== null && under.last >= address + LAST_BYTE) return BigInt(under.fill) * EACH_BYTE;
  let value = 0n;
  for (const { start, last, fill } of runs.between(address, address + LAST_BYTE)) {
    const from = start > address ? start : address;
    const to = last < address + LAST_BYTE ? last : address + LAST_BYTE;
    for (let at = from; at <= to; at++) value |= BigInt(fill) << ((at - address) * 8n);
  }
  return value;
}

/** Writes one word, at a multiple of 8. */
export function writeWordAt(contents: Contents, address: bigint, value: bigint): void {
  // A word of equal bytes is a run, so that equal memory looks equal.
  const fill = value & 0xffn;
  if (value === fill * EACH_BYTE) {
    contents.words.delete(address);
    fillMemory(contents.runs, { start: address, last: address + LAST_BYTE, fill: Number(fill) });
    return;
  }
  // Nothing of the run shows under the word.
  fillMemory(contents.runs, { start: address, last: address + LAST_BYTE, fill: 0 });
  contents.words.set(address, value);
}

/** Sets every byte of [start, last]; words that reach beyond keep what is outside. */
export function fillAt(contents: Contents, { start, last }: IovaRange, fill: number): void {
  for (const edge of edgesOf(start, last)) {
    const kept = contents.words.get(edge);
    if (kept !== undefined) breakWord(contents, edge, kept);
  }
  for (const address of wordsIn(contents, start, last)) contents.words.delete(address);
  fillMemory(contents.runs, { start, last, fill });
}

/** Words at the ends of a range that it covers in part. */
function edgesOf(start: bigint, last: bigint): bigint[] {
  const edges = new Set<bigint>();
  if ((start & LAST_BYTE) !== 0n) edges.add(start & WORD_MASK);
  if ((last & LAST_BYTE) !== LAST_BYTE) edges.add(last & WORD_MASK);
  return [...edges];
}

/** The bytes of a word as runs. */
function breakWord({ runs, words }: Contents, address: bigint, value: bigint): void {
  words.delete(address);
  for (let place = 0n; place < WORD_BYTES; place++) {
    const fill = Number((value >> (place * 8n)) & 0xffn);
    fillMemory(runs, { start: address + place, last: address + place, fill });
  }
}

/** Addresses of the words that begin in [start, last], by look-up or by a scan, whichever is less. */
function wordsIn({ words }: Contents, start: bigint, last: bigint): bigint[] {
  const found: bigint[] = [];
  if ((last - start) / WORD_BYTES < BigInt(words.size)) {
    const first = (start + LAST_BYTE) & WORD_MASK;
    for (let address = first; address <= last; address += WORD_BYTES) {
      if (words.has(address)) found.push(address);
    }
    return found;
  }
  for (const address of words.keys()) if (address >= start && address <= last) found.push(address);
  return found.sort((a, b) => (a < b ? -1 : 1));
}

/** What [start, last] holds, in order; bytes that are zero are in no part. */
export function partsOf(contents: Contents, { start, last }: IovaRange): ContentsPart[] {
  const parts: ContentsPart[] = [];
  for (const run of contents.runs.between(start, last)) {
    const from = run.start > start ? run.start : start;
    const to = run.last < last ? run.last : last;
    const { fill } = run;
    parts.push({ kind: 'RUN', offset: from - start, length: to - from + 1n, fill });
  }
  for (const edge of edgesOf(start, last)) {
    const value = contents.words.get(edge);
    if (value !== undefined) parts.push(...bytesOf(edge, value, start, last));
  }
  const first = (start + LAST_BYTE) & WORD_MASK;
  if (last >= LAST_BYTE) {
    for (const address of wordsIn(contents, first, last - LAST_BYTE)) {
      const value = contents.words.get(address)!;
      parts.push({ kind: 'WORD', offset: address - start, value });
    }
  }
  return parts.sort((a, b) => (a.offset < b.offset ? -1 : 1));
}

function bytesOf(address: bigint, value: bigint, start: bigint, last: bigint): ContentsPart[] {
  const parts: ContentsPart[] = [];
  for (let place = 0n; place < WORD_BYTES; place++) {
    const at = address + place;
    const fill = Number((value >> (place * 8n)) & 0xffn);
    if (at < start || at > last || fill === 0) continue;
    parts.push({ kind: 'RUN', offset: at - start, length: 1n, fill });
  }
  return parts;
}

/** Writes what `partsOf` gave into a range of `length` bytes; what is in no part becomes zero. */
export function writeParts(
  contents: Contents,
  start: bigint,
  length: bigint,
  parts: readonly ContentsPart[],
): void {
  fillAt(contents, { start, last: start + length - 1n }, 0);
  for (const part of parts) {
    const at = start + part.offset;
    if (part.kind === 'RUN') {
      fillAt(contents, { start: at, last: at + part.length - 1n }, part.fill);
    } else if ((at & LAST_BYTE) === 0n) {
      writeWordAt(contents, at, part.value);
    } else {
      for (const run of bytesOf(at, part.value, at, at + LAST_BYTE)) {
        const byte = at + run.offset;
        if (run.kind === 'RUN') fillAt(contents, { start: byte, last: byte }, run.fill);
      }
    }
  }
}

/** The bytes of [start, last] as hex, the lowest address first. */
export function readHex(contents: Contents, { start, last }: IovaRange): string {
  let hex = '';
  let next = 0n;
  const append = (fill: number, count: bigint) => {
    hex += fill.toString(16).padStart(2, '0').repeat(Number(count));
    next += count;
  };
  for (const part of partsOf(contents, { start, last })) {
    append(0, part.offset - next);
    if (part.kind === 'RUN') {
      append(part.fill, part.length);
      continue;
    }
    for (let place = 0n; place < WORD_BYTES; place++) {
      append(Number((part.value >> (place * 8n)) & 0xffn), 1n);
    }
  }
  append(0, last - start + 1n - next);
  return hex;
}
