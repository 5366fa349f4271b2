/** What the physical devices of a machine are called: its own names, also of those that are gone. */
import { describeEvent, devicesNamed } from '../../core/explain/describe.ts';
import type { Event } from '../../core/machine/event.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Engine } from '../machine/engine.ts';
import type { History } from './history.ts';

/**
 * By the machine's life, from its creation to its deletion: a deviceNo is never used again in it, so
 * that a name holds for its whole past.
 */
const NAMES = new WeakMap<object, Map<number, string>>();

function learn(names: Map<number, string>, { physicalDevices }: MachineState): void {
  for (const [deviceNo, device] of physicalDevices) {
    names.set(deviceNo, device.kind === 'PCI' ? device.bdf : `iommufd_mock${device.mockDev}`);
  }
}

/** The event at `seq` in one sentence that stands alone. Errors: UnknownMachineError. */
export async function sentenceOf(
  engine: Engine,
  history: History,
  machineId: string,
  { seq, event }: { readonly seq: number; readonly event: Event },
): Promise<string> {
  const named = devicesNamed(event);
  if (named.length === 0) return describeEvent(event);
  const { life, state } = await engine.machine(machineId);
  const names = NAMES.get(life) ?? new Map<number, string>();
  NAMES.set(life, names);
  const isUnknown = (deviceNo: number) => !names.has(deviceNo);
  if (named.some(isUnknown)) learn(names, state);
  // Gone by now: each look at the past teaches the names of all that were there then.
  if (named.some(isUnknown) && seq <= state.seq) {
    learn(names, await history.stateAt(machineId, Math.max(0, seq - 1)));
  }
  if (named.some(isUnknown) && seq <= state.seq) {
    learn(names, await history.stateAt(machineId, seq));
  }
  return describeEvent(event, deviceNo => names.get(deviceNo) ?? null);
}
