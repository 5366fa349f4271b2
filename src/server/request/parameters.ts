/** A request's query, variables and extensions: read, held to their limits, the query prepared. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError, getOperationAST } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { Holding } from '../held/ledger.ts';
import { JSON_VALUE_BYTES, JSON_VALUES_MAX, OPERATION_BYTES } from '../limits.ts';
import { hasTooManyValues, jsonProblem, sizeOfJson } from './json.ts';
import type { Prepared, PreparedDocuments } from './prepared.ts';
import { takes } from './weights.ts';

/** What an operation brings along besides its parameters. */
export interface RequestContext {
  /** What it holds of the server's memory, until it ends. */
  holding?: Holding;
  /** Its document; over HTTP it is prepared on the way. */
  prepared?: Prepared;
  /** HTTP only. */
  req?: IncomingMessage;
  res?: ServerResponse;
  /** The text of a POST. */
  body?: string;
}

/** What an operation takes from its beginning to its end beside its document, at most. */
function bytesOf(characters: number, values: number): number {
  // A character takes two bytes if any in its text is beyond Latin-1.
  return OPERATION_BYTES + 2 * characters + values * JSON_VALUE_BYTES;
}

export function useParameters(documents: PreparedDocuments): Plugin<RequestContext> {
  return {
    onRequestParse({ request, requestParser, serverContext, setRequestParser }) {
      if (requestParser === undefined) return;
      const { body } = serverContext as RequestContext;
      if (body !== undefined) setRequestParser(() => parseBody(body));
      else if (request.method === 'GET') {
        setRequestParser(request => strictQueryString(() => requestParser(request)));
      }
    },
    async onParams({ params, request, context: initial, setResult }) {
      const context = initial as RequestContext;
      if (typeof params?.query !== 'string') return;
      const problem = jsonProblem(params.variables, params.extensions);
      if (problem !== null) throw badRequest(problem, 'JSON_LIMIT');
      const { holding } = context;
      const { values } = sizeOfJson(params, 'body');
      const characters = context.body?.length ?? params.query.length;
      holding?.set(bytesOf(characters, values));
      const prepared = await documents.prepare(params.query, bytes => holding?.add(bytes) ?? true);
      context.prepared = prepared;
      if (isSubscription(prepared, params) && !acceptsStream(request)) {
        setResult({ errors: [notAcceptable()] });
      }
    },
    onParse({ context, setParseFn }) {
      const { prepared } = context as RequestContext;
      if (prepared === undefined) return;
      setParseFn(() => {
        if (prepared.document === null) throw prepared.errors[0];
        return prepared.document;
      });
    },
    onValidate({ context, setResult }) {
      const { prepared } = context as RequestContext;
      if (prepared !== undefined) setResult(prepared.errors);
    },
  };
}

function badRequest(message: string, code = 'BAD_REQUEST'): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}

function parseBody(text: string): GraphQLParams {
  if (hasTooManyValues(text)) {
    throw badRequest(
      `A request may have ${JSON_VALUES_MAX} values, this one has more`,
      'JSON_LIMIT',
    );
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badRequest('POST body sent invalid JSON.');
  }
  if (typeof body !== 'object' || body === null) {
    const type = body === null ? 'null' : typeof body;
    throw badRequest(`POST body is expected to be object but received ${type}`);
  }
  return body as GraphQLParams;
}

/** Yoga takes bad JSON in a query string for an error of its own; it is the client's. */
function strictQueryString<T>(parse: () => T): T {
  try {
    return parse();
  } catch {
    throw badRequest('"variables" and "extensions" must be JSON text of an object.');
  }
}

function isSubscription({ document }: Prepared, { operationName }: GraphQLParams): boolean {
  if (document === null) return false;
  return getOperationAST(document, operationName)?.operation === 'subscription';
}

/**
 * A subscription may act: a handler reads groups. So one that would not be streamed is not opened,
 * nor one whose client takes anything, as a link or a preview of it does.
 */
function acceptsStream(request: Request): boolean {
  return takes(request.headers.get('accept'), 'text/event-stream');
}

function notAcceptable(): GraphQLError {
  return new GraphQLError(
    'A subscription is answered as server-sent events: send "Accept: text/event-stream", or' +
      ' subscribe over WebSocket.',
    { extensions: { code: 'NOT_ACCEPTABLE', http: { status: 406 } } },
  );
}
