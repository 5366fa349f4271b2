/** What a stored operation says. */
import type { Operation } from '../core/machine/operation.ts';
import { decode } from './codec.ts';
import type { StoredOperation } from './log.ts';
import { CURRENT_UPCASTING, type Upcasting } from './upcast.ts';

/** Throws SyntaxError if its texts are broken, EventVersionError if an event is not known. */
export function decodeStored(
  machineId: string,
  stored: StoredOperation,
  upcasting: Upcasting = CURRENT_UPCASTING,
): Operation {
  return decode({ ...stored, machineId, hash: '' }, upcasting);
}
