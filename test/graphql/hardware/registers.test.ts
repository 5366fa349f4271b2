/** The registers of a function's capabilities, bit by bit (include/uapi/linux/pci_regs.h). */
import { expect, test } from 'vitest';
import { ask, at, type Json, start, succeed } from '../builder/testing.ts';
import { F, M, makeHardware } from './mutation-cases.ts';

const FIELDS = `ats { smallestTranslationUnit invalidateQueueDepth capabilityRegister controlRegister }
  priState { pasidRequired controlRegister statusRegister outstanding { grpid } }
  pasid { width enabled capabilityRegister controlRegister } dmas { dmaId grpids }`;

type Server = Awaited<ReturnType<typeof start>>;

async function registers(server: Server): Promise<Json> {
  const query = `{ machine(${M}) { physicalDevices(first: 1) { ... on PciDevice { ${FIELDS} } } } }`;
  return at(await ask(server, query), 'machine', 'physicalDevices', 0) as Json;
}

test('of a function with all three capabilities', async () => {
  const server = await start();
  await makeHardware(server, '', ', pasidWidth: 16');
  expect(await registers(server)).toMatchObject({
    // Invalidate Queue Depth 32 is 0; PCI_ATS_CAP_PAGE_ALIGNED 0020h. PCI_ATS_CTRL_ENABLE 8000h.
    ats: { smallestTranslationUnit: 0, capabilityRegister: 0x20, controlRegister: 0x8000 },
    // PCI_PRI_CTRL_ENABLE 0001h; PCI_PRI_STATUS_PASID 8000h.
    priState: { pasidRequired: true, controlRegister: 1, statusRegister: 0x8000 },
    // PCI_PASID_CAP_WIDTH 1f00h; PCI_PASID_CTRL_ENABLE 0001h.
    pasid: { width: 16, enabled: true, capabilityRegister: 0x1000, controlRegister: 1 },
  });
  await succeed(server, 'atsDisable', F);
  await succeed(server, 'priDisable', F);
  expect(await registers(server)).toMatchObject({
    ats: { controlRegister: 0 },
    // PCI_PRI_STATUS_STOPPED 0100h.
    priState: { controlRegister: 0, statusRegister: 0x8100 },
  });
});

test('of one without PASIDs and a shallow queue; RF stays until PRI is enabled again', async () => {
  const server = await start();
  await makeHardware(server, '', ', pasidWidth: 0, ats: {invalidateQueueDepth: 5}');
  await succeed(server, 'prqSwitch', `${M}, iommu: 0, enabled: false`);
  await succeed(server, 'dma', `${F}, iova: "0x40000000", length: "0x8"`);
  expect(await registers(server)).toMatchObject({
    ats: { capabilityRegister: 0x25 },
    // PCI_PRI_STATUS_RF 0001h and STOPPED 0100h.
    priState: { pasidRequired: false, controlRegister: 0, statusRegister: 0x101 },
    pasid: null,
  });
  await succeed(server, 'priReset', F);
  await succeed(server, 'priEnable', `${F}, allocation: 4`);
  expect(await registers(server)).toMatchObject({
    priState: { controlRegister: 1, statusRegister: 0 },
  });
});

test('what is outstanding is listed by index, not as it was taken', async () => {
  const server = await start();
  await makeHardware(server);
  const fixed = 'options: {prgIndex: FIXED, fixedIndex: 3}';
  await succeed(server, 'dma', `${F}, iova: "0x40000000", length: "0x8", ${fixed}`);
  await succeed(server, 'dma', `${F}, iova: "0x40001000", length: "0x2000"`);
  expect(await registers(server)).toMatchObject({
    priState: { outstanding: [{ grpid: 0 }, { grpid: 1 }, { grpid: 3 }] },
    dmas: [
      { dmaId: 1, grpids: [3] },
      { dmaId: 2, grpids: [0, 1] },
    ],
  });
});
