/** One good call and one refused call of each operation of this folder. */

import { CONTEXTS_PER_MACHINE_MAX } from '../../../../src/abi/limits.ts';
import { C, type Case, mapped } from '../../builder/mutation-case.ts';
import { succeed } from '../../builder/testing.ts';

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
};
