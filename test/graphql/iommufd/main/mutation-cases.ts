/** One good call and one refused call of each operation of this folder. */

import { CONTEXTS_PER_MACHINE_MAX } from '../../../../src/abi/limits.ts';
import type { Faultline } from '../../../../src/server/faultline.ts';
import { C, type Case, mapped } from '../../builder/mutation-case.ts';
import { succeed } from '../../builder/testing.ts';

/** IOAS 6 is that of VFIO. */
const vfioIoas = async (server: Faultline) => {
  await succeed(server, 'ioasAlloc', C);
  await succeed(server, 'vfioIoas', `${C}, op: IOMMU_VFIO_IOAS_SET, ioasId: 6`);
};

export const CASES: Readonly<Record<string, Case>> = {
  contextOpen: {
    good: [
      '',
      'contextId context { contextId fileOpen objectCount }',
      { contextId: 2, context: { contextId: 2, fileOpen: true, objectCount: 0 } },
    ],
    refused: ['', 'ENOMEM', 'iommufd_fops_open'],
    beforeRefusal: ({ engine }) =>
      Promise.all(
        Array.from({ length: CONTEXTS_PER_MACHINE_MAX - 1 }, () =>
          engine.execute('default', { type: 'ContextOpen' }),
        ),
      ),
  },
  contextClose: {
    good: [C, 'released', { released: false }],
    refused: ['contextId: 9', 'EBADF', null],
  },
  userMemoryChange: {
    good: [
      `${C}, removed: [{ start: "0x10001000", last: "0x10001fff" }], added: [{ start: "0x20000000", last: "0x201fffff", readOnly: true, pageSize: 2097152 }]`,
      'context { memory { start last readOnly pageSize } }',
      {
        context: {
          memory: [
            { start: '0x10000000', last: '0x10000fff', readOnly: false, pageSize: 4096 },
            { start: '0x10002000', last: '0x10ffffff', readOnly: false, pageSize: 4096 },
            { start: '0x20000000', last: '0x201fffff', readOnly: true, pageSize: 2_097_152 },
          ],
        },
      },
    ],
    refused: ['contextId: 9', 'EBADF', null],
  },
  destroy: {
    before: server => succeed(server, 'ioasAlloc', C),
    good: [
      `${C}, id: 6`,
      'events { type data }',
      { events: [{ type: 'ObjectDestroyed', data: { contextId: 1, id: 6, objectType: 'IOAS' } }] },
    ],
    refused: [`${C}, id: 4`, 'EBUSY', 'iommufd_object_remove'],
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
    refused: [`${C}, op: IOMMU_VFIO_IOAS_GET`, 'ENODEV', 'get_compat_ioas'],
  },
  vfioGetApiVersion: {
    good: [C, 'version', { version: 0 }],
    refused: ['contextId: 9', 'EBADF', null],
  },
  vfioCheckExtension: {
    good: [`${C}, extension: VFIO_UNMAP_ALL`, 'supported', { supported: true }],
    refused: [`${C}, rawExtension: 4`, 'ENODEV', 'get_compat_ioas'],
  },
  vfioSetIommu: {
    before: vfioIoas,
    good: [`${C}, iommuType: VFIO_TYPE1v2_IOMMU`, 'events { type }', { events: [] }],
    refused: [`${C}, iommuType: VFIO_NOIOMMU_IOMMU`, 'EINVAL', 'iommufd_vfio_set_iommu'],
  },
  vfioGetInfo: {
    before: vfioIoas,
    good: [
      C,
      'iovaPgsizes iovaRanges(first: 1) { start last }',
      {
        iovaPgsizes: '0xfffffffffffff000',
        iovaRanges: [{ start: '0x0', last: '0xffffffffffffffff' }],
      },
    ],
    refused: ['contextId: 9', 'EBADF', null],
  },
  vfioMapDma: {
    before: vfioIoas,
    good: [
      `${C}, flags: [VFIO_DMA_MAP_FLAG_READ], vaddr: "0x10000000", iova: "0x1000", size: "0x1000"`,
      'events { type }',
      { events: [{ type: 'AreaMapped' }] },
    ],
    refused: [
      `${C}, rawFlags: 4, vaddr: "0x10000000", iova: "0x9000", size: "0x1000"`,
      'EINVAL',
      'iommufd_vfio_map_dma',
    ],
  },
  vfioUnmapDma: {
    before: vfioIoas,
    good: [`${C}, flags: [VFIO_DMA_UNMAP_FLAG_ALL]`, 'size', { size: '0x0' }],
    refused: [`${C}, iova: "0x1000"`, 'EINVAL', 'iopt_unmap_iova'],
    output: { size: '0x0' },
  },
};
