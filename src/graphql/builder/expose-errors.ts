/**
 * Errors that may be shown to whoever asked become GraphQL errors with a code; all others are left
 * to the server, which masks them.
 */
import { GraphQLError, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { RequestError } from '../../engine/machine/errors.ts';
import { NobodyAsksError } from '../../engine/turn/turn.ts';
import { ConcurrencyError, DamagedLogError, DependentsError } from '../../log/log.ts';
import { StorageError } from '../../log/storage-error.ts';
import { EventVersionError } from '../../log/upcast.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** What a field has as `extensions` that reads the log and not only the state it belongs to. */
export const READS_LOG = { readsLog: true } as const;

/** As READS_LOG, of a field that depends on nothing but the events up to its machine's moment. */
export const OF_EVENTS = { readsLog: true, dependsOn: 'EVENTS' } as const;

/** As OF_EVENTS, or on the operations that were refused at that moment or made an event after it. */
export const OF_OPERATIONS = { readsLog: true, dependsOn: 'OPERATIONS' } as const;

/** Wraps the fields of the root types and those that read the log. */
export function exposeErrors(schema: GraphQLSchema): GraphQLSchema {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!roots.includes(type) && !field.extensions['readsLog']) continue;
      if (field.resolve) field.resolve = exposed(field.resolve);
      if (field.subscribe) field.subscribe = exposedStream(field.subscribe);
    }
  }
  return schema;
}

function exposed(resolver: Resolver): Resolver {
  return async (...args) => {
    try {
      return await resolver(...args);
    } catch (error) {
      throw shown(error);
    }
  };
}

/** What the stream meets later, between two values, too. */
function exposedStream(resolver: Resolver): Resolver {
  const begin = exposed(resolver);
  return async (...args) => {
    const stream = (await begin(...args)) as AsyncGenerator<unknown>;
    return {
      next: () =>
        stream.next().catch(error => {
          throw shown(error);
        }),
      return: (value: unknown) => stream.return(value),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
}

function shown(error: unknown): unknown {
  if (error instanceof RequestError) return graphqlError(error, error.code);
  if (error instanceof StorageError) return graphqlError(error, error.code);
  if (error instanceof DependentsError) return graphqlError(error, 'HAS_DEPENDENTS');
  if (error instanceof ConcurrencyError) return graphqlError(error, 'CONCURRENT_WRITER');
  if (error instanceof DamagedLogError) return graphqlError(error, 'DAMAGED_LOG');
  if (error instanceof NobodyAsksError) return graphqlError(error, 'CONNECTION_ENDED');
  if (error instanceof EventVersionError) return graphqlError(error, 'UNKNOWN_EVENT');
  return error;
}

function graphqlError(error: Error, code: string): GraphQLError {
  return new GraphQLError(error.message, { extensions: { code } });
}
