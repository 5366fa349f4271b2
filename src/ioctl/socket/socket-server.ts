/**
 * The server's end of the socket: programs that run elsewhere on this computer meet its machines. What
 * a supervisor had open when it went is closed, as the files of a process are.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Command } from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import { isGone } from '../../engine/follow/follow.ts';
import type { Engine } from '../../engine/machine/engine.ts';
import { EngineKernel } from '../engine-kernel.ts';
import type { ReachingCommand } from '../kernel.ts';
import { commandOf } from './checked-command.ts';
import { lineOf, type Message, onMessages, type Request } from './wire.ts';

export interface ProgramServer {
  readonly path: string;
  /** Lets every supervisor go, and waits until what they had open is closed. */
  stop(): Promise<void>;
}

/**
 * Listens at `path`, for this user alone. Errors: those of listening; a socket that nobody listens at
 * any more is taken over.
 */
export async function servePrograms(engine: Engine, path: string): Promise<ProgramServer> {
  const connections = new Set<Connection>();
  const server = createServer(socket => {
    const connection = new Connection(engine, socket, () => connections.delete(connection));
    connections.add(connection);
  });
  rmSync(path, { force: true });
  // Nobody may connect between the socket's birth and its mode.
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
  chmodSync(path, 0o600);
  return {
    path,
    async stop() {
      server.close();
      await Promise.all([...connections].map(connection => connection.stop()));
      rmSync(path, { force: true });
    },
  };
}

/** One supervisor. Its requests run one after the other. */
class Connection {
  private readonly engine: Engine;
  private readonly socket: Socket;
  private kernel: EngineKernel | null = null;
  private readonly watched = new Map<number, () => void>();
  /** What closes each file that is open, by its name. */
  private readonly open = new Map<string, Command>();
  private work: Promise<void> = Promise.resolve();
  private readonly over: Promise<void>;

  constructor(engine: Engine, socket: Socket, gone: () => void) {
    this.engine = engine;
    this.socket = socket;
    this.over = new Promise(resolve => {
      onMessages(
        socket,
        message => this.received(message as Request),
        () => {
          this.work = this.work.then(() => this.closeAll()).finally(gone);
          resolve(this.work);
        },
      );
    });
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    await this.over;
  }

  private received(request: Request): void {
    this.work = this.work.then(async () => {
      try {
        await this.answer(request);
      } catch (error) {
        const lost = isGone(error) ? ({ lost: true } as const) : {};
        this.send({ type: 'ERROR', id: request.id, message: (error as Error).message, ...lost });
      }
    });
  }

  private send(message: Message): void {
    if (!this.socket.destroyed) this.socket.write(lineOf(message));
  }

  private async answer(request: Request): Promise<void> {
    const { id } = request;
    if (request.type === 'MACHINE') {
      await this.engine.machine(request.machineId);
      this.kernel = new EngineKernel(this.engine, request.machineId);
      return this.send({ type: 'READY', id });
    }
    const { kernel } = this;
    if (kernel === null) throw new Error('the first message must be MACHINE');
    if (request.type === 'WATCH') {
      const { contextId, faultId } = request;
      const changed = (readable: boolean) => this.send({ type: 'READABLE', id, readable });
      this.watched.set(id, kernel.watchQueue(contextId, faultId, changed));
    } else if (request.type === 'UNWATCH') {
      this.watched.get(id)?.();
      this.watched.delete(id);
    } else if (request.type === 'FOLLOW') {
      const happened = (events: readonly Event[]) => this.send({ type: 'EVENTS', id, events });
      this.watched.set(id, await kernel.follow(happened));
      this.send({ type: 'READY', id });
    } else if (request.type === 'FUNCTIONS') {
      this.send({ type: 'FUNCTIONS', id, functions: await kernel.functions() });
    } else if (request.type === 'GUEST_TABLES') {
      const tables = await kernel.guestTables(request.starting);
      this.send({ type: 'GUEST_TABLES', id, tables });
    } else if (request.type === 'EXECUTE') {
      const command = commandOf(request.command);
      const { ifSeq } = request;
      const outcome = await (ifSeq === undefined
        ? kernel.execute(command)
        : kernel.executeIf(command, Number(ifSeq)));
      if (outcome === null) return this.send({ type: 'MOVED', id });
      this.note(request.command, outcome.reply as Readonly<Record<string, unknown>> | null);
      this.send({ type: 'OUTCOME', id, ...outcome });
    } else if (request.type === 'LOOK') {
      const command = commandOf(request.command) as ReachingCommand;
      this.send({ type: 'REACHED', id, ...(await kernel.reached(command)) });
    } else throw new Error('no request of this type');
  }

  /** Remembers what is open, and how it is closed. */
  private note(command: Command, reply: Readonly<Record<string, unknown>> | null): void {
    if (reply === null) return;
    switch (command.type) {
      case 'ContextOpen': {
        const contextId = Number(reply['contextId']);
        this.open.set(`context ${contextId}`, { type: 'ContextClose', contextId });
        break;
      }
      case 'FaultQueueAlloc': {
        const { contextId } = command;
        const faultId = Number(reply['outFaultId']);
        this.open.set(`fault ${contextId} ${faultId}`, { type: 'FaultClose', contextId, faultId });
        break;
      }
      case 'TestCreateAccess': {
        const { contextId } = command;
        const accessId = Number(reply['outAccessId']);
        const close = { type: 'TestAccessClose', contextId, accessId } as const;
        this.open.set(`access ${contextId} ${accessId}`, close);
        break;
      }
      case 'DeviceBind': {
        const { contextId } = command;
        const devId = Number(reply['outDevId']);
        const close = { type: 'DeviceUnbind', contextId, devId } as const;
        this.open.set(`device ${contextId} ${devId}`, close);
        break;
      }
      case 'ContextClose':
        this.open.delete(`context ${command.contextId}`);
        break;
      case 'FaultClose':
        this.open.delete(`fault ${command.contextId} ${command.faultId}`);
        break;
      case 'DeviceUnbind':
        this.open.delete(`device ${command.contextId} ${command.devId}`);
        break;
      case 'TestAccessClose':
        this.open.delete(`access ${command.contextId} ${command.accessId}`);
    }
  }

  private async closeAll(): Promise<void> {
    for (const unwatch of this.watched.values()) unwatch();
    for (const command of this.open.values()) {
      try {
        await this.kernel?.execute(command);
      } catch {
        // The machine was deleted, or cannot be written: what was open went with it, or stays open.
      }
    }
    await this.kernel?.close();
  }
}
