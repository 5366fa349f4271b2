/** What the uAPI and the specifications call the numbers in operations and events. */
import {
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_SET_IRQS,
} from '../../abi/ioctl/vfio.ts';
import {
  VFIO_IRQ_SET_ACTION_MASK,
  VFIO_IRQ_SET_ACTION_TRIGGER,
  VFIO_IRQ_SET_ACTION_UNMASK,
  VFIO_IRQ_SET_DATA_BOOL,
  VFIO_IRQ_SET_DATA_EVENTFD,
  VFIO_IRQ_SET_DATA_NONE,
  VFIO_PCI_BAR0_REGION_INDEX,
  VFIO_PCI_BAR2_REGION_INDEX,
  VFIO_PCI_CONFIG_REGION_INDEX,
  VFIO_PCI_ERR_IRQ_INDEX,
  VFIO_PCI_INTX_IRQ_INDEX,
  VFIO_PCI_MSI_IRQ_INDEX,
  VFIO_PCI_MSIX_IRQ_INDEX,
  VFIO_PCI_REQ_IRQ_INDEX,
} from '../../abi/ioctl/vfio-pci.ts';
import {
  IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID,
  IOMMU_HWPT_DATA_NONE,
  IOMMU_HWPT_DATA_SELFTEST,
  IOMMU_HWPT_DATA_VTD_S1,
  IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
  IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
  IOMMU_OPTION_HUGE_PAGES,
  IOMMU_OPTION_OP_GET,
  IOMMU_OPTION_OP_SET,
  IOMMU_OPTION_RLIMIT_MODE,
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMU_PGFAULT_FLAGS_PASID_VALID,
  IOMMU_PGFAULT_PERM_EXEC,
  IOMMU_PGFAULT_PERM_PRIV,
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
  IOMMUFD_PAGE_RESP_INVALID,
  IOMMUFD_PAGE_RESP_SUCCESS,
} from '../../abi/uapi.ts';
import { CORE_RESPONSE, PCIE_RESPONSE } from '../hardware/vendors/formats.ts';
import type { CommandType } from '../machine/command.ts';
import type { EventType } from '../machine/event.ts';
import {
  ACCESS_CREATE_FLAGS,
  ACCESS_FLAGS,
  DIRTY_BITMAP_FLAGS,
  DIRTY_TRACKING_FLAGS,
  type FlagNames,
  HW_INFO_FLAGS,
  HWPT_ALLOC_FLAGS,
  MAP_FLAG_NAMES,
  MOCK_DEVICE_FLAGS,
} from '../refuse/flags.ts';

export const REQUEST_FLAGS: FlagNames = {
  IOMMU_PGFAULT_FLAGS_PASID_VALID,
  IOMMU_PGFAULT_FLAGS_LAST_PAGE,
  IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID,
};
export const PERM_FLAGS: FlagNames = {
  IOMMU_PGFAULT_PERM_READ,
  IOMMU_PGFAULT_PERM_WRITE,
  IOMMU_PGFAULT_PERM_EXEC,
  IOMMU_PGFAULT_PERM_PRIV,
};

type Type = CommandType | EventType;
type Named = Readonly<Partial<Record<Type, Readonly<Record<string, FlagNames>>>>>;

/** Of a page request, wherever it stands. */
const REQUEST = { flags: REQUEST_FLAGS, perm: PERM_FLAGS };
/** To a function, of which 2 to 14 are a failure as 15 is. */
const PCIE_CODE = { code: PCIE_RESPONSE };
const CORE_CODE = { code: CORE_RESPONSE };

/** Words of bits: arguments, and fields of replies and events. */
const BITS: Named = {
  HwptAlloc: { flags: HWPT_ALLOC_FLAGS },
  HwptSetDirtyTracking: { flags: DIRTY_TRACKING_FLAGS },
  HwptGetDirtyBitmap: { flags: DIRTY_BITMAP_FLAGS },
  IoasMap: { flags: MAP_FLAG_NAMES },
  IoasCopy: { flags: MAP_FLAG_NAMES },
  GetHwInfo: { flags: HW_INFO_FLAGS },
  PageRequestSend: { perm: PERM_FLAGS },
  TestTriggerIopf: { perm: PERM_FLAGS },
  TestMockDomain: { devFlags: MOCK_DEVICE_FLAGS },
  TestCreateAccess: { flags: ACCESS_CREATE_FLAGS },
  TestAccessPages: { flags: ACCESS_FLAGS },
  TestAccessRw: { flags: ACCESS_FLAGS },
  FaultRead: REQUEST,
  PageRequestReported: REQUEST,
  PageRequestCollected: REQUEST,
  PageRequestInFlight: REQUEST,
  IopfGroupQueued: REQUEST,
  AreaMapped: { prot: MAP_FLAG_NAMES },
  MockDeviceAdded: { devFlags: MOCK_DEVICE_FLAGS },
  CallAnswered: {
    flags: {
      ...{ VFIO_IRQ_SET_DATA_NONE, VFIO_IRQ_SET_DATA_BOOL, VFIO_IRQ_SET_DATA_EVENTFD },
      ...{ VFIO_IRQ_SET_ACTION_MASK, VFIO_IRQ_SET_ACTION_UNMASK, VFIO_IRQ_SET_ACTION_TRIGGER },
    },
  },
};

/** One of several numbers. */
const NUMBERS: Named = {
  HwptAlloc: {
    dataType: { IOMMU_HWPT_DATA_NONE, IOMMU_HWPT_DATA_VTD_S1, IOMMU_HWPT_DATA_SELFTEST },
  },
  HwptInvalidate: {
    dataType: { IOMMU_HWPT_INVALIDATE_DATA_VTD_S1, IOMMU_HWPT_INVALIDATE_DATA_SELFTEST },
  },
  Option: {
    optionId: { IOMMU_OPTION_RLIMIT_MODE, IOMMU_OPTION_HUGE_PAGES },
    op: { IOMMU_OPTION_OP_SET, IOMMU_OPTION_OP_GET },
  },
  FaultWrite: { code: { IOMMUFD_PAGE_RESP_SUCCESS, IOMMUFD_PAGE_RESP_INVALID } },
  CallAnswered: {
    request: {
      VFIO_DEVICE_GET_INFO: VFIO_DEVICE_GET_INFO.request,
      VFIO_DEVICE_GET_REGION_INFO: VFIO_DEVICE_GET_REGION_INFO.request,
      VFIO_DEVICE_GET_IRQ_INFO: VFIO_DEVICE_GET_IRQ_INFO.request,
      VFIO_DEVICE_SET_IRQS: VFIO_DEVICE_SET_IRQS.request,
    },
    region: {
      VFIO_PCI_BAR0_REGION_INDEX,
      VFIO_PCI_BAR2_REGION_INDEX,
      VFIO_PCI_CONFIG_REGION_INDEX,
    },
    interrupt: {
      ...{ VFIO_PCI_INTX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX },
      ...{ VFIO_PCI_ERR_IRQ_INDEX, VFIO_PCI_REQ_IRQ_INDEX },
    },
  },
  PageResponseWritten: CORE_CODE,
  PageResponseSent: CORE_CODE,
  PrgResponseReceived: PCIE_CODE,
  PrgResponseUnexpected: PCIE_CODE,
  PrgResponseIgnored: PCIE_CODE,
  PageRequestAutoResponded: PCIE_CODE,
};

/** What the uAPI or the specification calls a number in a field: one name, one for each bit, or none. */
export function namesOf(type: Type, field: string, value: unknown): readonly string[] {
  if (typeof value !== 'number') return [];
  const bits = BITS[type]?.[field];
  if (bits !== undefined) return Object.keys(bits).filter(key => (value & bits[key]!) !== 0);
  const numbers = NUMBERS[type]?.[field] ?? {};
  return Object.keys(numbers).filter(key => numbers[key] === value);
}

/** A copy of a value in which, beside a number `perm` that has names, they stand in `permNames`. */
export function withNames(type: Type, value: unknown): unknown {
  if (Array.isArray(value)) return value.map(part => withNames(type, part));
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value).flatMap(([field, part]) => {
    const names = namesOf(type, field, part);
    const own = [field, withNames(type, part)];
    return names.length === 0 ? [own] : [own, [`${field}Names`, names]];
  });
  return Object.fromEntries(fields);
}
