/**
 * What has run and waits for its commit. Commands of one turn of the event loop share a transaction;
 * if it fails, none of them happened, unless it is for the operations of one machine: then those of the
 * others are committed by themselves.
 */
import type { Operation } from '../../core/machine/operation.ts';
import type { Log, LogEntry } from '../../log/log.ts';
import { StorageError } from '../../log/storage-error.ts';
import { keepSnapshot } from '../past/snapshots.ts';
import type { Machine } from './machine.ts';

/** Newest operations of each machine kept decoded, so that live subscribers do not read the file. */
const TAIL_OPERATIONS = 256;

interface Pending {
  readonly machine: Machine;
  readonly operation: Operation;
  readonly resolve: (operation: Operation) => void;
  readonly reject: (error: unknown) => void;
}

/** What becomes of machines when a commit fails. */
export interface Failing {
  /** Memory is ahead of the log: they have to be read again. */
  failed(machines: ReadonlySet<Machine>, error: unknown): void;
  /** A machine that was counted was not made. */
  uncreated(): void;
}

export class Commits {
  readonly #log: Log;
  readonly #failing: Failing;
  #pending: Pending[] = [];
  #flushing: Promise<void> | null = null;

  constructor(log: Log, failing: Failing) {
    this.#log = log;
    this.#failing = failing;
  }

  /** Operations that wait. */
  get waiting(): number {
    return this.#pending.length;
  }

  /** Resolves when nothing waits; null if nothing does. */
  get flushing(): Promise<void> | null {
    return this.#flushing;
  }

  /** Resolves when the operation, which has run on its machine, is committed. */
  add(machine: Machine, operation: Operation): Promise<Operation> {
    const committed = new Promise<Operation>((resolve, reject) => {
      this.#pending.push({ machine, operation, resolve, reject });
    });
    this.#flushing ??= new Promise(resolve => setImmediate(resolve)).then(() => this.#flush());
    return committed;
  }

  /** Commits what waits, in one transaction, until nothing waits. */
  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      await this.#commit(batch);
    }
    this.#flushing = null;
  }

  async #commit(batch: readonly Pending[]): Promise<void> {
    const entries: LogEntry[] = batch.map(({ machine, operation }) => ({
      machineId: machine.machineId,
      operation,
    }));
    try {
      await this.#log.append(entries);
    } catch (error) {
      const parts = Map.groupBy(batch, ({ machine }) => machine);
      // What is wrong with the operations of one machine does not take those of others with it.
      if (error instanceof StorageError || parts.size === 1) this.#abandon(batch, error);
      else for (const part of parts.values()) await this.#commit(part);
      return;
    }
    for (const { machine, operation, resolve } of batch) {
      machine.committed = operation.number;
      machine.tail.push(operation);
      if (machine.tail.length > 2 * TAIL_OPERATIONS) {
        machine.tail = machine.tail.slice(-TAIL_OPERATIONS);
      }
      machine.counted?.(operation);
      resolve(operation);
    }
    const machines = new Set(batch.map(pending => pending.machine));
    for (const { machine, operation } of batch) machine.waiters.wakeAfter(operation);
    for (const machine of machines) await this.#keepSnapshot(machine);
  }

  /** When it is time for one, and nothing has run that is not committed. */
  async #keepSnapshot(machine: Machine): Promise<void> {
    const { machineId, state, number, committed, snapshots, gone } = machine;
    if (state.seq < snapshots.next || number !== committed || gone) return;
    machine.snapshots = await keepSnapshot(this.#log, machineId, state, number, snapshots);
  }

  /** Nothing of a failed batch happened; whatever ran after it on the same machines neither. */
  #abandon(batch: readonly Pending[], error: unknown): void {
    const machines = new Set(batch.map(({ machine }) => machine));
    const lost = [...batch, ...this.#pending.filter(({ machine }) => machines.has(machine))];
    this.#pending = this.#pending.filter(({ machine }) => !machines.has(machine));
    this.#failing.failed(machines, error);
    for (const { operation, reject } of lost) {
      if (operation.number === 1) this.#failing.uncreated();
      reject(error);
    }
  }
}
