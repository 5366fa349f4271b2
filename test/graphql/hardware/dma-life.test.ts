/** The life of a DMA, told by the machine: issue, fault, iopf group, answer, retry, completion. */
import { expect, test } from 'vitest';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, post, start, succeed } from '../builder/testing.ts';
import { C, F, GUEST_MAP, M, makeHardware } from './mutation-cases.ts';

const READ = `${F}, iova: "0x40000000", length: "0x1000"`;
const LIFE = 'dmaId ended cut stages { waitMs event { type operation { command } } }';

async function lifeOf(server: Faultline, dmaId: number, place = ''): Promise<Json> {
  const query = `{ machine(${M}${place}) { dmaLife(dmaId: ${dmaId}) { ${LIFE} } } }`;
  return at(await ask(server, query), 'machine', 'dmaLife');
}

const linesOf = (life: Json) =>
  (at(life, 'stages') as Json[]).map(
    stage => `${at(stage, 'event', 'operation', 'command')} ${at(stage, 'event', 'type')}`,
  );

const answer = (server: Faultline, cookie: number, code = 'SUCCESS') =>
  succeed(
    server,
    'faultWrite',
    `${C}, faultId: 4, responses: [{cookie: ${cookie}, code: IOMMUFD_PAGE_RESP_${code}}]`,
  );

test('answered without a mapping, then with one: both looks, and the bytes', async () => {
  const server = await start();
  await makeHardware(server);
  await succeed(server, 'dma', READ);
  await succeed(server, 'faultRead', `${C}, faultId: 4`);
  await answer(server, 1);
  await succeed(server, 'faultRead', `${C}, faultId: 4`);
  const waiting = await lifeOf(server, 1);
  expect(waiting).toMatchObject({ dmaId: 1, ended: false, cut: false });
  await succeed(server, 'guestMap', GUEST_MAP);
  await answer(server, 1);
  const life = await lifeOf(server, 1);
  expect(life).toMatchObject({ ended: true, cut: false });
  const asked = [
    'PageRequestIssued',
    'PageRequestQueued',
    'PageRequestReported',
    'IopfGroupQueued',
    'DmaWaited',
  ];
  expect(linesOf(life)).toEqual([
    'Dma DmaIssued',
    ...asked.map(type => `Dma ${type}`),
    'FaultRead IopfGroupRead',
    'FaultWrite PageResponseWritten',
    'FaultWrite PageResponseSent',
    'FaultWrite PrgResponseReceived',
    'FaultWrite HazardRecorded',
    'FaultWrite DmaRetried',
    ...asked.map(type => `FaultWrite ${type}`),
    'FaultRead IopfGroupRead',
    'FaultWrite PageResponseWritten',
    'FaultWrite PageResponseSent',
    'FaultWrite PrgResponseReceived',
    'FaultWrite DmaCompleted',
  ]);
  expect(linesOf(life).slice(0, linesOf(waiting).length)).toEqual(linesOf(waiting));
  const waits = (at(life, 'stages') as Json[]).map(stage => at(stage, 'waitMs') as number);
  expect(waits[0]).toBe(0);
  for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(0);
  // At a moment of the past it is what it was then.
  const seq = at(await ask(server, `{ machine(${M}, atOperation: 15) { seq } }`), 'machine', 'seq');
  const then = await lifeOf(server, 1, `, at: ${seq}`);
  expect(linesOf(life).slice(0, linesOf(then).length)).toEqual(linesOf(then));
});

test('other DMAs are not in it, though they go on between', async () => {
  const server = await start();
  await makeHardware(server);
  await succeed(server, 'dma', READ);
  await succeed(server, 'dma', READ.replace('0x40000000', '0x40001000'));
  await succeed(server, 'faultRead', `${C}, faultId: 4`);
  await answer(server, 2, 'INVALID');
  await succeed(server, 'guestMap', GUEST_MAP);
  await answer(server, 1);
  const lives = [linesOf(await lifeOf(server, 1)), linesOf(await lifeOf(server, 2))];
  expect(lives[0]!.at(-1)).toBe('FaultWrite DmaCompleted');
  expect(lives[1]!.at(-1)).toBe('FaultWrite DmaAborted');
  for (const life of lives) {
    expect(life.filter(line => line.endsWith('IopfGroupQueued'))).toHaveLength(1);
    expect(life.filter(line => line.endsWith('PrgResponseReceived'))).toHaveLength(1);
  }
});

test('a DMA that is done at once is one event; one that waits tells its life itself', async () => {
  const server = await start();
  await makeHardware(server);
  await succeed(server, 'guestMap', GUEST_MAP);
  await succeed(server, 'dma', READ);
  expect(linesOf(await lifeOf(server, 1))).toEqual(['Dma DmaCompleted']);
  await succeed(server, 'dma', READ.replace('0x40000000', '0x40001000'));
  const query = `{ machine(${M}) { physicalDevices(first: 1) { ... on PciDevice {
    dmas { dmaId state life { ${LIFE} } } } } } }`;
  const data = await ask(server, query);
  const [dma] = at(data, 'machine', 'physicalDevices', 0, 'dmas') as Json[];
  expect(dma).toMatchObject({ dmaId: 2, state: 'WAITING_PRG' });
  expect(at(dma!, 'life')).toEqual(await lifeOf(server, 2));
});

test('overflow and the hardware’s own answer are in it; a stall is, too', async () => {
  const server = await start();
  await makeHardware(server, 'vendor: VTD, pageRequestQueueEntries: 2, service: MANUAL');
  await succeed(server, 'dma', READ);
  await succeed(
    server,
    'dma',
    `${READ.replace('0x40000000', '0x40001000')}, options: {retryLimit: 2}`,
  );
  // It backs off, and asks once more when time has passed.
  await succeed(server, 'hardwareAdvance', `${M}, ticks: 1`);
  expect(linesOf(await lifeOf(server, 2)).map(line => line.split(' ')[1])).toEqual([
    'DmaIssued',
    'PageRequestIssued',
    'PageRequestDropped',
    'PageRequestAutoResponded',
    'DmaWaited',
    'PrgResponseReceived',
    'DmaRetried',
    'DmaWaited',
    'DmaWaited',
    'PageRequestIssued',
    'PageRequestDropped',
    'PageRequestAutoResponded',
    'DmaWaited',
    'PrgResponseReceived',
    'DmaRetried',
    'DmaAborted',
  ]);
  const stalls = await start();
  await makeHardware(stalls, 'vendor: SMMUV3', ', stall: true', ', pri: false');
  await succeed(stalls, 'dma', READ);
  await succeed(stalls, 'faultRead', `${C}, faultId: 4`);
  await succeed(stalls, 'guestMap', GUEST_MAP);
  await answer(stalls, 1);
  expect(linesOf(await lifeOf(stalls, 1)).map(line => line.split(' ')[1])).toEqual([
    'DmaIssued',
    'TransactionStalled',
    'PageRequestReported',
    'IopfGroupQueued',
    'DmaWaited',
    'IopfGroupRead',
    'PageResponseWritten',
    'PageResponseSent',
    'StallResumed',
    'DmaCompleted',
  ]);
});

test('a number that is none is null, and what is no number is refused by name', async () => {
  const server = await start();
  await makeHardware(server);
  for (const id of [0, 1, 4_294_967_295]) expect(await lifeOf(server, id)).toBe(null);
  const { errors } = await post(server, `{ machine(${M}) { dmaLife(dmaId: -1) { ended } } }`);
  expect(errors[0]!.message).toMatch(/^"dmaId": U32 must be a whole number/);
});
