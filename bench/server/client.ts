/** Clients: one keep-alive HTTP connection, and one WebSocket. */
import { Agent, request } from 'node:http';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { JsonValue, TypedDocument, VariablesOf } from '../../src/operations/typed-document.ts';

/** A text that no generated document is: what is measured here is its cost, not its answer. */
export function untyped(text: string): TypedDocument<Record<string, JsonValue>, object> {
  return text as TypedDocument<Record<string, JsonValue>, object>;
}

export interface HttpClient {
  /** Rejects with whatever errors the answer has. */
  post<Answer, Variables>(
    document: TypedDocument<Answer, Variables>,
    ...variables: VariablesOf<Variables>
  ): Promise<Answer>;
  close(): void;
}

/** All requests go over one connection. */
export function httpClient(url: string): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    post: <Answer, Variables>(
      query: TypedDocument<Answer, Variables>,
      ...[variables]: VariablesOf<Variables>
    ) =>
      new Promise<Answer>((resolve, reject) => {
        const body = JSON.stringify({ query, variables });
        const headers = {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          'content-length': Buffer.byteLength(body),
        };
        const sent = request(url, { method: 'POST', agent, headers }, response => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', chunk => {
            text += chunk;
          });
          response.on('end', () => {
            try {
              resolve(dataOf<Answer>(JSON.parse(text)));
            } catch (error) {
              reject(error);
            }
          });
        });
        sent.once('error', reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

export function webSocketClient(url: string): Client {
  return createClient({
    url: url.replace('http:', 'ws:'),
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
  });
}

/** Runs an operation with one answer. */
export function once<Answer, Variables extends Record<string, unknown>>(
  client: Client,
  query: TypedDocument<Answer, Variables>,
  ...[variables]: VariablesOf<Variables>
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    client.subscribe<Answer>(
      { query, variables: variables ?? null },
      {
        next: result => {
          try {
            resolve(dataOf<Answer>(result));
          } catch (error) {
            reject(error);
          }
        },
        error: reject,
        complete: () => {},
      },
    );
  });
}

export function dataOf<Answer>(result: {
  readonly data?: Answer | null | undefined;
  readonly errors?: unknown;
}): Answer {
  if (result.errors !== undefined || !result.data) throw new Error(JSON.stringify(result));
  return result.data;
}
