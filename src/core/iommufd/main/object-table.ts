/** What happens to the table of objects of a context: part of evolve. */
import { assertNever } from '../../machine/assert.ts';
import { faultQueueOf, ioasOf, objectOf } from '../../machine/lookup.ts';
import type { IommufdContext, IommufdObject } from '../state.ts';

/** Puts an object into the table; its id may have been reserved before. */
export function addObject(context: IommufdContext, object: IommufdObject): void {
  context.ids.take(object.id);
  context.objects.set(object.id, object);
}

/** Frees an id and the references its object held on others. */
export function evolveObjectGone(context: IommufdContext, id: number): void {
  const object = context.objects.get(id);
  context.objects.delete(id);
  context.ids.release(id);
  if (object === undefined) return;
  switch (object.type) {
    case 'HWPT_PAGING': {
      const ioas = ioasOf(context, object.ioasId);
      ioas.hwptIds.delete(id);
      ioas.autoHwptIds.delete(id);
      ioas.dirtyHwptIds.delete(id);
      break;
    }
    case 'HWPT_NESTED':
      objectOf(context, object.parentId, 'HWPT_PAGING').childIds.delete(id);
      break;
    case 'ACCESS':
      context.fileHolders.delete(id);
      return;
    case 'IOAS':
      if (context.vfioIoasId === id) context.vfioIoasId = null;
      return;
    case 'FAULT':
    case 'SELFTEST':
    case 'DEVICE':
      return;
    default:
      assertNever(object);
  }
  if (object.faultId !== null) faultQueueOf(context, object.faultId).hwptIds.delete(id);
}
