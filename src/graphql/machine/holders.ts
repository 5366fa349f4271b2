/** Who holds the references that `users` counts (semantics: one for the id table, then these). */
import { OBJECT_TYPES } from '../../abi/uapi.ts';
import type { IommufdObject } from '../../core/iommufd/state.ts';
import { assertNever } from '../../core/machine/assert.ts';
import { ascending, type ObjectView, objectView } from '../builder/view.ts';

export interface Holder {
  readonly reason: string;
  readonly object: ObjectView | null;
}

/** The holders of an object, the id table first; at most `first`. */
export function holdersOf(view: ObjectView, first: number): Holder[] {
  const holders: Holder[] = [{ reason: 'the id table', object: null }];
  for (const { reason, id } of references(view.object)) {
    if (holders.length >= first) break;
    const object = id === null ? null : objectView(view, id, ...OBJECT_TYPES);
    holders.push({ reason, object });
  }
  return holders.slice(0, first);
}

function* references(object: IommufdObject): Generator<{ reason: string; id: number | null }> {
  switch (object.type) {
    case 'IOAS':
      for (const id of object.hwptIds) yield { reason: 'a paging hwpt maps it', id };
      for (const id of ascending(object.accessIds)) yield { reason: 'an access is attached', id };
      return;
    case 'HWPT_PAGING':
      for (const id of ascending(object.attachedDeviceIds))
        yield { reason: 'a device is attached', id };
      for (const id of ascending(object.childIds))
        yield { reason: 'a nested hwpt is made on it', id };
      return;
    case 'HWPT_NESTED':
      for (const id of ascending(object.attachedDeviceIds))
        yield { reason: 'a device is attached', id };
      return;
    case 'FAULT':
      if (object.fileOpen) yield { reason: 'its file is open', id: null };
      for (const id of ascending(object.hwptIds))
        yield { reason: 'a fault-capable hwpt names it', id };
      return;
    case 'DEVICE':
      yield { reason: 'its driver (VFIO or the self-test)', id: null };
      if (object.attached) yield { reason: 'itself, while attached', id: object.id };
      return;
    case 'ACCESS':
      yield { reason: 'its driver (the self-test)', id: null };
      return;
    case 'SELFTEST':
      return;
    default:
      assertNever(object);
  }
}
