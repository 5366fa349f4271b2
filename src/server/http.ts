import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { GraphQLSchema, ValidationRule } from 'graphql';
import { Share } from '../engine/turn/turn.ts';
import { StorageError } from '../log/storage-error.ts';
import { checkAccess } from './config.ts';
import { createPlayground, type PlaygroundOptions } from './graphiql.ts';
import { watchConnections } from './held/connections.ts';
import { type Holding, heldMessage, Ledger, type LedgerLimits, type Scope } from './held/ledger.ts';
import { InFlight } from './in-flight.ts';
import {
  CLOSE_TIMEOUT_MS,
  CONNECTIONS_MAX,
  HEADER_BYTES_MAX,
  HEADERS_TIMEOUT_MS,
  IDLE_CONNECTION_TIMEOUT_MS,
  READINESS_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  STOP_CLOSE_MS,
  STOP_GRACE_MS,
  TIMEOUT_CHECK_MS,
} from './limits.ts';
import { logUnexpected } from './mask-error.ts';
import type { Page } from './page.ts';
import { readBody } from './request/body.ts';
import type { RequestContext } from './request/parameters.ts';
import {
  checkBody,
  createSiteCheck,
  createTokenCheck,
  opensPage,
  type Refusal,
} from './security.ts';
import type { OpenStreams } from './subscription-plugin.ts';
import { startWebSockets } from './websocket/websocket.ts';
import { createProtocol } from './websocket/websocket-protocol.ts';
import { createServerYoga } from './yoga.ts';

export interface ServerOptions {
  schema: GraphQLSchema;
  /** Makes what resolvers get as context, once an operation; its own properties are copied. */
  makeContext: () => object;
  /** A name or an IP address without brackets. Needs a token unless it is loopback. */
  host: string;
  /** 0 for any free one. */
  port: number;
  /** What clients must send as `Authorization: Bearer <token>`; null lets everybody in. */
  token: string | null;
  graphiql: PlaygroundOptions;
  /** The page at `/`; without one, `/` leads to the playground. */
  page?: Page | null;
  /** Whether the server can do its work now; `/ready` asks it, and shows a StorageError. */
  readiness: () => Promise<boolean>;
  /** Rules beside the ones of the specification, such as a bound on complexity. */
  validationRules?: readonly ValidationRule[];
  /** Bytes held for clients; those of src/server/limits.ts by default. */
  held?: LedgerLimits;
  /** Takes one line about something unexpected; standard error by default. */
  log?: (line: string) => void;
}

export interface HttpServer {
  /** Such as `http://127.0.0.1:4000`, without a path. */
  url: string;
  port: number;
  /**
   * Takes no more connections, lets requests under way finish, ends subscriptions, and resolves when
   * all sockets are closed: at the latest after STOP_GRACE_MS and two times STOP_CLOSE_MS.
   */
  stop(): Promise<void>;
}

/**
 * Serves GraphQL over HTTP, server-sent events and WebSocket at `/graphql`, there the playground to
 * browsers, the page at `/`, `/health` and `/ready`.
 *
 * Throws a ConfigError for a host that others can reach without a token; rejects with the error of
 * the system when it cannot listen.
 */
export async function startHttpServer(options: ServerOptions): Promise<HttpServer> {
  checkAccess(options.host, options.token, { host: 'host', token: 'token' });
  const log = options.log ?? console.error;
  const requests = new InFlight();
  const cleanups = new InFlight();
  const streams: OpenStreams = new Set();
  const { schema, makeContext, validationRules = [] } = options;
  const yoga = createServerYoga({ schema, makeContext, validationRules, log, cleanups, streams });
  const checkSite = createSiteCheck(options.host);
  const checkToken = createTokenCheck(options.token);
  const playground = createPlayground(options.graphiql, options.token !== null);
  let stopping: Promise<void> | undefined;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = checkSite(request);
    if (refusal !== null) return refuse(response, refusal);
    if (options.page?.(request, response)) return;
    switch (request.url?.split('?', 1)[0]) {
      case '/graphql':
        if (opensPage(request)) return playground(request, response);
        return graphql(request, response);
      case '/':
        response.writeHead(302, { location: '/graphql' }).end();
        return;
      case '/health':
        response.writeHead(200).end();
        return;
      case '/ready': {
        const ready = stopping === undefined && (await isReady(options.readiness, log));
        if (ready instanceof StorageError)
          return refuse(response, { status: 503, ...shown(ready) });
        response.writeHead(ready ? 200 : 503).end();
        return;
      }
      default:
        return refuse(response, { status: 404, message: 'There is nothing at this address.' });
    }
  }

  async function graphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!checkToken(request.headers.authorization)) {
      response.setHeader('www-authenticate', 'Bearer');
      return refuse(response, { status: 401, message: 'This server needs its token.' });
    }
    const refusal = checkBody(request);
    if (refusal !== null) return refuse(response, refusal);
    const holding = hold(request, response);
    const context: RequestContext = { holding };
    if (request.method === 'POST') {
      const body = await readBody(request, holding);
      if (body === null) return;
      if (typeof body !== 'string') return refuse(response, body);
      context.body = body;
    }
    response.setHeader('x-content-type-options', 'nosniff');
    const share = new Share();
    response.once('close', () => share.end());
    // It may use the engine for longer than its client stays.
    const end = requests.begin();
    await share.run(async () => yoga(request, response, context)).finally(end);
  }

  /** What this request holds until it is answered, and what its client is told if it is too much. */
  function hold(request: IncomingMessage, response: ServerResponse): Holding {
    const connection = connections(request.socket);
    const holding = connection.account.begin();
    const tell = (scope: Scope) => {
      const message = heldMessage(scope, ledger.limits);
      if (response.headersSent) response.destroy();
      else refuse(response, { status: HELD_STATUS[scope], message });
      setTimeout(() => request.socket.destroy(), CLOSE_TIMEOUT_MS).unref();
    };
    connection.tell = tell;
    response.once('close', () => {
      holding.end();
      if (connection.tell === tell) connection.tell = null;
    });
    return holding;
  }

  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
    keepAliveTimeout: IDLE_CONNECTION_TIMEOUT_MS,
    noDelay: true,
  });
  server.maxConnections = CONNECTIONS_MAX;
  const ledger = new Ledger(options.held);
  const connections = watchConnections(server, ledger);
  server.on('request', (request, response) => {
    response.once('close', requests.begin());
    if (stopping !== undefined) response.shouldKeepAlive = false;
    route(request, response).catch(error => {
      const id = logUnexpected(error, log);
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, message: `Unexpected error ${id}.` });
    });
  });
  const protocol = createProtocol({ yoga, checkToken, requests, log });
  const webSockets = startWebSockets({
    server,
    protocol,
    checkSite,
    connections,
    limits: ledger.limits,
    log,
  });

  async function stop(): Promise<void> {
    const closed = new Promise<void>(resolve => {
      server.close(() => resolve());
    });
    for (const cut of streams) cut();
    await requests.idle(STOP_GRACE_MS);
    // What has just been executed for a WebSocket is sent before the sockets close.
    await nextTurn();
    await webSockets.stop(STOP_CLOSE_MS);
    server.closeAllConnections();
    await cleanups.idle(STOP_CLOSE_MS);
    await closed;
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${displayHost(options.host)}:${port}`,
    port,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** What a client that holds too much is answered. */
const HELD_STATUS: Readonly<Record<Scope, number>> = { CONNECTION: 413, ADDRESS: 429, SERVER: 503 };

/**
 * Answers in the form of a GraphQL error, which is what clients of this server read. A connection
 * that has more of the request to send is closed: there is no end to what would have to be read.
 */
function refuse(
  response: ServerResponse,
  { status, ...error }: Refusal & { readonly extensions?: object },
): void {
  if (!response.req.complete) response.shouldKeepAlive = false;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ errors: [error] }));
}

function shown({ message, code }: StorageError) {
  return { message, extensions: { code } };
}

/** Whoever asks may know what is wrong with the storage, and of nothing else. */
async function isReady(
  readiness: () => Promise<boolean>,
  log: (line: string) => void,
): Promise<boolean | StorageError> {
  const timer = new AbortController();
  try {
    const late = sleep(READINESS_TIMEOUT_MS, false, { signal: timer.signal });
    return await Promise.race([readiness(), late]);
  } catch (error) {
    if (error instanceof StorageError) return error;
    logUnexpected(error, log);
    return false;
  } finally {
    timer.abort();
  }
}

/** A host to put into a link; a wildcard address is reached as localhost. */
function displayHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
