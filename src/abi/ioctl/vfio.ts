/**
 * VFIO's ioctls as bytes (include/uapi/linux/vfio.h, Linux 6.12.117): those of a device's file that
 * bind it to an iommufd, and the type 1 ones that /dev/iommu answers in VFIO's place
 * (drivers/iommu/iommufd/vfio_compat.c). `argsz` is the length a program gives; `minSize` is how far
 * it must reach.
 */
import type { IoctlLayout, StructLayout } from './layout.ts';

/** _IO(';', 100): VFIO's numbers begin here. */
export const VFIO_BASE = 0x3b64;
export const VFIO_API_VERSION = 0;

// Requests without a structure.
export const VFIO_GET_API_VERSION = 0x3b64;
export const VFIO_CHECK_EXTENSION = 0x3b65;
export const VFIO_SET_IOMMU = 0x3b66;
export const VFIO_DEVICE_RESET = 0x3b6f;
/** Its head is that of VFIO_DEVICE_GET_PCI_HOT_RESET_INFO. */
export const VFIO_DEVICE_PCI_HOT_RESET = 0x3b71;

// VFIO_CHECK_EXTENSION, VFIO_SET_IOMMU: the argument
export const VFIO_TYPE1_IOMMU = 1;
export const VFIO_TYPE1v2_IOMMU = 3;
export const VFIO_DMA_CC_IOMMU = 4;
export const VFIO_TYPE1_NESTING_IOMMU = 6;
export const VFIO_NOIOMMU_IOMMU = 8;
export const VFIO_UNMAP_ALL = 9;
export const VFIO_UPDATE_VADDR = 10;

// Flags
export const VFIO_DMA_MAP_FLAG_READ = 1;
export const VFIO_DMA_MAP_FLAG_WRITE = 2;
export const VFIO_DMA_UNMAP_FLAG_ALL = 2;
export const VFIO_IOMMU_INFO_PGSIZES = 1;
export const VFIO_IOMMU_INFO_CAPS = 2;
export const VFIO_DEVICE_FLAGS_RESET = 1;
export const VFIO_DEVICE_FLAGS_PCI = 2;
// From Linux 6.15 on.
export const VFIO_DEVICE_ATTACH_PASID = 1;
export const VFIO_DEVICE_DETACH_PASID = 1;

// Capabilities of VFIO_IOMMU_GET_INFO
export const VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE = 1;
export const VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL = 3;

export const VFIO_DEVICE_GET_INFO = {
  request: 0x3b6b,
  struct: 'vfio_device_info',
  size: 24,
  minSize: 16,
  fields: {
    argsz: [0, 4],
    flags: [4, 4],
    num_regions: [8, 4],
    num_irqs: [12, 4],
    cap_offset: [16, 4],
    pad: [20, 4],
  },
} as const satisfies IoctlLayout;

export const VFIO_DEVICE_GET_REGION_INFO = {
  request: 0x3b6c,
  struct: 'vfio_region_info',
  size: 32,
  minSize: 32,
  fields: {
    argsz: [0, 4],
    flags: [4, 4],
    index: [8, 4],
    cap_offset: [12, 4],
    size: [16, 8],
    offset: [24, 8],
  },
} as const satisfies IoctlLayout;

export const VFIO_DEVICE_GET_IRQ_INFO = {
  request: 0x3b6d,
  struct: 'vfio_irq_info',
  size: 16,
  minSize: 16,
  fields: { argsz: [0, 4], flags: [4, 4], index: [8, 4], count: [12, 4] },
} as const satisfies IoctlLayout;

export const VFIO_DEVICE_SET_IRQS = {
  request: 0x3b6e,
  struct: 'vfio_irq_set',
  size: 20,
  minSize: 20,
  fields: { argsz: [0, 4], flags: [4, 4], index: [8, 4], start: [12, 4], count: [16, 4] },
} as const satisfies IoctlLayout;

export const VFIO_DEVICE_BIND_IOMMUFD = {
  request: 0x3b76,
  struct: 'vfio_device_bind_iommufd',
  size: 16,
  minSize: 16,
  fields: { argsz: [0, 4], flags: [4, 4], iommufd: [8, 4], out_devid: [12, 4] },
} as const satisfies IoctlLayout;

/** `pasid` is there from Linux 6.15 on, and read with VFIO_DEVICE_ATTACH_PASID alone. */
export const VFIO_DEVICE_ATTACH_IOMMUFD_PT = {
  request: 0x3b77,
  struct: 'vfio_device_attach_iommufd_pt',
  size: 16,
  minSize: 12,
  fields: { argsz: [0, 4], flags: [4, 4], pt_id: [8, 4], pasid: [12, 4] },
} as const satisfies IoctlLayout;

/** `pasid` is there from Linux 6.15 on, and read with VFIO_DEVICE_DETACH_PASID alone. */
export const VFIO_DEVICE_DETACH_IOMMUFD_PT = {
  request: 0x3b78,
  struct: 'vfio_device_detach_iommufd_pt',
  size: 12,
  minSize: 8,
  fields: { argsz: [0, 4], flags: [4, 4], pasid: [8, 4] },
} as const satisfies IoctlLayout;

export const VFIO_IOMMU_GET_INFO = {
  request: 0x3b70,
  struct: 'vfio_iommu_type1_info',
  size: 24,
  minSize: 16,
  fields: { argsz: [0, 4], flags: [4, 4], iova_pgsizes: [8, 8], cap_offset: [16, 4] },
} as const satisfies IoctlLayout;

export const VFIO_IOMMU_MAP_DMA = {
  request: 0x3b71,
  struct: 'vfio_iommu_type1_dma_map',
  size: 32,
  minSize: 32,
  fields: { argsz: [0, 4], flags: [4, 4], vaddr: [8, 8], iova: [16, 8], size: [24, 8] },
} as const satisfies IoctlLayout;

export const VFIO_IOMMU_UNMAP_DMA = {
  request: 0x3b72,
  struct: 'vfio_iommu_type1_dma_unmap',
  size: 24,
  minSize: 24,
  fields: { argsz: [0, 4], flags: [4, 4], iova: [8, 8], size: [16, 8] },
} as const satisfies IoctlLayout;

/** The list follows. It shares its number with VFIO_IOMMU_GET_INFO. */
export const VFIO_DEVICE_GET_PCI_HOT_RESET_INFO = {
  request: 0x3b70,
  struct: 'vfio_pci_hot_reset_info',
  size: 12,
  minSize: 12,
  fields: { argsz: [0, 4], flags: [4, 4], count: [8, 4] },
} as const satisfies IoctlLayout;

/** Its data follows. */
export const VFIO_DEVICE_FEATURE = {
  request: 0x3b75,
  struct: 'vfio_device_feature',
  size: 8,
  minSize: 8,
  fields: { argsz: [0, 4], flags: [4, 4] },
} as const satisfies IoctlLayout;

/** The ioctls with a structure. Two share a number: one is a device's, one a container's. */
export const VFIO_IOCTLS: readonly IoctlLayout[] = [
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_SET_IRQS,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  VFIO_DEVICE_FEATURE,
  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
  VFIO_IOMMU_GET_INFO,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_UNMAP_DMA,
];

export const INFO_CAP_HEADER = {
  struct: 'vfio_info_cap_header',
  size: 8,
  fields: { id: [0, 2], version: [2, 2], next: [4, 4] },
} as const satisfies StructLayout;

export const INFO_CAP_IOVA_RANGE = {
  struct: 'vfio_iommu_type1_info_cap_iova_range',
  size: 16,
  fields: { header: [0, 8], nr_iovas: [8, 4], reserved: [12, 4] },
} as const satisfies StructLayout;

export const INFO_DMA_AVAIL = {
  struct: 'vfio_iommu_type1_info_dma_avail',
  size: 12,
  fields: { header: [0, 8], avail: [8, 4] },
} as const satisfies StructLayout;

/** Capabilities that follow struct vfio_iommu_type1_info. */
export const VFIO_STRUCTS: readonly StructLayout[] = [
  INFO_CAP_HEADER,
  INFO_CAP_IOVA_RANGE,
  INFO_DMA_AVAIL,
];
