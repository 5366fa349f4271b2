/**
 * A machine's state as plain JSON-able data, and back. Canonical: what does not decide later
 * behaviour (the order of maps and of most sets, how numbers were freed) is brought into one order.
 * Orders that decide it are kept.
 *
 * A Map becomes `{"$map": [[key, value], …]}` by ascending key, a Set `{"$set": […]}`, a number
 * allocator `{"$ids": [next, …freed]}`, a queue `{"$fifo": […]}`, ranges in order `{"$ranges": […]}`
 * or, counted, `{"$coverage": […]}`, a translation
 * cache as numbers `{"$cache": […]}`; a 64-bit value is "0x…" under one of U64_KEYS.
 */

import { Fifo, IdAllocator } from '../collections/collections.ts';
import { ReusedKeyMap, ReusedKeySet } from '../collections/reused-keys.ts';
import { cacheOf, columnsOf, type Translation, withoutRuns } from '../hardware/cache/columns.ts';
import { TranslationCache } from '../hardware/cache/translation-cache.ts';
import { Coverage, type CoveredRange } from '../memory/coverage.ts';
import type { IovaRange } from '../memory/iova-range.ts';
import { RangeMap } from '../memory/range-map.ts';
import { assert } from './assert.ts';
import type { MachineState } from './state.ts';

/**
 * Changes with every change of what a state holds, of how it is written, or of what an event does to
 * it: a snapshot of another version is not read. test/core/machine/snapshot.test.ts notices.
 */
export const SNAPSHOT_VERSION = 5;

export type Plain =
  | null
  | boolean
  | number
  | string
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** Fields of the state that hold u64 values (`flags` only where user data is 64 bits wide). */
const U64_KEYS: ReadonlySet<string> = new Set([
  'addr',
  'start',
  'last',
  'apertureStart',
  'apertureLast',
  'swMsiStart',
  'pgtblAddr',
  'flags',
  'userVa',
  'length',
  'rlimitMemlock',
  'lockedPages',
  'userLockedPages',
  'foreignLockedPages',
  'iova',
  'gpa',
  'copyTo',
  'toIova',
  'value',
]);

/** Sets whose order of insertion matters: the automatic hwpts are tried in order of creation. */
export const ORDERED_SETS: ReadonlySet<string> = new Set(['hwptIds', 'autoHwptIds']);

/** Maps and sets that evolve makes as ReusedKeyMap and ReusedKeySet. */
const REUSED_KEYS: ReadonlySet<string> = new Set([
  'objects',
  'reserved',
  'accessIds',
  'pins',
  'dirtySlots',
  ...ORDERED_SETS,
]);

export function toPlain(state: MachineState): Plain {
  return plainOf(state, '');
}

/** The state `toPlain` was given. Takes only what `toPlain` made: nothing is checked again. */
export function fromPlain(plain: Plain): MachineState {
  return restored(plain, '') as MachineState;
}

/** A copy of one field of a state, which goes on by itself. */
export function copyOfField(value: unknown, field: string): unknown {
  return value === undefined ? undefined : restored(plainOf(value, field), field);
}

/** States with the same content have the same text, whatever their history. */
export function canonicalText(state: MachineState): string {
  return JSON.stringify(toPlain(state), (key, value: Plain) => {
    if (key === '$cache') return canonicalCache(value);
    if (value === null || typeof value !== 'object' || isList(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => ascending(a, b)));
  });
}

/** A `$cache` as hashes have it: every translation for itself. */
export function canonicalCache(plain: Plain): Plain {
  const [entries, lru, tags, numbers] = plain as unknown as CachePlain;
  return [entries, lru, tags, withoutRuns(numbers)];
}

function ascending(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function plainOf(value: unknown, key: string): Plain {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      assert(U64_KEYS.has(key), `${key} is among the state's 64-bit fields`);
      return `0x${value.toString(16)}`;
    case 'object':
      return value === null ? null : plainOfObject(value, key);
    default:
      throw new Error(`assertion failed: ${key} holds a ${typeof value}`);
  }
}

function plainOfObject(value: object, key: string): Plain {
  if (value.constructor === Object) return plainOfFields(value as Fields);
  if (Array.isArray(value)) return value.map(item => plainOf(item, key));
  if (value instanceof Map) {
    if (value.size === 0) return { $map: [] };
    const entries = [...(value as Map<number | string, unknown>)];
    entries.sort(([a], [b]) => ascending(a, b));
    return { $map: entries.map(([entryKey, item]) => [entryKey, plainOf(item, key)]) };
  }
  if (value instanceof Set) {
    if (value.size === 0) return { $set: [] };
    const items = [...(value as Set<number | string>)];
    return { $set: ORDERED_SETS.has(key) ? items : items.sort(ascending) };
  }
  if (value instanceof IdAllocator) return { $ids: plainOfIds(value) };
  if (value instanceof Fifo) return { $fifo: [...value] };
  if (value instanceof RangeMap) return { $ranges: listOf(value, key) };
  if (value instanceof Coverage) return { $coverage: listOf(value, key) };
  if (value instanceof TranslationCache) return plainOfCache(value);
  return plainOfFields(value as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function plainOfFields(fields: Fields): Plain {
  const plain: Record<string, Plain> = {};
  for (const name in fields) plain[name] = plainOf(fields[name], name);
  return plain;
}

/** An empty one holds nothing but its bound. */
function plainOfCache(cache: TranslationCache<Translation>): Plain {
  const { bound, tags, numbers } = columnsOf(cache);
  return { $cache: [bound.entries, bound.lru, tags, numbers] };
}

function listOf(items: Iterable<unknown>, key: string): Plain[] {
  return Array.from(items, item => plainOf(item, key));
}

/** The taken numbers decide the next ones, so freed numbers at the end are as if never given. */
export function plainOfIds(ids: IdAllocator): number[] {
  const free = ids.free.toSorted((a, b) => a - b);
  let next = ids.next;
  while (free.at(-1) === next - 1) {
    free.pop();
    next--;
  }
  return [next, ...free];
}

function restored(plain: Plain, key: string): unknown {
  if (typeof plain === 'string') {
    return plain.startsWith('0x') && U64_KEYS.has(key) ? BigInt(plain) : plain;
  }
  if (plain === null || typeof plain !== 'object') return plain;
  if (isList(plain)) return plain.map(item => restored(item, key));
  const { $map, $set, $ids, $fifo, $ranges, $coverage, $cache } = plain;
  if ($map !== undefined) {
    const entries = $map as readonly (readonly [number | string, Plain])[];
    const map: Map<number | string, unknown> = REUSED_KEYS.has(key)
      ? new ReusedKeyMap()
      : new Map();
    for (const [entryKey, item] of entries) map.set(entryKey, restored(item, key));
    return map;
  }
  if ($set !== undefined) {
    const set: Set<number | string> = REUSED_KEYS.has(key) ? new ReusedKeySet() : new Set();
    for (const item of $set as readonly (number | string)[]) set.add(item);
    return set;
  }
  if ($ids !== undefined) return idsOf($ids as readonly number[]);
  if ($fifo !== undefined) return fifoOf($fifo as readonly number[]);
  if ($ranges !== undefined) return rangesOf(restored($ranges, key) as IovaRange[]);
  if ($coverage !== undefined) return Coverage.from(restored($coverage, key) as CoveredRange[]);
  if ($cache !== undefined) return cacheFrom($cache as CachePlain);
  const value: Record<string, unknown> = {};
  for (const name of Object.keys(plain)) value[name] = restored(plain[name]!, name);
  return value;
}

type CachePlain = readonly [number, boolean, readonly string[], readonly number[]];

function cacheFrom([entries, lru, tags, numbers]: CachePlain): TranslationCache<Translation> {
  return cacheOf({ bound: { entries, lru }, tags, numbers });
}

function isList(plain: object): plain is readonly Plain[] {
  return Array.isArray(plain);
}

/** Ascending numbers are a heap. */
function idsOf([next, ...free]: readonly number[]): IdAllocator {
  const ids = new IdAllocator(next!);
  ids.free.push(...free);
  return ids;
}

function fifoOf(items: readonly number[]): Fifo {
  const fifo = new Fifo();
  for (const item of items) fifo.push(item);
  return fifo;
}

function rangesOf(items: readonly IovaRange[]): RangeMap<IovaRange> {
  const ranges = new RangeMap<IovaRange>();
  for (const item of items) ranges.add(item);
  return ranges;
}
