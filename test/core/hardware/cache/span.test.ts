/** Spans of invalidations: the encoding PCIe and three vendors share. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ALL_PAGES,
  decodeSpan,
  encodeSpan,
  rangeOf,
  spanAround,
} from '../../../../src/core/hardware/cache/span.ts';
import { blockOf } from '../../../../src/core/hardware/cache/translation-cache.ts';

describe('spans', () => {
  test.each([
    [0x5000n, 5, 0],
    [0x4800n, 4, 1],
    [0x5800n, 4, 2],
    [0x7800n, 0, 4],
    [0xf_f800n, 0, 9],
    [0xffff_ffff_ffff_f800n, 0, 52],
    [0x7fff_ffff_ffff_f800n, 0, 52],
  ] as const)('%# of the PCIe specification’s table', (payload, page, log2Pages) => {
    expect(decodeSpan(payload)).toEqual({ page, log2Pages });
  });

  test('come back from their payload', () => {
    const span = fc
      .tuple(fc.nat({ max: 51 }), fc.double({ min: 0, max: 2 ** 52 - 1, noNaN: true }))
      .map(([log2Pages, place]) => ({ page: blockOf(Math.floor(place), log2Pages), log2Pages }));
    fc.assert(
      fc.property(span, wanted => {
        expect(decodeSpan(encodeSpan(wanted))).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
    expect(decodeSpan(encodeSpan(ALL_PAGES))).toEqual(ALL_PAGES);
  });

  test('the span around a range is the smallest aligned block that holds it', () => {
    const page = fc.nat({ max: 5_000 });
    fc.assert(
      fc.property(page, page, (a, b) => {
        const [first, last] = a < b ? [a, b] : [b, a];
        const span = spanAround({ first, last });
        const range = rangeOf(span);
        expect(range.first <= first && last <= range.last).toBe(true);
        expect(span.page % 2 ** span.log2Pages).toBe(0);
        if (span.log2Pages > 0) {
          const half = span.page + 2 ** (span.log2Pages - 1);
          expect(first < half && half <= last).toBe(true);
        }
      }),
    );
  });
});
