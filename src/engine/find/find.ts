/** The first place in a log that a condition fits. */
import type { ErrnoName } from '../../abi/errno.ts';
import type { HazardName } from '../../abi/hazards.ts';
import { OBJECT_TYPES } from '../../abi/uapi.ts';
import { objectAt } from '../../core/explain/inventory.ts';
import { commandNames, eventNames } from '../../core/explain/naming.ts';
import type { ObjectKey } from '../../core/explain/object-key.ts';
import type { CommandType } from '../../core/machine/command.ts';
import type { Event, EventType } from '../../core/machine/event.ts';
import { evolve } from '../../core/machine/evolve.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { eventsOf, type LoggedEvent } from '../follow/follow.ts';
import { SearchLimitError } from '../machine/errors.ts';
import type { Past } from '../past/past.ts';

/** Operations looked through for one answer. */
export const FIND_OPERATIONS_MAX = 200_000;
/** Operations for one answer of which only the command and errno are looked at. */
export const FIND_ROWS_MAX = 5_000_000;

/** All that are not null hold together, those about an event for one event of the operation. */
export interface LogCondition {
  readonly errno: ErrnoName | null;
  readonly operation: CommandType | null;
  /** Named by the operation's arguments, or by the event. */
  readonly object: ObjectKey | null;
  readonly eventType: EventType | null;
  readonly hazard: HazardName | null;
  /** Written by user space or sent to the device. */
  readonly responseCode: number | null;
}

export interface Found {
  readonly operation: Operation;
  /** null if the operation itself fits, whatever events it has. */
  readonly event: LoggedEvent | null;
}

/**
 * The first operation after number `after`, up to seq `until`, that fits; null if none does.
 * Errors: SearchLimitError, UnknownMachineError.
 */
export async function firstWhere(
  past: Past,
  condition: LogCondition,
  after: number,
  until: number,
  operationsMax = FIND_OPERATIONS_MAX,
  rowsMax = FIND_ROWS_MAX,
): Promise<Found | null> {
  const key = reusedKeyOf(condition);
  const { operation: type, errno } = condition;
  // A state that goes along needs every operation.
  const filter = key === null ? { type, errno } : { type: null, errno: null };
  let state: MachineState | null = null;
  let whole = 0;
  const bounds = { operationsMax, rowsMax };
  for await (const { operations, number } of past.operations(after, until, filter, bounds)) {
    const [first] = operations;
    if (key !== null && first) state ??= await past.copyAt(first.seqBefore);
    for (const operation of operations) {
      // An id by itself does not say the kind: it is this object's name only while that is there.
      if (state !== null && key !== null && !isThere(state, operation, key)) continue;
      const found = fitting(operation, condition);
      if (found !== null) return found;
    }
    whole += operations.length;
    if (whole >= operationsMax || number - after >= rowsMax) {
      throw new SearchLimitError(number - after, 'operations', `go on with "after": ${number}`);
    }
  }
  return null;
}

/** The object to find, if others may have its id before it or after it: one of an id table. */
function reusedKeyOf({ object }: LogCondition): ObjectKey | null {
  const reused: readonly string[] = OBJECT_TYPES;
  return object !== null && reused.includes(object.kind) ? object : null;
}

/** Whether the object is there at any time of the operation, through which the state goes. */
function isThere(state: MachineState, { events }: Operation, key: ObjectKey): boolean {
  let there = objectAt(state, key) !== null;
  for (const event of events) {
    evolve(state, event);
    there ||= objectAt(state, key) !== null;
  }
  return there;
}

/** How an operation fits the condition; null if it does not. */
function fitting(operation: Operation, condition: LogCondition): Found | null {
  const { errno, operation: type, object } = condition;
  if (errno !== null && operation.errno !== errno) return null;
  if (type !== null && operation.command.type !== type) return null;
  const named = object === null || commandNames(operation.command, object);
  const isAboutEvent =
    condition.eventType !== null || condition.hazard !== null || condition.responseCode !== null;
  if (named && !isAboutEvent) return { operation, event: null };
  const event = eventsOf(operation).find(
    ({ event, seq }) => eventFits(event, condition) && (named || eventNames(event, seq, object)),
  );
  return event === undefined ? null : { operation, event };
}

function eventFits(event: Event, { eventType, hazard, responseCode }: LogCondition): boolean {
  if (eventType !== null && event.type !== eventType) return false;
  if (hazard !== null && !(event.type === 'HazardRecorded' && event.name === hazard)) return false;
  if (responseCode === null) return true;
  return 'code' in event && event.code === responseCode;
}
