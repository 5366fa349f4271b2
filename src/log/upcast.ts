/**
 * Event versions. An event is stored with the version `v` its type had when it was written; on
 * reading, upcasters lift it step by step to the version of today, so that the core knows only
 * that one. What is stored is never rewritten.
 *
 * To change an event: raise the version of its entry, and add an upcaster from the old one.
 * To rename it: an upcaster from the old name's last version that gives the new type.
 */
import { EVENT_TYPES, EVENTS, type Event, type EventType } from '../core/machine/event.ts';

/** The version in which each event is written today: that of its entry. */
export const EVENT_VERSIONS = Object.fromEntries(
  EVENT_TYPES.map(type => [type, EVENTS[type].version]),
) as Readonly<Record<EventType, number>>;

/** An event as stored: `v` is its version, and 64-bit values are already bigints. */
export interface StoredEvent {
  type: string;
  v: number;
  [field: string]: unknown;
}

/** Gives the event one step newer: a higher `v`, or another type. Must not change its argument. */
export type Upcaster = (event: StoredEvent) => StoredEvent;

export interface Upcasting {
  /** Type to its version of today. */
  readonly versions: Readonly<Record<string, number>>;
  /** `Type@v` to the upcaster that takes that version. */
  readonly upcasters: Readonly<Record<string, Upcaster>>;
}

/** The events of today, and every step ever needed to reach them. */
export const CURRENT_UPCASTING: Upcasting = {
  versions: EVENT_VERSIONS,
  upcasters: {
    // Version 2 may name a process that several contexts share; without, each has its own.
    'ContextOpened@1': event => ({ ...event, v: 2 }),
    // Version 3 may share its process' memory; without, the context has its own.
    'ContextOpened@2': event => ({ ...event, v: 3 }),
    // Version 2 says whose memory a new container is; without, it is that of the context's process.
    'AreaMapped@1': ({ newPages, ...event }) => ({
      ...event,
      v: 2,
      newPages: withSource(newPages as Record<string, unknown> | null),
    }),
    'HwptPagingAllocated@1': event => ({ ...event, v: 2, pasid: false }),
    'HwptNestedAllocated@1': event => ({ ...event, v: 2, pasid: false }),
  },
};

function withSource(newPages: Record<string, unknown> | null): Record<string, unknown> | null {
  return newPages === null ? null : { ...newPages, source: null };
}

/** Steps one event may take; more is a circle among the upcasters. */
const STEPS_MAX = 100;

/** A stored event this version cannot read: its type or its version is not known here. */
export class EventVersionError extends Error {
  override readonly name = 'EventVersionError';
  readonly machineId: string;
  readonly number: number;
  readonly eventType: string;
  /** What is wrong with it. */
  readonly what: string;

  constructor(machineId: string, number: number, event: StoredEvent, what: string) {
    super(`machine ${machineId}, operation ${number}, event ${event.type} v${event.v}: ${what}`);
    this.machineId = machineId;
    this.number = number;
    this.eventType = event.type;
    this.what = what;
  }
}

/** The event in today's version, without `v`. */
export function upcast(
  stored: StoredEvent,
  table: Upcasting,
  machineId: string,
  number: number,
): Event {
  let event = stored;
  for (let steps = 0; table.versions[event.type] !== event.v; steps++) {
    const step = table.upcasters[`${event.type}@${event.v}`];
    if (step === undefined || steps === STEPS_MAX) {
      throw new EventVersionError(machineId, number, event, whyUnknown(event, table));
    }
    event = step(event);
  }
  const { v: _, ...current } = event;
  return current as unknown as Event;
}

function whyUnknown(event: StoredEvent, table: Upcasting): string {
  const known = Object.hasOwn(table.versions, event.type) ? table.versions[event.type]! : null;
  if (known === null) return 'this type is unknown here; a newer version of Faultline wrote it';
  if (event.v > known) return `written by a newer version of Faultline; v${known} is known here`;
  return `no upcaster leads from it to v${known}`;
}
