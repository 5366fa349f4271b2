/** One WebSocket to a server, made again whenever it breaks: graphql-ws, told never to give up. */
import { type Client, CloseCode, createClient } from 'graphql-ws';
import type { TypedDocument } from '../operations/typed-document.ts';

/** Waits between two attempts to connect: they double from the first to the last, half of it chance. */
const FIRST_WAIT_MS = 100;
const LAST_WAIT_MS = 10_000;
/** RFC 6455, 7.4.1. */
const NORMAL_CLOSURE = 1000;
/** How often a silent connection is asked whether it lives, and how long for an answer. */
const PING_MS = 15_000;
const PONG_MS = 10_000;

export interface ConnectionOptions {
  /** The server: `http://127.0.0.1:4000`, or the address of its GraphQL API (http, https, ws, wss). */
  readonly url: string;
  /** What the server was started with as `--token`. */
  readonly token?: string | undefined;
  /** The class of WebSockets; by default the global one (browsers, Node from 22 on). */
  readonly webSocketImpl?: unknown;
}

export interface ConnectionEvents {
  /** The server answers. */
  readonly connected: () => void;
  /** It does not any more, or not yet; attempts go on. */
  readonly lost: (reason: string) => void;
}

/** The server's answer was an error of GraphQL. */
export class GraphqlErrors extends Error {
  override name = 'GraphqlErrors';
  readonly errors: readonly GraphqlErrorShape[];

  constructor(errors: readonly GraphqlErrorShape[]) {
    super(errors.map(({ message }) => message).join(' '));
    this.errors = errors;
  }
}

export interface GraphqlErrorShape {
  readonly message: string;
  readonly extensions?: { readonly [name: string]: unknown } | undefined;
}

/** The server refused to talk: a wrong token, or no server of ours. */
export class ConnectionRefused extends Error {
  override name = 'ConnectionRefused';
  /** The WebSocket's close code. */
  readonly code: number;

  constructor(code: number, reason: string) {
    const token = code === CloseCode.Unauthorized ? ' (is "token" the server’s?)' : '';
    super(`the server closed the connection: ${code} ${reason}${token}`);
    this.code = code;
  }
}

/** The WebSocket address of a server or of its GraphQL API. Errors: TypeError, which names `url`. */
export function webSocketUrl(url: string): string {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address === null || !PROTOCOLS.includes(address.protocol)) {
    throw new TypeError(`url: ${URL_FORM}, not ${JSON.stringify(url)}`);
  }
  address.protocol = address.protocol.replace(/^http/, 'ws');
  if (address.pathname === '/') address.pathname = '/graphql';
  // No server sees it, and a WebSocket refuses it (RFC 6455, 3).
  address.hash = '';
  return address.href;
}

const URL_FORM =
  'expected the address of a server, such as http://127.0.0.1:4000 (http, https, ws, wss)';
const PROTOCOLS: readonly string[] = ['http:', 'https:', 'ws:', 'wss:'];

/** Errors: Error, which names `webSocketImpl`, where this runtime has none of its own. */
function webSocketOf({ webSocketImpl }: ConnectionOptions): unknown {
  const found = webSocketImpl ?? globalThis.WebSocket;
  if (found !== undefined) return found;
  throw new Error(
    'webSocketImpl: this runtime has no WebSocket (Node has one from 22 on); pass the class of one, such as `WebSocket` of the package ws',
  );
}

/** Milliseconds before attempt number `retries`, from 0. */
export function retryWaitMs(retries: number, chance: number = Math.random()): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(retries, 20), LAST_WAIT_MS);
  return wait / 2 + (wait / 2) * chance;
}

/** Waits, at most until `signal` is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}

/** `stopped`, aborted, ends the wait between two attempts. Errors: of `url` or `webSocketImpl`. */
export function connect(
  options: ConnectionOptions,
  events: ConnectionEvents,
  stopped: AbortSignal,
): Client {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: webSocketUrl(options.url),
    ...(options.token === undefined
      ? {}
      : { connectionParams: { authorization: `Bearer ${options.token}` } }),
    webSocketImpl: webSocketOf(options),
    retryAttempts: Number.POSITIVE_INFINITY,
    // By default a refused connect is final, and so would be a server that is only being restarted.
    shouldRetry: () => true,
    retryWait: retries => sleep(retryWaitMs(retries), stopped),
    keepAlive: PING_MS,
    on: {
      connected: events.connected,
      closed: event => {
        clearTimeout(silence);
        // Our own closing of a connection that nothing uses, as between two attempts, is no loss.
        if ((event as { code?: number }).code !== NORMAL_CLOSURE) events.lost(reasonOf(event));
      },
      ping: received => {
        if (received) return;
        silence = setTimeout(() => client.terminate(), PONG_MS);
      },
      pong: received => {
        if (received) clearTimeout(silence);
      },
    },
  });
  return client;
}

function reasonOf(event: unknown): string {
  const { code, reason } = event as { code?: number; reason?: string };
  return [code, reason].filter(part => part !== undefined && part !== '').join(' ');
}

/** One operation, or one life of a subscription. */
export interface Sent {
  /** Resolves when the server completes it; rejects with GraphqlErrors, ConnectionRefused. */
  readonly done: Promise<void>;
  /** Ends it, whatever comes; `done` resolves. */
  readonly end: () => void;
}

/** Sends a document over the connection; `next` gets each answer. */
export function send<Answer, Variables extends object>(
  client: Client,
  document: TypedDocument<Answer, Variables>,
  variables: Variables,
  next: (answer: Answer) => void,
): Sent {
  let dispose = () => {};
  let resolveDone = () => {};
  const done = new Promise<void>((resolve, reject) => {
    resolveDone = resolve;
    const fail = (error: unknown) => {
      // Not at once: graphql-ws counts an operation out a second time if the server's "complete"
      // comes in the same read, and then takes the connection of the others for idle.
      queueMicrotask(dispose);
      reject(asError(error));
    };
    dispose = client.subscribe<Answer, never>(
      { query: document, variables: variables as Record<string, unknown> },
      {
        next: ({ data, errors }) => {
          if (errors !== undefined) fail(errors);
          else if (data != null) next(data);
        },
        error: fail,
        complete: resolve,
      },
    );
  });
  const end = () => {
    dispose();
    resolveDone();
  };
  return { done, end };
}

function asError(error: unknown): Error {
  if (Array.isArray(error)) return new GraphqlErrors(error as readonly GraphqlErrorShape[]);
  if (error instanceof Error) return error;
  const { code, reason } = error as { code?: number; reason?: string };
  return new ConnectionRefused(code ?? 0, reason ?? String(error));
}
