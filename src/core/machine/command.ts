/**
 * Commands: the ways into a machine, as plain data. An ioctl of /dev/iommu, a read or write of a
 * fault queue's file, a call VFIO makes for user space, or something hardware does. Types only.
 */

import type { BaselineName, Policies } from '../../abi/baselines.ts';
import type { PciDeviceSpec } from '../hardware/state.ts';
import type { FaultReader } from '../iommu/state.ts';
import type { HwptUserData } from '../iommufd/state.ts';
import type { IovaRange } from '../memory/iova-range.ts';
import type { UserProcess } from '../memory/user-process.ts';

/** One cache invalidation entry; which fields count depends on the data type of the array. */
export interface InvalidateEntry {
  readonly flags: number;
  /** Self-test: the IOTLB entry, 0 to 3. */
  readonly iotlbId?: number;
  /** VT-d: first address, page aligned. */
  readonly addr?: bigint;
  /** VT-d: number of 4 KiB pages. */
  readonly npages?: bigint;
}

/** struct iommu_hwpt_page_response */
export interface PageResponse {
  readonly cookie: number;
  readonly code: number;
}

/** The first command of every machine. */
export interface MachineCreate {
  readonly type: 'MachineCreate';
  readonly baseline: BaselineName;
  /** Left out: DEFAULT_POLICIES. */
  readonly policies?: Policies;
  readonly devices: readonly PciDeviceSpec[];
}

/** A PCI function appears, with its IOMMU group (pci_device_add, iommu_probe_device). */
export interface PciDeviceAdd {
  readonly type: 'PciDeviceAdd';
  readonly device: PciDeviceSpec;
}

/** A PCI function is unplugged (pci_stop_and_remove_bus_device); refused while it is bound. */
export interface PciDeviceRemove {
  readonly type: 'PciDeviceRemove';
  readonly bdf: string;
}

/**
 * Another kernel and other policies from here on, with the state as it is. No kernel can do this: a
 * past is run again from the middle under them.
 */
export interface KernelReplace {
  readonly type: 'KernelReplace';
  readonly baseline: BaselineName;
  readonly policies: Policies;
}

/** open("/dev/iommu") (iommufd_fops_open). */
export interface ContextOpen {
  readonly type: 'ContextOpen';
  /** Left out: a process as the kernel traces have it, 16 MiB at 0x10000000. */
  readonly process?: UserProcess;
}

/** close of a context's file (iommufd_fops_release runs when its last holder is gone). */
export interface ContextClose {
  readonly type: 'ContextClose';
  readonly contextId: number;
}

/** IOMMU_IOAS_ALLOC (iommufd_ioas_alloc_ioctl). */
export interface IoasAlloc {
  readonly type: 'IoasAlloc';
  readonly contextId: number;
  readonly flags: number;
}

/** IOMMU_IOAS_MAP (iommufd_ioas_map). */
export interface IoasMap {
  readonly type: 'IoasMap';
  readonly contextId: number;
  readonly ioasId: number;
  readonly flags: number;
  readonly userVa: bigint;
  readonly length: bigint;
  readonly iova: bigint;
}

/** IOMMU_IOAS_COPY (iommufd_ioas_copy). */
export interface IoasCopy {
  readonly type: 'IoasCopy';
  readonly contextId: number;
  readonly flags: number;
  readonly dstIoasId: number;
  readonly srcIoasId: number;
  readonly length: bigint;
  readonly dstIova: bigint;
  readonly srcIova: bigint;
}

/** IOMMU_IOAS_UNMAP (iommufd_ioas_unmap). */
export interface IoasUnmap {
  readonly type: 'IoasUnmap';
  readonly contextId: number;
  readonly ioasId: number;
  readonly iova: bigint;
  readonly length: bigint;
}

/** IOMMU_IOAS_IOVA_RANGES (iommufd_ioas_iova_ranges). */
export interface IoasIovaRanges {
  readonly type: 'IoasIovaRanges';
  readonly contextId: number;
  readonly ioasId: number;
  /** Room in the caller's array. */
  readonly numIovas: number;
}

/** IOMMU_IOAS_ALLOW_IOVAS (iommufd_ioas_allow_iovas). */
export interface IoasAllowIovas {
  readonly type: 'IoasAllowIovas';
  readonly contextId: number;
  readonly ioasId: number;
  readonly allowedIovas: readonly IovaRange[];
}

/** IOMMU_OPTION (iommufd_option). */
export interface Option {
  readonly type: 'Option';
  readonly contextId: number;
  readonly optionId: number;
  readonly op: number;
  readonly objectId: number;
  readonly val64: bigint;
}

/** IOMMU_VFIO_IOAS (iommufd_vfio_ioas). */
export interface VfioIoas {
  readonly type: 'VfioIoas';
  readonly contextId: number;
  readonly ioasId: number;
  readonly op: number;
}

/** IOMMU_HWPT_SET_DIRTY_TRACKING (iommufd_hwpt_set_dirty_tracking). */
export interface HwptSetDirtyTracking {
  readonly type: 'HwptSetDirtyTracking';
  readonly contextId: number;
  readonly hwptId: number;
  readonly flags: number;
}

/** IOMMU_HWPT_GET_DIRTY_BITMAP (iommufd_hwpt_get_dirty_bitmap). */
export interface HwptGetDirtyBitmap {
  readonly type: 'HwptGetDirtyBitmap';
  readonly contextId: number;
  readonly hwptId: number;
  readonly flags: number;
  readonly iova: bigint;
  readonly length: bigint;
  readonly pageSize: bigint;
}

/** IOMMU_HWPT_ALLOC (iommufd_hwpt_alloc). */
export interface HwptAlloc {
  readonly type: 'HwptAlloc';
  readonly contextId: number;
  readonly flags: number;
  readonly devId: number;
  readonly ptId: number;
  readonly dataType: number;
  /** Length of the user data in bytes, as the caller states it. */
  readonly dataLen: number;
  readonly userData: HwptUserData | null;
  readonly faultId: number;
}

/** IOMMU_HWPT_INVALIDATE (iommufd_hwpt_invalidate). */
export interface HwptInvalidate {
  readonly type: 'HwptInvalidate';
  readonly contextId: number;
  readonly hwptId: number;
  readonly dataType: number;
  readonly entryLen: number;
  readonly entries: readonly InvalidateEntry[];
}

/** IOMMU_GET_HW_INFO (iommufd_get_hw_info). */
export interface GetHwInfo {
  readonly type: 'GetHwInfo';
  readonly contextId: number;
  readonly flags: number;
  readonly devId: number;
  readonly dataLen: number;
  /** The type asked for, looked at with IOMMU_HW_INFO_FLAG_INPUT_TYPE; left out: the default, 0. */
  readonly inDataType?: number;
}

/** IOMMU_DESTROY (iommufd_destroy). */
export interface Destroy {
  readonly type: 'Destroy';
  readonly contextId: number;
  readonly id: number;
}

/** IOMMU_FAULT_QUEUE_ALLOC (iommufd_fault_alloc). */
export interface FaultQueueAlloc {
  readonly type: 'FaultQueueAlloc';
  readonly contextId: number;
  readonly flags: number;
}

/** read() of a fault queue's file (iommufd_fault_fops_read); `count` in bytes. */
export interface FaultRead {
  readonly type: 'FaultRead';
  readonly contextId: number;
  readonly faultId: number;
  readonly count: number;
  /** Where the buffer is; left out, it is there. Messages are not written into user memory. */
  readonly bufVa?: bigint;
  readonly reader: FaultReader;
}

/** write() of a fault queue's file (iommufd_fault_fops_write); `count` in bytes. */
export interface FaultWrite {
  readonly type: 'FaultWrite';
  readonly contextId: number;
  readonly faultId: number;
  readonly count: number;
  readonly responses: readonly PageResponse[];
}

/** poll() of a fault queue's file (iommufd_fault_fops_poll). */
export interface FaultPoll {
  readonly type: 'FaultPoll';
  readonly contextId: number;
  readonly faultId: number;
}

/** close() of a fault queue's file (iommufd_fault_fops_release). */
export interface FaultClose {
  readonly type: 'FaultClose';
  readonly contextId: number;
  readonly faultId: number;
}

/** VFIO_DEVICE_BIND_IOMMUFD (iommufd_device_bind). */
export interface DeviceBind {
  readonly type: 'DeviceBind';
  readonly contextId: number;
  readonly bdf: string;
}

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT: attach, or replace if already attached (iommufd_device_attach). */
export interface DeviceAttach {
  readonly type: 'DeviceAttach';
  readonly contextId: number;
  readonly devId: number;
  readonly ptId: number;
}

/** Replace alone (iommufd_device_replace). */
export interface DeviceReplace {
  readonly type: 'DeviceReplace';
  readonly contextId: number;
  readonly devId: number;
  readonly ptId: number;
}

/** VFIO_DEVICE_DETACH_IOMMUFD_PT (iommufd_device_detach); a device that is not attached: success. */
export interface DeviceDetach {
  readonly type: 'DeviceDetach';
  readonly contextId: number;
  readonly devId: number;
}

/** close of the VFIO device file: detach if attached, then iommufd_device_unbind. */
export interface DeviceUnbind {
  readonly type: 'DeviceUnbind';
  readonly contextId: number;
  readonly devId: number;
}

/** A PCI function sends one Page Request Message (PCIe 6.0, section 10.4.1). */
export interface PageRequestSend {
  readonly type: 'PageRequestSend';
  readonly bdf: string;
  /** The PASID prefix, 0 to 2^20-1, or null for a request without one. */
  readonly pasid: number | null;
  /** Page request group index, 0 to 511. */
  readonly grpid: number;
  /** IOMMU_PGFAULT_PERM_*: 1 read, 2 write, 4 exec, 8 privileged. */
  readonly perm: number;
  readonly addr: bigint;
  readonly lastPage: boolean;
  /** Stop after the handler is found: PageRequestResume goes on. */
  readonly hold?: boolean;
}

/** The second half of a page request that was held: collect or queue it. */
export interface PageRequestResume {
  readonly type: 'PageRequestResume';
  readonly inFlightId: number;
}

/** The guest resets the emulated PRI of a virtual function (policy EMULATED_PRI). */
export interface VpriResetSend {
  readonly type: 'VpriResetSend';
  readonly bdf: string;
}

/** IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS (iommufd_test_mock_domain). */
export interface TestMockDomain {
  readonly type: 'TestMockDomain';
  readonly contextId: number;
  readonly ptId: number;
  readonly devFlags: number;
}

/** IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE (iommufd_test_mock_domain_replace). */
export interface TestMockDomainReplace {
  readonly type: 'TestMockDomainReplace';
  readonly contextId: number;
  readonly stdevId: number;
  readonly ptId: number;
}

/** IOMMU_TEST_OP_TRIGGER_IOPF (iommufd_test_trigger_iopf). */
export interface TestTriggerIopf {
  readonly type: 'TestTriggerIopf';
  readonly contextId: number;
  readonly devId: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
  readonly lastPage: boolean;
}

/** IOMMU_TEST_OP_MD_CHECK_IOTLB (iommufd_test_md_check_iotlb). */
export interface TestMdCheckIotlb {
  readonly type: 'TestMdCheckIotlb';
  readonly contextId: number;
  readonly hwptId: number;
  readonly iotlbId: number;
  readonly iotlb: number;
}

/** IOMMU_TEST_OP_ADD_RESERVED (iommufd_test_add_reserved). */
export interface TestAddReserved {
  readonly type: 'TestAddReserved';
  readonly contextId: number;
  readonly ioasId: number;
  readonly start: bigint;
  readonly length: bigint;
}

/** IOMMU_TEST_OP_MD_CHECK_MAP (iommufd_test_md_check_pa). */
export interface TestMdCheckMap {
  readonly type: 'TestMdCheckMap';
  readonly contextId: number;
  readonly hwptId: number;
  readonly iova: bigint;
  readonly length: bigint;
  readonly userVa: bigint;
}

/** IOMMU_TEST_OP_DIRTY (iommufd_test_dirty). */
export interface TestDirty {
  readonly type: 'TestDirty';
  readonly contextId: number;
  readonly hwptId: number;
  readonly iova: bigint;
  readonly length: bigint;
  readonly pageSize: bigint;
  /** The first 64 bits; zeros follow. */
  readonly bitmap: bigint;
}

/** IOMMU_TEST_OP_CREATE_ACCESS (iommufd_test_create_access). */
export interface TestCreateAccess {
  readonly type: 'TestCreateAccess';
  readonly contextId: number;
  readonly ioasId: number;
  readonly flags: number;
}

/** close of an access' file (iommufd_test_staccess_release). */
export interface TestAccessClose {
  readonly type: 'TestAccessClose';
  readonly contextId: number;
  readonly accessId: number;
}

/** IOMMU_TEST_OP_ACCESS_REPLACE_IOAS (iommufd_test_access_replace_ioas). */
export interface TestAccessReplaceIoas {
  readonly type: 'TestAccessReplaceIoas';
  readonly contextId: number;
  readonly accessId: number;
  readonly ioasId: number;
}

/** IOMMU_TEST_OP_ACCESS_PAGES (iommufd_test_access_pages). */
export interface TestAccessPages {
  readonly type: 'TestAccessPages';
  readonly contextId: number;
  readonly accessId: number;
  readonly flags: number;
  readonly iova: bigint;
  readonly length: bigint;
}

/** IOMMU_TEST_OP_DESTROY_ACCESS_PAGES (iommufd_test_access_item_destroy). */
export interface TestDestroyAccessPages {
  readonly type: 'TestDestroyAccessPages';
  readonly contextId: number;
  readonly accessId: number;
  readonly itemId: number;
}

/** IOMMU_TEST_OP_ACCESS_RW (iommufd_test_access_rw). */
export interface TestAccessRw {
  readonly type: 'TestAccessRw';
  readonly contextId: number;
  readonly accessId: number;
  readonly flags: number;
  readonly iova: bigint;
  readonly length: bigint;
  /** Each byte of a write, 0 to 255. */
  readonly fill: number;
}

export type Command =
  | MachineCreate
  | PciDeviceAdd
  | PciDeviceRemove
  | KernelReplace
  | ContextOpen
  | ContextClose
  | IoasAlloc
  | HwptAlloc
  | HwptInvalidate
  | GetHwInfo
  | Destroy
  | FaultQueueAlloc
  | FaultRead
  | FaultWrite
  | FaultPoll
  | FaultClose
  | DeviceBind
  | DeviceAttach
  | DeviceReplace
  | DeviceDetach
  | DeviceUnbind
  | PageRequestSend
  | TestMockDomain
  | TestMockDomainReplace
  | TestTriggerIopf
  | TestMdCheckIotlb
  | PageRequestResume
  | VpriResetSend
  | IoasMap
  | IoasCopy
  | IoasUnmap
  | IoasIovaRanges
  | IoasAllowIovas
  | Option
  | VfioIoas
  | HwptSetDirtyTracking
  | HwptGetDirtyBitmap
  | TestAddReserved
  | TestMdCheckMap
  | TestDirty
  | TestCreateAccess
  | TestAccessClose
  | TestAccessReplaceIoas
  | TestAccessPages
  | TestDestroyAccessPages
  | TestAccessRw;

export type CommandType = Command['type'];

export type CommandOf<T extends CommandType> = Extract<Command, { type: T }>;
