/**
 * A translation cache as a list of numbers, for snapshots: instead of an object for each translation, and
 * each tag once.
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
  /**
   * The oldest translation first: place of its tag, page, log2Pages, target, rights, filledSeq. With
   * RUN among the rights, how many follow that continue it, and by how much their filledSeq grows: each
   * begins and leads to where the one before ends. What a device goes through in order is one run.
   */
  readonly numbers: readonly number[];
}

const READ = 1;
const WRITE = 2;
const EXECUTE = 4;
const RUN = 8;

const rightsOf = ({ read, write, execute }: Translation) =>
  (read ? READ : 0) | (write ? WRITE : 0) | (execute ? EXECUTE : 0);

export function columnsOf(cache: TranslationCache<Translation>): CacheColumns {
  const places = new Map<string, number>();
  const numbers: number[] = [];
  let first: Translation | null = null;
  let last: Translation | null = null;
  let more = 0;
  let step = 0;
  const end = () => {
    if (first === null) return;
    const { tag, page, log2Pages, target, filledSeq } = first;
    let place = places.get(tag);
    if (place === undefined) {
      place = places.size;
      places.set(tag, place);
    }
    const rights = rightsOf(first);
    numbers.push(place, page, log2Pages, target, more > 0 ? rights | RUN : rights, filledSeq);
    if (more > 0) numbers.push(more, step);
  };
  cache.forEach(translation => {
    if (last !== null && continues(last, translation)) {
      const grown = translation.filledSeq - last.filledSeq;
      if (more === 0) step = grown;
      if (grown === step) {
        more++;
        last = translation;
        return;
      }
    }
    end();
    first = translation;
    last = translation;
    more = 0;
  });
  end();
  return { bound: cache.bound, tags: [...places.keys()], numbers };
}

/** The same tag, size and rights, and the pages right behind. */
function continues(before: Translation, next: Translation): boolean {
  const pages = 2 ** before.log2Pages;
  return (
    next.page === before.page + pages &&
    next.target === before.target + pages &&
    next.log2Pages === before.log2Pages &&
    next.read === before.read &&
    next.write === before.write &&
    next.execute === before.execute &&
    next.tag === before.tag
  );
}

type See = (
  tag: number,
  page: number,
  log2Pages: number,
  target: number,
  rights: number,
  filledSeq: number,
) => void;

/** Each translation of the columns, in order. */
function eachOf(numbers: readonly number[], see: See): void {
  for (let at = 0; at < numbers.length; at += 6) {
    const tag = numbers[at]!;
    const log2Pages = numbers[at + 2]!;
    const rights = numbers[at + 4]!;
    let page = numbers[at + 1]!;
    let target = numbers[at + 3]!;
    let filledSeq = numbers[at + 5]!;
    see(tag, page, log2Pages, target, rights & ~RUN, filledSeq);
    if ((rights & RUN) === 0) continue;
    const pages = 2 ** log2Pages;
    const step = numbers[at + 7]!;
    for (let more = numbers[at + 6]!; more > 0; more--) {
      page += pages;
      target += pages;
      filledSeq += step;
      see(tag, page, log2Pages, target, rights & ~RUN, filledSeq);
    }
    at += 2;
  }
}

/** The cache `columnsOf` was given. */
export function cacheOf({ bound, tags, numbers }: CacheColumns): TranslationCache<Translation> {
  const cache = new TranslationCache<Translation>(bound);
  eachOf(numbers, (tag, page, log2Pages, target, rights, filledSeq) =>
    cache.restore({
      tag: tags[tag]!,
      page,
      log2Pages,
      target,
      read: (rights & READ) !== 0,
      write: (rights & WRITE) !== 0,
      execute: (rights & EXECUTE) !== 0,
      filledSeq,
    }),
  );
  return cache;
}

/** Six numbers for each translation, none of them in a run: what hashes of states are made of. */
export function withoutRuns(numbers: readonly number[]): number[] {
  const all: number[] = [];
  eachOf(numbers, (...translation) => all.push(...translation));
  return all;
}
