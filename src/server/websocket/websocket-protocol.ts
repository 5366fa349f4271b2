import type { IncomingMessage } from 'node:http';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode, makeServer, type SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { InFlight } from '../in-flight.ts';
import {
  CONNECTION_INIT_TIMEOUT_MS,
  JSON_VALUE_BYTES,
  OPERATIONS_PER_SOCKET_MAX,
} from '../limits.ts';
import { maskError } from '../mask-error.ts';
import { jsonProblem, sizeOfJson } from '../request/json.ts';
import type { TokenCheck } from '../security.ts';
import type { Yoga } from '../yoga.ts';
import { holdings } from './messages.ts';

export interface ProtocolOptions {
  yoga: Yoga;
  checkToken: TokenCheck;
  /** Executions under way; a subscription counts only until it is open. */
  requests: InFlight;
  log: (line: string) => void;
}

/** What a connection brings with it. */
interface Connection {
  request: IncomingMessage;
  webSocket: WebSocket;
}

/** The execution that `onSubscribe` prepared travels with its arguments to `execute`. */
interface PreparedArgs extends ExecutionArgs {
  enveloped: ReturnType<Yoga['getEnveloped']>;
}

export type Protocol = ReturnType<typeof createProtocol>;

/**
 * The messages of graphql-transport-ws. Operations go through Yoga's `getEnveloped`, so that limits,
 * caches and masking are the same as over HTTP.
 */
export function createProtocol({ yoga, checkToken, requests, log }: ProtocolOptions) {
  return makeServer<{ authorization?: unknown }, Connection>({
    connectionInitWaitTimeout: CONNECTION_INIT_TIMEOUT_MS,

    onConnect(context) {
      const { connectionParams, extra } = context;
      const { request, webSocket } = extra;
      const ok =
        checkToken(request.headers.authorization) || checkToken(connectionParams?.authorization);
      // 4401 and not the library's 4403, because clients take the former as final and do not retry.
      if (!ok) webSocket.close(CloseCode.Unauthorized, 'Unauthorized');
      // Nobody needs them any more, and they may be large.
      delete (context as { connectionParams?: unknown }).connectionParams;
      return ok;
    },

    async onSubscribe({ subscriptions }, _id, payload) {
      if (Object.keys(subscriptions).length > OPERATIONS_PER_SOCKET_MAX) {
        return [
          new GraphQLError(
            `One WebSocket carries at most ${OPERATIONS_PER_SOCKET_MAX} operations at a time.`,
          ),
        ];
      }
      try {
        return await prepare(yoga, payload);
      } catch (error) {
        return [maskError(error, log)];
      }
    },

    async execute(args) {
      const end = requests.begin();
      try {
        return await (args as PreparedArgs).enveloped.execute(args);
      } finally {
        end();
      }
    },

    async subscribe(args) {
      const end = requests.begin();
      try {
        return await (args as PreparedArgs).enveloped.subscribe(args);
      } finally {
        end();
      }
    },

    // What a generator throws between two values passes no plugin of Yoga's.
    onError: (_context, _id, _payload, errors) =>
      errors.map(error => maskError(error, log).toJSON()),
  });
}

/** Prepares the document and makes the context. */
async function prepare(
  yoga: Yoga,
  params: SubscribePayload,
): Promise<PreparedArgs | readonly GraphQLError[]> {
  const { query, variables, operationName, extensions } = params;
  const problem = jsonProblem(variables, extensions);
  if (problem !== null) {
    return [new GraphQLError(problem, { extensions: { code: 'JSON_LIMIT' } })];
  }
  const holding = holdings.get(params);
  const { values } = sizeOfJson(params, 'payload');
  const hold = (bytes: number) => holding?.add(bytes) ?? true;
  hold(values * JSON_VALUE_BYTES);
  const prepared = await yoga.documents.prepare(query, hold);
  if (prepared.document === null || prepared.errors.length > 0) return prepared.errors;
  const enveloped = yoga.getEnveloped({ params, prepared, ...(holding && { holding }) });
  return {
    schema: enveloped.schema,
    document: prepared.document,
    variableValues: variables,
    operationName,
    contextValue: await enveloped.contextFactory(),
    enveloped,
  };
}
