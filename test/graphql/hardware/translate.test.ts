/** The query `translate` of a function behind a modelled IOMMU: each step, and what decided. */
import { expect, test } from 'vitest';
import type { Faultline } from '../../../src/server/faultline.ts';
import { ask, at, type Json, start, succeed } from '../builder/testing.ts';
import { C, F, GUEST_MAP, M, makeHardware } from './mutation-cases.ts';

const WALK = `userVa failure walk {
  steps { stage level address entry areaStart areaLast leadsTo fault }
  fault faultStage implicit recoverable recorded { code name } pageSize
  atc { iova userVa } iotlb { userVa filledSeq }
}`;

async function translate(server: Faultline, args: string): Promise<Json> {
  const query = `{ machine(${M}) { physicalDevices(first: 1) { translate(${args}) { ${WALK} } } } }`;
  const data = await ask(server, query);
  return at(data, 'machine', 'physicalDevices', 0, 'translate');
}

test('both stages step by step, with large and small pages, and no change', async () => {
  const server = await start();
  await makeHardware(server);
  await succeed(server, 'guestMap', GUEST_MAP);
  const before = await ask(server, `{ machine(${M}) { seq } }`);
  const found = await translate(server, 'iova: "0x40000123"');
  const area = { areaStart: '0x0', areaLast: '0xfffff', entry: null, level: null, fault: null };
  const second = (address: string, leadsTo: string) => ({ stage: 2, address, leadsTo, ...area });
  const first = (level: number, address: string, entry: string, leadsTo: string) => ({
    ...{ stage: 1, level, address, entry, leadsTo },
    ...{ areaStart: null, areaLast: null, fault: null },
  });
  expect(found).toEqual({
    userVa: '0x10020123',
    failure: null,
    walk: {
      steps: [
        second('0x1000', '0x10001000'),
        first(3, '0x1000', '0x2007', '0x2000'),
        second('0x2008', '0x10002008'),
        first(2, '0x2008', '0x3007', '0x3000'),
        second('0x3000', '0x10003000'),
        first(1, '0x3000', '0x4007', '0x4000'),
        second('0x4000', '0x10004000'),
        first(0, '0x4000', '0x8000000000020007', '0x20123'),
        second('0x20123', '0x10020123'),
      ],
      ...{ fault: null, faultStage: null, implicit: false, recoverable: false, recorded: null },
      ...{ pageSize: '0x1000', atc: null, iotlb: null },
    },
  });
  expect(await ask(server, `{ machine(${M}) { seq } }`)).toEqual(before);
});

test('what is missing in the guest’s table is the guest’s to map', async () => {
  const server = await start();
  await makeHardware(server, 'vendor: VTD');
  await succeed(server, 'guestMap', GUEST_MAP);
  const found = await translate(server, 'iova: "0x40001000"');
  expect(found).toMatchObject({
    userVa: null,
    failure: 'FIRST_STAGE',
    walk: {
      ...{ fault: 'NOT_PRESENT', faultStage: 1, implicit: false, recoverable: true },
      recorded: { code: 0x71, name: 'first-stage entry not present' },
    },
  });
  const steps = at(found, 'walk', 'steps') as Json[];
  expect(steps.at(-1)).toMatchObject({ stage: 1, level: 0, entry: '0x0', fault: 'NOT_PRESENT' });
  expect(steps.slice(0, -1).map(step => at(step, 'fault'))).toEqual(Array(7).fill(null));
});

test('a page of the guest, and a table, that the nest parent has not', async () => {
  const server = await start();
  await makeHardware(server);
  await succeed(server, 'guestMap', GUEST_MAP.replace('gpa: "0x20000"', 'gpa: "0x200000"'));
  const page = await translate(server, 'iova: "0x40000000"');
  expect(page).toMatchObject({
    walk: { fault: 'STAGE2_NOT_PRESENT', faultStage: 2, implicit: false, recoverable: true },
  });
  const steps = at(page, 'walk', 'steps') as Json[];
  expect(steps.at(-1)).toMatchObject({
    ...{ stage: 2, address: '0x200000', areaStart: null, leadsTo: null },
    fault: 'STAGE2_NOT_PRESENT',
  });
  // The root entry now leads to a table outside of guest memory.
  const word = '{gpa: "0x1000", value: "0x500007"}';
  await succeed(server, 'guestWrite', `${C}, ioasId: 2, words: [${word}]`);
  const table = await translate(server, 'iova: "0x40000000"');
  expect(table).toMatchObject({
    walk: { fault: 'TABLE_UNREADABLE', faultStage: 2, implicit: true },
  });
  expect((at(table, 'walk', 'steps') as Json[]).at(-1)).toMatchObject({
    ...{ stage: 2, address: '0x500008', areaStart: null, fault: 'TABLE_UNREADABLE' },
  });
});

test('what caches hold instead is beside it; a write asks for its own rights', async () => {
  const server = await start();
  await makeHardware(server);
  await succeed(server, 'guestMap', `${GUEST_MAP}, writeable: false`);
  await succeed(server, 'dma', `${F}, iova: "0x40000000", length: "0x1000"`);
  await succeed(server, 'guestUnmap', `${C}, hwptId: 5, iova: "0x40000000", length: "0x1000"`);
  const stale = await translate(server, 'iova: "0x40000000"');
  expect(stale).toMatchObject({
    walk: { fault: 'NOT_PRESENT', atc: { userVa: '0x10020000' }, iotlb: { userVa: '0x10020000' } },
  });
  await succeed(server, 'guestMap', `${GUEST_MAP}, writeable: false`);
  const write = await translate(server, 'iova: "0x40000000", write: true');
  expect(write).toMatchObject({ walk: { fault: 'NOT_WRITABLE', faultStage: 1 } });
});

test('without a domain, through one stage alone, with a PASID, and of a function that is not modelled', async () => {
  const server = await start();
  await makeHardware(server);
  const pasid = await translate(server, 'iova: "0x0", pasid: 7');
  expect(pasid).toMatchObject({ walk: { fault: 'NOT_PRESENT', faultStage: 1 } });
  await succeed(server, 'deviceReplace', `${C}, devId: 1, ptId: 2`);
  const alone = await translate(server, 'iova: "0x2123"');
  expect(alone).toMatchObject({
    userVa: '0x10002123',
    walk: { steps: [{ stage: 2, address: '0x2123', leadsTo: '0x10002123' }], pageSize: '0x1000' },
  });
  const none = await translate(server, 'iova: "0x2123", pasid: 7');
  expect(none).toMatchObject({ walk: { steps: [], fault: 'NO_PASID_TABLE', recoverable: false } });
  await succeed(server, 'deviceDetach', `${C}, devId: 1`);
  const blocked = await translate(server, 'iova: "0x2123"');
  expect(blocked).toMatchObject({
    failure: 'BLOCKING_DOMAIN',
    walk: { steps: [], fault: 'BLOCKED', recorded: { code: 2 } },
  });
  const query = `{ machine(${M}) { physicalDevices { translate(iova: "0x0") { walk { fault } } } } }`;
  const data = await ask(server, query);
  expect(at(data, 'machine', 'physicalDevices', 1)).toEqual({ translate: { walk: null } });
});

test('what a function is: its PASIDs, and whether it stalls', async () => {
  const server = await start();
  await makeHardware(server, '', ', pasidWidth: 4');
  const query = `{ machine(${M}) { physicalDevices { ... on PciDevice { pasidWidth stalls } } } }`;
  expect(at(await ask(server, query), 'machine', 'physicalDevices')).toEqual([
    { pasidWidth: 4, stalls: false },
    { pasidWidth: null, stalls: null },
  ]);
});
