/** The graph can be walked both ways, and every Node comes back by its id. */
import { isInterfaceType } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema.ts';
import { ask, at, type Json, makeFaulting, post, sendGroups, start, succeed } from './testing.ts';

test('from the context to the iopf groups and back', async () => {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4');
  await sendGroups(server, 1, { first: 1, pages: 2 });
  const down = await ask(
    server,
    `{ machine { context(contextId: 1) { object(id: 2) { ... on Ioas { ioasId users
      hwpts { hwptId users
        nestedHwpts { hwptId users dataType faultQueue { faultId }
          devices { devId users hwpt { hwptId }
            iommuGroup { iommuGroupId domain { kind hwpt { hwptId } }
              attachHandle { device { devId } hwpt { hwptId faultQueue { faultId users
                deliver { iopfGroupId cookie requests { grpid addr } }
                awaitingResponse { iopfGroupId cookie reader messages { cookie addr devId } } } } } } } } } } } } } }`,
  );
  const parent = at(down, 'machine', 'context', 'object', 'hwpts', 0);
  expect(parent).toMatchObject({ hwptId: 3, users: 2 });
  const nested = at(parent, 'nestedHwpts', 0);
  expect(nested).toMatchObject({
    hwptId: 5,
    users: 2,
    dataType: 'IOMMU_HWPT_DATA_VTD_S1',
    faultQueue: { faultId: 4 },
    devices: [{ devId: 1, hwpt: { hwptId: 5 } }],
  });
  const group = at(nested, 'devices', 0, 'iommuGroup');
  expect(group).toMatchObject({
    domain: { kind: 'HWPT', hwpt: { hwptId: 5 } },
    attachHandle: { device: { devId: 1 }, hwpt: { hwptId: 5 } },
  });
  expect(at(group, 'attachHandle', 'hwpt', 'faultQueue')).toEqual({
    faultId: 4,
    users: 3,
    deliver: [
      {
        iopfGroupId: 2,
        cookie: null,
        requests: [
          { grpid: 1, addr: '0x1000' },
          { grpid: 1, addr: '0x2000' },
        ],
      },
    ],
    awaitingResponse: [
      {
        iopfGroupId: 1,
        cookie: 1,
        reader: 'READ',
        messages: [{ cookie: 1, addr: '0x1000', devId: 1 }],
      },
    ],
  });
  const up = await ask(
    server,
    `{ machine { context(contextId: 1) { object(id: 4) { ... on FaultQueue { deliver {
      faultQueue { faultId } physicalDevice { name device { devId } }
      attachHandle { iommuGroup {
          attachedDevices { devId } boundDevices { devId } physicalDevices { name }
          owner { contextId } }
        hwpt { ... on HwptNested { parent { hwptId ioas { ioasId context { contextId machine { machineId } } } } } } } } } } } } }`,
  );
  expect(at(up, 'machine', 'context', 'object', 'deliver', 0)).toEqual({
    faultQueue: { faultId: 4 },
    physicalDevice: { name: '0000:01:00.0', device: { devId: 1 } },
    attachHandle: {
      iommuGroup: {
        attachedDevices: [{ devId: 1 }],
        physicalDevices: [{ name: '0000:01:00.0' }],
        owner: { contextId: 1 },
        boundDevices: [{ devId: 1 }],
      },
      hwpt: {
        parent: {
          hwptId: 3,
          ioas: { ioasId: 2, context: { contextId: 1, machine: { machineId: 'default' } } },
        },
      },
    },
  });
});

test('users is the number of holders, each by name', async () => {
  const server = await start();
  await makeFaulting(server);
  await succeed(server, 'testMockDomain', 'contextId: 1, ptId: 2');
  const data = await ask(
    server,
    `{ machine { context(contextId: 1) { objects { edges { node {
      objectId objectType users holders { reason object { objectId } } } } } } } }`,
  );
  const edges = at(data, 'machine', 'context', 'objects', 'edges') as Json[];
  const held = edges.map(edge => at(edge, 'node') as { [key: string]: Json });
  expect(held.map(({ objectId, objectType }) => [objectId, objectType])).toEqual([
    [1, 'DEVICE'],
    [2, 'IOAS'],
    [3, 'HWPT_PAGING'],
    [4, 'FAULT'],
    [5, 'HWPT_NESTED'],
    [6, 'SELFTEST'],
    [7, 'DEVICE'],
    [8, 'HWPT_PAGING'],
  ]);
  for (const { objectId, users, holders } of held) {
    expect((holders as Json[]).length, `object ${objectId}`).toBe(users);
  }
  const ids = held.map(({ holders }) =>
    (holders as Json[]).map(holder => {
      const object = at(holder, 'object');
      return object === null ? null : at(object, 'objectId');
    }),
  );
  expect(ids[1]).toEqual([null, 3, 8]);
  expect(ids[2]).toEqual([null, 5]);
  expect(ids[3]).toEqual([null, null, 5]);
  expect(ids[4]).toEqual([null, 1]);
});

test('every type that is a Node comes back by its id, and is null once it is gone', async () => {
  const server = await start();
  await makeFaulting(server);
  await succeed(server, 'testMockDomain', 'contextId: 1, ptId: 2');
  await succeed(server, 'testCreateAccess', 'contextId: 1, ioasId: 2');
  const data = await ask(
    server,
    `{ machine { id contexts { id objects { edges { node { ... on Node { id } } } } }
       operations(first: 3) { edges { node { id } } } } }`,
  );
  const ids = new Set<string>();
  JSON.stringify(data, (key, value) => {
    if (key === 'id') ids.add(value as string);
    return value;
  });
  const many = [...ids];
  const back = await ask(server, 'query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', {
    ids: many,
  });
  expect((at(back, 'nodes') as Json[]).map(node => at(node, 'id'))).toEqual(many);
  const found = new Set((at(back, 'nodes') as Json[]).map(node => at(node, '__typename')));
  const node = schema.getType('Node');
  if (!isInterfaceType(node)) throw new Error('Node is an interface');
  const types = schema.getImplementations(node).objects.map(({ name }) => name);
  expect([...found].sort()).toEqual([...types].sort());
  for (const id of many) {
    const one = await ask(server, 'query($id: ID!) { node(id: $id) { id } }', { id });
    expect(at(one, 'node', 'id')).toBe(id);
  }
  await ask(server, 'mutation { machineDelete(input: {machineId: "default"}) }');
  for (const id of many) {
    const gone = await ask(server, 'query($id: ID!) { node(id: $id) { id } }', { id });
    expect(gone).toEqual({ node: null });
  }
});

test('an object’s id is null once it is destroyed, and never another type’s', async () => {
  const server = await start();
  await makeFaulting(server);
  const { ioas } = await succeed(server, 'ioasAlloc', 'contextId: 1', 'ioas { id }');
  const id = at(ioas!, 'id');
  const read = () => ask(server, 'query($id: ID!) { node(id: $id) { id __typename } }', { id });
  expect(at(await read(), 'node', '__typename')).toBe('Ioas');
  await succeed(server, 'destroy', 'contextId: 1, id: 6');
  expect(await read()).toEqual({ node: null });
  await succeed(server, 'faultQueueAlloc', 'contextId: 1');
  expect(await read()).toEqual({ node: null });
});

const NONSENSE = [
  'Machine:',
  'Machine:nobody',
  'Machine:default/1',
  'Machine:__proto__',
  'IommufdContext:default',
  'IommufdContext:default/0',
  'IommufdContext:default/01',
  'IommufdContext:default/1/2',
  'Operation:default/0',
  'Operation:default/-1',
  'Operation:default/1.5',
  'Operation:default/1e0',
  'Operation:default/abc',
  'Operation:default/999999999999999999999',
  'Operation:nobody/1',
  'Ioas:default/1/1',
  'Ioas:default/1',
  'Ioas:default/1/x',
  'Device:default/9/1',
  'FaultQueue:default/1/5',
  'Event:default/1',
  'Query:1',
  'String:1',
  'constructor:1',
  ':',
  '',
  '\u0000',
  `Machine:${'x'.repeat(10_000)}`,
];

test.each(NONSENSE.map(text => [text.slice(0, 50), text]))('a nonsense id: %s', async (_, text) => {
  const server = await start();
  await makeFaulting(server);
  for (const id of [btoa(text), text]) {
    const answer = await post(server, 'query($id: ID!) { node(id: $id) { id } }', { id });
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ node: null });
    for (const { message } of answer.errors) expect(message).not.toMatch(/Unexpected/);
  }
});
