/** Refusals of what is not there: they say which argument named it, and what there is. */
import type { ErrnoName } from '../../abi/errno.ts';
import type { ObjectType } from '../../abi/uapi.ts';
import type { IommufdContext } from '../iommufd/state.ts';
import { Refusal } from '../machine/refusal.ts';
import type { MachineState } from '../machine/state.ts';
import { openContexts, presentFunctions, presentObjects } from './present.ts';

/** The object `id` is not there, or is none of the types wanted. */
export function noSuchObject(
  context: IommufdContext,
  argument: string,
  id: number,
  wanted: ObjectType | readonly ObjectType[],
  errno: ErrnoName = 'ENOENT',
): Refusal {
  const types = typeof wanted === 'string' ? [wanted] : wanted;
  const { contextId } = context;
  const has = presentObjects(context, types);
  const facts = { argument, id, wanted: types.join(' or '), contextId, has };
  const object = context.objects.get(id);
  return object === undefined
    ? new Refusal(errno, 'OBJECT_ABSENT', facts)
    : new Refusal(errno, 'OBJECT_OF_OTHER_TYPE', { ...facts, type: object.type });
}

/** No PCI function has the address that the argument gives. */
export function noSuchFunction(state: MachineState, bdf: string, argument = 'bdf'): Refusal {
  return new Refusal('ENODEV', 'NO_SUCH_FUNCTION', { argument, bdf, has: presentFunctions(state) });
}

/** The file of a context is not open: it never was, or it was closed. */
export function noOpenContext(state: MachineState, contextId: number): Refusal {
  const open = openContexts(state);
  const wasOpen = contextId >= 1 && contextId < state.nextContextId;
  return new Refusal('EBADF', wasOpen ? 'CONTEXT_CLOSED' : 'CONTEXT_NEVER_OPEN', {
    contextId,
    open,
  });
}

/** The file of a fault queue is not open: there is no such queue, or it was closed. */
export function noOpenFaultFile(context: IommufdContext, faultId: number): Refusal {
  const { contextId, objects } = context;
  const has = presentObjects(context, ['FAULT']);
  return objects.get(faultId)?.type === 'FAULT'
    ? new Refusal('EBADF', 'FAULT_FILE_CLOSED', { faultId, contextId })
    : new Refusal('EBADF', 'FAULT_QUEUE_ABSENT', { faultId, contextId, has });
}
