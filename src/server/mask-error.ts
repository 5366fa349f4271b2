import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';

/**
 * Lets the GraphQLErrors that a resolver or the library made on purpose pass, and hides everything
 * else behind an id that finds it in the server's log.
 */
export function maskError(error: unknown, log: (line: string) => void): GraphQLError {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined) {
    cause = cause.originalError;
  }
  if (cause instanceof GraphQLError) return error as GraphQLError;
  const id = logUnexpected(cause, log);
  const at = error instanceof GraphQLError ? error : undefined;
  return new GraphQLError('Unexpected error.', {
    nodes: at?.nodes ?? null,
    path: at?.path ?? null,
    extensions: { code: 'INTERNAL_SERVER_ERROR', id, unexpected: true },
  });
}

/** Writes an error with its stack to the log. Returns the id it can be found by. */
export function logUnexpected(error: unknown, log: (line: string) => void): string {
  const id = randomUUID();
  log(`unexpected error ${id}: ${error instanceof Error ? error.stack : String(error)}`);
  return id;
}
