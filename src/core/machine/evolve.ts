/**
 * evolve(state, event): the only code that changes a machine's state: live, on replay, in the past.
 * It never refuses and never re-checks what execute checked; a broken invariant throws.
 */
import { type Event, entryOf } from './event.ts';
import type { MachineState } from './state.ts';

/** Applies one event in place and counts it. */
export function evolve(state: MachineState, event: Event): void {
  state.seq++;
  entryOf(event).evolve(state, event);
}
