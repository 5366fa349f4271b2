/** The first place in the log that a condition fits. */
import { expect, test } from 'vitest';
import { COMMAND_TYPES, OPERATIONS } from '../../../src/core/machine/command.ts';
import { MUTATIONS } from '../../../src/graphql/mutations.ts';
import { schema } from '../../../src/graphql/schema.ts';
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

const REFUSED: readonly (readonly [args: string, said: RegExp])[] = [
  [
    'condition: {}',
    /^"condition" must have at least one of errno, operation, object, eventType, hazard, responseCode$/,
  ],
  ['condition: {operation: hwptAlloc}', /^"condition.operation": .*hwptAlloc.*HwptAlloc/],
  ['condition: {operation: "HwptAlloc"}', /^"condition.operation": .*"HwptAlloc"/],
  ['condition: {operation: constructor}', /^"condition.operation": .*constructor/],
  ['condition: {errno: ENOWAY}', /^"condition.errno": .*ENOWAY/],
  [
    'condition: {object: {kind: IOAS, id: 1}}',
    /^"condition.object.contextId" must be given: IOAS takes contextId, id$/,
  ],
  ['condition: {errno: EBUSY}, after: -1', /^"after" must be 0 or more, not -1$/],
];

test.each(REFUSED)('firstWhere(%s) is refused', async (args, said) => {
  const { errors } = await post(
    await start(),
    `{ machine { firstWhere(${args}) { operation { number } } } }`,
  );
  expect(errors).toHaveLength(1);
  expect(errors[0]!.message).toMatch(said);
});

test('every type of operation names the mutation that asks for one', () => {
  const named = COMMAND_TYPES.map(type => OPERATIONS[type].mutation).filter(name => name !== null);
  expect(COMMAND_TYPES.filter(type => OPERATIONS[type].mutation === null)).toEqual([
    'KernelReplace',
    'CallRefused',
    'CallAnswered',
  ]);
  const fields = Object.keys(schema.getMutationType()!.getFields());
  expect(fields).toEqual(expect.arrayContaining(named));
  expect(
    Object.values(MUTATIONS)
      .map(({ name }) => name)
      .concat('machineCreate')
      .sort(),
  ).toEqual(named.toSorted());
});

/** A machine with a refusal, two groups, an answer and a hazard. */
async function eventful() {
  const server = await start();
  await makeFaulting(server);
  await mutate(server, 'destroy', 'contextId: 1, id: 5');
  await sendGroups(server, 2);
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4');
  await succeed(
    server,
    'faultWrite',
    'contextId: 1, faultId: 4, responses: [{cookie: 2, code: IOMMUFD_PAGE_RESP_SUCCESS}]',
  );
  await succeed(server, 'faultClose', 'contextId: 1, faultId: 4');
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  return server;
}

const FIRST: readonly (readonly [condition: string, command: string, event: string | null])[] = [
  ['errno: EBUSY', 'Destroy', null],
  ['operation: HwptAlloc', 'HwptAlloc', null],
  ['object: {kind: HWPT_NESTED, contextId: 1, id: 5}', 'HwptAlloc', 'HwptNestedAllocated'],
  [
    'object: {kind: HWPT_NESTED, contextId: 1, id: 5}, operation: DeviceAttach',
    'DeviceAttach',
    null,
  ],
  ['object: {kind: HWPT_NESTED, contextId: 1, id: 5}, errno: EBUSY', 'Destroy', null],
  ['object: {kind: HWPT_PAGING, contextId: 1, id: 3}', 'HwptAlloc', 'HwptPagingAllocated'],
  ['object: {kind: IOPF_GROUP, id: 2}', 'PageRequestSend', 'IopfGroupQueued'],
  [
    'object: {kind: IOPF_GROUP, id: 2}, responseCode: IOMMUFD_PAGE_RESP_SUCCESS',
    'FaultWrite',
    'PageResponseWritten',
  ],
  ['responseCode: IOMMUFD_PAGE_RESP_INVALID', 'DeviceDetach', 'PageResponseSent'],
  ['hazard: FAULT_FILE_CLOSED', 'FaultClose', 'HazardRecorded'],
  ['eventType: IopfGroupAutoResponded', 'DeviceDetach', 'IopfGroupAutoResponded'],
  [
    'eventType: PageResponseSent, object: {kind: IOPF_GROUP, id: 1}',
    'DeviceDetach',
    'PageResponseSent',
  ],
];

test('each condition finds the first place it fits, and conditions hold together', async () => {
  const server = await eventful();
  for (const [condition, command, event] of FIRST) {
    const data = await ask(
      server,
      `{ machine { firstWhere(condition: {${condition}}) {
        operation { command } event { type } } } }`,
    );
    expect(at(data, 'machine', 'firstWhere'), condition).toEqual({
      operation: { command },
      event: event === null ? null : { type: event },
    });
  }
});

const NOWHERE = [
  'errno: ENOSPC',
  'errno: EBUSY, operation: HwptAlloc',
  'object: {kind: HWPT_PAGING, contextId: 2, id: 5}',
  'object: {kind: HWPT_PAGING, contextId: 1, id: 5}',
  'object: {kind: IOAS, contextId: 1, id: 5}',
  'object: {kind: HWPT_NESTED, contextId: 1, id: 5}, eventType: IopfGroupRead',
  'responseCode: IOMMU_PAGE_RESP_FAILURE',
];

test.each(NOWHERE)('nowhere: %s', async condition => {
  const data = await ask(
    await eventful(),
    `{ machine { firstWhere(condition: {${condition}}) { operation { number } } } }`,
  );
  expect(data).toEqual({ machine: { firstWhere: null } });
});

test('an id that came back is found as the kind it is of by then', async () => {
  const server = await start();
  await succeed(server, 'contextOpen', '');
  await succeed(server, 'ioasAlloc', 'contextId: 1');
  await succeed(server, 'destroy', 'contextId: 1, id: 1');
  await mutate(server, 'destroy', 'contextId: 1, id: 1');
  await succeed(server, 'faultQueueAlloc', 'contextId: 1');
  await mutate(server, 'destroy', 'contextId: 1, id: 1');
  await succeed(server, 'faultClose', 'contextId: 1, faultId: 1');
  const commands = async (kind: string) => {
    const found: Json[] = [];
    for (let after: Json = 0; ; ) {
      const data: Json = await ask(
        server,
        `{ machine { firstWhere(after: ${after}, condition: {object: {kind: ${kind}, contextId: 1, id: 1}}) {
          operation { number command } } } }`,
      );
      const match: Json = at(data, 'machine', 'firstWhere');
      if (match === null) return found;
      after = at(match, 'operation', 'number');
      found.push(at(match, 'operation', 'command'));
    }
  };
  expect(await commands('IOAS')).toEqual(['IoasAlloc', 'Destroy']);
  expect(await commands('FAULT')).toEqual(['FaultQueueAlloc', 'Destroy', 'FaultClose']);
  expect(await commands('DEVICE')).toEqual([]);
});

test('from one to the next, and not beyond the view', async () => {
  const server = await eventful();
  const numbers = async (machine: string) => {
    const found: Json[] = [];
    for (let after: Json = 0; ; ) {
      const data: Json = await ask(
        server,
        `{ ${machine} { firstWhere(condition: {operation: PageRequestSend}, after: ${after}) {
          operation { number } } } }`,
      );
      const match: Json = at(data, 'machine', 'firstWhere');
      if (match === null) return found;
      after = at(match, 'operation', 'number');
      found.push(after);
    }
  };
  const all = await numbers('machine');
  const named = await ask(
    server,
    `{ machine { operations(last: 100) { edges { node { number command mutation } } } } }`,
  );
  const nodes = (at(named, 'machine', 'operations', 'edges') as Json[]).map(edge =>
    at(edge, 'node'),
  );
  expect(nodes).toContainEqual({
    number: all[0],
    command: 'PageRequestSend',
    mutation: 'pageRequest',
  });
  expect(all).toHaveLength(2);
  const data = await ask(
    server,
    '{ machine { firstWhere(condition: {operation: PageRequestSend}) { operation { seq } } } }',
  );
  const seq = at(data, 'machine', 'firstWhere', 'operation', 'seq');
  expect(await numbers(`machine(at: ${seq})`)).toEqual(all.slice(0, 1));
});
