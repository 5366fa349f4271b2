/**
 * The id table of a context. Mirrors drivers/iommu/iommufd/main.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { OBJECTS_PER_CONTEXT_MAX } from '../../../abi/limits.ts';
import { OBJECT_TYPES, type ObjectType } from '../../../abi/uapi.ts';
import type { Execution } from '../../machine/execution.ts';
import { usersOf } from '../../machine/lookup.ts';
import { noSuchObject } from '../../refuse/absent.ts';
import { holdersOf, wordOf } from '../../refuse/present.ts';
import type { IommufdContext, IommufdObject } from '../state.ts';

/** The id a new object will get: the lowest free one. Errors: ENOMEM when the table is full. */
export function objectAlloc(x: Execution, context: IommufdContext): Errno {
  return x.call('_iommufd_object_alloc', () => {
    if (!x.allocates('kzalloc object') || !x.allocates('xa_alloc id')) return 'ENOMEM';
    if (context.ids.peek() <= OBJECTS_PER_CONTEXT_MAX) return 0;
    const facts = { most: OBJECTS_PER_CONTEXT_MAX, what: 'objects in a context' };
    return x.refuse('ENOMEM', 'BOUND_REACHED', facts);
  });
}

/** An object whose construction failed goes; the caller has undone the rest. */
export function objectAbort(x: Execution, context: IommufdContext, id: number, type: ObjectType) {
  x.emit({ type: 'ObjectAborted', contextId: context.contextId, id, objectType: type });
}

/**
 * Takes an object out of the table and destroys it, unless somebody uses it. `destroy` is that of its
 * type (iommufd_object_ops), handed in by who knows it. Source: iommufd_object_remove. Errors:
 * ENOENT, EBUSY while users is not 1.
 */
export function removeObject(
  x: Execution,
  context: IommufdContext,
  id: number,
  destroy: (object: IommufdObject) => void,
): Errno {
  return x.call('iommufd_object_remove', () => {
    const object = context.objects.get(id);
    if (object === undefined) {
      return x.pass(noSuchObject(context, 'id', id, OBJECT_TYPES));
    }
    const users = usersOf(object);
    if (users !== 1) {
      const { contextId } = context;
      const what = wordOf(object.type);
      const held = holdersOf(x.state, context, object);
      return x.refuse('EBUSY', 'OBJECT_IN_USE', { id, what, contextId, users, held });
    }
    destroy(object);
    return 0;
  });
}

/** The last step of destroying an object: its id is free. */
export function objectGone(x: Execution, context: IommufdContext, object: IommufdObject): void {
  const { contextId } = context;
  x.emit({ type: 'ObjectDestroyed', contextId, id: object.id, objectType: object.type });
}
