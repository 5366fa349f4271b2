/** What accesses wrote: runs of one value, compared with an array of bytes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fillMemory,
  newWrittenMemory,
  readMemory,
} from '../../../src/core/memory/written-memory.ts';

/** First user address, above what a double can tell apart byte by byte. */
const BASE = 1n << 60n;
const SIZE = 40;

const byte = fc.integer({ min: 0, max: 2 });
const place = fc.integer({ min: 0, max: SIZE - 1 });
const fills = fc.array(fc.record({ fill: byte, from: place, to: place }), { maxLength: 20 });

test('reads what an array of bytes would give, and equal memory looks equal', () => {
  fc.assert(
    fc.property(fills, list => {
      const memory = newWrittenMemory();
      const bytes = new Uint8Array(SIZE);
      for (const { fill, from, to } of list) {
        const [first, last] = from < to ? [from, to] : [to, from];
        bytes.fill(fill, first, last + 1);
        fillMemory(memory, { start: BASE + BigInt(first), last: BASE + BigInt(last), fill });
      }
      const hex = Buffer.from(bytes).toString('hex');
      expect(readMemory(memory, BASE, BigInt(SIZE))).toBe(hex);
      expect(readMemory(memory, BASE + 7n, 9n)).toBe(hex.slice(14, 32));
      const again = newWrittenMemory();
      for (const [at, fill] of bytes.entries()) {
        const start = BASE + BigInt(at);
        fillMemory(again, { start, last: start, fill });
      }
      expect([...memory]).toEqual([...again]);
    }),
  );
});

test('a wide write is one run', () => {
  const memory = newWrittenMemory();
  for (let turn = 0n; turn < 64n; turn++) {
    const start = turn << 24n;
    fillMemory(memory, { start, last: start + (1n << 24n) - 1n, fill: 0xab });
  }
  expect([...memory]).toEqual([{ start: 0n, last: (1n << 30n) - 1n, fill: 0xab }]);
});
