/** Who holds the references that `users` counts, beside the id table (usersOf). */
import { assertNever } from '../../machine/assert.ts';
import type { IommufdObject } from '../state.ts';

export interface Referrers {
  readonly reason: string;
  /** What each of `ids` is to the object, or who the one holder is, in few words. */
  readonly as: string;
  /** Objects of the same context; null: one holder that is no object. */
  readonly ids: ReadonlySet<number> | null;
}

export function referrersOf(object: IommufdObject): readonly Referrers[] {
  switch (object.type) {
    case 'IOAS':
      return [
        { reason: 'a paging hwpt maps it', as: 'paging', ids: object.hwptIds },
        { reason: 'an access is attached', as: 'attached', ids: object.accessIds },
      ];
    case 'HWPT_PAGING':
      return [
        { reason: 'a device is attached', as: 'attached', ids: object.attachedDeviceIds },
        { reason: 'a nested hwpt is made on it', as: 'made on it', ids: object.childIds },
      ];
    case 'HWPT_NESTED':
      return [{ reason: 'a device is attached', as: 'attached', ids: object.attachedDeviceIds }];
    case 'FAULT':
      return [
        ...(object.fileOpen ? [own('its file is open', 'its open file')] : []),
        { reason: 'a fault-capable hwpt names it', as: 'fault-capable', ids: object.hwptIds },
      ];
    case 'DEVICE': {
      const driver = own('its driver (VFIO or the self-test)');
      const self = { reason: 'itself, while attached', as: 'attached', ids: new Set([object.id]) };
      return object.attached ? [driver, self] : [driver];
    }
    case 'ACCESS':
      return [own('its driver (the self-test)')];
    case 'SELFTEST':
      return [];
    default:
      return assertNever(object);
  }
}

const own = (reason: string, as = reason): Referrers => ({ reason, as, ids: null });
