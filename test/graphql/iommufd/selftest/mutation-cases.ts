/** One good call and one refused call of each operation of this folder. */
import {
  C,
  type Case,
  mapped,
  mock,
  pinned,
  RANGE,
  tracked,
  withPasid,
} from '../../builder/mutation-case.ts';

export const CASES: Readonly<Record<string, Case>> = {
  testMockDomain: {
    good: [
      `${C}, ptId: 2, devFlags: [MOCK_FLAGS_DEVICE_NO_DIRTY]`,
      'outStdevId outIdevId outHwptId device { physicalDevice { name ... on MockDevice { flags } } }',
      {
        outStdevId: 6,
        outIdevId: 7,
        outHwptId: 8,
        device: {
          physicalDevice: { name: 'iommufd_mock0', flags: ['MOCK_FLAGS_DEVICE_NO_DIRTY'] },
        },
      },
    ],
    refused: [`${C}, ptId: 99`, 'ENOENT', null],
  },
  testMockDomainReplace: {
    before: mock,
    good: [`${C}, stdevId: 6, ptId: 9`, 'ptId hwpt { hwptId }', { ptId: 9, hwpt: { hwptId: 9 } }],
    refused: [`${C}, stdevId: 7, ptId: 9`, 'ENOENT', 'iommufd_get_object'],
  },
  testTriggerIopf: {
    before: mock,
    good: [
      `${C}, devId: 7, grpid: 1, addr: "0xdeadbeaf"`,
      'outcome reportErrno iopfGroup { iopfGroupId }',
      { outcome: 'REPORTED', reportErrno: 'EINVAL', iopfGroup: null },
    ],
    refused: [`${C}, devId: 1, grpid: 1, addr: "0x0"`, 'EINVAL', 'iommufd_test_trigger_iopf'],
  },
  testMdCheckIotlb: {
    before: mock,
    good: [`${C}, hwptId: 10, iotlbId: 3, iotlb: 5`, 'events { seq }', { events: [] }],
    refused: [`${C}, hwptId: 10, iotlbId: 3, iotlb: 6`, 'EINVAL', 'iommufd_test_md_check_iotlb'],
  },
  testDirty: {
    before: tracked,
    good: [
      `${C}, hwptId: 10, ${RANGE}, bitmap: "0xff", moreBits: "00ff"`,
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
      'iopt_reserve_iova',
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
  testMdCheckRefs: {
    before: mapped,
    good: [
      `${C}, userVa: "0x10000000", length: "0x1000", refs: 0`,
      'events { seq }',
      { events: [] },
    ],
    refused: [
      `${C}, userVa: "0x10000000", length: "0x1000", refs: 1`,
      'EIO',
      'iommufd_test_md_check_refs',
    ],
  },
  testSetTempMemoryLimit: {
    before: mapped,
    good: [`${C}, limit: 12`, 'events { seq }', { events: [] }],
    refused: [`${C}, limit: 11`, 'EINVAL', 'iommufd_test'],
  },
  testPasidAttach: {
    before: withPasid,
    good: [
      `${C}, stdevId: 2, pasid: 9, ptId: 4`,
      'ptId hwpt { hwptId pasids { pasid } } device { devId users pasids { pasid } }',
      {
        ptId: 4,
        hwpt: { hwptId: 4, pasids: [{ pasid: 9 }] },
        device: { devId: 3, users: 5, pasids: [{ pasid: 7 }, { pasid: 9 }] },
      },
    ],
    refused: [`${C}, stdevId: 2, pasid: 7, ptId: 5`, 'EBUSY', 'iommufd_hw_pagetable_attach'],
  },
  testPasidReplace: {
    before: withPasid,
    good: [
      `${C}, stdevId: 2, pasid: 7, ptId: 4`,
      'ptId hwpt { hwptId users } device { pasids { pasid hwpt { hwptId } } }',
      {
        ptId: 4,
        hwpt: { hwptId: 4, users: 2 },
        device: { pasids: [{ pasid: 7, hwpt: { hwptId: 4 } }] },
      },
    ],
    refused: [`${C}, stdevId: 2, pasid: 9, ptId: 4`, 'EINVAL', 'iommufd_device_do_replace'],
  },
  testPasidDetach: {
    before: withPasid,
    good: [
      `${C}, stdevId: 2, pasid: 7`,
      'device { users pasids { pasid } }',
      { device: { users: 3, pasids: [] } },
    ],
    refused: [`${C}, stdevId: 3, pasid: 7`, 'ENOENT', 'iommufd_get_object'],
  },
  testPasidCheckHwpt: {
    before: withPasid,
    good: [`${C}, stdevId: 2, pasid: 7, hwptId: 5`, 'events { seq }', { events: [] }],
    refused: [`${C}, stdevId: 2, pasid: 7, hwptId: 4`, 'EINVAL', 'iommufd_test_pasid_check_hwpt'],
  },
};
