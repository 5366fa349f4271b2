/** Both collections against the Map and the Set they stand in for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReusedKeyMap, ReusedKeySet } from '../../../src/core/collections/reused-keys.ts';

const STEPS = fc.array(
  fc.record({ key: fc.nat(12), what: fc.constantFrom('put', 'put', 'take', 'take', 'clear') }),
  { maxLength: 400 },
);

test('a ReusedKeyMap holds what a Map holds', () => {
  fc.assert(
    fc.property(STEPS, steps => {
      const reused = new ReusedKeyMap<number, number>();
      const plain = new Map<number, number>();
      for (const [value, { key, what }] of steps.entries()) {
        for (const map of [reused, plain]) {
          if (what === 'put') map.set(key, value);
          if (what === 'clear' && value % 7 === 0) map.clear();
        }
        if (what === 'take') expect(reused.delete(key)).toBe(plain.delete(key));
        expect(reused.size).toBe(plain.size);
        expect(reused.has(key)).toBe(plain.has(key));
        expect(reused.get(key)).toBe(plain.get(key));
      }
      const sorted = [...plain].sort(([a], [b]) => a - b);
      expect([...reused].sort(([a], [b]) => a - b)).toEqual(sorted);
      expect([...reused.keys()].sort((a, b) => a - b)).toEqual(sorted.map(([key]) => key));
      expect([...reused.values()].sort()).toEqual(sorted.map(([, value]) => value).sort());
      const seen: [number, number][] = [];
      reused.forEach((value, key) => {
        seen.push([key, value]);
      });
      expect(seen).toEqual([...reused.entries()]);
    }),
  );
});

test('a ReusedKeyMap drops deleted entries once they are most of it', () => {
  const map = new ReusedKeyMap<number, string>();
  for (let key = 0; key < 1_000; key++) map.set(key, `${key}`);
  for (let key = 0; key < 995; key++) expect(map.delete(key)).toBe(true);
  expect([...map.keys()]).toEqual([995, 996, 997, 998, 999]);
  const kept = Object.getOwnPropertyDescriptor(Map.prototype, 'size')!.get!.call(map);
  expect(kept).toBeLessThan(100);
});

test('a ReusedKeySet holds what a Set holds, in the same order', () => {
  fc.assert(
    fc.property(STEPS, steps => {
      const reused = new ReusedKeySet<number>();
      const plain = new Set<number>();
      for (const [step, { key, what }] of steps.entries()) {
        for (const set of [reused, plain]) {
          if (what === 'put') set.add(key);
          if (what === 'clear' && step % 7 === 0) set.clear();
        }
        if (what === 'take') expect(reused.delete(key)).toBe(plain.delete(key));
        expect(reused.has(key)).toBe(plain.has(key));
        expect(reused.size).toBe(plain.size);
        expect([...reused]).toEqual([...plain]);
      }
      expect([...reused.keys()]).toEqual([...plain.keys()]);
      expect([...reused.entries()]).toEqual([...plain.entries()]);
      const seen: number[] = [];
      reused.forEach(item => {
        seen.push(item);
      });
      expect(seen).toEqual([...plain]);
    }),
  );
});
