/** What the physical devices of a machine are called: its own names, also of those that are gone. */
import { type DeviceNames, describeEvent, devicesNamed } from '../../core/explain/describe.ts';
import type { Event } from '../../core/machine/event.ts';
import { deviceName, mockName } from '../../core/machine/lookup.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Engine } from '../machine/engine.ts';
import type { History } from './history.ts';

/**
 * By the machine's life, from its creation to its deletion: a deviceNo is never used again in it, so
 * that a name holds for its whole past.
 */
const NAMES = new WeakMap<object, Map<number, string>>();

/** The number and the name of the device that an event adds; null: it adds none. */
export function deviceAdded(event: Event): readonly [deviceNo: number, name: string] | null {
  if (event.type === 'PciDeviceAdded') return [event.deviceNo, event.device.bdf];
  if (event.type === 'MockDeviceAdded') return [event.deviceNo, mockName(event.mockDev)];
  return null;
}

/** The names that the devices of a state have. */
export function namesIn({ physicalDevices }: MachineState): DeviceNames {
  return deviceNo => {
    const device = physicalDevices.get(deviceNo);
    return device === undefined ? null : deviceName(device);
  };
}

function learn(names: Map<number, string>, { physicalDevices }: MachineState): void {
  for (const [deviceNo, device] of physicalDevices) {
    names.set(deviceNo, deviceName(device));
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
