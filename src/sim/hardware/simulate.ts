/** One seeded run on one machine with modelled hardware. */
import { ranOutOfMemory, type Step } from '../checked-machine.ts';
import { Prng } from '../prng.ts';
import { SimulationError, stepText, whatIsWrong } from '../simulate.ts';
import { closingCommands, HardwareGenerator } from './generator/generator.ts';
import { HardwareMachine } from './machine.ts';
import { type HardwareProfile, hardwareProfileOf, profileText } from './profile.ts';

export interface HardwareReport {
  readonly profile: HardwareProfile;
  readonly operations: number;
  readonly refused: number;
  /** Operations in which an allocation failed. */
  readonly failed: number;
  /** Events by type. */
  readonly events: ReadonlyMap<string, number>;
  readonly hazards: ReadonlySet<string>;
  /** Names of fault records written. */
  readonly records: ReadonlySet<string>;
  /** Operations by command type and errno, as `Dma 0`. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** What DMAs ended in: `DONE via ATC`, `ABORTED NO_PRI`, `TIMED_OUT`. */
  readonly endings: ReadonlyMap<string, number>;
}

/** Allocations of one command that fail, one after the other, at most. */
const FAILURES_MAX = 12;

/**
 * Runs `steps` commands, at most MACHINE_STEPS_MAX of which make sense, and what closes everything.
 * Throws a SimulationError, whatever was wrong.
 */
export function simulateHardware(seed: number, steps: number): HardwareReport {
  const profile = hardwareProfileOf(seed);
  const random = new Prng(seed);
  const generator = new HardwareGenerator(random, profile);
  const done: Step[] = [];
  const outcomes = new Map<string, number>();
  let step = 0;
  let refused = 0;
  let failed = 0;
  try {
    const machine = HardwareMachine.create(profile);
    const operate = (next: Step) => {
      done.push(next);
      const outcome = machine.run(next);
      if (outcome.errno !== 0) refused++;
      count(outcomes, `${next.command.type} ${outcome.errno}`);
      return outcome;
    };
    for (step = 1; step <= steps; step++) {
      const command = generator.next(machine.state);
      if (random.chance(0.02)) {
        for (let failNth = 1; failNth <= FAILURES_MAX; failNth++) {
          if (!ranOutOfMemory(operate({ command, failNth }))) break;
          failed++;
        }
      }
      operate({ command, ...(random.chance(0.01) ? { restored: true } : {}) });
      if (random.chance(0.005)) machine.checkFollower();
    }
    for (const command of closingCommands(machine.state)) operate({ command });
    machine.checkEnd();
    return { profile, operations: done.length, refused, failed, outcomes, ...tally(machine) };
  } catch (error) {
    const last = done.at(-1);
    const message = [
      `seed ${seed}, step ${step} on ${profileText(profile)}:`,
      whatIsWrong(error),
      ...(last === undefined ? [] : [`after ${stepText(last)}`]),
      `again: npm run -s faultline -- sim --hardware --seed ${seed} --steps ${steps}`,
    ];
    throw new SimulationError(message.join('\n'), () => HardwareMachine.create(profile), done);
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function tally({ log }: HardwareMachine) {
  const events = new Map<string, number>();
  const endings = new Map<string, number>();
  const hazards = new Set<string>();
  const records = new Set<string>();
  for (const event of log) {
    count(events, event.type);
    if (event.type === 'DmaCompleted') count(endings, `DONE via ${event.via}`);
    if (event.type === 'DmaAborted') count(endings, `ABORTED ${event.reason}`);
    if (event.type === 'DmaTimedOut') count(endings, 'TIMED_OUT');
    if (event.type === 'HazardRecorded') hazards.add(event.name);
    if (event.type === 'FaultRecorded') records.add(event.name);
  }
  return { events, endings, hazards, records };
}
