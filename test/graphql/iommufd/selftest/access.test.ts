/** In-kernel accesses through the server. */
import { beforeEach, expect, test } from 'vitest';
import type { Faultline } from '../../../../src/server/faultline.ts';
import {
  ask,
  FIXED_RW,
  type Fields,
  inContext,
  malformed,
  refuse,
  startWithIoas,
  succeed,
} from '../testing.ts';

/** IOAS 1 maps 0x4000 bytes at 0x10000; IOAS 2 maps nothing; access 3 may pin. */
let server: Faultline;
beforeEach(async () => {
  server = await startWithIoas();
  await succeed(server, 'ioasAlloc');
  await succeed(
    server,
    'ioasMap',
    `ioasId: 1, ${FIXED_RW}, userVa: "0x10000000", length: "0x4000", iova: "0x10000"`,
  );
  const access = 'ioasId: 1, flags: [MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES]';
  expect(
    await succeed(
      server,
      'testCreateAccess',
      access,
      'outAccessId access { accessId needsPinPages itemCount users ioas { ioasId } }',
    ),
  ).toEqual({
    outAccessId: 3,
    access: { accessId: 3, needsPinPages: true, itemCount: 0, users: 2, ioas: { ioasId: 1 } },
  });
});

const PIN = 'accessId: 3, iova: "0x11000", length: "0x2000"';

test('testCreateAccess refuses an IOAS that is not there, and the access is seen from both sides', async () => {
  expect((await refuse(server, 'testCreateAccess', 'ioasId: 9')).errno).toBe('ENOENT');
  expect((await refuse(server, 'testCreateAccess', 'ioasId: 1, rawFlags: 2')).errno).toBe(
    'EOPNOTSUPP',
  );
  expect(
    await inContext(
      server,
      `{ object(id: 1) {
        users holders { reason object { objectType objectId } }
        ... on Ioas { accesses { accessId } iovaAlignment }
      } }`,
    ),
  ).toEqual({
    object: {
      users: 2,
      holders: [
        { reason: 'the id table', object: null },
        { reason: 'an access is attached', object: { objectType: 'ACCESS', objectId: 3 } },
      ],
      accesses: [{ accessId: 3 }],
      iovaAlignment: '0x1000',
    },
  });
});

test('testAccessPages pins, unmapping makes it let go', async () => {
  expect(
    await succeed(
      server,
      'testAccessPages',
      `${PIN}, flags: [MOCK_FLAGS_ACCESS_WRITE]`,
      'outItemId access { items { itemId start last } ioas { area(iova: "0x10000") { accessPins } } }',
    ),
  ).toEqual({
    outItemId: 0,
    access: {
      items: [{ itemId: 0, start: '0x11000', last: '0x12fff' }],
      ioas: { area: { accessPins: 1 } },
    },
  });
  expect(
    (await refuse(server, 'testAccessPages', 'accessId: 3, iova: "0x13000", length: "0x2000"'))
      .errno,
  ).toBe('ENOENT');
  const { events } = await succeed(
    server,
    'ioasUnmap',
    'ioasId: 1, iova: "0x10000", length: "0x4000"',
    'events { type }',
  );
  expect(events).toEqual([{ type: 'AccessPagesUnpinned' }, { type: 'AreaUnmapped' }]);
});

test('testDestroyAccessPages lets go of one pin', async () => {
  await succeed(server, 'testAccessPages', PIN);
  await succeed(server, 'testAccessPages', PIN);
  expect(
    await succeed(
      server,
      'testDestroyAccessPages',
      'accessId: 3, itemId: 0',
      'access { itemCount items(first: 5) { itemId } }',
    ),
  ).toEqual({ access: { itemCount: 1, items: [{ itemId: 1 }] } });
  expect((await refuse(server, 'testDestroyAccessPages', 'accessId: 3, itemId: 0')).errno).toBe(
    'ENOENT',
  );
});

test('testAccessReplaceIoas moves it', async () => {
  await succeed(server, 'testAccessPages', PIN);
  expect(
    await succeed(
      server,
      'testAccessReplaceIoas',
      'accessId: 3, ioasId: 2',
      'access { itemCount ioas { ioasId } }',
    ),
  ).toEqual({ access: { itemCount: 0, ioas: { ioasId: 2 } } });
  expect((await refuse(server, 'testAccessReplaceIoas', 'accessId: 9, ioasId: 2')).errno).toBe(
    'EBADFD',
  );
});

test('testAccessRw writes and reads across areas of one process', async () => {
  const write = 'accessId: 3, flags: [MOCK_ACCESS_RW_WRITE], iova: "0x10ffe", length: "0x4"';
  expect(await succeed(server, 'testAccessRw', `${write}, fill: 171`, 'data')).toEqual({
    data: '',
  });
  const read = 'accessId: 3, iova: "0x10ffd", length: "0x6"';
  expect(await succeed(server, 'testAccessRw', read, 'data')).toEqual({ data: '00abababab00' });
  const hole = 'accessId: 3, iova: "0x20000", length: "0x1"';
  expect((await refuse(server, 'testAccessRw', hole)).errno).toBe('ENOENT');
});

test('testAccessRw bounds what it reads and what it fills with', async () => {
  const read = (length: string) => `accessId: 3, iova: "0x10000", length: "${length}"`;
  expect(await malformed(server, 'testAccessRw', read('0x10001'))).toEqual([
    '"input.length" of a read must be at most 0x10000, not 0x10001',
  ]);
  // Beyond 16 MiB the kernel itself refuses.
  expect((await refuse(server, 'testAccessRw', read('0x1000001'))).errno).toBe('ENOMEM');
  expect(await malformed(server, 'testAccessRw', `${read('0x1')}, fill: 256`)).toEqual([
    '"input.fill" must be from 0 to 255, not 256',
  ]);
});

test('an access is a node, and holds its context open until it is closed', async () => {
  const object = (await inContext(server, '{ object(id: 3) { ... on Access { id } } }'))[
    'object'
  ] as Fields;
  const node = `{ node(id: "${object['id']}") { __typename ... on Access { accessId } } }`;
  expect(await ask(server, node)).toEqual({ node: { __typename: 'Access', accessId: 3 } });
  expect((await refuse(server, 'destroy', 'id: 3')).errno).toBe('EBUSY');
  expect(await succeed(server, 'contextClose', '', 'released')).toEqual({ released: false });
  expect(await succeed(server, 'testAccessClose', 'accessId: 3', 'contextReleased')).toEqual({
    contextReleased: true,
  });
  expect((await refuse(server, 'testAccessClose', 'accessId: 3')).errno).toBe('EBADF');
});
