/** Whether two values of a state are the same, as `canonicalText` has it: whatever their history. */
import { Fifo, IdAllocator } from '../collections/collections.ts';
import { type CachedTranslation, TranslationCache } from '../hardware/cache/translation-cache.ts';
import { ORDERED_SETS, plainOfIds } from '../machine/snapshot.ts';
import { Coverage } from '../memory/coverage.ts';
import type { IovaRange } from '../memory/iova-range.ts';
import { RangeMap } from '../memory/range-map.ts';

/**
 * `field` is the name the values have in the state. Of two logs (`oneLog` false), the places at which
 * something happened are not compared; sets and sequences hold none.
 */
export function sameValue(a: unknown, b: unknown, field: string, oneLog = true): boolean {
  if (a === b || (!oneLog && arePlaces(a, b, field))) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Set) return b instanceof Set && sameSets(a, b, field);
  if (a instanceof Map) return b instanceof Map && sameMaps(a, b, field, oneLog);
  if (Array.isArray(a)) return Array.isArray(b) && sameLists(a, b, field, oneLog);
  if (a instanceof RangeMap) return sameRanges(a, b as typeof a, field);
  if (a instanceof Coverage) return sameCoverages(a, b as Coverage, field);
  if (a instanceof TranslationCache) return sameCaches(a, b as typeof a, field);
  if (a instanceof Fifo) return sameSequences(a, b as Fifo, field);
  if (a instanceof IdAllocator) {
    return sameLists(plainOfIds(a), plainOfIds(b as IdAllocator), field, oneLog);
  }
  return sameFields(a as Fields, b as Fields, oneLog);
}

/** Whether both are seqs; `planted` holds nothing else. */
function arePlaces(a: unknown, b: unknown, field: string): boolean {
  if (field === 'planted') return true;
  return field.endsWith('Seq') && typeof a === 'number' && typeof b === 'number';
}

type Fields = Readonly<Record<string, unknown>>;

function sameFields(a: Fields, b: Fields, oneLog: boolean): boolean {
  let more = 0;
  for (const name in a) {
    if (!sameValue(a[name], b[name], name, oneLog)) return false;
    more--;
  }
  for (const _ in b) more++;
  return more === 0;
}

function sameLists(
  a: readonly unknown[],
  b: readonly unknown[],
  field: string,
  oneLog: boolean,
): boolean {
  return (
    a.length === b.length && a.every((item, index) => sameValue(item, b[index], field, oneLog))
  );
}

// Most are empty, and walking through nothing takes its time, too.
function sameRanges(a: RangeMap<IovaRange>, b: RangeMap<IovaRange>, field: string): boolean {
  return a.size === b.size && (a.size === 0 || sameSequences(a, b, field));
}

function sameCoverages(a: Coverage, b: Coverage, field: string): boolean {
  return a.covered === b.covered && (a.covered === 0n || sameSequences(a, b, field));
}

function sameCaches(
  a: TranslationCache<CachedTranslation>,
  b: TranslationCache<CachedTranslation>,
  field: string,
): boolean {
  return (
    a.size === b.size &&
    sameFields({ ...a.bound }, { ...b.bound }, true) &&
    sameSequences(a, b, field)
  );
}

function sameSequences<T extends Iterable<unknown>>(a: T, b: T, field: string): boolean {
  const others = b[Symbol.iterator]();
  for (const item of a) {
    const other = others.next();
    if (other.done || !sameValue(item, other.value, field)) return false;
  }
  return others.next().done === true;
}

function sameSets(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>, field: string): boolean {
  if (a.size !== b.size) return false;
  if (a.size === 0) return true;
  if (ORDERED_SETS.has(field)) return sameSequences(a, b, field);
  for (const item of a) if (!b.has(item)) return false;
  return true;
}

function sameMaps(
  a: ReadonlyMap<unknown, unknown>,
  b: ReadonlyMap<unknown, unknown>,
  field: string,
  oneLog: boolean,
): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    if (!b.has(key) || !sameValue(value, b.get(key), field, oneLog)) return false;
  }
  return true;
}
