import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloseCode, handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Connections } from '../held/connections.ts';
import type { LedgerLimits } from '../held/ledger.ts';
import {
  KEEP_ALIVE_MS,
  MESSAGE_BYTES_MAX,
  MESSAGE_FRAGMENTS_MAX,
  WEBSOCKETS_MAX,
} from '../limits.ts';
import { logUnexpected } from '../mask-error.ts';
import type { RequestCheck } from '../security.ts';
import { Messages } from './messages.ts';
import type { Protocol } from './websocket-protocol.ts';

export interface WebSocketOptions {
  server: Server;
  protocol: Protocol;
  checkSite: RequestCheck;
  connections: Connections;
  limits: LedgerLimits;
  log: (line: string) => void;
}

/** The WebSockets of one server. */
export interface WebSockets {
  /** Tells every client that the server goes away (1001); cuts those that stay for `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

/** WebSockets at `/graphql`, on the port of the HTTP server. */
export function startWebSockets(options: WebSocketOptions): WebSockets {
  const { server } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
    maxFragments: MESSAGE_FRAGMENTS_MAX,
    // One message for each turn of the event loop.
    allowSynchronousEvents: false,
    handleProtocols,
  });

  server.on('upgrade', (request, socket, head) => {
    // An error of a socket that nobody listens to would end the process.
    socket.on('error', () => socket.destroy());
    const status = checkUpgrade(request, options.checkSite, sockets);
    if (status !== null) {
      refuseUpgrade(socket, status);
      return;
    }
    sockets.handleUpgrade(request, socket, head, webSocket => {
      connect(webSocket, request, options);
    });
  });

  return { stop: timeoutMs => closeAll(sockets, timeoutMs) };
}

/** The HTTP status to refuse an upgrade with, or null to let it pass. */
function checkUpgrade(
  request: IncomingMessage,
  checkSite: RequestCheck,
  sockets: WebSocketServer,
): number | null {
  const refusal = checkSite(request);
  if (refusal !== null) return refusal.status;
  if (request.url?.split('?')[0] !== '/graphql') return 404;
  return sockets.clients.size >= WEBSOCKETS_MAX ? 503 : null;
}

function refuseUpgrade(socket: Duplex, status: number): void {
  const answer = `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(answer, () => socket.destroy());
}

/** Ties one WebSocket to the protocol. */
function connect(webSocket: WebSocket, request: IncomingMessage, options: WebSocketOptions): void {
  const { protocol, connections, limits, log } = options;
  // ws closes the socket itself after an error (a message too large, a broken frame).
  webSocket.on('error', () => {});
  const stopPings = keepAlive(webSocket);
  const messages = new Messages(webSocket, request.socket, connections(request.socket), limits);
  const closed = protocol.opened(
    {
      protocol: webSocket.protocol,
      send: data => messages.send(data),
      close: (code, reason) => webSocket.close(code, reason),
      onMessage: handle => {
        messages.onMessage(message =>
          // The library takes a message that is parsed already, though its types do not say so.
          handle(message as unknown as string).catch(error => {
            logUnexpected(error, log);
            webSocket.close(CloseCode.InternalServerError, 'Internal server error');
          }),
        );
      },
    },
    { request, webSocket },
  );
  webSocket.once('close', (code, reason) => {
    stopPings();
    closed(code, String(reason)).catch(error => logUnexpected(error, log));
  });
}

/** Finds clients that vanished without a word. Returns what ends it. */
function keepAlive(webSocket: WebSocket): () => void {
  let alive = true;
  webSocket.on('pong', () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) {
      webSocket.terminate();
      return;
    }
    alive = false;
    webSocket.ping();
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}

async function closeAll(sockets: WebSocketServer, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>(resolve => {
    sockets.close(() => resolve());
  });
  for (const webSocket of sockets.clients) webSocket.close(1001, 'Going away');
  const timer = new AbortController();
  await Promise.race([closed, sleep(timeoutMs, undefined, { signal: timer.signal })]);
  timer.abort();
  for (const webSocket of sockets.clients) webSocket.terminate();
}
