/** The seq of a time, and hazards page by page. */
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

test('seqAt: the newest event of that time or before, up to the view', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 3);
  const data = await ask(
    server,
    '{ machine { seq operations(first: 1000) { edges { node { seq at } } } } }',
  );
  const edges = at(data, 'machine', 'operations', 'edges') as unknown as {
    node: { seq: number; at: string };
  }[];
  const newest = at(data, 'machine', 'seq') as number;
  const seqAt = async (time: string, view = '') =>
    at(await ask(server, `{ machine${view} { seqAt(time: "${time}") } }`), 'machine', 'seqAt');
  for (const { node } of edges) {
    const last = edges.findLast(edge => edge.node.at <= node.at)!.node.seq;
    expect(await seqAt(node.at)).toBe(last);
    expect(await seqAt(node.at, '(at: 4)')).toBe(Math.min(last, 4));
  }
  expect(await seqAt('2999-01-01T00:00:00.000Z')).toBe(newest);
  expect(await seqAt('1999-01-01T00:00:00.000Z')).toBeNull();
});

test('allHazards: pages by which one it is', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 4);
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4');
  for (let cookie = 1; cookie <= 3; cookie++) {
    // Nobody gave it to a handler of that name: a hazard each.
    const response = `{cookie: ${cookie}, code: IOMMUFD_PAGE_RESP_SUCCESS}`;
    await succeed(
      server,
      'faultWrite',
      `contextId: 1, faultId: 4, handlerId: "nobody", responses: [${response}]`,
    );
  }
  const whole = await ask(server, '{ machine { hazardCount hazards { seq name } } }');
  const hazards = at(whole, 'machine', 'hazards') as Json[];
  const found: Json[] = [];
  for (let after = ''; ; ) {
    const data = await ask(
      server,
      `{ machine { allHazards(first: 1 ${after}) { edges { cursor node { seq name } } pageInfo { hasNextPage endCursor } } } }`,
    );
    const page = at(data, 'machine', 'allHazards');
    found.push(...(at(page, 'edges') as Json[]).map(edge => at(edge, 'node')));
    if (at(page, 'pageInfo', 'hasNextPage') === false) break;
    after = `, after: "${at(page, 'pageInfo', 'endCursor')}"`;
  }
  expect(found).toEqual(hazards);
  expect(hazards).toHaveLength(at(whole, 'machine', 'hazardCount') as number);
  expect(hazards.length).toBeGreaterThan(2);
  const { errors } = await post(server, '{ machine { allHazards(last: 1) { edges { cursor } } } }');
  expect(errors[0]!.message).toBe('"allHazards" pages forward: use "first" and "after"');
});
