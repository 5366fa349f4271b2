/** What goes back, compares, forks and runs again, on a machine whose hardware acts. */
import { expect, test } from 'vitest';
import { evolve } from '../../../src/core/machine/evolve.ts';
import { canonicalText } from '../../../src/core/machine/snapshot.ts';
import { initialState } from '../../../src/core/machine/state.ts';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, start, succeed } from '../builder/testing.ts';
import { C, F, GUEST_MAP, M, makeHardware } from './mutation-cases.ts';

const READ = `${F}, iova: "0x40000000", length: "0x1000"`;
const OTHER = READ.replace('0x40000000', '0x40001000');

const answer = (server: Faultline, cookie: number, machine = 'hw') =>
  succeed(
    server,
    'faultWrite',
    `machineId: "${machine}", contextId: 1, faultId: 4, responses: [{cookie: ${cookie}, code: IOMMUFD_PAGE_RESP_SUCCESS}]`,
  );

async function eventsOf({ engine }: Faultline) {
  const operations = await engine.log.read('hw', { afterNumber: 0, limit: 1_000 });
  return operations.flatMap(({ events }) => events);
}

/** The seq of the n-th event of a type. */
async function seqOf(server: Faultline, type: string, n = 1): Promise<number> {
  let left = n;
  const index = (await eventsOf(server)).findIndex(event => event.type === type && --left === 0);
  expect(index, type).toBeGreaterThanOrEqual(0);
  return index + 1;
}

/** DMA, read, answered SUCCESS without a mapping; then mapped, read and answered again. */
async function wrongThenRight(server: Faultline): Promise<void> {
  await succeed(server, 'dma', READ);
  await succeed(server, 'faultRead', `${C}, faultId: 4`);
  await answer(server, 1);
  await succeed(server, 'guestMap', GUEST_MAP);
  await succeed(server, 'faultRead', `${C}, faultId: 4`);
  await answer(server, 1);
  await succeed(server, 'dma', READ);
}

/** A queue of two that overflows, is served, and goes on. */
async function overflow(server: Faultline): Promise<void> {
  await succeed(server, 'dma', READ);
  await succeed(server, 'dma', `${OTHER}, options: {retryLimit: 1}`);
  await succeed(server, 'prqServe', `${M}, iommu: 0`);
}

const SMALL_QUEUE = 'vendor: VTD, pageRequestQueueEntries: 2, service: MANUAL';

test('firstSeqWhere finds an overflow of the queue, and a cache that fills', async () => {
  const server = await start();
  await makeHardware(server, SMALL_QUEUE);
  await overflow(server);
  const found = async (select: string, comparison: string, method = 'SCAN') => {
    const condition = `{ select: "${select}", ${comparison} }`;
    const query = `{ machine(${M}) { firstSeqWhere(condition: ${condition}, method: ${method}) { seq event { type } } } }`;
    return at(await ask(server, query), 'machine', 'firstSeqWhere');
  };
  const queue = '{ iommu(no: 0) { pageRequestQueue { overflow } } }';
  expect(await found(queue, 'comparison: EQ, value: true')).toEqual({
    seq: await seqOf(server, 'PrqOverflowed'),
    event: { type: 'PrqOverflowed' },
  });
  const tail = '{ iommu(no: 0) { pageRequestQueue { tail } } }';
  expect(await found(tail, 'comparison: GE, value: 1')).toMatchObject({
    event: { type: 'PageRequestQueued' },
  });
  await succeed(server, 'guestMap', GUEST_MAP);
  await succeed(server, 'faultRead', `${C}, faultId: 4`);
  await answer(server, 1);
  const size = '{ iommu(no: 0) { iotlbSize } }';
  for (const method of ['SCAN', 'BISECT']) {
    expect(await found(size, 'comparison: GE, value: 1', method)).toEqual({
      seq: await seqOf(server, 'IotlbFilled'),
      event: { type: 'IotlbFilled' },
    });
  }
});

test.each([
  ['an overflow', SMALL_QUEUE, overflow],
  ['a wrong answer and a right one', '', wrongThenRight],
] as const)('the state at each seq is what its events make: %s', async (_, iommu, act) => {
  const server = await start();
  await makeHardware(server, iommu);
  await act(server);
  const state = initialState();
  for (const event of await eventsOf(server)) {
    evolve(state, event);
    const past = await server.context.history.stateAt('hw', state.seq);
    expect(canonicalText(past)).toBe(canonicalText(state));
  }
  expect(state.seq).toBeGreaterThan(30);
});

test('diff and changes show caches, queues, registers', async () => {
  const server = await start();
  await makeHardware(server, SMALL_QUEUE);
  const before = at(await ask(server, `{ machine(${M}) { seq } }`), 'machine', 'seq');
  await overflow(server);
  const data = await ask(
    server,
    `{ diff(from: {${M}, at: ${before}}, to: {${M}}) { changes { object { name } kind field } } }`,
  );
  const changes = at(data, 'diff', 'changes') as Json[];
  const lines = changes.map(change => `${at(change, 'object', 'name')} ${at(change, 'field')}`);
  expect(lines).toContain('IOMMU 0 pageRequestQueue');
  expect(lines).toContain('physical device 1 priState');
  expect(lines).toContain('physical device 1 dmas');
  const changed = await ask(
    server,
    `{ machine(${M}) { iommu(no: 0) { changes(field: "pageRequestQueue") { list { event { type } } } } } }`,
  );
  const types = (at(changed, 'machine', 'iommu', 'changes', 'list') as Json[]).map(change =>
    at(change, 'event', 'type'),
  );
  expect(types).toEqual([
    'IommuAdded',
    'PageRequestQueued',
    'PrqOverflowed',
    'PrqServed',
    'PrqOverflowCleared',
  ]);
  const key = '{kind: PHYSICAL_DEVICE, id: 1}';
  const last = await ask(
    server,
    `{ machine(${M}) { lastChange(object: ${key}, field: "dmas") { event { type } } } }`,
  );
  expect(at(last, 'machine', 'lastChange', 'event', 'type')).toBe('DmaAborted');
});

test('INVALID instead of the wrong SUCCESS: no hazard, and the DMA fails at once', async () => {
  const server = await start();
  await makeHardware(server);
  await wrongThenRight(server);
  const wrong = await ask(
    server,
    `{ machine(${M}) { hazards { name plantedSeq } firstWhere(condition: {hazard: SUCCESS_WITHOUT_MAPPING}) { operation { number command } } } }`,
  );
  expect(at(wrong, 'machine', 'hazards')).toMatchObject([{ name: 'SUCCESS_WITHOUT_MAPPING' }]);
  const found = at(wrong, 'machine', 'firstWhere', 'operation');
  expect(at(found, 'command')).toBe('FaultWrite');
  const number = at(found, 'number') as number;
  const instead = `{ faultWrite: { contextId: 1, faultId: 4, responses: [{cookie: 1, code: IOMMUFD_PAGE_RESP_INVALID}] } }`;
  const data = await ask(
    server,
    `mutation { whatIf(input: {${M}, newMachineId: "invalid", atOperation: ${number - 1}, toOperation: ${number}
      edits: [{ operation: ${number}, instead: ${instead} }] }) {
      machine { hazardCount physicalDevices(first: 1) {
        ... on PciDevice { dmas { dmaId } priState { enabled } } } }
      rerun { steps { edges { node { kind differs } } } } } }`,
  );
  expect(at(data, 'whatIf', 'machine')).toEqual({
    hazardCount: 0,
    physicalDevices: [{ dmas: [], priState: { enabled: true } }],
  });
  const life = await ask(
    server,
    '{ machine(machineId: "invalid") { dmaLife(dmaId: 1) { ended stages { event { summary } } } } }',
  );
  expect(at(life, 'machine', 'dmaLife', 'ended')).toBe(true);
  const stages = at(life, 'machine', 'dmaLife', 'stages') as Json[];
  expect(at(stages.at(-1)!, 'event', 'summary')).toContain('INVALID_REQUEST');
});

test('a fork goes its own way from where a DMA waits', async () => {
  const server = await start();
  await makeHardware(server);
  await succeed(server, 'dma', READ);
  await succeed(server, 'faultRead', `${C}, faultId: 4`);
  await ask(
    server,
    `mutation { machineFork(input: {machineId: "fork", from: {${M}}}) { machine { seq } } }`,
  );
  await succeed(server, 'guestMap', GUEST_MAP.replace(M, 'machineId: "fork"'));
  await answer(server, 1, 'fork');
  const dmas = `physicalDevices(first: 1) { ... on PciDevice { dmas { state } atc { edges { node { iova } } } } }`;
  const data = await ask(
    server,
    `{ parent: machine(${M}) { ${dmas} } fork: machine(machineId: "fork") { ${dmas} } }`,
  );
  expect(at(data, 'parent', 'physicalDevices', 0)).toEqual({
    dmas: [{ state: 'WAITING_PRG' }],
    atc: { edges: [] },
  });
  expect(at(data, 'fork', 'physicalDevices', 0)).toEqual({
    dmas: [],
    atc: { edges: [{ node: { iova: '0x40000000' } }] },
  });
});

test('the life of the iopf group that a DMA made', async () => {
  const server = await start();
  await makeHardware(server);
  await wrongThenRight(server);
  const data = await ask(
    server,
    `{ machine(${M}) { iopfGroupLife(iopfGroupId: 1) { ended stages { stage event { type } } } } }`,
  );
  const stages = at(data, 'machine', 'iopfGroupLife', 'stages') as Json[];
  expect(stages.map(stage => at(stage, 'stage'))).toEqual([
    'PAGE_REQUESTED',
    'QUEUED',
    'READ',
    'ANSWERED',
    'RESPONDED',
    'RECEIVED',
    'HAZARD',
  ]);
});
