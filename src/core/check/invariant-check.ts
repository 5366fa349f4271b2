/** What the invariants are checked with. */
import type { HazardName } from '../../abi/hazards.ts';
import type { IdAllocator } from '../collections/collections.ts';
import type { MachineState } from '../machine/state.ts';

/** Collects one sentence for each violation. */
export type Check = (holds: boolean, sentence: string) => void;

/** Which hazards the machine met, and on what: what one explains is no violation. */
export class MetHazards {
  private readonly met: ReadonlySet<string>;
  /** Older ones are no longer listed, so that none can be ruled out. */
  private readonly someForgotten: boolean;

  constructor({ hazards, hazardCount }: MachineState) {
    this.met = new Set(
      hazards.flatMap(({ name, objects }) => objects.map(object => `${name} ${object}`)),
    );
    this.someForgotten = hazardCount > hazards.length;
  }

  /** Whether one of the hazards may have happened to the object, such as `iopf group 7`. */
  explain(object: string, ...names: readonly HazardName[]): boolean {
    return this.someForgotten || names.some(name => this.met.has(`${name} ${object}`));
  }
}

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
