/** Refusals of hardware and guests: what decided, as the trace of the operation tells it. */
import type { ErrnoName } from '../../abi/errno.ts';
import type { RefusalRule } from '../../abi/refusal-rules.ts';
import type { Execution } from '../machine/execution.ts';
import { type Facts, Refusal } from '../machine/refusal.ts';

/** `by`: the kernel function that decides so, or who does where there is none: `device`, `guest`. */
export function refuse(
  x: Execution,
  by: string,
  errno: ErrnoName,
  rule: RefusalRule,
  facts: Facts = {},
): Refusal {
  return x.refusedBy(by, new Refusal(errno, rule, facts));
}

/** null: the value is within its bounds. */
export function outOfBounds(
  x: Execution,
  by: string,
  argument: string,
  value: number,
  low: number,
  high: number,
): Refusal | null {
  if (Number.isInteger(value) && value >= low && value <= high) return null;
  return refuse(x, by, 'EINVAL', 'HARDWARE_BOUND', { argument, value, low, high });
}
