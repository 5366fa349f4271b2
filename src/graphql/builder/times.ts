/** Two ends of a time in a `where`. */
import { badInput } from './bad-input.ts';

interface Times {
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
}

/** Milliseconds since the epoch; null: not bounded. Errors: BAD_USER_INPUT, from after to. */
export function timesOf(where: Times | null | undefined) {
  const { from, to } = where ?? {};
  if (from && to && from > to) {
    throw badInput(
      `"where.from" is ${from.toISOString()} and "where.to" is ${to.toISOString()}; it must be no later`,
    );
  }
  return { fromMs: from?.getTime() ?? null, toMs: to?.getTime() ?? null };
}
