/**
 * Fault handlers: subscribers that read a fault queue's file, and observers that only look.
 *
 * Delivering a group to a handler is a faultRead operation, committed before the group is sent.
 * Which live handler holds which group is kept here, in memory; that a handler and not a faultRead
 * call took it stands in the log, so that after a restart every unanswered group of a handler is
 * delivered again.
 */
import { PGFAULT_SIZE } from '../abi/uapi.ts';
import type { Event } from '../core/event.ts';
import { iopfGroupOf } from '../core/lookup.ts';
import type { Operation } from '../core/operation.ts';
import type { FaultQueue, IopfGroup, MachineState } from '../core/state.ts';
import { type Engine, wake } from './engine.ts';
import { NoFaultQueueError } from './errors.ts';
import { eventsOf, Follower, isGone } from './follow.ts';
import { Closer, pullIterator } from './pull.ts';

/** What became of a group. */
export type IopfGroupUpdateKind = 'QUEUED' | 'DELIVERED' | 'ANSWERED' | 'TAKEN_AWAY';

/** News of one iopf group, for a handler or an observer. */
export interface IopfGroupUpdate {
  readonly kind: IopfGroupUpdateKind;
  /** seq of the event that tells of it; for a redelivery, of its read. */
  readonly seq: number;
  readonly iopfGroup: IopfGroup;
  /** The group was sent to a handler before, which left without answering. */
  readonly redelivered: boolean;
  /** ANSWERED: 0 success, 1 invalid. TAKEN_AWAY: 1, the kernel answered INVALID. Else null. */
  readonly code: number | null;
}

export interface FaultQueueName {
  readonly machineId: string;
  readonly contextId: number;
  readonly faultId: number;
}

/** Groups of one fault queue that a handler read, did not answer and no longer holds. */
type LeftGroups = Set<number>;

export class FaultHandlers {
  private readonly engine: Engine;
  /** By fault queue, from its first handler since the start until the queue is gone. */
  private readonly left = new Map<string, LeftGroups>();

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
    const machine = await this.engine.settled(name.machineId);
    if (openFaultQueue(machine.state, name) === null)
      throw new NoFaultQueueError(name.contextId, name.faultId);
    const closer = new Closer();
    const left = this.leftGroups(name, machine.state);
    const handler = new Handler(this.engine, name, maxInFlight, left, machine.committed, closer);
    closer.onClose(() => {
      handler.leave();
      this.engine.machine(name.machineId).then(wake, () => {});
    });
    return pullIterator(closer, async () => {
      const update = await handler.next();
      if (update === null && !closer.closed) this.left.delete(keyOf(name));
      return update;
    });
  }

  /** Sees what waits now, then every group and its fate, and consumes nothing. */
  async observe(name: FaultQueueName): Promise<AsyncGenerator<IopfGroupUpdate>> {
    const machine = await this.engine.settled(name.machineId);
    if (openFaultQueue(machine.state, name) === null)
      throw new NoFaultQueueError(name.contextId, name.faultId);
    const closer = new Closer();
    const observer = new Observer(this.engine, name, machine.committed, machine.state, closer);
    return pullIterator(closer, () => observer.next());
  }

  /** After a restart, every group that a handler had read is a left one. */
  private leftGroups(name: FaultQueueName, state: MachineState): LeftGroups {
    const key = keyOf(name);
    let left = this.left.get(key);
    if (left === undefined) {
      const { awaitingResponse } = openFaultQueue(state, name)!;
      const read = [...awaitingResponse.values()];
      left = new Set(read.filter(id => iopfGroupOf(state, id).reader === 'HANDLER'));
      this.left.set(key, left);
    }
    return left;
  }
}

function keyOf({ machineId, contextId, faultId }: FaultQueueName): string {
  return `${contextId}/${faultId}/${machineId}`;
}

/** The fault queue, if its file is open. */
function openFaultQueue(state: MachineState, name: FaultQueueName): FaultQueue | null {
  const object = state.contexts.get(name.contextId)?.objects.get(name.faultId);
  return object?.type === 'FAULT' && object.fileOpen ? object : null;
}

class Handler {
  private readonly follower: Follower;
  private readonly engine: Engine;
  private readonly name: FaultQueueName;
  private readonly maxInFlight: number;
  private readonly left: LeftGroups;
  private readonly closer: Closer;
  /** Groups sent and not answered, by iopfGroupId. */
  private readonly inFlight = new Map<number, IopfGroup>();
  private takenAway: IopfGroupUpdate[] = [];

  constructor(
    engine: Engine,
    name: FaultQueueName,
    maxInFlight: number,
    left: LeftGroups,
    afterNumber: number,
    closer: Closer,
  ) {
    this.engine = engine;
    this.name = name;
    this.maxInFlight = maxInFlight;
    this.left = left;
    this.closer = closer;
    this.follower = new Follower(engine, name.machineId, afterNumber, closer);
  }

  async next(): Promise<IopfGroupUpdate | null> {
    try {
      while (!this.closer.closed) {
        const mark = await this.follower.mark();
        await this.learn();
        const notice = this.takenAway.shift() ?? (await this.deliver());
        if (notice !== null) return notice;
        const { state } = await this.engine.machine(this.name.machineId);
        if (openFaultQueue(state, this.name) === null) return null;
        await this.follower.wait(mark);
      }
      return null;
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  /** Its groups go to whoever comes next. */
  leave(): void {
    for (const iopfGroupId of this.inFlight.keys()) this.left.add(iopfGroupId);
    this.inFlight.clear();
  }

  /** Follows the log to see which of its groups were answered or taken away. */
  private async learn(): Promise<void> {
    for (;;) {
      const operations = await this.follower.take();
      if (operations.length === 0) return;
      for (const { seq, event } of operations.flatMap(eventsOf)) {
        if (event.type !== 'PageResponseWritten' && event.type !== 'IopfGroupAutoResponded') {
          continue;
        }
        const iopfGroup = this.inFlight.get(event.iopfGroupId);
        if (iopfGroup === undefined) continue;
        this.inFlight.delete(event.iopfGroupId);
        if (event.type === 'IopfGroupAutoResponded') {
          this.takenAway.push({ kind: 'TAKEN_AWAY', seq, iopfGroup, redelivered: false, code: 1 });
        }
      }
    }
  }

  /** A group left by another handler, else the next one in the queue, read by an operation. */
  private async deliver(): Promise<IopfGroupUpdate | null> {
    if (this.inFlight.size >= this.maxInFlight) return null;
    let iopfGroup: IopfGroup | null = null;
    let found: MachineState | null = null;
    const operation = await this.engine.executeChosen(
      this.name.machineId,
      state => {
        found = state;
        if (this.closer.closed) return null;
        iopfGroup = this.takeLeft(state);
        return iopfGroup === null ? this.readOfOneGroup(state) : null;
      },
      ran => {
        iopfGroup = this.groupRead(found!, ran);
      },
    );
    return iopfGroup && delivered(iopfGroup, operation === null);
  }

  /** The oldest group that another handler left. */
  private takeLeft(state: MachineState): IopfGroup | null {
    let oldest: IopfGroup | null = null;
    for (const iopfGroupId of this.left) {
      const group = state.iopfGroups.get(iopfGroupId);
      if (group === undefined) this.left.delete(iopfGroupId);
      else if (oldest === null || group.readSeq! < oldest.readSeq!) oldest = group;
    }
    if (oldest !== null) {
      this.left.delete(oldest.iopfGroupId);
      this.inFlight.set(oldest.iopfGroupId, oldest);
    }
    return oldest;
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

function delivered(iopfGroup: IopfGroup, redelivered: boolean): IopfGroupUpdate {
  return { kind: 'DELIVERED', seq: iopfGroup.readSeq!, iopfGroup, redelivered, code: null };
}

class Observer {
  private readonly name: FaultQueueName;
  private readonly follower: Follower;
  private readonly closer: Closer;
  /** Unanswered groups of the queue, by iopfGroupId. */
  private readonly groups = new Map<number, IopfGroup>();
  private updates: IopfGroupUpdate[] = [];
  private ended = false;

  constructor(
    engine: Engine,
    name: FaultQueueName,
    afterNumber: number,
    state: MachineState,
    closer: Closer,
  ) {
    this.name = name;
    this.closer = closer;
    this.follower = new Follower(engine, name.machineId, afterNumber, closer);
    const faultQueue = openFaultQueue(state, name)!;
    for (const iopfGroupId of [...faultQueue.awaitingResponse.values(), ...faultQueue.deliver]) {
      const group = { ...iopfGroupOf(state, iopfGroupId) };
      this.groups.set(iopfGroupId, group);
      this.updates.push(
        group.cookie === null ? update('QUEUED', group.queuedSeq, group) : delivered(group, false),
      );
    }
  }

  async next(): Promise<IopfGroupUpdate | null> {
    try {
      while (!this.closer.closed) {
        const found = this.updates.shift();
        if (found !== undefined) return found;
        if (this.ended) return null;
        const mark = await this.follower.mark();
        const operations = await this.follower.take();
        if (operations.length === 0) await this.follower.wait(mark);
        for (const { seq, event } of operations.flatMap(eventsOf)) this.learn(seq, event);
      }
      return null;
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  private learn(seq: number, event: Event): void {
    const { contextId, faultId } = this.name;
    if (!('contextId' in event) || event.contextId !== contextId) return;
    if (event.type === 'ObjectDestroyed' && event.id === faultId) this.ended = true;
    if (event.type === 'ContextReleased') this.ended = true;
    if (!('faultId' in event) || event.faultId !== faultId || !('iopfGroupId' in event)) return;
    if (event.type === 'IopfGroupQueued') {
      const group: IopfGroup = {
        ...event,
        queuedSeq: seq,
        cookie: null,
        reader: null,
        readSeq: null,
      };
      this.groups.set(event.iopfGroupId, group);
      this.updates.push(update('QUEUED', seq, { ...group }));
      return;
    }
    const group = this.groups.get(event.iopfGroupId);
    if (group === undefined) return;
    if (event.type === 'IopfGroupRead') {
      group.cookie = event.cookie;
      group.reader = event.reader;
      group.readSeq = seq;
      this.updates.push(delivered({ ...group }, false));
      return;
    }
    this.groups.delete(event.iopfGroupId);
    this.updates.push(
      event.type === 'PageResponseWritten'
        ? { ...update('ANSWERED', seq, group), code: event.code }
        : { ...update('TAKEN_AWAY', seq, group), code: 1 },
    );
  }
}

function update(kind: IopfGroupUpdateKind, seq: number, iopfGroup: IopfGroup): IopfGroupUpdate {
  return { kind, seq, iopfGroup, redelivered: false, code: null };
}
