/** Moments, bookmarks, forks and what if, as a client uses them. Wrong input first. */
import { describe, expect, test } from 'vitest';
import {
  ask,
  at,
  type Json,
  makeFaulting,
  mutate,
  post,
  sendGroups,
  start,
  succeed,
} from '../builder/testing.ts';

type Server = Awaited<ReturnType<typeof start>>;

/** Two groups read; the handler means to answer the second, and answers the first. */
async function wrongAnswer(): Promise<{ server: Server; end: number; answer: number }> {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 2);
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4, count: 80');
  const written = await succeed(
    server,
    'faultWrite',
    'contextId: 1, faultId: 4, responses: [{cookie: 1, code: IOMMUFD_PAGE_RESP_INVALID}]',
    'operation { number }',
  );
  const answer = at(written, 'operation', 'number') as number;
  const refused = await mutate(server, 'destroy', 'contextId: 1, id: 99');
  expect(refused['errno']).toBe('ENOENT');
  return { server, answer, end: answer + 1 };
}

const refusals: [string, string, RegExp][] = [
  ['two moments', '{ machine(at: 1, atOperation: 1) { seq } }', /one of "at", "atOperation"/],
  ['an operation that is not there', '{ machine(atOperation: 99) { seq } }', /from 1 to \d+, .*99/],
  ['operation 0', '{ machine(atOperation: 0) { seq } }', /from 1 to/],
  ['no such bookmark', '{ machine(atBookmark: "x") { seq } }', /no bookmark "x".*"bookmarks"/],
  [
    'refused operation 0',
    '{ machine(atBookmark: "refused-0") { seq } }',
    /no bookmark "refused-0"/,
  ],
  ['no name of one', '{ machine(atBookmark: "a b") { seq } }', /BookmarkName must be 1 to 64/],
  [
    'a fork inside an operation',
    'mutation { machineFork(input: {from: {machineId: "default", at: 2}, machineId: "f"}) { machine { seq } } }',
    /seq 2 is in the middle of operation 1 .*take 0, before it, or \d+, after it/,
  ],
  [
    'a fork at the beginning',
    'mutation { machineFork(input: {from: {machineId: "default", at: 0}, machineId: "f"}) { machine { seq } } }',
    /at least the end of operation 1/,
  ],
  [
    'a fork beyond the end',
    'mutation { machineFork(input: {from: {machineId: "default", at: 999}, machineId: "f"}) { machine { seq } } }',
    /from 0 to \d+, the newest seq of machine "default", not 999/,
  ],
  [
    'a fork under a name that is taken',
    'mutation { machineFork(input: {from: {machineId: "default"}, machineId: "default"}) { machine { seq } } }',
    /exists already/,
  ],
  [
    'a rerun inside an operation',
    'mutation { whatIf(input: {at: 2, newMachineId: "f"}) { machine { seq } } }',
    /in the middle of operation 1/,
  ],
  [
    'a rerun to beyond the end',
    'mutation { whatIf(input: {toOperation: 999, newMachineId: "f"}) { machine { seq } } }',
    /"input.toOperation" must be from 1 to \d+, not 999/,
  ],
  [
    'an edit of the operation that makes the machine',
    'mutation { whatIf(input: {newMachineId: "f", edits: [{operation: 1, leaveOut: true}]}) { machine { seq } } }',
    /"input.edits\[0\].operation" must be from 2 to \d+, which run again, not 1/,
  ],
  [
    'an edit that changes nothing',
    'mutation { whatIf(input: {newMachineId: "f", edits: [{operation: 2}]}) { machine { seq } } }',
    /"input.edits\[0\]" changes nothing/,
  ],
  [
    'an edit that does two things',
    'mutation { whatIf(input: {newMachineId: "f", edits: [{operation: 2, leaveOut: true, instead: {contextOpen: {}}}]}) { machine { seq } } }',
    /"input.edits\[0\]" has both/,
  ],
  [
    'two edits of one operation',
    'mutation { whatIf(input: {newMachineId: "f", edits: [{operation: 2, leaveOut: true}, {operation: 2, leaveOut: true}]}) { machine { seq } } }',
    /"input.edits\[1\].operation" is 2 a second time/,
  ],
  [
    'an operation in place of another that is two',
    'mutation { whatIf(input: {newMachineId: "f", edits: [{operation: 2, instead: {contextOpen: {}, destroy: {contextId: 1, id: 1}}}]}) { machine { seq } } }',
    /OperationInput.*exactly one/i,
  ],
  [
    'a bookmark with a reserved name',
    'mutation { bookmarkAdd(input: {name: "refused-x"}) { name } }',
    /"refused-x" begins with "refused-", as only the names of refused operations/,
  ],
];

test.each(refusals)('%s is an error that says what would be right', async (_, query, message) => {
  const server = await start();
  await makeFaulting(server);
  const before = await server.engine.log.machines({ after: null, limit: 9 });
  const { errors } = await post(server, query);
  expect(errors.map(error => error.message).join('\n')).toMatch(message);
  expect(errors.every(error => error.extensions?.code !== 'INTERNAL_SERVER_ERROR')).toBe(true);
  expect(await server.engine.log.machines({ after: null, limit: 9 })).toEqual(before);
});

describe('a moment', () => {
  test('is a seq, an operation or a bookmark, with all that was then', async () => {
    const { server, answer, end } = await wrongAnswer();
    await ask(
      server,
      `mutation { bookmarkAdd(input: {name: "before-it", note: "why?", atOperation: ${answer - 1}}) { seq } }`,
    );
    const state = 'seq unansweredIopfGroupCount';
    const data = await ask(
      server,
      `{ byOperation: machine(atOperation: ${answer - 1}) { ${state} }
         byBookmark: machine(atBookmark: "before-it") { ${state} }
         byRefusal: machine(atBookmark: "refused-${end}") { ${state} }
         now: machine { ${state} bookmarks(first: 5) { edges { node { name kind note operation machine { ${state} } } } pageInfo { hasNextPage } } } }`,
    );
    expect(at(data, 'byOperation', 'unansweredIopfGroupCount')).toBe(2);
    expect(at(data, 'byBookmark')).toEqual(at(data, 'byOperation'));
    expect(at(data, 'byRefusal', 'unansweredIopfGroupCount')).toBe(1);
    const nodes = (at(data, 'now', 'bookmarks', 'edges') as Json[]).map(edge => at(edge, 'node'));
    expect(nodes).toMatchObject([
      { name: 'before-it', kind: 'NAMED', note: 'why?', operation: answer - 1 },
      { name: `refused-${end}`, kind: 'REFUSED', note: 'Destroy: ENOENT', operation: end },
    ]);
    expect(at(nodes[0]!, 'machine')).toEqual(at(data, 'byBookmark'));
    const gone = await ask(server, 'mutation { bookmarkDelete(input: {name: "before-it"}) }');
    expect(at(gone, 'bookmarkDelete')).toBe(true);
  });
});

test('what a set holds is listed in one order, now and in the past', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 3);
  const read = 'contextId: 1, faultId: 4, count: 120';
  await succeed(server, 'faultRead', read);
  const code = 'code: IOMMUFD_PAGE_RESP_SUCCESS';
  const answer = `contextId: 1, faultId: 4, responses: [{cookie: 1, ${code}}]`;
  await succeed(server, 'faultWrite', answer);
  await sendGroups(server, 1, { first: 9 });
  await succeed(server, 'faultRead', read);
  const { seq } = (await server.engine.log.head('default'))!;
  await succeed(server, 'contextOpen', '');
  const FIELDS =
    'context(contextId: 1) { object(id: 4) { ... on FaultQueue { awaitingResponse { cookie } } } }';
  const data = await ask(
    server,
    `{ now: machine { ${FIELDS} } then: machine(at: ${seq}) { ${FIELDS} } }`,
  );
  for (const when of ['now', 'then']) {
    const groups = at(data, when, 'context', 'object', 'awaitingResponse');
    expect(groups, when).toEqual([{ cookie: 1 }, { cookie: 2 }, { cookie: 3 }]);
  }
});

describe('a fork', () => {
  test('shares the past and goes its own way; its parent stays while it does', async () => {
    const { server, answer } = await wrongAnswer();
    const forked = await ask(
      server,
      `mutation { machineFork(input: {from: {machineId: "default", atOperation: ${answer - 1}}, machineId: "right"})
        { machine { machineId seq forkedFrom { operation seq parent { machineId unansweredIopfGroupCount } } } } }`,
    );
    expect(at(forked, 'machineFork', 'machine', 'forkedFrom')).toMatchObject({
      operation: answer - 1,
      parent: { machineId: 'default', unansweredIopfGroupCount: 2 },
    });
    await succeed(
      server,
      'faultWrite',
      'machineId: "right", contextId: 1, faultId: 4, responses: [{cookie: 2, code: IOMMUFD_PAGE_RESP_SUCCESS}]',
    );
    const data = await ask(
      server,
      `{ default: machine { forks { machineId } context(contextId: 1) { contextId } }
         right: machine(machineId: "right") { operations(last: 1) { edges { node { command number } } }
           events(first: 1) { edges { node { type } } } } }`,
    );
    expect(at(data, 'default', 'forks')).toEqual([{ machineId: 'right' }]);
    expect(at(data, 'right', 'operations', 'edges', 0, 'node')).toEqual({
      command: 'FaultWrite',
      number: answer,
    });
    expect(at(data, 'right', 'events', 'edges', 0, 'node', 'type')).toBe('MachineCreated');
    const deleteDefault = 'mutation { machineDelete(input: {machineId: "default"}) }';
    const { errors } = await post(server, deleteDefault);
    expect(errors[0]).toMatchObject({ extensions: { code: 'HAS_DEPENDENTS' } });
    expect(errors[0]!.message).toMatch(
      /is what others were made of \("right"\); delete them first/,
    );
    await ask(server, 'mutation { machineDelete(input: {machineId: "right"}) }');
    expect(at(await ask(server, deleteDefault), 'machineDelete')).toBe(true);
  });
});

describe('what if', () => {
  const STEPS = `steps(first: 50, differing: [ERRNO, REPLY, EVENTS]) {
    edges { node { differs recorded { number command errno } rerun { number command errno } } } }`;

  test('the right group had been answered', async () => {
    const { server, answer } = await wrongAnswer();
    const data = await ask(
      server,
      `mutation { whatIf(input: {atOperation: ${answer - 1}, newMachineId: "right", edits: [{
          operation: ${answer}
          before: [{contextOpen: {}}]
          instead: {faultWrite: {contextId: 1, faultId: 4,
            responses: [{cookie: 2, code: IOMMUFD_PAGE_RESP_SUCCESS}]}}
        }]}) { machine { machineId context(contextId: 1) { contextId } }
          rerun { fromOperation toOperation recorded { machineId } ${STEPS}
            firstDifference(aspects: [EVENTS]) { recorded { number } rerun { command } } } } }`,
    );
    const again = at(data, 'whatIf', 'rerun');
    expect(again).toMatchObject({ fromOperation: answer - 1, toOperation: answer + 1 });
    const steps = (at(again, 'steps', 'edges') as Json[]).map(edge => at(edge, 'node'));
    expect(steps).toEqual([
      {
        differs: ['EVENTS'],
        recorded: { number: answer, command: 'FaultWrite', errno: null },
        rerun: { number: answer + 1, command: 'FaultWrite', errno: null },
      },
    ]);
    expect(at(again, 'firstDifference', 'rerun', 'command')).toBe('FaultWrite');
    // Later, and page by page.
    const later = await ask(
      server,
      `{ machine(machineId: "right") { rerun { ${STEPS} all: steps(first: 1, after: "1") { edges { cursor node { differs } } pageInfo { hasNextPage } } } } }`,
    );
    expect(at(later, 'machine', 'rerun', 'steps')).toEqual(at(again, 'steps'));
    expect(at(later, 'machine', 'rerun', 'all', 'edges', 0, 'cursor')).toBe('2');
    expect(at(later, 'machine', 'rerun', 'all', 'pageInfo', 'hasNextPage')).toBe(false);
  });

  test('it had been another kernel, from the beginning', async () => {
    const { server, end } = await wrongAnswer();
    const data = await ask(
      server,
      `mutation { whatIf(input: {newMachineId: "old", baseline: LINUX_6_11, policies: {autoResponse: ONLY_TO_PLAIN}})
        { machine { baseline policies { autoResponse } rerun { machine { machineId } } }
          rerun { fromOperation toOperation steps(first: 1000) { edges { node { recorded { number } rerun { number } } } } } } }`,
    );
    expect(at(data, 'whatIf', 'machine')).toMatchObject({
      baseline: 'LINUX_6_11',
      policies: { autoResponse: 'ONLY_TO_PLAIN' },
      rerun: { machine: { machineId: 'old' } },
    });
    const steps = at(data, 'whatIf', 'rerun', 'steps', 'edges') as Json[];
    expect(steps.map(edge => at(edge, 'node', 'rerun', 'number'))).toEqual(
      Array.from({ length: end }, (_, i) => i + 1),
    );
  });
});

test('machineFork names the new machine as whatIf does; the old name is deprecated', async () => {
  const server = await start();
  const fork = (input: string) =>
    post(server, `mutation { machineFork(input: {from: {}, ${input}}) { machine { machineId } } }`);
  expect((await fork('newMachineId: "a"')).data).toEqual({
    machineFork: { machine: { machineId: 'a' } },
  });
  expect((await fork('machineId: "b"')).data).toEqual({
    machineFork: { machine: { machineId: 'b' } },
  });
  const both = await fork('newMachineId: "c", machineId: "d"');
  expect(both.errors[0]!.message).toContain('give newMachineId alone');
  const { errors } = await post(
    server,
    'mutation { machineFork(input: {from: {}}) { __typename } }',
  );
  expect(errors[0]!.message).toBe('"input.newMachineId" must be given');
});
