/**
 * Who waits for news of a machine. Most wait for news of one fault queue, and are not woken by any
 * other: what nobody waits for costs nothing, however many wait.
 */
import type { Event } from '../../core/machine/event.ts';
import type { Operation } from '../../core/machine/operation.ts';

/** What somebody waits for: news of one fault queue, any operation, or only that the machine goes. */
export type Topic = string;

export const ANY_OPERATION: Topic = 'any';
export const MACHINE_GONE: Topic = 'gone';

export function queueTopic(contextId: number, faultId: number): Topic {
  return `${contextId}/${faultId}`;
}

/** Called once. No operation before number `from` is about what was waited for. */
export type Wake = (from: number) => void;

export class Waiters {
  private readonly byTopic = new Map<Topic, Set<Wake>>();

  get size(): number {
    let size = 0;
    for (const waiting of this.byTopic.values()) size += waiting.size;
    return size;
  }

  add(topic: Topic, wake: Wake): void {
    const waiting = this.byTopic.get(topic);
    if (waiting === undefined) this.byTopic.set(topic, new Set([wake]));
    else waiting.add(wake);
  }

  delete(topic: Topic, wake: Wake): void {
    const waiting = this.byTopic.get(topic);
    if (waiting?.delete(wake) && waiting.size === 0) this.byTopic.delete(topic);
  }

  wake(topic: Topic, from: number): void {
    const waiting = this.byTopic.get(topic);
    if (waiting === undefined) return;
    this.byTopic.delete(topic);
    for (const wake of waiting) wake(from);
  }

  wakeAll(from: number): void {
    for (const topic of [...this.byTopic.keys()]) this.wake(topic, from);
  }

  /** After the operation's commit. */
  wakeAfter(operation: Operation): void {
    if (this.byTopic.size === 0) return;
    this.wake(ANY_OPERATION, operation.number);
    for (const event of operation.events) {
      const topic = topicOf(event);
      if (topic !== null) this.wake(topic, operation.number);
      if (event.type === 'ContextReleased') this.wakeContext(event.contextId, operation.number);
    }
  }

  private wakeContext(contextId: number, from: number): void {
    for (const topic of [...this.byTopic.keys()]) {
      if (topic.startsWith(`${contextId}/`)) this.wake(topic, from);
    }
  }
}

/** Whether an operation is about a topic of a fault queue. */
export function isAbout({ events }: Operation, topic: Topic): boolean {
  return events.some(
    event =>
      topicOf(event) === topic ||
      (event.type === 'ContextReleased' && topic.startsWith(`${event.contextId}/`)),
  );
}

/** The fault queue of which an event tells news; null if of none. */
function topicOf(event: Event): Topic | null {
  if (event.type === 'FaultFileClosed') return queueTopic(event.contextId, event.faultId);
  if (event.type === 'ObjectDestroyed' && event.objectType === 'FAULT') {
    return queueTopic(event.contextId, event.id);
  }
  if (!('faultId' in event) || !('iopfGroupId' in event)) return null;
  return queueTopic(event.contextId, event.faultId);
}
