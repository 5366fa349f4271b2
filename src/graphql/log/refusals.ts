/**
 * The refusals of one document, so that none can be missed: whoever selects too little of an answer
 * still finds them in the response's `extensions.refusals`.
 */
import { type ExecutionResult, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import type { ErrnoName } from '../../abi/errno.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { refusalMessage, refusingStep } from './refusal-text.ts';

/** One refusal: where in the answer, and what KernelError says of it. */
export interface Refusal {
  /** Of the mutation's field, as GraphQL errors have it. */
  readonly path: readonly (string | number)[];
  readonly errno: ErrnoName;
  /** The kernel function that refused; null if the operation ended before one was entered. */
  readonly function: string | null;
  /** By which rule it refused, as `KernelError.rule` names it; null where that is. */
  readonly rule: string | null;
  readonly message: string;
}

/** By the operation's context: the server makes one for each operation. */
const notedBy = new WeakMap<object, Refusal[]>();

/** Keeps the refusal of a mutation for the response; does nothing if it succeeded. */
export function noteRefusal(
  context: object,
  { path }: Pick<GraphQLResolveInfo, 'path'>,
  operation: Operation,
): void {
  if (operation.errno === 0) return;
  const noted = notedBy.get(context) ?? [];
  notedBy.set(context, noted);
  const step = refusingStep(operation);
  noted.push({
    path: responsePathAsArray(path),
    errno: operation.errno,
    function: step?.function ?? null,
    rule: step?.reason?.rule ?? null,
    message: refusalMessage(operation),
  });
}

/** The answer of the document that ran with `context`, with its refusals if there are any. */
export function withRefusals<Result extends ExecutionResult>(
  result: Result,
  context: object,
): Result {
  const refusals = notedBy.get(context);
  if (refusals === undefined) return result;
  return { ...result, extensions: { ...result.extensions, refusals } };
}
