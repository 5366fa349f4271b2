/** One short text for a whole state: two machines with the same hash hold the same. */
import { hash } from 'node:crypto';
import { canonicalText } from '../../core/machine/snapshot.ts';
import type { MachineState } from '../../core/machine/state.ts';

/** sha256 of the canonical text of the state, 64 hex digits. */
export function stateHash(state: MachineState): string {
  return hash('sha256', canonicalText(state), 'hex');
}
