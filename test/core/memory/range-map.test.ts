/** RangeMap and Coverage against the plainest thing that does the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageText, sweep } from '../../../src/core/check/invariant-memory.ts';
import { Coverage } from '../../../src/core/memory/coverage.ts';
import type { IovaRange } from '../../../src/core/memory/iova-range.ts';
import { RangeMap } from '../../../src/core/memory/range-map.ts';

const meets = (a: IovaRange, start: bigint, last: bigint) => a.start <= last && a.last >= start;

/** Holes of at least `length` in [start, last], found range by range. */
function holesOf(ranges: readonly IovaRange[], start: bigint, last: bigint, length: bigint) {
  const holes: IovaRange[] = [];
  let from = start;
  const met = ranges.filter(range => meets(range, start, last));
  for (const range of met.toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    if (range.start > from) holes.push({ start: from, last: range.start - 1n });
    if (range.last >= from) from = range.last + 1n;
  }
  if (from <= last) holes.push({ start: from, last });
  return holes.filter(hole => hole.last - hole.start + 1n >= length);
}

/** Narrow, so that ranges meet; lengths mostly small, so that there are many. */
const place = fc.bigInt({ min: 0n, max: 4_000n });
const length = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 1n, max: 4n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: 300n }) },
);
const range = fc.tuple(place, length).map(([start, size]) => ({ start, last: start + size - 1n }));

/** Adds each range that fits and then takes out those whose place in the list is chosen. */
function built(wanted: readonly IovaRange[], removed: readonly number[]) {
  const map = new RangeMap<IovaRange>();
  let model: IovaRange[] = [];
  for (const item of wanted) {
    if (model.some(other => meets(other, item.start, item.last))) {
      expect(() => map.add(item)).toThrow('disjoint');
      continue;
    }
    map.add(item);
    model.push(item);
  }
  for (const choice of removed) {
    if (model.length === 0) break;
    const item = model[choice % model.length]!;
    expect(map.remove(item.start)).toBe(item);
    model = model.filter(other => other !== item);
  }
  return { map, model: model.toSorted((a, b) => (a.start < b.start ? -1 : 1)) };
}

describe('RangeMap', () => {
  test('finds, lists and measures as a list does, over many chunks', () => {
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 900, size: 'max' }),
        fc.array(fc.nat(), { maxLength: 300, size: 'max' }),
        fc.array(fc.tuple(range, length), { minLength: 5, maxLength: 20 }),
        (wanted, removed, questions) => {
          const { map, model } = built(wanted, removed);
          expect([...map]).toEqual(model);
          expect(map.size).toBe(model.length);
          for (const [{ start, last }, size] of questions) {
            const found = model.filter(item => meets(item, start, last));
            expect(map.meets(start, last)).toBe(found.length > 0);
            expect([...map.between(start, last)]).toEqual(found);
            expect(map.at(start)).toBe(model.find(item => meets(item, start, start)) ?? null);
            expect(map.firstFrom(start)).toBe(model.find(item => item.last >= start) ?? null);
            const to = last + 2_000n;
            expect([...map.holes(start, to, size)]).toEqual(holesOf(model, start, to, size));
            expect([...map.holes(0n, to, size)]).toEqual(holesOf(model, 0n, to, size));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a search for room is right after each change, not only once', () => {
    const map = new RangeMap<IovaRange>();
    let model: IovaRange[] = [];
    for (let page = 0n; page < 1_500n; page++) {
      const item = { start: page * 4n, last: page * 4n + 3n };
      map.add(item);
      model.push(item);
    }
    for (const gone of [0n, 2_000n, 2_004n, 5_996n, 1_024n, 1_028n, 1_020n, 3_000n]) {
      map.remove(gone);
      model = model.filter(({ start }) => start !== gone);
      for (const size of [1n, 5n, 8n, 9n, 12n, 13n]) {
        expect([...map.holes(0n, 6_100n, size)]).toEqual(holesOf(model, 0n, 6_100n, size));
      }
    }
    for (const again of [2_000n, 1_024n, 0n]) {
      map.add({ start: again, last: again + 1n });
      model = [...model, { start: again, last: again + 1n }];
      expect([...map.holes(0n, 6_100n, 6n)]).toEqual(holesOf(model, 0n, 6_100n, 6n));
    }
  });

  test('removing what is not there is a defect', () => {
    const map = new RangeMap<IovaRange>();
    expect(() => map.remove(0n)).toThrow('a range starts at 0');
    map.add({ start: 4n, last: 9n });
    expect(() => map.remove(5n)).toThrow('a range starts at 5');
    expect([...map]).toHaveLength(1);
  });
});

describe('Coverage', () => {
  test('counts as a sweep over the ends does, in any order of adding and removing', () => {
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 120, size: 'max' }),
        fc.array(fc.nat(), { maxLength: 80, size: 'max' }),
        fc.array(range, { minLength: 1, maxLength: 8 }),
        (added, removed, questions) => {
          const coverage = new Coverage();
          let model: IovaRange[] = [];
          for (const item of added) {
            coverage.add(item);
            model.push(item);
          }
          for (const choice of removed) {
            if (model.length === 0) break;
            const gone = choice % model.length;
            coverage.remove(model[gone]!);
            model = model.toSpliced(gone, 1);
          }
          const expected = sweep(model);
          expect(coverageText(coverage)).toBe(coverageText(expected));
          expect(coverage.covered).toBe(
            expected.reduce((sum, { start, last }) => sum + last - start + 1n, 0n),
          );
          for (const { start, last } of questions) {
            expect(coverage.meets(start, last)).toBe(model.some(item => meets(item, start, last)));
            expect([...coverage.holes(start, last)]).toEqual(holesOf(model, start, last, 1n));
          }
          expect(coverageText(Coverage.from(coverage))).toBe(coverageText(coverage));
          expect(Coverage.from(coverage).covered).toBe(coverage.covered);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('reaches to the end of the space and back', () => {
    const last = 2n ** 64n - 1n;
    const coverage = new Coverage();
    coverage.add({ start: 0n, last });
    coverage.add({ start: last, last });
    expect(coverageText(coverage)).toBe(
      '[0x0, 0xfffffffffffffffe] × 1, [0xffffffffffffffff, 0xffffffffffffffff] × 2',
    );
    coverage.remove({ start: 0n, last });
    expect(coverage.covered).toBe(1n);
    expect([...coverage.holes(0n, last)]).toEqual([{ start: 0n, last: last - 1n }]);
  });

  test('removing what was never added is a defect', () => {
    const coverage = new Coverage();
    coverage.add({ start: 4n, last: 9n });
    expect(() => coverage.remove({ start: 4n, last: 10n })).toThrow('is covered');
    expect(coverageText(coverage)).toBe('[0x4, 0x9] × 1');
  });
});
