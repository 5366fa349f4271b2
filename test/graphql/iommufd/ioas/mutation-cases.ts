/** One good call and one refused call of each operation of this folder. */
import { AREA, C, type Case, FIXED, mapped, RW } from '../../builder/mutation-case.ts';

export const CASES: Readonly<Record<string, Case>> = {
  ioasAlloc: {
    good: [
      C,
      'outIoasId ioas { ioasId users hwptCount }',
      { outIoasId: 6, ioas: { ioasId: 6, users: 1, hwptCount: 0 } },
    ],
    refused: [`${C}, flags: 1`, 'EOPNOTSUPP', 'iommufd_ioas_alloc_ioctl'],
  },
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
    refused: [`${C}, ioasId: 6, ${FIXED}, ${AREA}, iova: "0x1001000"`, 'EEXIST', 'iopt_check_iova'],
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
    refused: [
      `${C}, ioasId: 6, iova: "0x1000000", length: "0x1000"`,
      'ENOENT',
      'iopt_unmap_iova_range',
    ],
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
      'iommufd_ioas_load_iovas',
    ],
  },
};
