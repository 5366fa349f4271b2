/**
 * IOMMU_TEST_CMD, the ioctl of the kernel's self-test, as bytes
 * (drivers/iommu/iommufd/iommufd_test.h, Linux 6.12.117; of PASIDs 7.3.4). One structure serves every
 * operation: a head, a union that begins at byte 16, and a last word that `size` must reach.
 */
import type { IoctlLayout, StructLayout } from './layout.ts';

export const IOMMU_TEST_CMD = {
  request: 0x3ba0,
  struct: 'iommu_test_cmd',
  size: 72,
  minSize: 68,
  fields: { size: [0, 4], op: [4, 4], id: [8, 4], __reserved: [12, 4], last: [64, 4] },
} as const satisfies IoctlLayout;

/** The operations, by the name of their member of the union; each with its number and fields. */
export const TEST_OPS = {
  add_reserved: { op: 1, fields: { start: [16, 8], length: [24, 8] } },
  mock_domain: {
    op: 2,
    fields: { out_stdev_id: [16, 4], out_hwpt_id: [20, 4], out_idev_id: [24, 4] },
  },
  check_map: { op: 3, fields: { iova: [16, 8], length: [24, 8], uptr: [32, 8] } },
  check_refs: { op: 4, fields: { length: [16, 8], uptr: [24, 8], refs: [32, 4] } },
  create_access: { op: 5, fields: { out_access_fd: [16, 4], flags: [20, 4] } },
  destroy_access_pages: { op: 6, fields: { access_pages_id: [16, 4] } },
  access_pages: {
    op: 7,
    fields: {
      flags: [16, 4],
      out_access_pages_id: [20, 4],
      iova: [24, 8],
      length: [32, 8],
      uptr: [40, 8],
    },
  },
  access_rw: {
    op: 8,
    fields: { iova: [16, 8], length: [24, 8], uptr: [32, 8], flags: [40, 4] },
  },
  memory_limit: { op: 9, fields: { limit: [16, 4] } },
  mock_domain_replace: { op: 10, fields: { pt_id: [16, 4] } },
  access_replace_ioas: { op: 11, fields: { ioas_id: [16, 4] } },
  mock_domain_flags: {
    op: 12,
    fields: {
      out_stdev_id: [16, 4],
      out_hwpt_id: [20, 4],
      out_idev_id: [24, 4],
      dev_flags: [28, 4],
    },
  },
  dirty: {
    op: 13,
    fields: {
      flags: [16, 4],
      iova: [24, 8],
      length: [32, 8],
      page_size: [40, 8],
      uptr: [48, 8],
      out_nr_dirty: [56, 8],
    },
  },
  check_iotlb: { op: 14, fields: { id: [16, 4], iotlb: [20, 4] } },
  trigger_iopf: {
    op: 15,
    fields: { dev_id: [16, 4], pasid: [20, 4], grpid: [24, 4], perm: [28, 4], addr: [32, 8] },
  },
  // From Linux 6.15 on.
  pasid_attach: { op: 18, fields: { pasid: [16, 4], pt_id: [20, 4] } },
  pasid_replace: { op: 19, fields: { pasid: [16, 4], pt_id: [20, 4] } },
  pasid_detach: { op: 20, fields: { pasid: [16, 4] } },
  pasid_check: { op: 21, fields: { pasid: [16, 4], hwpt_id: [20, 4] } },
} as const satisfies Readonly<
  Record<string, { readonly op: number; readonly fields: StructLayout['fields'] }>
>;

export const HWPT_SELFTEST = {
  struct: 'iommu_hwpt_selftest',
  size: 4,
  fields: { iotlb: [0, 4] },
} as const satisfies StructLayout;

export const HWPT_INVALIDATE_SELFTEST = {
  struct: 'iommu_hwpt_invalidate_selftest',
  size: 8,
  fields: { flags: [0, 4], iotlb_id: [4, 4] },
} as const satisfies StructLayout;

export const TEST_HW_INFO = {
  struct: 'iommu_test_hw_info',
  size: 8,
  fields: { flags: [0, 4], test_reg: [4, 4] },
} as const satisfies StructLayout;

/** Structures of the self-test that ioctls point to. */
export const SELFTEST_STRUCTS: readonly StructLayout[] = [
  HWPT_SELFTEST,
  HWPT_INVALIDATE_SELFTEST,
  TEST_HW_INFO,
];
