/** `npm run sim -- --seed N --steps M --runs R`: runs seeds N, N+1, … until one fails. */
import { parseArgs } from 'node:util';
import { SimulationError, simulate } from './simulate.ts';

const HELP = `Usage: npm run -s sim -- [--seed N] [--steps M] [--runs R]

Runs random operations and checks the machine after each one.

  --seed N    what the operations are made from; the same seed makes the same ones (1)
  --steps M   operations a run (500)
  --runs R    runs, with the seeds N, N+1, … (1)
  --help      this text

Exit code: 0, or 1 if a check failed, 2 for wrong arguments.
`;

interface Plan {
  readonly seed: number;
  readonly steps: number;
  readonly runs: number;
}

/** Throws an Error that names the argument. */
function planOf(argv: string[]): Plan | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      seed: { type: 'string', default: '1' },
      steps: { type: 'string', default: '500' },
      runs: { type: 'string', default: '1' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const wholeNumber = (name: keyof Plan): number => {
    const text = values[name];
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new Error(`--${name}: expected a whole number of at most 9 digits, not "${text}"`);
  };
  return { seed: wholeNumber('seed'), steps: wholeNumber('steps'), runs: wholeNumber('runs') };
}

/** Returns the exit code. */
function main(argv: string[]): number {
  let plan: Plan | 'help';
  try {
    plan = planOf(argv);
  } catch (error) {
    console.error(`sim: ${(error as Error).message.split('\n')[0]}; see --help`);
    return 2;
  }
  if (plan === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const { seed: first, steps, runs } = plan;
  try {
    for (let seed = first; seed < first + runs; seed++) {
      console.log(`seed ${seed}, ${steps} steps`);
      const { operations, refused, events, hazards } = simulate(seed, steps);
      console.log(
        `  ${operations} operations (${refused} refused), ${events} events, ${hazards.length} hazards`,
      );
    }
    return 0;
  } catch (error) {
    console.error(error instanceof SimulationError ? error.message : error);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
