/** Why an object is as it is. */
import { isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema.ts';
import {
  ask,
  at,
  type Json,
  makeFaulting,
  mutate,
  post,
  start,
  succeed,
} from '../builder/testing.ts';

const REFUSED: readonly (readonly [field: string, said: RegExp])[] = [
  [
    'changes(object: {kind: IOAS, contextId: 1, id: 2}, field: "size") { more }',
    /^"field" must be one of users, hwptIds, .* for IOAS, not "size"$/,
  ],
  [
    'changes(object: {kind: IOAS, contextId: 1, id: 2}, last: 0) { more }',
    /^"last" must be from 1 to 100, not 0$/,
  ],
  [
    'changes(object: {kind: IOAS, contextId: 1, id: 2}, last: 101) { more }',
    /^"last" must be from 1 to 100, not 101$/,
  ],
  [
    'changes(object: {kind: IOAS, id: 2}) { more }',
    /^"object.contextId" must be given: IOAS takes contextId, id$/,
  ],
  [
    'changes(object: {kind: IOMMU_GROUP, contextId: 1, id: 2}) { more }',
    /^"object.contextId" must not be given: IOMMU_GROUP takes id$/,
  ],
  [
    'changes(object: {kind: MACHINE, id: 2}) { more }',
    /^"object.id" must not be given: MACHINE takes no other field$/,
  ],
  [
    'lastChange(object: {kind: AREA, contextId: 1, id: 2}) { event { seq } }',
    /^"object.iova" must be given: AREA takes contextId, id, iova$/,
  ],
  [
    'lastChange(object: {kind: MACHINE}, field: "seq") { event { seq } }',
    /^"field" must be one of baseline, .*, not "seq"$/,
  ],
  [
    'lastChange(object: {kind: MACHINE}, before: 0) { event { seq } }',
    /^"before" must be from 1 to \d+, one after this view, not 0$/,
  ],
  [
    'lastChange(object: {kind: MACHINE}, before: 9999) { event { seq } }',
    /^"before" must be from 1 to \d+, one after this view, not 9999$/,
  ],
  [
    'nextChange(object: {kind: MACHINE}, after: 9999) { event { seq } }',
    /^"after" must be from 0 to \d+, that of this view, not 9999$/,
  ],
  [
    'nextChange(object: {kind: MACHINE}, after: -1) { event { seq } }',
    /^"after" must be from 0 to \d+, that of this view, not -1$/,
  ],
  [
    'nextChange(object: {kind: MACHINE}, after: 0, field: "seq") { event { seq } }',
    /^"field" must be one of baseline, .*, not "seq"$/,
  ],
];

test.each(REFUSED)('%s is refused', async (field, said) => {
  const { errors } = await post(await start(), `{ machine { ${field} } }`);
  expect(errors).toHaveLength(1);
  expect(errors[0]!.message).toMatch(said);
  expect(errors[0]!.extensions?.code).toBe('BAD_USER_INPUT');
});

const LIST = 'changes(field: $field) { more list { event { seq type } changes { field after } } }';

test('every kind of object tells why it is as it is', async () => {
  const server = await start();
  await makeFaulting(server);
  const data = await ask(
    server,
    `query($field: String) { machine { context(contextId: 1) {
      ${LIST}
      object(id: 5) { ${LIST} ... on HwptNested { devices {
        iommuGroup { ${LIST} attachHandle { ${LIST} } }
        physicalDevice { ${LIST} } } } } } } }`,
  );
  const context = at(data, 'machine', 'context');
  const first = (json: Json) => at(json, 'changes', 'list', 0, 'event', 'type');
  const device = at(context, 'object', 'devices', 0);
  expect(first(context)).toBe('ContextOpened');
  expect(first(at(context, 'object'))).toBe('HwptNestedAllocated');
  expect(first(at(device, 'iommuGroup'))).toBe('IommuGroupCreated');
  expect(first(at(device, 'physicalDevice'))).toBe('PciDeviceAdded');
  expect(first(at(device, 'iommuGroup', 'attachHandle'))).toBe('AttachHandleStored');
  expect(at(context, 'object', 'changes', 'list', 2, 'changes')).toEqual([
    { field: 'users', after: 2 },
    { field: 'attachedDeviceIds', after: [1] },
  ]);
});

test('an iopf group tells of its read, and who asked for it', async () => {
  const server = await start();
  await makeFaulting(server);
  await succeed(server, 'pageRequest', 'bdf: "0000:01:00.0", grpid: 1, addr: "0x1000"', 'outcome');
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4');
  const data = await ask(
    server,
    `{ machine { context(contextId: 1) { object(id: 4) { ... on FaultQueue { awaitingResponse {
      changes { list { event { type operation { command } } changes { field after } } }
    } } } } } }`,
  );
  const list = at(data, 'machine', 'context', 'object', 'awaitingResponse', 0, 'changes', 'list');
  expect(at(list, 1)).toEqual({
    event: { type: 'IopfGroupRead', operation: { command: 'FaultRead' } },
    changes: [
      { field: 'cookie', after: 1 },
      { field: 'reader', after: 'READ' },
      { field: 'readSeq', after: at(await ask(server, '{ machine { seq } }'), 'machine', 'seq') },
    ],
  });
});

test('last changes lead from one to the one before, also after the object is gone', async () => {
  const server = await start();
  await makeFaulting(server);
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  await succeed(server, 'destroy', 'contextId: 1, id: 5');
  const steps: Json[] = [];
  let before = '';
  for (;;) {
    const data = await ask(
      server,
      `{ machine { lastChange(object: {kind: HWPT_NESTED, contextId: 1, id: 5}, field: "users" ${before}) {
        event { seq type } changes { kind before after } } } }`,
    );
    const change = at(data, 'machine', 'lastChange');
    if (change === null) break;
    steps.push([at(change, 'event', 'type'), at(change, 'changes', 0, 'after')]);
    before = `, before: ${at(change, 'event', 'seq')}`;
  }
  expect(steps).toEqual([
    ['ObjectDestroyed', null],
    ['DeviceDetached', 1],
    ['DeviceAttached', 2],
    ['HwptNestedAllocated', 1],
  ]);
});

test('a field, change by change, forwards: what lastChange says backwards', async () => {
  const server = await start();
  await makeFaulting(server);
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  await succeed(server, 'destroy', 'contextId: 1, id: 5');
  const next = async (after: number, view = '') =>
    at(
      await ask(
        server,
        `{ machine${view} { nextChange(object: {kind: HWPT_NESTED, contextId: 1, id: 5},
          field: "users", after: ${after}) { event { seq type } changes { kind before after } } } }`,
      ),
      'machine',
      'nextChange',
    );
  const steps: Json[] = [];
  let seq = 0;
  for (let change = await next(0); change !== null; change = await next(seq)) {
    steps.push([at(change, 'event', 'type'), at(change, 'changes', 0, 'after')]);
    seq = Number(at(change, 'event', 'seq'));
  }
  expect(steps).toEqual([
    ['HwptNestedAllocated', 1],
    ['DeviceAttached', 2],
    ['DeviceDetached', 1],
    ['ObjectDestroyed', null],
  ]);
  // Nothing behind the view.
  expect(await next(seq - 1, `(at: ${seq - 1})`)).toBeNull();
});

test('an area, by its key: mapped, and gone', async () => {
  const server = await start();
  await makeFaulting(server);
  const range = 'contextId: 1, ioasId: 2, iova: "0x7000", length: "0x1000"';
  const fixed = 'flags: [IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_FIXED_IOVA]';
  await succeed(server, 'ioasMap', `${range}, userVa: "0x10000000", ${fixed}`);
  await succeed(server, 'ioasUnmap', range);
  const data = await ask(
    server,
    `{ machine { changes(object: {kind: AREA, contextId: 1, id: 2, iova: "0x7000"}) {
      more list { event { type } changes { kind before after object { name iova } } } } } }`,
  );
  const area = { last: '0x7fff', pagesId: 1, userVa: '0x10000000', prot: 4, pins: null };
  const object = { name: 'area 0x7000 of IOAS 2 of context 1', iova: '0x7000' };
  expect(at(data, 'machine', 'changes')).toEqual({
    more: null,
    list: [
      {
        event: { type: 'AreaMapped' },
        changes: [{ kind: 'APPEARED', before: null, after: area, object }],
      },
      {
        event: { type: 'AreaUnmapped' },
        changes: [{ kind: 'WENT', before: area, after: null, object }],
      },
    ],
  });
});

test('a view of the past knows nothing of what came later', async () => {
  const server = await start();
  await makeFaulting(server);
  const { seq } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  const last = (view: string) =>
    ask(
      server,
      `{ machine${view} { lastChange(object: {kind: DEVICE, contextId: 1, id: 1}, field: "attached") {
        event { type } } } }`,
    );
  expect(at(await last(''), 'machine', 'lastChange', 'event', 'type')).toBe('DeviceDetached');
  expect(at(await last(`(at: ${seq})`), 'machine', 'lastChange', 'event', 'type')).toBe(
    'DeviceAttached',
  );
});

test('a refusal shows the state it saw', async () => {
  const server = await start();
  await makeFaulting(server);
  const users = 'context(contextId: 1) { object(id: 5) { users } }';
  const refused = await mutate(server, 'destroy', 'contextId: 1, id: 5');
  const id = at(refused, 'operation', 'id');
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  const data = await ask(
    server,
    `query($id: ID!) { node(id: $id) { ... on Operation {
      errno trace { function } machineBefore { seq ${users} } machineAfter { seq ${users} } } }
      machine { ${users} } }`,
    { id },
  );
  const saw = { seq: at(refused, 'operation', 'seqBefore'), context: { object: { users: 2 } } };
  expect(at(data, 'node')).toMatchObject({ errno: 'EBUSY', machineBefore: saw, machineAfter: saw });
  expect(at(data, 'machine')).toEqual({ context: { object: { users: 1 } } });
});

test('a field of a type whose resolver asks the engine or the history is marked, or its errors are masked', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const asking = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(type => !roots.includes(type))
    .flatMap(type => Object.values(type.getFields()))
    .filter(({ extensions }) => {
      const options = extensions['pothosOptions'] as { resolve?: unknown } | undefined;
      return /\b(engine|history)\b/.test(String(options?.resolve));
    });
  expect(asking.length).toBeGreaterThan(5);
  expect(asking.filter(({ extensions }) => !extensions['readsLog'])).toEqual([]);
});

test('fields that read the log are marked as such on every type that has them', () => {
  const marked = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap(type => Object.values(type.getFields()).map(field => ({ type, field })))
    .filter(({ field }) => field.extensions['readsLog'])
    .map(({ type, field }) => [`${type.name}.${field.name}`, field.extensions['dependsOn']])
    .map(([name, dependsOn]) => (dependsOn === undefined ? name : `${name} ${dependsOn}`));
  expect(marked.sort()).toMatchInlineSnapshot(`
    [
      "Access.changes EVENTS",
      "AttachHandle.changes EVENTS",
      "Bookmark.machine",
      "Device.changes EVENTS",
      "Dma.life EVENTS",
      "Event.raw EVENTS",
      "Event.summary EVENTS",
      "FaultQueue.changes EVENTS",
      "Fork.parent",
      "Hazard.operation EVENTS",
      "Hazard.plantedBy EVENTS",
      "HwptNested.changes EVENTS",
      "HwptPaging.changes EVENTS",
      "Ioas.changes EVENTS",
      "Iommu.changes EVENTS",
      "IommuGroup.changes EVENTS",
      "IommufdContext.changes EVENTS",
      "IopfGroup.changes EVENTS",
      "IopfGroupRecord.life OPERATIONS",
      "Machine.allHazards EVENTS",
      "Machine.bookmarks",
      "Machine.changes EVENTS",
      "Machine.dmaLife EVENTS",
      "Machine.dmas EVENTS",
      "Machine.events EVENTS",
      "Machine.firstSeqWhere EVENTS",
      "Machine.firstWhere OPERATIONS",
      "Machine.forkedFrom",
      "Machine.forks",
      "Machine.graph EVENTS",
      "Machine.hash EVENTS",
      "Machine.invariantViolations",
      "Machine.iopfGroupLife EVENTS",
      "Machine.iopfGroups OPERATIONS",
      "Machine.lastChange EVENTS",
      "Machine.life",
      "Machine.nextChange EVENTS",
      "Machine.operations OPERATIONS",
      "Machine.overview OPERATIONS",
      "Machine.rerun",
      "Machine.seqAt OPERATIONS",
      "Machine.steps EVENTS",
      "MachineEventsConnection.totalCount EVENTS",
      "MachineOperationsConnection.totalCount OPERATIONS",
      "MockDevice.changes EVENTS",
      "Operation.hash EVENTS",
      "Operation.machineAfter",
      "Operation.machineBefore",
      "PciDevice.changes EVENTS",
      "Rerun.firstDifference",
      "Rerun.machine",
      "Rerun.recorded",
      "Rerun.steps",
      "SelftestDevice.changes EVENTS",
    ]
  `);
});
