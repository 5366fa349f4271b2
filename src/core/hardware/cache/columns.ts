/**
 * A translation cache as columns, for snapshots: a list of numbers for each field instead of an
 * object for each translation, and each tag once.
 */
import { type CacheBound, type CachedTranslation, TranslationCache } from './translation-cache.ts';

/** What the machine remembers of a translation. */
export interface Translation extends CachedTranslation {
  /** Number of the first page it leads to: of user memory, or of the guest's. */
  readonly target: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** The event that filled it. */
  readonly filledSeq: number;
}

export interface CacheColumns {
  readonly bound: CacheBound;
  readonly tags: readonly string[];
  /** TRANSLATION_COLUMNS numbers a translation, the oldest translation first. */
  readonly numbers: readonly number[];
}

/** Place of the tag, page, log2Pages, target, rights (read 1, write 2, execute 4), filledSeq. */
export const TRANSLATION_COLUMNS = 6;

const READ = 1;
const WRITE = 2;
const EXECUTE = 4;

export function columnsOf(cache: TranslationCache<Translation>): CacheColumns {
  const places = new Map<string, number>();
  const numbers = new Array<number>(cache.size * TRANSLATION_COLUMNS);
  let at = 0;
  cache.forEach(translation => {
    const { tag, page, log2Pages, target, read, write, execute, filledSeq } = translation;
    let place = places.get(tag);
    if (place === undefined) {
      place = places.size;
      places.set(tag, place);
    }
    numbers[at++] = place;
    numbers[at++] = page;
    numbers[at++] = log2Pages;
    numbers[at++] = target;
    numbers[at++] = (read ? READ : 0) | (write ? WRITE : 0) | (execute ? EXECUTE : 0);
    numbers[at++] = filledSeq;
  });
  return { bound: cache.bound, tags: [...places.keys()], numbers };
}

/** The cache `columnsOf` was given. */
export function cacheOf({ bound, tags, numbers }: CacheColumns): TranslationCache<Translation> {
  const cache = new TranslationCache<Translation>(bound);
  for (let at = 0; at < numbers.length; at += TRANSLATION_COLUMNS) {
    const rights = numbers[at + 4]!;
    cache.restore({
      tag: tags[numbers[at]!]!,
      page: numbers[at + 1]!,
      log2Pages: numbers[at + 2]!,
      target: numbers[at + 3]!,
      read: (rights & READ) !== 0,
      write: (rights & WRITE) !== 0,
      execute: (rights & EXECUTE) !== 0,
      filledSeq: numbers[at + 5]!,
    });
  }
  return cache;
}
