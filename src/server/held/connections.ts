/** The TCP connections of a server, and what it holds for each. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { CONNECTION_BYTES } from '../limits.ts';
import type { Account, Ledger, Scope } from './ledger.ts';

export interface Connection {
  readonly account: Account;
  /** Tells the client why it is ended, if there is a way; else it is cut. */
  tell: ((scope: Scope) => void) | null;
}

export type Connections = (socket: object) => Connection;

/** Keeps an account for each connection of `server` while it is open. */
export function watchConnections(server: Server, ledger: Ledger): Connections {
  const known = new WeakMap<object, Connection>();
  server.on('connection', (socket: Socket) => {
    const connection: Connection = {
      account: ledger.open(socket.remoteAddress ?? '', scope => {
        if (connection.tell === null) socket.destroy();
        else connection.tell(scope);
      }),
      tell: null,
    };
    known.set(socket, connection);
    socket.once('close', () => connection.account.close());
    connection.account.begin().add(CONNECTION_BYTES);
  });
  return socket => {
    const connection = known.get(socket);
    if (connection === undefined) throw new Error('a request came on an unknown connection');
    return connection;
  };
}
