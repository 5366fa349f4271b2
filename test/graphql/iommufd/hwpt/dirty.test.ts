/** Dirty tracking through the server. */
import { beforeEach, describe, expect, test } from 'vitest';
import { bitCount, bitmapWords } from '../../../../src/graphql/iommufd/hwpt/bitmap.ts';
import type { Faultline } from '../../../../src/server/faultline.ts';
import { FIXED_RW, malformed, refuse, startWithMock, succeed } from '../testing.ts';

/** Hwpt 5 can track; the device is on it, and 128 IO pages from 0x1000000 are mapped. */
let server: Faultline;
beforeEach(async () => {
  server = await startWithMock();
  const hwpt = 'devId: 3, ptId: 1, flags: [IOMMU_HWPT_ALLOC_DIRTY_TRACKING]';
  expect(await succeed(server, 'hwptAlloc', hwpt, 'outHwptId')).toEqual({ outHwptId: 5 });
  await succeed(
    server,
    'ioasMap',
    `ioasId: 1, ${FIXED_RW}, userVa: "0x10000000", length: "0x40000", iova: "0x1000000"`,
  );
});

const DIRTY = 'hwptId: 5, iova: "0x1000000", length: "0x40000", bitmap: "0x8000000000000007"';
const READ = 'hwptId: 5, iova: "0x1000000", length: "0x40000", pageSize: "0x800"';
const STATE =
  'hwpt { dirtyTracking dirtyTrackingEnabled dirtyPageCount dirtyRanges { start last } }';

test('hwptSetDirtyTracking switches it on and off', async () => {
  expect(await succeed(server, 'hwptSetDirtyTracking', 'hwptId: 5', STATE)).toEqual({
    hwpt: {
      dirtyTracking: true,
      dirtyTrackingEnabled: true,
      dirtyPageCount: 0,
      dirtyRanges: [],
    },
  });
  const off = 'hwptId: 5, flags: []';
  expect(
    await succeed(server, 'hwptSetDirtyTracking', off, 'hwpt { dirtyTrackingEnabled }'),
  ).toEqual({ hwpt: { dirtyTrackingEnabled: false } });
  expect((await refuse(server, 'hwptSetDirtyTracking', 'hwptId: 4')).errno).toBe('EOPNOTSUPP');
  expect((await refuse(server, 'hwptSetDirtyTracking', 'hwptId: 5, rawFlags: 2')).errno).toBe(
    'EOPNOTSUPP',
  );
});

test('testDirty marks pages once tracking is on', async () => {
  expect((await refuse(server, 'testDirty', DIRTY)).errno).toBe('EINVAL');
  await succeed(server, 'hwptSetDirtyTracking', 'hwptId: 5');
  expect(await succeed(server, 'testDirty', DIRTY, `outNrDirty ${STATE}`)).toEqual({
    outNrDirty: '0x4',
    hwpt: {
      dirtyTracking: true,
      dirtyTrackingEnabled: true,
      dirtyPageCount: 4,
      dirtyRanges: [
        { start: '0x1000000', last: '0x10017ff' },
        { start: '0x101f800', last: '0x101ffff' },
      ],
    },
  });
});

test('hwptGetDirtyBitmap gives ranges and words, and clears unless told not to', async () => {
  await succeed(server, 'hwptSetDirtyTracking', 'hwptId: 5');
  await succeed(server, 'testDirty', DIRTY);
  const fields = 'dirtyPageCount dirtyRangeCount dirtyPages(first: 1) { start last } bitmap';
  const keep = `${READ}, flags: [IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR]`;
  const whole = {
    dirtyPageCount: '0x4',
    dirtyRangeCount: 2,
    dirtyPages: [{ start: '0x0', last: '0x2' }],
    bitmap: ['0x8000000000000007', '0x0'],
  };
  expect(await succeed(server, 'hwptGetDirtyBitmap', keep, fields)).toEqual(whole);
  expect(await succeed(server, 'hwptGetDirtyBitmap', READ, fields)).toEqual(whole);
  expect(
    await succeed(server, 'hwptGetDirtyBitmap', READ, 'dirtyPageCount bitmap(words: 1)'),
  ).toEqual({ dirtyPageCount: '0x0', bitmap: ['0x0'] });
});

test('hwptGetDirtyBitmap refuses what is not aligned; too many words are named', async () => {
  const odd = 'hwptId: 5, iova: "0x1000400", length: "0x1000"';
  expect((await refuse(server, 'hwptGetDirtyBitmap', odd)).errno).toBe('EINVAL');
  expect((await refuse(server, 'hwptGetDirtyBitmap', READ.replace('5', '4'))).errno).toBe(
    'EOPNOTSUPP',
  );
  const document = 'hwptId: 5, iova: "0x1000000", length: "0x1000"';
  expect(await malformed(server, 'hwptGetDirtyBitmap', document, 'bitmap(words: 1025)')).toEqual([
    '"words" must be from 0 to 1024, not 1025',
  ]);
});

describe('bitmapWords', () => {
  const word = 0xffff_ffff_ffff_ffffn;
  test.each([
    ['nothing', [], 2, [0n, 0n]],
    ['the first page', [{ start: 0n, last: 0n }], 1, [1n]],
    ['two pages in two words', [{ start: 63n, last: 64n }], 2, [1n << 63n, 1n]],
    ['a range over whole words', [{ start: 62n, last: 200n }], 3, [3n << 62n, word, word]],
    ['one whole word', [{ start: 64n, last: 127n }], 3, [0n, word, 0n]],
    [
      'a huge range',
      [
        { start: 1n, last: 1n },
        { start: 3n, last: 1n << 60n },
      ],
      1,
      [word & ~5n],
    ],
    ['a page behind the words', [{ start: 128n, last: 128n }], 2, [0n, 0n]],
    ['no words', [{ start: 0n, last: 5n }], 0, []],
  ])('of %s', (_, ranges, words, expected) => {
    expect(bitmapWords(ranges, words)).toEqual(expected);
  });

  test('bitCount counts pages, not ranges', () => {
    expect(
      bitCount([
        { start: 0n, last: 2n },
        { start: 9n, last: 9n },
      ]),
    ).toBe(4n);
  });
});
