/** `faultline serve --tick`: time passes by itself for what waits, and is logged. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  DmaReadDocument,
  HardwareTimeDocument,
  MakeModelledDocument,
} from '../../src/operations/operations.ts';
import { ask } from './asking.ts';
import { run, type ServerProcess, serve, temporaryDirectory } from './process.ts';

const machineId = 'timed';
const IOVA = '0x40000000';
const TIMEOUT_TICKS = 5;

const timeOf = async (server: ServerProcess) =>
  (await ask(server, HardwareTimeDocument, { machineId })).machine;

async function until<T>(look: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look();
    if (wanted(value)) return value;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

test('a DMA times out by itself; without one that waits, nothing is logged', async () => {
  const file = join(temporaryDirectory(), 'faultline.sqlite');
  const server = await serve(file, '--tick', '10');
  await ask(server, MakeModelledDocument, { machineId, iommu: {}, function: { iommu: 0 } });
  const made = await timeOf(server);
  await new Promise(resolve => setTimeout(resolve, 100));
  expect(await timeOf(server)).toEqual(made);
  expect(made.tick).toBe(0);
  const options = { timeoutTicks: TIMEOUT_TICKS };
  const { dma } = await ask(server, DmaReadDocument, { machineId, iova: IOVA, options });
  expect(dma).toMatchObject({ state: 'WAITING_PRG' });
  const over = await until(
    () => timeOf(server),
    ({ hazards }) => hazards.length > 0,
  );
  expect(over.hazards).toEqual([{ name: 'DMA_TIMED_OUT' }]);
  expect(over.tick).toBeGreaterThanOrEqual(TIMEOUT_TICKS);
  expect(over.last?.edges[0]?.node.command).toBe('HardwareAdvance');
  await new Promise(resolve => setTimeout(resolve, 100));
  expect(await timeOf(server)).toEqual(over);
  // One that waits when the server stops has its time before or after, never half of it.
  await ask(server, DmaReadDocument, { machineId, iova: IOVA, options: { timeoutTicks: 1_000 } });
  expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  const verified = await run('verify', '--database', file);
  expect(verified).toMatchObject({ code: 0 });
  // Without the flag it waits.
  const still = await serve(file);
  const first = await timeOf(still);
  await new Promise(resolve => setTimeout(resolve, 100));
  expect(await timeOf(still)).toEqual(first);
  await still.kill('SIGTERM');
}, 120_000);
