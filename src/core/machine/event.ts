/**
 * Events: one state change each, past tense. The log stores them with EVENT_VERSION; `evolve`
 * applies them. Types only, and the tables the codec needs.
 */
import type { BaselineName, Policies } from '../../abi/baselines.ts';
import type { HazardName } from '../../abi/hazards.ts';
import type { ObjectType } from '../../abi/uapi.ts';
import type { PciDeviceSpec } from '../hardware/state.ts';
import type { FaultReader, PageRequest } from '../iommu/state.ts';
import type { HwptUserData, PagingDomain } from '../iommufd/state.ts';
import type { IovaRange } from '../memory/iova-range.ts';
import type { UserProcess } from '../memory/user-process.ts';

interface InContext {
  readonly contextId: number;
}

// Machine and topology

/** The machine came into being; always seq 1. */
export interface MachineCreated {
  readonly type: 'MachineCreated';
  readonly baseline: BaselineName;
  readonly policies: Policies;
}
/** From here on the machine has another kernel's behaviour and other policies. */
export interface KernelReplaced {
  readonly type: 'KernelReplaced';
  readonly baseline: BaselineName;
  readonly policies: Policies;
}
/** A new IOMMU group exists, on its default domain (iommu_group_alloc). */
export interface IommuGroupCreated {
  readonly type: 'IommuGroupCreated';
  readonly iommuGroupId: number;
}
/** An IOMMU group lost its last device (iommu_group_release). */
export interface IommuGroupRemoved {
  readonly type: 'IommuGroupRemoved';
  readonly iommuGroupId: number;
}
/** A PCI function joined its IOMMU group (iommu_probe_device). */
export interface PciDeviceAdded {
  readonly type: 'PciDeviceAdded';
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  readonly device: PciDeviceSpec;
}
/** A mock device was made and joined its IOMMU group (mock_dev_create). */
export interface MockDeviceAdded {
  readonly type: 'MockDeviceAdded';
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  readonly mockDev: number;
  readonly devFlags: number;
}
/** A PCI function or mock device is gone. */
export interface PhysicalDeviceRemoved {
  readonly type: 'PhysicalDeviceRemoved';
  readonly deviceNo: number;
}

// Contexts and objects

/** /dev/iommu was opened (iommufd_fops_open). */
export interface ContextOpened extends InContext {
  readonly type: 'ContextOpened';
  readonly process: UserProcess;
}
/** The context's own file was closed. */
export interface ContextFileClosed extends InContext {
  readonly type: 'ContextFileClosed';
}
/** The last holder of the context's file is gone and its table is empty (iommufd_fops_release). */
export interface ContextReleased extends InContext {
  readonly type: 'ContextReleased';
}
/** An object id was taken; the object is not visible yet (iommufd_object_alloc). */
export interface ObjectReserved extends InContext {
  readonly type: 'ObjectReserved';
  readonly id: number;
  readonly objectType: ObjectType;
}
/** A taken id was given back before its object became visible (iommufd_object_abort). */
export interface ObjectAborted extends InContext {
  readonly type: 'ObjectAborted';
  readonly id: number;
  readonly objectType: ObjectType;
}
/** An object was destroyed and its id is free (iommufd_object_remove). */
export interface ObjectDestroyed extends InContext {
  readonly type: 'ObjectDestroyed';
  readonly id: number;
  readonly objectType: ObjectType;
}

// IOAS and hwpt

/** An IOAS exists (iommufd_ioas_alloc). */
export interface IoasAllocated extends InContext {
  readonly type: 'IoasAllocated';
  readonly ioasId: number;
}
/** A paging hwpt exists and holds its IOAS (iommufd_hwpt_paging_alloc). */
export interface HwptPagingAllocated extends InContext {
  readonly type: 'HwptPagingAllocated';
  readonly hwptId: number;
  readonly ioasId: number;
  readonly nestParent: boolean;
  /** IOMMU_HWPT_ALLOC_PASID. */
  readonly pasid: boolean;
  /** Made by attach or replace with an IOAS id; goes with its last device. */
  readonly auto: boolean;
  readonly domain: PagingDomain;
}
/** A hwpt's domain joined its IOAS: apertures reserved, areas mapped (iopt_table_add_domain). */
export interface DomainAdded extends InContext {
  readonly type: 'DomainAdded';
  readonly ioasId: number;
  readonly hwptId: number;
  /** The parts of the IOVA space outside the domain's aperture. */
  readonly reserved: readonly IovaRange[];
}
/** A hwpt's domain left its IOAS (iopt_table_remove_domain). */
export interface DomainRemoved extends InContext {
  readonly type: 'DomainRemoved';
  readonly ioasId: number;
  readonly hwptId: number;
}
/** A range of IOVAs was mapped (iopt_map_pages). */
export interface AreaMapped extends InContext {
  readonly type: 'AreaMapped';
  readonly ioasId: number;
  readonly start: bigint;
  readonly last: bigint;
  readonly userVa: bigint;
  readonly prot: number;
  /** The page container it uses. */
  readonly pagesId: number;
  /** What the container holds, if it is new. */
  readonly newPages: {
    readonly userVa: bigint;
    readonly length: bigint;
    readonly writable: boolean;
    readonly present: boolean;
  } | null;
}
/** A range of IOVAs was unmapped, its pages unpinned (iopt_unmap_iova_range). */
export interface AreaUnmapped extends InContext {
  readonly type: 'AreaUnmapped';
  readonly ioasId: number;
  readonly start: bigint;
  readonly last: bigint;
}
/** The set of ranges automatic IOVAs come from was replaced (iopt_set_allow_iova). */
export interface AllowedIovasSet extends InContext {
  readonly type: 'AllowedIovasSet';
  readonly ioasId: number;
  readonly allowed: readonly IovaRange[];
}
/** A range was reserved by nobody in particular (iommufd_test_add_reserved). */
export interface ReservedRangeAdded extends InContext {
  readonly type: 'ReservedRangeAdded';
  readonly ioasId: number;
  readonly start: bigint;
  readonly last: bigint;
}
/** Large pages of an IOAS were switched (iommufd_ioas_option). */
export interface LargePagesSet extends InContext {
  readonly type: 'LargePagesSet';
  readonly ioasId: number;
  readonly enabled: boolean;
}
/** How locked memory is counted was switched (iommufd_option_rlimit_mode). */
export interface RlimitModeSet extends InContext {
  readonly type: 'RlimitModeSet';
  readonly mode: number;
}
/** The IOAS of the VFIO compatible ioctls was set or cleared (iommufd_vfio_ioas). */
export interface VfioIoasSet extends InContext {
  readonly type: 'VfioIoasSet';
  readonly ioasId: number | null;
}
/** Dirty tracking of a hwpt was switched (iopt_set_dirty_tracking). */
export interface DirtyTrackingSet extends InContext {
  readonly type: 'DirtyTrackingSet';
  readonly hwptId: number;
  readonly enabled: boolean;
}
/** Mock driver: a device wrote through these IO pages (iommufd_test_dirty). */
export interface PagesDirtied extends InContext {
  readonly type: 'PagesDirtied';
  readonly hwptId: number;
  readonly slots: readonly number[];
}
/** Dirty bits of IO pages were cleared (mock_domain_read_and_clear_dirty). */
export interface PagesCleaned extends InContext {
  readonly type: 'PagesCleaned';
  readonly hwptId: number;
  readonly slots: readonly number[];
}
/** An in-kernel access exists (iommufd_access_create). */
export interface AccessCreated extends InContext {
  readonly type: 'AccessCreated';
  readonly accessId: number;
  readonly needsPinPages: boolean;
}
/** An access moved to an IOAS, or from one to another (iommufd_access_change_ioas). */
export interface AccessIoasChanged extends InContext {
  readonly type: 'AccessIoasChanged';
  readonly accessId: number;
  readonly ioasId: number | null;
}
/** An access pinned pages (iommufd_access_pin_pages). */
export interface AccessPagesPinned extends InContext {
  readonly type: 'AccessPagesPinned';
  readonly accessId: number;
  readonly itemId: number;
  readonly start: bigint;
  readonly last: bigint;
}
/** An access let go of pinned pages (iommufd_access_unpin_pages). */
export interface AccessPagesUnpinned extends InContext {
  readonly type: 'AccessPagesUnpinned';
  readonly accessId: number;
  readonly itemId: number;
}
/** An access wrote into user memory (iommufd_access_rw). */
export interface UserMemoryFilled extends InContext {
  readonly type: 'UserMemoryFilled';
  readonly userVa: bigint;
  readonly length: bigint;
  readonly fill: number;
}
/** A nested hwpt exists and holds its parent (iommufd_hwpt_nested_alloc). */
export interface HwptNestedAllocated extends InContext {
  readonly type: 'HwptNestedAllocated';
  readonly hwptId: number;
  readonly parentId: number;
  readonly driver: PagingDomain['driver'];
  /** IOMMU_HWPT_ALLOC_PASID. */
  readonly pasid: boolean;
  readonly userData: HwptUserData;
}
/** A hwpt became fault-capable: it names a fault queue and holds it (iommufd_hwpt_alloc). */
export interface HwptFaultQueueAssigned extends InContext {
  readonly type: 'HwptFaultQueueAssigned';
  readonly hwptId: number;
  readonly faultId: number;
}
/** The hwpt got a cookie for the group's software MSI window (iommu_get_msi_cookie). */
export interface MsiCookieCreated extends InContext {
  readonly type: 'MsiCookieCreated';
  readonly hwptId: number;
  readonly swMsiStart: bigint;
}
/** Mock driver: IOTLB words of a nested hwpt were zeroed by one invalidation entry. */
export interface MockIotlbInvalidated extends InContext {
  readonly type: 'MockIotlbInvalidated';
  readonly hwptId: number;
  /** null: all of them. */
  readonly iotlbId: number | null;
}
/** The conforming IOMMU invalidated cached first-stage translations. */
export interface StageOneInvalidated extends InContext {
  readonly type: 'StageOneInvalidated';
  readonly hwptId: number;
  readonly addr: bigint;
  readonly npages: bigint;
  readonly leaf: boolean;
}

// Devices

/** The context owns DMA of the group; the group blocks (iommu_device_claim_dma_owner). */
export interface DmaOwnershipClaimed extends InContext {
  readonly type: 'DmaOwnershipClaimed';
  readonly iommuGroupId: number;
}
/** Nobody owns DMA of the group; it is back on its default domain. */
export interface DmaOwnershipReleased extends InContext {
  readonly type: 'DmaOwnershipReleased';
  readonly iommuGroupId: number;
}
/** A physical device became a DEVICE object of a context (iommufd_device_bind). */
export interface DeviceBound extends InContext {
  readonly type: 'DeviceBound';
  readonly deviceId: number;
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  readonly bindNo: number;
  /** Mock devices do not hold the context's file. */
  readonly holdsFile: boolean;
}
/** The DEVICE object is gone (iommufd_device_unbind). */
export interface DeviceUnbound extends InContext {
  readonly type: 'DeviceUnbound';
  readonly deviceId: number;
  readonly deviceNo: number;
  readonly iommuGroupId: number;
}
/** The self-test's handle of a mock device became visible (iommufd_test_mock_domain). */
export interface SelftestDeviceFinalized extends InContext {
  readonly type: 'SelftestDeviceFinalized';
  readonly stdevId: number;
  readonly deviceNo: number;
  readonly deviceId: number;
}

// Attach, detach, replace

/** A device's reserved regions were reserved in an IOAS (iopt_table_enforce_dev_resv_regions). */
export interface ReservedRegionsEnforced extends InContext {
  readonly type: 'ReservedRegionsEnforced';
  readonly ioasId: number;
  readonly deviceId: number;
  readonly reserved: readonly IovaRange[];
  /** Start of the software MSI window found, if the attach is to remember it. */
  readonly swMsiStart: bigint | null;
}
/** All ranges a device reserved in an IOAS were released (iopt_remove_reserved_iova). */
export interface ReservedRegionsRemoved extends InContext {
  readonly type: 'ReservedRegionsRemoved';
  readonly ioasId: number;
  readonly deviceId: number;
}
/** idev->iopf_enabled went up by one (iommufd_fault_iopf_enable). */
export interface IopfEnabled extends InContext {
  readonly type: 'IopfEnabled';
  readonly deviceId: number;
}
/** idev->iopf_enabled went down by one (iommufd_fault_iopf_disable). */
export interface IopfDisabled extends InContext {
  readonly type: 'IopfDisabled';
  readonly deviceId: number;
}
/** The driver turned the IOPF feature on: the device is on an iopf queue, its PRI is enabled. */
export interface IopfFeatureEnabled {
  readonly type: 'IopfFeatureEnabled';
  readonly deviceNo: number;
}
/** The driver turned the IOPF feature off; collected partial requests are dropped unanswered. */
export interface IopfFeatureDisabled {
  readonly type: 'IopfFeatureDisabled';
  readonly deviceNo: number;
  readonly droppedPartialRequests: number;
}
/** An attach handle was stored for a group's RID (iommu_attach_group_handle). */
export interface AttachHandleStored extends InContext {
  readonly type: 'AttachHandleStored';
  readonly attachHandleId: number;
  readonly iommuGroupId: number;
  readonly hwptId: number;
  readonly deviceId: number;
}
/** The group's stored attach handle was erased; new page requests find none. */
export interface AttachHandleErased {
  readonly type: 'AttachHandleErased';
  readonly attachHandleId: number;
  readonly iommuGroupId: number;
}
/** The attach handle's memory was freed. */
export interface AttachHandleFreed {
  readonly type: 'AttachHandleFreed';
  readonly attachHandleId: number;
}
/** The hardware of a group was switched to a hwpt's domain. */
export interface DomainAttached extends InContext {
  readonly type: 'DomainAttached';
  readonly iommuGroupId: number;
  readonly hwptId: number;
}
/** The hardware of a group was switched to the blocking domain (iommu_detach_group_handle). */
export interface DomainDetached extends InContext {
  readonly type: 'DomainDetached';
  readonly iommuGroupId: number;
  readonly hwptId: number;
}
/** A device is attached to a hwpt (iommufd_hw_pagetable_attach). */
export interface DeviceAttached extends InContext {
  readonly type: 'DeviceAttached';
  readonly deviceId: number;
  readonly iommuGroupId: number;
  readonly hwptId: number;
}
/** A device is no longer attached (iommufd_hw_pagetable_detach). */
export interface DeviceDetached extends InContext {
  readonly type: 'DeviceDetached';
  readonly deviceId: number;
  readonly iommuGroupId: number;
  readonly hwptId: number;
}
/** A whole IOMMU group moved from one hwpt to another (iommufd_device_do_replace). */
export interface DeviceReplaced extends InContext {
  readonly type: 'DeviceReplaced';
  /** The device that asked. */
  readonly deviceId: number;
  readonly iommuGroupId: number;
  readonly oldHwptId: number;
  readonly hwptId: number;
}

// Faults

/** A fault queue and its file exist (iommufd_fault_alloc). */
export interface FaultQueueAllocated extends InContext {
  readonly type: 'FaultQueueAllocated';
  readonly faultId: number;
}
/** A fault queue's file was closed; what it holds stays (iommufd_fault_fops_release). */
export interface FaultFileClosed extends InContext {
  readonly type: 'FaultFileClosed';
  readonly faultId: number;
}
/** A page request reached the page-fault core (iommu_report_device_fault). */
export interface PageRequestReported {
  readonly type: 'PageRequestReported';
  readonly deviceNo: number;
  readonly request: PageRequest;
}
/** The request is not the last of its group and waits for it (report_partial_fault). */
export interface PageRequestCollected {
  readonly type: 'PageRequestCollected';
  readonly deviceNo: number;
  /** The handle it was looked up by. */
  readonly attachHandleId: number;
  readonly request: PageRequest;
}
/** Collected requests of a group were freed because the group could not be queued (ENOMEM). */
export interface PartialRequestsDropped {
  readonly type: 'PartialRequestsDropped';
  readonly deviceNo: number;
  readonly grpid: number;
}
/** The last request made its group whole; it waits in the fault queue (iommufd_fault_iopf_handler). */
export interface IopfGroupQueued extends InContext {
  readonly type: 'IopfGroupQueued';
  readonly faultId: number;
  readonly iopfGroupId: number;
  readonly attachHandleId: number;
  readonly deviceNo: number;
  /** dev_id the messages will carry: the device in the attach handle. */
  readonly deviceId: number;
  /** In the order they will be read, the last page last. */
  readonly requests: readonly PageRequest[];
}
/** A read took the group from the queue and gave it its cookie (iommufd_fault_fops_read). */
export interface IopfGroupRead extends InContext {
  readonly type: 'IopfGroupRead';
  readonly faultId: number;
  readonly iopfGroupId: number;
  readonly cookie: number;
  readonly reader: FaultReader;
}
/** User space answered a group it had read (iommufd_fault_fops_write). */
export interface PageResponseWritten extends InContext {
  readonly type: 'PageResponseWritten';
  readonly faultId: number;
  readonly iopfGroupId: number;
  readonly cookie: number;
  readonly code: number;
}
/** The kernel answered INVALID for user space: detach, replace or destroy took the group away. */
export interface IopfGroupAutoResponded extends InContext {
  readonly type: 'IopfGroupAutoResponded';
  readonly faultId: number;
  readonly iopfGroupId: number;
  /** null if the group had not been read. */
  readonly cookie: number | null;
}
/** A response left for the device (the driver's page_response). */
export interface PageResponseSent {
  readonly type: 'PageResponseSent';
  readonly deviceNo: number;
  /** null: no group was queued; the page-fault core answered by itself. */
  readonly iopfGroupId: number | null;
  readonly pasid: number;
  readonly grpid: number;
  /** 0 success, 1 invalid, 2 failure */
  readonly code: number;
}
/** The kernel would warn or touch freed memory here; the machine goes on. */
export interface HazardRecorded {
  readonly type: 'HazardRecorded';
  readonly name: HazardName;
  /** Kernel function. */
  readonly function: string;
  readonly detail: string;
  /** What it is about, such as `device 3` or `iopf group 7`. */
  readonly objects: readonly string[];
  /** The event that planted it, if it was planted before. */
  readonly plantedSeq: number | null;
}
/** A request found its handler and waits to be queued: other operations may come between. */
export interface PageRequestInFlight {
  readonly type: 'PageRequestInFlight';
  readonly inFlightId: number;
  readonly deviceNo: number;
  readonly request: PageRequest;
  readonly attachHandleId: number;
  readonly contextId: number;
  readonly faultId: number;
}
/** A request that was in flight went on to be collected or queued, or was flushed. */
export interface PageRequestLanded {
  readonly type: 'PageRequestLanded';
  readonly inFlightId: number;
}
/** A device left the iopf queue while groups of it waited: each was answered (iopf_queue_remove_device). */
export interface IopfGroupFlushed {
  readonly type: 'IopfGroupFlushed';
  readonly iopfGroupId: number;
  /** Its memory was freed although a fault queue still has it. */
  readonly freed: boolean;
}
/** A read into memory that is not there lost a group: out of the queue, never to be answered. */
export interface IopfGroupLost extends InContext {
  readonly type: 'IopfGroupLost';
  readonly faultId: number;
  readonly iopfGroupId: number;
}
/** The driver attached (1) or left (-1) a domain with a fault handler on a device. */
export interface DriverIopfCounted {
  readonly type: 'DriverIopfCounted';
  readonly deviceNo: number;
  readonly step: 1 | -1;
}
/** A virtual function's emulated PRI failed: delivery is held back until it is reset. */
export interface VpriFailed {
  readonly type: 'VpriFailed';
  readonly deviceNo: number;
}
/** The guest reset the emulated PRI of a virtual function, which forgets unfinished groups. */
export interface VpriReset {
  readonly type: 'VpriReset';
  readonly deviceNo: number;
}

export type Event =
  | MachineCreated
  | KernelReplaced
  | IommuGroupCreated
  | IommuGroupRemoved
  | PciDeviceAdded
  | MockDeviceAdded
  | PhysicalDeviceRemoved
  | ContextOpened
  | ContextFileClosed
  | ContextReleased
  | ObjectReserved
  | ObjectAborted
  | ObjectDestroyed
  | IoasAllocated
  | HwptPagingAllocated
  | DomainAdded
  | DomainRemoved
  | HwptNestedAllocated
  | HwptFaultQueueAssigned
  | MsiCookieCreated
  | MockIotlbInvalidated
  | StageOneInvalidated
  | DmaOwnershipClaimed
  | DmaOwnershipReleased
  | DeviceBound
  | DeviceUnbound
  | SelftestDeviceFinalized
  | ReservedRegionsEnforced
  | ReservedRegionsRemoved
  | IopfEnabled
  | IopfDisabled
  | IopfFeatureEnabled
  | IopfFeatureDisabled
  | AttachHandleStored
  | AttachHandleErased
  | AttachHandleFreed
  | DomainAttached
  | DomainDetached
  | DeviceAttached
  | DeviceDetached
  | DeviceReplaced
  | FaultQueueAllocated
  | FaultFileClosed
  | PageRequestReported
  | PageRequestCollected
  | PartialRequestsDropped
  | IopfGroupQueued
  | IopfGroupRead
  | PageResponseWritten
  | IopfGroupAutoResponded
  | PageResponseSent
  | HazardRecorded
  | PageRequestInFlight
  | PageRequestLanded
  | IopfGroupFlushed
  | IopfGroupLost
  | DriverIopfCounted
  | VpriFailed
  | VpriReset
  | AreaMapped
  | AreaUnmapped
  | AllowedIovasSet
  | ReservedRangeAdded
  | LargePagesSet
  | RlimitModeSet
  | VfioIoasSet
  | DirtyTrackingSet
  | PagesDirtied
  | PagesCleaned
  | AccessCreated
  | AccessIoasChanged
  | AccessPagesPinned
  | AccessPagesUnpinned
  | UserMemoryFilled;

export type EventType = Event['type'];
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;
