/**
 * What went wrong in one document, so that it cannot be missed: whoever selects too little of an
 * answer still finds the refusals in the response's `extensions.refusals`, and page requests that
 * reached no fault queue in `extensions.undelivered`.
 */
import { type ExecutionResult, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import type { ErrnoName } from '../../abi/errno.ts';
import { type Undelivered, undelivered } from '../../core/explain/undelivered.ts';
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

interface Noted {
  readonly refusals: Refusal[];
  readonly undelivered: (Pick<Refusal, 'path'> & Undelivered)[];
}

/** By the operation's context: the server makes one for each operation. */
const notedBy = new WeakMap<object, Noted>();

/** Keeps for the response what went wrong in a mutation, if anything did. */
export function noteWrong(context: object, info: GraphQLResolveInfo, operation: Operation): void {
  const lost = undelivered(operation);
  if (operation.errno === 0 && lost === null) return;
  const noted = notedBy.get(context) ?? { refusals: [], undelivered: [] };
  notedBy.set(context, noted);
  const path = responsePathAsArray(info.path);
  if (lost !== null) noted.undelivered.push({ path, ...lost });
  if (operation.errno === 0) return;
  const step = refusingStep(operation);
  noted.refusals.push({
    path,
    errno: operation.errno,
    function: step?.function ?? null,
    rule: step?.reason?.rule ?? null,
    message: refusalMessage(operation),
  });
}

/** The answer of the document that ran with `context`, with what went wrong if anything did. */
export function withNoted<Result extends ExecutionResult>(result: Result, context: object): Result {
  const noted = notedBy.get(context);
  if (noted === undefined) return result;
  const lists = Object.entries(noted).filter(([, list]) => list.length > 0);
  return { ...result, extensions: { ...result.extensions, ...Object.fromEntries(lists) } };
}
