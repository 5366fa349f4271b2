/** A failing sequence is told with the line that runs it again, and made shorter. */
import { expect, test, vi } from 'vitest';
import type * as Invariant from '../../src/core/check/invariant.ts';
import { KERNELS } from '../../src/sim/kernels.ts';
import { shrink, shrunkenText } from '../../src/sim/shrink.ts';
import { SimulationError, simulate } from '../../src/sim/simulate.ts';

/** A bug planted where the simulation looks: what no machine with two fault queues survives. */
const planted = vi.hoisted(() => ({ bug: (): string[] => [] }));

vi.mock('../../src/core/check/invariant.ts', async original => {
  const actual = await original<typeof Invariant>();
  return {
    ...actual,
    checkInvariants: (state: Parameters<typeof actual.checkInvariants>[0]) => {
      const queues = [...state.contexts.values()].flatMap(({ objects }) =>
        [...objects.values()].filter(({ type }) => type === 'FAULT'),
      );
      return queues.length > 1 ? planted.bug() : actual.checkInvariants(state);
    },
  };
});

function failureOn(kernel: (typeof KERNELS)[number]): SimulationError {
  try {
    for (let seed = 1; seed < 20; seed++) simulate(seed, 500, kernel);
  } catch (error) {
    if (error instanceof SimulationError) return error;
    throw error;
  }
  throw new Error('the planted bug was not found');
}

test.each([
  ['is violated', () => ['there are two fault queues'], '  there are two fault queues'],
  [
    'throws',
    () => {
      throw new Error('two fault queues');
    },
    '  threw Error: two fault queues',
  ],
])('an invariant that %s: what is left are the operations that matter', (_how, bug, said) => {
  planted.bug = bug;
  const failure = failureOn(KERNELS.at(-1)!);
  const [where, ...lines] = failure.message.split('\n');
  expect(where).toMatch(/^seed \d+, step \d+ on LINUX_7_3_4, virtualFunctions EMULATED_PRI:$/);
  expect(lines[0]).toBe(said);
  expect(lines.at(-1)).toMatch(/^again: npm run -s faultline -- sim --seed \d+ --steps 500$/);
  const shorter = shrink(failure.create, failure.steps);
  const types = shorter.steps.map(({ command }) => command.type);
  expect(types.filter(type => type === 'FaultQueueAlloc')).toHaveLength(2);
  // Contexts keep their numbers: the third one needs all three.
  expect(types.length).toBeLessThanOrEqual(5);
  const text = shrunkenText(shorter).split('\n');
  expect(text[0]).toBe(`shortened to ${types.length} operations:`);
  expect(text).toContain(said);
});

test('what does not show again is said to be so', () => {
  planted.bug = () => ['there are two fault queues'];
  const { create, steps } = failureOn(KERNELS[0]!);
  planted.bug = () => [];
  expect(shrunkenText(shrink(create, steps))).toMatch(/^it does not show again/);
});
