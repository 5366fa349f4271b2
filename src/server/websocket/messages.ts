/** Messages of one WebSocket as they come and go, and what is held for them. */
import type { Duplex } from 'node:stream';
import { CloseCode, MessageType } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { Share, turn } from '../../engine/turn/turn.ts';
import type { Connection } from '../held/connections.ts';
import { type Holding, heldMessage, type LedgerLimits, type Scope } from '../held/ledger.ts';
import {
  CLOSE_TIMEOUT_MS,
  JSON_VALUES_MAX,
  OPERATION_BYTES,
  OPERATION_ID_CHARACTERS_MAX,
} from '../limits.ts';
import { hasTooManyValues, sizeOfJson } from '../request/json.ts';

/** Told to a client that holds too much. Codes from 4000 on are the application's, 1013 is "later". */
const HELD_CODE: Readonly<Record<Scope, number>> = {
  CONNECTION: 4413,
  ADDRESS: 1013,
  SERVER: 1013,
};

const CLIENT_TYPES: readonly unknown[] = [
  MessageType.ConnectionInit,
  MessageType.Ping,
  MessageType.Pong,
  MessageType.Subscribe,
  MessageType.Complete,
];

/** By the payload of the message that began it, what an operation holds until it ends. */
export const holdings = new WeakMap<object, Holding>();

/** A message as JSON, of a type that clients send. */
export interface Message {
  readonly type: MessageType;
  readonly id?: unknown;
  readonly payload?: unknown;
}

export class Messages {
  private readonly webSocket: WebSocket;
  private readonly connection: Connection;
  private readonly outgoing: Holding;
  private readonly share = new Share();

  constructor(webSocket: WebSocket, socket: Duplex, connection: Connection, limits: LedgerLimits) {
    this.webSocket = webSocket;
    this.connection = connection;
    this.outgoing = connection.account.begin();
    connection.tell = scope => {
      webSocket.close(HELD_CODE[scope], heldMessage(scope, limits));
      setTimeout(() => webSocket.terminate(), CLOSE_TIMEOUT_MS).unref();
    };
    this.holdIncoming(socket);
    webSocket.once('close', () => this.share.end());
  }

  /** `handle` resolves when what the message began is over. */
  onMessage(handle: (message: Message) => Promise<void>): void {
    this.webSocket.on('message', data => {
      this.share.run(() => this.take(String(data), handle));
    });
  }

  /**
   * Resolves once the bytes are handed on, so that a slow client holds up its own generators only.
   *
   * A closing socket takes nothing and says so without a turn of the event loop. A generator that
   * always has a next value would then never let the loop come to the event that ends it.
   */
  send(data: string): Promise<void> {
    const { webSocket, outgoing } = this;
    return new Promise(resolve => {
      const isOpen = webSocket.readyState === webSocket.OPEN;
      if (!isOpen || !outgoing.add(data.length)) {
        setImmediate(resolve);
        return;
      }
      webSocket.send(data, () => {
        outgoing.add(-data.length);
        resolve();
      });
    });
  }

  /** What `handle` begins may last: nothing but the message itself is kept meanwhile. */
  private take(text: string, handle: (message: Message) => Promise<void>): void {
    const holding = this.connection.account.begin();
    this.admit(text, holding)
      .then(message => (message === null ? undefined : handle(message)))
      .finally(() => holding.end());
  }

  /** The message, in its turn; null if the socket is closed for it. */
  private async admit(text: string, holding: Holding): Promise<Message | null> {
    if (!holding.add(2 * text.length + OPERATION_BYTES)) return null;
    const wait = turn();
    if (wait !== null) {
      // The next message has time until this one had its turn.
      this.webSocket.pause();
      await wait;
      this.webSocket.resume();
    }
    const message = this.read(text);
    const payload = message?.payload;
    if (typeof payload === 'object' && payload !== null) holdings.set(payload, holding);
    return message;
  }

  /** null if the socket is closed for it. */
  private read(text: string): Message | null {
    if (hasTooManyValues(text)) return this.refuse(`More than ${JSON_VALUES_MAX} values`);
    const message = parsed(text);
    if (message === null) return this.refuse('Invalid message received');
    const { type, id, payload } = message;
    if (!CLIENT_TYPES.includes(type)) return this.refuse('Clients send no message of this type');
    if (typeof id === 'string' && id.length > OPERATION_ID_CHARACTERS_MAX) {
      return this.refuse(`An id may have ${OPERATION_ID_CHARACTERS_MAX} characters`);
    }
    // Of an operation, it is an error of the operation.
    if (type !== MessageType.Subscribe && sizeOfJson(payload, 'payload').problem !== null) {
      return this.refuse('The payload is nested too deeply, or has too many values');
    }
    return message;
  }

  private refuse(reason: string): null {
    this.webSocket.close(CloseCode.BadRequest, reason);
    return null;
  }

  /** Bytes of a message that is not whole yet, from above: all since the last one that was. */
  private holdIncoming(socket: Duplex): void {
    const incoming = this.connection.account.begin();
    let isWhole = false;
    let last = 0;
    this.webSocket.on('message', () => {
      isWhole = true;
      incoming.set(last);
    });
    socket.on('data', (chunk: Buffer) => {
      last = chunk.length;
      if (isWhole) incoming.set(last);
      else incoming.add(last);
      isWhole = false;
    });
  }
}

function parsed(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Message) : null;
  } catch {
    return null;
  }
}
