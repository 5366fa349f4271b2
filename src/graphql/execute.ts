/**
 * The executor of graphql-js itself, which asks its schema for each field, so that fields count. What
 * an operation, or one event of a subscription, looked at is let go when its answer is made.
 */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeOperation,
  executeSubscriptionEvent,
  mapSourceToResponseEvent,
  validateSubscriptionArgs,
} from 'graphql';
import { endLook } from './builder/look.ts';

/** As `execute` of graphql-js. */
export async function execute(args: ExecutionArgs): Promise<ExecutionResult> {
  try {
    return await executeOperation(args);
  } finally {
    endLook(args.contextValue as object);
  }
}

/** As `subscribe` of graphql-js. */
export async function subscribe(
  args: ExecutionArgs,
): Promise<AsyncGenerator<ExecutionResult, void, void> | ExecutionResult> {
  const validated = validateSubscriptionArgs(args);
  if (!('schema' in validated)) return { errors: validated };
  const source = await createSourceEventStream(validated);
  if (!(Symbol.asyncIterator in source)) return source;
  return mapSourceToResponseEvent(validated, source, async event => {
    try {
      return await executeSubscriptionEvent(event);
    } finally {
      endLook(event.contextValue as object);
    }
  });
}
