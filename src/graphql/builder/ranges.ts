/** Ranges of IOVAs and of user addresses. */
import type { IovaRange } from '../../core/memory/iova-range.ts';
import { builder } from './builder.ts';

export const IovaRangeType = builder.objectRef<IovaRange>('IovaRange').implement({
  description: 'A range of IOVAs, both ends inclusive (struct iommu_iova_range).',
  fields: t => ({
    start: t.expose('start', { type: 'HexU64', description: 'First IOVA.' }),
    last: t.expose('last', { type: 'HexU64', description: 'Last IOVA.' }),
  }),
});

export const IovaRangeInput = builder.inputType('IovaRangeInput', {
  description: 'A range of IOVAs, both ends inclusive (struct iommu_iova_range).',
  fields: t => ({
    start: t.field({ type: 'HexU64', required: true, description: 'First IOVA.' }),
    last: t.field({ type: 'HexU64', required: true, description: 'Last IOVA.' }),
  }),
});

/** At most `first` of them. */
export function taken<T>(items: Iterable<T>, first: number): T[] {
  const kept: T[] = [];
  for (const item of items) {
    if (kept.length >= first) break;
    kept.push(item);
  }
  return kept;
}
