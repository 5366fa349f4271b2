/** Watching a fault queue without consuming anything. */
import { OBSERVED_GROUPS_MAX } from '../../abi/limits.ts';
import type { IopfGroup } from '../../core/iommu/state.ts';
import type { EventOf } from '../../core/machine/event.ts';
import { iopfGroupOf } from '../../core/machine/lookup.ts';
import { EventCursor, Follower, isGone, type LoggedEvent } from '../follow/follow.ts';
import type { Closer } from '../follow/pull.ts';
import { queueTopic } from '../follow/waiters.ts';
import type { Engine } from '../machine/engine.ts';
import { TooManyObservedError } from '../machine/errors.ts';
import type { Machine } from '../machine/machine.ts';
import {
  delivered,
  existingFaultQueue,
  type FaultQueueName,
  type IopfGroupUpdate,
  type IopfGroupUpdateKind,
} from './iopf-update.ts';

/** Unanswered groups that all observers keep together. */
export class ObservedGroups {
  private count = 0;

  /** Errors: TooManyObservedError. */
  add(groups: number): void {
    if (this.count + groups > OBSERVED_GROUPS_MAX) {
      throw new TooManyObservedError(OBSERVED_GROUPS_MAX);
    }
    this.count += groups;
  }

  remove(groups: number): void {
    this.count -= groups;
  }
}

export class Observer {
  private readonly name: FaultQueueName;
  private readonly follower: Follower;
  private readonly cursor: EventCursor<IopfGroupUpdate>;
  private readonly closer: Closer;
  private readonly observed: ObservedGroups;
  /** Unanswered groups of the queue, by iopfGroupId. */
  private readonly groups = new Map<number, IopfGroup>();
  /** Ids of the groups that were there when it came, and have not been told of. */
  private waiting: number[];
  private ended = false;

  constructor(
    engine: Engine,
    name: FaultQueueName,
    machine: Machine,
    closer: Closer,
    observed: ObservedGroups,
  ) {
    const { state, committed } = machine;
    this.name = name;
    this.closer = closer;
    this.observed = observed;
    this.follower = new Follower(engine, machine, committed, closer);
    this.cursor = new EventCursor(this.follower, logged => this.learn(logged));
    const { awaitingResponse, deliver } = existingFaultQueue(state, name);
    this.waiting = [...awaitingResponse.values(), ...deliver];
    observed.add(this.waiting.length);
    for (const id of this.waiting) this.groups.set(id, { ...iopfGroupOf(state, id) });
    this.waiting.reverse();
  }

  async next(): Promise<IopfGroupUpdate | null> {
    const first = this.waiting.pop();
    if (first !== undefined) {
      const group = { ...this.groups.get(first)! };
      if (group.cookie !== null) return delivered(group, false, null);
      return update('QUEUED', group.queuedSeq, group);
    }
    const topic = queueTopic(this.name.contextId, this.name.faultId);
    try {
      while (!this.closer.closed && !this.ended) {
        const mark = await this.follower.mark();
        const found = await this.cursor.next();
        if (found !== null) return found;
        if (!this.ended) await this.follower.wait(mark, topic);
      }
      return null;
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  /** It keeps nothing any more. */
  leave(): void {
    this.observed.remove(this.groups.size);
    this.groups.clear();
  }

  /** What an event tells of the queue; null if nothing, or nothing any more. */
  private learn({ seq, event }: LoggedEvent): IopfGroupUpdate | null {
    const { contextId, faultId } = this.name;
    if (this.ended || this.closer.closed) return null;
    if (!('contextId' in event) || event.contextId !== contextId) return null;
    if (event.type === 'ObjectDestroyed' && event.id === faultId) this.ended = true;
    if (event.type === 'ContextReleased') this.ended = true;
    if (!('faultId' in event) || event.faultId !== faultId || !('iopfGroupId' in event))
      return null;
    if (event.type === 'IopfGroupQueued') return this.queued(seq, event);
    const group = this.groups.get(event.iopfGroupId);
    if (group === undefined) return null;
    if (event.type === 'IopfGroupRead') {
      group.cookie = event.cookie;
      group.reader = event.reader;
      group.readSeq = seq;
      return delivered({ ...group }, false, null);
    }
    this.groups.delete(event.iopfGroupId);
    this.observed.remove(1);
    return event.type === 'PageResponseWritten'
      ? { ...update('ANSWERED', seq, group), code: event.code }
      : { ...update('TAKEN_AWAY', seq, group), code: 1 };
  }

  private queued(seq: number, event: EventOf<'IopfGroupQueued'>): IopfGroupUpdate {
    const group: IopfGroup = {
      ...event,
      queuedSeq: seq,
      freed: false,
      responded: false,
      cookie: null,
      reader: null,
      readSeq: null,
    };
    this.observed.add(1);
    this.groups.set(event.iopfGroupId, group);
    return update('QUEUED', seq, { ...group });
  }
}

function update(kind: IopfGroupUpdateKind, seq: number, iopfGroup: IopfGroup): IopfGroupUpdate {
  return { kind, seq, iopfGroup, redelivered: false, code: null, handlerId: null };
}
