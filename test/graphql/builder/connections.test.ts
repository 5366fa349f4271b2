/** Pages of connections put together are the whole list, both ways, now and in the past. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Faultline, startFaultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, makeFaulting, mutate, sendGroups, succeed } from './testing.ts';

let server: Faultline;
beforeAll(async () => {
  const config = { host: '127.0.0.1', port: 0, database: ':memory:', token: null };
  server = await startFaultline({ ...config, durability: 'normal' });
  await makeFaulting(server);
  for (let i = 0; i < 5; i++) await mutate(server, 'ioasAlloc', 'contextId: 1, flags: 1');
  await sendGroups(server, 3, { pages: 2 });
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  for (let i = 0; i < 3; i++) await mutate(server, 'destroy', 'contextId: 1, id: 99');
  return () => server.stop();
});

const NODE = { events: 'seq', operations: 'number' } as const;
type List = keyof typeof NODE;

async function page(list: List, seq: number, args: string): Promise<{ [key: string]: Json }> {
  const data = await ask(
    server,
    `{ machine(at: ${seq}) { ${list}(${args}) { edges { cursor node { ${NODE[list]} } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
  );
  return at(data, 'machine', list) as { [key: string]: Json };
}

function numbersOf(connection: { [key: string]: Json }, list: List): number[] {
  return (connection['edges'] as Json[]).map(edge => {
    const number = at(edge, 'node', NODE[list]) as number;
    expect(at(edge, 'cursor')).toBe(String(number));
    return number;
  });
}

async function whole(list: List, seq: number): Promise<number[]> {
  const all = await server.engine.log.read('default', { limit: 1_000 });
  if (list === 'events') return Array.from({ length: seq }, (_, index) => index + 1);
  return all.filter(operation => operation.seq <= seq).map(({ number }) => number);
}

describe.each(['events', 'operations'] as const)('%s', list => {
  const PLACES = [
    ['now', (seq: number) => seq],
    ['in the past', (seq: number) => seq - 9],
    ['inside an operation', () => 5],
    ['at the beginning', () => 0],
  ] as const;

  test.each(PLACES)('%s', async (_, placeOf) => {
    const seq = placeOf((await server.engine.settled('default')).state.seq);
    const all = await whole(list, seq);
    for (const size of [1, 2, 3, 7, 1_000]) {
      const forward: number[] = [];
      for (let after = ''; ; ) {
        const got = await page(list, seq, `first: ${size}${after}`);
        const numbers = numbersOf(got, list);
        expect(numbers.length).toBeLessThanOrEqual(size);
        forward.push(...numbers);
        if (at(got, 'pageInfo', 'hasNextPage') === false) break;
        expect(numbers).toHaveLength(size);
        after = `, after: "${at(got, 'pageInfo', 'endCursor')}"`;
      }
      expect(forward).toEqual(all);
      const backward: number[] = [];
      for (let before = ''; ; ) {
        const got = await page(list, seq, `last: ${size}${before}`);
        backward.unshift(...numbersOf(got, list));
        if (at(got, 'pageInfo', 'hasPreviousPage') === false) break;
        before = `, before: "${at(got, 'pageInfo', 'startCursor')}"`;
      }
      expect(backward).toEqual(all);
    }
    const between = all.filter(number => number > 3 && number < 8);
    for (const way of ['first', 'last']) {
      const got = await page(list, seq, `${way}: 100, after: "3", before: "8"`);
      expect(numbersOf(got, list)).toEqual(between);
      const two = await page(list, seq, `${way}: 2, after: "3", before: "8"`);
      const expected = way === 'first' ? between.slice(0, 2) : between.slice(-2);
      expect(numbersOf(two, list)).toEqual(expected);
    }
    expect(numbersOf(await page(list, seq, 'first: 0'), list)).toEqual([]);
    expect(numbersOf(await page(list, seq, 'first: 5, after: "999999"'), list)).toEqual([]);
    expect(numbersOf(await page(list, seq, 'last: 3, before: "999999"'), list)).toEqual(
      all.slice(-3),
    );
    expect(numbersOf(await page(list, seq, 'last: 3, before: "1"'), list)).toEqual([]);
  });
});

test('objects and machines page forward', async () => {
  for (let i = 0; i < 5; i++) await succeed(server, 'ioasAlloc', 'contextId: 1');
  for (const name of ['a', 'b', 'c']) {
    await ask(server, `mutation { machineCreate(input: {machineId: "${name}"}) { __typename } }`);
  }
  const walk = async (read: (after: string) => Promise<Json>, key: string) => {
    const found: Json[] = [];
    for (let after = ''; ; ) {
      const got = await read(after);
      // No page says that there is another where there is none.
      expect(at(got, 'edges')).not.toEqual([]);
      found.push(...(at(got, 'edges') as Json[]).map(edge => at(edge, 'node', key)));
      if (at(got, 'pageInfo', 'hasNextPage') === false) return found;
      after = `, after: "${at(got, 'pageInfo', 'endCursor')}"`;
    }
  };
  const info = 'pageInfo { hasNextPage endCursor }';
  const objects = (filter: string) => (after: string) =>
    ask(
      server,
      `{ machine { context(contextId: 1) {
        objects(first: 2${filter}${after}) { edges { node { objectId } } ${info} } } } }`,
    ).then(data => at(data, 'machine', 'context', 'objects'));
  expect(await walk(objects(''), 'objectId')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(await walk(objects(', objectType: IOAS'), 'objectId')).toEqual([2, 6, 7, 8, 9, 10]);
  const machines = (after: string) =>
    ask(server, `{ machines(first: 2${after}) { edges { node { machineId } } ${info} } }`).then(
      data => at(data, 'machines'),
    );
  expect(await walk(machines, 'machineId')).toEqual(['a', 'b', 'c', 'default']);
});

test('machine(at:) shows the past, and its events agree with it', async () => {
  const data = await ask(
    server,
    `{ now: machine { seq contexts { objectCount } unansweredIopfGroupCount }
       born: machine(at: 0) { seq contexts { contextId } physicalDevices { name } }
       topology: machine(at: 11) { seq contexts { contextId objectCount } physicalDevices { name } }
       bound: machine(at: 13) { seq contexts { objects { edges { node { objectId objectType } } } } } }`,
  );
  expect(data).toMatchObject({
    now: { contexts: [{ objectCount: 10 }], unansweredIopfGroupCount: 0 },
    born: { seq: 0, contexts: [], physicalDevices: [] },
    topology: { seq: 11, contexts: [{ contextId: 1, objectCount: 0 }] },
    bound: {
      seq: 13,
      contexts: [{ objects: { edges: [{ node: { objectId: 1, objectType: 'DEVICE' } }] } }],
    },
  });
  expect(at(data, 'topology', 'physicalDevices') as Json[]).toHaveLength(5);
});
