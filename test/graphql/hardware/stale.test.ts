/** Cached translations that the tables have no more, before anybody uses them. */
import { expect, test } from 'vitest';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, start, succeed } from '../builder/testing.ts';
import { C, F, GUEST_MAP, M, makeHardware } from './mutation-cases.ts';

const PAGE = 'iova: "0x40000000", length: "0x1000"';
const ENTRY = 'edges { node { iova filledSeq stale { iova fault userVa changedSeq } } }';

/** What is stale in the function's ATC and in the IOTLB, at a moment or now. */
async function stale(server: Faultline, seq: Json = null): Promise<Json> {
  const data = await ask(
    server,
    `{ machine(${M}, at: ${seq}) { seq iommu(no: 0) { iotlb { ${ENTRY} } }
      pciDevice(bdf: "0000:01:00.0") { ... on PciDevice { atc { ${ENTRY} } } } } }`,
  );
  const edges = [
    ...(at(data, 'machine', 'pciDevice', 'atc', 'edges') as Json[]),
    ...(at(data, 'machine', 'iommu', 'iotlb', 'edges') as Json[]),
  ];
  return edges.map(edge => at(edge, 'node', 'stale'));
}

const seqOf = async (server: Faultline) =>
  at(await ask(server, `{ machine(${M}) { seq } }`), 'machine', 'seq');

async function makeCached(server: Faultline): Promise<void> {
  await makeHardware(server);
  await succeed(server, 'guestMap', GUEST_MAP);
  await succeed(server, 'dma', `${F}, ${PAGE}`);
}

test('a page that the guest unmapped is stale in both caches until they are invalidated', async () => {
  const server = await start();
  await makeCached(server);
  const before = await seqOf(server);
  expect(await stale(server)).toEqual([null, null]);
  await succeed(server, 'guestUnmap', `${C}, hwptId: 5, ${PAGE}`);
  const changedSeq = await seqOf(server);
  const left = { iova: '0x40000000', fault: 'NOT_PRESENT', userVa: null, changedSeq };
  expect(await stale(server)).toEqual([left, left]);
  // The past is as it was.
  expect(await stale(server, before)).toEqual([null, null]);
  await succeed(
    server,
    'hwptInvalidate',
    `${C}, hwptId: 5, dataType: IOMMU_HWPT_INVALIDATE_DATA_VTD_S1
      entries: [{ addr: "0x40000000", npages: "0x1" }]`,
  );
  expect(await stale(server)).toEqual([]);
});

test('a page that was mapped elsewhere is stale, and says where it leads now', async () => {
  const server = await start();
  await makeCached(server);
  await succeed(server, 'guestMap', GUEST_MAP.replace('gpa: "0x20000"', 'gpa: "0x30000"'));
  const changedSeq = await seqOf(server);
  const left = { iova: '0x40000000', fault: null, userVa: '0x10030000', changedSeq };
  expect(await stale(server)).toEqual([left, left]);
  const data = await ask(
    server,
    `{ machine(${M}) { pciDevice(bdf: "0000:01:00.0") { translate(iova: "0x40000000") {
      walk { atc { stale { userVa } } iotlb { stale { userVa } } } } } } }`,
  );
  expect(at(data, 'machine', 'pciDevice', 'translate', 'walk')).toEqual({
    atc: { stale: { userVa: '0x10030000' } },
    iotlb: { stale: { userVa: '0x10030000' } },
  });
});

test('a function that leaves the hwpt leaves nothing behind that could be stale', async () => {
  const server = await start();
  await makeCached(server);
  await succeed(server, 'guestUnmap', `${C}, hwptId: 5, ${PAGE}`);
  await succeed(server, 'deviceDetach', `${C}, devId: 1`);
  expect(await stale(server)).toEqual([]);
});
