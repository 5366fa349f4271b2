/** Who holds the references that `users` counts (semantics: one for the id table, then these). */
import { OBJECT_TYPES } from '../../abi/uapi.ts';
import { referrersOf } from '../../core/iommufd/main/referrers.ts';
import { ascending, type ObjectView, objectView } from '../builder/view.ts';

export interface Holder {
  readonly reason: string;
  readonly object: ObjectView | null;
}

/** The holders of an object, the id table first; at most `first`. */
export function holdersOf(view: ObjectView, first: number): Holder[] {
  const holders: Holder[] = [{ reason: 'the id table', object: null }];
  for (const { reason, ids } of referrersOf(view.object)) {
    if (ids === null) holders.push({ reason, object: null });
    else if (holders.length < first) {
      for (const id of ascending(ids).slice(0, first - holders.length))
        holders.push({ reason, object: objectView(view, id, ...OBJECT_TYPES) });
    }
  }
  return holders.slice(0, first);
}
