/** Why an operation was refused, in words. */
import { ERRNO_TEXT } from '../../abi/errno.ts';
import { ruleText } from '../../abi/refusal-rules.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { TraceStep } from '../../core/machine/trace-step.ts';

/** The innermost kernel function that returned the errno the operation ended with; null: none did. */
export function refusingStep({ trace, errno }: Operation): TraceStep | null {
  return trace.findLast(step => step.returned === errno) ?? null;
}

/**
 * One sentence: by which rule it was refused; in logs of before, which may name none, what the errno
 * means.
 */
export function refusalText(operation: Operation): string {
  const reason = refusingStep(operation)?.reason;
  return reason === undefined
    ? ERRNO_TEXT[operation.errno || 'EINVAL']
    : ruleText(reason.rule, reason.facts);
}

/** What the refusal means and where it came from. */
export function refusalMessage(operation: Operation): string {
  const at = refusingStep(operation);
  const text = refusalText(operation);
  return at === null ? text : `${text} ${at.function} returned ${operation.errno}.`;
}
