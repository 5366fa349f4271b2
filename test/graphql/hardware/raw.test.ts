/** A page request that stands in a queue, in each vendor's bits. */
import { expect, test } from 'vitest';
import { PAGE_REQUEST_FORMATS } from '../../../src/core/hardware/vendors/formats.ts';
import { ask, at, start, succeed } from '../builder/testing.ts';
import { F, M, makeHardware } from './mutation-cases.ts';

/** Requester 0100h (bus 1), PASID 5, a write at 0x40003000, index 0, the last of its group. */
const WORDS = {
  // 7:0 type 1, 8 PASID present, 31:16 rid, 51:32 PASID; 1 write, 2 last, 63:12 address.
  VTD: ['0x501000101', '0x40003006', '0x0', '0x0'],
  CONFORMING: ['0x501000101', '0x40003006', '0x0', '0x0'],
  // 31:0 StreamID, 51:32 SubstreamID, 61 write, 62 last, 63 SSV; 63:12 address.
  SMMUV3: ['0xe000000500000100', '0x40003000'],
  // 15:0 device, 31:16 PASID, 41 last, flags 0x20 write, 0x40 user, 0x100 GN from 48, 63:60 type 1.
  AMD_VI: ['0x1160020000050100', '0x40003000'],
  // 31:12 PID, 32 PV, 63:40 DID; 1 W, 2 L, 63:12 address.
  RISCV: ['0x1000100005000', '0x40003006'],
} as const;

test.each(Object.entries(WORDS))('%s', async (vendor, words) => {
  const server = await start();
  await makeHardware(server, `vendor: ${vendor}, service: MANUAL, pageRequestQueueEntries: 512`);
  await succeed(server, 'dma', `${F}, pasid: 5, iova: "0x40003000", length: "0x8", write: true`);
  const data = await ask(
    server,
    `{ machine(${M}) { iommu(no: 0) { pageRequestQueue { count capacity head tail raw(index: 0) next: raw(index: 1) } } } }`,
  );
  const queue = at(data, 'machine', 'iommu', 'pageRequestQueue');
  // Only SMMUv3's indexes have a wrap flag.
  const capacity = vendor === 'SMMUV3' ? 512 : 511;
  expect(queue).toMatchObject({ count: 1, capacity, head: 0, tail: 1, next: [] });
  const raw = at(queue, 'raw') as string[];
  expect(raw).toEqual(words);
  const { decode } = PAGE_REQUEST_FORMATS[vendor as keyof typeof WORDS];
  expect(decode(raw.map(BigInt))).toEqual({
    ...{ requesterId: 0x100, pasid: 5, read: false, write: true, execute: false },
    ...{ privileged: false, last: true, prgIndex: 0, address: 0x4000_3000n },
  });
});

test('events and fault records have their words; other events have none', async () => {
  const server = await start();
  await makeHardware(server, 'vendor: SMMUV3', ', hasAts: false');
  await succeed(server, 'dma', `${F}, pasid: 5, iova: "0x40003000", length: "0x8", write: true`);
  // F_TRANSLATION 10h, SSV, SubstreamID 5, StreamID 0100h; CLASS IN; the input address.
  const words = ['0x10000005810', '0x20000000000', '0x40003000', '0x0'];
  const data = await ask(
    server,
    `{ machine(${M}) { iommu(no: 0) { faultRecords { raw } }
      events(last: 2) { edges { node { type raw } } } } }`,
  );
  expect(at(data, 'machine', 'iommu', 'faultRecords')).toEqual([{ raw: words }]);
  expect(at(data, 'machine', 'events', 'edges')).toEqual([
    { node: { type: 'FaultRecorded', raw: words } },
    { node: { type: 'DmaAborted', raw: [] } },
  ]);
});
