/** Who holds the references that `users` counts (semantics: one for the id table, then these). */
import { OBJECT_TYPES } from '../../abi/uapi.ts';
import { referrersOf } from '../../core/iommufd/main/referrers.ts';
import { taken } from '../builder/ranges.ts';
import { ascending, type ObjectView, objectView } from '../builder/view.ts';

export interface Holder {
  readonly reason: string;
  readonly object: ObjectView | null;
}

/** The holders of an object, the id table first; at most `first`. */
export function holdersOf(view: ObjectView, first: number): Holder[] {
  return taken(allHolders(view), first);
}

function* allHolders(view: ObjectView): Generator<Holder> {
  yield { reason: 'the id table', object: null };
  for (const { reason, ids, byPasid } of referrersOf(view.object)) {
    if (ids === null) yield { reason, object: null };
    else {
      for (const id of ascending(ids.keys())) {
        const object = objectView(view, id, ...OBJECT_TYPES);
        if (!byPasid) yield { reason, object };
        else
          for (const pasid of pasidsTo(view, object))
            yield { reason: `${reason} ${pasid}`, object };
      }
    }
  }
}

/** The PASIDs by which a DEVICE holds an object: a hwpt that they are on, or itself by each. */
function pasidsTo({ object: { id, type } }: ObjectView, holder: ObjectView | null): number[] {
  if (holder?.object.type !== 'DEVICE') return [];
  const { pasids } = holder.object;
  const all = ascending(pasids.keys());
  return type === 'DEVICE' ? all : all.filter(pasid => pasids.get(pasid) === id);
}
