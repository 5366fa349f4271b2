/** One subscription over a WebSocket of its own, which can vanish without a word. */
import { createClient, type Client as Socket } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { GraphqlError } from './client.ts';
import type { Json } from './notes.ts';

export class Subscription {
  /** Resolves when nothing comes any more; errors if the server said why. */
  readonly ended: Promise<readonly GraphqlError[]>;
  private readonly client: Socket;
  private socket: WebSocket | null = null;
  private end: (errors: readonly GraphqlError[]) => void = () => {};

  constructor(url: string, query: string, next: (data: { [field: string]: Json }) => void) {
    this.ended = new Promise(resolve => {
      this.end = resolve;
    });
    this.client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      // What the library would print: the end is told by `ended`.
      onNonLazyError: () => {},
      on: {
        opened: socket => {
          this.socket = socket as WebSocket;
        },
      },
    });
    this.client.subscribe<{ [field: string]: Json }>(
      { query },
      {
        next: ({ data, errors }) => {
          if (errors !== undefined) this.end(errors);
          else if (data) next(data);
        },
        error: error => this.end(Array.isArray(error) ? (error as readonly GraphqlError[]) : []),
        complete: () => this.end([]),
      },
    );
  }

  /** Cut as by a crash of the client: no closing handshake. Nothing comes after this. */
  async cut(): Promise<void> {
    this.socket?.terminate();
    // Rejects if the socket was still connecting.
    await Promise.resolve(this.client.dispose()).catch(() => {});
    this.end([]);
  }
}
