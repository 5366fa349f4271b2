/** A test of a handler, without hardware and without a server of its own: node --test. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFaultline } from 'faultline';
import { handleFaults } from 'faultline/client';

const SETUP = `mutation {
  contextOpen(input: {}) { seq }
  deviceBind(input: { contextId: 1, bdf: "0000:01:00.0" }) { seq }
  ioasAlloc(input: { contextId: 1 }) { seq }
  parent: hwptAlloc(input: {
    contextId: 1, devId: 1, ptId: 2, flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
  }) { seq }
  faultQueueAlloc(input: { contextId: 1 }) { seq }
  guest: hwptAlloc(input: {
    contextId: 1, devId: 1, ptId: 3, faultId: 4
    flags: [IOMMU_HWPT_FAULT_ID_VALID], vtdS1: { pgtblAddr: "0x1000" }
  }) { seq }
  deviceAttach(input: { contextId: 1, devId: 1, ptId: 5 }) { seq }
}`;
const FAULT = `mutation($addr: PageAddress!) {
  pageRequest(input: { bdf: "0000:01:00.0", grpid: 7, addr: $addr }) { errno }
}`;
const EVENTS = `subscription { events(after: 0) { type summary } }`;

test('the guest has pages from 0x10000 on', async () => {
  await using faultline = await startFaultline();
  assert.equal((await faultline.execute(SETUP)).extensions?.refusals, undefined);
  await using _ = handleFaults(
    { url: faultline.url, contextId: 1, faultId: 4 },
    async ({ messages }) =>
      messages.every(({ addr }) => addr >= 0x10000n) ? 'SUCCESS' : 'INVALID',
  );
  const { errors, extensions } = await faultline.execute(FAULT, { addr: '0x8000' });
  assert.deepEqual([errors, extensions?.refusals], [undefined, undefined]);
  for await (const { data } of await faultline.subscribe(EVENTS)) {
    const { type, summary } = data!['events'] as { type: string; summary: string };
    if (type !== 'PageResponseSent') continue;
    assert.match(summary, /group index 7 INVALID \(1\)$/);
    break;
  }
});
