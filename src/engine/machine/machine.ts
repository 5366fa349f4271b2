/** A machine as the engine keeps it in memory. */
import type { Operation } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { Place, SnapshotSeqs } from '../past/snapshots.ts';

/** A machine in memory. `state` may be ahead of the log by the commands waiting for their commit. */
export interface Machine {
  readonly machineId: string;
  state: MachineState;
  /** Number of the newest operation run. */
  number: number;
  /** Number of the newest operation committed. */
  committed: number;
  snapshots: SnapshotSeqs;
  /** The newest committed operations, oldest first. */
  tail: Operation[];
  /** Counts commits and changes among fault handlers: whoever waits compares it. */
  news: number;
  /** Woken at the next news. */
  waiters: Set<() => void>;
  /** Deleted, or given up after a failed commit: whoever holds it must ask again. */
  gone: boolean;
  /** The same from creation to deletion: tells a machine from a later one of the same name. */
  readonly life: object;
}

/** As it stands at a place of its log. */
export function machineAt(machineId: string, place: Place, life: object): Machine {
  const { state, number, snapshots } = place;
  return {
    machineId,
    state,
    number,
    committed: number,
    snapshots,
    tail: [],
    news: 0,
    waiters: new Set(),
    gone: false,
    life,
  };
}

/** Wakes whoever waits for news of the machine. */
export function wake(machine: Machine): void {
  const { waiters } = machine;
  machine.news++;
  machine.waiters = new Set();
  for (const waiter of waiters) waiter();
}
