/** One seeded run on one machine: random commands, everything checked, all closed at the end. */
import type { HazardName } from '../abi/hazards.ts';
import { withHex } from '../core/explain/words.ts';
import type { Command } from '../core/machine/command.ts';
import type { Outcome } from '../core/machine/operation.ts';
import {
  type Checked,
  CheckedMachine,
  ranOutOfMemory,
  type Step,
  Violation,
} from './checked-machine.ts';
import { closingCommands, randomCommand } from './generator/generator.ts';
import { type Kernel, kernelOf, kernelText } from './kernels.ts';
import { Prng } from './prng.ts';

/** Steps of one machine at most: its state stays small, and so does the time of a step. */
export const MACHINE_STEPS_MAX = 1_000;

export interface RunReport {
  readonly kernel: Kernel;
  /** With retries and what closes everything, so more than the steps. */
  readonly operations: number;
  readonly refused: number;
  /** Operations in which an allocation failed. */
  readonly failed: number;
  readonly events: number;
  /** Names of the hazards met. */
  readonly hazards: readonly HazardName[];
  /** Operations by command type and errno, as `HwptAlloc ENOENT`. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly eventTypes: ReadonlySet<string>;
}

/** Something was wrong; the message says what, where, and how to see it again. */
export class SimulationError extends Error {
  /** Makes the machine that it was run on. */
  readonly create: () => Checked;
  /** What was run, the last one the one after which it showed; the machine's creation left out. */
  readonly steps: readonly Step[];

  constructor(message: string, create: () => Checked, steps: readonly Step[]) {
    super(message);
    this.create = create;
    this.steps = steps;
  }
}

/** At most MACHINE_STEPS_MAX steps make sense. Throws a SimulationError, whatever was wrong. */
export function simulate(seed: number, steps: number, kernel: Kernel = kernelOf(seed)): RunReport {
  return new Simulation(seed, steps, kernel).run();
}

/** Allocations of one command that fail, one after the other, at most. */
const FAILURES_MAX = 24;

class Simulation {
  private readonly seed: number;
  private readonly steps: number;
  private readonly kernel: Kernel;
  private readonly random: Prng;
  private readonly done: Step[] = [];
  private readonly outcomes = new Map<string, number>();
  private step = 0;
  private refused = 0;
  private failed = 0;

  constructor(seed: number, steps: number, kernel: Kernel) {
    this.seed = seed;
    this.steps = steps;
    this.kernel = kernel;
    this.random = new Prng(seed);
  }

  run(): RunReport {
    try {
      const machine = CheckedMachine.create(this.kernel);
      for (this.step = 1; this.step <= this.steps; this.step++) this.takeStep(machine);
      for (const command of closingCommands(machine.state)) this.operate(machine, { command });
      machine.checkEnd();
      return this.report(machine);
    } catch (error) {
      throw this.failure(error);
    }
  }

  private report({ state, log }: CheckedMachine): RunReport {
    return {
      kernel: this.kernel,
      operations: this.done.length,
      refused: this.refused,
      failed: this.failed,
      events: log.length,
      hazards: state.hazards.map(({ name }) => name),
      outcomes: this.outcomes,
      eventTypes: new Set(log.map(({ type }) => type)),
    };
  }

  private takeStep(machine: CheckedMachine): void {
    const command = randomCommand(this.random, machine.state);
    if (this.random.chance(0.05)) this.failEachAllocation(machine, command);
    this.operate(machine, { command, ...(this.random.chance(0.02) ? { restored: true } : {}) });
    if (this.random.chance(0.01)) machine.checkReplay();
  }

  /** As fail_nth of the kernel's self-test: the first allocation fails, then the second, and so on. */
  private failEachAllocation(machine: CheckedMachine, command: Command): void {
    for (let failNth = 1; failNth <= FAILURES_MAX; failNth++) {
      const outcome = this.operate(machine, { command, failNth });
      if (outcome.errno === 0 || !ranOutOfMemory(outcome)) return;
      this.failed++;
    }
  }

  private operate(machine: CheckedMachine, step: Step): Outcome {
    this.done.push(step);
    const outcome = machine.run(step);
    if (outcome.errno !== 0) this.refused++;
    const key = `${outcome.command.type} ${outcome.errno}`;
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1);
    return outcome;
  }

  private failure(error: unknown): SimulationError {
    const last = this.done.at(-1);
    const message = [
      `seed ${this.seed}, step ${this.step} on ${kernelText(this.kernel)}:`,
      whatIsWrong(error),
      ...(last === undefined ? [] : [`after ${stepText(last)}`]),
      `again: npm run -s faultline -- sim --seed ${this.seed} --steps ${this.steps}`,
    ];
    return new SimulationError(
      message.join('\n'),
      () => CheckedMachine.create(this.kernel),
      this.done,
    );
  }
}

/** Sentences, or where something was thrown. */
export function whatIsWrong(error: unknown): string {
  if (error instanceof Violation) return error.message.replace(/^/gm, '  ');
  if (!(error instanceof Error)) return `  threw ${String(error)}`;
  const [first, ...at] = (error.stack ?? error.message).split('\n');
  return [`  threw ${first}`, ...at.slice(0, 3)].join('\n');
}

/** A step as text on one line, its command as the log writes it. */
export function stepText({ command, failNth, restored }: Step): string {
  const text = JSON.stringify(command, withHex);
  return [
    ...(restored === true ? ['from a snapshot:'] : []),
    text,
    ...(failNth === undefined ? [] : [`where allocation ${failNth} fails`]),
  ].join(' ');
}
