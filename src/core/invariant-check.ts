/** What the invariants are checked with. */
import type { IdAllocator } from './collections.ts';

/** Collects one sentence for each violation. */
export type Check = (holds: boolean, sentence: string) => void;

export function sameMembers<T>(a: Iterable<T>, b: Iterable<T>): boolean {
  const left = new Set(a);
  const right = [...b];
  return left.size === right.length && right.every(item => left.has(item));
}

/** Whether the free numbers are exactly those below `next` that are not used. */
export function matchesUse(ids: IdAllocator, first: number, used: Iterable<number>): boolean {
  const usedOrFree = [...used, ...ids.free];
  return (
    usedOrFree.length === ids.next - first &&
    new Set(usedOrFree).size === usedOrFree.length &&
    usedOrFree.every(id => id >= first && id < ids.next)
  );
}
