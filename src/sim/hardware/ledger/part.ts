/** What the parts of the ledger have in common. */
import type { FunctionHardware } from '../../../core/hardware/function/state.ts';
import type { PciDevice } from '../../../core/hardware/state.ts';
import type { Event } from '../../../core/machine/event.ts';
import type { Outcome } from '../../../core/machine/operation.ts';
import type { MachineState } from '../../../core/machine/state.ts';

/** One event of an operation, and the state it meets. */
export interface Moment {
  readonly before: MachineState;
  readonly event: Event;
  /** What follows in the same operation. */
  readonly rest: readonly Event[];
  readonly outcome: Outcome;
}

export interface LedgerPart {
  /** Before the event is applied: what is wrong about it. */
  follow(moment: Moment): string[];
  /** After the operation: what does not hold in the state it left. */
  settle(after: MachineState, outcome: Outcome, failed: boolean): string[];
}

export type Modelled = PciDevice & { readonly hardware: FunctionHardware };

export function modelled(state: MachineState, deviceNo: number): Modelled | null {
  const device = state.physicalDevices.get(deviceNo);
  return device?.kind === 'PCI' && device.hardware !== null ? (device as Modelled) : null;
}

export function allModelled(state: MachineState): Modelled[] {
  return [...state.physicalDevices.keys()].flatMap(deviceNo => modelled(state, deviceNo) ?? []);
}

/** The function whose credits a function uses. */
export function ownerOf(state: MachineState, { deviceNo, physfn }: Modelled): number {
  const owner = physfn === null ? null : modelled(state, state.bdfs.get(physfn) ?? -1);
  return owner?.deviceNo ?? deviceNo;
}
