/** Looking for a moment of modelled hardware: queues and caches are part of what can be asked for. */
import { expect, test } from 'vitest';
import { ask, at, type Json, start, succeed } from '../builder/testing.ts';
import { F, M, makeHardware } from './mutation-cases.ts';

const PLACE = 'seq event { type }';

async function firstWhere(server: Awaited<ReturnType<typeof start>>, condition: string) {
  const query = `{ machine(${M}) { firstSeqWhere(condition: {${condition}}) { ${PLACE} } } }`;
  return at(await ask(server, query), 'machine', 'firstSeqWhere') as Json;
}

test('the overflow of a page request queue, and the first translation that a cache took', async () => {
  const server = await start();
  await makeHardware(server, 'vendor: RISCV, pageRequestQueueEntries: 4, service: MANUAL');
  const send = (grpid: number) =>
    succeed(server, 'pageRequest', `${F}, grpid: ${grpid}, addr: "0x40000000"`);
  for (let grpid = 1; grpid <= 3; grpid++) await send(grpid);
  const overflow =
    'select: "{ iommu(no: 0) { pageRequestQueue { overflow } } }", comparison: EQ, value: true';
  expect(await firstWhere(server, overflow)).toMatchObject({ seq: null });
  await send(4);
  expect(await firstWhere(server, overflow)).toMatchObject({ event: { type: 'PrqOverflowed' } });
  const cached = 'select: "{ iommu(no: 0) { iotlbSize } }", comparison: GE, value: 1';
  await succeed(
    server,
    'guestMap',
    `machineId: "hw", contextId: 1, hwptId: 5, iova: "0x40000000", gpa: "0x20000", length: "0x1000", tablesGpa: "0x2000", tablesLength: "0x8000"`,
  );
  expect(await firstWhere(server, cached)).toMatchObject({ seq: null });
  await succeed(server, 'dma', `${F}, iova: "0x40000000", length: "0x1000"`);
  expect(await firstWhere(server, cached)).toMatchObject({ event: { type: 'IotlbFilled' } });
});
