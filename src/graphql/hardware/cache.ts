/** What translation caches hold, and what of it the tables have no more. */
import type { Translation } from '../../core/hardware/cache/columns.ts';
import type { TranslationCache } from '../../core/hardware/cache/translation-cache.ts';
import type { LeftBehind } from '../../core/hardware/dma/left.ts';
import { builder } from '../builder/builder.ts';
import { forwardLimit, forwardPage, type PageArgs } from '../builder/forward-page.ts';
import { cursorNumber } from '../builder/lists.ts';
import { FaultReasonEnum } from './enums.ts';

export interface CacheEntryView {
  readonly translation: Translation;
  readonly left: () => LeftBehind | null;
}

const StaleType = builder.objectRef<LeftBehind>('StaleTranslation').implement({
  description:
    'What a walk finds where a cached translation says something else: an invalidation is missing. A DMA that uses the translation is the hazard STALE_TRANSLATION_USED or ATC_NOT_INVALIDATED.',
  fields: t => ({
    iova: t.field({
      type: 'HexU64',
      description: 'The first page of it that is not what the translation says.',
      resolve: ({ page }) => BigInt(page) << 12n,
    }),
    fault: t.field({
      type: FaultReasonEnum,
      nullable: true,
      description: 'Why a walk finds nothing there; null if it leads elsewhere.',
      resolve: ({ outcome }) => (outcome.kind === 'FAULT' ? outcome.reason : null),
    }),
    userVa: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'User address that a walk leads to; null if it leads nowhere.',
      resolve: ({ page, outcome }) =>
        outcome.kind === 'PAGE' ? BigInt(outcome.target + (page - outcome.page)) << 12n : null,
    }),
    changedSeq: t.exposeInt('changedSeq', {
      nullable: true,
      description:
        'The event by which the guest changed an entry on the way, after it was cached; null if it changed none, as where the second stage did.',
    }),
  }),
});

export const CacheEntryType = builder.objectRef<CacheEntryView>('CacheEntry').implement({
  description: 'A cached translation. By default nothing goes but what is invalidated.',
  fields: t => ({
    tag: t.string({
      description: 'Whose it is: context, hwpt and PASID in an IOTLB; PASID and context in an ATC.',
      resolve: ({ translation }) => translation.tag,
    }),
    iova: t.field({
      type: 'HexU64',
      description: 'First IOVA.',
      resolve: ({ translation }) => BigInt(translation.page) << 12n,
    }),
    length: t.field({
      type: 'HexU64',
      description: 'Bytes: a power of two.',
      resolve: ({ translation }) => 1n << BigInt(12 + translation.log2Pages),
    }),
    userVa: t.field({
      type: 'HexU64',
      description: 'User address that the first IOVA leads to.',
      resolve: ({ translation }) => BigInt(translation.target) << 12n,
    }),
    read: t.boolean({
      description: 'Reading is granted.',
      resolve: ({ translation }) => translation.read,
    }),
    write: t.boolean({
      description: 'Writing is granted; a page that was only read is cached for reading.',
      resolve: ({ translation }) => translation.write,
    }),
    filledSeq: t.int({
      description: 'The event that cached it.',
      resolve: ({ translation }) => translation.filledSeq,
    }),
    stale: t.field({
      type: StaleType,
      nullable: true,
      description:
        'What a walk finds in its place; null if it finds the same, or if nothing looks the translation up, for no function is on its domain. Of a large page at most 512 pages are walked.',
      resolve: ({ left }) => left(),
    }),
  }),
});

/** A page of a cache, the oldest translation first; the cursor is a place in that order. */
export function cachePage(
  name: string,
  cache: TranslationCache<Translation>,
  args: PageArgs,
  view: (translation: Translation) => CacheEntryView,
) {
  const limit = forwardLimit(name, args);
  const after = cursorNumber('after', args.after) ?? 0;
  const found: { place: number; translation: Translation }[] = [];
  let place = 0;
  for (const translation of cache) {
    place++;
    if (place <= after) continue;
    found.push({ place, translation });
    if (found.length === limit) break;
  }
  return forwardPage(
    args,
    limit,
    found,
    entry => String(entry.place),
    ({ translation }) => view(translation),
  );
}
