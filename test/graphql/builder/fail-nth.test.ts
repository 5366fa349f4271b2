/** Fault injection through mutations: which allocation fails is kept with the operation. */
import { expect, test } from 'vitest';
import { ReExecution } from '../../../src/engine/machine/re-execute.ts';
import { ask, at, post, start } from './testing.ts';

const OPEN = 'mutation { contextOpen(input: {}) { errno } }';

const ALLOC = (failNth: number) => `mutation {
  ioasAlloc(input: { contextId: 1 }, failNth: ${failNth}) {
    errno operation { outside allocations summary trace { function returned rule } }
  }
}`;

test('failNth below 1 is refused before anything runs', async () => {
  const server = await start();
  await ask(server, OPEN);
  const { errors, data } = await post(server, ALLOC(0));
  expect(data).toEqual({ ioasAlloc: null });
  expect(errors?.[0]).toMatchObject({
    message: '"failNth" counts allocations from 1, and is 0',
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

test('the allocation that fails, how many there were, and the same again on replay', async () => {
  const server = await start();
  await ask(server, OPEN);
  const failed = at(await ask(server, ALLOC(1)), 'ioasAlloc');
  expect(failed).toMatchObject({
    errno: 'ENOMEM',
    operation: { outside: { failNth: 1 }, allocations: 1 },
  });
  expect(failed).toHaveProperty(
    'operation.summary',
    'IoasAlloc contextId=1 flags=0 outside={"failNth":1}',
  );
  const beyond = at(await ask(server, ALLOC(9)), 'ioasAlloc');
  expect(beyond).toMatchObject({ errno: null, operation: { outside: { failNth: 9 } } });
  const allocations = at(beyond, 'operation', 'allocations');
  expect(allocations).toBeGreaterThan(0);
  expect(allocations).toBeLessThan(9);

  const again = new ReExecution();
  const operations = await server.engine.log.read('default', { afterNumber: 0, limit: 10 });
  expect(operations).toHaveLength(4);
  for (const operation of operations) expect(again.run(operation)).toBeNull();
});
