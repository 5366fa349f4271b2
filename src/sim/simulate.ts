/** One seeded run: random commands, everything checked after every step, all closed at the end. */
import { isDeepStrictEqual } from 'node:util';
import type { Command } from '../core/command.ts';
import type { Event } from '../core/event.ts';
import { evolve } from '../core/evolve.ts';
import { execute } from '../core/execute.ts';
import { checkInvariants } from '../core/invariant.ts';
import type { Outcome } from '../core/operation.ts';
import { fromPlain, type Plain, toPlain } from '../core/snapshot.ts';
import { initialState, type MachineState } from '../core/state.ts';
import { stateHash } from '../engine/state-hash.ts';
import { decode, encode, FIRST_PREVIOUS_HASH } from '../log/codec.ts';
import { CURRENT_UPCASTING } from '../log/upcast.ts';
import { closingCommands, randomCommand } from './generator.ts';
import { checkMove, Ledger } from './ledger.ts';
import { MACHINE_CREATE } from './machine.ts';
import { expectedErrno } from './oracle.ts';
import { Prng } from './prng.ts';

export interface RunReport {
  readonly operations: number;
  readonly refused: number;
  readonly events: number;
  /** Kernel functions of the hazards met. */
  readonly hazards: readonly string[];
  /** Operations by command type and errno, as `HwptAlloc ENOENT`. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly eventTypes: ReadonlySet<string>;
}

/** Something was wrong; the message says what, where, and how to see it again. */
export class SimulationError extends Error {
  /** What was run, the last one the one after which it showed; the machine's creation left out. */
  readonly commands: readonly Command[];

  constructor(message: string, commands: readonly Command[]) {
    super(message);
    this.commands = commands;
  }
}

/** Throws a SimulationError. */
export function simulate(seed: number, steps: number): RunReport {
  return new Simulation(seed, steps).run();
}

/** Runs made to shorten a failing sequence at most. */
const SHRINK_RUNS_MAX = 400;

/**
 * A shorter sequence after which something is still wrong: pieces are left out, ever smaller ones,
 * as long as it fails without them. What is wrong may be another thing than at first.
 */
export function shrink(commands: readonly Command[]): readonly Command[] {
  let kept = commands;
  let runs = 0;
  for (let size = kept.length >> 1; size >= 1; size >>= 1) {
    for (let from = 0; from < kept.length && runs < SHRINK_RUNS_MAX; runs++) {
      const shorter = [...kept.slice(0, from), ...kept.slice(from + size)];
      const failed = failureOf(shorter);
      if (failed === null) from += size;
      else kept = failed;
    }
  }
  return kept;
}

/** The commands up to the first after which something is wrong, or null. */
function failureOf(commands: readonly Command[]): readonly Command[] | null {
  try {
    new Simulation(0, 0).replay(commands);
    return null;
  } catch (error) {
    if (error instanceof SimulationError) return error.commands;
    throw error;
  }
}

/** Commands as text, one a line, as the log writes them. */
export function commandsText(commands: readonly Command[]): string {
  return commands.map(command => `  ${textOf(command)}`).join('\n');
}

const jsonRoundTrip = (plain: Plain): Plain => JSON.parse(JSON.stringify(plain)) as Plain;

class Simulation {
  private readonly seed: number;
  private readonly steps: number;
  private readonly random: Prng;
  private readonly ledger = new Ledger();
  private readonly log: Event[] = [];
  private readonly commands: Command[] = [];
  private readonly outcomes = new Map<string, number>();
  private state: MachineState = initialState();
  private plain: Plain;
  private step = 0;
  private refused = 0;

  constructor(seed: number, steps: number) {
    this.seed = seed;
    this.steps = steps;
    this.random = new Prng(seed);
    this.plain = toPlain(this.state);
  }

  run(): RunReport {
    this.operate(MACHINE_CREATE);
    for (this.step = 1; this.step <= this.steps; this.step++) {
      this.operate(randomCommand(this.random, this.state));
      // A state that went through a snapshot must behave as the one that lived.
      if (this.random.chance(0.02)) this.state = fromPlain(jsonRoundTrip(this.plain));
    }
    for (const command of closingCommands(this.state)) this.operate(command);
    this.finish();
    return {
      operations: this.step,
      refused: this.refused,
      events: this.log.length,
      hazards: this.state.hazards.map(hazard => hazard.function),
      outcomes: this.outcomes,
      eventTypes: new Set(this.log.map(({ type }) => type)),
    };
  }

  /** Runs given commands; if these closed everything, what must hold at the end is checked too. */
  replay(commands: readonly Command[]): void {
    this.operate(MACHINE_CREATE);
    for (const command of commands) this.operate(command);
    if (this.closed && this.state.contexts.size === 0) this.finish();
  }

  private get closed(): boolean {
    return this.commands.some(({ type }) => type === 'ContextClose');
  }

  private operate(command: Command): void {
    if (command !== MACHINE_CREATE) this.commands.push(command);
    const before = fromPlain(this.plain);
    const expected = expectedErrno(this.state, command);
    let outcome: Outcome;
    try {
      outcome = execute(this.state, command);
    } catch (error) {
      throw this.failure(command, [`the core threw: ${String(error)}`]);
    }
    this.log.push(...outcome.events);
    this.plain = toPlain(this.state);
    this.count(outcome);
    const wrong = [
      ...checkInvariants(this.state),
      ...this.ledger.check(before, outcome),
      ...checkMove(before, this.state, outcome),
      ...checkStored(outcome),
    ];
    if (expected !== null && outcome.errno !== expected) {
      wrong.push(`errno ${outcome.errno}, expected ${expected}`);
    }
    if (outcome.errno !== 0) wrong.push(...checkRefused(before, this.plain, outcome));
    if (wrong.length > 0) throw this.failure(command, wrong);
  }

  private count(outcome: Outcome): void {
    if (outcome.errno !== 0) this.refused++;
    const key = `${outcome.command.type} ${outcome.errno}`;
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1);
  }

  private finish(): void {
    const wrong = this.ledger.unsettled();
    if (this.state.contexts.size > 0) wrong.push(`${this.state.contexts.size} contexts are left`);
    if (this.state.iopfGroups.size > 0) wrong.push(`${this.state.iopfGroups.size} groups are left`);
    const replayed = initialState();
    for (const event of this.log) evolve(replayed, event);
    if (stateHash(replayed) !== stateHash(this.state)) wrong.push('a replay gives another state');
    if (wrong.length > 0) throw this.failure(null, wrong);
  }

  private failure(command: Command | null, wrong: readonly string[]): SimulationError {
    return new SimulationError(
      [
        `seed ${this.seed}, step ${this.step}:`,
        ...wrong.map(sentence => `  ${sentence}`),
        command === null ? 'after everything was closed' : `  after ${textOf(command)}`,
        `again: npm run -s faultline -- sim --seed ${this.seed} --steps ${this.steps}`,
      ].join('\n'),
      this.commands,
    );
  }
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    typeof item === 'bigint' ? `0x${item.toString(16)}` : item,
  );
}

/** What the log keeps of an operation is the operation. */
function checkStored(outcome: Outcome): string[] {
  const { length } = outcome.events;
  const operation = { ...outcome, number: 1, seqBefore: 0, seq: length, atMs: 0 };
  const stored = decode(encode('sim', operation, FIRST_PREVIOUS_HASH), CURRENT_UPCASTING);
  return isDeepStrictEqual(stored, operation) ? [] : ['the stored operation reads back as another'];
}

/** What a refused operation may leave behind, as in the kernel. */
const LASTING: ReadonlySet<Event['type']> = new Set([
  // The entries handled before the one that was refused.
  'MockIotlbInvalidated',
  'StageOneInvalidated',
  // The cookie stays on the hwpt of a failed attach.
  'MsiCookieCreated',
  // A failed replace releases them also where they must stay.
  'ReservedRegionsRemoved',
  // The areas below the one that sticks out of the range.
  'AreaUnmapped',
  'AccessPagesUnpinned',
  // The bytes before those that cannot be written.
  'UserMemoryFilled',
  'HazardRecorded',
]);

/** A refused operation leaves no trace but counters and what LASTING names. */
function checkRefused(before: MachineState, after: Plain, outcome: Outcome): string[] {
  const expected = before;
  for (const event of outcome.events) {
    if (event.type === 'ReservedRegionsEnforced' && event.swMsiStart !== null) {
      const device = expected.contexts.get(event.contextId)?.objects.get(event.deviceId);
      // The group remembers the window though the attach that found it failed.
      const group = device?.type === 'DEVICE' ? device.iommuGroupId : 0;
      const found = expected.iommuGroups.get(group);
      if (found !== undefined) found.swMsiStart = event.swMsiStart;
    }
    if (!LASTING.has(event.type)) continue;
    const made =
      'hwptId' in event && !expected.contexts.get(event.contextId)?.objects.has(event.hwptId!);
    if (!made) evolve(expected, event);
  }
  // The mock device made last is the one whose making failed, and it is gone.
  if (outcome.command.type === 'TestMockDomain' && outcome.events.length > 0) {
    expected.lastMockDeviceNo = null;
  }
  const same = withoutCounters(toPlain(expected)) === withoutCounters(after);
  return same ? [] : ['a refused operation changed the state'];
}

function withoutCounters(plain: Plain): string {
  const { seq: _, hazards: __, ...rest } = plain as Readonly<Record<string, Plain>>;
  return JSON.stringify(rest, (key, value) => (key.startsWith('next') ? undefined : value));
}
