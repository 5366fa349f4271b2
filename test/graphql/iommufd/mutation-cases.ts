/**
 * One good call and one refused call of every operation on mappings, dirty pages and accesses, for
 * the table of test/graphql/builder/mutation-cases.ts.
 */
import type { Faultline } from '../../../src/server/faultline.ts';
import type { Case } from '../builder/mutation-cases.ts';
import { succeed } from '../builder/testing.ts';

const C = 'contextId: 1';
const RW = 'flags: [IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]';
const FIXED =
  'flags: [IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]';
const AREA = 'userVa: "0x10000000", length: "0x2000"';
const RANGE = 'iova: "0x1000000", length: "0x2000"';

/** IOAS 6 maps 0x2000 bytes at 0x1000000. */
const mapped = async (server: Faultline) => {
  await succeed(server, 'ioasAlloc', C);
  await succeed(server, 'ioasMap', `${C}, ioasId: 6, ${FIXED}, ${AREA}, iova: "0x1000000"`);
};
/** As `mapped`, with mock device 7 (device 8), and hwpt 10, whose dirty tracking is on. */
const tracked = async (server: Faultline) => {
  await mapped(server);
  await succeed(server, 'testMockDomain', `${C}, ptId: 6`);
  const flags = 'flags: [IOMMU_HWPT_ALLOC_DIRTY_TRACKING]';
  await succeed(server, 'hwptAlloc', `${C}, devId: 8, ptId: 6, ${flags}`);
  await succeed(server, 'hwptSetDirtyTracking', `${C}, hwptId: 10`);
};
/** As `mapped`, with access 7 on IOAS 6, which has pinned all of it as item 0. */
const pinned = async (server: Faultline) => {
  await mapped(server);
  await succeed(server, 'testCreateAccess', `${C}, ioasId: 6, rawFlags: 1`);
  await succeed(server, 'testAccessPages', `${C}, accessId: 7, ${RANGE}`);
};

export const IOAS_CASES: Readonly<Record<string, Case>> = {
  ioasMap: {
    before: mapped,
    good: [
      `${C}, ioasId: 6, ${RW}, ${AREA}`,
      'iova area { start permissions }',
      {
        iova: '0x2000',
        area: {
          start: '0x2000',
          permissions: ['IOMMU_IOAS_MAP_READABLE', 'IOMMU_IOAS_MAP_WRITEABLE'],
        },
      },
    ],
    refused: [
      `${C}, ioasId: 6, ${FIXED}, ${AREA}, iova: "0x1001000"`,
      'EEXIST',
      'iopt_map_user_pages',
    ],
  },
  ioasCopy: {
    before: mapped,
    good: [
      `${C}, dstIoasId: 2, srcIoasId: 6, ${FIXED}, length: "0x1000", dstIova: "0x5000", srcIova: "0x1001000"`,
      'dstIova area { userVa pages { areaCount } }',
      { dstIova: '0x5000', area: { userVa: '0x10001000', pages: { areaCount: 2 } } },
    ],
    refused: [
      `${C}, dstIoasId: 2, srcIoasId: 6, ${RW}, length: "0x3000", srcIova: "0x1000000"`,
      'ENOENT',
      'iopt_get_pages',
    ],
  },
  ioasUnmap: {
    before: mapped,
    good: [
      `${C}, ioasId: 6, iova: "0x0", length: "0x10000000"`,
      'length ioas { areaCount }',
      { length: '0x2000', ioas: { areaCount: 0 } },
    ],
    refused: [`${C}, ioasId: 6, iova: "0x1000000", length: "0x1000"`, 'ENOENT', 'iopt_unmap_iova'],
  },
  ioasIovaRanges: {
    before: mapped,
    good: [
      `${C}, ioasId: 6`,
      'numIovas outIovaAlignment allowedIovas { start last }',
      {
        numIovas: 1,
        outIovaAlignment: '0x1',
        allowedIovas: [{ start: '0x0', last: '0xffffffffffffffff' }],
      },
    ],
    refused: [`${C}, ioasId: 6, numIovas: 0`, 'EMSGSIZE', 'iommufd_ioas_iova_ranges'],
    output: { entryNum: null },
  },
  ioasAllowIovas: {
    before: mapped,
    good: [
      `${C}, ioasId: 6, allowedIovas: [{start: "0x0", last: "0xffff"}]`,
      'ioas { allowedIovas { start last } }',
      { ioas: { allowedIovas: [{ start: '0x0', last: '0xffff' }] } },
    ],
    refused: [
      `${C}, ioasId: 6, allowedIovas: [{start: "0x5", last: "0x5"}]`,
      'EINVAL',
      'iommufd_ioas_allow_iovas',
    ],
  },
  option: {
    before: mapped,
    good: [
      `${C}, optionId: IOMMU_OPTION_HUGE_PAGES, op: IOMMU_OPTION_OP_GET, objectId: 6`,
      'val64',
      { val64: '0x1' },
    ],
    refused: [
      `${C}, optionId: IOMMU_OPTION_RLIMIT_MODE, op: IOMMU_OPTION_OP_SET`,
      'EBUSY',
      'iommufd_option_rlimit_mode',
    ],
  },
  vfioIoas: {
    good: [
      `${C}, op: IOMMU_VFIO_IOAS_SET, ioasId: 2`,
      'ioasId ioas { ioasId context { vfioIoas { ioasId } } }',
      { ioasId: 2, ioas: { ioasId: 2, context: { vfioIoas: { ioasId: 2 } } } },
    ],
    refused: [`${C}, op: IOMMU_VFIO_IOAS_GET`, 'ENODEV', 'iommufd_vfio_ioas'],
  },
  hwptSetDirtyTracking: {
    before: tracked,
    good: [
      `${C}, hwptId: 10, flags: []`,
      'hwpt { dirtyTrackingEnabled } events { type }',
      { hwpt: { dirtyTrackingEnabled: false }, events: [{ type: 'DirtyTrackingSet' }] },
    ],
    refused: [`${C}, hwptId: 9`, 'EOPNOTSUPP', 'iopt_set_dirty_tracking'],
  },
  hwptGetDirtyBitmap: {
    before: async server => {
      await tracked(server);
      await succeed(server, 'testDirty', `${C}, hwptId: 10, ${RANGE}, bitmap: "0x9"`);
    },
    good: [
      `${C}, hwptId: 10, ${RANGE}, pageSize: "0x800"`,
      'dirtyPageCount dirtyRangeCount dirtyPages { start last } bitmap hwpt { dirtyPageCount }',
      {
        dirtyPageCount: '0x2',
        dirtyRangeCount: 2,
        dirtyPages: [
          { start: '0x0', last: '0x0' },
          { start: '0x3', last: '0x3' },
        ],
        bitmap: ['0x9', '0x0'],
        hwpt: { dirtyPageCount: 0 },
      },
    ],
    refused: [
      `${C}, hwptId: 10, ${RANGE}, pageSize: "0x0"`,
      'EINVAL',
      'iopt_read_and_clear_dirty_data',
    ],
  },
  testDirty: {
    before: tracked,
    good: [
      `${C}, hwptId: 10, ${RANGE}, bitmap: "0xff"`,
      'outNrDirty hwpt { dirtyPageCount dirtyRanges { start last } }',
      {
        outNrDirty: '0x4',
        hwpt: { dirtyPageCount: 4, dirtyRanges: [{ start: '0x1000000', last: '0x1001fff' }] },
      },
    ],
    refused: [`${C}, hwptId: 9, ${RANGE}, bitmap: "0x1"`, 'EINVAL', 'iommufd_test_dirty'],
  },
  testCreateAccess: {
    before: mapped,
    good: [
      `${C}, ioasId: 6, flags: [MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES]`,
      'outAccessId access { needsPinPages ioas { ioasId accesses { accessId } } }',
      {
        outAccessId: 7,
        access: { needsPinPages: true, ioas: { ioasId: 6, accesses: [{ accessId: 7 }] } },
      },
    ],
    refused: [`${C}, ioasId: 99`, 'ENOENT', 'iommufd_get_object'],
  },
  testAccessClose: {
    before: pinned,
    good: [
      `${C}, accessId: 7`,
      'contextReleased events { type }',
      {
        contextReleased: false,
        events: [
          { type: 'AccessPagesUnpinned' },
          { type: 'AccessIoasChanged' },
          { type: 'ObjectDestroyed' },
        ],
      },
    ],
    refused: [`${C}, accessId: 6`, 'EBADF', 'iommufd_access_destroy'],
  },
  testAccessReplaceIoas: {
    before: pinned,
    good: [
      `${C}, accessId: 7, ioasId: 2`,
      'access { itemCount ioas { ioasId } }',
      { access: { itemCount: 0, ioas: { ioasId: 2 } } },
    ],
    refused: [`${C}, accessId: 7, ioasId: 99`, 'ENOENT', 'iommufd_get_object'],
  },
  testAccessPages: {
    before: pinned,
    good: [
      `${C}, accessId: 7, flags: [MOCK_FLAGS_ACCESS_WRITE], ${RANGE}`,
      'outItemId access { items { itemId start last } }',
      {
        outItemId: 1,
        access: {
          items: [
            { itemId: 0, start: '0x1000000', last: '0x1001fff' },
            { itemId: 1, start: '0x1000000', last: '0x1001fff' },
          ],
        },
      },
    ],
    refused: [
      `${C}, accessId: 7, iova: "0x1000000", length: "0x3000"`,
      'ENOENT',
      'iommufd_access_pin_pages',
    ],
  },
  testDestroyAccessPages: {
    before: pinned,
    good: [`${C}, accessId: 7, itemId: 0`, 'access { itemCount }', { access: { itemCount: 0 } }],
    refused: [`${C}, accessId: 7, itemId: 1`, 'ENOENT', 'iommufd_test_access_item_destroy'],
  },
  testAccessRw: {
    before: pinned,
    good: [`${C}, accessId: 7, iova: "0x1000ffe", length: "0x4"`, 'data', { data: '00000000' }],
    refused: [`${C}, accessId: 7, rawFlags: 2, ${RANGE}`, 'EOPNOTSUPP', 'iommufd_test_access_rw'],
  },
  testAddReserved: {
    before: mapped,
    good: [
      `${C}, ioasId: 6, start: "0x0", length: "0x1000"`,
      'ioas { reservedRanges { start last owner } iovaRanges { start last } }',
      {
        ioas: {
          reservedRanges: [{ start: '0x0', last: '0xfff', owner: 'none' }],
          iovaRanges: [{ start: '0x1000', last: '0xffffffffffffffff' }],
        },
      },
    ],
    refused: [
      `${C}, ioasId: 6, start: "0x1000000", length: "0x1"`,
      'EADDRINUSE',
      'iommufd_test_add_reserved',
    ],
  },
  testMdCheckMap: {
    before: tracked,
    good: [`${C}, hwptId: 9, ${RANGE}, userVa: "0x10000000"`, 'events { seq }', { events: [] }],
    refused: [
      `${C}, hwptId: 9, ${RANGE}, userVa: "0x10000800"`,
      'EINVAL',
      'iommufd_test_md_check_pa',
    ],
  },
};
