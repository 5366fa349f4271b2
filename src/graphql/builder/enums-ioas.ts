/** Enums of the IOAS, dirty tracking and access operations, under the kernel's names. */
import * as uapi from '../../abi/uapi.ts';
import { badInput } from './bad-input.ts';
import { numbers } from './enums.ts';

export const IoasMapFlag = numbers(
  'IommufdIoasMapFlag',
  'Flags of IOMMU_IOAS_MAP and _COPY: what the mapping permits, and whether its place is wanted.',
  {
    IOMMU_IOAS_MAP_FIXED_IOVA: [
      uapi.IOMMU_IOAS_MAP_FIXED_IOVA,
      'map at the IOVA given; without it the kernel chooses the lowest that fits',
    ],
    IOMMU_IOAS_MAP_WRITEABLE: [uapi.IOMMU_IOAS_MAP_WRITEABLE, 'devices may write'],
    IOMMU_IOAS_MAP_READABLE: [uapi.IOMMU_IOAS_MAP_READABLE, 'devices may read'],
  },
);

export const OptionId = numbers('IommufdOption', 'What IOMMU_OPTION reads or sets.', {
  IOMMU_OPTION_RLIMIT_MODE: [
    uapi.IOMMU_OPTION_RLIMIT_MODE,
    'how locked memory is counted: 0 per user, 1 per process; objectId is 0',
  ],
  IOMMU_OPTION_HUGE_PAGES: [
    uapi.IOMMU_OPTION_HUGE_PAGES,
    'whether an IOAS may use large pages: 0 no, 1 yes; objectId is the IOAS',
  ],
});

export const OptionOp = numbers('IommufdOptionOp', 'What IOMMU_OPTION does.', {
  IOMMU_OPTION_OP_SET: [uapi.IOMMU_OPTION_OP_SET, 'set the value'],
  IOMMU_OPTION_OP_GET: [uapi.IOMMU_OPTION_OP_GET, 'read the value'],
});

export const VfioIoasOp = numbers('IommufdVfioIoasOp', 'What IOMMU_VFIO_IOAS does.', {
  IOMMU_VFIO_IOAS_GET: [uapi.IOMMU_VFIO_IOAS_GET, 'read which IOAS it is'],
  IOMMU_VFIO_IOAS_SET: [uapi.IOMMU_VFIO_IOAS_SET, 'choose the IOAS'],
  IOMMU_VFIO_IOAS_CLEAR: [uapi.IOMMU_VFIO_IOAS_CLEAR, 'choose none'],
});

export const DirtyTrackingFlag = numbers(
  'IommufdHwptSetDirtyTrackingFlag',
  'Flags of IOMMU_HWPT_SET_DIRTY_TRACKING.',
  {
    IOMMU_HWPT_DIRTY_TRACKING_ENABLE: [
      uapi.IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
      'switch tracking on; without it, off',
    ],
  },
);

export const DirtyBitmapFlag = numbers(
  'IommufdHwptGetDirtyBitmapFlag',
  'Flags of IOMMU_HWPT_GET_DIRTY_BITMAP.',
  {
    IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR: [
      uapi.IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR,
      'leave the dirty bits as they are; without it they are cleared',
    ],
  },
);

export const AccessCreateFlag = numbers(
  'MockAccessCreateFlag',
  'What an access of the self-test is like.',
  {
    MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES: [
      uapi.MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES,
      'it may pin pages; the areas of its IOAS must then be page aligned',
    ],
  },
);

export const AccessPagesFlag = numbers('MockAccessPagesFlag', 'What pages are pinned for.', {
  MOCK_FLAGS_ACCESS_WRITE: [
    uapi.MOCK_FLAGS_ACCESS_WRITE,
    'writing; the areas must be writeable. Without it, for reading',
  ],
});

export const AccessRwFlag = numbers('MockAccessRwFlag', 'How an access reads or writes.', {
  MOCK_ACCESS_RW_WRITE: [uapi.MOCK_ACCESS_RW_WRITE, 'write; without it, read'],
  MOCK_ACCESS_RW_SLOW_PATH: [
    uapi.MOCK_ACCESS_RW_SLOW_PATH,
    'pin all pages first; without it, what comes before a missing page is copied',
  ],
});

/** The number of a choice given by its name or raw. Throws a GraphQL error if it is neither. */
export function choiceOf(
  field: string,
  named: number | null | undefined,
  raw: number | null | undefined,
): number {
  const value = raw ?? named;
  if (value === null || value === undefined) {
    const rawField = `raw${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    throw badInput(`"input" must have "${field}" or "${rawField}"`);
  }
  return value;
}
