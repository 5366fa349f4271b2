/** A machine of a server, over its socket. */
import { connect, type Socket } from 'node:net';
import type { ReachedPiece } from '../../core/iommufd/selftest/access-rw.ts';
import type { Command, CommandType } from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import { type Kernel, type Outcome, outcomeOf, type ReachingCommand } from '../kernel.ts';
import type { DmaLook, FunctionLook, GuestTableLook } from '../look.ts';
import { LostError, lineOf, type Message, onMessages, type Request, WireError } from './wire.ts';

interface Waiting {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

/** The parts of a request that the caller says. */
type Asked<T extends Request = Request> = T extends Request ? Omit<T, 'id'> : never;

export class SocketKernel implements Kernel {
  private readonly socket: Socket;
  private readonly waiting = new Map<number, Waiting>();
  private readonly watched = new Map<number, (readable: boolean) => void>();
  private readonly followed = new Map<number, (events: readonly Event[]) => void>();
  private lost: Error | null = null;
  private nextId = 1;

  private constructor(socket: Socket) {
    this.socket = socket;
    onMessages(
      socket,
      message => this.received(message as Message),
      error => this.lose(error),
    );
  }

  /**
   * Connects to a server's socket. Errors: it cannot be reached; WireError, it has no such machine.
   */
  static async connect(path: string, machineId: string): Promise<SocketKernel> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const kernel = new SocketKernel(socket);
    try {
      await kernel.ask({ type: 'MACHINE', machineId });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return kernel;
  }

  async execute<C extends Command>(command: C): Promise<Outcome<C['type']>> {
    const message = await this.ask({ type: 'EXECUTE', command });
    if (message.type !== 'OUTCOME') throw new WireError(`the server answered ${message.type}`);
    return outcomeOf<C['type']>(message as Outcome<CommandType>);
  }

  async executeReaching<C extends ReachingCommand>(
    command: C,
    complete: (pieces: readonly ReachedPiece[]) => C,
  ): Promise<Outcome<C['type']>> {
    for (;;) {
      const look = await this.ask({ type: 'LOOK', command });
      if (look.type !== 'REACHED') throw new WireError(`the server answered ${look.type}`);
      const { seq: ifSeq, pieces } = look;
      const done = await this.ask({ type: 'EXECUTE', command: complete(pieces), ifSeq });
      if (done.type === 'MOVED') continue;
      if (done.type !== 'OUTCOME') throw new WireError(`the server answered ${done.type}`);
      return outcomeOf<C['type']>(done as Outcome<CommandType>);
    }
  }

  watchQueue(contextId: number, faultId: number, changed: (readable: boolean) => void): () => void {
    const id = this.nextId++;
    this.watched.set(id, changed);
    this.socket.write(lineOf({ type: 'WATCH', id, contextId, faultId }));
    return () => {
      this.watched.delete(id);
      if (this.lost === null) this.socket.write(lineOf({ type: 'UNWATCH', id }));
    };
  }

  async follow(happened: (events: readonly Event[]) => void): Promise<() => void> {
    const id = this.nextId;
    this.followed.set(id, happened);
    await this.ask({ type: 'FOLLOW' });
    return () => {
      this.followed.delete(id);
      if (this.lost === null) this.socket.write(lineOf({ type: 'UNWATCH', id }));
    };
  }

  async functions(): Promise<readonly FunctionLook[]> {
    const message = await this.ask({ type: 'FUNCTIONS' });
    if (message.type !== 'FUNCTIONS') throw new WireError(`the server answered ${message.type}`);
    return message.functions;
  }

  async guestTables(starting: DmaLook | null): Promise<readonly GuestTableLook[]> {
    const message = await this.ask({ type: 'GUEST_TABLES', starting });
    if (message.type !== 'GUEST_TABLES') {
      throw new WireError(`the server answered ${message.type}`);
    }
    return message.tables;
  }

  async close(): Promise<void> {
    this.socket.end();
    if (this.lost === null) {
      await new Promise<void>(resolve => this.socket.once('close', () => resolve()));
    }
  }

  private ask(request: Asked): Promise<Message> {
    return new Promise((resolve, reject) => {
      if (this.lost !== null) return reject(this.lost);
      const id = this.nextId++;
      this.waiting.set(id, { resolve, reject });
      this.socket.write(lineOf({ ...request, id }));
    });
  }

  private received(message: Message): void {
    if (message.type === 'READABLE') {
      this.watched.get(message.id)?.(message.readable);
      return;
    }
    if (message.type === 'EVENTS') {
      this.followed.get(message.id)?.(message.events);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.type === 'ERROR' && message.lost === true) {
      this.lost = new LostError(message.message);
      waiting?.reject(this.lost);
    } else if (message.type === 'ERROR') waiting?.reject(new WireError(message.message));
    else waiting?.resolve(message);
  }

  private lose(error: Error | null): void {
    const why = error === null ? '' : `: ${error.message}`;
    this.lost ??= new LostError(`the server has closed the connection${why}`);
    for (const { reject } of this.waiting.values()) reject(this.lost);
    this.waiting.clear();
  }
}
