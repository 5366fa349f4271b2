/** A failing sequence is shortened to what makes it fail. */
import { expect, test, vi } from 'vitest';
import type * as Invariant from '../../src/core/invariant.ts';
import { SimulationError, shrink, simulate } from '../../src/sim/simulate.ts';

// A bug planted where the simulation looks: no machine may have more than one fault queue.
vi.mock('../../src/core/invariant.ts', async original => {
  const actual = await original<typeof Invariant>();
  return {
    ...actual,
    checkInvariants: (state: Parameters<typeof actual.checkInvariants>[0]) => {
      const queues = [...state.contexts.values()].flatMap(({ objects }) =>
        [...objects.values()].filter(({ type }) => type === 'FAULT'),
      );
      return queues.length > 1 ? ['there are two fault queues'] : actual.checkInvariants(state);
    },
  };
});

test('what is left are the operations that matter', () => {
  let failure: unknown = null;
  try {
    for (let seed = 1; seed < 20; seed++) simulate(seed, 500);
  } catch (error) {
    failure = error;
  }
  if (!(failure instanceof SimulationError)) throw new Error('the planted bug was not found');
  expect(failure.message).toContain('there are two fault queues');
  expect(failure.message).toMatch(/again: npm run -s faultline -- sim --seed \d+ --steps 500/);
  const types = shrink(failure.commands).map(({ type }) => type);
  expect(types.filter(type => type === 'FaultQueueAlloc')).toHaveLength(2);
  expect(types.length).toBeLessThanOrEqual(4);
});
