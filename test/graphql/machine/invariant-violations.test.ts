/** What must hold after every operation, and need not hold in the middle of one. */
import { expect, test } from 'vitest';
import { checkInvariants } from '../../../src/core/check/invariant.ts';
import { History } from '../../../src/engine/past/history.ts';
import { ask, makeFaulting, start, succeed } from '../builder/testing.ts';

test('are reported at the end of an operation', async () => {
  const server = await start();
  await makeFaulting(server);
  const { state } = await server.engine.settled('default');
  state.attachHandles.clear();
  const violations = checkInvariants(state);
  expect(violations).not.toEqual([]);
  expect(await ask(server, '{ machine { invariantViolations } }')).toEqual({
    machine: { invariantViolations: violations },
  });
});

test('are none at any seq of a machine in order, also where an operation is half done', async () => {
  const server = await start();
  await makeFaulting(server);
  await succeed(server, 'deviceReplace', 'contextId: 1, devId: 1, ptId: 3');
  const { seq } = (await server.engine.settled('default')).state;
  const history = new History(server.engine);
  let halfDone = 0;
  for (let at = 0; at <= seq; at++) {
    halfDone += checkInvariants(await history.stateAt('default', at)).length;
    expect(await ask(server, `{ machine(at: ${at}) { invariantViolations } }`)).toEqual({
      machine: { invariantViolations: [] },
    });
  }
  expect(halfDone).toBeGreaterThan(0);
});
