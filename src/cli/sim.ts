/** `faultline sim`: random operations, everything checked after each of them. */
import { parseArgs } from 'node:util';
import { commandsText, SimulationError, shrink, simulate } from '../sim/simulate.ts';
import { KERNELS, walk } from '../sim/walk.ts';

const HELP = `Usage: faultline sim [--seed N] [--steps M] [--runs R]

Drives a machine with M random operations of every kind (default 500): several contexts, processes,
PCI and mock devices, shared IOMMU groups, good and nonsense ids. After each operation the
invariants, an independent prediction of the errno, the fate of every page request and the stored
form are checked; at the end everything is closed and the log replayed to the same hash. Then as
many operations run on another kernel version and policy, chosen by the seed, with held requests,
missing buffers and failing allocations; there, what holds on every kernel is checked.

  --seed N   the first seed, a whole number (1)
  --steps M  operations a run (500)
  --runs R   seeds N, N+1, … (1)
  --help     this text

On a failure it prints what was wrong, one line that runs it again, and a shortened sequence.
Exit code: 0 nothing wrong, 1 something was, 2 wrong arguments.
`;

export async function sim(argv: readonly string[]): Promise<number> {
  let numbers: { seed: number; steps: number; runs: number };
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        seed: { type: 'string', default: '1' },
        steps: { type: 'string', default: '500' },
        runs: { type: 'string', default: '1' },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    numbers = {
      seed: wholeNumber('seed', values.seed),
      steps: wholeNumber('steps', values.steps),
      runs: wholeNumber('runs', values.runs),
    };
  } catch (error) {
    const [said] = (error as Error).message.split(/\.\s|\n/);
    process.stderr.write(`faultline sim: ${said}; see --help\n`);
    return 2;
  }
  const { seed: first, steps, runs } = numbers;
  for (let seed = first; seed < first + runs; seed++) {
    try {
      const { operations, refused, events, hazards } = simulate(seed, steps);
      process.stdout.write(
        `seed ${seed}: ${operations} operations (${refused} refused), ${events} events, ${hazards.length} hazards\n`,
      );
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      const shorter = shrink(error.commands);
      process.stdout.write(`${error.message}\n`);
      process.stdout.write(
        `shortened to ${shorter.length} operations:\n${commandsText(shorter)}\n`,
      );
      return 1;
    }
    if (!walkOnAnotherKernel(seed, steps)) return 1;
  }
  return 0;
}

/** Whether nothing was wrong. */
function walkOnAnotherKernel(seed: number, steps: number): boolean {
  const kernel = KERNELS[seed % KERNELS.length]!;
  try {
    const { hazardCount } = walk(kernel, seed, steps);
    process.stdout.write(`  walk on ${kernel.baseline}: nothing wrong, ${hazardCount} hazards\n`);
    return true;
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    process.stdout.write(
      `${error.message}\nagain: npm run -s faultline -- sim --seed ${seed} --steps ${steps}\n`,
    );
    return false;
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new Error(`--${name}: expected a whole number of at most 9 digits, not "${text}"`);
  }
  return Number(text);
}
