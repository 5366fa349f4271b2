/**
 * Numbers of include/uapi/linux/iommufd.h and of the self-test's ioctl
 * (drivers/iommu/iommufd/iommufd_test.h), Linux 6.12.117. Names keep the kernel's spelling.
 */

// IOMMU_HWPT_ALLOC: flags
export const IOMMU_HWPT_ALLOC_NEST_PARENT = 1;
export const IOMMU_HWPT_ALLOC_DIRTY_TRACKING = 2;
export const IOMMU_HWPT_FAULT_ID_VALID = 4;
/** From Linux 6.15 on. */
export const IOMMU_HWPT_ALLOC_PASID = 8;

// IOMMU_IOAS_MAP, IOMMU_IOAS_COPY: flags
export const IOMMU_IOAS_MAP_FIXED_IOVA = 1;
export const IOMMU_IOAS_MAP_WRITEABLE = 2;
export const IOMMU_IOAS_MAP_READABLE = 4;

// IOMMU_OPTION
export const IOMMU_OPTION_RLIMIT_MODE = 0;
export const IOMMU_OPTION_HUGE_PAGES = 1;
export const IOMMU_OPTION_OP_SET = 0;
export const IOMMU_OPTION_OP_GET = 1;

// IOMMU_VFIO_IOAS
export const IOMMU_VFIO_IOAS_GET = 0;
export const IOMMU_VFIO_IOAS_SET = 1;
export const IOMMU_VFIO_IOAS_CLEAR = 2;

// Dirty tracking
export const IOMMU_HWPT_DIRTY_TRACKING_ENABLE = 1;
export const IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR = 1;

// The self-test's accesses
export const MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES = 1;
export const MOCK_FLAGS_ACCESS_WRITE = 1;
export const MOCK_ACCESS_RW_WRITE = 1;
export const MOCK_ACCESS_RW_SLOW_PATH = 4;
/** Bytes one pin, read or write through an access may cover (self-test: 16 MiB). */
export const MOCK_ACCESS_LENGTH_MAX = 16n << 20n;
/** Bits one IOMMU_TEST_OP_DIRTY may cover. */
export const MOCK_DIRTY_BITS_MAX = 1n << 27n;
/** Bytes of one entry of a pfn_batch (drivers/iommu/iommufd/pages.c): a long and an int. */
export const TEMP_MEMORY_LIMIT_MIN = 12;
/** Largest alignment of an automatic IOVA: a huge page. */
export const HUGE_PAGE_SIZE = 2n << 20n;

// enum iommu_hwpt_data_type
export const IOMMU_HWPT_DATA_NONE = 0;
export const IOMMU_HWPT_DATA_VTD_S1 = 1;
export const IOMMU_HWPT_DATA_SELFTEST = 0xdead;

// enum iommu_hwpt_invalidate_data_type
export const IOMMU_HWPT_INVALIDATE_DATA_VTD_S1 = 0;
export const IOMMU_HWPT_INVALIDATE_DATA_SELFTEST = 0xdeadbeef;

/** IOMMU_GET_HW_INFO: a flag, from Linux 6.17 on. */
export const IOMMU_HW_INFO_FLAG_INPUT_TYPE = 1;
/** IOMMU_HW_INFO_TYPE_DEFAULT: the driver chooses the type. */
export const IOMMU_HW_INFO_TYPE_DEFAULT = 0;

// enum iommu_hw_info_type
export const IOMMU_HW_INFO_TYPE_NONE = 0;
export const IOMMU_HW_INFO_TYPE_INTEL_VTD = 1;
export const IOMMU_HW_INFO_TYPE_SELFTEST = 0xfeedbeef;

// enum iommufd_hw_capabilities
export const IOMMU_HW_CAP_DIRTY_TRACKING = 1n;
export const IOMMU_HW_CAP_PCI_PASID_EXEC = 2n;
export const IOMMU_HW_CAP_PCI_PASID_PRIV = 4n;
export const IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED = 8n;

// struct iommu_hwpt_pgfault: flags and perm
export const IOMMU_PGFAULT_FLAGS_PASID_VALID = 1;
export const IOMMU_PGFAULT_FLAGS_LAST_PAGE = 2;
/** Kernel-internal IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID; it leaks into the message's flags. */
export const IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID = 4;
export const IOMMU_PGFAULT_PERM_READ = 1;
export const IOMMU_PGFAULT_PERM_WRITE = 2;
export const IOMMU_PGFAULT_PERM_EXEC = 4;
export const IOMMU_PGFAULT_PERM_PRIV = 8;

// enum iommufd_page_response_code, and the kernel-internal third one (enum iommu_page_response_code)
export const IOMMUFD_PAGE_RESP_SUCCESS = 0;
export const IOMMUFD_PAGE_RESP_INVALID = 1;
export const IOMMU_PAGE_RESP_FAILURE = 2;

/** sizeof(struct iommu_hwpt_pgfault), bytes of one message read from a fault queue's file. */
export const PGFAULT_SIZE = 40;
/** sizeof(struct iommu_hwpt_page_response), bytes of one record written to a fault queue's file. */
export const PAGE_RESPONSE_SIZE = 8;

/** Where the addresses of programs end on x86-64 with page tables of four levels (access_ok). */
export const USER_ADDRESS_END = 0x7fff_ffff_f000n;
/** MAX_RW_COUNT: the VFS cuts the byte count of a read or write to this. */
export const MAX_RW_COUNT = 0x7fff_f000;

export const PAGE_SIZE = 4096;
/** The largest u64, ULONG_MAX on x86-64. */
export const ULONG_MAX = 0xffff_ffff_ffff_ffffn;
/** The largest u32. */
export const U32_MAX = 0xffff_ffff;
/** IOMMU_NO_PASID: requests without a PASID. */
export const IOMMU_NO_PASID = 0;
/** PASIDs are 20 bits wide (PCIe 6.0, section 6.20). */
export const PASID_MAX = 0xf_ffff;
/** A page request group index is 9 bits wide (PCIe 6.0, section 10.4.1). */
export const PRG_INDEX_MAX = 0x1ff;

// HWPT_INVALIDATE bounds (iommufd_hwpt_invalidate, since 6.12.96)
export const INVALIDATE_ENTRY_NUM_MAX = 1 << 19;
export const IOMMU_VTD_INV_FLAGS_LEAF = 1;

/** Sizes in bytes of the user data structures the emulated drivers take. */
export const HWPT_SELFTEST_SIZE = 4;
/** With the kind of page table, which a paging hwpt may ask for from 6.19 on. */
export const HWPT_SELFTEST_PAGETABLE_SIZE = 8;
export const HWPT_VTD_S1_SIZE = 24;
export const INVALIDATE_SELFTEST_SIZE = 8;
export const INVALIDATE_VTD_S1_SIZE = 24;
export const HW_INFO_SELFTEST_SIZE = 8;
export const HW_INFO_VTD_SIZE = 24;

// struct iommu_hwpt_vtd_s1: flags
export const IOMMU_VTD_S1_SRE = 1n;
export const IOMMU_VTD_S1_EAFE = 2n;
export const IOMMU_VTD_S1_WPE = 4n;

// The self-test's mock device and driver
export const MOCK_FLAGS_DEVICE_NO_DIRTY = 1;
export const MOCK_FLAGS_DEVICE_HUGE_IOVA = 2;
export const MOCK_FLAGS_DEVICE_PASID = 4;
/** PASIDs of a mock device that has them, in bits (MOCK_PASID_WIDTH). */
export const MOCK_PASID_WIDTH = 20;
/** A PASID that every second call of the mock driver fails to set (IOMMU_TEST_PASID_RESERVED). */
export const MOCK_FAILING_PASID = 1024;
/** Not in the stock driver: the device joins the IOMMU group of the mock device created last. */
export const MOCK_FLAGS_DEVICE_SHARED_GROUP = 256;
/** Not in the stock driver: the device counts as a PCI virtual function. */
export const MOCK_FLAGS_DEVICE_VIRTFN = 512;
/** Not in the stock driver: the driver refuses the IOPF feature with ENODEV. */
export const MOCK_FLAGS_DEVICE_NO_IOPF = 1024;
export const MOCK_FLAGS_DEVICE_ALL = 1 | 2 | 4 | 256 | 512 | 1024;

export const MOCK_APERTURE_START = 0x0100_0000n;
export const MOCK_APERTURE_LAST = 0x7fff_ffffn;
export const MOCK_IO_PAGE_SIZE = 2048;
/** IO pages of a device with MOCK_FLAGS_DEVICE_HUGE_IOVA, beside the small ones. */
export const MOCK_HUGE_PAGE_SIZE = 512 * MOCK_IO_PAGE_SIZE;
export const MOCK_NESTED_DOMAIN_IOTLB_NUM = 4;
export const MOCK_HW_INFO_TEST_REG = 0xdead_beef;
export const IOMMU_TEST_INVALIDATE_FLAG_ALL = 1;

/** Object types of one context's id table (enum iommufd_object_type). */
export const OBJECT_TYPES = [
  'DEVICE',
  'HWPT_PAGING',
  'HWPT_NESTED',
  'IOAS',
  'FAULT',
  'ACCESS',
  'SELFTEST',
] as const;
export type ObjectType = (typeof OBJECT_TYPES)[number];
