/** `faultline sim`: random operations, everything checked after each of them. */
import { parseArgs } from 'node:util';
import { profileText } from '../../sim/hardware/profile.ts';
import { simulateHardware } from '../../sim/hardware/simulate.ts';
import { kernelText } from '../../sim/kernels.ts';
import { Prng } from '../../sim/prng.ts';
import { shrink, shrunkenText } from '../../sim/shrink.ts';
import { MACHINE_STEPS_MAX, SimulationError, simulate } from '../../sim/simulate.ts';
import type { Flags } from '../command-line.ts';
import { liveLine } from '../print/live-line.ts';

export const HELP = `Usage: faultline sim [--seed N] [--steps M] [--hardware] [--json]

Drives machines with M random operations of every kind (default 10000): several contexts,
processes, fault handlers, PCI and mock devices, shared IOMMU groups, kernel versions and policies,
good and nonsense ids, requests held between look-up and queue, missing buffers. Now and then each
allocation of an operation fails once before it is run.

After each operation it checks the invariants, an independent prediction of the errno, the fate of
every page request, that a refusal left nothing behind, and the stored form; at random points and
at the end it replays the log to the same hash.

A machine has at most ${MACHINE_STEPS_MAX} of the steps. Then all of it is closed and the next one
begins, with another seed that follows from N.

With --hardware the machines have modelled IOMMUs of five vendors: devices run programs and do DMA
through a guest's tables, a handler answers rightly, wrongly or not, invalidations are given and
forgotten, queues overflow, functions are reset. A ledger of its own follows every page request,
credit, DMA and cached translation, and where the bytes went.

  --seed N    what chance comes from, a whole number (1)
  --steps M   operations of all machines together (10000)
  --hardware  machines with modelled IOMMUs; else without
  --json      what was found as JSON
  --help      this text

Examples:
  faultline sim --seed 7 --steps 200
  faultline sim --hardware --steps 100000 --json

On a failure it prints what was wrong, one line that runs that machine alone again, and a shortened
sequence. Exit code: 0 nothing wrong, 1 something was, 2 wrong arguments.
`;

export const FLAGS = {
  seed: { type: 'string', default: '1' },
  steps: { type: 'string', default: '10000' },
  hardware: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const satisfies Flags;

/** Seeds have at most nine digits. */
const SEEDS = 1_000_000_000;

export async function sim(argv: readonly string[]): Promise<number> {
  let wanted: { seed: number; steps: number; hardware: boolean; json: boolean };
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: FLAGS,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    wanted = {
      seed: wholeNumber('seed', values.seed),
      steps: wholeNumber('steps', values.steps),
      hardware: values.hardware,
      json: values.json,
    };
  } catch (error) {
    const [said] = (error as Error).message.split(/\.\s|\n/);
    process.stderr.write(`faultline sim: ${said}; see --help\n`);
    return 2;
  }
  const line = liveLine(wanted.json);
  try {
    const run = wanted.hardware ? onHardware : plain;
    const total = simulateAll(wanted.seed, wanted.steps, run, line.show);
    line.clear();
    process.stdout.write(
      wanted.json ? jsonOf({ wrong: null, hardware: wanted.hardware, ...total }) : text(total),
    );
    return 0;
  } catch (error) {
    line.clear();
    if (!(error instanceof SimulationError)) throw error;
    const { json: _, ...asked } = wanted;
    const shortened = shrunkenText(shrink(error.create, error.steps));
    process.stdout.write(
      wanted.json
        ? jsonOf({ wrong: { message: error.message, shortened }, ...asked })
        : `${error.message}\n${shortened}\n`,
    );
    return 1;
  }
}

/** What is told of one machine. */
interface Run {
  readonly operations: number;
  readonly refused: number;
  /** Operations in which an allocation failed. */
  readonly failed: number;
  readonly events: number;
  readonly hazards: number;
  /** The kernel and policies, or the hardware. */
  readonly on: string;
}

function plain(seed: number, steps: number): Run {
  const { kernel, hazards, ...report } = simulate(seed, steps);
  return { ...report, hazards: hazards.length, on: kernelText(kernel) };
}

function onHardware(seed: number, steps: number): Run {
  const { profile, events, ...report } = simulateHardware(seed, steps);
  const count = [...events.values()].reduce((sum, times) => sum + times, 0);
  const hazards = events.get('HazardRecorded') ?? 0;
  return { ...report, events: count, hazards, on: profileText(profile) };
}

interface Total extends Omit<Run, 'on'> {
  readonly seed: number;
  readonly steps: number;
  readonly machines: number;
  /** On how many kernels and policies, or kinds of hardware; the one, if it is one. */
  readonly on: string;
}

/** One machine after the other: the first has the seed itself, the others what it gives. */
function simulateAll(
  first: number,
  steps: number,
  run: (seed: number, steps: number) => Run,
  show: (text: string) => void,
): Total {
  const seeds = new Prng(first);
  const total = { machines: 0, operations: 0, refused: 0, failed: 0, events: 0, hazards: 0 };
  const kinds = new Set<string>();
  for (let done = 0; done < steps; ) {
    const seed = total.machines === 0 ? first : seeds.below(SEEDS);
    const size = Math.min(MACHINE_STEPS_MAX, steps - done);
    const report = run(seed, size);
    done += size;
    total.machines++;
    total.operations += report.operations;
    total.refused += report.refused;
    total.failed += report.failed;
    total.events += report.events;
    total.hazards += report.hazards;
    kinds.add(report.on);
    show(`${done} of ${steps} steps, ${counted(total.machines, 'machine')} …`);
  }
  const what = run === plain ? 'kernels and policies' : 'kinds of hardware and kernel';
  const on = kinds.size === 1 ? [...kinds][0]! : `${kinds.size} ${what}`;
  return { seed: first, steps, on, ...total };
}

function text({ seed, steps, on, ...total }: Total): string {
  return (
    `seed ${seed}, ${steps} steps: nothing wrong\n` +
    `  ${counted(total.machines, 'machine')} on ${on}\n` +
    `  ${total.operations} operations: ${total.refused} refused, ` +
    `${total.failed} for want of memory; ${total.events} events, ${total.hazards} hazards\n`
  );
}

function jsonOf(found: object): string {
  return `${JSON.stringify(found)}\n`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new Error(`--${name}: expected a whole number of at most 9 digits, not "${text}"`);
  }
  return Number(text);
}
