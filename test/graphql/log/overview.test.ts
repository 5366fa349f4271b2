/** The overview through the schema: columns of one length, bounds. */
import { expect, test } from 'vitest';
import { SUMS } from '../../../src/engine/overview/counts.ts';
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
  ['from: 9999', /^"from" must be from 0 to \d+, .* not 9999$/, 'SEQ_OUT_OF_RANGE'],
  ['to: 9999', /^"to" must be from 0 to \d+, .* not 9999$/, 'SEQ_OUT_OF_RANGE'],
  ['from: 2, to: 1', /^"from" must be at most "to", 1, not 2$/, 'BAD_USER_INPUT'],
  ['buckets: 0', /^"buckets" must be from 1 to 2000, not 0$/, 'BAD_USER_INPUT'],
  ['buckets: 2001', /^"buckets" must be from 1 to 2000, not 2001$/, 'BAD_USER_INPUT'],
];

test.each(REFUSED)('overview(%s) is refused', async (args, said, code) => {
  const { errors } = await post(await start(), `{ machine { overview(${args}) { seq } } }`);
  expect(errors).toHaveLength(1);
  expect(errors[0]!.message).toMatch(said);
  expect(errors[0]!.extensions?.code).toBe(code);
});

const ALL = `from seq startAt firstMs lastMs ${SUMS.join(' ')} waiting held`;

test('two groups, one answered, and a refusal', async () => {
  const server = await start();
  await makeFaulting(server);
  const { seq: from } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  await sendGroups(server, 2);
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4, count: 80');
  await succeed(
    server,
    'faultWrite',
    'contextId: 1, faultId: 4, responses: [{cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS}]',
  );
  await ask(server, 'mutation { destroy(input: {contextId: 9, id: 1}) { __typename } }');
  const { seq: to } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  const data = await ask(
    server,
    `{ machine { overview(from: ${from}, buckets: 1) { ${ALL} }
       empty: overview(from: ${to}) { ${ALL} }
       operations(last: 5) { edges { node { at } } } } }`,
  );
  const { userSpace, iommufd, iommuCore, hardware, ...rest } = at(data, 'machine', 'overview') as {
    [column: string]: Json;
  };
  const layers = [userSpace, iommufd, iommuCore, hardware] as unknown as number[][];
  expect(layers.reduce((sum, [count]) => sum + count!, 0)).toBe(to - from);
  const first = at(data, 'machine', 'operations', 'edges', 0, 'node', 'at') as string;
  const last = at(data, 'machine', 'operations', 'edges', 4, 'node', 'at') as string;
  expect(rest).toEqual({
    from,
    seq: [to],
    startAt: first,
    firstMs: [0],
    lastMs: [Date.parse(last) - Date.parse(first)],
    others: [0],
    operations: [5],
    refused: [1],
    hazards: [0],
    queued: [2],
    read: [at(rest as Json, 'read', 0)],
    success: [1],
    invalid: [0],
    failure: [0],
    takenAway: [0],
    lost: [0],
    waiting: [2],
    held: [at(rest as Json, 'read', 0)],
  });
  expect([1, 2]).toContain(at(rest as Json, 'read', 0));
  const empty = at(data, 'machine', 'empty') as { [column: string]: Json };
  expect(empty).toMatchObject({ from: to, startAt: null, seq: [], success: [] });
});
