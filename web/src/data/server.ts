/** The server behind the page: one WebSocket for what is asked and followed, POST for what changes. */
import { signal } from '@preact/signals';
import type { Client } from 'graphql-ws';
import {
  ConnectionRefused,
  connect,
  GraphqlErrors,
  type Sent,
  send,
} from '../../../src/client/connection.ts';
import type { TypedDocument } from '../../../src/operations/typed-document.ts';

/** Where the token is while the tab lives. It is in no address and in no other storage. */
const TOKEN = 'faultline-token';

export type Connection =
  | { readonly state: 'CONNECTING' | 'OPEN' }
  | { readonly state: 'LOST'; readonly attempts: number }
  | { readonly state: 'REFUSED'; readonly reason: string };

export const connection = signal<Connection>({ state: 'CONNECTING' });
/** Counts connections: what was shown before the newest may be of a machine that is no more. */
export const connections = signal(0);

export function token(): string | undefined {
  return sessionStorage.getItem(TOKEN) ?? undefined;
}

let client: Client | null = null;

function open(): Client {
  const at = token();
  const made = connect(
    { url: location.origin, ...(at === undefined ? {} : { token: at }) },
    {
      connected() {
        connection.value = { state: 'OPEN' };
        connections.value += 1;
      },
      lost(reason) {
        const before = connection.value;
        if (before.state === 'REFUSED') return;
        // Nothing was asked or followed any more, so it was closed; it opens again with a question.
        if (reason.startsWith('1000')) {
          connection.value = { state: 'CONNECTING' };
          return;
        }
        const attempts = before.state === 'LOST' ? before.attempts + 1 : 1;
        connection.value = { state: 'LOST', attempts };
      },
    },
    new AbortController().signal,
  );
  client = made;
  return made;
}

/** Takes another token from here on; what is asked next goes over a new connection. */
export function setToken(text: string): void {
  sessionStorage.setItem(TOKEN, text);
  void client?.dispose();
  client = null;
  connection.value = { state: 'CONNECTING' };
}

/** What the server said, for a person. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function noteRefusal(error: unknown): void {
  if (!(error instanceof ConnectionRefused)) return;
  const reason = token() === undefined ? 'This server needs its token.' : 'That is not its token.';
  connection.value = { state: 'REFUSED', reason };
  client = null;
}

/** Asks once. Rejects with GraphqlErrors, ConnectionRefused. Waits while there is no connection. */
export function ask<Answer, Variables extends object>(
  document: TypedDocument<Answer, Variables>,
  variables: Variables,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    send(client ?? open(), document, variables, resolve).done.then(
      () => reject(new Error('The connection ended before the answer.')),
      error => {
        noteRefusal(error);
        reject(error);
      },
    );
  });
}

/** Follows a subscription over one life of it; the caller begins it anew. */
export function follow<Answer, Variables extends object>(
  document: TypedDocument<Answer, Variables>,
  variables: Variables,
  next: (answer: Answer) => void,
): Sent {
  const sent = send(client ?? open(), document, variables, next);
  sent.done.catch(noteRefusal);
  return sent;
}

/**
 * Sends a mutation, once: over a WebSocket that breaks it might be sent again, and so happen twice.
 * Rejects with GraphqlErrors, ConnectionRefused, TypeError (no server).
 */
export async function change<Answer, Variables extends object>(
  document: TypedDocument<Answer, Variables>,
  variables: Variables,
): Promise<Answer> {
  const at = token();
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(at === undefined ? {} : { authorization: `Bearer ${at}` }),
    },
    body: JSON.stringify({ query: document, variables }),
  });
  const { data, errors } = (await response.json()) as {
    data?: Answer;
    errors?: { message: string }[];
  };
  if (errors !== undefined) throw new GraphqlErrors(errors);
  return data!;
}
