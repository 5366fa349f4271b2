import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloseCode, handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  KEEP_ALIVE_MS,
  MESSAGE_BYTES_MAX,
  MESSAGE_FRAGMENTS_MAX,
  SOCKET_BUFFERED_BYTES_MAX,
  WEBSOCKETS_MAX,
} from '../limits.ts';
import { logUnexpected } from '../mask-error.ts';
import type { RequestCheck } from '../security.ts';
import type { Protocol } from './websocket-protocol.ts';

export interface WebSocketOptions {
  server: Server;
  protocol: Protocol;
  checkSite: RequestCheck;
  log: (line: string) => void;
}

/** The WebSockets of one server. */
export interface WebSockets {
  /** Tells every client that the server goes away (1001); cuts those that stay for `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

/** WebSockets at `/graphql`, on the port of the HTTP server. */
export function startWebSockets(options: WebSocketOptions): WebSockets {
  const { server, protocol, log } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
    maxFragments: MESSAGE_FRAGMENTS_MAX,
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
      connect(webSocket, request, protocol, log);
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
function connect(
  webSocket: WebSocket,
  request: IncomingMessage,
  protocol: Protocol,
  log: (line: string) => void,
): void {
  // ws closes the socket itself after an error (a message too large, a broken frame).
  webSocket.on('error', () => {});
  const stopPings = keepAlive(webSocket);
  const closed = protocol.opened(
    {
      protocol: webSocket.protocol,
      send: data => send(webSocket, data),
      close: (code, reason) => webSocket.close(code, reason),
      onMessage: handle => {
        webSocket.on('message', async data => {
          if (webSocket.bufferedAmount > SOCKET_BUFFERED_BYTES_MAX) {
            webSocket.terminate();
            return;
          }
          try {
            await handle(String(data));
          } catch (error) {
            logUnexpected(error, log);
            webSocket.close(CloseCode.InternalServerError, 'Internal server error');
          }
        });
      },
    },
    { request, webSocket },
  );
  webSocket.once('close', (code, reason) => {
    stopPings();
    closed(code, String(reason)).catch(error => logUnexpected(error, log));
  });
}

/**
 * Resolves once the bytes are handed on, so that a slow client holds up its own generators only.
 *
 * A closing socket takes nothing and says so without a turn of the event loop. A generator that
 * always has a next value would then never let the loop come to the event that ends it.
 */
function send(webSocket: WebSocket, data: string): Promise<void> {
  return new Promise(resolve => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(data, () => resolve());
    else setImmediate(resolve);
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
