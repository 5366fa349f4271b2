/** A kernel function that gives a pointer or an id gives this instead when it refuses. */
import type { ErrnoName } from '../../abi/errno.ts';
import type { RefusalFacts, RefusalRule } from '../../abi/refusal-rules.ts';

/** By which rule something was refused, and what it was about. */
export interface RefusalReason {
  readonly rule: RefusalRule;
  readonly facts: RefusalFacts;
}

/** Facts as they are at hand. */
export type Facts = Readonly<Record<string, string | number | bigint>>;

export function reasonOf(rule: RefusalRule, facts: Facts): RefusalReason {
  const written: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(facts)) {
    written[name] = typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
  }
  return { rule, facts: written };
}

/** A refusal on the way out of nested kernel functions that return a pointer or an id. */
export class Refusal {
  readonly errno: ErrnoName;
  /** null: said by the function it came from, or by an allocation that failed. */
  readonly reason: RefusalReason | null;
  /** A step of the trace has the reason; the functions around it have it from there. */
  told = false;

  constructor(errno: ErrnoName, rule?: RefusalRule, facts: Facts = {}) {
    this.errno = errno;
    this.reason = rule === undefined ? null : reasonOf(rule, facts);
  }
}
