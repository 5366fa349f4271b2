/** The handlers in examples/hardware: the right one, and the hazard that names each mistake. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { forgetfulHandler } from '../../examples/hardware/index-alone.ts';
import {
  IOVA,
  invalidatePage,
  makeMachine,
  mapPage,
  readPage,
  resetDevice,
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
const ROOT = join(import.meta.dirname, '../..');
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

test('index alone as the key: after a reset the answer to the older group hits the newer one', async () => {
  const server = await machine();
  const handler = during(forgetfulHandler(server.url));
  await readPage(server.url, IOVA);
  await expect.poll(handler.seen, PATIENCE).toBe(1);
  await resetDevice(server.url);
  await readPage(server.url, IOVA + PAGE);
  await expect.poll(handler.seen, PATIENCE).toBe(2);
  await handler.guestAnswers(0, IOVA + PAGE);
  await expect.poll(() => done(server), PATIENCE).toBe(1);
  const [hazard, ...more] = await hazards(server);
  expect(more).toEqual([]);
  expect(hazard!.name).toBe('ANSWER_HIT_NEWER_GROUP');
  expect(hazard!.objects).toEqual(['iopf group 1', '0000:01:00.0']);
  expect(await plantedBy(server, hazard!.plantedSeq)).toBe('IopfGroupQueued');
});

/** What each example says, and how often. */
const SAYS = [
  ['right', 'no hazard', 1],
  ['success-without-mapping', 'SUCCESS_WITHOUT_MAPPING', 16],
  ['no-invalidation', 'STALE_TRANSLATION_USED', 1],
  ['index-alone', 'ANSWER_HIT_NEWER_GROUP', 1],
] as const;

test('they can be run by name, and say what went wrong', async () => {
  const server = await start();
  const run = promisify(execFile);
  const example = (...args: string[]) =>
    run('npm', ['run', '-s', 'example', '--', ...args], { cwd: ROOT });
  const { stdout: list } = await example();
  expect(
    list
      .trim()
      .split('\n')
      .map(line => line.split(':')[0]),
  ).toEqual(SAYS.map(([name]) => name));
  for (const [name, says, times] of SAYS) {
    const { stdout } = await example(name, server.url);
    const lines = stdout
      .trim()
      .split('\n')
      .map(line => line.split(':')[0]);
    expect(lines, name).toEqual(Array(times).fill(says));
  }
  await expect(example('none', server.url)).rejects.toThrow('there is no "none"');
}, 120_000);

test('what the guest does by hand is what the examples name', async () => {
  const server = await machine();
  await mapPage(server.url, IOVA);
  await unmapPage(server.url, IOVA);
  await invalidatePage(server.url, IOVA);
  await expect(unmapPage(server.url, IOVA + 1n)).rejects.toThrow('EINVAL');
});
