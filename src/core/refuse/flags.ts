/** Refusals of a flag word: they say which bits nobody knows, and the names of those that are known. */
import type { ErrnoName } from '../../abi/errno.ts';
import {
  VFIO_DMA_MAP_FLAG_READ,
  VFIO_DMA_MAP_FLAG_WRITE,
  VFIO_DMA_UNMAP_FLAG_ALL,
} from '../../abi/ioctl/vfio.ts';
import {
  IOMMU_HW_INFO_FLAG_INPUT_TYPE,
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_ALLOC_PASID,
  IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
  IOMMU_HWPT_FAULT_ID_VALID,
  IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR,
  IOMMU_IOAS_MAP_FIXED_IOVA,
  IOMMU_IOAS_MAP_READABLE,
  IOMMU_IOAS_MAP_WRITEABLE,
  MOCK_ACCESS_RW_SLOW_PATH,
  MOCK_ACCESS_RW_WRITE,
  MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES,
  MOCK_FLAGS_DEVICE_HUGE_IOVA,
  MOCK_FLAGS_DEVICE_NO_DIRTY,
  MOCK_FLAGS_DEVICE_NO_IOPF,
  MOCK_FLAGS_DEVICE_PASID,
  MOCK_FLAGS_DEVICE_SHARED_GROUP,
  MOCK_FLAGS_DEVICE_VIRTFN,
} from '../../abi/uapi.ts';
import { Refusal } from '../machine/refusal.ts';

/** The bits of a word by name. */
export type FlagNames = Readonly<Record<string, number>>;

/** Words whose flags have no name here, or that have none. */
export const NO_FLAGS: FlagNames = {};

export const HWPT_ALLOC_FLAGS: FlagNames = {
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_FAULT_ID_VALID,
  IOMMU_HWPT_ALLOC_PASID,
};
export const MAP_FLAG_NAMES: FlagNames = {
  IOMMU_IOAS_MAP_FIXED_IOVA,
  IOMMU_IOAS_MAP_WRITEABLE,
  IOMMU_IOAS_MAP_READABLE,
};
export const VFIO_MAP_FLAGS: FlagNames = { VFIO_DMA_MAP_FLAG_READ, VFIO_DMA_MAP_FLAG_WRITE };
export const VFIO_UNMAP_FLAGS: FlagNames = { VFIO_DMA_UNMAP_FLAG_ALL };
export const DIRTY_TRACKING_FLAGS: FlagNames = { IOMMU_HWPT_DIRTY_TRACKING_ENABLE };
export const DIRTY_BITMAP_FLAGS: FlagNames = { IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR };

export const HW_INFO_FLAGS: FlagNames = { IOMMU_HW_INFO_FLAG_INPUT_TYPE };
export const ACCESS_CREATE_FLAGS: FlagNames = { MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES };
/** Of IOMMU_TEST_OP_ACCESS_PAGES and _RW; their write flag is one bit under two names. */
export const ACCESS_FLAGS: FlagNames = { MOCK_ACCESS_RW_WRITE, MOCK_ACCESS_RW_SLOW_PATH };
export const MOCK_DEVICE_FLAGS: FlagNames = {
  MOCK_FLAGS_DEVICE_NO_DIRTY,
  MOCK_FLAGS_DEVICE_HUGE_IOVA,
  MOCK_FLAGS_DEVICE_PASID,
  MOCK_FLAGS_DEVICE_SHARED_GROUP,
  MOCK_FLAGS_DEVICE_VIRTFN,
  MOCK_FLAGS_DEVICE_NO_IOPF,
};

const hex = (word: number) => `0x${(word >>> 0).toString(16)}`;

/** `IOMMU_HWPT_FAULT_ID_VALID (0x4)`; `none` of 0. Bits without a name stand together at the end. */
export function flagsText(word: number, names: FlagNames): string {
  let left = word;
  const texts: string[] = [];
  for (const [name, bit] of Object.entries(names)) {
    if ((word & bit) === 0) continue;
    texts.push(`${name} (${hex(bit)})`);
    left &= ~bit;
  }
  if (left !== 0) texts.push(hex(left));
  return texts.join(', ') || 'none';
}

/** The refusal of a word with bits beyond `known`; null if it has none. VFIO's errno is EINVAL. */
export function unknownFlags(
  flags: number,
  known: number,
  names: FlagNames,
  errno: ErrnoName = 'EOPNOTSUPP',
): Refusal | null {
  const unknown = flags & ~known;
  if (unknown === 0) return null;
  return new Refusal(errno, 'FLAGS_UNKNOWN', {
    flags: hex(flags),
    unknown: flagsText(unknown, names),
    known: flagsText(known, names),
  });
}
