/** `npm run sim -- --seed N --steps M --runs R`: runs seeds N, N+1, … until one fails. */
import { parseArgs } from 'node:util';
import { SimulationError, simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '500' },
    runs: { type: 'string', default: '1' },
  },
});

function wholeNumber(name: 'seed' | 'steps' | 'runs'): number {
  const text = values[name];
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`);
  return Number(text);
}

try {
  const first = wholeNumber('seed');
  const steps = wholeNumber('steps');
  const last = first + wholeNumber('runs') - 1;
  for (let seed = first; seed <= last; seed++) {
    console.log(`seed ${seed}, ${steps} steps`);
    const { operations, refused, events, hazards } = simulate(seed, steps);
    console.log(
      `  ${operations} operations (${refused} refused), ${events} events, ${hazards.length} hazards`,
    );
  }
} catch (error) {
  console.error(error instanceof SimulationError ? error.message : error);
  process.exitCode = 1;
}
