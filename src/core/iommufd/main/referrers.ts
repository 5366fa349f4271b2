/** Who holds the references that `users` counts, beside the id table (usersOf). */
import { count } from '../../explain/words.ts';
import { assertNever } from '../../machine/assert.ts';
import type { Hwpt, IommufdObject } from '../state.ts';

export interface Referrers {
  readonly reason: string;
  /** What one of `ids` is to the object, or who the one holder is, in few words. */
  readonly as: (id: number) => string;
  /** Objects of the same context; null: one holder that is no object. */
  readonly ids: Pick<ReadonlyMap<number, unknown>, 'has' | 'keys' | 'size'> | null;
  /** Each of `ids` is a DEVICE that holds one reference a PASID; the PASID completes `reason`. */
  readonly byPasid: boolean;
}

export function referrersOf(object: IommufdObject): readonly Referrers[] {
  switch (object.type) {
    case 'IOAS':
      return [
        each('a paging hwpt maps it', 'paging', object.hwptIds),
        each('an access is attached', 'attached', object.accessIds),
      ];
    case 'HWPT_PAGING':
      return [
        ...attachedDevices(object),
        each('a nested hwpt is made on it', 'made on it', object.childIds),
      ];
    case 'HWPT_NESTED':
      return attachedDevices(object);
    case 'FAULT':
      return [
        ...(object.fileOpen ? [own('its file is open', 'its open file')] : []),
        each('a fault-capable hwpt names it', 'fault-capable', object.hwptIds),
      ];
    case 'DEVICE': {
      const { id, attached, pasids } = object;
      const self = new Set([id]);
      return [
        own('its driver (VFIO or the self-test)'),
        ...(attached ? [each('itself, while attached', 'attached', self)] : []),
        ...(pasids.size > 0
          ? [byPasids('itself, while attached by PASID', new Map([[id, pasids.size]]))]
          : []),
      ];
    }
    case 'ACCESS':
      return [own('its driver (the self-test)')];
    case 'SELFTEST':
      return [];
    default:
      return assertNever(object);
  }
}

function own(reason: string, as = reason): Referrers {
  return { reason, as: () => as, ids: null, byPasid: false };
}

/** Each holds one reference. */
function each(reason: string, as: string, ids: ReadonlySet<number>): Referrers {
  return { reason, as: () => as, ids, byPasid: false };
}

function attachedDevices({ attachedDeviceIds, pasidDevices }: Hwpt): Referrers[] {
  return [
    each('a device is attached', 'attached', attachedDeviceIds),
    byPasids('a device is attached by PASID', pasidDevices),
  ];
}

/** `pasids`: DEVICE to the number of its PASIDs. */
function byPasids(reason: string, pasids: ReadonlyMap<number, number>): Referrers {
  const as = (id: number) => `attached by ${count(pasids.get(id)!, 'PASID')}`;
  return { reason, as, ids: pasids, byPasid: true };
}
