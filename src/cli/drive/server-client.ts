/** A connection of the command line to a server: once, and an error where there is none. */
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import {
  ConnectionRefused,
  GraphqlErrors,
  type Sent,
  send,
  webSocketUrl,
} from '../../client/connection.ts';
import type { TypedDocument } from '../../operations/typed-document.ts';
import { UsageError } from '../commands/run-command.ts';

/** What is asked for cannot be: no such device, or one that cannot fault. */
export class CannotDriveError extends Error {}

/** The server is not there, or went away. */
export class NoServerError extends Error {}

/** Milliseconds that a connection stays open with nothing on it. */
const IDLE_MS = 1_000;

/** Errors: UsageError, `url` is no address of a server. */
export function openClient(url: string, token: string | undefined): Client {
  return createClient({
    url: addressOf(url),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazyCloseTimeout: IDLE_MS,
    ...(token === undefined ? {} : { connectionParams: { authorization: `Bearer ${token}` } }),
  });
}

function addressOf(url: string): string {
  try {
    return webSocketUrl(url);
  } catch (error) {
    throw new UsageError(`--${(error as Error).message}`);
  }
}

/** As `send`, with what went wrong in words. */
export function sendTo<Answer, Variables extends object>(
  client: Client,
  document: TypedDocument<Answer, Variables>,
  variables: Variables,
  next: (answer: Answer) => void,
): Sent {
  const { done, end } = send(client, document, variables, next);
  return { done: done.catch(error => Promise.reject(inWords(error))), end };
}

/** Sends one operation and gives its answer. Errors: NoServerError, GraphqlErrors, ConnectionRefused. */
export async function askOnce<Answer, Variables extends object>(
  client: Client,
  document: TypedDocument<Answer, Variables>,
  variables: Variables,
): Promise<Answer> {
  let answer: Answer | null = null;
  await sendTo(client, document, variables, given => {
    answer = given;
  }).done;
  if (answer === null) throw new NoServerError('the server ended without an answer');
  return answer;
}

/** A socket that could not be had says so in an event, which is no error and has no code. */
function inWords(error: unknown): unknown {
  if (!(error instanceof ConnectionRefused) || error.code !== 0) return error;
  return new NoServerError('no server answers there; faultline serve starts one');
}

/** What a user can mend: anything else is our mistake. */
export function isExpectedOfServer(error: unknown): boolean {
  const kinds = [CannotDriveError, ConnectionRefused, GraphqlErrors, NoServerError];
  return kinds.some(kind => error instanceof kind);
}
