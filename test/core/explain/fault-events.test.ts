/** What an event on the way of a page request may have changed is all that it changed. */
import { expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../../../src/abi/policies.ts';
import { diffObjects, diffStates } from '../../../src/core/explain/diff.ts';
import { FAULT_EVENTS, faultKeys } from '../../../src/core/explain/fault-events.ts';
import { shownDifference } from '../../../src/core/explain/shown-value.ts';
import { EVENT_TYPES } from '../../../src/core/machine/event.ts';
import { evolve } from '../../../src/core/machine/evolve.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import { initialState } from '../../../src/core/machine/state.ts';
import { randomCommand } from '../../../src/sim/generator/generator.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { Prng } from '../../../src/sim/prng.ts';

const WALKS = [
  ['LINUX_6_12_117', 5],
  ['LINUX_6_12_117', 6],
  ['V6_PATCH', 7],
  ['LINUX_7_3_4', 8],
] as const;

test.each(WALKS)('on %s, seed %i, and of all others nothing is said', (baseline, seed) => {
  const random = new Prng(seed);
  const [state, before, after] = [initialState(), initialState(), initialState()];
  const met = new Set<string>();
  const operate = (command: Parameters<typeof execute>[1]) => {
    for (const event of execute(state, command).events) {
      evolve(after, event);
      const keys = faultKeys(before, after, event);
      expect(keys !== null).toBe(FAULT_EVENTS.has(event.type));
      if (keys !== null) {
        const found = diffObjects(before, after, keys).map(shownDifference);
        const whole = diffStates(before, after).map(shownDifference);
        expect(found, `${event.type} at ${after.seq}`).toEqual(whole);
        if (whole.length > 0) met.add(event.type);
      }
      evolve(before, event);
    }
  };
  const policies = { ...DEFAULT_POLICIES, inFlightRequests: 'NOT_DRAINED' } as const;
  operate({ type: 'MachineCreate', baseline, policies, devices: DEVICES });
  for (let step = 0; step < 2_500; step++) {
    const [inFlightId] = state.inFlight.keys();
    const command = randomCommand(random, state);
    if (inFlightId !== undefined && random.chance(0.1)) {
      operate({ type: 'PageRequestResume', inFlightId });
    } else if (command.type === 'PageRequestSend') {
      operate({ ...command, hold: random.chance(0.3) });
    } else {
      operate(command);
    }
  }
  expect([...met]).toEqual(
    expect.arrayContaining(['IopfGroupQueued', 'IopfGroupRead', 'PageResponseWritten']),
  );
});

test('the events that are named are events', () => {
  expect([...FAULT_EVENTS].filter(type => !EVENT_TYPES.includes(type))).toEqual([]);
});
