/** A machine as the engine keeps it in memory. */
import type { Operation } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { Waiters } from '../follow/waiters.ts';
import type { Place, SnapshotSeqs } from '../past/snapshots.ts';
import { Looks } from './looks.ts';

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
  /** Counts what no operation tells, such as a handler that left: whoever waits compares it. */
  news: number;
  /** Takes each operation after its commit: who counts them, if anybody does. */
  counted: ((operation: Operation) => void) | null;
  /** Woken by the operations they wait for, and by such news. */
  readonly waiters: Waiters;
  /** Who looks at `state`, which does not change meanwhile. */
  readonly looks: Looks;
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
    counted: null,
    waiters: new Waiters(),
    looks: new Looks(),
    gone: false,
    life,
  };
}

/** Wakes whoever waits for news of the machine, whatever they wait for. */
export function wake(machine: Machine): void {
  machine.news++;
  machine.waiters.wakeAll(machine.committed + 1);
}
