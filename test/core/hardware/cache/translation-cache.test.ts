/** The translation cache against a plain list that does the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cacheOf,
  columnsOf,
  type Translation,
  withoutRuns,
} from '../../../../src/core/hardware/cache/columns.ts';
import {
  blockOf,
  type CachedTranslation,
  pageOf,
  TranslationCache,
} from '../../../../src/core/hardware/cache/translation-cache.ts';

const lastOf = ({ page, log2Pages }: CachedTranslation) => page + 2 ** log2Pages - 1;
const meets = (item: CachedTranslation, first: number, last: number) =>
  item.page <= last && lastOf(item) >= first;

/** A cache as a list, the oldest first. */
class Plain {
  items: CachedTranslation[] = [];
  readonly entries: number;
  readonly lru: boolean;

  constructor(entries: number, lru: boolean) {
    this.entries = entries;
    this.lru = lru;
  }

  find(tag: string, page: number) {
    const found = this.items.filter(item => item.tag === tag && meets(item, page, page));
    return found.toSorted((a, b) => b.log2Pages - a.log2Pages)[0] ?? null;
  }

  use(item: CachedTranslation) {
    if (this.lru) this.items = [...this.items.filter(other => other !== item), item];
  }

  drop(tag: string | null, first: number, last: number) {
    const goes = (item: CachedTranslation) =>
      (tag === null || item.tag === tag) && meets(item, first, last);
    this.items = this.items.filter(item => !goes(item));
  }

  fill(item: CachedTranslation) {
    this.drop(item.tag, item.page, lastOf(item));
    if (this.items.length === this.entries) this.items.shift();
    this.items.push(item);
  }
}

const tag = fc.constantFrom('1/-', '1/7', '2/7');
const page = fc.nat({ max: 70 });
const size = fc.constantFrom(0, 0, 0, 2, 4);
const action = fc.oneof(
  fc.record({ kind: fc.constant('FILL' as const), tag, page, log2Pages: size }),
  fc.record({ kind: fc.constant('FIND' as const), tag, page }),
  fc.record({ kind: fc.constant('DROP' as const), tag: fc.option(tag), page, length: fc.nat(40) }),
);

describe('the translation cache', () => {
  test('finds, forgets and invalidates as a list does', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 12 }),
        fc.boolean(),
        fc.array(action, { maxLength: 120, size: 'max' }),
        (more, lru, actions) => {
          const cache = new TranslationCache({ entries: more + 1, lru });
          const plain = new Plain(more + 1, lru);
          for (const act of actions) {
            if (act.kind === 'FILL') {
              const item = { ...act, page: blockOf(act.page, act.log2Pages) };
              const before = new Set(cache);
              const gone = cache.fill(item);
              plain.fill(item);
              const after = new Set(cache);
              expect(new Set(gone)).toEqual(new Set([...before].filter(old => !after.has(old))));
            } else if (act.kind === 'FIND') {
              const found = cache.find(act.tag, act.page);
              expect(found).toBe(plain.find(act.tag, act.page));
              if (found !== null) {
                cache.touch(found);
                plain.use(found);
              }
            } else {
              const last = act.page + act.length;
              cache.drop({ tag: act.tag, range: { first: act.page, last } });
              plain.drop(act.tag, act.page, last);
            }
            expect([...cache]).toEqual(plain.items);
            expect(cache.size).toBe(plain.items.length);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('drops what a predicate names, all pages, and keeps what is to stay', () => {
    const cache = new TranslationCache<CachedTranslation & { global: boolean }>({
      entries: 10,
      lru: false,
    });
    for (const [of, at, global] of [
      ['1/7', 0, false],
      ['1/8', 1, true],
      ['2/7', 2, false],
    ] as const) {
      cache.fill({ tag: of, page: at, log2Pages: 0, global });
    }
    const gone = cache.drop({
      tag: text => text.startsWith('1/'),
      range: null,
      keep: ({ global }) => global,
    });
    expect(gone.map(item => item.tag)).toEqual(['1/7']);
    expect([...cache].map(item => item.tag)).toEqual(['1/8', '2/7']);
    expect(cache.drop({ tag: null, range: null })).toHaveLength(2);
    expect(cache.size).toBe(0);
  });

  test('holds page numbers of the whole address space', () => {
    const cache = new TranslationCache({ entries: 4, lru: false });
    const top = pageOf(0xffff_ffff_ffff_f000n);
    cache.fill({ tag: '', page: top, log2Pages: 0 });
    cache.fill({ tag: '', page: blockOf(top - 2 ** 36, 36), log2Pages: 36 });
    expect(cache.find('', top)?.log2Pages).toBe(0);
    expect(cache.find('', top - 2 ** 36)?.log2Pages).toBe(36);
    expect(cache.find('', top - 1)).toBeNull();
    cache.drop({ tag: '', range: { first: 0, last: top } });
    expect(cache.size).toBe(0);
  });

  test('asserts what callers promise', () => {
    expect(() => new TranslationCache({ entries: 0, lru: false })).toThrow('a cache of 0');
    const cache = new TranslationCache({ entries: 1, lru: true });
    cache.fill({ tag: 'a', page: 1, log2Pages: 0 });
    expect(() => cache.remove({ tag: 'a', page: 1, log2Pages: 0 })).toThrow('is cached so');
    expect(() => cache.touch({ tag: 'b', page: 1, log2Pages: 0 })).toThrow('is cached so');
  });
});

describe('a cache as columns', () => {
  const translation = (filledSeq: number): Translation => ({
    tag: `pasid ${filledSeq % 3}`,
    page: filledSeq * 512,
    log2Pages: filledSeq % 2 === 0 ? 0 : 9,
    target: 2 ** 51 + filledSeq,
    read: filledSeq % 2 === 0,
    write: filledSeq % 3 === 0,
    execute: filledSeq % 5 === 0,
    filledSeq,
  });

  test('comes back with the same translations in the same order of age', () => {
    const cache = new TranslationCache<Translation>({ entries: 50, lru: true });
    for (let seq = 1; seq <= 60; seq++) cache.fill(translation(seq));
    cache.touch([...cache][7]!);
    const columns = JSON.parse(JSON.stringify(columnsOf(cache)));
    const back = cacheOf(columns);
    expect([...back]).toEqual([...cache]);
    expect(back.bound).toEqual(cache.bound);
    expect(columnsOf(back)).toEqual(columns);
    expect(withoutRuns(columns.numbers)).toHaveLength(6 * cache.size);
  });

  test('what goes on where the one before ends is one run, whatever comes between', () => {
    const cache = new TranslationCache<Translation>({ entries: 5_000, lru: false });
    const one = { ...translation(2), log2Pages: 9, tag: 'a' };
    const fill = (i: number, seq: number, more: Partial<Translation> = {}) =>
      cache.fill({ ...one, page: i * 512, target: i * 512, filledSeq: seq, ...more });
    for (let i = 0; i < 1_000; i++) fill(i, 7 + 3 * i);
    // Another step, another tag, other rights, another place: each ends the run before.
    fill(1_000, 3_006);
    fill(1_001, 3_007);
    fill(1_002, 3_008, { tag: 'b' });
    fill(1_003, 3_009, { tag: 'b', write: !one.write });
    fill(1_004, 3_010, { tag: 'b', write: !one.write, target: 0 });
    const columns = columnsOf(cache);
    expect(columns.numbers).toHaveLength(2 * 8 + 3 * 6);
    expect([...cacheOf(columns)]).toEqual([...cache]);
    const each = withoutRuns(columns.numbers);
    expect(each.slice(0, 12)).toEqual([0, 0, 9, 0, each[4], 7, 0, 512, 9, 512, each[4], 10]);
  });
});
