/** The IOAS operations through the server: each in success and in refusal. */
import { expect, test } from 'vitest';
import {
  FIXED_READ,
  FIXED_RW,
  inContext,
  malformed,
  RW,
  refuse,
  start,
  startWithIoas,
  startWithMock,
  succeed,
} from '../testing.ts';

const AREAS = 'object(id: 1) { ... on Ioas { areaCount areas { edges { node { start last } } } } }';

test('ioasMap maps where it is told and where the kernel chooses', async () => {
  const server = await startWithIoas();
  const fixed = `ioasId: 1, ${FIXED_RW}, userVa: "0x10000000", length: "0x2000", iova: "0x5000"`;
  expect(
    await succeed(
      server,
      'ioasMap',
      fixed,
      `iova events { type summary } area {
        start last length userVa permissions accessPins ioas { ioasId }
        pages { userVa length writable present areaCount }
      }`,
    ),
  ).toEqual({
    iova: '0x5000',
    events: [
      {
        type: 'AreaMapped',
        summary: 'context 1: IOAS 1: 0x5000 to 0x6fff maps user memory at 0x10000000',
      },
    ],
    area: {
      start: '0x5000',
      last: '0x6fff',
      length: '0x2000',
      userVa: '0x10000000',
      permissions: ['IOMMU_IOAS_MAP_READABLE', 'IOMMU_IOAS_MAP_WRITEABLE'],
      accessPins: 0,
      ioas: { ioasId: 1 },
      pages: {
        userVa: '0x10000000',
        length: '0x2000',
        writable: true,
        present: true,
        areaCount: 1,
      },
    },
  });
  const chosen = await succeed(
    server,
    'ioasMap',
    'ioasId: 1, rawFlags: 4, userVa: "0x10000000", length: "0x1000"',
    'iova area { permissions }',
  );
  expect(chosen).toEqual({ iova: '0x1000', area: { permissions: ['IOMMU_IOAS_MAP_READABLE'] } });
  expect(await refuse(server, 'ioasMap', fixed)).toMatchObject({ errno: 'EEXIST', events: [] });
});

test('ioasMap refuses in the order of the kernel', async () => {
  const server = await startWithMock();
  const map = (rest: string) => refuse(server, 'ioasMap', rest);
  const place = 'userVa: "0x10000000", length: "0x1000"';
  expect((await map(`ioasId: 9, rawFlags: 8, ${place}`)).errno).toBe('EOPNOTSUPP');
  expect((await map(`ioasId: 9, ${RW}, ${place}, iova: "0xffffffffffffffff"`)).errno).toBe(
    'EOVERFLOW',
  );
  expect((await map(`ioasId: 9, ${place}`)).errno).toBe('EINVAL');
  expect((await map(`ioasId: 9, ${RW}, ${place}`)).errno).toBe('ENOENT');
  expect((await map(`ioasId: 1, ${FIXED_RW}, ${place}, iova: "0x0"`)).errno).toBe('EINVAL');
  // A domain has to be filled: memory that is not there is found out.
  expect((await map(`ioasId: 1, ${RW}, userVa: "0x20000000", length: "0x1000"`)).errno).toBe(
    'EFAULT',
  );
});

test('ioasCopy shares the pages, and cannot make them writeable', async () => {
  const server = await startWithIoas();
  await succeed(server, 'ioasAlloc');
  await succeed(
    server,
    'ioasMap',
    `ioasId: 1, ${FIXED_READ}, userVa: "0x10000000", length: "0x4000", iova: "0x10000"`,
  );
  const from = 'dstIoasId: 2, srcIoasId: 1, srcIova: "0x11000"';
  expect(
    await succeed(
      server,
      'ioasCopy',
      `${from}, ${FIXED_READ}, length: "0x2000", dstIova: "0x70000"`,
      'dstIova area { start last userVa pages { userVa areaCount } ioas { ioasId } }',
    ),
  ).toEqual({
    dstIova: '0x70000',
    area: {
      start: '0x70000',
      last: '0x71fff',
      userVa: '0x10001000',
      pages: { userVa: '0x10000000', areaCount: 2 },
      ioas: { ioasId: 2 },
    },
  });
  expect((await refuse(server, 'ioasCopy', `${from}, ${RW}, length: "0x2000"`)).errno).toBe(
    'EPERM',
  );
  expect(await refuse(server, 'ioasCopy', `${from}, rawFlags: 4, length: "0x4000"`)).toMatchObject({
    errno: 'ENOENT',
    function: 'iopt_get_pages',
  });
});

test('ioasUnmap takes whole areas; one that sticks out stops it', async () => {
  const server = await startWithIoas();
  for (const iova of ['0x10000', '0x20000', '0x30000']) {
    await succeed(
      server,
      'ioasMap',
      `ioasId: 1, ${FIXED_RW}, userVa: "0x10000000", length: "0x2000", iova: "${iova}"`,
    );
  }
  const refused = await refuse(
    server,
    'ioasUnmap',
    'ioasId: 1, iova: "0x10000", length: "0x11000"',
  );
  expect(refused).toMatchObject({ errno: 'ENOENT', events: ['AreaUnmapped', 'HazardRecorded'] });
  const all = 'ioasId: 1, iova: "0x0", length: "0xffffffffffffffff"';
  expect(await succeed(server, 'ioasUnmap', all, 'length ioas { areaCount }')).toEqual({
    length: '0x4000',
    ioas: { areaCount: 0 },
  });
});

test('ioasIovaRanges writes back what fits also when it is too little room', async () => {
  const server = await startWithIoas();
  const ranges = 'numIovas outIovaAlignment allowedIovas { start last }';
  expect(await succeed(server, 'ioasIovaRanges', 'ioasId: 1', ranges)).toEqual({
    numIovas: 1,
    outIovaAlignment: '0x1',
    allowedIovas: [{ start: '0x0', last: '0xffffffffffffffff' }],
  });
  await succeed(server, 'testMockDomain', 'ptId: 1');
  await succeed(server, 'testAddReserved', 'ioasId: 1, start: "0x2000000", length: "0x1000"');
  expect(await refuse(server, 'ioasIovaRanges', 'ioasId: 1, numIovas: 1')).toMatchObject({
    errno: 'EMSGSIZE',
    output: {
      entryNum: null,
      numIovas: 2,
      outIovaAlignment: '0x800',
      allowedIovas: [{ start: '0x1000000', last: '0x1ffffff' }],
    },
  });
  expect(await refuse(server, 'ioasIovaRanges', 'ioasId: 9')).toMatchObject({
    errno: 'ENOENT',
    output: null,
  });
  expect(await malformed(server, 'ioasIovaRanges', 'ioasId: 1, numIovas: 4097')).toEqual([
    '"input.numIovas" must be from 0 to 4096, not 4097',
  ]);
});

test('ioasAllowIovas says where the kernel may choose from', async () => {
  const server = await startWithIoas();
  const allow = (ranges: string) => `ioasId: 1, allowedIovas: [${ranges}]`;
  const high = '{ start: "0x900000", last: "0x9fffff" }';
  const low = '{ start: "0x700000", last: "0x700fff" }';
  expect(
    await succeed(
      server,
      'ioasAllowIovas',
      allow(`${high}, ${low}`),
      'ioas { allowedIovas { start last } }',
    ),
  ).toEqual({
    ioas: {
      allowedIovas: [
        { start: '0x700000', last: '0x700fff' },
        { start: '0x900000', last: '0x9fffff' },
      ],
    },
  });
  const map = `ioasId: 1, ${RW}, userVa: "0x10000000", length: "0x2000"`;
  expect(await succeed(server, 'ioasMap', map, 'iova')).toEqual({ iova: '0x900000' });
  const overlapping = `${high}, { start: "0x8ff000", last: "0x900000" }`;
  expect(await refuse(server, 'ioasAllowIovas', allow(overlapping))).toMatchObject({
    errno: 'EINVAL',
    events: [],
  });
  expect(
    await refuse(server, 'testAddReserved', 'ioasId: 1, start: "0x700000", length: "0x1000"'),
  ).toMatchObject({ errno: 'EADDRINUSE' });
  const many = '{ start: "0x1", last: "0x2" } '.repeat(1_025);
  expect(await malformed(server, 'ioasAllowIovas', allow(many))).toEqual([
    '"input.allowedIovas" may have at most 1024 entries, not 1025',
  ]);
});

test('option reads and sets, by name and raw', async () => {
  const server = await start();
  await succeed(server, 'contextOpen');
  const mode = 'optionId: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_SET, val64: "0x1"';
  expect(await succeed(server, 'option', mode, 'val64')).toEqual({ val64: '0x1' });
  expect(await inContext(server, '{ rlimitMode }')).toEqual({ rlimitMode: 1 });
  await succeed(server, 'ioasAlloc');
  expect((await refuse(server, 'option', mode)).errno).toBe('EBUSY');
  const pages = 'optionId: IOMMU_OPTION_HUGE_PAGES, objectId: 1';
  const off = `${pages}, op: IOMMU_OPTION_OP_SET, val64: "0x0"`;
  expect(await succeed(server, 'option', off, 'val64')).toEqual({ val64: '0x0' });
  expect(await succeed(server, 'option', 'rawOptionId: 1, rawOp: 1, objectId: 1', 'val64')).toEqual(
    { val64: '0x0' },
  );
  expect(
    await inContext(server, '{ object(id: 1) { ... on Ioas { largePages iovaAlignment } } }'),
  ).toEqual({ object: { largePages: false, iovaAlignment: '0x1000' } });
  expect((await refuse(server, 'option', 'rawOptionId: 7, rawOp: 1')).errno).toBe('EOPNOTSUPP');
  expect(await malformed(server, 'option', 'op: IOMMU_OPTION_OP_GET')).toEqual([
    '"input" must have "optionId" or "rawOptionId"',
  ]);
});

test('vfioIoas chooses an IOAS without holding it', async () => {
  const server = await startWithIoas();
  expect((await refuse(server, 'vfioIoas', 'op: IOMMU_VFIO_IOAS_GET')).errno).toBe('ENODEV');
  const set = 'op: IOMMU_VFIO_IOAS_SET, ioasId: 1';
  expect(await succeed(server, 'vfioIoas', set, 'ioasId ioas { users }')).toEqual({
    ioasId: 1,
    ioas: { users: 1 },
  });
  expect(await inContext(server, '{ vfioIoas { ioasId } }')).toEqual({ vfioIoas: { ioasId: 1 } });
  await succeed(server, 'destroy', 'id: 1');
  expect(await inContext(server, '{ vfioIoas { ioasId } }')).toEqual({ vfioIoas: null });
});

test('testAddReserved and testMdCheckMap', async () => {
  const server = await startWithMock();
  await succeed(
    server,
    'ioasMap',
    `ioasId: 1, ${FIXED_RW}, userVa: "0x10000000", length: "0x2000", iova: "0x1000000"`,
  );
  const reserve = (start: string) => `ioasId: 1, start: "${start}", length: "0x1000"`;
  expect(
    await succeed(
      server,
      'testAddReserved',
      reserve('0x3000000'),
      'ioas { reservedRanges { start last owner } iovaRanges { start last } }',
    ),
  ).toEqual({
    ioas: {
      reservedRanges: [
        { start: '0x0', last: '0xffffff', owner: 'domain:4' },
        { start: '0x80000000', last: '0xffffffffffffffff', owner: 'domain:4' },
        { start: '0x3000000', last: '0x3000fff', owner: 'none' },
      ],
      iovaRanges: [
        { start: '0x1000000', last: '0x2ffffff' },
        { start: '0x3001000', last: '0x7fffffff' },
      ],
    },
  });
  expect((await refuse(server, 'testAddReserved', reserve('0x1001000'))).errno).toBe('EADDRINUSE');
  const check = (userVa: string) =>
    `hwptId: 4, iova: "0x1000800", length: "0x1000", userVa: "${userVa}"`;
  await succeed(server, 'testMdCheckMap', check('0x10000800'));
  expect((await refuse(server, 'testMdCheckMap', check('0x10001000'))).errno).toBe('EINVAL');
  expect(await inContext(server, `{ ${AREAS} }`)).toEqual({
    object: {
      areaCount: 1,
      areas: { edges: [{ node: { start: '0x1000000', last: '0x1001fff' } }] },
    },
  });
});
