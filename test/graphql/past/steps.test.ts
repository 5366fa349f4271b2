/** Steps: each is the diff of its moment with the one before, and a range of them leads on. */
import { expect, test } from 'vitest';
import {
  ask,
  at,
  type Json,
  makeFaulting,
  post,
  sendGroups,
  start,
  succeed,
} from '../builder/testing.ts';

const REFUSED: readonly (readonly [args: string, said: RegExp, code: string])[] = [
  ['from: -1', /^"from" must be from 0 to \d+, .* not -1$/, 'SEQ_OUT_OF_RANGE'],
  ['from: 0, to: 9999', /^"to" must be from 0 to \d+, .* not 9999$/, 'SEQ_OUT_OF_RANGE'],
  ['from: 2, to: 1', /^"from" must be at most "to", 1, not 2$/, 'BAD_USER_INPUT'],
];

test.each(REFUSED)('steps(%s) is refused', async (args, said, code) => {
  const { errors } = await post(await start(), `{ machine { steps(${args}) { seq } } }`);
  expect(errors).toHaveLength(1);
  expect(errors[0]!.message).toMatch(said);
  expect(errors[0]!.extensions?.code).toBe(code);
});

const CHANGES = 'changes { kind field before after object { ref } }';

test('each step is the diff of its moment with the one before', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 3, { pages: 2 });
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4, count: 80');
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  const { seq } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  const data = await ask(server, `{ machine { steps(from: 0) { seq type summary ${CHANGES} } } }`);
  const steps = at(data, 'machine', 'steps') as { [key: string]: Json }[];
  expect(steps.map(step => step['seq'])).toEqual(Array.from({ length: seq }, (_, i) => i + 1));
  for (const step of steps) {
    const to = step['seq'] as number;
    const diff = await ask(
      server,
      `{ diff(from: {at: ${to - 1}}, to: {at: ${to}}, first: 1000) { ${CHANGES} }
         machine { events(after: "${to - 1}", first: 1) { edges { node { type summary } } } } }`,
    );
    expect(step['changes'], `step ${to}`).toEqual(at(diff, 'diff', 'changes'));
    const { type, summary } = step;
    expect({ type, summary }).toEqual(at(diff, 'machine', 'events', 'edges', 0, 'node'));
  }
  const part = await ask(server, `{ machine { steps(from: 7, to: 12) { seq ${CHANGES} } } }`);
  const wanted = steps.slice(7, 12).map(({ seq, changes }) => ({ seq, changes }));
  expect(at(part, 'machine', 'steps')).toEqual(wanted);
  expect(at(await ask(server, '{ machine { steps(from: 5, to: 5) { seq } } }'), 'machine')).toEqual(
    { steps: [] },
  );
});

test('at most 500 events', async () => {
  const server = await start();
  await makeFaulting(server);
  for (let first = 0; first < 300; first += 50) await sendGroups(server, 50, { first });
  const { seq } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  expect(seq).toBeGreaterThan(500);
  const { errors } = await post(server, `{ machine { steps(from: ${seq - 501}) { seq } } }`);
  expect(errors[0]!.message).toBe(
    `"from" must be at most 500 before "to", ${seq}, not ${seq - 501}`,
  );
  const data = await ask(server, `{ machine { steps(from: ${seq - 500}) { seq } } }`);
  expect(at(data, 'machine', 'steps')).toHaveLength(500);
});
