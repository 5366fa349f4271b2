/**
 * Fault handlers: subscribers that read a fault queue's file, and observers that only look.
 *
 * Delivering a group to a handler is a faultRead operation, committed before the group is sent.
 * Which live handler holds which group is kept here, in memory; that a handler and not a faultRead
 * call took it stands in the log, so that after a restart every unanswered group of a handler is
 * delivered again.
 */
import { PGFAULT_SIZE } from '../../abi/uapi.ts';
import type { IopfGroup } from '../../core/iommu/state.ts';
import { iopfGroupOf } from '../../core/machine/lookup.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { eventsOf, Follower, isGone } from '../follow/follow.ts';
import { Closer, pullIterator } from '../follow/pull.ts';
import { queueTopic } from '../follow/waiters.ts';
import type { Engine } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import { ObservedGroups, Observer } from './fault-observer.ts';
import {
  delivered,
  existingFaultQueue,
  type FaultQueueName,
  type IopfGroupUpdate,
  openFaultQueue,
} from './iopf-update.ts';

/** Groups of one fault queue that a handler read, did not answer and no longer holds. */
type LeftGroups = Set<number>;

export class FaultHandlers {
  private readonly engine: Engine;
  /** By machine's life and fault queue, from its first handler until the queue is gone. */
  private readonly left = new WeakMap<object, Map<string, LeftGroups>>();
  /** By handlerId, while they are subscribed. */
  private readonly live = new Map<string, Handler>();
  private handlersMade = 0;
  /** Of all observers together. */
  private readonly observed = new ObservedGroups();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /**
   * Acts as a handler: at most `maxInFlight` unanswered groups at a time. Ends when the queue's
   * file is closed. Errors: UnknownMachineError, NoFaultQueueError.
   */
  async handle(
    name: FaultQueueName,
    maxInFlight: number,
  ): Promise<AsyncGenerator<IopfGroupUpdate>> {
    return this.engine.whenSettled(name.machineId, machine => {
      const closer = new Closer();
      const left = this.leftGroups(name, machine);
      // Not one that a client may still have from before a restart: the log has grown since.
      const handlerId = `${machine.committed}.${++this.handlersMade}`;
      const options = { handlerId, maxInFlight, left };
      const handler = new Handler(this.engine, name, options, machine, closer);
      this.live.set(handlerId, handler);
      closer.onClose(() => {
        const others = handler.leave();
        this.live.delete(handlerId);
        if (others) this.wakeOthers(name);
      });
      return pullIterator(closer, async () => {
        const update = await handler.next();
        if (update === null && !closer.closed) this.left.get(machine.life)?.delete(keyOf(name));
        return update;
      });
    });
  }

  /**
   * Sees what waits now, then every group and its fate, and consumes nothing. Goes on after the
   * queue's file is closed; ends when the queue is destroyed. Errors: as `handle`.
   */
  async observe(name: FaultQueueName): Promise<AsyncGenerator<IopfGroupUpdate>> {
    return this.engine.whenSettled(name.machineId, machine => {
      const closer = new Closer();
      const observer = new Observer(this.engine, name, machine, closer, this.observed);
      closer.onClose(() => observer.leave());
      return pullIterator(closer, () => observer.next());
    });
  }

  /** The groups of a queue that a handler was sent and did not answer; none if it left. */
  givenTo(handlerId: string, name: FaultQueueName): number[] {
    return this.live.get(handlerId)?.given(name) ?? [];
  }

  /** How many handlers are subscribed to queues of a machine. */
  countOf(machineId: string): number {
    let count = 0;
    for (const { name } of this.live.values()) if (name.machineId === machineId) count++;
    return count;
  }

  /** Groups of the queue are left. */
  private wakeOthers({ machineId, contextId, faultId }: FaultQueueName): void {
    const wake = (machine: Machine) => {
      machine.news++;
      machine.waiters.wake(queueTopic(contextId, faultId), machine.committed + 1);
    };
    this.engine.machine(machineId).then(wake, () => {});
  }

  /** After a restart, every group that a handler had read is a left one. */
  private leftGroups(name: FaultQueueName, { state, life }: Machine): LeftGroups {
    const key = keyOf(name);
    const queues = this.left.get(life) ?? new Map<string, LeftGroups>();
    this.left.set(life, queues);
    let left = queues.get(key);
    const { awaitingResponse } = existingFaultQueue(state, name);
    if (left === undefined) {
      const read = [...awaitingResponse.values()];
      left = new Set(read.filter(id => iopfGroupOf(state, id).reader === 'HANDLER'));
      queues.set(key, left);
    }
    // Answered while no handler was there to see it.
    for (const iopfGroupId of left)
      if (!state.iopfGroups.has(iopfGroupId)) left.delete(iopfGroupId);
    return left;
  }
}

function keyOf({ contextId, faultId }: FaultQueueName): string {
  return `${contextId}/${faultId}`;
}

interface HandlerOptions {
  readonly handlerId: string;
  readonly maxInFlight: number;
  readonly left: LeftGroups;
}

class Handler {
  private readonly follower: Follower;
  private readonly engine: Engine;
  readonly name: FaultQueueName;
  private readonly handlerId: string;
  private readonly maxInFlight: number;
  private readonly left: LeftGroups;
  private readonly closer: Closer;
  /** Groups sent and not answered, by iopfGroupId. */
  private readonly inFlight = new Map<number, IopfGroup>();
  private takenAway: IopfGroupUpdate[] = [];
  /** The queue's file was closed, though another queue may have its id by now. */
  private fileClosed = false;

  constructor(
    engine: Engine,
    name: FaultQueueName,
    { handlerId, maxInFlight, left }: HandlerOptions,
    machine: Machine,
    closer: Closer,
  ) {
    this.engine = engine;
    this.name = name;
    this.handlerId = handlerId;
    this.maxInFlight = maxInFlight;
    this.left = left;
    this.closer = closer;
    this.follower = new Follower(engine, machine, machine.committed, closer);
  }

  async next(): Promise<IopfGroupUpdate | null> {
    try {
      while (!this.closer.closed) {
        const mark = await this.follower.mark();
        await this.learn();
        const notice = this.takenAway.shift();
        if (notice !== undefined) return notice;
        if (this.fileClosed) return null;
        const group = await this.deliver();
        if (group !== null) return group;
        await this.follower.wait(mark, queueTopic(this.name.contextId, this.name.faultId));
      }
      return null;
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  given({ machineId, contextId, faultId }: FaultQueueName): number[] {
    const ours = machineId === this.name.machineId && this.isOurs({ contextId, faultId });
    return ours ? [...this.inFlight.keys()] : [];
  }

  /** Its groups go to whoever comes next. Returns whether it had any. */
  leave(): boolean {
    const had = this.inFlight.size > 0;
    for (const iopfGroupId of this.inFlight.keys()) this.left.add(iopfGroupId);
    this.inFlight.clear();
    return had;
  }

  /** Follows the log to see which of its groups were answered or taken away. */
  private async learn(): Promise<void> {
    for (;;) {
      const operations = await this.follower.take();
      if (operations.length === 0) return;
      for (const { seq, event } of operations.flatMap(eventsOf)) {
        if (event.type === 'FaultFileClosed' && this.isOurs(event)) this.fileClosed = true;
        if (event.type !== 'PageResponseWritten' && event.type !== 'IopfGroupAutoResponded') {
          continue;
        }
        this.left.delete(event.iopfGroupId);
        const iopfGroup = this.inFlight.get(event.iopfGroupId);
        if (iopfGroup === undefined) continue;
        this.inFlight.delete(event.iopfGroupId);
        if (event.type === 'IopfGroupAutoResponded') {
          const { handlerId } = this;
          const taken = { iopfGroup, redelivered: false, code: 1, handlerId };
          this.takenAway.push({ kind: 'TAKEN_AWAY', seq, ...taken });
        }
      }
    }
  }

  private isOurs({ contextId, faultId }: { contextId: number; faultId: number }): boolean {
    return contextId === this.name.contextId && faultId === this.name.faultId;
  }

  /** A group left by another handler, else the next one in the queue, read by an operation. */
  private async deliver(): Promise<IopfGroupUpdate | null> {
    if (this.inFlight.size >= this.maxInFlight) return null;
    const { state } = await this.follower.machine();
    if (this.left.size === 0 && this.readOfOneGroup(state) === null) return null;
    const left = this.left.size === 0 ? null : await this.deliverLeft();
    if (left !== null) return left;
    let iopfGroup: IopfGroup | null = null;
    let found: MachineState | null = null;
    try {
      await this.engine.executeChosen(
        this.name.machineId,
        state => {
          found = state;
          return this.closer.closed ? null : this.readOfOneGroup(state);
        },
        ran => {
          iopfGroup = this.groupRead(found!, ran);
        },
      );
    } catch (error) {
      // Its commit failed: the group is in the queue again, for anybody.
      if (iopfGroup !== null) this.drop(iopfGroup);
      throw error;
    }
    return iopfGroup && delivered(iopfGroup, false, this.handlerId);
  }

  /** The oldest group that another handler left, its read committed. */
  private deliverLeft(): Promise<IopfGroupUpdate | null> {
    return this.engine.whenSettled(this.name.machineId, ({ state }) => {
      if (this.closer.closed) return null;
      let oldest: IopfGroup | null = null;
      for (const iopfGroupId of this.left) {
        const group = state.iopfGroups.get(iopfGroupId);
        // Not so if it is answered, or if the commit of its read failed.
        if (group?.reader !== 'HANDLER') this.left.delete(iopfGroupId);
        else if (oldest === null || group.readSeq! < oldest.readSeq!) oldest = group;
      }
      if (oldest === null) return null;
      this.left.delete(oldest.iopfGroupId);
      this.inFlight.set(oldest.iopfGroupId, oldest);
      return delivered(oldest, true, this.handlerId);
    });
  }

  /** Wherever it went when its handler left meanwhile. */
  private drop({ iopfGroupId }: IopfGroup): void {
    this.inFlight.delete(iopfGroupId);
    this.left.delete(iopfGroupId);
  }

  private readOfOneGroup(state: MachineState) {
    const faultQueue = openFaultQueue(state, this.name);
    const first = faultQueue?.deliver.first() ?? null;
    if (first === null) return null;
    return {
      type: 'FaultRead',
      contextId: this.name.contextId,
      faultId: this.name.faultId,
      count: iopfGroupOf(state, first).requests.length * PGFAULT_SIZE,
      reader: 'HANDLER',
    } as const;
  }

  private groupRead(state: MachineState, operation: Operation): IopfGroup | null {
    const read = operation.events.find(event => event.type === 'IopfGroupRead');
    if (read === undefined) return null;
    const iopfGroup = iopfGroupOf(state, read.iopfGroupId);
    this.inFlight.set(iopfGroup.iopfGroupId, iopfGroup);
    return iopfGroup;
  }
}
