/** The handlers in examples/hardware: the right one, and the hazard that names each mistake. */
import { expect, onTestFinished, test } from 'vitest';
import { forgetfulHandler } from '../../examples/hardware/index-alone.ts';
import {
  IOVA,
  invalidatePage,
  makeMachine,
  mapPage,
  readPage,
  unmapPage,
} from '../../examples/hardware/machine.ts';
import { evictInTableOnly } from '../../examples/hardware/no-invalidation.ts';
import { evict, rightHandler } from '../../examples/hardware/right.ts';
import { hastyHandler } from '../../examples/hardware/success-without-mapping.ts';
import type { FaultHandler } from '../../src/client/index.ts';
import type { EventOf, EventType } from '../../src/core/machine/event.ts';
import type { Faultline } from '../../src/server/faultline.ts';
import { start } from '../graphql/builder/testing.ts';

const PAGE = 4096n;
/** For hangs. */
const PATIENCE = { timeout: 120_000 };

async function machine(): Promise<Faultline> {
  const server = await start();
  await makeMachine(server.url);
  return server;
}

function during<T extends FaultHandler>(handler: T): T {
  onTestFinished(() => handler.stop());
  return handler;
}

async function eventsOf<T extends EventType>({ engine }: Faultline, type: T) {
  const operations = await engine.log.read('dma', { afterNumber: 0, limit: 1_000 });
  const events = operations.flatMap(({ events }) => events);
  return events.filter((event): event is EventOf<T> => event.type === type);
}

const stateOf = async ({ engine }: Faultline) => (await engine.settled('dma')).state;
const hazards = async (server: Faultline) => (await stateOf(server)).hazards;
const done = async (server: Faultline) => (await eventsOf(server, 'DmaCompleted')).length;

/** The event by which a hazard was planted. */
async function plantedBy({ engine }: Faultline, seq: number | null) {
  const [operation] = await engine.log.read('dma', { afterSeq: (seq ?? 0) - 1, limit: 1 });
  return operation!.events[seq! - operation!.seqBefore - 1]!.type;
}

test('the right handler: the bytes arrive, a page out of the guest is INVALID, no hazard', async () => {
  const server = await machine();
  during(rightHandler(server.url));
  await readPage(server.url, IOVA);
  await expect.poll(() => done(server), PATIENCE).toBe(1);
  await evict(server.url, IOVA);
  await readPage(server.url, IOVA);
  await expect.poll(() => done(server), PATIENCE).toBe(2);
  await readPage(server.url, 0x7000_0000n);
  const aborted = () => eventsOf(server, 'DmaAborted');
  await expect.poll(aborted, PATIENCE).toMatchObject([{ reason: 'INVALID_REQUEST' }]);
  const { runs, via } = (await eventsOf(server, 'DmaCompleted'))[1]!;
  expect(runs).toEqual([{ contextId: 1, userVa: 0x1008_0000n, length: PAGE }]);
  expect(via).toBe('WALK');
  expect(await eventsOf(server, 'PrgResponseReceived')).toMatchObject([
    { code: 0 },
    { code: 0 },
    { code: 1 },
  ]);
  expect((await stateOf(server)).hazardCount).toBe(0);
});

test('SUCCESS without a mapping: the device asks again until it gives up', async () => {
  const server = await machine();
  during(hastyHandler(server.url));
  await readPage(server.url, IOVA);
  const aborted = () => eventsOf(server, 'DmaAborted');
  await expect.poll(aborted, PATIENCE).toMatchObject([{ reason: 'RETRY_LIMIT' }]);
  const found = await hazards(server);
  expect(new Set(found.map(({ name }) => name))).toEqual(new Set(['SUCCESS_WITHOUT_MAPPING']));
  for (const { plantedSeq } of found) {
    expect(await plantedBy(server, plantedSeq)).toBe('PageResponseWritten');
  }
  expect(found[0]!.detail).toContain('IOVA 0x40000000 of 0000:01:00.0');
});

test('no invalidation after an unmap: the old page is read, and the unmap is named', async () => {
  const server = await machine();
  during(rightHandler(server.url));
  await readPage(server.url, IOVA);
  await expect.poll(() => done(server), PATIENCE).toBe(1);
  await evictInTableOnly(server.url, IOVA);
  await readPage(server.url, IOVA);
  await expect.poll(() => done(server), PATIENCE).toBe(2);
  const [hazard, ...more] = await hazards(server);
  expect(more).toEqual([]);
  expect(hazard!.name).toBe('STALE_TRANSLATION_USED');
  expect(await plantedBy(server, hazard!.plantedSeq)).toBe('GuestWordsWritten');
  const operations = await server.engine.log.read('dma', { afterNumber: 0, limit: 1_000 });
  const unmap = operations.find(({ command }) => command.type === 'GuestUnmap')!;
  expect(hazard!.plantedSeq).toBe(unmap.seqBefore + 1);
});

test('index alone as the key: the answer goes to another function, whose page is not there', async () => {
  const server = await machine();
  const handler = during(forgetfulHandler(server.url));
  await readPage(server.url, IOVA, 0);
  await readPage(server.url, IOVA + PAGE, 1);
  await expect.poll(handler.seen, PATIENCE).toBe(2);
  await handler.guestAnswers(0, IOVA);
  await expect.poll(async () => (await hazards(server)).length, PATIENCE).toBe(1);
  const [hazard] = await hazards(server);
  expect(hazard!.name).toBe('SUCCESS_WITHOUT_MAPPING');
  expect(hazard!.detail).toBe(
    'IOVA 0x40001000 of 0000:02:00.0, DMA 2: answered SUCCESS, and the page is NOT_PRESENT still; iopf group 1 of 0000:01:00.0 has group index 0 as well',
  );
  // The function whose page was mapped waits still.
  const [first] = (await stateOf(server)).physicalDevices.values();
  expect(first).toMatchObject({ kind: 'PCI', bdf: '0000:01:00.0' });
  expect(first?.kind === 'PCI' && first.hardware?.dmas.size).toBe(1);
});

test('what the guest does by hand is what the examples name', async () => {
  const server = await machine();
  await mapPage(server.url, IOVA);
  await unmapPage(server.url, IOVA);
  await invalidatePage(server.url, IOVA);
  await expect(unmapPage(server.url, IOVA + 1n)).rejects.toThrow('EINVAL');
});
