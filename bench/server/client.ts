/** Clients: one keep-alive HTTP connection, and one WebSocket. */
import { Agent, request } from 'node:http';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export type Variables = Record<string, unknown>;

export interface HttpClient {
  /** Rejects with whatever errors the answer has. */
  post(query: string, variables?: Variables): Promise<Variables>;
  close(): void;
}

/** All requests go over one connection. */
export function httpClient(url: string): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    post: (query, variables) =>
      new Promise((resolve, reject) => {
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
              resolve(dataOf(JSON.parse(text)));
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
export function once(client: Client, query: string, variables: Variables): Promise<Variables> {
  return new Promise((resolve, reject) => {
    client.subscribe<Variables>(
      { query, variables },
      {
        next: result => {
          try {
            resolve(dataOf(result));
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

export function dataOf(result: { data?: unknown; errors?: unknown }): Variables {
  if (result.errors !== undefined || !result.data) throw new Error(JSON.stringify(result));
  return result.data as Variables;
}
