/** PASIDs that are attached, as a user of the API sees them: of a PCI function and of a group of two. */
import { expect, test } from 'vitest';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, mutate, PCI, start, succeed } from '../builder/testing.ts';

const M = 'machineId: "pasids"';
const C = `${M}, contextId: 1`;

/** Device 1, a PCI function; IOAS 2, parent 3, fault queue 4, nested hwpt 5, paging hwpt 6. */
async function withFunction(baseline: string): Promise<Faultline> {
  const server = await start();
  await succeed(server, 'machineCreate', `${M}, baseline: ${baseline}, devices: [{bdf: "${PCI}"}]`);
  await succeed(server, 'contextOpen', M);
  await succeed(server, 'deviceBind', `${C}, bdf: "${PCI}"`);
  await succeed(server, 'ioasAlloc', C);
  const flag = baseline === 'LINUX_6_12_117' ? 0 : 8;
  await succeed(server, 'hwptAlloc', `${C}, devId: 1, ptId: 2, rawFlags: ${1 | flag}`);
  await succeed(server, 'faultQueueAlloc', C);
  const faulting = `rawFlags: ${4 | flag}, faultId: 4, vtdS1: {pgtblAddr: "0x1000"}`;
  await succeed(server, 'hwptAlloc', `${C}, devId: 1, ptId: 3, ${faulting}`);
  await succeed(server, 'hwptAlloc', `${C}, devId: 1, ptId: 2, rawFlags: ${flag}`);
  return server;
}

async function inMachine(server: Faultline, selection: string, moment = ''): Promise<Json> {
  return at(
    await ask(server, `{ machine(machineId: "pasids"${moment}) { ${selection} } }`),
    'machine',
  );
}

async function objectOf(server: Faultline, id: number, selection: string): Promise<Json> {
  const selected = `context(contextId: 1) { object(id: ${id}) { ${selection} } }`;
  return at(await inMachine(server, selected), 'context', 'object');
}

test('a function’s RID and PASIDs: the group, the handles, the device and the hwpts say which', async () => {
  const server = await withFunction('LINUX_7_3_4');
  const before = at(await inMachine(server, 'seq'), 'seq');
  await succeed(server, 'deviceAttach', `${C}, devId: 1, ptId: 6`);
  await succeed(server, 'deviceAttach', `${C}, devId: 1, ptId: 6, pasid: 9`);
  const attached = await succeed(
    server,
    'deviceAttach',
    `${C}, devId: 1, ptId: 5, pasid: 7`,
    'outPtId hwpt { hwptId } device { attached attachedAsPasid hwpt { hwptId } pasids { pasid hwpt { hwptId } } }',
  );
  expect(attached).toMatchObject({
    outPtId: 5,
    hwpt: { hwptId: 5 },
    device: {
      attached: true,
      attachedAsPasid: false,
      hwpt: { hwptId: 6 },
      pasids: [
        { pasid: 7, hwpt: { hwptId: 5 } },
        { pasid: 9, hwpt: { hwptId: 6 } },
      ],
    },
  });
  const PASIDS = `pasid iommuGroup { iommuGroupId } domain { kind hwpt { hwptId } } hwpt { hwptId }
    devices { devId } attachHandle { pasid hwpt { hwptId } device { devId } }`;
  const [group] = at(
    await inMachine(
      server,
      `iommuGroups { iommuGroupId domain { hwpt { hwptId } } attachHandle { pasid }
        attachedDevices { devId } pasids { ${PASIDS} } one: pasids(first: 1) { pasid } }`,
    ),
    'iommuGroups',
  ) as Json[];
  const iommuGroupId = at(group!, 'iommuGroupId');
  const on = (pasid: number, hwptId: number) => ({
    pasid,
    iommuGroup: { iommuGroupId },
    domain: { kind: 'HWPT', hwpt: { hwptId } },
    hwpt: { hwptId },
    devices: [{ devId: 1 }],
    attachHandle: { pasid, hwpt: { hwptId }, device: { devId: 1 } },
  });
  expect(group).toEqual({
    iommuGroupId,
    domain: { hwpt: { hwptId: 6 } },
    attachHandle: { pasid: null },
    attachedDevices: [{ devId: 1 }],
    pasids: [on(7, 5), on(9, 6)],
    one: [{ pasid: 7 }],
  });
  const HWPT = `... on Hwpt { devices { devId } pasids { pasid devices { devId } }
    iommuGroups { iommuGroupId } }`;
  expect(await objectOf(server, 5, HWPT)).toEqual({
    devices: [],
    pasids: [{ pasid: 7, devices: [{ devId: 1 }] }],
    iommuGroups: [{ iommuGroupId }],
  });
  expect(await objectOf(server, 6, HWPT)).toEqual({
    devices: [{ devId: 1 }],
    pasids: [{ pasid: 9, devices: [{ devId: 1 }] }],
    iommuGroups: [{ iommuGroupId }],
  });
  expect(await inMachine(server, 'iommuGroups { pasids { pasid } }', `, at: ${before}`)).toEqual({
    iommuGroups: [{ pasids: [] }],
  });
});

test('who holds a hwpt or a device by PASIDs is said, and so is it where that refuses', async () => {
  const server = await withFunction('LINUX_7_3_4');
  for (const pasid of [9, 7, 8]) {
    const ptId = pasid === 8 ? 5 : 6;
    await succeed(server, 'deviceAttach', `${C}, devId: 1, ptId: ${ptId}, pasid: ${pasid}`);
  }
  const HOLDERS = 'users holders { reason object { objectId } }';
  const device = { objectId: 1 };
  expect(await objectOf(server, 6, HOLDERS)).toEqual({
    users: 3,
    holders: [
      { reason: 'the id table', object: null },
      { reason: 'a device is attached by PASID 7', object: device },
      { reason: 'a device is attached by PASID 9', object: device },
    ],
  });
  expect(await objectOf(server, 1, HOLDERS)).toEqual({
    users: 5,
    holders: [
      { reason: 'the id table', object: null },
      { reason: 'its driver (VFIO or the self-test)', object: null },
      ...[7, 8, 9].map(pasid => ({
        reason: `itself, while attached by PASID ${pasid}`,
        object: device,
      })),
    ],
  });
  expect(await objectOf(server, 6, 'holders(first: 2) { reason }')).toEqual({
    holders: [{ reason: 'the id table' }, { reason: 'a device is attached by PASID 7' }],
  });
  const told: readonly (readonly [id: number, held: string])[] = [
    [6, 'device 1 (0000:01:00.0, attached by 2 PASIDs)'],
    [5, 'device 1 (0000:01:00.0, attached by 1 PASID)'],
    [1, 'its driver (VFIO or the self-test), device 1 (0000:01:00.0, attached by 3 PASIDs)'],
  ];
  for (const [id, held] of told) {
    const refused = await mutate(server, 'destroy', `${C}, id: ${id}`);
    expect(refused).toMatchObject({ errno: 'EBUSY', message: expect.stringContaining(held) });
  }
});

test('a page request goes by its PASID, and the graph and the changes show the way', async () => {
  const server = await withFunction('LINUX_7_3_4');
  await succeed(server, 'deviceAttach', `${C}, devId: 1, ptId: 6`);
  const attached = await succeed(
    server,
    'deviceAttach',
    `${C}, devId: 1, ptId: 5, pasid: 7`,
    'seq events { type summary data }',
  );
  const stored = (attached['events'] as Json[]).find(
    event => at(event, 'type') === 'AttachHandleStored',
  )!;
  expect(at(stored, 'summary')).toBe(
    'context 1: attach handle 2 stored: PASID 7 of IOMMU group 1 to hwpt 5 for device 1',
  );
  expect(at(stored, 'data', 'pasid')).toBe(7);
  const sent = (pasid: string) =>
    succeed(
      server,
      'pageRequest',
      `${M}, bdf: "${PCI}", grpid: 1, addr: "0x1000"${pasid}`,
      'outcome reportErrno iopfGroup { attachHandle { attachHandleId pasid hwpt { hwptId } } }',
    );
  expect(await sent('')).toMatchObject({ reportErrno: 'EINVAL', iopfGroup: null });
  expect(await sent(', pasid: 8')).toMatchObject({ reportErrno: 'EINVAL', iopfGroup: null });
  expect(await sent(', pasid: 7')).toMatchObject({
    iopfGroup: { attachHandle: { attachHandleId: 2, pasid: 7, hwpt: { hwptId: 5 } } },
  });
  const graph = await inMachine(
    server,
    'graph { nodes { key { ref } facts } edges { from { ref } to { ref } kind } }',
  );
  const facts = new Map(
    (at(graph, 'graph', 'nodes') as Json[]).map(node => [
      at(node, 'key', 'ref'),
      at(node, 'facts'),
    ]),
  );
  expect(facts.get('IOMMU_GROUP:1')).toEqual({ domain: 'HWPT', attachedDeviceIds: 1, pasids: 1 });
  expect(facts.get('DEVICE:1:1')).toMatchObject({ users: 4, attached: true, pasids: 1 });
  expect(facts.get('ATTACH_HANDLE:1')).toMatchObject({ pasid: null });
  expect(facts.get('ATTACH_HANDLE:2')).toMatchObject({ pasid: 7 });
  const edges = (at(graph, 'graph', 'edges') as Json[]).map(
    edge => `${at(edge, 'from', 'ref')} ${at(edge, 'kind')} ${at(edge, 'to', 'ref')}`,
  );
  expect(edges).toEqual(
    expect.arrayContaining([
      'DEVICE:1:1 HWPT HWPT_NESTED:1:5',
      'DEVICE:1:1 HWPT HWPT_PAGING:1:6',
      'IOMMU_GROUP:1 DOMAIN HWPT_NESTED:1:5',
      'IOMMU_GROUP:1 DOMAIN HWPT_PAGING:1:6',
      'IOMMU_GROUP:1 ATTACH_HANDLE ATTACH_HANDLE:1',
      'IOMMU_GROUP:1 ATTACH_HANDLE ATTACH_HANDLE:2',
      'ATTACH_HANDLE:2 HWPT HWPT_NESTED:1:5',
      'IOPF_GROUP:1 ATTACH_HANDLE ATTACH_HANDLE:2',
    ]),
  );
  expect(new Set(edges).size).toBe(edges.length);
  const diff = await ask(
    server,
    `{ diff(from: {machineId: "pasids", at: ${attached['seq']}}, to: {machineId: "pasids"}) {
      changeCount }
      made: diff(from: {machineId: "pasids", at: ${(attached['seq'] as number) - 4}},
        to: {machineId: "pasids", at: ${attached['seq']}}) {
        changes { field after object { ref } } } }`,
  );
  expect(at(diff, 'diff', 'changeCount')).toBeGreaterThan(0);
  const changed = (at(diff, 'made', 'changes') as Json[]).map(change => [
    at(change, 'object', 'ref'),
    at(change, 'field'),
    at(change, 'after'),
  ]);
  expect(changed).toEqual(
    expect.arrayContaining([
      [
        'IOMMU_GROUP:1',
        'pasids',
        {
          7: {
            domain: { kind: 'HWPT', contextId: 1, hwptId: 5 },
            attachHandleId: 2,
            hwptId: 5,
            attachedDeviceIds: [1],
          },
        },
      ],
      ['DEVICE:1:1', 'pasids', { 7: 5 }],
      ['HWPT_NESTED:1:5', 'pasidDevices', { 1: 1 }],
    ]),
  );
  const { events } = await succeed(
    server,
    'deviceDetach',
    `${C}, devId: 1, pasid: 7`,
    'device { users attached pasids { pasid } } events { type data }',
  );
  expect((events as Json[]).map(event => at(event, 'type'))).toContain('IopfGroupAutoResponded');
  const handles = at(
    await inMachine(server, 'attachHandles { attachHandleId pasid }'),
    'attachHandles',
  );
  expect(handles).toEqual([{ attachHandleId: 1, pasid: null }]);
});

const REFUSED: readonly (readonly [what: string, input: string, errno: string, rule: RegExp])[] = [
  ['an IOAS', 'ptId: 2, pasid: 7', 'EINVAL', /none that was made with IOMMU_HWPT_ALLOC_PASID/],
  ['PASID 0 beside the RID', 'ptId: 6, pasid: 0', 'EBUSY', /attached by PASID 0 to hwpt 6/],
  ['a PASID that is too wide', 'ptId: 6, pasid: 1048576', 'EINVAL', /1048576 PASIDs/],
  ['one that VFIO cannot count', 'ptId: 6, pasid: 2147483648', 'ENOSPC', /2147483648 is larger/],
];

test.each(REFUSED)('deviceAttach with %s is refused', async (_, input, errno, rule) => {
  const server = await withFunction('LINUX_7_3_4');
  await succeed(server, 'deviceAttach', `${C}, devId: 1, ptId: 6`);
  expect(await mutate(server, 'deviceAttach', `${C}, devId: 1, ${input}`)).toMatchObject({
    errno,
    message: expect.stringMatching(rule),
  });
});

test('the RID and PASIDs want hwpts for PASIDs of each other', async () => {
  const server = await withFunction('LINUX_7_3_4');
  await succeed(server, 'deviceAttach', `${C}, devId: 1, ptId: 2`);
  const pasid = `${C}, devId: 1, ptId: 6, pasid: 7`;
  expect(await mutate(server, 'deviceAttach', pasid)).toMatchObject({
    errno: 'EINVAL',
    message: expect.stringContaining('The RID of IOMMU group 1 is on hwpt 7, made without'),
  });
  await succeed(server, 'deviceDetach', `${C}, devId: 1`);
  await succeed(server, 'deviceAttach', pasid);
  expect(await mutate(server, 'deviceAttach', `${C}, devId: 1, ptId: 2`)).toMatchObject({
    errno: 'EINVAL',
    message: expect.stringContaining('PASID 7 of IOMMU group 1 is attached'),
  });
});

test('PASID 0 is the RID, which VFIO then knows as a PASID alone', async () => {
  const server = await withFunction('LINUX_7_3_4');
  const device = 'device { attached attachedAsPasid pasids { pasid } }';
  const attached = { attached: true, attachedAsPasid: true, pasids: [] };
  const input = `${C}, devId: 1, ptId: 6, pasid: 0`;
  expect(await succeed(server, 'deviceAttach', input, device)).toMatchObject({ device: attached });
  const left = await succeed(server, 'deviceDetach', `${C}, devId: 1`, device);
  expect(left).toMatchObject({ device: attached });
  const gone = await succeed(server, 'deviceDetach', `${C}, devId: 1, pasid: 0`, device);
  expect(gone).toMatchObject({ device: { attached: false, attachedAsPasid: false } });
});

test.each(['deviceAttach', 'deviceReplace', 'deviceDetach'])(
  'Linux 6.12 knows no PASID of %s',
  async name => {
    const server = await withFunction('LINUX_6_12_117');
    const ptId = name === 'deviceDetach' ? '' : ', ptId: 6';
    const refused = await mutate(server, name, `${C}, devId: 1, pasid: 7${ptId}`);
    expect(refused).toMatchObject({
      errno: 'EINVAL',
      message: expect.stringContaining('came with Linux 6.15'),
    });
  },
);

test('a group of two has one hwpt a PASID, with devices in order of attachment', async () => {
  const server = await start();
  await succeed(server, 'machineCreate', `${M}, baseline: LINUX_7_3_4`);
  await succeed(server, 'contextOpen', M);
  await succeed(server, 'ioasAlloc', C);
  const first = await succeed(
    server,
    'testMockDomain',
    `${C}, ptId: 1, rawDevFlags: 4`,
    'outStdevId outIdevId outHwptId',
  );
  const second = await succeed(
    server,
    'testMockDomain',
    `${C}, ptId: ${first['outHwptId']}, rawDevFlags: ${4 | 256}`,
    'outStdevId outIdevId',
  );
  const made = await succeed(
    server,
    'hwptAlloc',
    `${C}, devId: ${first['outIdevId']}, ptId: 1, rawFlags: 8`,
    'outHwptId',
  );
  const hwptId = made['outHwptId'] as number;
  await succeed(server, 'testMockDomainReplace', `${C}, stdevId: 2, ptId: ${hwptId}`);
  for (const stdevId of [second['outStdevId'], first['outStdevId']]) {
    await succeed(
      server,
      'testPasidAttach',
      `${C}, stdevId: ${stdevId}, pasid: 5, ptId: ${hwptId}`,
    );
  }
  const ids = [second['outIdevId'], first['outIdevId']].map(devId => ({ devId }));
  expect(
    await objectOf(server, hwptId, '... on Hwpt { users pasids { devices { devId } } }'),
  ).toEqual({ users: 5, pasids: [{ devices: ids }] });
  expect(
    await objectOf(server, hwptId, '... on Hwpt { pasids { devices(first: 1) { devId } } }'),
  ).toEqual({ pasids: [{ devices: [ids[0]] }] });
  const holders = at(await objectOf(server, hwptId, 'holders { reason }'), 'holders') as Json[];
  expect(holders.map(holder => at(holder, 'reason'))).toEqual([
    'the id table',
    ...['a device is attached', 'a device is attached'],
    ...['a device is attached by PASID 5', 'a device is attached by PASID 5'],
  ]);
});
