/** Watching a fault queue without consuming anything. */
import type { IopfGroup } from '../../core/iommu/state.ts';
import type { Event } from '../../core/machine/event.ts';
import { iopfGroupOf } from '../../core/machine/lookup.ts';
import { eventsOf, Follower, isGone } from '../follow/follow.ts';
import type { Closer } from '../follow/pull.ts';
import type { Engine } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import {
  delivered,
  existingFaultQueue,
  type FaultQueueName,
  type IopfGroupUpdate,
  type IopfGroupUpdateKind,
} from './iopf-update.ts';

export class Observer {
  private readonly name: FaultQueueName;
  private readonly follower: Follower;
  private readonly closer: Closer;
  /** Unanswered groups of the queue, by iopfGroupId. */
  private readonly groups = new Map<number, IopfGroup>();
  private updates: IopfGroupUpdate[] = [];
  private ended = false;

  constructor(engine: Engine, name: FaultQueueName, machine: Machine, closer: Closer) {
    const { state, committed } = machine;
    this.name = name;
    this.closer = closer;
    this.follower = new Follower(engine, machine, committed, closer);
    const faultQueue = existingFaultQueue(state, name);
    for (const iopfGroupId of [...faultQueue.awaitingResponse.values(), ...faultQueue.deliver]) {
      const group = { ...iopfGroupOf(state, iopfGroupId) };
      this.groups.set(iopfGroupId, group);
      this.updates.push(
        group.cookie === null
          ? update('QUEUED', group.queuedSeq, group)
          : delivered(group, false, null),
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
        freed: false,
        responded: false,
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
      this.updates.push(delivered({ ...group }, false, null));
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
  return { kind, seq, iopfGroup, redelivered: false, code: null, handlerId: null };
}
