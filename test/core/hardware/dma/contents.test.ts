/** Runs and words against an array of bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Contents,
  fillAt,
  partsOf,
  readHex,
  readWordAt,
  writeParts,
  writeWordAt,
} from '../../../../src/core/hardware/dma/contents.ts';
import { newWrittenMemory } from '../../../../src/core/memory/written-memory.ts';

const SIZE = 160;
const BASE = 0x1000n;
const newContents = (): Contents => ({ runs: newWrittenMemory(), words: new Map() });

const place = fc.nat({ max: SIZE - 1 });
const fill = fc.constantFrom(0, 1, 1, 255);
const action = fc.oneof(
  fc.record({ kind: fc.constant('FILL' as const), a: place, b: place, fill }),
  fc.record({
    kind: fc.constant('WORD' as const),
    word: fc.nat({ max: SIZE / 8 - 1 }),
    value: fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.constantFrom(0n, 0x0101_0101_0101_0101n, 0xffff_ffff_ffff_ffffn, 1n),
    ),
  }),
  fc.record({
    kind: fc.constant('COPY' as const),
    from: place,
    to: place,
    length: fc.integer({ min: 1, max: 60 }),
  }),
);

const hexOf = (bytes: Uint8Array, from: number, to: number) =>
  [...bytes.slice(from, to + 1)].map(byte => byte.toString(16).padStart(2, '0')).join('');

describe('contents of memory', () => {
  test('are what an array of bytes would be', () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 40 }),
        fc.array(fc.tuple(place, place), { minLength: 3, maxLength: 6 }),
        (actions, ranges) => {
          const contents = newContents();
          const bytes = new Uint8Array(SIZE);
          const view = new DataView(bytes.buffer);
          for (const act of actions) {
            if (act.kind === 'FILL') {
              const [from, to] = act.a < act.b ? [act.a, act.b] : [act.b, act.a];
              const range = { start: BASE + BigInt(from), last: BASE + BigInt(to) };
              fillAt(contents, range, act.fill);
              bytes.fill(act.fill, from, to + 1);
            } else if (act.kind === 'WORD') {
              writeWordAt(contents, BASE + BigInt(act.word * 8), act.value);
              view.setBigUint64(act.word * 8, act.value, true);
            } else {
              const length = Math.min(act.length, SIZE - Math.max(act.from, act.to));
              const start = BASE + BigInt(act.from);
              const parts = partsOf(contents, { start, last: start + BigInt(length - 1) });
              writeParts(contents, BASE + BigInt(act.to), BigInt(length), parts);
              bytes.copyWithin(act.to, act.from, act.from + length);
            }
          }
          for (const [a, b] of [...ranges, [0, SIZE - 1] as const]) {
            const [from, to] = a < b ? [a, b] : [b, a];
            const range = { start: BASE + BigInt(from), last: BASE + BigInt(to) };
            expect(readHex(contents, range)).toBe(hexOf(bytes, from, to));
          }
          for (let word = 0; word < SIZE / 8; word++) {
            const address = BASE + BigInt(word * 8);
            expect(readWordAt(contents, address)).toBe(view.getBigUint64(word * 8, true));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a word of equal bytes is a run, and nothing is kept for zeros', () => {
    const contents = newContents();
    writeWordAt(contents, 0x1000n, 0x0707_0707_0707_0707n);
    expect([contents.words.size, contents.runs.size]).toEqual([0, 1]);
    writeWordAt(contents, 0x1000n, 5n);
    expect([contents.words.size, contents.runs.size]).toEqual([1, 0]);
    writeWordAt(contents, 0x1000n, 0n);
    expect([contents.words.size, contents.runs.size]).toEqual([0, 0]);
  });

  test('moving 1 GiB of one byte is one part', () => {
    const contents = newContents();
    const length = 1n << 30n;
    fillAt(contents, { start: 0n, last: length - 1n }, 9);
    const parts = partsOf(contents, { start: 0n, last: length - 1n });
    expect(parts).toHaveLength(1);
    writeParts(contents, 1n << 40n, length, parts);
    expect(contents.runs.size).toBe(2);
    expect(readWordAt(contents, (1n << 40n) + length - 8n)).toBe(0x0909_0909_0909_0909n);
  });
});
