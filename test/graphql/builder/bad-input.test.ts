/** Bad input gets an error that names it, and nothing is written. */
import { createClient } from 'graphql-ws';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { MESSAGE_BYTES_MAX } from '../../../src/server/limits.ts';
import { at, makeFaulting, mutate, placeOf, post, start, succeed } from './testing.ts';

const C = 'contextId: 1';

/** A document, and what its first error must say. */
const REFUSED: readonly (readonly [query: string, said: string | RegExp, code?: string])[] = [
  // Enums say what they have.
  [
    'mutation { machineCreate(input: {machineId: "n", baseline: LINUX_9}) { __typename } }',
    /^"input.baseline": .*Value "LINUX_9" does not exist in "Baseline" enum\..* Its values: .*LINUX_6_12_117, .*LINUX_7_3_4.*\.$/,
  ],
  [
    'mutation { machineCreate(input: {machineId: "n", scenario: "NESTED_FAULTS"}) { __typename } }',
    /^"input.scenario": .*cannot represent non-enum value.* Its values: .*NESTED_FAULTS/,
  ],
  // Scalars, as literals.
  [
    'mutation { deviceBind(input: {contextId: 1, bdf: "x"}) { __typename } }',
    /^"input.bdf": PciAddress must be like "0000:01:00.0".*not "x"$/,
  ],
  [
    'mutation { deviceBind(input: {contextId: 1, bdf: "0000:01:00.8"}) { __typename } }',
    /^"input.bdf": PciAddress/,
  ],
  [
    'mutation { deviceBind(input: {contextId: 1, bdf: 7}) { __typename } }',
    /^"input.bdf": PciAddress.*not 7$/,
  ],
  [
    'mutation { deviceBind(input: {contextId: -1, bdf: "0000:01:00.0"}) { __typename } }',
    '"input.contextId": U32 must be a whole number from 0 to 4294967295, not -1',
  ],
  [
    'mutation { ioasAlloc(input: {contextId: 4294967296}) { __typename } }',
    '"input.contextId": U32 must be a whole number from 0 to 4294967295, not 4294967296',
  ],
  [
    'mutation { ioasAlloc(input: {contextId: 1.5}) { __typename } }',
    /^"input.contextId": U32.*not 1.5$/,
  ],
  [
    'mutation { ioasAlloc(input: {contextId: "1"}) { __typename } }',
    /^"input.contextId": U32.*not "1"$/,
  ],
  [
    'mutation { ioasAlloc(input: {contextId: [1]}) { __typename } }',
    /^"input.contextId": U32.*not \[1\]$/,
  ],
  [
    `mutation { ioasAlloc(input: {contextId: ${'9'.repeat(400)}}) { __typename } }`,
    /^"input.contextId": U32.*not 9{40}…$/,
  ],
  [
    `mutation { hwptAlloc(input: {${C}, devId: 1, ptId: 2, vtdS1: {pgtblAddr: "0xzz"}}) { __typename } }`,
    /^"input.vtdS1.pgtblAddr": HexU64 must be a string of "0x" and 1 to 16 hex digits, not "0xzz"$/,
  ],
  [
    `mutation { hwptAlloc(input: {${C}, devId: 1, ptId: 2, vtdS1: {pgtblAddr: 4096}}) { __typename } }`,
    /^"input.vtdS1.pgtblAddr": HexU64.*not 4096$/,
  ],
  [
    `mutation { hwptAlloc(input: {${C}, devId: 1, ptId: 2, vtdS1: {pgtblAddr: "0x1${'0'.repeat(16)}"}}) { __typename } }`,
    /^"input.vtdS1.pgtblAddr": HexU64/,
  ],
  [
    `mutation { hwptInvalidate(input: {${C}, hwptId: 5, entries: [{flags: 0}, {addr: "1000"}]}) { __typename } }`,
    /^"input.entries\[1\].addr": HexU64.*not "1000"$/,
  ],
  ['{ machine(machineId: "a/b") { seq } }', /^"machineId": MachineId must be 1 to 64 letters/],
  [`{ machine(machineId: "${'a'.repeat(65)}") { seq } }`, /^"machineId": MachineId.*…$/],
  // Enums, fields, arguments.
  [
    `mutation { hwptAlloc(input: {${C}, devId: 1, ptId: 2, flags: [IOMMU_HWPT_ALLOC_NEST_PARENT, NOPE]}) { __typename } }`,
    /^"input.flags\[1\]": .*NOPE.*IommuHwptAllocFlag/,
  ],
  [
    `mutation { faultWrite(input: {${C}, faultId: 4, responses: [{cookie: 1, code: "IOMMUFD_PAGE_RESP_SUCCESS"}]}) { __typename } }`,
    /^"input.responses\[0\].code": /,
  ],
  [`mutation { deviceBind(input: {${C}}) { __typename } }`, /^"input": .*required field "bdf"/],
  [
    `mutation { ioasAlloc(input: {${C}, flag: 0}) { __typename } }`,
    /^"input": .*unknown field "flag"/,
  ],
  [
    `mutation { ioasAlloc(inputs: {${C}}) { __typename } }`,
    /Unknown argument "inputs" on field "Mutation.ioasAlloc"/,
  ],
  ['mutation { ioasAlloc { __typename } }', /"Mutation.ioasAlloc\(input:\)".*required/],
  ['mutation { nothing }', /Cannot query field "nothing"/],
  // Bounds checked by what answers.
  ['{ machine(machineId: "nobody") { seq } }', /no machine "nobody"/, 'UNKNOWN_MACHINE'],
  [
    'mutation { contextOpen(input: {machineId: "nobody"}) { __typename } }',
    /no machine "nobody"/,
    'UNKNOWN_MACHINE',
  ],
  [
    'mutation { machineCreate(input: {machineId: "default"}) { __typename } }',
    /"default" exists already/,
    'MACHINE_EXISTS',
  ],
  ['{ machine(at: -1) { seq } }', /^"at" must be from 0 to \d+, .* not -1$/, 'SEQ_OUT_OF_RANGE'],
  [
    '{ machine(at: 1000000) { seq } }',
    /^"at" must be from 0 to \d+, .* not 1000000$/,
    'SEQ_OUT_OF_RANGE',
  ],
  ['{ machine(at: 99999999999) { seq } }', /^"at": Int cannot represent/],
  [
    `{ machine(at: ${'9'.repeat(100_000)}) { seq } }`,
    /^"at": Int cannot represent non 32-bit signed integer value: 9{40}…$/,
  ],
  ['{ machine(at: "1") { seq } }', /^"at": Int cannot represent/],
  [
    '{ machine { events(first: 1001) { edges { cursor } } } }',
    '"first" must be from 0 to 1000, not 1001',
  ],
  [
    '{ machine { events(first: -1) { edges { cursor } } } }',
    '"first" must be from 0 to 1000, not -1',
  ],
  [
    '{ machine { operations(last: 1001) { edges { cursor } } } }',
    '"last" must be from 0 to 1000, not 1001',
  ],
  ['{ machine { operations(after: "x") { edges { cursor } } } }', /^"after" must be a cursor/],
  [
    '{ machine { events(last: 1, before: "-1") { edges { cursor } } } }',
    /^"before" must be a cursor/,
  ],
  [
    '{ machine { contexts(first: 1001) { contextId } } }',
    '"first" must be from 0 to 1000, not 1001',
  ],
  [
    '{ machine { context(contextId: 1) { objects(after: "x") { edges { cursor } } } } }',
    /^"after" must be a cursor/,
  ],
  [
    '{ machine { context(contextId: 1) { objects(last: 2) { edges { cursor } } } } }',
    /"objects" pages forward/,
  ],
  ['{ machines(last: 2) { edges { cursor } } }', /"machines" pages forward/],
  ['{ machines(first: 5000) { edges { cursor } } }', '"first" must be from 0 to 1000, not 5000'],
  [
    'mutation { pageRequest(input: {bdf: "0000:01:00.0", grpid: 512, addr: "0x1000"}) { __typename } }',
    '"input.grpid": PrgIndex must be a whole number from 0 to 511, not 512',
  ],
  [
    'mutation { pageRequest(input: {bdf: "0000:01:00.0", grpid: 1, pasid: 1048576, addr: "0x1000"}) { __typename } }',
    '"input.pasid": Pasid must be a whole number from 0 to 1048575, not 1048576',
  ],
  [
    'mutation { pageRequest(input: {bdf: "0000:01:00.0", grpid: 1, addr: "0x1001"}) { __typename } }',
    /^"input.addr": PageAddress must be a multiple of 0x1000 .*, not "0x1001"$/,
  ],
  [
    `mutation { faultRead(input: {${C}, faultId: 4, count: 2147483648}) { __typename } }`,
    '"input.count": ByteCount must be a whole number from 0 to 2147483647, not 2147483648',
  ],
  [
    `mutation { faultWrite(input: {${C}, faultId: 4, responses: [{cookie: 1}]}) { __typename } }`,
    /^"input.responses\[0\]" must have "code".*or "rawCode"$/,
  ],
  [
    `mutation { hwptAlloc(input: {${C}, devId: 1, ptId: 3, selftest: {iotlb: 1}, vtdS1: {pgtblAddr: "0x0"}}) { __typename } }`,
    /"selftest" or "vtdS1", not both/,
  ],
  [
    'mutation { replayStep(input: {replayId: "x", events: 1}) }',
    /^no replay with this "replayId" is under way/,
    'UNKNOWN_REPLAY',
  ],
  [
    `mutation { replayAnswer(input: {replayId: "x", ${C}, faultId: 4, responses: []}) { verdict } }`,
    /^no replay with this "replayId" is under way/,
    'UNKNOWN_REPLAY',
  ],
  ...['', 'events: 1, operations: 1', 'events: null'].map(
    step =>
      [
        `mutation { replayStep(input: {replayId: "x", ${step}}) }`,
        '"input" must have either "events" or "operations", and not both',
      ] as const,
  ),
  [
    'mutation { replayStep(input: {replayId: "x", events: 0}) }',
    '"input.events" must be from 1 to 1000000, not 0',
  ],
  [
    'mutation { replayStep(input: {replayId: "x", operations: 1000001}) }',
    '"input.operations" must be from 1 to 1000000, not 1000001',
  ],
  [
    `mutation { replayAnswer(input: {replayId: "x", ${C}, faultId: 4, responses: [{cookie: 1}]}) { verdict } }`,
    /^"input.responses\[0\]" must have "code".*or "rawCode"$/,
  ],
  ['{ node(id: "???") { id } }', '"id" must be a global id, as a field "id" gave it, not "???"'],
  [`{ node(id: "${btoa('User:1')}") { id } }`, /^"id" must be a global id/],
  [`{ node(id: "${btoa('Event:default/1')}") { id } }`, /^"id" must be a global id/],
  [`{ nodes(ids: ["${'?'.repeat(1_000)}"]) { id } }`, /^"id" must be a global id.*not "\?{39}…$/],
];

describe('over HTTP', () => {
  let server: Awaited<ReturnType<typeof start>>;
  let place: string;

  test('each is refused by name, and none writes', async () => {
    server = await start();
    await makeFaulting(server);
    place = await placeOf(server);
    for (const [query, said, code] of REFUSED) {
      const { status, errors } = await post(server, query);
      expect(status, query).toBe(200);
      expect(errors[0]?.message, query).toMatch(said);
      // An error with a path was met by what answers.
      const { path, extensions } = errors[0]!;
      if (path !== undefined) expect(extensions?.code, query).toBe(code ?? 'BAD_USER_INPUT');
      expect(extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
      expect(await placeOf(server), query).toBe(place);
    }
    expect((await post(server, '{ machine { seq } }')).errors).toEqual([]);
  });

  test('variables are named too', async () => {
    server = await start();
    place = await placeOf(server);
    const query = 'mutation($input: DeviceBindInput!) { deviceBind(input: $input) { __typename } }';
    const cases: [unknown, RegExp][] = [
      [{ contextId: 1, bdf: 'x' }, /"\$input".*"input\.bdf".*PciAddress must be/],
      [{ contextId: '1', bdf: '0000:01:00.0' }, /"\$input".*"input\.contextId".*U32 must be/],
      [{ contextId: 1e30, bdf: '0000:01:00.0' }, /"\$input".*"input\.contextId".*U32 must be/],
      [{ contextId: 1 }, /"\$input".*"bdf"/],
      [{ contextId: 1, bdf: '0000:01:00.0', more: 1 }, /"\$input".*"more"/],
      [null, /"\$input"/],
    ];
    for (const [input, said] of cases) {
      const { errors } = await post(server, query, { input });
      expect(errors[0]?.message).toMatch(said);
      expect(await placeOf(server)).toBe(place);
    }
  });

  test('long lists and long numbers are refused before they cost', async () => {
    server = await start();
    await makeFaulting(server);
    place = await placeOf(server);
    const write =
      'mutation($r: [PageResponseInput!]!) { faultWrite(input: {contextId: 1, faultId: 4, responses: $r}) { __typename } }';
    const r = Array.from({ length: 4_097 }, () => ({ cookie: 1, rawCode: 0 }));
    expect((await post(server, write, { r })).errors[0]!.message).toBe(
      '"input.responses" may have at most 4096 entries, not 4097',
    );
    const create = 'mutation($i: MachineCreateInput!) { machineCreate(input: $i) { __typename } }';
    const devices = Array.from({ length: 257 }, () => ({ bdf: '0000:01:00.0' }));
    expect(
      (await post(server, create, { i: { machineId: 'm', devices } })).errors[0]!.message,
    ).toMatch(/^"input.devices" may have at most 256 entries, not 257/);
    const reservedRegions = Array.from({ length: 65 }, () => ({
      type: 'IOMMU_RESV_RESERVED',
      start: '0x0',
      last: '0x0',
    }));
    const wide = { machineId: 'm', devices: [{ bdf: '0000:01:00.0', reservedRegions }] };
    expect((await post(server, create, { i: wide })).errors[0]!.message).toBe(
      '"input.devices[0].reservedRegions" may have at most 64 entries, not 65',
    );
    const bind =
      'mutation($h: HexU64!) { hwptAlloc(input: {contextId: 1, devId: 1, ptId: 3, vtdS1: {pgtblAddr: $h}}) { __typename } }';
    const began = performance.now();
    const { errors } = await post(server, bind, {
      h: `0x${'f'.repeat(MESSAGE_BYTES_MAX - 1_000)}`,
    });
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(errors[0]!.message).toMatch(/"\$h".*HexU64 must be/);
    expect(await placeOf(server)).toBe(place);
  });
});

test('a nonsense id is an error of its own field alone', async () => {
  const server = await start();
  const machine = btoa('Machine:default');
  const { data, errors } = await post(
    server,
    `{ nodes(ids: ["${machine}", "???"]) { id } node(id: "") { id } gone: node(id: "${btoa('Machine:nobody')}") { id }
      found: nodes(ids: ["${machine}", "${btoa('Operation:default/x')}"]) { id } }`,
  );
  expect(data).toEqual({ nodes: null, node: null, gone: null, found: [{ id: machine }, null] });
  expect(errors.map(({ path }) => path?.[0]).sort()).toEqual(['node', 'nodes']);
});

describe('a mutation of several operations', () => {
  const good = `ioasAlloc(input: {${C}}) { ... on IoasAllocPayload { outIoasId } }`;
  const PAGE = 'bdf: "0000:01:00.0"';

  test.each([
    `pageRequest(input: {${PAGE}, grpid: 512, addr: "0x1000"}) { __typename }`,
    `pageRequest(input: {${PAGE}, grpid: 1, pasid: 1048576, addr: "0x1000"}) { __typename }`,
    `pageRequest(input: {${PAGE}, grpid: 1, addr: "0x1800"}) { __typename }`,
    `faultRead(input: {${C}, faultId: 4, count: 2147483648}) { __typename }`,
  ])('with %s writes nothing', async bad => {
    const server = await start();
    await makeFaulting(server);
    const place = await placeOf(server);
    expect((await post(server, `mutation { a: ${good} b: ${bad} }`)).errors.length).toBe(1);
    const viaVariable = await post(
      server,
      `mutation($g: PrgIndex!) { a: ${good} b: pageRequest(input: {${PAGE}, grpid: $g, addr: "0x0"}) { __typename } }`,
      { g: 512 },
    );
    expect(viaVariable.errors[0]!.message).toMatch(/"\$g".*PrgIndex must be/);
    expect(await placeOf(server)).toBe(place);
  });

  test('tells of those that were committed, whatever became of another', async () => {
    const server = await start();
    await makeFaulting(server);
    const bad = `faultWrite(input: {${C}, faultId: 4, responses: [{cookie: 1}]}) { __typename }`;
    const unknown = 'contextOpen(input: {machineId: "nobody"}) { __typename }';
    const taken = 'machineCreate(input: {machineId: "default"}) { __typename }';
    const { data, errors } = await post(
      server,
      `mutation { a: ${good} b: ${bad} c: ${unknown} d: ${taken} e: ${good} }`,
    );
    expect(data).toEqual({ a: { outIoasId: 6 }, b: null, c: null, d: null, e: { outIoasId: 7 } });
    expect(errors.map(({ path }) => path)).toEqual([['b'], ['c'], ['d']]);
  });
});

test('over WebSocket a bad literal is named too', async () => {
  const server = await start();
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  onTestFinished(() => client.dispose());
  const first = async (query: string) => {
    for await (const { errors } of client.iterate({ query })) return errors![0]!.message;
    throw new Error('no answer');
  };
  await expect(
    first('subscription { iopfGroups(contextId: -1, faultId: 4) { seq } }'),
  ).rejects.toMatchObject([{ message: expect.stringMatching(/^"contextId": U32 must be/) }]);
  expect(await first('subscription { iopfGroups(contextId: 1, faultId: 4) { seq } }')).toMatch(
    /^contextId 1: no context of this number is open/,
  );
  expect(
    await first('subscription { iopfGroups(contextId: 1, faultId: 4, maxInFlight: 0) { seq } }'),
  ).toBe('"maxInFlight" must be from 1 to 4096, not 0');
  expect(await first('subscription { events(after: 99) { seq } }')).toMatch(
    /^"after" must be from 0 to 10/,
  );
  expect(await first('subscription { events(machineId: "no") { seq } }')).toMatch(
    /no machine "no"/,
  );
});

test('wrong flags are the kernel’s to refuse, and are in the log', async () => {
  const server = await start();
  await makeFaulting(server);
  const before = (await server.engine.settled('default')).number;
  const seq = (await server.engine.settled('default')).state.seq;
  const refusals: [string, string, string][] = [
    ['ioasAlloc', `${C}, flags: 1`, 'EOPNOTSUPP'],
    ['faultQueueAlloc', `${C}, flags: 1`, 'EOPNOTSUPP'],
    ['hwptAlloc', `${C}, devId: 1, ptId: 2, rawFlags: 4096`, 'EOPNOTSUPP'],
    ['getHwInfo', `${C}, devId: 1, flags: 1`, 'EOPNOTSUPP'],
    ['testMockDomain', `${C}, ptId: 2, rawDevFlags: 2147483648`, 'EINVAL'],
  ];
  for (const [index, [name, input, errno]] of refusals.entries()) {
    const member = await mutate(server, name, input);
    expect(member['errno'], name).toBe(errno);
    expect(at(member, 'operation', 'number')).toBe(before + 1 + index);
    expect(at(member, 'operation', 'seq')).toBe(seq);
  }
  expect((await succeed(server, 'contextOpen', ''))['seq']).toBe(seq + 1);
});
