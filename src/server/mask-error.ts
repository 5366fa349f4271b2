/** What clients are told of errors, and what the server's log keeps of them. */
import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { NobodyAsksError } from '../engine/turn/turn.ts';
import { ERROR_CHARACTERS_MAX } from './limits.ts';

/**
 * Lets the GraphQLErrors that a resolver or the library made on purpose pass, and hides everything
 * else behind an id that finds it in the server's log.
 */
export function maskError(error: unknown, log: (line: string) => void): GraphQLError {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined) {
    cause = cause.originalError;
  }
  if (cause instanceof GraphQLError) return boundedError(error as GraphQLError);
  if (cause instanceof NobodyAsksError) return connectionEnded();
  const id = logUnexpected(cause, log);
  const at = error instanceof GraphQLError ? error : undefined;
  return new GraphQLError('Unexpected error.', {
    nodes: at?.nodes ?? null,
    path: at?.path ?? null,
    extensions: { code: 'INTERNAL_SERVER_ERROR', id, unexpected: true },
  });
}

/** Told to nobody. */
function connectionEnded(): GraphQLError {
  return new GraphQLError('The connection of this operation has ended.', {
    extensions: { code: 'CONNECTION_ENDED' },
  });
}

/**
 * The same error with a message that is not longer than ERROR_CHARACTERS_MAX: the library repeats
 * what was wrong in full, which may be as long as the request. What it was and why stand at the two
 * ends.
 */
export function boundedError(error: GraphQLError): GraphQLError {
  const { message, nodes, source, positions, path, originalError, extensions } = error;
  if (message.length <= ERROR_CHARACTERS_MAX) return error;
  const half = ERROR_CHARACTERS_MAX / 2 - 20;
  const left = message.length - 2 * half;
  return new GraphQLError(`${message.slice(0, half)}… (${left} more) …${message.slice(-half)}`, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions,
  });
}

/** Writes an error with its stack to the log. Returns the id it can be found by. */
export function logUnexpected(error: unknown, log: (line: string) => void): string {
  const id = randomUUID();
  log(`unexpected error ${id}: ${error instanceof Error ? error.stack : String(error)}`);
  return id;
}
