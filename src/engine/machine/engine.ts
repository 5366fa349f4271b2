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
import { DependentsError, type Log } from '../../log/log.ts';
import { StorageError } from '../../log/storage-error.ts';
import { beginning, placeBefore } from '../past/snapshots.ts';
import { isUnfinished } from '../replay/rerun-plan.ts';
import { nextTurn } from '../turn/turn.ts';
import { Commits } from './commits.ts';
import {
  BusyError,
  MachineBeingMadeError,
  MachineExistsError,
  OperationOutOfRangeError,
  TooManyMachinesError,
  UnknownMachineError,
} from './errors.ts';
import { readEventPages } from './event-pages.ts';
import type { Look } from './looks.ts';
import { type Machine, machineAt, wake } from './machine.ts';

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
  /** Takes a line about what was deleted unasked; standard error by default. */
  readonly say?: (line: string) => void;
}

export class Engine {
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  private readonly say: (line: string) => void;
  private readonly machines = new Map<string, Promise<Machine | null>>();
  private machineCount: number | null = null;
  /** Machines of which the last operation has not run yet: nobody else may use them. */
  private readonly making = new Set<string>();
  private readonly commits: Commits;

  constructor(options: EngineOptions) {
    this.log = options.log;
    this.now = options.now;
    this.say = options.say ?? console.error;
    this.commits = new Commits(options.log, {
      failed: (machines, error) => this.failed(machines, error),
      uncreated: () => {
        if (this.machineCount !== null) this.machineCount--;
      },
    });
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
    const committed = this.commits.add(machine, operation);
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
      try {
        if (!whole) await this.remove(machineId);
      } finally {
        // If the log takes no delete now either, the next one to ask for the machine does it.
        this.making.delete(machineId);
      }
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
    await this.checkWritable();
    this.machineCount ??= (await this.log.machines({ after: null, limit: MACHINES_MAX })).length;
    if ((await this.load(machineId)) !== null) throw new MachineExistsError(machineId);
    if (this.machineCount >= MACHINES_MAX) throw new TooManyMachinesError(MACHINES_MAX);
  }

  /** Runs one command; resolves when it is committed. Errors: UnknownMachineError, BusyError. */
  async execute(machineId: string, command: Command): Promise<Operation> {
    return (await this.executeChosen(machineId, () => command))!;
  }

  /** While the log does not take anything, nothing runs in memory that would have to be undone. */
  private async checkWritable(): Promise<void> {
    if (this.log.failure() !== null) await this.log.checkWritable();
  }

  /**
   * As `execute`, for a command chosen by looking at the state it will meet: nothing runs in
   * between. null chooses not to run. `ran` sees the operation at once, before its commit.
   */
  async executeChosen(
    machineId: string,
    choose: (state: MachineState) => Command | null,
    ran?: (operation: Operation) => void,
  ): Promise<Operation | null> {
    for (;;) {
      await this.checkWritable();
      const machine = await this.machine(machineId);
      const done = await machine.looks.whenUnseen(machine, () => {
        if (machine.gone || this.log.failure() !== null) return nextTurn();
        const command = choose(machine.state);
        return command === null ? null : this.enqueueCommand(machine, command, ran);
      });
      if (done !== undefined) return done;
    }
  }

  private enqueueCommand(
    machine: Machine,
    command: Command,
    ran?: (operation: Operation) => void,
  ): Promise<Operation> {
    if (this.commits.waiting >= COMMANDS_WAITING_MAX) throw new BusyError(COMMANDS_WAITING_MAX);
    let operation: Operation;
    try {
      operation = this.run(machine, command);
    } catch (error) {
      // A mistake of ours may have stopped it half way: the machine is what the log says.
      this.giveUp(machine);
      this.read(machine.machineId, machine.life, this.commits.flushing);
      wake(machine);
      throw error;
    }
    ran?.(operation);
    return this.commits.add(machine, operation);
  }

  /** The machine with all that has run committed. Errors: UnknownMachineError. */
  settled(machineId: string): Promise<Machine> {
    return this.whenSettled(machineId, machine => machine);
  }

  /**
   * The machine with all that has run committed; its state does not change until `look` ends. Errors:
   * UnknownMachineError.
   */
  async seen(machineId: string, look: Look): Promise<Machine> {
    for (;;) {
      const machine = await this.settled(machineId);
      await machine.looks.admit(look);
      if (machine.gone || machine.committed !== machine.number) continue;
      look.take(machine.looks);
      return machine;
    }
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
      await this.commits.flushing;
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

  /** The machines in memory: those that something was asked of. */
  async inMemory(): Promise<Machine[]> {
    const loading = await Promise.allSettled(this.machines.values());
    return loading.flatMap(loaded => {
      const machine = loaded.status === 'fulfilled' ? loaded.value : null;
      return machine === null || machine.gone ? [] : [machine];
    });
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
      await this.commits.flushing;
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
    while (this.commits.flushing !== null) await this.commits.flushing;
  }

  private load(machineId: string): Promise<Machine | null> {
    const failure = this.log.failure();
    // What is in memory may not be in the log any more.
    if (failure?.code === 'STORAGE_LOST') return Promise.reject(failure);
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
    if (!this.making.has(machineId) && (await isUnfinished(this.log, machineId))) {
      await this.deleteUnfinished(machineId);
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

  private async deleteUnfinished(machineId: string): Promise<void> {
    const head = await this.log.head(machineId);
    if (await this.log.deleteMachine(machineId)) this.machineCount = null;
    // Its plan alone was there: nobody has seen a machine.
    if (head === null) return;
    this.say(
      `machine "${machineId}" is deleted: the process that made it by whatIf ended at operation ${head.number}, before all of them had run`,
    );
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

  /** Nothing that ran on these machines since their last commit has happened. */
  private failed(machines: ReadonlySet<Machine>, error: unknown): void {
    for (const machine of machines) {
      if (machine.gone) continue;
      this.giveUp(machine);
      this.read(machine.machineId, machine.life);
      wake(machine);
    }
    if (error instanceof StorageError && error.code === 'STORAGE_LOST') this.giveUpAll();
  }

  /** Whoever follows a machine asks for it again, and hears why there is none. */
  private giveUpAll(): void {
    for (const loading of [...this.machines.values()]) {
      const giveUp = (machine: Machine | null) => {
        if (machine === null || machine.gone) return;
        this.giveUp(machine);
        wake(machine);
      };
      loading.then(giveUp, () => {});
    }
  }

  /** A machine that is not gone is the one on the map; from here on it is neither. */
  private giveUp(machine: Machine): void {
    machine.gone = true;
    this.machines.delete(machine.machineId);
  }
}
