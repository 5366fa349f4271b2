/**
 * What an export's events must lead to, in one short text that later versions can check.
 *
 * As `stateHash`, but what is as in the beginning is left out: fields of the machine with the value
 * they begin with, and fields of anything below it that are null, false or hold nothing. So a
 * version that remembers more of a machine gives the same hash for a log that does not use it.
 */
import { hash } from 'node:crypto';
import { canonicalCache, type Plain, toPlain } from '../../core/machine/snapshot.ts';
import { initialState, type MachineState } from '../../core/machine/state.ts';

/** sha256, 64 hex digits. */
export function finalHash(state: MachineState): string {
  const beginning = Object.entries(toPlain(initialState()) as { [key: string]: Plain });
  const asAtFirst = new Map(beginning.map(([key, value]) => [key, textOf(value)]));
  const fields: string[] = [];
  for (const [key, value] of Object.entries(toPlain(state) as { [key: string]: Plain })) {
    const text = textOf(value);
    if (text !== asAtFirst.get(key)) fields.push(`${JSON.stringify(key)}:${text}`);
  }
  return hash('sha256', `{${fields.sort().join(',')}}`, 'hex');
}

/** JSON with the keys of objects in order, without those that hold nothing. */
function textOf(value: Plain): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Plain[]).map(textOf).join(',')}]`;
  const fields: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    const text = textOf(key === '$cache' ? canonicalCache(item) : item);
    if (!NOTHING.has(text)) fields.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${fields.sort().join(',')}}`;
}

/** An empty map, set or queue is an object without its list. */
const NOTHING: ReadonlySet<string> = new Set(['null', 'false', '[]', '{}']);
