/**
 * The shell around the core: one writer a machine, group commit, replay on load.
 *
 * A command runs in memory at once and its answer waits for its commit. Commands that arrive in
 * one turn of the event loop share a transaction. If a commit fails, everything that ran on top of
 * it is refused and the machine is read again from the log, so that memory never runs ahead of what
 * was promised.
 */
import { COMMANDS_WAITING_MAX, MACHINES_MAX } from '../../abi/limits.ts';
import type { Command, CommandOf } from '../../core/machine/command.ts';
import { evolve } from '../../core/machine/evolve.ts';
import { execute } from '../../core/machine/execute.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { DependentsError, type Log, type LogEntry } from '../../log/log.ts';
import { beginning, keepSnapshot, placeBefore } from '../past/snapshots.ts';
import {
  BusyError,
  MachineBeingMadeError,
  MachineExistsError,
  OperationOutOfRangeError,
  TooManyMachinesError,
  UnknownMachineError,
} from './errors.ts';
import { readEventPages } from './event-pages.ts';
import { type Machine, machineAt, wake } from './machine.ts';

/** Newest operations of each machine kept decoded, so that live subscribers do not read the file. */
const TAIL_OPERATIONS = 256;

interface Pending {
  readonly machine: Machine;
  readonly operation: Operation;
  readonly resolve: (operation: Operation) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs a command chosen by looking at the state it will meet; `ran` sees the operation at once,
 * before its commit.
 */
type ExecuteChosen = (
  choose: (state: MachineState) => Command,
  ran?: (operation: Operation) => void,
) => Promise<Operation>;

export interface EngineOptions {
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class Engine {
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  private readonly machines = new Map<string, Promise<Machine | null>>();
  private machineCount: number | null = null;
  /** Machines of which the last operation has not run yet: nobody else may use them. */
  private readonly making = new Set<string>();
  private pending: Pending[] = [];
  private flushing: Promise<void> | null = null;

  constructor(options: EngineOptions) {
    this.log = options.log;
    this.now = options.now;
  }

  /**
   * Makes a machine. Errors: MachineExistsError, TooManyMachinesError; a refused MachineCreate is
   * returned with its errno and leaves nothing.
   */
  async create(machineId: string, command: CommandOf<'MachineCreate'>): Promise<Operation> {
    // Another one of this name may come first while the log is asked.
    do await this.checkNew(machineId);
    while (this.machines.has(machineId));
    const machine = machineAt(machineId, beginning(), {});
    const operation = this.run(machine, command);
    if (operation.errno !== 0) return operation;
    const committed = this.enqueue(machine, operation);
    this.machines.set(machineId, Promise.resolve(machine));
    if (this.machineCount !== null) this.machineCount++;
    return committed;
  }

  /**
   * Makes a machine that has the parent's operations up to `number` and goes its own way from there.
   * Nothing is copied. Errors: UnknownMachineError, OperationOutOfRangeError, MachineExistsError,
   * TooManyMachinesError.
   */
  async fork(machineId: string, parentId: string, number: number): Promise<void> {
    const { committed } = await this.settled(parentId);
    if (number < 1 || number > committed) {
      throw new OperationOutOfRangeError(parentId, 'number', number, committed);
    }
    do await this.checkNew(machineId);
    while (this.machines.has(machineId));
    // The name is taken from here on: whoever asks for the machine waits for it.
    const forked = this.log.fork({ machineId, parentId, number, atMs: this.now() });
    const life = {};
    const loading = forked.then(() => this.replay(machineId, life));
    this.machines.set(machineId, loading);
    loading.catch(() => this.forget(machineId, loading));
    await loading;
    if (this.machineCount !== null) this.machineCount++;
  }

  /**
   * Makes a machine of several operations: `begin` makes it, `go` runs them with what it is given,
   * which takes a command by looking at the state it will meet.
   * Until that is done nobody else can use it; if it fails, or the process ends on the way, nothing
   * is left. Errors: MachineExistsError, TooManyMachinesError, those of `begin` and `go`.
   */
  async makeWhole(
    machineId: string,
    begin: () => Promise<unknown>,
    go: (execute: ExecuteChosen) => Promise<void>,
  ): Promise<void> {
    do await this.checkNew(machineId);
    while (this.machines.has(machineId) || this.making.has(machineId));
    this.making.add(machineId);
    let whole = false;
    try {
      await begin();
      await go((choose, ran) => this.executeInMaking(machineId, choose, ran));
      whole = true;
    } finally {
      if (!whole) await this.remove(machineId);
      this.making.delete(machineId);
      // What was noted of a machine that never came to be goes as after the end of a process.
      if (!whole) await this.load(machineId);
    }
  }

  private async executeInMaking(
    machineId: string,
    ...[choose, ran]: Parameters<ExecuteChosen>
  ): Promise<Operation> {
    const machine = await this.load(machineId);
    if (machine === null || machine.gone) throw new UnknownMachineError(machineId);
    return this.enqueueCommand(machine, choose(machine.state), ran);
  }

  private async checkNew(machineId: string): Promise<void> {
    this.machineCount ??= await countMachines(this.log);
    if ((await this.load(machineId)) !== null) throw new MachineExistsError(machineId);
    if (this.machineCount >= MACHINES_MAX) throw new TooManyMachinesError(MACHINES_MAX);
  }

  /** Runs one command; resolves when it is committed. Errors: UnknownMachineError, BusyError. */
  async execute(machineId: string, command: Command): Promise<Operation> {
    for (;;) {
      const machine = await this.machine(machineId);
      if (!machine.gone) return this.enqueueCommand(machine, command);
    }
  }

  /**
   * As `execute`, for a command chosen by looking at the state it will meet: nothing runs in
   * between. null chooses not to run. `ran` sees the operation at once, before its commit.
   */
  async executeChosen(
    machineId: string,
    choose: (state: MachineState) => Command | null,
    ran: (operation: Operation) => void,
  ): Promise<Operation | null> {
    for (;;) {
      const machine = await this.machine(machineId);
      if (machine.gone) continue;
      const command = choose(machine.state);
      return command === null ? null : this.enqueueCommand(machine, command, ran);
    }
  }

  private enqueueCommand(
    machine: Machine,
    command: Command,
    ran?: (operation: Operation) => void,
  ): Promise<Operation> {
    if (this.pending.length >= COMMANDS_WAITING_MAX) throw new BusyError(COMMANDS_WAITING_MAX);
    let operation: Operation;
    try {
      operation = this.run(machine, command);
    } catch (error) {
      // A mistake of ours may have stopped it half way: the machine is what the log says.
      this.giveUp(machine);
      this.read(machine.machineId, machine.life, this.flushing);
      wake(machine);
      throw error;
    }
    ran?.(operation);
    return this.enqueue(machine, operation);
  }

  /** The machine with all that has run committed. Errors: UnknownMachineError. */
  settled(machineId: string): Promise<Machine> {
    return this.whenSettled(machineId, machine => machine);
  }

  /**
   * What `look` makes of the machine with all that has run committed; nothing runs before it has
   * looked. Errors: UnknownMachineError, those of `look`.
   */
  async whenSettled<T>(machineId: string, look: (machine: Machine) => T): Promise<T> {
    for (;;) {
      const machine = await this.machine(machineId);
      if (machine.gone) continue;
      if (machine.committed === machine.number) return look(machine);
      await this.flushing;
    }
  }

  /** The machine, or UnknownMachineError. It may be gone when the caller comes to look at it. */
  async machine(machineId: string): Promise<Machine> {
    for (;;) {
      const machine = await this.load(machineId);
      if (this.making.has(machineId)) throw new MachineBeingMadeError(machineId);
      if (machine === null) throw new UnknownMachineError(machineId);
      if (!machine.gone) return machine;
    }
  }

  /**
   * Forgets a machine and its log. Returns false if there was none. Errors: DependentsError while
   * others share its past or ran its operations again; MachineBeingMadeError.
   */
  async delete(machineId: string): Promise<boolean> {
    if (this.making.has(machineId)) throw new MachineBeingMadeError(machineId);
    return this.remove(machineId);
  }

  private async remove(machineId: string): Promise<boolean> {
    for (;;) {
      const machine = await this.load(machineId);
      if (machine === null) return false;
      const dependents = await this.log.dependentsOf(machineId);
      if (dependents.length > 0) throw new DependentsError(machineId, dependents);
      await this.flushing;
      // Deleted, read again or busy once more in the meantime.
      if (machine.gone || machine.committed !== machine.number) continue;
      const deleted = this.log.deleteMachine(machineId);
      this.giveUp(machine);
      // Whoever asks while the log is at work finds nothing.
      const nothing = deleted.then(
        () => null,
        () => null,
      );
      this.machines.set(machineId, nothing);
      try {
        if ((await deleted) && this.machineCount !== null) this.machineCount--;
        return await deleted;
      } finally {
        this.forget(machineId, nothing);
        wake(machine);
      }
    }
  }

  /** Resolves once everything that has run is committed or refused. */
  async drain(): Promise<void> {
    while (this.flushing !== null) await this.flushing;
  }

  private load(machineId: string): Promise<Machine | null> {
    return this.machines.get(machineId) ?? this.read(machineId, {});
  }

  /** `after` has to be over before: operations of the machine may wait for their commit. */
  private read(
    machineId: string,
    life: object,
    after: Promise<void> | null = null,
  ): Promise<Machine | null> {
    const reading =
      after === null
        ? this.replay(machineId, life)
        : after.then(() => this.replay(machineId, life));
    this.machines.set(machineId, reading);
    reading.then(
      machine => {
        if (machine === null) this.forget(machineId, reading);
      },
      () => this.forget(machineId, reading),
    );
    return reading;
  }

  private forget(machineId: string, loading: Promise<Machine | null>): void {
    if (this.machines.get(machineId) === loading) this.machines.delete(machineId);
  }

  private async replay(machineId: string, life: object): Promise<Machine | null> {
    if (await this.isUnfinished(machineId)) {
      if (await this.log.deleteMachine(machineId)) this.machineCount = null;
      return null;
    }
    const place = await placeBefore(this.log, machineId, Number.MAX_SAFE_INTEGER);
    const machine = machineAt(machineId, place, life);
    for await (const page of readEventPages(this.log, machineId, place.number)) {
      for (const { events, number } of page) {
        for (const event of events) evolve(machine.state, event);
        machine.number = number;
      }
    }
    machine.committed = machine.number;
    return machine.number === 0 ? null : machine;
  }

  /** A process ended while it made this machine. */
  private async isUnfinished(machineId: string): Promise<boolean> {
    if (this.making.has(machineId)) return false;
    return (await this.log.rerun(machineId))?.whole === false;
  }

  private run(machine: Machine, command: Command): Operation {
    const seqBefore = machine.state.seq;
    const outcome = execute(machine.state, command);
    return {
      ...outcome,
      number: ++machine.number,
      seqBefore,
      seq: machine.state.seq,
      atMs: this.now(),
    };
  }

  private enqueue(machine: Machine, operation: Operation): Promise<Operation> {
    const committed = new Promise<Operation>((resolve, reject) => {
      this.pending.push({ machine, operation, resolve, reject });
    });
    this.flushing ??= new Promise(resolve => setImmediate(resolve)).then(() => this.flush());
    return committed;
  }

  /** Commits what waits, in one transaction, until nothing waits. */
  private async flush(): Promise<void> {
    while (this.pending.length > 0) {
      const batch = this.pending;
      this.pending = [];
      const entries: LogEntry[] = batch.map(({ machine, operation }) => ({
        machineId: machine.machineId,
        operation,
      }));
      try {
        await this.log.append(entries);
      } catch (error) {
        this.abandon(batch, error);
        continue;
      }
      for (const { machine, operation, resolve } of batch) {
        machine.committed = operation.number;
        machine.tail.push(operation);
        if (machine.tail.length > 2 * TAIL_OPERATIONS) {
          machine.tail = machine.tail.slice(-TAIL_OPERATIONS);
        }
        resolve(operation);
      }
      const machines = new Set(batch.map(pending => pending.machine));
      for (const { machine, operation } of batch) machine.waiters.wakeAfter(operation);
      for (const machine of machines) await this.keepSnapshot(machine);
    }
    this.flushing = null;
  }

  /** When it is time for one, and nothing has run that is not committed. */
  private async keepSnapshot(machine: Machine): Promise<void> {
    const { machineId, state, number, committed, snapshots, gone } = machine;
    if (state.seq < snapshots.next || number !== committed || gone) return;
    machine.snapshots = await keepSnapshot(this.log, machineId, state, number, snapshots);
  }

  /** Nothing of a failed batch happened; whatever ran after it on the same machines neither. */
  private abandon(batch: readonly Pending[], error: unknown): void {
    const machines = new Set(batch.map(({ machine }) => machine));
    const lost = [...batch, ...this.pending.filter(({ machine }) => machines.has(machine))];
    this.pending = this.pending.filter(({ machine }) => !machines.has(machine));
    for (const machine of machines) {
      if (machine.gone) continue;
      this.giveUp(machine);
      this.read(machine.machineId, machine.life);
      wake(machine);
    }
    for (const { operation, reject } of lost) {
      if (operation.number === 1 && this.machineCount !== null) this.machineCount--;
      reject(error);
    }
  }

  /** A machine that is not gone is the one on the map; from here on it is neither. */
  private giveUp(machine: Machine): void {
    machine.gone = true;
    this.machines.delete(machine.machineId);
  }
}

async function countMachines(log: Log): Promise<number> {
  const heads = await log.machines({ after: null, limit: MACHINES_MAX });
  return heads.length;
}
