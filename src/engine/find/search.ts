/** What of a log fits: operations or events by what one knows of them, in pages and counted. */

import type { ErrnoName } from '../../abi/errno.ts';
import { askedWith } from '../../core/explain/command-text.ts';
import { type DeviceNames, describeEvent } from '../../core/explain/describe.ts';
import { commandNames, eventNames } from '../../core/explain/naming.ts';
import type { ObjectKey } from '../../core/explain/object-key.ts';
import { withHex } from '../../core/explain/words.ts';
import { type CommandType, OPERATIONS } from '../../core/machine/command.ts';
import type { EventType } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { eventsOf, type LoggedEvent } from '../follow/follow.ts';
import { SearchLimitError } from '../machine/errors.ts';
import type { Past } from '../past/past.ts';
import { lastNumberUntil } from '../past/places.ts';

/** Operations read whole for one answer. */
export const SEARCH_OPERATIONS_MAX = 1_000_000;

/** What is known of an operation; null: anything. All that is given holds together. */
export interface OperationKnown {
  readonly command: CommandType | null;
  readonly errno: ErrnoName | null;
  /** true: only those that were refused; false: only the others. */
  readonly refused: boolean | null;
  /** Named by the arguments, or by an event. */
  readonly object: ObjectKey | null;
  /** In what is said of it, in any case of letters. */
  readonly text: string | null;
  /** Milliseconds since the epoch, both inclusive. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** What is known of an event. */
export interface EventKnown extends OperationKnown {
  readonly type: EventType | null;
}

/** One that fits, with the number of its cursor. */
export interface Placed<T> {
  readonly number: number;
  readonly node: T;
}

/** What fits in one operation, in order. */
export type Fits<T> = (operation: Operation) => readonly Placed<T>[];

export interface SearchRange {
  /** Operations with a higher number. */
  readonly after: number;
  /** Operations with a lower number. */
  readonly before: number;
}

/** All operations that ended at seq `until` or before it. */
export async function rangeUntil(past: Past, until: number): Promise<SearchRange> {
  return { after: 0, before: (await lastNumberUntil(past.engine, past.machineId, until)) + 1 };
}

/** The first `limit` that fit, from the end if `backward`. Errors: SearchLimitError. */
export async function search<T>(
  past: Past,
  range: SearchRange,
  fits: Fits<T>,
  { limit, backward }: { readonly limit: number; readonly backward: boolean },
  operationsMax = SEARCH_OPERATIONS_MAX,
): Promise<Placed<T>[]> {
  const found: Placed<T>[] = [];
  let left = operationsMax;
  for await (const page of past.between(range, backward ? 'backward' : 'forward')) {
    for (const operation of page) {
      const placed = fits(operation);
      found.push(...(backward ? placed.toReversed() : placed));
      if (found.length >= limit) return found.slice(0, limit);
    }
    left -= page.length;
    if (left <= 0) {
      const { number } = page.at(-1)!;
      const on = `go on with "${backward ? 'before' : 'after'}" at operation ${number}`;
      throw new SearchLimitError(operationsMax, 'operations', on);
    }
  }
  return found;
}

/** How many fit. Errors: SearchLimitError. */
export async function countFitting<T>(
  past: Past,
  range: SearchRange,
  fits: Fits<T>,
  operationsMax = SEARCH_OPERATIONS_MAX,
): Promise<number> {
  let count = 0;
  let left = operationsMax;
  for await (const page of past.between(range, 'forward')) {
    for (const operation of page) count += fits(operation).length;
    left -= page.length;
    if (left <= 0) {
      throw new SearchLimitError(operationsMax, 'operations', 'narrow it with "from" and "to"');
    }
  }
  return count;
}

/** `saysOf` gives the sentences about an operation as a whole, such as why it was refused. */
export function operationFits(
  known: OperationKnown,
  names: DeviceNames,
  saysOf: (operation: Operation) => string,
): Fits<Operation> {
  const wanted = known.text?.toLowerCase() ?? null;
  return operation => {
    if (!headFits(operation, known) || !objectFits(operation, known.object)) return [];
    if (wanted !== null && !saysText(operation, names, saysOf).includes(wanted)) return [];
    return [{ number: operation.number, node: operation }];
  };
}

export function eventFits(known: EventKnown, names: DeviceNames): Fits<LoggedEvent> {
  const wanted = known.text?.toLowerCase() ?? null;
  return operation => {
    if (!headFits(operation, known)) return [];
    return eventsOf(operation)
      .filter(({ event, seq }) => {
        if (known.type !== null && event.type !== known.type) return false;
        if (known.object !== null && !eventNames(event, seq, known.object)) return false;
        return wanted === null || describeEvent(event, names).toLowerCase().includes(wanted);
      })
      .map(node => ({ number: node.seq, node }));
  };
}

function headFits({ command, errno, atMs }: Operation, known: OperationKnown): boolean {
  if (known.command !== null && command.type !== known.command) return false;
  if (known.errno !== null && errno !== known.errno) return false;
  if (known.refused !== null && (errno !== 0) !== known.refused) return false;
  if (known.fromMs !== null && atMs < known.fromMs) return false;
  return known.toMs === null || atMs <= known.toMs;
}

function objectFits(operation: Operation, object: ObjectKey | null): boolean {
  if (object === null || commandNames(operation.command, object)) return true;
  return eventsOf(operation).some(({ event, seq }) => eventNames(event, seq, object));
}

function saysText(
  operation: Operation,
  names: DeviceNames,
  saysOf: (operation: Operation) => string,
): string {
  const { command, errno, events } = operation;
  const sentences = events.map(event => describeEvent(event, names));
  const { mutation } = OPERATIONS[command.type];
  const head = [command.type, mutation, errno, argumentsText(command), saysOf(operation)];
  return [...head, ...sentences].join('\n').toLowerCase();
}

/** The arguments that a command was asked with as JSON, 64-bit numbers in hex. */
export function argumentsText(command: Operation['command']): string {
  return JSON.stringify(Object.fromEntries(askedWith(command)), withHex);
}
