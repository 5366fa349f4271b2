/**
 * Memory of a process with words in it: page tables and what devices move. Words lie on top of the
 * runs of `written`, and stay words when they are written over: so who wrote them last is known.
 */
import type { IovaRange } from './iova-range.ts';
import type { RangeMap } from './range-map.ts';
import { fillMemory, readMemory, type WrittenMemory, type WrittenRun } from './written-memory.ts';

/** Eight bytes, little-endian, at an address that is a multiple of 8. */
export interface GuestWord extends IovaRange {
  readonly value: bigint;
  /** seq of the event by which software or a device wrote it; hardware's own bits do not count. */
  readonly writtenSeq: number;
}

/** What a range holds, by offset from its first byte. */
export interface Content {
  readonly length: bigint;
  readonly runs: readonly WrittenRun[];
  readonly words: readonly ContentWord[];
}

interface ContentWord extends IovaRange {
  readonly value: bigint;
}

/** The memory of a process: `words` stands on top of `written`. */
export interface GuestMemory {
  readonly written: WrittenMemory;
  readonly words: RangeMap<GuestWord>;
}

const WORD = 8n;
const BYTE = 0xffn;

/** The eight bytes at an address that is a multiple of 8. */
export function readWord({ written, words }: GuestMemory, userVa: bigint): bigint {
  const word = words.at(userVa);
  if (word !== null) return word.value;
  if (!written.meets(userVa, userVa + WORD - 1n)) return 0n;
  const hex = readMemory(written, userVa, WORD);
  const bytes = hex.match(/../g)!.reverse();
  return BigInt(`0x${bytes.join('')}`);
}

/** seq of the event that wrote the word; null if it is no word. */
export function wordWrittenSeq({ words }: GuestMemory, userVa: bigint): number | null {
  return words.at(userVa)?.writtenSeq ?? null;
}

export function writeWord(
  { words }: GuestMemory,
  userVa: bigint,
  value: bigint,
  writtenSeq: number,
): void {
  if (words.at(userVa) !== null) words.remove(userVa);
  words.add({ start: userVa, last: userVa + WORD - 1n, value, writtenSeq });
}

/** Sets every byte of [start, last]. Words that are met stay words, written by this. */
export function fillGuestMemory(memory: GuestMemory, run: WrittenRun, writtenSeq: number): void {
  const { written, words } = memory;
  for (const word of [...words.between(run.start, run.last)]) {
    let { value } = word;
    for (let i = 0n; i < WORD; i++) {
      const at = word.start + i;
      if (at < run.start || at > run.last) continue;
      value = (value & ~(BYTE << (8n * i))) | (BigInt(run.fill) << (8n * i));
    }
    writeWord(memory, word.start, value, writtenSeq);
  }
  fillMemory(written, run);
}

/** What [userVa, userVa + length) holds. Costs as much as there are runs and words in it. */
export function contentOf(
  { written, words }: GuestMemory,
  userVa: bigint,
  length: bigint,
): Content {
  const last = userVa + length - 1n;
  const inside = <T extends IovaRange>(item: T): T => ({
    ...item,
    start: (item.start > userVa ? item.start : userVa) - userVa,
    last: (item.last < last ? item.last : last) - userVa,
  });
  const runs = Array.from(written.between(userVa, last), inside);
  const whole: ContentWord[] = [];
  for (const { start, last: end, value } of words.between(userVa, last)) {
    if (start >= userVa && end <= last && (start - userVa) % WORD === 0n) {
      whole.push({ start: start - userVa, last: end - userVa, value });
      continue;
    }
    for (let i = 0n; i < WORD; i++) {
      const at = start + i;
      if (at < userVa || at > last) continue;
      runs.push({
        start: at - userVa,
        last: at - userVa,
        fill: Number((value >> (8n * i)) & BYTE),
      });
    }
  }
  return { length, runs, words: whole };
}

/** A content of these bytes: whole words, and what is left behind them. */
export function contentOfBytes(bytes: Uint8Array): Content {
  const words: ContentWord[] = [];
  const runs: WrittenRun[] = [];
  const whole = bytes.length - (bytes.length % Number(WORD));
  for (let at = 0; at < whole; at += Number(WORD)) {
    let value = 0n;
    for (let i = Number(WORD) - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!);
    words.push({ start: BigInt(at), last: BigInt(at) + WORD - 1n, value });
  }
  for (let at = whole; at < bytes.length; at++) {
    runs.push({ start: BigInt(at), last: BigInt(at), fill: bytes[at]! });
  }
  return { length: BigInt(bytes.length), runs, words };
}

/** Writes a part of a content, from `offset` on, to [userVa, userVa + length). */
export function putContent(
  memory: GuestMemory,
  userVa: bigint,
  length: bigint,
  content: Content,
  offset: bigint,
  writtenSeq: number,
): void {
  fillGuestMemory(memory, { start: userVa, last: userVa + length - 1n, fill: 0 }, writtenSeq);
  const last = offset + length - 1n;
  for (const run of content.runs) {
    if (run.last < offset || run.start > last) continue;
    const start = run.start > offset ? run.start : offset;
    const end = run.last < last ? run.last : last;
    const part = { start: userVa + start - offset, last: userVa + end - offset, fill: run.fill };
    fillGuestMemory(memory, part, writtenSeq);
  }
  for (const word of content.words) {
    const at = userVa + word.start - offset;
    if (word.start >= offset && word.last <= last && at % WORD === 0n) {
      writeWord(memory, at, word.value, writtenSeq);
      continue;
    }
    for (let i = 0n; i < WORD; i++) {
      const place = word.start + i;
      if (place < offset || place > last) continue;
      const start = userVa + place - offset;
      const fill = Number((word.value >> (8n * i)) & BYTE);
      fillGuestMemory(memory, { start, last: start, fill }, writtenSeq);
    }
  }
}

/** `length` bytes from `userVa` on, as hex. */
export function readGuestMemory(memory: GuestMemory, userVa: bigint, length: bigint): string {
  const { written, words } = memory;
  const last = userVa + length - 1n;
  let hex = '';
  let next = userVa;
  const upTo = (end: bigint) => {
    if (end >= next) hex += readMemory(written, next, end - next + 1n);
  };
  for (const { start, last: end, value } of words.between(userVa, last)) {
    upTo(start - 1n);
    for (let at = start > userVa ? start : userVa; at <= end && at <= last; at++) {
      const byte = (value >> (8n * (at - start))) & BYTE;
      hex += byte.toString(16).padStart(2, '0');
    }
    next = end + 1n;
  }
  upTo(last);
  return hex;
}

/** The first byte of [userVa, userVa + length) that is not `fill`; null if all are. */
export function firstOtherByte(
  { written, words }: GuestMemory,
  userVa: bigint,
  length: bigint,
  fill: number,
): { userVa: bigint; value: number } | null {
  const last = userVa + length - 1n;
  let next = userVa;
  /** Looks at what is filled until `end`; the rest of it is 0. */
  const otherUntil = (end: bigint) => {
    for (const run of written.between(next, end)) {
      if (run.start > next && fill !== 0) return { userVa: next, value: 0 };
      if (run.start > next) next = run.start;
      if (run.fill !== fill) return { userVa: next, value: run.fill };
      next = run.last + 1n;
    }
    return next <= end && fill !== 0 ? { userVa: next, value: 0 } : null;
  };
  for (const { start, last: end, value } of words.between(userVa, last)) {
    const other = start > next ? otherUntil(start - 1n) : null;
    if (other !== null) return other;
    for (let at = start > userVa ? start : userVa; at <= end && at <= last; at++) {
      const byte = Number((value >> (8n * (at - start))) & BYTE);
      if (byte !== fill) return { userVa: at, value: byte };
    }
    next = end + 1n;
  }
  return next <= last ? otherUntil(last) : null;
}
