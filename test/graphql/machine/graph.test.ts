/** The object graph: nodes with keys and facts, edges, what changed since a moment. */
import { expect, test } from 'vitest';
import { GRAPH_KINDS } from '../../../src/core/explain/object-graph.ts';
import { OBJECT_KINDS } from '../../../src/core/explain/object-key.ts';
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
  ['kinds: [FAULT, HAZARD]', /^"kinds" must be of CONTEXT, .* not HAZARD$/, 'BAD_USER_INPUT'],
  ['first: 1001', /^"first" must be from 0 to 1000, not 1001$/, 'BAD_USER_INPUT'],
  ['since: -1', /^"since" must be from 0 to \d+, .* not -1$/, 'SEQ_OUT_OF_RANGE'],
  ['since: 9999', /^"since" must be from 0 to \d+, .* not 9999$/, 'SEQ_OUT_OF_RANGE'],
];

test.each(REFUSED)('graph(%s) is refused', async (args, said, code) => {
  const { errors } = await post(await start(), `{ machine { graph(${args}) { nodes { name } } } }`);
  expect(errors).toHaveLength(1);
  expect(errors[0]!.message).toMatch(said);
  expect(errors[0]!.extensions?.code).toBe(code);
});

interface GraphNode {
  readonly key: { readonly ref: string };
  readonly kind: string;
  readonly name: string;
  readonly facts: { readonly [name: string]: Json };
  readonly changed: string | null;
}

interface GraphAnswer {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly { from: { ref: string }; to: { ref: string }; kind: string }[];
  readonly counts: readonly { kind: string; count: number }[];
}

async function graphOf(
  server: { url: string },
  args = '(first: 1000)',
  moment = '',
): Promise<GraphAnswer> {
  const data = await ask(
    server,
    `{ machine${moment} { graph${args} { nodes { key { ref } kind name facts changed }
      edges { from { ref } to { ref } kind } counts { kind count } } } }`,
  );
  return at(data, 'machine', 'graph') as unknown as GraphAnswer;
}

/** A device attached to a fault-capable hwpt, and one group read, one queued. */
async function faulting() {
  const server = await start();
  await makeFaulting(server);
  await sendGroups(server, 1);
  await succeed(server, 'faultRead', 'contextId: 1, faultId: 4');
  await sendGroups(server, 1, { first: 1, pages: 2 });
  return server;
}

test('every object with its facts, and every reference', async () => {
  const server = await faulting();
  const { nodes, edges, counts } = await graphOf(server);
  const own = nodes.filter(({ kind }) => kind !== 'PHYSICAL_DEVICE' && kind !== 'IOMMU_GROUP');
  expect(own.map(({ key, name, facts }) => [key.ref, name, facts])).toEqual([
    ['CONTEXT:1', 'context 1', { fileOpen: true, objects: 5 }],
    [
      'DEVICE:1:1',
      'device 1 of context 1',
      { users: 3, attached: true, pasids: 0, iopfEnabled: 1 },
    ],
    [
      'HWPT_PAGING:1:3',
      'paging hwpt 3 of context 1',
      { users: 2, nestParent: true, dirtyTracking: false },
    ],
    ['HWPT_NESTED:1:5', 'nested hwpt 5 of context 1', { users: 2, userData: 'VTD_S1', faultId: 4 }],
    ['IOAS:1:2', 'IOAS 2 of context 1', { users: 2, areas: 0, hwptIds: 1 }],
    ['FAULT:1:4', 'fault queue 4 of context 1', { users: 3, deliver: 1, awaitingResponse: 1 }],
    [
      'ATTACH_HANDLE:1',
      'attach handle 1',
      { pasid: null, storedSeq: expect.any(Number), deviceGoneSeq: null },
    ],
    [
      'IOPF_GROUP:1',
      'iopf group 1',
      { cookie: 1, requests: 1, queuedSeq: expect.any(Number), readSeq: expect.any(Number) },
    ],
    [
      'IOPF_GROUP:2',
      'iopf group 2',
      { cookie: null, requests: 2, queuedSeq: expect.any(Number), readSeq: null },
    ],
  ]);
  const device = nodes.find(({ name }) => name === '0000:01:00.0')!;
  const pci = device.key.ref;
  const group = edges.find(({ from, kind }) => from.ref === pci && kind === 'IOMMU_GROUP')!.to.ref;
  const inContext = ['DEVICE:1:1', 'HWPT_PAGING:1:3', 'HWPT_NESTED:1:5', 'IOAS:1:2', 'FAULT:1:4'];
  const wanted = [
    ...inContext.map(ref => [ref, 'CONTEXT', 'CONTEXT:1']),
    ['DEVICE:1:1', 'PHYSICAL_DEVICE', pci],
    ['DEVICE:1:1', 'IOMMU_GROUP', group],
    ['DEVICE:1:1', 'HWPT', 'HWPT_NESTED:1:5'],
    ['HWPT_PAGING:1:3', 'IOAS', 'IOAS:1:2'],
    ['HWPT_NESTED:1:5', 'PARENT', 'HWPT_PAGING:1:3'],
    ['HWPT_NESTED:1:5', 'FAULT_QUEUE', 'FAULT:1:4'],
    ['ATTACH_HANDLE:1', 'HWPT', 'HWPT_NESTED:1:5'],
    ['ATTACH_HANDLE:1', 'DEVICE', 'DEVICE:1:1'],
    [group, 'OWNER', 'CONTEXT:1'],
    [group, 'DOMAIN', 'HWPT_NESTED:1:5'],
    [group, 'ATTACH_HANDLE', 'ATTACH_HANDLE:1'],
    ...['IOPF_GROUP:1', 'IOPF_GROUP:2'].flatMap(ref => [
      [ref, 'FAULT_QUEUE', 'FAULT:1:4'],
      [ref, 'PHYSICAL_DEVICE', pci],
      [ref, 'ATTACH_HANDLE', 'ATTACH_HANDLE:1'],
    ]),
  ];
  const found = edges.map(({ from, kind, to }) => [from.ref, kind, to.ref]);
  expect(found).toEqual(expect.arrayContaining(wanted));
  const ofObjects = found.filter(([from]) => !from!.startsWith('PHYSICAL_DEVICE'));
  expect(ofObjects).toHaveLength(wanted.length);
  expect(found).toContainEqual([pci, 'IOMMU_GROUP', group]);
  expect(counts.map(({ kind }) => kind)).toEqual(GRAPH_KINDS);
  expect(counts).toContainEqual({ kind: 'IOPF_GROUP', count: 2 });
});

test('of each kind no more than asked for, with how many there are', async () => {
  const server = await faulting();
  const { nodes, edges, counts } = await graphOf(server, '(first: 1, kinds: [IOPF_GROUP, FAULT])');
  expect(nodes.map(({ key }) => key.ref)).toEqual(['FAULT:1:4', 'IOPF_GROUP:1']);
  expect(edges).toEqual([
    { from: { ref: 'IOPF_GROUP:1' }, to: { ref: 'FAULT:1:4' }, kind: 'FAULT_QUEUE' },
  ]);
  expect(counts).toEqual([
    { kind: 'FAULT', count: 1 },
    { kind: 'IOPF_GROUP', count: 2 },
  ]);
});

test('at every moment: what changed since the one before is what diff says', async () => {
  const server = await faulting();
  await succeed(
    server,
    'ioasMap',
    'contextId: 1, ioasId: 2, userVa: "0x10000000", length: "0x1000", rawFlags: 7, iova: "0x1000"',
  );
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  const { seq } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  const marks = new Set<string | null>();
  for (let since = 0; since < seq; since++) {
    const { nodes } = await graphOf(server, `(first: 1000, since: ${since})`, `(at: ${since + 1})`);
    const data = await ask(
      server,
      `{ diff(from: {at: ${since}}, to: {at: ${since + 1}}) { changes { kind object { ref kind contextId id } } } }`,
    );
    const changes = at(data, 'diff', 'changes') as unknown as {
      kind: string;
      object: { ref: string; kind: string; contextId: number; id: number };
    }[];
    const wanted = new Map<string, string>();
    for (const { kind, object } of changes) {
      const isArea = object.kind === 'AREA';
      const ref = isArea ? `IOAS:${object.contextId}:${object.id}` : object.ref;
      if (!isArea && !(GRAPH_KINDS as readonly string[]).includes(object.kind)) continue;
      if (!wanted.has(ref)) wanted.set(ref, isArea ? 'CHANGED' : kind);
    }
    const marked = nodes.filter(({ changed }) => changed !== null);
    expect(new Map(marked.map(({ key, changed }) => [key.ref, changed]))).toEqual(wanted);
    for (const { changed } of nodes) marks.add(changed);
    const went = nodes.map(({ changed }) => changed === 'WENT');
    expect(went.indexOf(true) === -1 || !went.slice(went.indexOf(true)).includes(false)).toBe(true);
  }
  expect([...marks].sort()).toEqual(['APPEARED', 'CHANGED', 'WENT', null].sort());
});

test('a node that went is as it was', async () => {
  const server = await faulting();
  const before = await graphOf(server);
  const { seq } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  const { nodes } = await graphOf(server, `(since: ${seq})`);
  const handle = before.nodes.find(({ key }) => key.ref === 'ATTACH_HANDLE:1')!;
  expect(nodes).toContainEqual({ ...handle, changed: 'WENT' });
});

test('every type that has a key has the one that graph and diff use', async () => {
  const server = await faulting();
  const data = await ask(
    server,
    `{ machine { key { ref } contexts { key { ref } objects { edges { node { key { ref }
          ... on Ioas { areas { edges { node { key { ref } pages { key { ref } } } } } } } } } }
        iommuGroups { key { ref } } physicalDevices { key { ref } } attachHandles { key { ref } }
        hazards { key { ref } } inFlightRequests { key { ref } }
        context(contextId: 1) { object(id: 4) { ... on FaultQueue {
          deliver { key { ref } } awaitingResponse { key { ref } } } } } } }`,
  );
  const refs = new Set(
    [...JSON.stringify(data).matchAll(/"ref":"([^"]+)"/g)].map(([, ref]) => ref),
  );
  const { nodes } = await graphOf(server);
  expect([...refs].filter(ref => ref !== 'MACHINE').sort()).toEqual(
    nodes.map(({ key }) => key.ref).sort(),
  );
  expect(at(data, 'machine', 'key')).toEqual({ ref: 'MACHINE' });
});

test('the kinds of nodes are all but what counts within another', () => {
  const others = Object.keys(OBJECT_KINDS).filter(
    kind => !(GRAPH_KINDS as readonly string[]).includes(kind),
  );
  expect(others.sort()).toEqual(['AREA', 'HAZARD', 'IOPT_PAGES', 'MACHINE']);
});
