/** Real subscription clients: graphql-ws over a real WebSocket, and server-sent events. */
import { type Client, createClient } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { TypedDocument, VariablesOf } from '../../src/operations/typed-document.ts';

/** How long a test waits for something that must come, in milliseconds. */
const PATIENCE_MS = 120_000;

/** What came from one subscription, in order. */
export class Reader<Answer> {
  readonly values: Answer[] = [];
  /** null until it ended; then what ended it. */
  end: { error: unknown } | null = null;
  private read = 0;
  private wake = () => {};
  stop: () => void = () => {};

  push(value: Answer): void {
    this.values.push(value);
    this.wake();
  }

  finish(error: unknown = null): void {
    this.end ??= { error };
    this.wake();
  }

  /** The next value, under the subscription's field; throws if it ended or nothing comes. */
  async next<Field extends keyof Answer>(field: Field): Promise<Answer[Field]> {
    await this.until(() => this.values.length > this.read || this.end !== null);
    if (this.values.length <= this.read) {
      throw new Error(`ended: ${JSON.stringify(this.end)} ${String(this.end?.error)}`);
    }
    return this.values[this.read++]![field];
  }

  async ended(): Promise<unknown> {
    await this.until(() => this.end !== null);
    return this.end!.error;
  }

  /** Values that came and nobody took with `next`. */
  get waiting(): number {
    return this.values.length - this.read;
  }

  async until(condition: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!condition()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited ${PATIENCE_MS} ms; ${this.values.length} values came`);
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, Math.min(left, 20));
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** One client with one WebSocket, which can vanish without a word. */
export class Subscriber {
  private readonly client: Client;
  private socket: WebSocket | null = null;

  constructor({ url }: { url: string }) {
    const connected = (socket: WebSocket) => {
      this.socket = socket;
    };
    this.client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      on: { opened: socket => connected(socket as WebSocket) },
    });
    onTestFinished(async () => {
      await this.client.dispose();
      this.socket?.terminate();
    });
  }

  subscribe<Answer, Variables extends object>(
    query: TypedDocument<Answer, Variables>,
    ...[variables]: VariablesOf<Variables>
  ): Reader<Answer> {
    const reader = new Reader<Answer>();
    reader.stop = this.client.subscribe<Answer>(
      { query, variables: { ...variables } },
      {
        next: ({ data, errors }) => {
          if (errors !== undefined) reader.finish(errors);
          else reader.push(data as Answer);
        },
        error: error => reader.finish(error),
        complete: () => reader.finish(),
      },
    );
    return reader;
  }

  /** The connection is cut as by a crash: no closing handshake. */
  terminate(): void {
    this.socket!.terminate();
  }

  /** Stops taking bytes off the wire, until `resume`. */
  pause(): void {
    this.socket!.pause();
  }

  resume(): void {
    this.socket!.resume();
  }
}

/** Subscribes over server-sent events; `stop` leaves. */
export async function subscribeSse<Answer, Variables extends object>(
  { url }: { url: string },
  query: TypedDocument<Answer, Variables>,
  ...[variables]: VariablesOf<Variables>
): Promise<Reader<Answer>> {
  const reader = new Reader<Answer>();
  const leave = new AbortController();
  reader.stop = () => leave.abort();
  onTestFinished(() => leave.abort());
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query, variables }),
    signal: leave.signal,
  });
  const follow = async () => {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const found = /^event: next\ndata:(.*)$/m.exec(block);
        if (found !== null) reader.push((JSON.parse(found[1]!) as { data: Answer }).data);
      }
    }
  };
  follow().then(
    () => reader.finish(),
    error => reader.finish(error),
  );
  return reader;
}

/** Waits until `condition` holds; a test asserts on it afterwards. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition()) && Date.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
