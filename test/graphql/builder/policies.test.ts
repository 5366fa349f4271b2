/** Baselines, policies and hazards as a user of the API sees them. */
import { expect, test } from 'vitest';
import { BASELINES } from '../../../src/abi/baselines.ts';
import {
  COMPARE_KERNELS,
  FIND_A_HAZARD,
  TWO_KERNELS,
} from '../../../src/graphql/story/story-kernels.ts';
import { ask, at, mutate, start, succeed } from './testing.ts';

/** A machine with a physical and a virtual function, the virtual one on a fault-capable hwpt. */
async function faultingVirtfn(server: { url: string }, policies: string): Promise<string> {
  const m = 'machineId: "policy"';
  const c = `${m}, contextId: 1`;
  await ask(
    server,
    `mutation {
      machineCreate(input: {${m}, policies: {${policies}}, devices: [
        {bdf: "0000:01:00.0"}, {bdf: "0000:01:00.1", physfn: "0000:01:00.0"}
      ]}) { __typename }
      a: contextOpen(input: {${m}}) { __typename }
      b: deviceBind(input: {${c}, bdf: "0000:01:00.1"}) { __typename }
      c: ioasAlloc(input: {${c}}) { __typename }
      d: hwptAlloc(input: {${c}, devId: 1, ptId: 2, rawFlags: 1}) { __typename }
      e: faultQueueAlloc(input: {${c}}) { __typename }
      f: hwptAlloc(input: {${c}, devId: 1, ptId: 3, rawFlags: 4, faultId: 4, vtdS1: {pgtblAddr: "0x1000"}}) { __typename }
    }`,
  );
  return m;
}

test('a virtual function is refused, unless its PRI is emulated', async () => {
  const server = await start();
  const m = await faultingVirtfn(server, 'virtualFunctions: AS_BASELINE');
  const attach = `${m}, contextId: 1, devId: 1, ptId: 5`;
  expect(await mutate(server, 'deviceAttach', attach)).toMatchObject({
    errno: 'EINVAL',
    function: 'iommufd_fault_iopf_enable',
  });
});

test('an emulated PRI holds delivery back after a failure until vpriReset', async () => {
  const server = await start();
  const m = await faultingVirtfn(server, 'virtualFunctions: EMULATED_PRI');
  await succeed(server, 'deviceAttach', `${m}, contextId: 1, devId: 1, ptId: 5`);
  const send = (grpid: number) =>
    succeed(
      server,
      'pageRequest',
      `${m}, bdf: "0000:01:00.1", grpid: ${grpid}, addr: "0x1000"`,
      'outcome',
    );
  expect(await send(1)).toMatchObject({ outcome: 'REPORTED' });
  await succeed(server, 'faultRead', `${m}, contextId: 1, faultId: 4`);
  const failure = 'responses: [{cookie: 1, code: IOMMU_PAGE_RESP_FAILURE}]';
  const written = await succeed(
    server,
    'faultWrite',
    `${m}, contextId: 1, faultId: 4, ${failure}`,
    'events { type data }',
  );
  expect(at(written['events']!, 2, 'data')).toMatchObject({ code: 1 });
  expect(await send(2)).toMatchObject({ outcome: 'VPRI_FAILED' });
  await succeed(server, 'vpriReset', `${m}, bdf: "0000:01:00.1"`);
  expect(await send(3)).toMatchObject({ outcome: 'REPORTED' });
  expect(await mutate(server, 'vpriReset', `${m}, bdf: "0000:01:00.0"`)).toMatchObject({
    errno: 'EINVAL',
  });
});

test('the table of behaviours has every baseline, and every machine one of them', async () => {
  const server = await start();
  const data = await ask(
    server,
    '{ baselines { baseline text } behaviours { title source values { baseline value } } machine { baseline invariantViolations policies { autoResponse inFlightRequests virtualFunctions } } }',
  );
  const rows = at(data, 'behaviours') as { values: { baseline: string }[] }[];
  expect(rows.length).toBeGreaterThan(15);
  for (const { values } of rows)
    expect(values.map(value => value.baseline)).toEqual([...BASELINES]);
  expect(at(data, 'machine')).toEqual({
    baseline: 'LINUX_6_12_117',
    invariantViolations: [],
    policies: {
      autoResponse: 'EVERY_REPLACE',
      inFlightRequests: 'DRAINED',
      virtualFunctions: 'AS_BASELINE',
    },
  });
});

test('the playground’s hazard is found, and its two kernels differ', async () => {
  const server = await start();
  const hazard = await ask(server, FIND_A_HAZARD.query);
  const names = at(hazard, 'faultRead', 'machine', 'hazards') as { name: string }[];
  expect(names.map(({ name }) => name)).toContain('HANDLE_DEVICE_USED');
  await ask(server, TWO_KERNELS.query);
  const both = await ask(server, COMPARE_KERNELS.query);
  expect(at(both, 'a')).toMatchObject({ hazards: [], context: { object: { deliver: [] } } });
  expect(at(both, 'b')).toMatchObject({
    hazards: [{ name: 'WRONG_QUEUE_ANSWERED' }],
    context: { object: { deliver: [{ attachHandle: null }] } },
  });
});

test('a hazard names the operation that planted it and the one that met it', async () => {
  const server = await start();
  await ask(server, FIND_A_HAZARD.query);
  const view = (at = '') =>
    `{ machine(machineId: "hazard"${at}) {
      hazards { name seq plantedSeq operation { command seqBefore seq } plantedBy { command } }
    } }`;
  const hazards = at(await ask(server, view()), 'machine', 'hazards') as {
    name: string;
    seq: number;
    plantedSeq: number | null;
    operation: { command: string; seqBefore: number; seq: number };
    plantedBy: { command: string } | null;
  }[];
  expect(
    hazards.map(({ name, operation, plantedBy }) => [
      name,
      plantedBy?.command ?? null,
      operation.command,
    ]),
  ).toEqual([
    ['HANDLE_NAMES_GONE_DEVICE', 'DeviceAttach', 'DeviceUnbind'],
    ['IOPF_ENABLE_LEAKED', 'DeviceAttach', 'DeviceUnbind'],
    ['HANDLE_DEVICE_USED', 'DeviceUnbind', 'FaultRead'],
  ]);
  for (const { seq, plantedSeq, operation, plantedBy } of hazards) {
    expect(seq).toBeGreaterThan(operation.seqBefore);
    expect(seq).toBeLessThanOrEqual(operation.seq);
    expect(plantedBy === null).toBe(plantedSeq === null);
  }
  const past = await ask(server, view(`, at: ${hazards[1]!.operation.seq}`));
  expect(at(past, 'machine', 'hazards')).toEqual(hazards.slice(0, 2));
});

test('a read into a buffer that is not there gets what the kernel gave', async () => {
  const server = await start();
  const m = await faultingVirtfn(server, 'virtualFunctions: EMULATED_PRI');
  await succeed(server, 'deviceAttach', `${m}, contextId: 1, devId: 1, ptId: 5`);
  await succeed(server, 'pageRequest', `${m}, bdf: "0000:01:00.1", grpid: 1, addr: "0x1000"`);
  const read = `${m}, contextId: 1, faultId: 4, bufVa: "0x1000"`;
  expect(await mutate(server, 'faultRead', read)).toMatchObject({ errno: 'EFAULT' });
});

/** A context, a bound PCI function 1, an IOAS 2 and a nest parent 3 on another kernel. */
async function onKernel(server: { url: string }, baseline: string): Promise<string> {
  const m = `machineId: "${baseline}"`;
  const c = `${m}, contextId: 1`;
  await ask(
    server,
    `mutation {
      machineCreate(input: {
        ${m}, baseline: ${baseline}, devices: [{bdf: "0000:01:00.0"}]
      }) { __typename }
      a: contextOpen(input: {${m}}) { __typename }
      b: deviceBind(input: {${c}, bdf: "0000:01:00.0"}) { __typename }
      c: ioasAlloc(input: {${c}}) { __typename }
      d: hwptAlloc(input: {${c}, devId: 1, ptId: 2, rawFlags: 1}) { __typename }
    }`,
  );
  return c;
}

test('a hwpt for PASIDs: where the kernel has them, and shown', async () => {
  const server = await start();
  const flagged = 'devId: 1, ptId: 2, flags: [IOMMU_HWPT_ALLOC_PASID]';
  const nested = 'devId: 1, ptId: 3, rawFlags: 8, vtdS1: {pgtblAddr: "0x1000"}';
  const old = await onKernel(server, 'LINUX_6_14');
  expect(await mutate(server, 'hwptAlloc', `${old}, ${flagged}`)).toMatchObject({
    errno: 'EOPNOTSUPP',
    function: 'iommufd_hwpt_paging_alloc',
  });
  const c = await onKernel(server, 'LINUX_6_15');
  const made = (input: string) =>
    succeed(server, 'hwptAlloc', `${c}, ${input}`, 'hwpt { __typename pasid }');
  expect(await made(flagged)).toMatchObject({ hwpt: { __typename: 'HwptPaging', pasid: true } });
  expect(await made(nested)).toMatchObject({ hwpt: { __typename: 'HwptNested', pasid: true } });
  expect(await made('devId: 1, ptId: 2')).toMatchObject({ hwpt: { pasid: false } });
});

test('hardware information of one type: asked for, or refused', async () => {
  const server = await start();
  const c = await onKernel(server, 'LINUX_7_3_4');
  const wanted = (type: string) =>
    `${c}, devId: 1, flags: 1, inDataType: IOMMU_HW_INFO_TYPE_${type}`;
  const vtd = { outDataType: 'IOMMU_HW_INFO_TYPE_INTEL_VTD' };
  for (const type of ['INTEL_VTD', 'NONE']) {
    expect(await succeed(server, 'getHwInfo', wanted(type), 'outDataType'), type).toMatchObject(
      vtd,
    );
  }
  expect(await mutate(server, 'getHwInfo', wanted('SELFTEST'))).toMatchObject({
    errno: 'EOPNOTSUPP',
  });
  const raw = (type: number) => `${c}, devId: 1, flags: 1, rawInDataType: ${type}`;
  const unnamed = await mutate(server, 'getHwInfo', raw(2));
  expect(unnamed).toMatchObject({
    errno: 'EOPNOTSUPP',
    operation: { arguments: { inDataType: 2 } },
  });
  expect(await succeed(server, 'getHwInfo', raw(1), 'outDataType')).toMatchObject(vtd);
  for (const type of [wanted('SELFTEST'), raw(2)]) {
    const ignored = type.replace('flags: 1', 'flags: 0');
    expect(await succeed(server, 'getHwInfo', ignored, 'outDataType')).toMatchObject(vtd);
  }
});

test.each([
  ['LINUX_6_13', null],
  ['LINUX_6_14', 0],
])('the reserved word of a page fault message: %s', async (baseline, reserved) => {
  const server = await start();
  const c = await onKernel(server, baseline);
  await succeed(server, 'faultQueueAlloc', c);
  const fault = 'devId: 1, ptId: 3, rawFlags: 4, faultId: 4, vtdS1: {pgtblAddr: "0x1000"}';
  await succeed(server, 'hwptAlloc', `${c}, ${fault}`);
  await succeed(server, 'deviceAttach', `${c}, devId: 1, ptId: 5`);
  const request = 'bdf: "0000:01:00.0", grpid: 1, addr: "0x1000"';
  await succeed(server, 'pageRequest', `machineId: "${baseline}", ${request}`);
  const read = await succeed(server, 'faultRead', `${c}, faultId: 4`, 'faults { reserved }');
  expect(read).toMatchObject({ faults: [{ reserved }] });
});
