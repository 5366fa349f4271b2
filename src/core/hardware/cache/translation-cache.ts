/**
 * A cache of translations: the IOTLB of an IOMMU or the ATC of a PCI function. The specifications
 * allow to keep a valid translation until it is invalidated, so by default nothing is forgotten
 * below the bound: a missed invalidation then shows always, not by luck. With `lru`, the translation
 * unused for longest makes room.
 *
 * Addresses are page numbers (IOVA >> 12, below 2^52), which doubles hold exactly.
 */

/** log2 of the smallest page: every format of the hardware modelled here has 4 KiB pages. */
export const PAGE_SHIFT = 12n;

/** Page numbers of a 64-bit address space: 2^52 of them. */
export const PAGES_LOG2_MAX = 52;

export interface CachedTranslation {
  /** Whose translation it is: domain, ASID, PASID, as the IOMMU tags them. */
  readonly tag: string;
  /** Number of its first page; a multiple of 2^log2Pages. */
  readonly page: number;
  /** log2 of how many pages it covers, 0 to 52. */
  readonly log2Pages: number;
}

/** Pages from `first` to `last`, both inclusive. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** What an invalidation takes out. */
export interface Invalidation<T extends CachedTranslation> {
  /** One tag, or which tags; null: all. */
  readonly tag: string | ((tag: string) => boolean) | null;
  /** null: all pages. */
  readonly range: PageRange | null;
  /** Translations that stay although tag and range match, such as global ones. */
  readonly keep?: (translation: T) => boolean;
}

export interface CacheBound {
  /** Translations held at most, at least 1. */
  readonly entries: number;
  /** Whether a use makes a translation younger. If not, the one filled first makes room. */
  readonly lru: boolean;
}

/** Number of the first page of the naturally aligned block of 2^log2Pages pages around `page`. */
export function blockOf(page: number, log2Pages: number): number {
  const pages = 2 ** log2Pages;
  return Math.floor(page / pages) * pages;
}

/** Page number of a 64-bit address. */
export function pageOf(address: bigint): number {
  return Number(address >> PAGE_SHIFT);
}

/** A translation among those of all tags, in order of age. */
interface Aged<T> {
  readonly translation: T;
  older: Aged<T> | null;
  younger: Aged<T> | null;
}

type Blocks<T> = Map<number, Aged<T>>;

export class TranslationCache<T extends CachedTranslation> {
  readonly bound: CacheBound;
  /** By tag, then by log2 of the size, then by first page. */
  private readonly tags = new Map<string, Map<number, Blocks<T>>>();
  /** The next to make room, and the one filled or, where uses count, used last. */
  private oldest: Aged<T> | null = null;
  private youngest: Aged<T> | null = null;
  size = 0;

  constructor(bound: CacheBound) {
    if (!Number.isSafeInteger(bound.entries) || bound.entries < 1) {
      throw new Error(`assertion failed: a cache of ${bound.entries} translations`);
    }
    this.bound = bound;
  }

  /** The translation of a page, or null. One of a larger size is preferred. */
  find(tag: string, page: number): T | null {
    const sizes = this.tags.get(tag);
    if (sizes === undefined) return null;
    let found: T | null = null;
    for (const [log2Pages, blocks] of sizes) {
      if (found !== null && found.log2Pages > log2Pages) continue;
      found = blocks.get(blockOf(page, log2Pages))?.translation ?? found;
    }
    return found;
  }

  /** Notes a use; changes something only where uses count. */
  touch(translation: T): void {
    if (!this.bound.lru) return;
    const aged = this.agedOf(translation);
    if (aged === this.youngest) return;
    this.unlink(aged);
    this.append(aged);
  }

  /**
   * Adds a translation. What the same tag has for the same pages goes: hardware finds one
   * translation for a page. Returns what went, last the one that made room.
   */
  fill(translation: T): readonly T[] {
    const { tag, page, log2Pages } = translation;
    const gone = this.drop({ tag, range: { first: page, last: page + 2 ** log2Pages - 1 } });
    if (this.size === this.bound.entries) {
      const { translation: oldest } = this.oldest!;
      this.remove(oldest);
      gone.push(oldest);
    }
    this.restore(translation);
    return gone;
  }

  /** Adds one that meets no other of its tag, and for which there is room. */
  restore(translation: T): void {
    const aged: Aged<T> = { translation, older: null, younger: null };
    this.blocksFor(translation.tag, translation.log2Pages).set(translation.page, aged);
    this.append(aged);
    this.size++;
  }

  /** Takes out each translation with a matching tag that covers a page of the range. */
  drop(what: Invalidation<T>): T[] {
    const gone: T[] = [];
    for (const tag of this.tagsOf(what.tag)) {
      for (const [log2Pages, blocks] of this.tags.get(tag)!) {
        for (const { translation } of meeting(blocks, log2Pages, what.range)) {
          if (what.keep?.(translation) !== true) gone.push(translation);
        }
      }
    }
    for (const translation of gone) this.remove(translation);
    return gone;
  }

  /** Takes out one translation, which must be there. */
  remove(translation: T): void {
    const { tag, page, log2Pages } = translation;
    this.unlink(this.agedOf(translation));
    this.size--;
    const sizes = this.tags.get(tag)!;
    const blocks = sizes.get(log2Pages)!;
    blocks.delete(page);
    if (blocks.size > 0) return;
    sizes.delete(log2Pages);
    if (sizes.size === 0) this.tags.delete(tag);
  }

  /** Oldest first: filling another cache in this order makes the same cache. */
  *[Symbol.iterator](): Generator<T> {
    for (let aged = this.oldest; aged !== null; aged = aged.younger) yield aged.translation;
  }

  /** Oldest first, as the iterator does; for many at once. */
  forEach(see: (translation: T) => void): void {
    for (let aged = this.oldest; aged !== null; aged = aged.younger) see(aged.translation);
  }

  private agedOf(translation: T): Aged<T> {
    const { tag, page, log2Pages } = translation;
    const aged = this.tags.get(tag)?.get(log2Pages)?.get(page);
    if (aged?.translation !== translation) {
      throw new Error(`assertion failed: page ${page} of ${tag} is cached so`);
    }
    return aged;
  }

  private append(aged: Aged<T>): void {
    aged.older = this.youngest;
    aged.younger = null;
    if (this.youngest === null) this.oldest = aged;
    else this.youngest.younger = aged;
    this.youngest = aged;
  }

  private unlink({ older, younger }: Aged<T>): void {
    if (older === null) this.oldest = younger;
    else older.younger = younger;
    if (younger === null) this.youngest = older;
    else younger.older = older;
  }

  private tagsOf(wanted: Invalidation<T>['tag']): readonly string[] {
    if (typeof wanted === 'string') return this.tags.has(wanted) ? [wanted] : [];
    const tags = [...this.tags.keys()];
    return wanted === null ? tags : tags.filter(wanted);
  }

  private blocksFor(tag: string, log2Pages: number): Blocks<T> {
    let sizes = this.tags.get(tag);
    if (sizes === undefined) {
      sizes = new Map();
      this.tags.set(tag, sizes);
    }
    let blocks = sizes.get(log2Pages);
    if (blocks === undefined) {
      blocks = new Map();
      sizes.set(log2Pages, blocks);
    }
    return blocks;
  }
}

/** Those of one size that cover a page of the range: by look-up or by a scan, whichever is less. */
function* meeting<T extends CachedTranslation>(
  blocks: Blocks<T>,
  log2Pages: number,
  range: PageRange | null,
): Generator<Aged<T>> {
  if (range === null) {
    yield* blocks.values();
    return;
  }
  const pages = 2 ** log2Pages;
  const first = blockOf(range.first, log2Pages);
  if ((range.last - first) / pages < blocks.size) {
    for (let page = first; page <= range.last; page += pages) {
      const aged = blocks.get(page);
      if (aged !== undefined) yield aged;
    }
    return;
  }
  for (const aged of blocks.values()) {
    const { page } = aged.translation;
    if (page >= first && page <= range.last) yield aged;
  }
}
