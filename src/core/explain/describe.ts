/** Events in words. The GraphQL schema, the demo and the docs take theirs from here. */
import { type Event, entryOf } from '../machine/event.ts';

/** What a physical device is called, such as its PCI address; null if that is not known. */
export type DeviceNames = (deviceNo: number) => string | null;

const DEVICE = /physical device (\d+)/g;

/**
 * One event in one sentence, without a full stop. It stands alone beside those of other contexts,
 * queues and devices: it says the context, and the device by its name where `names` knows one.
 */
export function describeEvent(event: Event, names: DeviceNames = () => null): string {
  const said = entryOf(event)
    .describe(event)
    .replaceAll(DEVICE, (text, deviceNo: string) => names(Number(deviceNo)) ?? text);
  if (!('contextId' in event) || event.contextId === null) return said;
  const context = `context ${event.contextId}`;
  return said.includes(context) ? said : `${context}: ${said}`;
}

/** The physical devices that a sentence about the event names. */
export function devicesNamed(event: Event): number[] {
  const said = entryOf(event).describe(event).matchAll(DEVICE);
  return [...said].map(([, deviceNo]) => Number(deviceNo));
}
