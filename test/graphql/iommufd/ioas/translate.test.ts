/** The query `translate`, from everything a DMA can start from. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Faultline } from '../../../../src/server/faultline.ts';
import {
  ask,
  FIXED_READ,
  FIXED_RW,
  type Fields,
  inContext,
  RW,
  startWithIoas,
  succeed,
} from '../testing.ts';

const ANSWER =
  'translate(iova: "IOVA", write: WRITE) { iova userVa failure failureText pageSize hwpt { hwptId } ioas { ioasId } area { start } }';
const translate = (iova: string, write: boolean) =>
  ANSWER.replace('IOVA', iova).replace('WRITE', String(write));

async function through(
  server: Faultline,
  objectId: number,
  iova: string,
  write = false,
): Promise<Fields> {
  const on = ['Ioas', 'HwptPaging', 'HwptNested', 'Device'].map(
    type => `... on ${type} { ${translate(iova, write)} }`,
  );
  const { object } = await inContext(server, `{ object(id: ${objectId}) { ${on.join(' ')} } }`);
  return (object as Fields)['translate'] as Fields;
}

/**
 * IOAS 1; device 2 is PCI 0000:01:00.0, on the default topology; hwpt 3 its nest parent; nested hwpt 4.
 * Mapped: 0x10000 read and write, 0x20000 read only; reserved 0x30000; each 0x1000 bytes.
 */
let server: Faultline;
beforeEach(async () => {
  server = await startWithIoas();
  await succeed(server, 'deviceBind', 'bdf: "0000:01:00.0"');
  const parent = 'devId: 2, ptId: 1, flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]';
  await succeed(server, 'hwptAlloc', parent);
  await succeed(server, 'hwptAlloc', 'devId: 2, ptId: 3, vtdS1: { pgtblAddr: "0x1000" }');
  const map = (flags: string, iova: string) =>
    `ioasId: 1, ${flags}, userVa: "0x10000000", length: "0x1000", iova: "${iova}"`;
  await succeed(server, 'ioasMap', map(FIXED_RW, '0x10000'));
  await succeed(server, 'ioasMap', map(FIXED_READ, '0x20000'));
  await succeed(server, 'testAddReserved', 'ioasId: 1, start: "0x30000", length: "0x1000"');
});

describe('a paging hwpt', () => {
  test.each([
    ['0x10000', false, '0x10000000', null],
    ['0x10fff', true, '0x10000fff', null],
    ['0x20800', false, '0x10000800', null],
    ['0x20800', true, null, 'PERMISSION'],
    ['0x11000', false, null, 'NOT_MAPPED'],
    ['0xffff', false, null, 'NOT_MAPPED'],
    ['0x30000', false, null, 'RESERVED'],
    ['0xffffffffffffffff', false, null, 'RESERVED'],
  ])('%s, write %s', async (iova, write, userVa, failure) => {
    expect(await through(server, 3, iova, write)).toMatchObject({
      iova,
      userVa,
      failure,
      pageSize: 4096,
      hwpt: { hwptId: 3 },
      ioas: { ioasId: 1 },
    });
  });
});

test('the area is shown also where it does not permit the access', async () => {
  expect((await through(server, 3, '0x20800', true))['area']).toEqual({ start: '0x20000' });
  expect((await through(server, 3, '0x11000'))['area']).toBeNull();
});

test('a nested hwpt: the guest’s stage comes first', async () => {
  expect(await through(server, 4, '0x10000')).toMatchObject({
    userVa: null,
    failure: 'FIRST_STAGE',
    failureText: expect.stringContaining('guest-physical address'),
    hwpt: { hwptId: 4 },
    ioas: { ioasId: 1 },
    area: null,
    pageSize: null,
  });
});

test('an IOAS alone may map user memory that does not exist', async () => {
  await succeed(server, 'ioasAlloc');
  const { iova } = await succeed(
    server,
    'ioasMap',
    `ioasId: 5, ${RW}, userVa: "0x20000000", length: "0x1000"`,
    'iova',
  );
  expect(await through(server, 5, iova as string)).toMatchObject({
    userVa: null,
    failure: 'NOT_PRESENT',
    hwpt: null,
    ioas: { ioasId: 5 },
    area: { start: iova },
    pageSize: null,
  });
  expect(await through(server, 1, '0x10004')).toMatchObject({
    userVa: '0x10000004',
    failure: null,
    hwpt: null,
  });
});

test('a device goes through what its IOMMU group is on', async () => {
  const blocked = { failure: 'BLOCKING_DOMAIN', hwpt: null, ioas: null };
  expect(await through(server, 2, '0x10000')).toMatchObject(blocked);
  await succeed(server, 'deviceAttach', 'devId: 2, ptId: 3');
  expect(await through(server, 2, '0x10000')).toMatchObject({
    failure: null,
    failureText: null,
    userVa: '0x10000000',
    hwpt: { hwptId: 3 },
  });
  await succeed(server, 'deviceReplace', 'devId: 2, ptId: 4');
  expect(await through(server, 2, '0x10000')).toMatchObject({ failure: 'FIRST_STAGE' });
  await succeed(server, 'deviceDetach', 'devId: 2');
  expect(await through(server, 2, '0x10000')).toMatchObject(blocked);
});

test('a physical device that nobody owns is on the default domain', async () => {
  const query = `{ machine { pciDevice(bdf: "0000:01:00.0") { ${translate('0x10000', false)} } } }`;
  const look = async () => {
    const { machine } = await ask(server, query);
    return ((machine as Fields)['pciDevice'] as Fields)['translate'];
  };
  await succeed(server, 'deviceAttach', 'devId: 2, ptId: 3');
  expect(await look()).toMatchObject({ userVa: '0x10000000', hwpt: { hwptId: 3 } });
  await succeed(server, 'deviceUnbind', 'devId: 2');
  expect(await look()).toMatchObject({ userVa: null, failure: 'DEFAULT_DOMAIN', hwpt: null });
});
