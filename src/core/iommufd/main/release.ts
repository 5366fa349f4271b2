/**
 * The end of objects: destroy by id, and everything at once when the last holder of a context's file
 * is gone. Knows the destroy operation of each object type, so it stands above them all.
 * Mirrors drivers/iommu/iommufd/main.c of Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { assertNever } from '../../machine/assert.ts';
import type { Execution } from '../../machine/execution.ts';
import { usersOf } from '../../machine/lookup.ts';
import { unbindDevice } from '../device/bind.ts';
import { destroyFaultQueue } from '../fault/fault.ts';
import { destroyHwptPaging } from '../hwpt/hwpt.ts';
import { destroyIoas } from '../ioas/ioas.ts';
import { destroySelftestDevice } from '../selftest/selftest.ts';
import type { IommufdContext, IommufdObject } from '../state.ts';
import { objectGone, removeObject } from './object.ts';

/** Source: iommufd_destroy. Errors: ENOENT, EBUSY while users is not 1. */
export function executeDestroy(x: Execution, context: IommufdContext, id: number): Errno {
  return x.call('iommufd_destroy', () =>
    removeObject(x, context, id, object => destroyObject(x, context, object)),
  );
}

/** The destroy operation of each object type (iommufd_object_ops). */
function destroyObject(x: Execution, context: IommufdContext, object: IommufdObject): void {
  const gone = () => objectGone(x, context, object);
  switch (object.type) {
    case 'IOAS':
      destroyIoas(x, context, object);
      gone();
      return;
    case 'HWPT_NESTED':
      gone();
      return;
    case 'ACCESS':
      gone();
      return;
    case 'HWPT_PAGING':
      destroyHwptPaging(x, context, object);
      gone();
      return;
    case 'FAULT':
      destroyFaultQueue(x, context, object);
      gone();
      return;
    case 'DEVICE':
      unbindDevice(x, context, object);
      return;
    case 'SELFTEST':
      gone();
      destroySelftestDevice(x, context, object);
      return;
    default:
      assertNever(object);
  }
}

/**
 * Closes a context's file; if nobody else holds it, everything goes: walk the ids upwards and
 * destroy what has one user, again and again until the table is empty. Source: iommufd_fops_release.
 */
export function executeContextClose(x: Execution, context: IommufdContext): boolean {
  x.emit({ type: 'ContextFileClosed', contextId: context.contextId });
  return releaseIfUnheld(x, context);
}

/** Runs the release if the last holder of the context's file is gone; true if it ran. */
export function releaseIfUnheld(x: Execution, context: IommufdContext): boolean {
  if (context.fileOpen || context.fileHolders.size > 0) return false;
  x.call('iommufd_fops_release', () => {
    while (context.objects.size > 0) {
      let destroyed = 0;
      for (const id of [...context.objects.keys()].sort((a, b) => a - b)) {
        const object = context.objects.get(id);
        if (object === undefined || usersOf(object) !== 1) continue;
        destroyObject(x, context, object);
        destroyed++;
      }
      if (destroyed === 0) {
        x.hazard('OBJECTS_LEFT', 'iommufd_fops_release', 'objects are left', [
          `context ${context.contextId}`,
        ]);
        break;
      }
    }
    return 0;
  });
  x.emit({ type: 'ContextReleased', contextId: context.contextId });
  return true;
}
