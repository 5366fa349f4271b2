/** Generated from web/operations/opening by `npm run codegen`. */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { Hex, JsonValue } from '../../src/operations/typed-document.ts';
import type { TypedDocument as DocumentNode } from '../../src/operations/typed-document.ts';
import { gql } from '../../src/operations/typed-document.ts';
/** The kernel version whose behaviour a machine has. */
export type Baseline =
  /** Linux 6.11: the series as merged. */
  | 'LINUX_6_11'
  /** Linux 6.12, first release. */
  | 'LINUX_6_12_0'
  /** Linux 6.12.117 (LTS): the reference; the kernel traces were recorded on it. */
  | 'LINUX_6_12_117'
  /** Linux 6.13. */
  | 'LINUX_6_13'
  /** Linux 6.14. */
  | 'LINUX_6_14'
  /** Linux 6.15: replace answers the wrong fault queue. */
  | 'LINUX_6_15'
  /** Linux 6.16: drivers enable IOPF in their own attach. */
  | 'LINUX_6_16'
  /** Linux 7.3.4: the newest stable release looked at. */
  | 'LINUX_7_3_4'
  /** The sixth posting of the series (May 2024), as in the mail. */
  | 'V6_PATCH';

/** Where a bookmark comes from. */
export type BookmarkKind =
  /** Each hazard has one by itself. */
  | 'HAZARD'
  /** bookmarkAdd made it. */
  | 'NAMED'
  /** Each operation that the kernel refused has one by itself. */
  | 'REFUSED';

/** What became of an object. */
export type ChangeKind =
  /** The object is there after and was not before. */
  | 'APPEARED'
  /** The object is there before and after, with another value. */
  | 'CHANGED'
  /** The object was there before and is not after. */
  | 'WENT';

/** Why the kernel refused, as errno(3) names it. */
export type Errno =
  /** 7: The structure is longer than this kernel knows and its tail is not zero. */
  | 'E2BIG'
  /** 98: The address range meets one that is mapped, allowed or reserved. */
  | 'EADDRINUSE'
  /** 52: The pages differ from those expected. */
  | 'EBADE'
  /** 9: No file is open under this number. */
  | 'EBADF'
  /** 77: This number is not an open file of the wanted kind. */
  | 'EBADFD'
  /** 16: The object is in use. */
  | 'EBUSY'
  /** 35: The operation made no progress. */
  | 'EDEADLK'
  /** 17: Something is already there. */
  | 'EEXIST'
  /** 14: A user address is not mapped. */
  | 'EFAULT'
  /** 22: An argument is wrong or does not fit the current state. */
  | 'EINVAL'
  /** 5: The hardware gave an error. */
  | 'EIO'
  /** 24: The program has no file number left. */
  | 'EMFILE'
  /** 90: The caller's array is too small; the needed number was written back. */
  | 'EMSGSIZE'
  /** 19: The device lacks what the operation needs. */
  | 'ENODEV'
  /** 2: No object of the wanted type has this id in this context. */
  | 'ENOENT'
  /** 12: An allocation failed, or a limit on memory was reached. */
  | 'ENOMEM'
  /** 28: No space is left for what was asked. */
  | 'ENOSPC'
  /** 20: A file is named as a folder. */
  | 'ENOTDIR'
  /** 25: This kernel does not know the ioctl. */
  | 'ENOTTY'
  /** 6: The file cannot be opened again by its link. */
  | 'ENXIO'
  /** 95: A field or flag has a value this kernel does not support here. */
  | 'EOPNOTSUPP'
  /** 75: An address range wraps around. */
  | 'EOVERFLOW'
  /** 1: The caller may not do this, or the IOMMU group belongs to another context. */
  | 'EPERM'
  /** 29: The byte count is not a multiple of the record size. */
  | 'ESPIPE';

/** Kinds of events: what changed. */
export type EventType =
  /** An in-kernel access exists (iommufd_access_create). */
  | 'AccessCreated'
  /** An access moved to an IOAS or away from one (iommufd_access_change_ioas). */
  | 'AccessIoasChanged'
  /** An access pinned the pages of a range (iommufd_access_pin_pages). */
  | 'AccessPagesPinned'
  /** An access let go of pinned pages (iommufd_access_unpin_pages). */
  | 'AccessPagesUnpinned'
  /** The set of ranges that automatic IOVAs come from was replaced (iopt_set_allow_iova). */
  | 'AllowedIovasSet'
  /** A range of IOVAs was mapped (iopt_map_pages). */
  | 'AreaMapped'
  /** An area was cut in two that share its pages (iopt_area_split). */
  | 'AreaSplit'
  /** A range of IOVAs was unmapped, its pages unpinned (iopt_unmap_iova_range). */
  | 'AreaUnmapped'
  /** A function cached translations in its ATC. */
  | 'AtcFilled'
  /** A function completed an invalidation of its ATC. */
  | 'AtcInvalidated'
  /** ATS Control: Enable was set or cleared; clear, nothing is cached. */
  | 'AtsSwitched'
  /** A translation request of a function was completed (PCIe, ATS). */
  | 'AtsTranslationCompleted'
  /** A group's stored attach handle was erased; new page requests find none. */
  | 'AttachHandleErased'
  /** An attach handle's memory was freed. */
  | 'AttachHandleFreed'
  /** An attach handle was stored for a group's RID or PASID (iommu_attach_group_handle, iommu_replace_group_handle, iommu_attach_device_pasid, iommu_replace_device_pasid). */
  | 'AttachHandleStored'
  /** The context's own file was closed. */
  | 'ContextFileClosed'
  /** /dev/iommu was opened (iommufd_fops_open). */
  | 'ContextOpened'
  /** The last holder of the context's file is gone and its table is empty (iommufd_fops_release). */
  | 'ContextReleased'
  /** A device is attached to a hwpt (iommufd_hw_pagetable_attach). */
  | 'DeviceAttached'
  /** A physical device became a DEVICE object of a context (iommufd_device_bind). */
  | 'DeviceBound'
  /** A device is no longer attached (iommufd_hw_pagetable_detach). */
  | 'DeviceDetached'
  /** A device was given a program: what DMA it is to do, in which order. */
  | 'DeviceProgramLoaded'
  /** A device’s program went on: how far, and what it is doing now. */
  | 'DeviceProgramStepped'
  /** A whole IOMMU group moved from one hwpt to another (iommufd_device_do_replace). */
  | 'DeviceReplaced'
  /** The DEVICE object is gone (iommufd_device_unbind). */
  | 'DeviceUnbound'
  /** Dirty tracking of a hwpt was switched on or off (iopt_set_dirty_tracking). */
  | 'DirtyTrackingSet'
  /** A DMA failed. */
  | 'DmaAborted'
  /** A DMA moved its bytes. */
  | 'DmaCompleted'
  /** A device issued a DMA that does not complete at once: pages are missing. */
  | 'DmaIssued'
  /** A context owns DMA of the group; the group blocks (iommu_device_claim_dma_owner). */
  | 'DmaOwnershipClaimed'
  /** Nobody owns DMA of the group; it is back on its default domain (iommu_device_release_dma_owner). */
  | 'DmaOwnershipReleased'
  /** The device looked again after an answer of success, and pages are missing still. */
  | 'DmaRetried'
  /** The device gave up waiting: the deadline of a DMA passed. */
  | 'DmaTimedOut'
  /** A DMA waits: for answers, for a credit or for time to ask, or in the IOMMU. */
  | 'DmaWaited'
  /** A hwpt's domain joined its IOAS; what lies outside its aperture is reserved (iopt_table_add_domain). */
  | 'DomainAdded'
  /** The hardware of a group was switched to a hwpt's domain. */
  | 'DomainAttached'
  /** The hardware of a group was switched to the blocking domain (iommu_detach_group_handle). */
  | 'DomainDetached'
  /** A hwpt's domain left its IOAS (iopt_table_remove_domain). */
  | 'DomainRemoved'
  /** A driver attached or left a domain with a fault handler on a device (since 6.16). */
  | 'DriverIopfCounted'
  /** A fault queue's file was closed; what it holds stays (iommufd_fault_fops_release). */
  | 'FaultFileClosed'
  /** A fault queue and its file exist (iommufd_fault_alloc). */
  | 'FaultQueueAllocated'
  /** An IOMMU refused a transaction for good and wrote a fault record. */
  | 'FaultRecorded'
  /** A guest’s CPU wrote words of its memory. Nothing is invalidated by that. */
  | 'GuestWordsWritten'
  /** The kernel itself misbehaves here; the machine goes on. */
  | 'HazardRecorded'
  /** A hwpt became fault-capable: it names a fault queue and holds it (iommufd_hwpt_alloc). */
  | 'HwptFaultQueueAssigned'
  /** A nested hwpt exists and holds its parent (iommufd_hwpt_nested_alloc). */
  | 'HwptNestedAllocated'
  /** A paging hwpt exists and holds its IOAS (iommufd_hwpt_paging_alloc). */
  | 'HwptPagingAllocated'
  /** A pending invalidation came to its end: the function was reset. */
  | 'InvalidationCompleted'
  /** An invalidation was sent to a function that does not complete it now. */
  | 'InvalidationRequested'
  /** A function did not complete an invalidation in time. AMD-Vi’s queue goes on. */
  | 'InvalidationTimedOut'
  /** An IOAS exists (iommufd_ioas_alloc). */
  | 'IoasAllocated'
  /** An IOMMU whose queues and caches are modelled is part of the machine. */
  | 'IommuAdded'
  /** A new IOMMU group exists, on its default domain (iommu_group_alloc). */
  | 'IommuGroupCreated'
  /** An IOMMU group lost its last device (iommu_group_release). */
  | 'IommuGroupRemoved'
  /** A device's count of IOPF users went down by one (iommufd_fault_iopf_disable). */
  | 'IopfDisabled'
  /** A device's count of IOPF users went up by one (iommufd_fault_iopf_enable). */
  | 'IopfEnabled'
  /** The driver turned the IOPF feature off; collected partial requests are dropped unanswered (iommu_dev_disable_feature). */
  | 'IopfFeatureDisabled'
  /** The driver turned the IOPF feature on: the device may send page requests (iommu_dev_enable_feature). */
  | 'IopfFeatureEnabled'
  /** The kernel answered INVALID in place of user space (iommufd_auto_response_faults). */
  | 'IopfGroupAutoResponded'
  /** A device left the iopf queue while a group of it waited: it was answered INVALID (iopf_queue_remove_device). */
  | 'IopfGroupFlushed'
  /** A group is gone without an answer; its device waits. */
  | 'IopfGroupLost'
  /** The last request made its group whole; it waits in the fault queue (iommufd_fault_iopf_handler). */
  | 'IopfGroupQueued'
  /** A read took a group from the queue and gave it its cookie (iommufd_fault_fops_read). */
  | 'IopfGroupRead'
  /** An IOMMU cached translations that it walked for. */
  | 'IotlbFilled'
  /** Translations of a domain left the IOTLB. */
  | 'IotlbInvalidated'
  /** whatIf only: from here on it is another kernel, or other policies. */
  | 'KernelReplaced'
  /** Large pages of an IOAS were switched on or off (iommufd_ioas_option). */
  | 'LargePagesSet'
  /** The machine came into being; always seq 1. */
  | 'MachineCreated'
  /** A mock device was made and joined its IOMMU group (mock_dev_create). */
  | 'MockDeviceAdded'
  /** IOTLB words of a nested hwpt were zeroed (mock_domain_cache_invalidate_user). */
  | 'MockIotlbInvalidated'
  /** Mock driver: whether its next call to set PASID 1024 fails. */
  | 'MockPasidErrorSwitched'
  /** A hwpt got a cookie for the group's software MSI window (iommu_get_msi_cookie). */
  | 'MsiCookieCreated'
  /** A taken id was given back before its object became visible (iommufd_object_abort). */
  | 'ObjectAborted'
  /** An object was destroyed and its id is free (iommufd_object_remove). */
  | 'ObjectDestroyed'
  /** An object id was taken; the object is not visible yet (iommufd_object_alloc). */
  | 'ObjectReserved'
  /** The IOMMU itself answered a request that reached no queue. */
  | 'PageRequestAutoResponded'
  /** A request is not the last of its group and waits for it (report_partial_fault). */
  | 'PageRequestCollected'
  /** A page request reached no queue. */
  | 'PageRequestDropped'
  /** A request found its handler and waits to be queued; others may come between. */
  | 'PageRequestInFlight'
  /** A function sent a page request (PCIe, Page Request Message). */
  | 'PageRequestIssued'
  /** A request that was in flight went on to be collected or queued. */
  | 'PageRequestLanded'
  /** An IOMMU wrote a page request into its queue. */
  | 'PageRequestQueued'
  /** The IOMMU driver does not report a page request that it read. */
  | 'PageRequestRefused'
  /** A page request reached the page-fault core (iommu_report_device_fault). */
  | 'PageRequestReported'
  /** A response left for the device (the driver's page_response). */
  | 'PageResponseSent'
  /** User space answered a group it had read (iommufd_fault_fops_write). */
  | 'PageResponseWritten'
  /** Dirty bits of IO pages were cleared (mock_domain_read_and_clear_dirty). */
  | 'PagesCleaned'
  /** A mock device wrote through these IO pages (iommufd_test_dirty). */
  | 'PagesDirtied'
  /** Collected requests of a group were freed because the group could not be queued. */
  | 'PartialRequestsDropped'
  /** A PCI function joined its IOMMU group (iommu_probe_device). */
  | 'PciDeviceAdded'
  /** A PCI function or mock device is gone. */
  | 'PhysicalDeviceRemoved'
  /** A response came after a failure had disabled PRI, and changes nothing. */
  | 'PrgResponseIgnored'
  /** A response reached the function for a group that is outstanding, or a failure. */
  | 'PrgResponseReceived'
  /** A response named a group that is not outstanding: UPRGI is set. */
  | 'PrgResponseUnexpected'
  /** PRI Control: Enable is clear, by software or by a failure. */
  | 'PriDisabled'
  /** PRI Control: Enable was set (pci_enable_pri). */
  | 'PriEnabled'
  /** PRI Control: Reset, which forgets what is outstanding (pci_reset_pri). */
  | 'PriReset'
  /** All that was sent before PRI was disabled is complete. */
  | 'PriStopped'
  /** Software cleared an overflow, and discarded the groups that it cut. */
  | 'PrqOverflowCleared'
  /** A page request queue was full: requests are lost until software clears it. */
  | 'PrqOverflowed'
  /** The driver read records of a page request queue and moved its head. */
  | 'PrqServed'
  /** A page request queue was turned on or off. */
  | 'PrqSwitched'
  /** Software cleared the error at which the invalidation queue had stopped. */
  | 'QueueErrorCleared'
  /** A range was reserved for nobody (iommufd_test_add_reserved). */
  | 'ReservedRangeAdded'
  /** A device's reserved regions were reserved in an IOAS (iopt_table_enforce_dev_resv_regions). */
  | 'ReservedRegionsEnforced'
  /** All ranges a device reserved in an IOAS were released (iopt_remove_reserved_iova). */
  | 'ReservedRegionsRemoved'
  /** How locked memory is counted was switched (iommufd_option_rlimit_mode). */
  | 'RlimitModeSet'
  /** The self-test's handle of a mock device became visible (iommufd_test_mock_domain). */
  | 'SelftestDeviceFinalized'
  /** The IOMMU dropped cached first-stage translations of a nested hwpt. */
  | 'StageOneInvalidated'
  /** CMD_RESUME reached a stalled transaction: it is tried again, or ends. */
  | 'StallResumed'
  /** All stalled transactions of a function are ended (CMD_STALL_TERM). */
  | 'StallsTerminated'
  /** A function sent a stop marker: it uses the PASID no more. Never answered. */
  | 'StopMarkerIssued'
  /** Hardware’s time went on. */
  | 'TickAdvanced'
  /** A transaction waits in the IOMMU, with a tag that its event record names. */
  | 'TransactionStalled'
  /** The memory of a process is another than it was known to be: mmap, munmap, mprotect, exec, exit. */
  | 'UserMemoryChanged'
  /** An access wrote into user memory (iommufd_access_rw). */
  | 'UserMemoryFilled'
  /** An access wrote bytes of a program into memory of a process (iommufd_test_access_rw); the memory is that process’ alone. */
  | 'UserMemoryWritten'
  /** The IOAS of the VFIO compatible ioctls was set or cleared (iommufd_vfio_ioas). */
  | 'VfioIoasSet'
  /** The emulated PRI of a virtual function failed: delivery is held back until it is reset. */
  | 'VpriFailed'
  /** The guest reset the emulated PRI of a virtual function, which forgets unfinished groups. */
  | 'VpriReset';

/** What a reference between two objects is. */
export type GraphEdgeKind =
  /** An attach handle that an IOMMU group stores, or a page request came through. */
  | 'ATTACH_HANDLE'
  /** The context whose id table it is in. */
  | 'CONTEXT'
  /** The DEVICE that an attach handle or a selftest device names. */
  | 'DEVICE'
  /** A hwpt that the hardware of an IOMMU group translates through, by its RID or PASIDs. */
  | 'DOMAIN'
  /** The fault queue of a hwpt, an iopf group or a request in flight. */
  | 'FAULT_QUEUE'
  /** A hwpt that a device is attached to, by its RID or PASIDs, or an attach handle names. */
  | 'HWPT'
  /** The IOAS that a paging hwpt or an access maps. */
  | 'IOAS'
  /** The modelled IOMMU that a function is behind. */
  | 'IOMMU'
  /** The IOMMU group of a device. */
  | 'IOMMU_GROUP'
  /** The context that owns DMA of an IOMMU group. */
  | 'OWNER'
  /** The paging hwpt under a nested one. */
  | 'PARENT'
  /** The physical function of a virtual one. */
  | 'PHYSFN'
  /** The physical device that an object stands for, or a page request came from. */
  | 'PHYSICAL_DEVICE';

/** The answer to an iopf group. */
export type IommufdPageResponseCode =
  /** 1: the pages cannot be had; the device must not ask again */
  | 'IOMMUFD_PAGE_RESP_INVALID'
  /** 0: the pages are there now; the device tries again */
  | 'IOMMUFD_PAGE_RESP_SUCCESS'
  /** 2: the kernel's own, refused from user space (EINVAL): the device stops sending page requests */
  | 'IOMMU_PAGE_RESP_FAILURE';

/** Where an iopf group is, or how it ended. */
export type IopfOutcome =
  /** User space answered it. */
  | 'ANSWERED'
  /** Its device left the iopf queue; the kernel answered INVALID. */
  | 'FLUSHED'
  /** A read into memory that is not there lost it; nobody answers it. */
  | 'LOST'
  /** It waits in its fault queue for somebody to read it. */
  | 'QUEUED'
  /** Somebody read it and has not answered. */
  | 'READ'
  /** Detach, replace or destroy took it away; the kernel answered INVALID. */
  | 'TAKEN_AWAY';

/** Where a change happens, from the program down to the device. */
export type Layer =
  /** Devices, and the IOMMU as its driver programs it. */
  | 'HARDWARE'
  /** iommufd's objects and their references (drivers/iommu/iommufd). */
  | 'IOMMUFD'
  /** IOMMU groups, DMA ownership, attach handles, the page-fault core (drivers/iommu/iommu.c, io-pgfault.c). */
  | 'IOMMU_CORE'
  /** What a program did with its files: open, close, read, write. */
  | 'USER_SPACE';

/** Names an object of a state; which parts are needed depends on its kind. */
export type ObjectKeyInput = {
  /** The context, for what belongs to one. */
  readonly contextId?: number | null | undefined;
  /** Its id, as its kind says. None for the machine and a context. */
  readonly id?: number | null | undefined;
  /** The first IOVA of an area. */
  readonly iova?: Hex | null | undefined;
  /** Its kind. */
  readonly kind: ObjectKind;
};

/** Kinds of the objects a state is made of. */
export type ObjectKind =
  /** struct iommufd_access. */
  | 'ACCESS'
  /** struct iopt_area. id: its IOAS. iova: its first IOVA. */
  | 'AREA'
  /** struct iommufd_attach_handle. id: its attachHandleId. */
  | 'ATTACH_HANDLE'
  /** One open of /dev/iommu (struct iommufd_ctx). */
  | 'CONTEXT'
  /** struct iommufd_device. */
  | 'DEVICE'
  /** struct iommufd_fault. */
  | 'FAULT'
  /** One of the newest 1,000 hazards. id: the seq of its event. */
  | 'HAZARD'
  /** struct iommufd_hwpt_nested. */
  | 'HWPT_NESTED'
  /** struct iommufd_hwpt_paging. */
  | 'HWPT_PAGING'
  /** A page request between look-up and queue. id: its inFlightId. */
  | 'IN_FLIGHT_REQUEST'
  /** struct iommufd_ioas. */
  | 'IOAS'
  /** A modelled IOMMU. id: its iommuNo. */
  | 'IOMMU'
  /** struct iommu_group. id: its iommuGroupId. */
  | 'IOMMU_GROUP'
  /** struct iopf_group, not answered. id: its iopfGroupId. */
  | 'IOPF_GROUP'
  /** struct iopt_pages, the user memory of areas. id: its pagesId. */
  | 'IOPT_PAGES'
  /** The machine itself: its counters. */
  | 'MACHINE'
  /** A PCI function or a mock device. id: its deviceNo. */
  | 'PHYSICAL_DEVICE'
  /** struct selftest_obj of a mock device. */
  | 'SELFTEST';

/** The rules by which the kernel refuses. In braces: facts of the refusal. */
export type RefusalRule =
  /** accessId {accessId}: no open file of an access. */
  | 'ACCESS_ABSENT'
  /** accessId {accessId}: it was made without MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES. */
  | 'ACCESS_CANNOT_PIN'
  /** accessId {accessId}: it has no IOAS. */
  | 'ACCESS_NOT_ATTACHED'
  /** length {length}: it is above {most}, the most the self-test takes. */
  | 'ACCESS_TOO_LONG'
  /** An allocation of memory failed: {what}. */
  | 'ALLOCATION_FAILED'
  /** IOAS {ioasId} has mappings that are not aligned to {alignment}: {areas}. */
  | 'AREAS_MISALIGNED'
  /** The mapping {inWayStart} to {inWayLast} reaches beyond {start} to {last}: a mapping is unmapped whole. */
  | 'AREA_STICKS_OUT'
  /** numIovas {room}: IOAS {ioasId} has {count} ranges. */
  | 'ARRAY_TOO_SMALL'
  /** bdf {bdf}: this function has no ATS. */
  | 'ATS_ABSENT'
  /** bdf {bdf}: its ATS is {is}. */
  | 'ATS_SWITCHED'
  /** Device {devId} is attached by PASID {pasid} to hwpt {hwptId} already (PASID 0 is its RID). */
  | 'ATTACHED_ALREADY'
  /** ptId {hwptId}: hwpt {hwptId} was made automatically and cannot be a nest parent. */
  | 'AUTOMATIC_PARENT'
  /** An IOVA for the user address {userVa} and {length} bytes would be a multiple of {chosen} only, and IOAS {ioasId} wants {alignment}. */
  | 'AUTO_ALIGNMENT_TOO_SMALL'
  /** The IOVA {iova} that was chosen is in use: the sum that chose it wrapped. */
  | 'AUTO_IOVA_IN_USE'
  /** length {length}: no IOVA is chosen for half of the address space or more. */
  | 'AUTO_LENGTH_TOO_LARGE'
  /** length {length}: IOAS {ioasId} has no room for so much at a multiple of {chosen}, in what is allowed, not reserved and not mapped. */
  | 'AUTO_NO_ROOM'
  /** Faultline keeps at most {most} {what}; a kernel would go on until memory is full. */
  | 'BOUND_REACHED'
  /** length {length}: of the buffer of the caller {given} bytes can be read. */
  | 'BUFFER_ABSENT'
  /** The process has no memory for all of the group at the user address {userVa}. */
  | 'BUFFER_MISSING'
  /** {call}: an argument of it. */
  | 'CALL_REFUSED'
  /** The IOVA {iova}, the length {length} and the user address {userVa} must be multiples of {alignment}. */
  | 'CHECK_UNALIGNED'
  /** contextId {contextId}: the file of this context was closed; {open}. */
  | 'CONTEXT_CLOSED'
  /** contextId {contextId}: no context of this number was ever opened; {open}. */
  | 'CONTEXT_NEVER_OPEN'
  /** The context has {count} objects ({has}); the mode is set before the first is made. */
  | 'CONTEXT_NOT_EMPTY'
  /** Cookie {cookie} is of iopf group {iopfGroupId}, and group {meant} was meant. */
  | 'COOKIE_OF_OTHER_GROUP'
  /** cookie {cookie}: no group that was read from fault queue {faultId} awaits an answer to it; {awaited} awaited. */
  | 'COOKIE_UNKNOWN'
  /** Unmapping in the middle of {start} to {last} of IOAS {ioasId} would cut what is pinned by accesses: {accessIds}. */
  | 'CUT_PINNED'
  /** Unmapping in the middle of {start} to {last} cuts it at {iova}, which is no multiple of {alignment}, the IOVA alignment of IOAS {ioasId}, there or in user memory. */
  | 'CUT_UNALIGNED'
  /** dataLen {dataLen}: the driver’s structure has {wanted} bytes. */
  | 'DATA_LENGTH'
  /** Data type {dataType} and length {dataLen} do not go together: with type 0 there is no data, with another there is some. */
  | 'DATA_TYPE_AND_LENGTH'
  /** dataType {dataType} is not this driver’s, which is {wanted}. */
  | 'DATA_TYPE_UNKNOWN'
  /** {call}: there is no VFIO device {given}. */
  | 'DEVICE_ABSENT'
  /** bdf {device}: it is bound already, in context {contextId} as device {deviceId}. */
  | 'DEVICE_BOUND'
  /** {call}: {file} is bound already. */
  | 'DEVICE_IS_BOUND'
  /** Device {devId} is not attached, and so cannot ask for a replace of its group. */
  | 'DEVICE_NOT_ATTACHED'
  /** {call}: {file} is not bound: VFIO_DEVICE_BIND_IOMMUFD comes first. */
  | 'DEVICE_NOT_BOUND'
  /** The firmware demands that {device} keeps a 1:1 mapping. */
  | 'DIRECT_MAPPING'
  /** ptId {hwptId}: this hwpt tracks dirty pages and {device} cannot. */
  | 'DOMAIN_NEEDS_DIRTY'
  /** ticks {ticks}: it is tick {tick}, and time ends at {most}. */
  | 'END_OF_TIME'
  /** Entry {index} has the address {addr}, which must be page aligned, and 0 if all pages are meant. */
  | 'ENTRY_ADDRESS'
  /** The {entryNum} entries of {entryLen} bytes are more than the kernel takes: {most} of 1 to {longest} bytes. */
  | 'ENTRY_BOUNDS'
  /** Entry {index} has flags that are not known here: {flags}. */
  | 'ENTRY_FLAGS'
  /** Entry {index} names IOTLB entry {iotlbId}; there are {most}. */
  | 'ENTRY_IOTLB'
  /** entryLen {entryLen}: the driver’s structure has {wanted} bytes. */
  | 'ENTRY_LENGTH'
  /** entryLen 0: the entries must have the size of the driver’s structure. */
  | 'ENTRY_LENGTH_ZERO'
  /** faultId {faultId}: the file of this fault queue of context {contextId} was closed. */
  | 'FAULT_FILE_CLOSED'
  /** flags IOMMU_HWPT_FAULT_ID_VALID (4): a nest parent cannot be fault-capable in this kernel. */
  | 'FAULT_ON_NEST_PARENT'
  /** flags IOMMU_HWPT_FAULT_ID_VALID (4): this kernel has no fault-capable hwpts of an IOAS, only nested ones. */
  | 'FAULT_ON_PAGING'
  /** faultId {faultId}: context {contextId} has no fault queue of this id. It has {has}. */
  | 'FAULT_QUEUE_ABSENT'
  /** {call}: {file} has no such operation. */
  | 'FILE_HAS_NO_CALL'
  /** flags {flags}: not known here is {unknown}; known: {known}. */
  | 'FLAGS_UNKNOWN'
  /** bdf {bdf}: the function is device {devId} of context {contextId}; deviceUnbind comes first. */
  | 'FUNCTION_BOUND'
  /** bdf {bdf}: a PCI function has this address already. */
  | 'FUNCTION_EXISTS'
  /** bdf {bdf}: its virtual function {virtual} goes first. */
  | 'FUNCTION_HAS_VIRTUAL'
  /** The address {gpa} is no multiple of {alignment}. */
  | 'GPA_UNALIGNED'
  /** The next group has {requests} requests and does not fit into {room} bytes. */
  | 'GROUP_DOES_NOT_FIT'
  /** IOMMU group {iommuGroupId} is not attached to anything that could be replaced. */
  | 'GROUP_NOT_ATTACHED'
  /** IOMMU group {iommuGroupId} is attached to hwpt {hwptId}: its devices share one. */
  | 'GROUP_ON_OTHER_HWPT'
  /** IOMMU group {iommuGroupId}, which the device is in, belongs to context {contextId}. */
  | 'GROUP_OWNED'
  /** iova {iova}: a larger page is mapped there. */
  | 'GUEST_ENTRY_IN_THE_WAY'
  /** gpa {gpa}, length {length}, tablesGpa {tablesGpa}: one of them is wider than an entry of this table can hold. */
  | 'GUEST_GPA'
  /** iova {iova} to {last}: wider than the table, or not sign-extended. */
  | 'GUEST_IOVA'
  /** {argument} {gpa}: IOAS {ioasId} maps nothing there, so no guest can write it. */
  | 'GUEST_MEMORY_ABSENT'
  /** pageSize {pageSize}: the table has no pages of this size. */
  | 'GUEST_PAGE_SIZE'
  /** iova {iova}, gpa {gpa} and length {length} must be multiples of pageSize {pageSize}, and length more than 0. */
  | 'GUEST_RANGE_UNALIGNED'
  /** perm {perm}: the table cannot grant writing without reading, nor nothing at all. */
  | 'GUEST_RIGHTS'
  /** hwptId {hwptId}: a table on the way lies where IOAS {ioasId} maps nothing. */
  | 'GUEST_TABLE_UNREADABLE'
  /** {argument} {value} is not from {low} to {high}. */
  | 'HARDWARE_BOUND'
  /** hwpt {hwptId} was made without IOMMU_HWPT_ALLOC_PASID, and PASID {pasid} of IOMMU group {iommuGroupId} is attached. */
  | 'HWPT_BESIDE_PASIDS'
  /** PASID {pasid}: hwpt {hwptId} is none that was made with IOMMU_HWPT_ALLOC_PASID, as those by which an IOAS is attached never are. */
  | 'HWPT_NOT_FOR_PASIDS'
  /** dataType {asked}: hardware information of this type is asked for, and the driver has {has}. */
  | 'HW_INFO_TYPE'
  /** bdf {bdf}: {pending} invalidations are pending, and it takes no more. */
  | 'INVALIDATIONS_PENDING'
  /** The invalidation queue of IOMMU {iommuNo} has stopped ({kind}); queueErrorClear lets it go on. */
  | 'INVALIDATION_QUEUE_STOPPED'
  /** addr {addr} and size {size} must be multiples of {alignment}, and size more than 0. */
  | 'INVALIDATION_UNALIGNED'
  /** {request}: argsz {given} ends before a field that the kernel reads. */
  | 'IOCTL_ARGSZ_TOO_SMALL'
  /** {request}: an array of {given} entries. */
  | 'IOCTL_ARRAY_REFUSED'
  /** {request}: flags, an index or a count in it. */
  | 'IOCTL_FIELD_REFUSED'
  /** {request}: op {given} is no operation of this ioctl. */
  | 'IOCTL_OP_UNKNOWN'
  /** {request}: a reserved word is {given} and must be 0. */
  | 'IOCTL_RESERVED'
  /** {request}: no size can be read where the structure is. */
  | 'IOCTL_SIZE_ABSENT'
  /** {request}: not all of the structure can be read; its size is {given}. */
  | 'IOCTL_STRUCT_ABSENT'
  /** {request}: size {given} is below what the kernel wants first, {least}. */
  | 'IOCTL_STRUCT_TOO_SMALL'
  /** {request}: size {given} is above the {most} bytes that this kernel knows, and what follows cannot be read. */
  | 'IOCTL_TAIL_ABSENT'
  /** {request}: size {given} is above the {most} bytes that this kernel knows, and what follows is not zero. */
  | 'IOCTL_TAIL_NOT_ZERO'
  /** {request}: {file} has no ioctl of this number. */
  | 'IOCTL_UNKNOWN'
  /** {request}: file {given} of the program is no iommufd. */
  | 'IOMMUFD_ABSENT'
  /** iommu {iommuNo}: the machine has {has}. */
  | 'IOMMU_ABSENT'
  /** Page requests of {device} are enabled already. */
  | 'IOPF_ENABLED'
  /** iotlbId {iotlbId}: no such IOTLB entry; there are {most}. */
  | 'IOTLB_ABSENT'
  /** iotlb {wanted}: IOTLB entry {iotlbId} holds {holds}. */
  | 'IOTLB_DIFFERS'
  /** {argument} 0xffffffffffffffff: no range can begin or last with it. */
  | 'IOVA_IS_MAX'
  /** The IOVAs {start} to {last} meet {inWayStart} to {inWayLast}, which is mapped in IOAS {ioasId}. */
  | 'IOVA_MAPPED'
  /** The IOVAs {start} to {last} reach beyond the aperture of hwpt {hwptId}: it cannot translate {inWayStart} to {inWayLast}. */
  | 'IOVA_OUTSIDE_APERTURE'
  /** The IOVAs {start} to {last} meet {inWayStart} to {inWayLast}, which nobody may use: they are reserved in IOAS {ioasId}. */
  | 'IOVA_RESERVED'
  /** The IOVAs {start} to {last} meet {inWayStart} to {inWayLast}, which IOAS {ioasId} reserves for device {deviceId}. */
  | 'IOVA_RESERVED_FOR_DEVICE'
  /** The IOVA {iova} is not a multiple of {alignment}, the IOVA alignment of IOAS {ioasId}. */
  | 'IOVA_UNALIGNED'
  /** {call}: {given} pieces, or their lengths, or the array that names them. */
  | 'IOVEC_REFUSED'
  /** The smallest IO page of hwpt {hwptId} is {size} bytes, above the page size {most}. */
  | 'IO_PAGE_TOO_LARGE'
  /** itemId {itemId}: access {accessId} has no such item. */
  | 'ITEM_ABSENT'
  /** IOAS {ioasId} has mappings in a hwpt; large pages are disabled before that. */
  | 'LARGE_PAGES_MAPPED'
  /** length {length}: it is above {most}. */
  | 'LENGTH_TOO_LARGE'
  /** length {length}: no multiple of {alignment}, the IOVA alignment of IOAS {ioasId}. */
  | 'LENGTH_UNALIGNED'
  /** length 0: it must be 1 or more. */
  | 'LENGTH_ZERO'
  /** limit {limit}: it is below {least}, the bytes of one entry. */
  | 'LIMIT_TOO_SMALL'
  /** iova {iova}: hwpt {hwptId} does not map it to the user address {userVa}. */
  | 'MAPPED_ELSEWHERE'
  /** RLIMIT_MEMLOCK allows {most} locked pages; {wanted} more are wanted and {locked} are locked. */
  | 'MEMLOCK_REACHED'
  /** devFlags {flags}: the mock devices of this kernel do not know {unknown}; known: {known}. */
  | 'MOCK_FLAGS'
  /** The mock driver fails every second time that PASID {pasid} is set. */
  | 'MOCK_PASID_FAILS'
  /** The interrupts of {device} are not isolated. */
  | 'MSI_NOT_ISOLATED'
  /** flags: Linux’ driver for {vendor} makes no nested hwpt with IOMMU_HWPT_FAULT_ID_VALID; `faultCapableNested` of the IOMMU lets it. */
  | 'NESTED_FAULTS'
  /** dataLen is 0: a nested hwpt needs user data of its driver, such as vtdS1. */
  | 'NESTED_WITHOUT_DATA'
  /** iova {start}: nothing is mapped from there to {last} in IOAS {ioasId}. */
  | 'NOTHING_MAPPED'
  /** devId {devId}: a mock device, and only PCI functions have a device file. */
  | 'NOT_A_FUNCTION'
  /** Device {devId} is a PCI function; the self-test has mock devices. */
  | 'NOT_A_MOCK_DEVICE'
  /** hwptId {hwptId}: it is not the mock driver’s. */
  | 'NOT_A_MOCK_HWPT'
  /** ptId {hwptId}: hwpt {hwptId} was made without IOMMU_HWPT_ALLOC_NEST_PARENT (1), so no hwpt can be nested on it. */
  | 'NOT_A_NEST_PARENT'
  /** bdf {bdf}: the IOMMU of this function is not modelled; machineCreate(iommus:) and `hardware` of the device model one. */
  | 'NOT_MODELLED'
  /** iova {iova}: the mapping there does not permit to {what}. */
  | 'NOT_PERMITTED'
  /** count {count}: no multiple of {size}, the size of a record. */
  | 'NOT_WHOLE_RECORDS'
  /** flags: neither IOMMU_IOAS_MAP_READABLE (4) nor IOMMU_IOAS_MAP_WRITEABLE (2); one of them is needed. */
  | 'NO_ACCESS_WANTED'
  /** The process has no CAP_SYS_RESOURCE. */
  | 'NO_CAP_SYS_RESOURCE'
  /** The DMA of {device} is not cache coherent. */
  | 'NO_COHERENT_DMA'
  /** No IOAS is set for the VFIO compatible ioctls. */
  | 'NO_COMPAT_IOAS'
  /** The {what} {id} cannot track dirty pages. */
  | 'NO_DIRTY_TRACKING'
  /** bdf {bdf}: the function has no emulated PRI; virtual functions have one with the policy EMULATED_PRI. */
  | 'NO_EMULATED_PRI'
  /** hwptId {hwptId}: this hwpt has no page table of a guest; nested ones with vtdS1 have one. */
  | 'NO_GUEST_TABLE'
  /** The driver of {device} cannot enable its page requests. */
  | 'NO_IOPF'
  /** {call}: RLIMIT_NOFILE leaves the program no file number. */
  | 'NO_NUMBER_FREE'
  /** The self-test of this kernel has no PASIDs: these operations came with Linux 6.15. */
  | 'NO_PASID_TESTS'
  /** iommu {iommuNo}: its invalidation queue has not stopped. */
  | 'NO_QUEUE_ERROR'
  /** bdf {bdf}: its transactions do not stall; `stall` of its hardware says so. */
  | 'NO_STALL_MODEL'
  /** {argument} {bdf}: no PCI function has this address. The machine has {has}. */
  | 'NO_SUCH_FUNCTION'
  /** inFlightId {inFlightId}: no page request of this number is held; {held}. */
  | 'NO_SUCH_REQUEST'
  /** tablesGpa {tablesGpa}, tablesLength {tablesLength}: no page is left that is zero and no table. */
  | 'NO_TABLE_PAGES'
  /** {argument} {id}: context {contextId} has no such object. It has {has}. */
  | 'OBJECT_ABSENT'
  /** objectId {id}: this option is of the whole context, so it must be 0. */
  | 'OBJECT_ID_NOT_ZERO'
  /** id {id}: {what} {id} of context {contextId} is in use: its users are {users} and must be 1. It is held by {held}. */
  | 'OBJECT_IN_USE'
  /** {argument} {id}: object {id} of context {contextId} is of type {type}, and {wanted} is wanted. The context has {has}. */
  | 'OBJECT_OF_OTHER_TYPE'
  /** {call}: the file has no offsets, and knows no flags of this call. */
  | 'OFFSET_REFUSED'
  /** op {op}: the operation is not known here; 0 sets, 1 gets and, for the VFIO IOAS, 0 gets, 1 sets, 2 clears. */
  | 'OPERATION_UNKNOWN'
  /** optionId {optionId}: there are IOMMU_OPTION_RLIMIT_MODE (0) and IOMMU_OPTION_HUGE_PAGES (1). */
  | 'OPTION_UNKNOWN'
  /** val64 {value}: it must be 0 or 1. */
  | 'OPTION_VALUE'
  /** {argument}: {op} needs it. */
  | 'OP_INCOMPLETE'
  /** ptId {hwptId}: this hwpt was made by another IOMMU driver than the device’s. */
  | 'OTHER_DRIVER'
  /** iova {iova}: the pages that access {accessId} pins from there on are not those at the pointer of the caller. */
  | 'PAGES_DIFFER'
  /** The IOVA {iova} and the length {length} must be multiples of pageSize {pageSize}. */
  | 'PAGES_NOT_WHOLE'
  /** flags IOMMU_IOAS_MAP_WRITEABLE (2): the pages from the user address {userVa} on were mapped without it. */
  | 'PAGES_READ_ONLY'
  /** pageSize 0: it must be a power of two. */
  | 'PAGE_SIZE_ZERO'
  /** iova {iova}, length {length}: the range ends inside a larger page. */
  | 'PART_OF_LARGE_PAGE'
  /** PASID {pasid} of mock device {stdevId} is attached to nothing. */
  | 'PASID_ABSENT'
  /** PASID {pasid} of mock device {stdevId} is attached to hwpt {hwptId}. */
  | 'PASID_ATTACHED'
  /** PASID {pasid} of IOMMU group {iommuGroupId} is not attached to anything that could be replaced. */
  | 'PASID_NOT_ATTACHED'
  /** VFIO counts PASIDs up to 2147483647, and {pasid} is larger. */
  | 'PASID_TOO_LARGE'
  /** pasid {pasid}: PASIDs of {bdf} have {width} bits. */
  | 'PASID_TOO_WIDE'
  /** This kernel attaches no PASIDs: the flag for them (VFIO_DEVICE_ATTACH_PASID) came with Linux 6.15. */
  | 'PASID_UNKNOWN'
  /** physfn {physfn}: this function is itself a virtual one. */
  | 'PHYSFN_IS_VIRTUAL'
  /** The pins of the page at user address {userVa} are {found}, not {wanted}. */
  | 'PINNED_OTHERWISE'
  /** iova {iova}: the mapping there does not begin and end on whole pages of user memory inside the range. */
  | 'PIN_UNALIGNED'
  /** bdf {bdf}: this function has no PRI. */
  | 'PRI_ABSENT'
  /** bdf {bdf}: its PRI is on; priDisable comes first. */
  | 'PRI_ENABLED'
  /** bdf {bdf}: its PRI is not stopped; priReset comes first. */
  | 'PRI_NOT_STOPPED'
  /** bdf {bdf}: a virtual function has the PRI of its physical one, {physical}, which is off. */
  | 'PRI_OF_PHYSICAL'
  /** bdf {bdf}: its PRI is {is} already. */
  | 'PRI_SWITCHED'
  /** No IOMMU driver has {device}: joining what its group is attached to failed with {errno}, which nobody looks at. */
  | 'PROBE_FAILED'
  /** bdf {bdf}: this function has no program; deviceProgramLoad gives it one. */
  | 'PROGRAM_ABSENT'
  /** bdf {bdf}: DMA {dmaId} of the program before is not finished. */
  | 'PROGRAM_UNDER_WAY'
  /** iommu {iommuNo}: its page request queue is {is} already. */
  | 'PRQ_SWITCHED'
  /** ptId {id}: object {id} is of type {type}; a device is attached to an IOAS or a hwpt. */
  | 'PT_CANNOT_BE_ATTACHED'
  /** ptId {id}: object {id} is {type}; a hwpt is made in an IOAS or in a nest parent. */
  | 'PT_CANNOT_HOLD_HWPT'
  /** The range {start} to {last} meets {inWayStart} to {inWayLast}, given before it. */
  | 'RANGES_OVERLAP'
  /** The range {start} to {last} holds less than two IOVAs; its start must be below its last. */
  | 'RANGE_EMPTY'
  /** Nothing is mapped at the IOVA {iova} of IOAS {ioasId}, in the range {start} to {last}. */
  | 'RANGE_NOT_MAPPED'
  /** The range {start} to {last} does not begin and end at a multiple of {alignment}, {of}. */
  | 'RANGE_UNALIGNED'
  /** The range of {length} bytes from {start} goes past the end of the address space. */
  | 'RANGE_WRAPS'
  /** Of the {count} bytes to be written only {given} were given. */
  | 'RECORDS_MISSING'
  /** The user address {userVa} and the length {length} must be multiples of {alignment}. */
  | 'REFS_UNALIGNED'
  /** reservedRegions: one ends at {last}, before it starts at {start}. */
  | 'REGION_BACKWARDS'
  /** {call}: what lies at offset {given} of {file} is no region that takes it. */
  | 'REGION_REFUSED'
  /** The allowed range {start} to {last} meets {inWayStart} to {inWayLast}, which is reserved in IOAS {ioasId}. */
  | 'RESERVED_MEETS_ALLOWED'
  /** The range {start} to {last} cannot be reserved: {inWayStart} to {inWayLast} is allowed in IOAS {ioasId}. */
  | 'RESERVE_MEETS_ALLOWED'
  /** The range {start} to {last} cannot be reserved: {inWayStart} to {inWayLast} is mapped in IOAS {ioasId}. */
  | 'RESERVE_MEETS_MAPPED'
  /** code {code} is neither IOMMUFD_PAGE_RESP_SUCCESS (0) nor IOMMUFD_PAGE_RESP_INVALID (1). */
  | 'RESPONSE_CODE'
  /** The RID of IOMMU group {iommuGroupId} is on hwpt {hwptId}, made without IOMMU_HWPT_ALLOC_PASID. */
  | 'RID_NOT_FOR_PASIDS'
  /** bdf {bdf}: `stall` is SMMUv3’s, and IOMMU {iommuNo} is {vendor}; leave it out there. */
  | 'STALL_NOT_OF_VENDOR'
  /** {device} has {has} PASIDs, from 0 on, and {pasid} is none of them. */
  | 'TOO_FEW_PASIDS'
  /** bdf {bdf}: {most} of its DMAs are not finished, and it can have no more. */
  | 'TOO_MANY_DMAS'
  /** length: {pages} pages are in the range; the self-test takes {most}. */
  | 'TOO_MANY_PAGES'
  /** hwptId {hwptId}: it does not track dirty pages now. */
  | 'TRACKING_OFF'
  /** Device {devId} has a software MSI window and another one. */
  | 'TWO_MSI_WINDOWS'
  /** flags VFIO_DMA_UNMAP_FLAG_ALL (2): iova {iova} and size {size} must be 0 with it. */
  | 'UNMAP_ALL_RANGE'
  /** There is no user data at the address given. */
  | 'USER_DATA_MISSING'
  /** This driver takes no user data with a hwpt of an IOAS. */
  | 'USER_DATA_UNWANTED'
  /** The process has no memory at the user address {userVa}. */
  | 'USER_MEMORY_MISSING'
  /** The user address {userVa} lies {offset} bytes into its page, which is not a multiple of {alignment}, the IOVA alignment of IOAS {ioasId}. */
  | 'USER_VA_UNALIGNED'
  /** iommuType {iommuType}: it must be VFIO_TYPE1_IOMMU (1) or VFIO_TYPE1v2_IOMMU (3). */
  | 'VFIO_IOMMU_TYPE'
  /** Device {devId} is a virtual function, which may not have a fault-capable hwpt in this kernel. */
  | 'VIRTUAL_FUNCTION'
  /** vtdS1.addrWidth {width}: it must be 48 or 57. */
  | 'VTD_ADDR_WIDTH'
  /** vtdS1.flags {flags}: bits that are not known here. */
  | 'VTD_FLAGS';

export type LastChangeQueryVariables = Exact<{
  machineId: string;
  at: number;
  object: ObjectKeyInput;
  field?: string | null | undefined;
  before: number;
}>;


export type LastChangeQuery = { readonly machine: { readonly lastChange: { readonly event: { readonly seq: number, readonly summary: string } } | null } };

export type EventWindowQueryVariables = Exact<{
  machineId: string;
  to: number;
  last: number;
}>;


export type EventWindowQuery = { readonly machine: { readonly events: { readonly edges: ReadonlyArray<{ readonly node: (
          { readonly operation: { readonly number: number, readonly command: string, readonly errno: Errno | null } }
          & EventLineFragment
        ) }> } } };

export type FollowSubscriptionVariables = Exact<{
  machineId: string;
  after: number;
}>;


export type FollowSubscription = { readonly events: { readonly seq: number } };

export type OverviewQueryVariables = Exact<{
  machineId: string;
  from: number;
  to: number;
  buckets: number;
}>;


export type OverviewQuery = { readonly machine: { readonly overview: { readonly from: number, readonly startAt: string | null, readonly lastMs: ReadonlyArray<number>, readonly seq: ReadonlyArray<number>, readonly userSpace: ReadonlyArray<number>, readonly iommufd: ReadonlyArray<number>, readonly iommuCore: ReadonlyArray<number>, readonly hardware: ReadonlyArray<number>, readonly waiting: ReadonlyArray<number>, readonly held: ReadonlyArray<number> } } };

export type GroupsQueryVariables = Exact<{
  machineId: string;
  from: number;
  to: number;
}>;


export type GroupsQuery = { readonly machine: { readonly iopfGroups: { readonly edges: ReadonlyArray<{ readonly node: { readonly iopfGroupId: number, readonly contextId: number, readonly faultId: number, readonly requestedSeq: number | null, readonly queuedSeq: number, readonly readSeq: number | null, readonly endedSeq: number | null, readonly outcome: IopfOutcome, readonly code: IommufdPageResponseCode | null, readonly cookie: number | null, readonly device: string | null } }> } } };

export type MachinesQueryVariables = Exact<{ [key: string]: never; }>;


export type MachinesQuery = { readonly machines: { readonly edges: ReadonlyArray<{ readonly node: (
        { readonly machineId: string, readonly seq: number, readonly baseline: Baseline, readonly hazardCount: number, readonly unansweredIopfGroupCount: number, readonly forkedFrom: { readonly seq: number, readonly parent: { readonly machineId: string } } | null }
        & FirstTroubleFragment
      ) }>, readonly pageInfo: { readonly hasNextPage: boolean } } };

export type MachineHeadQueryVariables = Exact<{
  machineId: string;
}>;


export type MachineHeadQuery = { readonly machine: (
    { readonly machineId: string, readonly seq: number, readonly baseline: Baseline, readonly hazardCount: number, readonly iommus: ReadonlyArray<{ readonly iommuNo: number }>, readonly forkedFrom: { readonly seq: number, readonly parent: { readonly machineId: string } } | null, readonly rerun: { readonly fromOperation: number, readonly recorded: { readonly machineId: string, readonly baseline: Baseline } } | null, readonly marks: { readonly edges: ReadonlyArray<{ readonly node: { readonly name: string, readonly kind: BookmarkKind, readonly note: string, readonly seq: number, readonly operation: number } }> } }
    & FirstTroubleFragment
  ) };

export type OperationAfterQueryVariables = Exact<{
  machineId: string;
  after: string;
}>;


export type OperationAfterQuery = { readonly machine: { readonly operations: { readonly edges: ReadonlyArray<{ readonly node: { readonly errno: Errno | null, readonly seqBefore: number, readonly seq: number } }> }, readonly newest: { readonly edges: ReadonlyArray<{ readonly node: { readonly number: number, readonly seq: number } }> } } };

export type SeqOfBookmarkQueryVariables = Exact<{
  machineId: string;
  name: string;
}>;


export type SeqOfBookmarkQuery = { readonly machine: { readonly seq: number } };

export type FirstTroubleFragment = { readonly hazards: { readonly edges: ReadonlyArray<{ readonly node: MarkLineFragment }> }, readonly refusals: { readonly edges: ReadonlyArray<{ readonly node: MarkLineFragment }> } };

export type MarkLineFragment = { readonly name: string, readonly kind: BookmarkKind, readonly note: string, readonly seq: number, readonly operation: number };

export type EventLineFragment = { readonly seq: number, readonly layer: Layer, readonly type: EventType, readonly summary: string };

export type ChangeLineFragment = { readonly kind: ChangeKind, readonly field: string | null, readonly before: JsonValue | null, readonly after: JsonValue | null, readonly object: { readonly kind: ObjectKind, readonly contextId: number | null, readonly id: number | null, readonly iova: Hex | null, readonly name: string } };

export type MomentQueryVariables = Exact<{
  machineId: string;
  at: number;
  before: number;
}>;


export type MomentQuery = { readonly machine: { readonly seq: number, readonly hash: string, readonly unansweredIopfGroupCount: number, readonly hazardCount: number, readonly graph: ObjectsFragment, readonly newest: { readonly edges: ReadonlyArray<{ readonly node: (
          { readonly operation: { readonly number: number, readonly command: string, readonly mutation: string | null, readonly arguments: JsonValue, readonly reply: JsonValue | null, readonly errno: Errno | null, readonly refusal: string | null, readonly at: string, readonly seqBefore: number, readonly seq: number, readonly events: ReadonlyArray<EventLineFragment>, readonly trace: ReadonlyArray<{ readonly function: string, readonly depth: number, readonly returned: string, readonly rule: RefusalRule | null }> } }
          & EventLineFragment
        ) }> } }, readonly diff: { readonly changeCount: number, readonly changes: ReadonlyArray<ChangeLineFragment> } };

export type ObjectsFragment = { readonly nodes: ReadonlyArray<{ readonly name: string, readonly facts: JsonValue, readonly changed: ChangeKind | null, readonly key: { readonly kind: ObjectKind, readonly contextId: number | null, readonly id: number | null, readonly iova: Hex | null } }>, readonly edges: ReadonlyArray<{ readonly kind: GraphEdgeKind, readonly from: { readonly kind: ObjectKind, readonly contextId: number | null, readonly id: number | null }, readonly to: { readonly kind: ObjectKind, readonly contextId: number | null, readonly id: number | null } }>, readonly counts: ReadonlyArray<{ readonly kind: ObjectKind, readonly count: number }> };

export type WhyQueryVariables = Exact<{
  machineId: string;
  at: number;
  object: ObjectKeyInput;
  field?: string | null | undefined;
  last: number;
}>;


export type WhyQuery = { readonly machine: { readonly changes: { readonly more: number | null, readonly list: ReadonlyArray<{ readonly event: (
          { readonly operation: { readonly number: number, readonly summary: string } }
          & EventLineFragment
        ), readonly changes: ReadonlyArray<{ readonly kind: ChangeKind, readonly field: string | null, readonly before: JsonValue | null, readonly after: JsonValue | null }> }> } } };

export const MarkLineFragmentDoc = gql`
    fragment MarkLine on Bookmark {
  name
  kind
  note
  seq
  operation
}
    ` as unknown as DocumentNode<MarkLineFragment, unknown>;
export const FirstTroubleFragmentDoc = gql`
    fragment FirstTrouble on Machine {
  hazards: bookmarks(kinds: [HAZARD], first: 1) {
    edges {
      node {
        ...MarkLine
      }
    }
  }
  refusals: bookmarks(kinds: [REFUSED], first: 1) {
    edges {
      node {
        ...MarkLine
      }
    }
  }
}
    ` as unknown as DocumentNode<FirstTroubleFragment, unknown>;
export const EventLineFragmentDoc = gql`
    fragment EventLine on Event {
  seq
  layer
  type
  summary
}
    ` as unknown as DocumentNode<EventLineFragment, unknown>;
export const ChangeLineFragmentDoc = gql`
    fragment ChangeLine on Change {
  kind
  field
  before
  after
  object {
    kind
    contextId
    id
    iova
    name
  }
}
    ` as unknown as DocumentNode<ChangeLineFragment, unknown>;
export const ObjectsFragmentDoc = gql`
    fragment Objects on ObjectGraph {
  nodes {
    key {
      kind
      contextId
      id
      iova
    }
    name
    facts
    changed
  }
  edges {
    kind
    from {
      kind
      contextId
      id
    }
    to {
      kind
      contextId
      id
    }
  }
  counts {
    kind
    count
  }
}
    ` as unknown as DocumentNode<ObjectsFragment, unknown>;
export const LastChangeDocument = gql`
    query LastChange($machineId: MachineId!, $at: Int!, $object: ObjectKeyInput!, $field: String, $before: Int!) {
  machine(machineId: $machineId, at: $at) {
    lastChange(object: $object, field: $field, before: $before) {
      event {
        seq
        summary
      }
    }
  }
}
    ` as unknown as DocumentNode<LastChangeQuery, LastChangeQueryVariables>;
export const EventWindowDocument = gql`
    query EventWindow($machineId: MachineId!, $to: Int!, $last: Int!) {
  machine(machineId: $machineId, at: $to) {
    events(last: $last) {
      edges {
        node {
          ...EventLine
          operation {
            number
            command
            errno
          }
        }
      }
    }
  }
}
    ${EventLineFragmentDoc}` as unknown as DocumentNode<EventWindowQuery, EventWindowQueryVariables>;
export const FollowDocument = gql`
    subscription Follow($machineId: MachineId!, $after: Int!) {
  events(machineId: $machineId, after: $after) {
    seq
  }
}
    ` as unknown as DocumentNode<FollowSubscription, FollowSubscriptionVariables>;
export const OverviewDocument = gql`
    query Overview($machineId: MachineId!, $from: Int!, $to: Int!, $buckets: Int!) {
  machine(machineId: $machineId) {
    overview(from: $from, to: $to, buckets: $buckets) {
      from
      startAt
      lastMs
      seq
      userSpace
      iommufd
      iommuCore
      hardware
      waiting
      held
    }
  }
}
    ` as unknown as DocumentNode<OverviewQuery, OverviewQueryVariables>;
export const GroupsDocument = gql`
    query Groups($machineId: MachineId!, $from: Int!, $to: Int!) {
  machine(machineId: $machineId) {
    iopfGroups(from: $from, to: $to, first: 1000) {
      edges {
        node {
          iopfGroupId
          contextId
          faultId
          requestedSeq
          queuedSeq
          readSeq
          endedSeq
          outcome
          code
          cookie
          device
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<GroupsQuery, GroupsQueryVariables>;
export const MachinesDocument = gql`
    query Machines {
  machines(first: 200) {
    edges {
      node {
        machineId
        seq
        baseline
        hazardCount
        unansweredIopfGroupCount
        ...FirstTrouble
        forkedFrom {
          seq
          parent {
            machineId
          }
        }
      }
    }
    pageInfo {
      hasNextPage
    }
  }
}
    ${FirstTroubleFragmentDoc}
${MarkLineFragmentDoc}` as unknown as DocumentNode<MachinesQuery, MachinesQueryVariables>;
export const MachineHeadDocument = gql`
    query MachineHead($machineId: MachineId!) {
  machine(machineId: $machineId) {
    machineId
    seq
    baseline
    hazardCount
    ...FirstTrouble
    iommus {
      iommuNo
    }
    forkedFrom {
      seq
      parent {
        machineId
      }
    }
    rerun {
      fromOperation
      recorded {
        machineId
        baseline
      }
    }
    marks: bookmarks(first: 1000) {
      edges {
        node {
          name
          kind
          note
          seq
          operation
        }
      }
    }
  }
}
    ${FirstTroubleFragmentDoc}
${MarkLineFragmentDoc}` as unknown as DocumentNode<MachineHeadQuery, MachineHeadQueryVariables>;
export const OperationAfterDocument = gql`
    query OperationAfter($machineId: MachineId!, $after: String!) {
  machine(machineId: $machineId) {
    operations(after: $after, first: 1) {
      edges {
        node {
          errno
          seqBefore
          seq
        }
      }
    }
    newest: operations(last: 1) {
      edges {
        node {
          number
          seq
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<OperationAfterQuery, OperationAfterQueryVariables>;
export const SeqOfBookmarkDocument = gql`
    query SeqOfBookmark($machineId: MachineId!, $name: BookmarkName!) {
  machine(machineId: $machineId, atBookmark: $name) {
    seq
  }
}
    ` as unknown as DocumentNode<SeqOfBookmarkQuery, SeqOfBookmarkQueryVariables>;
export const MomentDocument = gql`
    query Moment($machineId: MachineId!, $at: Int!, $before: Int!) {
  machine(machineId: $machineId, at: $at) {
    seq
    hash
    unansweredIopfGroupCount
    hazardCount
    graph(since: $before, first: 60) {
      ...Objects
    }
    newest: events(last: 1) {
      edges {
        node {
          ...EventLine
          operation {
            number
            command
            mutation
            arguments
            reply
            errno
            refusal
            at
            seqBefore
            seq
            events(first: 200) {
              ...EventLine
            }
            trace(first: 300) {
              function
              depth
              returned
              rule
            }
          }
        }
      }
    }
  }
  diff(
    from: { machineId: $machineId, at: $before }
    to: { machineId: $machineId, at: $at }
    first: 200
  ) {
    changeCount
    changes {
      ...ChangeLine
    }
  }
}
    ${ObjectsFragmentDoc}
${EventLineFragmentDoc}
${ChangeLineFragmentDoc}` as unknown as DocumentNode<MomentQuery, MomentQueryVariables>;
export const WhyDocument = gql`
    query Why($machineId: MachineId!, $at: Int!, $object: ObjectKeyInput!, $field: String, $last: Int!) {
  machine(machineId: $machineId, at: $at) {
    changes(object: $object, field: $field, last: $last) {
      list {
        event {
          ...EventLine
          operation {
            number
            summary
          }
        }
        changes {
          kind
          field
          before
          after
        }
      }
      more
    }
  }
}
    ${EventLineFragmentDoc}` as unknown as DocumentNode<WhyQuery, WhyQueryVariables>;