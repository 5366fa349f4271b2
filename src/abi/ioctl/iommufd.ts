/**
 * The ioctls of /dev/iommu as bytes: numbers and structures of include/uapi/linux/iommufd.h, minimum
 * sizes of iommufd_ioctl_ops (drivers/iommu/iommufd/main.c), Linux 6.12.117. All are `_IO` numbers
 * of type ';' and little-endian on every architecture that has iommufd.
 */
import type { IoctlLayout, StructLayout } from './layout.ts';

/** _IO(';', 0): what all requests of iommufd and VFIO begin with. */
export const IOMMUFD_TYPE = 0x3b00;
/** Mask of the bits in which all those requests agree. */
export const IOMMUFD_TYPE_MASK = 0xffff_ff00;
/** Numbers of iommufd's own ioctls begin here; others are the VFIO compatible ones. */
export const IOMMUFD_CMD_BASE = 0x80;
/** The last number of the dispatch table: the self-test's. */
export const IOMMUFD_CMD_LAST = 0xa0;

export const IOMMU_DESTROY = {
  request: 0x3b80,
  struct: 'iommu_destroy',
  size: 8,
  minSize: 8,
  fields: { size: [0, 4], id: [4, 4] },
} as const satisfies IoctlLayout;

export const IOMMU_IOAS_ALLOC = {
  request: 0x3b81,
  struct: 'iommu_ioas_alloc',
  size: 12,
  minSize: 12,
  fields: { size: [0, 4], flags: [4, 4], out_ioas_id: [8, 4] },
} as const satisfies IoctlLayout;

export const IOMMU_IOAS_ALLOW_IOVAS = {
  request: 0x3b82,
  struct: 'iommu_ioas_allow_iovas',
  size: 24,
  minSize: 24,
  fields: {
    size: [0, 4],
    ioas_id: [4, 4],
    num_iovas: [8, 4],
    __reserved: [12, 4],
    allowed_iovas: [16, 8],
  },
} as const satisfies IoctlLayout;

export const IOMMU_IOAS_COPY = {
  request: 0x3b83,
  struct: 'iommu_ioas_copy',
  size: 40,
  minSize: 40,
  fields: {
    size: [0, 4],
    flags: [4, 4],
    dst_ioas_id: [8, 4],
    src_ioas_id: [12, 4],
    length: [16, 8],
    dst_iova: [24, 8],
    src_iova: [32, 8],
  },
} as const satisfies IoctlLayout;

export const IOMMU_IOAS_IOVA_RANGES = {
  request: 0x3b84,
  struct: 'iommu_ioas_iova_ranges',
  size: 32,
  minSize: 32,
  fields: {
    size: [0, 4],
    ioas_id: [4, 4],
    num_iovas: [8, 4],
    __reserved: [12, 4],
    allowed_iovas: [16, 8],
    out_iova_alignment: [24, 8],
  },
} as const satisfies IoctlLayout;

export const IOMMU_IOAS_MAP = {
  request: 0x3b85,
  struct: 'iommu_ioas_map',
  size: 40,
  minSize: 40,
  fields: {
    size: [0, 4],
    flags: [4, 4],
    ioas_id: [8, 4],
    __reserved: [12, 4],
    user_va: [16, 8],
    length: [24, 8],
    iova: [32, 8],
  },
} as const satisfies IoctlLayout;

export const IOMMU_IOAS_UNMAP = {
  request: 0x3b86,
  struct: 'iommu_ioas_unmap',
  size: 24,
  minSize: 24,
  fields: { size: [0, 4], ioas_id: [4, 4], iova: [8, 8], length: [16, 8] },
} as const satisfies IoctlLayout;

export const IOMMU_OPTION = {
  request: 0x3b87,
  struct: 'iommu_option',
  size: 24,
  minSize: 24,
  fields: {
    size: [0, 4],
    option_id: [4, 4],
    op: [8, 2],
    __reserved: [10, 2],
    object_id: [12, 4],
    val64: [16, 8],
  },
} as const satisfies IoctlLayout;

export const IOMMU_VFIO_IOAS = {
  request: 0x3b88,
  struct: 'iommu_vfio_ioas',
  size: 12,
  minSize: 12,
  fields: { size: [0, 4], ioas_id: [4, 4], op: [8, 2], __reserved: [10, 2] },
} as const satisfies IoctlLayout;

export const IOMMU_HWPT_ALLOC = {
  request: 0x3b89,
  struct: 'iommu_hwpt_alloc',
  size: 48,
  minSize: 24,
  fields: {
    size: [0, 4],
    flags: [4, 4],
    dev_id: [8, 4],
    pt_id: [12, 4],
    out_hwpt_id: [16, 4],
    __reserved: [20, 4],
    data_type: [24, 4],
    data_len: [28, 4],
    data_uptr: [32, 8],
    fault_id: [40, 4],
    __reserved2: [44, 4],
  },
} as const satisfies IoctlLayout;

/** From Linux 6.15 on the byte after `out_data_type` is named, with the same offsets. */
export const IOMMU_GET_HW_INFO = {
  request: 0x3b8a,
  struct: 'iommu_hw_info',
  size: 40,
  minSize: 32,
  fields: {
    size: [0, 4],
    flags: [4, 4],
    dev_id: [8, 4],
    data_len: [12, 4],
    data_uptr: [16, 8],
    out_data_type: [24, 4],
    out_max_pasid_log2: [28, 1],
    __reserved: [29, 3],
    out_capabilities: [32, 8],
  },
} as const satisfies IoctlLayout;

export const IOMMU_HWPT_SET_DIRTY_TRACKING = {
  request: 0x3b8b,
  struct: 'iommu_hwpt_set_dirty_tracking',
  size: 16,
  minSize: 16,
  fields: { size: [0, 4], flags: [4, 4], hwpt_id: [8, 4], __reserved: [12, 4] },
} as const satisfies IoctlLayout;

export const IOMMU_HWPT_GET_DIRTY_BITMAP = {
  request: 0x3b8c,
  struct: 'iommu_hwpt_get_dirty_bitmap',
  size: 48,
  minSize: 48,
  fields: {
    size: [0, 4],
    hwpt_id: [4, 4],
    flags: [8, 4],
    __reserved: [12, 4],
    iova: [16, 8],
    length: [24, 8],
    page_size: [32, 8],
    data: [40, 8],
  },
} as const satisfies IoctlLayout;

export const IOMMU_HWPT_INVALIDATE = {
  request: 0x3b8d,
  struct: 'iommu_hwpt_invalidate',
  size: 32,
  minSize: 32,
  fields: {
    size: [0, 4],
    hwpt_id: [4, 4],
    data_uptr: [8, 8],
    data_type: [16, 4],
    entry_len: [20, 4],
    entry_num: [24, 4],
    __reserved: [28, 4],
  },
} as const satisfies IoctlLayout;

export const IOMMU_FAULT_QUEUE_ALLOC = {
  request: 0x3b8e,
  struct: 'iommu_fault_alloc',
  size: 16,
  minSize: 16,
  fields: { size: [0, 4], flags: [4, 4], out_fault_id: [8, 4], out_fault_fd: [12, 4] },
} as const satisfies IoctlLayout;

/** All ioctls of Linux 6.12. */
export const IOMMUFD_IOCTLS: readonly IoctlLayout[] = [
  IOMMU_DESTROY,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_ALLOW_IOVAS,
  IOMMU_IOAS_COPY,
  IOMMU_IOAS_IOVA_RANGES,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_UNMAP,
  IOMMU_OPTION,
  IOMMU_VFIO_IOAS,
  IOMMU_HWPT_ALLOC,
  IOMMU_GET_HW_INFO,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_INVALIDATE,
  IOMMU_FAULT_QUEUE_ALLOC,
];

/** One range of IOVAS in an array, both ends inclusive. */
export const IOVA_RANGE = {
  struct: 'iommu_iova_range',
  size: 16,
  fields: { start: [0, 8], last: [8, 8] },
} as const satisfies StructLayout;

/** One message read from a fault queue's file. */
export const HWPT_PGFAULT = {
  struct: 'iommu_hwpt_pgfault',
  size: 40,
  fields: {
    flags: [0, 4],
    dev_id: [4, 4],
    pasid: [8, 4],
    grpid: [12, 4],
    perm: [16, 4],
    __reserved: [20, 4],
    addr: [24, 8],
    length: [32, 4],
    cookie: [36, 4],
  },
} as const satisfies StructLayout;

/** One answer written to a fault queue's file. */
export const HWPT_PAGE_RESPONSE = {
  struct: 'iommu_hwpt_page_response',
  size: 8,
  fields: { cookie: [0, 4], code: [4, 4] },
} as const satisfies StructLayout;

export const HWPT_VTD_S1 = {
  struct: 'iommu_hwpt_vtd_s1',
  size: 24,
  fields: { flags: [0, 8], pgtbl_addr: [8, 8], addr_width: [16, 4], __reserved: [20, 4] },
} as const satisfies StructLayout;

export const HWPT_VTD_S1_INVALIDATE = {
  struct: 'iommu_hwpt_vtd_s1_invalidate',
  size: 24,
  fields: { addr: [0, 8], npages: [8, 8], flags: [16, 4], __reserved: [20, 4] },
} as const satisfies StructLayout;

export const HW_INFO_VTD = {
  struct: 'iommu_hw_info_vtd',
  size: 24,
  fields: { flags: [0, 4], __reserved: [4, 4], cap_reg: [8, 8], ecap_reg: [16, 8] },
} as const satisfies StructLayout;

/** Structures that ioctls point to, or that a fault queue's file carries. */
export const IOMMUFD_STRUCTS: readonly StructLayout[] = [
  IOVA_RANGE,
  HWPT_PGFAULT,
  HWPT_PAGE_RESPONSE,
  HWPT_VTD_S1,
  HWPT_VTD_S1_INVALIDATE,
  HW_INFO_VTD,
];
