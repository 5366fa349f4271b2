/** Values of a state as plain JSON for people: lists, fields by name, 64-bit values as hex. */
import { Fifo, IdAllocator } from '../collections/collections.ts';
import { TranslationCache } from '../hardware/cache/translation-cache.ts';
import { ORDERED_SETS, type Plain, plainOfIds } from '../machine/snapshot.ts';
import { Coverage } from '../memory/coverage.ts';
import { RangeMap } from '../memory/range-map.ts';
import type { Difference } from './diff.ts';

/** Entries of a list or a map that are shown; a longer one is cut to what the other side has not. */
export const SHOWN_ENTRIES_MAX = 100;
/** Bytes of memory that are shown. */
const SHOWN_BYTES_MAX = 64;

/** A difference as it is shown: plain, and no part of any state. */
export interface Change extends Difference {
  readonly before: Plain;
  readonly after: Plain;
}

export function shownDifference({ before, after, ...rest }: Difference): Change {
  return { ...rest, ...shownChange(before, after, rest.field ?? '') };
}

/** A value before and after a change, each shown with an eye on the other. */
export function shownChange(
  before: unknown,
  after: unknown,
  field: string,
): { before: Plain; after: Plain } {
  const was = plainValue(before, field);
  const is = plainValue(after, field);
  return { before: cut(was, is), after: cut(is, was) };
}

/** A value by itself; of a long list, its first entries. */
export function shownValue(value: unknown, field: string): Plain {
  return cut(plainValue(value, field), null);
}

function plainValue(value: unknown, field: string): Plain {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value !== 'object') return value as Plain;
  if (value instanceof Uint8Array) return bytesText(value);
  if (value instanceof IdAllocator) {
    const [next = 0, ...free] = plainOfIds(value);
    return { next, free: cut(free, null) };
  }
  if (value instanceof Set) {
    const items = [...(value as Set<number>)];
    return ORDERED_SETS.has(field) ? items : ascending(items);
  }
  if (value instanceof Map) {
    const entries = [...(value as Map<number | string, unknown>)];
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, plainValue(item, field)]));
  }
  if (isSequence(value)) return Array.from(value, item => plainValue(item, field));
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(fields.map(([name, item]) => [name, shownValue(item, name)]));
}

function isSequence(value: object): value is Iterable<unknown> {
  const kinds = [Array, Fifo, RangeMap, Coverage, TranslationCache];
  return kinds.some(kind => value instanceof kind);
}

function ascending(items: readonly number[]): number[] {
  return items.toSorted((a, b) => a - b);
}

function bytesText(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES_MAX), byte =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  return bytes.length > SHOWN_BYTES_MAX ? `${shown}… (${bytes.length} bytes)` : shown;
}

/** A long list or map becomes `{ count, only }`: how long it is, and what the other has not. */
function cut(value: Plain, other: Plain): Plain {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length <= SHOWN_ENTRIES_MAX) return value;
  const isList = Array.isArray(value);
  const entryText = ([key, item]: readonly [string, Plain]) =>
    JSON.stringify(isList ? item : [key, item]);
  const isContainer = typeof other === 'object' && other !== null;
  const others = new Set(isContainer ? Object.entries(other).map(entryText) : []);
  const only = entries.filter(entry => !others.has(entryText(entry))).slice(0, SHOWN_ENTRIES_MAX);
  return {
    count: entries.length,
    only: isList ? only.map(([, item]) => item) : Object.fromEntries(only),
  };
}
