/**
 * Events: one state change each, past tense. Each has its type and its entry in the folder whose
 * state it changes; here they come together.
 */
import { ATS_EVENTS, type AtsEvent } from '../hardware/ats/events.ts';
import { DMA_EVENTS, type DmaEvent } from '../hardware/dma/events.ts';
import { STALL_EVENTS, type StallEvent } from '../hardware/dma/stall-events.ts';
import { HARDWARE_EVENTS, type HardwareEvent } from '../hardware/events.ts';
import { GUEST_EVENTS, type GuestEvent } from '../hardware/guest/events.ts';
import { MOCK_EVENTS, type MockEvent } from '../hardware/mock-events.ts';
import { PRI_EVENTS, type PriEvent } from '../hardware/pri/events.ts';
import { PROGRAM_EVENTS, type ProgramEvent } from '../hardware/program/events.ts';
import { PRQ_EVENTS, type PrqEvent } from '../hardware/prq/events.ts';
import { UNIT_EVENTS, type UnitEvent } from '../hardware/unit/events.ts';
import { GROUP_EVENTS, type GroupEvent } from '../iommu/group-events.ts';
import { IOPF_EVENTS, type IopfEvent } from '../iommu/iopf-events.ts';
import { DEVICE_EVENTS, type DeviceEvent } from '../iommufd/device/events.ts';
import { FAULT_EVENTS, type FaultEvent } from '../iommufd/fault/events.ts';
import { HWPT_EVENTS, type HwptEvent } from '../iommufd/hwpt/events.ts';
import { IOAS_EVENTS, type IoasEvent } from '../iommufd/ioas/events.ts';
import { CONTEXT_EVENTS, type ContextEvent } from '../iommufd/main/events.ts';
import { SELFTEST_EVENTS, type SelftestEvent } from '../iommufd/selftest/events.ts';
import { MEMORY_EVENTS, type MemoryEvent } from '../memory/events.ts';
import type { EventEntries, EventEntry } from './event-entry.ts';
import { MACHINE_EVENTS, type MachineEvent } from './events.ts';

export type Event =
  | MachineEvent
  | ContextEvent
  | MemoryEvent
  | IoasEvent
  | HwptEvent
  | DeviceEvent
  | FaultEvent
  | SelftestEvent
  | GroupEvent
  | IopfEvent
  | HardwareEvent
  | MockEvent
  | UnitEvent
  | PriEvent
  | PrqEvent
  | DmaEvent
  | StallEvent
  | AtsEvent
  | ProgramEvent
  | GuestEvent;

export type EventType = Event['type'];
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;

/** The entry of every event. */
export const EVENTS: EventEntries<Event> = {
  ...MACHINE_EVENTS,
  ...CONTEXT_EVENTS,
  ...MEMORY_EVENTS,
  ...IOAS_EVENTS,
  ...HWPT_EVENTS,
  ...DEVICE_EVENTS,
  ...FAULT_EVENTS,
  ...SELFTEST_EVENTS,
  ...GROUP_EVENTS,
  ...IOPF_EVENTS,
  ...HARDWARE_EVENTS,
  ...MOCK_EVENTS,
  ...UNIT_EVENTS,
  ...PRI_EVENTS,
  ...PRQ_EVENTS,
  ...DMA_EVENTS,
  ...STALL_EVENTS,
  ...ATS_EVENTS,
  ...PROGRAM_EVENTS,
  ...GUEST_EVENTS,
};

/** The types of all events. */
export const EVENT_TYPES = Object.keys(EVENTS) as EventType[];

/** The entry of an event, for the event itself: the table pairs each type with its own. */
export function entryOf(event: Event): EventEntry<Event> {
  return EVENTS[event.type] as EventEntry<Event>;
}
