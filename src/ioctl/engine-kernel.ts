/** A machine of an engine in this process. */
import { setTimeout } from 'node:timers/promises';
import { type ReachedPiece, reachedPieces } from '../core/iommufd/selftest/access-rw.ts';
import type { Command } from '../core/machine/command.ts';
import type { Event } from '../core/machine/event.ts';
import type { MachineState } from '../core/machine/state.ts';
import { Follower } from '../engine/follow/follow.ts';
import { Closer } from '../engine/follow/pull.ts';
import { ANY_OPERATION } from '../engine/follow/waiters.ts';
import type { Engine } from '../engine/machine/engine.ts';
import { type Kernel, type Outcome, outcomeOf, type ReachingCommand } from './kernel.ts';
import {
  type DmaLook,
  type FunctionLook,
  functionsOf,
  type GuestTableLook,
  guestTablesOf,
  isFollowed,
} from './look.ts';

interface Watched {
  readonly contextId: number;
  readonly faultId: number;
  readonly changed: (readable: boolean) => void;
  readable: boolean | null;
}

/** Somebody who follows the log. */
interface Following {
  readonly follower: Follower;
  readonly closer: Closer;
  readonly happened: (events: readonly Event[]) => void;
  /** Looks are made one after the other. */
  looking: Promise<void>;
  done: Promise<void>;
}

export class EngineKernel implements Kernel {
  private readonly engine: Engine;
  private readonly machineId: string;
  private readonly watched = new Set<Watched>();
  private readonly followings = new Set<Following>();
  private following: Promise<void> | null = null;
  private closed = false;
  /** Why nothing is followed any more: the next operation says it. */
  private failed: unknown = null;
  private wake: () => void = () => {};

  /** The machine must be there. */
  constructor(engine: Engine, machineId: string) {
    this.engine = engine;
    this.machineId = machineId;
  }

  execute<C extends Command>(command: C): Promise<Outcome<C['type']>> {
    return this.executeChosen<C>(() => command) as Promise<Outcome<C['type']>>;
  }

  async executeReaching<C extends ReachingCommand>(
    command: C,
    complete: (pieces: readonly ReachedPiece[]) => C,
  ): Promise<Outcome<C['type']>> {
    return (await this.executeChosen<C>(state => complete(reachedPieces(state, command))))!;
  }

  /** What a command would reach, and when that was so. */
  async reached(command: ReachingCommand): Promise<{ seq: number; pieces: ReachedPiece[] }> {
    const { state } = await this.engine.machine(this.machineId);
    return { seq: state.seq, pieces: reachedPieces(state, command) };
  }

  /** As execute; null: the machine is not where it was, and nothing was run. */
  executeIf<C extends Command>(command: C, ifSeq: number): Promise<Outcome<C['type']> | null> {
    return this.executeChosen<C>(({ seq }) => (seq === ifSeq ? command : null));
  }

  private async executeChosen<C extends Command>(
    choose: (state: MachineState) => C | null,
  ): Promise<Outcome<C['type']> | null> {
    if (this.failed !== null) throw this.failed;
    const operation = await this.engine.executeChosen(this.machineId, choose);
    if (operation === null) return null;
    const { events } = operation;
    if (this.watched.size > 0 && events.length > 0) await this.look();
    // Most operations are of no interest to whoever follows, and are passed over later.
    if (events.some(isFollowed)) {
      for (const following of this.followings) await lookOnce(following);
    }
    return outcomeOf<C['type']>(operation);
  }

  watchQueue(contextId: number, faultId: number, changed: (readable: boolean) => void): () => void {
    const watched: Watched = { contextId, faultId, changed, readable: null };
    this.watched.add(watched);
    this.following ??= this.followQueues().catch(error => {
      this.failed = error;
    });
    return () => this.watched.delete(watched);
  }

  async follow(happened: (events: readonly Event[]) => void): Promise<() => void> {
    const machine = await this.engine.machine(this.machineId);
    const closer = new Closer();
    const follower = new Follower(this.engine, machine, machine.committed, closer);
    const looking = Promise.resolve();
    const following: Following = { follower, closer, happened, looking, done: looking };
    this.followings.add(following);
    following.done = lookAlways(following).catch(error => {
      this.failed = error;
    });
    return () => {
      this.followings.delete(following);
      closer.close();
    };
  }

  async functions(): Promise<readonly FunctionLook[]> {
    return functionsOf((await this.engine.machine(this.machineId)).state);
  }

  async guestTables(starting: DmaLook | null): Promise<readonly GuestTableLook[]> {
    return guestTablesOf((await this.engine.machine(this.machineId)).state, starting);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    await this.following;
    for (const { closer, done } of this.followings) {
      closer.close();
      await done;
    }
    await this.engine.drain();
  }

  private async look(): Promise<void> {
    const { state } = await this.engine.machine(this.machineId);
    this.compare(state);
  }

  private compare(state: MachineState): void {
    for (const watched of this.watched) {
      const object = state.contexts.get(watched.contextId)?.objects.get(watched.faultId);
      const readable = object?.type === 'FAULT' && object.deliver.length > 0;
      if (readable === watched.readable) continue;
      watched.readable = readable;
      watched.changed(readable);
    }
  }

  /** Others read the queue, answer groups and send requests, too. */
  private async followQueues(): Promise<void> {
    while (!this.closed) {
      const machine = await this.engine.machine(this.machineId);
      const { news } = machine;
      this.compare(machine.state);
      await new Promise<void>(resolve => {
        if (machine.gone || machine.news !== news || this.closed) return resolve();
        this.wake = () => {
          machine.waiters.delete(ANY_OPERATION, this.wake);
          resolve();
        };
        machine.waiters.add(ANY_OPERATION, this.wake);
      });
    }
  }
}

/** Tells of what has come since the last look. */
function lookOnce(following: Following): Promise<void> {
  const { follower, happened } = following;
  following.looking = following.looking.then(async () => {
    for (;;) {
      const operations = await follower.take();
      if (operations.length === 0) return;
      const events = operations.flatMap(operation => operation.events.filter(isFollowed));
      if (events.length > 0) happened(events);
    }
  });
  return following.looking;
}

/** How long what others did may wait until it is looked at. */
const LOOK_PAUSE_MS = 1;

async function lookAlways(following: Following): Promise<void> {
  const { follower, closer } = following;
  while (!closer.closed) {
    const mark = await follower.mark();
    await lookOnce(following);
    await follower.wait(mark);
    // Many operations may come meanwhile; looking after each would cost more than they do.
    await setTimeout(LOOK_PAUSE_MS);
  }
}
