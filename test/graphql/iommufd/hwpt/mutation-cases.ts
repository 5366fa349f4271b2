/** One good call and one refused call of each operation of this folder. */
import { C, type Case, RANGE, tracked } from '../../builder/mutation-case.ts';
import { succeed } from '../../builder/testing.ts';

export const CASES: Readonly<Record<string, Case>> = {
  hwptAlloc: {
    good: [
      `${C}, devId: 1, ptId: 2`,
      'outHwptId hwpt { __typename hwptId users ioas { ioasId } }',
      {
        outHwptId: 6,
        hwpt: { __typename: 'HwptPaging', hwptId: 6, users: 1, ioas: { ioasId: 2 } },
      },
    ],
    refused: [`${C}, devId: 1, ptId: 99`, 'EINVAL', 'iommufd_hwpt_alloc'],
  },
  hwptInvalidate: {
    good: [
      `${C}, hwptId: 5, dataType: IOMMU_HWPT_INVALIDATE_DATA_VTD_S1, entries: [{addr: "0x0", npages: "0xffffffffffffffff"}]`,
      'entryNum',
      { entryNum: 1 },
    ],
    refused: [
      `${C}, hwptId: 5, dataType: IOMMU_HWPT_INVALIDATE_DATA_VTD_S1, entries: [{addr: "0x1000", npages: "0x1"}, {addr: "0x1", npages: "0x1"}]`,
      'EINVAL',
      'ops->cache_invalidate_user',
    ],
    output: { entryNum: 1 },
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
    refused: [`${C}, hwptId: 10, ${RANGE}, pageSize: "0x0"`, 'EINVAL', 'iommufd_check_iova_range'],
  },
};
