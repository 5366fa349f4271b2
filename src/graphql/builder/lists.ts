/** Bounds of plain lists and pages. */
import { badInput } from './bad-input.ts';

/** Entries of a plain list when `first` is not given. */
export const LIST_DEFAULT = 100;
/** Entries of a plain list or a connection's page at most. */
export const LIST_MAX = 1_000;

export const FIRST_TEXT = `At most this many, from 0 to ${LIST_MAX}.`;

export function checkFirst(first: number | null | undefined, name = 'first', least = 0): number {
  const count = first ?? LIST_DEFAULT;
  if (count < least || count > LIST_MAX) {
    throw badInput(`"${name}" must be from ${least} to ${LIST_MAX}, not ${count}`);
  }
  return count;
}

/** The number a cursor stands for; null if none was given. */
export function cursorNumber(name: string, cursor: string | null | undefined): number | null {
  if (cursor === null || cursor === undefined) return null;
  if (!/^\d{1,15}$/.test(cursor)) {
    throw badInput(`"${name}" must be a cursor of this connection, a whole number`);
  }
  return Number(cursor);
}
