/** Generated from schema/operations by `npm run codegen`. */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { Hex, JsonValue } from './typed-document.ts';
import type { TypedDocument as DocumentNode } from './typed-document.ts';
import { gql } from './typed-document.ts';
/** AMD-Vi’s register PPR Log Auto Response (2080h). */
export type AmdAutoResponseInput = {
  /** The code that it answers, from 0 to 15; PCIe’s are 0, 1 and 15. */
  readonly code: number;
  /** The answer carries the PASID of the request (its mask of GN is clear). */
  readonly withPasid?: boolean | null | undefined;
};

/** Address Translation Services of a function, and its cache. */
export type AtsInput = {
  /** Translations its cache holds, from 1 to 65536. */
  readonly entries?: number | null | undefined;
  /** Invalidations it can have pending, from 1 to 32. */
  readonly invalidateQueueDepth?: number | null | undefined;
  /** The translation unused for longest makes room; else the one cached first. */
  readonly lru?: boolean | null | undefined;
  /** Whether it completes invalidations. One that does not is broken. */
  readonly respondsToInvalidation?: boolean | null | undefined;
};

/** What a replace away from a fault-capable hwpt answers INVALID. */
export type AutoResponsePolicy =
  /** Every group of the old attach handle, as was merged. */
  | 'EVERY_REPLACE'
  /** Only if the new hwpt is not fault-capable, as the review discussed. Breaks: groups stay behind with a freed attach handle. */
  | 'ONLY_TO_PLAIN';

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

/** Arguments of contextClose. */
export type ContextCloseInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of contextOpen. */
export type ContextOpenInput = {
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The process. Left out: one with 16 MiB of memory at 0x10000000 and no limits. */
  readonly process?: ProcessInput | null | undefined;
};

/** Arguments of destroy. */
export type DestroyInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The object. */
  readonly id: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of deviceDetach. */
export type DeviceDetachInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** A PCI function bound to the context, by its object id. */
  readonly devId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** From Linux 6.15 on: this PASID of the device in place of its RID (VFIO_DEVICE_ATTACH_PASID, VFIO_DEVICE_DETACH_PASID). 0 is the RID as well, but VFIO keeps it apart from one attached without a PASID: attaching it beside that is EBUSY, detaching it then does nothing. Left out: the RID. */
  readonly pasid?: number | null | undefined;
};

/** What a program does when a DMA fails. */
export type DeviceProgramOnInvalid =
  /** It goes on. */
  | 'SKIP'
  /** It fails. */
  | 'STOP';

/** One step of a device’s program; which fields it takes depends on its kind. */
export type DeviceProgramOpInput = {
  /** REPEAT: from 1 to 1000000. */
  readonly count?: number | null | undefined;
  /** WRITE and EXPECT: each byte, from 0 to 255. Left out: 0. */
  readonly fill?: number | null | undefined;
  /** READ, WRITE, COPY, ECHO, TRANSLATE, EXPECT. */
  readonly iova?: Hex | null | undefined;
  /** With iova: bytes, at most 4096 pages. */
  readonly length?: Hex | null | undefined;
  /** What it does. */
  readonly op: DeviceProgramOpKind;
  /** All but BARRIER and REPEAT. Left out: the program’s next one, or none. */
  readonly pasid?: number | null | undefined;
  /** COPY: where to. */
  readonly toIova?: Hex | null | undefined;
  /** TRANSLATE: with the intent to write. */
  readonly write?: boolean | null | undefined;
};

/** What a device does in one step of its program. */
export type DeviceProgramOpKind =
  /** Waits until every DMA before it is finished. */
  | 'BARRIER'
  /** Reads from iova and writes what it read to toIova. */
  | 'COPY'
  /** Reads from iova and writes it back there. */
  | 'ECHO'
  /** Reads and fails the program if a byte is not `fill`. */
  | 'EXPECT'
  /** Reads [iova, iova + length). */
  | 'READ'
  /** Runs what stands since the REPEAT before it, or the start, `count` times more. */
  | 'REPEAT'
  /** Sends a stop marker for a PASID. */
  | 'STOP'
  /** Asks for translations alone (ATS); nothing moves. */
  | 'TRANSLATE'
  /** Sets each byte of [iova, iova + length) to `fill`. */
  | 'WRITE';

/** How a device runs its program. */
export type DeviceProgramOptionsInput = {
  /** The index of FIXED. */
  readonly fixedIndex?: number | null | undefined;
  /** DMAs in flight at most, from 1 to 1024. */
  readonly maxOutstanding?: number | null | undefined;
  /** What it does when a DMA fails. */
  readonly onInvalid?: DeviceProgramOnInvalid | null | undefined;
  /** Page requests of one group at most, from 1 to 512. */
  readonly pagesPerGroup?: number | null | undefined;
  /** PASIDs that operations without one take in turn, from 1 to 1024. Left out: none. */
  readonly pasids?: ReadonlyArray<number> | null | undefined;
  /** Which group index it takes. */
  readonly prgIndex?: PrgIndexChoice | null | undefined;
  /** Answers of SUCCESS after which a page may still be missing, from 1 to 1000. */
  readonly retryLimit?: number | null | undefined;
  /** Ticks after which it gives up, from 1 to 1000000000. Left out: it waits for ever. */
  readonly timeoutTicks?: number | null | undefined;
};

/** Where a program is. */
export type DeviceProgramState =
  /** It is at its end. */
  | 'DONE'
  /** It stopped: a DMA failed, or memory was not what it expected. */
  | 'FAILED'
  /** Loaded and not begun. */
  | 'IDLE'
  /** It has done as many steps as it was told, and goes on with the next deviceRun. */
  | 'RUNNING'
  /** It waits for DMAs, and goes on by itself. */
  | 'WAITING';

/** Arguments of deviceReplace. */
export type DeviceReplaceInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** A PCI function bound to the context, by its object id. */
  readonly devId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** From Linux 6.15 on: this PASID of the device in place of its RID (VFIO_DEVICE_ATTACH_PASID, VFIO_DEVICE_DETACH_PASID). 0 is the RID as well, but VFIO keeps it apart from one attached without a PASID: attaching it beside that is EBUSY, detaching it then does nothing. Left out: the RID. */
  readonly pasid?: number | null | undefined;
  /** A hwpt, or an IOAS: then an automatic hwpt on it is found or made, which is not for PASIDs. */
  readonly ptId: number;
};

/** Arguments of deviceUnbind. */
export type DeviceUnbindInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** A PCI function bound to the context, by its object id. */
  readonly devId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of dma. */
export type DmaInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The bytes of a write, as hex digits, in the place of fill: as many as length, at most 65536. */
  readonly data?: string | null | undefined;
  /** Each byte of a write, from 0 to 255; of a read 0. */
  readonly fill?: number | null | undefined;
  /** First byte. */
  readonly iova: Hex;
  /** Bytes, not 0, at most 4,096 pages. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** How it asks for missing pages. Left out: the defaults. */
  readonly options?: DmaOptionsInput | null | undefined;
  /** Left out: without a PASID. */
  readonly pasid?: number | null | undefined;
  /** Write; else read. */
  readonly write?: boolean | null | undefined;
};

/** How a device asks for missing pages, and when it gives up. */
export type DmaOptionsInput = {
  /** The index of FIXED. */
  readonly fixedIndex?: number | null | undefined;
  /** Page requests of one group at most, from 1 to 512. */
  readonly pagesPerGroup?: number | null | undefined;
  /** Which group index it takes. */
  readonly prgIndex?: PrgIndexChoice | null | undefined;
  /** Answers of SUCCESS after which a page may still be missing, from 1 to 1000. */
  readonly retryLimit?: number | null | undefined;
  /** Ticks after which it gives up, from 1 to 1000000000. Left out: it waits for ever. */
  readonly timeoutTicks?: number | null | undefined;
};

/** Where a DMA is. */
export type DmaState =
  /** It failed. */
  | 'ABORTED'
  /** Its request was lost in an overflow, or there was no room for it in one command: it asks again at the next tick, or when the overflow is cleared. */
  | 'BACKED_OFF'
  /** Its bytes have moved. */
  | 'DONE'
  /** It waits for a credit: too many requests are outstanding to ask for its pages. */
  | 'NO_CREDIT'
  /** It waits in the IOMMU (SMMUv3, stall model). */
  | 'STALLED'
  /** It waits for answers to page request groups. */
  | 'WAITING_PRG';

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

/** Arguments of faultClose. */
export type FaultCloseInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The fault queue whose file is meant. EBADF if that is not open. */
  readonly faultId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of faultPoll. */
export type FaultPollInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The fault queue whose file is meant. EBADF if that is not open. */
  readonly faultId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of faultQueueAlloc. */
export type FaultQueueAllocInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** None exist: 0. */
  readonly flags?: number | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of faultRead. */
export type FaultReadInput = {
  /** Where the buffer is in user memory, to see what a buffer that is not there gets (EFAULT, or worse on older kernels). Left out: it is there. Nothing is written into user memory. */
  readonly bufVa?: Hex | null | undefined;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Bytes of the buffer; one message is 40. */
  readonly count?: number | null | undefined;
  /** The fault queue whose file is meant. EBADF if that is not open. */
  readonly faultId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Who read an iopf group. */
export type FaultReader =
  /** A handler subscription. If it leaves, the group is delivered again to the next one. */
  | 'HANDLER'
  /** A faultRead mutation. The group is its caller’s to answer. */
  | 'READ';

/** Arguments of faultWrite. */
export type FaultWriteInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Bytes written, if other than 8 for each response. */
  readonly count?: number | null | undefined;
  /** The fault queue whose file is meant. EBADF if that is not open. */
  readonly faultId: number;
  /** Who answers: the handlerId of your subscription iopfGroups. An answer to a group that it was not given is then a hazard in the log (ANSWERED_UNSEEN); the kernel takes it all the same. */
  readonly handlerId?: string | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The answers, at most 4096. */
  readonly responses: ReadonlyArray<PageResponseInput>;
};

/** Arguments of getHwInfo (struct iommu_hw_info). */
export type GetHwInfoInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Bytes of the caller’s buffer; 0 asks for the size alone. */
  readonly dataLen?: number | null | undefined;
  /** A bound device. */
  readonly devId: number;
  /** None exist before 6.17: 0. From then on 1, IOMMU_HW_INFO_FLAG_INPUT_TYPE: the structure of inDataType is wanted. */
  readonly flags?: number | null | undefined;
  /** The kind of structure wanted, looked at with flag 1 alone; left out or NONE: the driver’s own. Another than that is EOPNOTSUPP. */
  readonly inDataType?: IommuHwInfoType | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The kind as a number, for kinds that have no name. */
  readonly rawInDataType?: number | null | undefined;
};

/** The hazards Faultline detects. */
export type HazardName =
  /** PROGRAM: a handler answers a group that it was never given, or lost: the cookie was another group’s before. Kernels: all: cookies are reused. */
  | 'ANSWERED_UNSEEN'
  /** WRONG_ANSWER: the device had used the index again: a newer group got the answer to an older one. Kernels: all. */
  | 'ANSWER_HIT_NEWER_GROUP'
  /** NEVER_ANSWERED: a device did not complete an invalidation of its cache: what it still holds is not known. Kernels: all, with a broken device. */
  | 'ATC_INVALIDATION_TIMED_OUT'
  /** WRONG_STATE: the IOTLB was invalidated and the device’s cache was not, which was then used. Kernels: all: an invalidation is missing. */
  | 'ATC_NOT_INVALIDATED'
  /** NEVER_ANSWERED: destroying a fault queue forgets groups that were read. Kernels: v6 to 6.13, 6.12.0 to 6.12.13. */
  | 'DESTROY_LOST_GROUP'
  /** OOPS: a dirty bitmap of pages of 2^61 bytes or more divides by zero (CVE-2025-40293). Kernels: 6.14 to 6.17. */
  | 'DIRTY_BITMAP_DIVIDES_BY_ZERO'
  /** WRONG_ANSWER: a dirty bitmap is given with success though not all of the range was read: it has a hole, or tracking is off. Kernels: all. */
  | 'DIRTY_BITMAP_INCOMPLETE'
  /** UNDEFINED: a dirty bitmap of pages of 2^31 bytes or more shifts an int beyond its width. Kernels: v6 to 6.13; 6.12.117 has the fix. */
  | 'DIRTY_BITMAP_SHIFT'
  /** NEVER_ANSWERED: a device gave up waiting for an answer. Kernels: all. */
  | 'DMA_TIMED_OUT'
  /** WRONG_ANSWER: FAILURE is sent to a PCI device as code 2, which PCIe reserves: its code for it is 15. Kernels: all, with VT-d. */
  | 'FAILURE_CODE_RESERVED'
  /** NEVER_ANSWERED: groups wait in a fault queue whose file is closed: nobody can answer until detach or replace. Kernels: all, by design. */
  | 'FAULT_FILE_CLOSED'
  /** WRONG_STATE: a fault id without IOMMU_HWPT_FAULT_ID_VALID is not looked at: the hwpt is not fault-capable. Kernels: all. */
  | 'FAULT_ID_IGNORED'
  /** UNBOUNDED: page requests nobody reads or completes are kept without a bound; here they meet one. Kernels: all. */
  | 'FAULT_MEMORY_UNBOUNDED'
  /** USE_AFTER_FREE: a fault queue that could not be finished is freed before its file is closed, which then uses it. Kernels: v6 to 6.16, before 6.12.50. */
  | 'FILE_OF_FREED_QUEUE'
  /** WRONG_STATE: replace hands a hwpt of another IOMMU driver to the driver, which attach would refuse. Kernels: all. */
  | 'FOREIGN_DOMAIN'
  /** USE_AFTER_FREE: a mock device goes whose PASIDs are attached; here they are detached first. Kernels: 6.15 to 7.3.4, by the self-test alone. */
  | 'FREED_WITH_PASIDS'
  /** WRONG_STATE: a device used the index of a group that is outstanding. Kernels: all, with a broken device. */
  | 'GROUP_INDEX_REUSED'
  /** USE_AFTER_FREE: a group freed when its device left the iopf queue is still in a fault queue (CVE-2026-74520). Kernels: 6.14 to 7.2-rc4, 6.12.16 to 6.12.113. */
  | 'GROUP_OWNED_TWICE'
  /** USE_AFTER_FREE: a read takes dev_id from a device, or an attach handle, that is gone. Kernels: v6 to 7.3.4; also with policy ONLY_TO_PLAIN or NOT_DRAINED. */
  | 'HANDLE_DEVICE_USED'
  /** LEAK: a failed replace leaks its new attach handle. Kernels: v6. */
  | 'HANDLE_LEAKED'
  /** STALE_HANDLE: the attach handle still names a device that was unbound while others of its group stay attached. Kernels: v6 to 7.3.4. */
  | 'HANDLE_NAMES_GONE_DEVICE'
  /** WARNING: IOPF is disabled on a device that did not enable it: the count is per device, the attachment per group. Kernels: v6 to 6.15. */
  | 'IOPF_DISABLE_UNBALANCED'
  /** LEAK: a device keeps IOPF enabled although its group is no longer on a fault-capable hwpt. Kernels: v6 to 6.15. */
  | 'IOPF_ENABLE_LEAKED'
  /** WARNING: a member of a group faults whose IOPF was never enabled: only the asking device’s is. Kernels: v6 to 6.15. */
  | 'IOPF_ON_ONE_MEMBER'
  /** WRONG_STATE: an automatic IOVA wraps to the start of the space, outside what is allowed or on what is in use. Kernels: v6 to 6.16, before 6.12.43. */
  | 'IOVA_WRAPPED'
  /** WRONG_STATE: a member that is not attached moved the group; its own IOPF count was used. Kernels: v6 to 6.14, before 6.12.24. */
  | 'MOVED_BY_UNATTACHED'
  /** WARNING: a device has a software MSI window and another one. Kernels: all. */
  | 'MSI_WINDOWS'
  /** WRONG_STATE: a request that is not the last of its group is answered; the device expects one answer a group. Kernels: all. */
  | 'NON_LAST_ANSWERED'
  /** WARNING: a context is released with objects nobody can destroy. Kernels: all. */
  | 'OBJECTS_LEFT'
  /** NEVER_ANSWERED: collected partial requests vanish without an answer when IOPF is disabled. Kernels: all. */
  | 'PARTIALS_DROPPED'
  /** WRONG_STATE: a group holds requests of another attachment or PASID that had the same index. Kernels: all. */
  | 'PARTIALS_MIXED'
  /** WRONG_STATE: a device joined an IOMMU group whose PASIDs are attached: no driver is told, and they block on it. Kernels: 6.15 to 7.3.4 (read). */
  | 'PASIDS_NOT_JOINED'
  /** WRONG_STATE: a replace of a PASID failed, and the driver of a device that had moved does not take it back: its PASID blocks. Kernels: 6.15 to 7.3.4. */
  | 'PASID_NOT_TAKEN_BACK'
  /** PROGRAM: a process gave up memory that iommufd has pinned, or may not write there any more: devices go on with its pages. Kernels: all, with processes whose memory changes. */
  | 'PINNED_MEMORY_GONE'
  /** STALE_HANDLE: replace to another fault-capable hwpt leaves the old groups with a freed attach handle. Kernels: none: the policy ONLY_TO_PLAIN that the review discussed. */
  | 'POLICY_LEFT_GROUPS'
  /** WRONG_STATE: a failure reached a function: its PRI is off, also for its virtual functions. Kernels: all. */
  | 'PRI_DISABLED_BY_FAILURE'
  /** NEVER_ANSWERED: a page request queue was full: requests are lost, and groups in it are cut. Kernels: all. */
  | 'PRQ_OVERFLOWED'
  /** WRONG_ANSWER: a read into a buffer that is not there succeeds, with the number of bytes it could not copy. Kernels: v6. */
  | 'READ_CLAIMS_BYTES'
  /** HANG: a read into a buffer that is not there fetches the same group for ever. Kernels: 6.14 to 7.1, 6.12.14 to 6.12.100. */
  | 'READ_LOOPS'
  /** NEVER_ANSWERED: a read into a buffer that is not there loses the group: its device waits until it leaves the iopf queue. Kernels: v6 to 6.13, 6.12.0 to 6.12.13. */
  | 'READ_LOST_GROUP'
  /** WRONG_STATE: a function has more page requests outstanding than it is allowed. Kernels: all, with requests sent by command. */
  | 'REQUESTS_WITHOUT_CREDIT'
  /** LEAK: a failed replace leaves ranges reserved in the IOAS it did not come to. Kernels: v6. */
  | 'RESERVATIONS_LEFT'
  /** WRONG_STATE: a failed replace, or an automatic hwpt passed over, releases the reserved ranges of devices that stay attached. Kernels: v6 to 7.3.4; since 6.11 only within one IOAS. */
  | 'RESERVATIONS_LOST'
  /** WRONG_STATE: the self-test reserves a range that ends before it starts: the tree of reserved ranges is out of order. Kernels: v6 to 6.18; 6.12.117 has the fix. */
  | 'RESERVED_WRAPPED'
  /** USE_AFTER_FREE: a group is answered after the device that faulted is gone. Kernels: v6 to 7.3.4; also with policy ONLY_TO_PLAIN or NOT_DRAINED. */
  | 'RESPONSE_TO_GONE_DEVICE'
  /** WRONG_ANSWER: a page is missing in the second stage, and only the guest’s table was changed for it. Kernels: all: what answers is wrong. */
  | 'STAGE2_FAULT_PASSED_TO_GUEST'
  /** STALE_HANDLE: a request that had found its handle was queued after that handle was freed: the driver does not drain. Kernels: all, with a driver that does not drain. */
  | 'STALE_GROUP_QUEUED'
  /** WRONG_ANSWER: a resume named a tag that no transaction has, or another one by now. Kernels: all, with the stall model. */
  | 'STALE_STAG_RESUMED'
  /** WRONG_STATE: a DMA used a cached translation that the tables no longer have. Kernels: all: an invalidation is missing. */
  | 'STALE_TRANSLATION_USED'
  /** NEVER_ANSWERED: a domain is gone and transactions that stalled on it were neither resumed nor ended. Kernels: all, with the stall model. */
  | 'STALL_NEVER_RESUMED'
  /** NEVER_ANSWERED: a request that only looks like a stop marker, without PASID, was dropped without an answer. Kernels: all, with VT-d’s driver. */
  | 'STOP_MARKER_UNANSWERED'
  /** WRONG_ANSWER: a group was answered SUCCESS and its page is missing still, or what it is mapped to is: the device asks again. Kernels: all: what answers is wrong. */
  | 'SUCCESS_WITHOUT_MAPPING'
  /** WRONG_ANSWER: a group was answered SUCCESS and its page is there, but not for what was asked. Kernels: all: what answers is wrong. */
  | 'SUCCESS_WITHOUT_PERMISSION'
  /** WRONG_ANSWER: software answers a group whose last request the hardware has answered. Kernels: all, where overflows leave partial groups. */
  | 'TRUNCATED_GROUP_ANSWERED'
  /** WRONG_STATE: unmap failed after it had removed areas, and does not say how many. Kernels: all. */
  | 'UNMAP_PARTIAL'
  /** WRONG_STATE: a detach of a device that is not attached, from what another member of its group is attached to, gives back users that nobody took; here they stay. Kernels: 6.15 to 7.3.4, by the self-test alone. */
  | 'USERS_UNDERFLOW'
  /** WRONG_STATE: a virtual function got a fault-capable hwpt unchecked: only the device that attaches first, or asks for the replace, is checked. Kernels: v6 to 7.3.4; a replace between two of them is checked since 6.16. */
  | 'VIRTFN_UNCHECKED'
  /** USE_AFTER_FREE: a replace takes an error for the old attach handle, or a nested hwpt for a paging one. Kernels: v6. */
  | 'WILD_POINTER'
  /** STALE_HANDLE: replace looks for the old groups in the new hwpt’s fault queue: they stay behind with a freed handle. Kernels: 6.12.24 to 6.12.104, 6.15 to 7.2-rc5. */
  | 'WRONG_QUEUE_ANSWERED';

/** Arguments of hwptAlloc (struct iommu_hwpt_alloc). */
export type HwptAllocInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Bytes of user data, if other than its size: to see what a wrong length gets. */
  readonly dataLen?: number | null | undefined;
  /** Kind of the user data; left out, it follows from what is given. */
  readonly dataType?: IommuHwptDataType | null | undefined;
  /** A bound device: it names the IOMMU whose page table this is. Not attached. */
  readonly devId: number;
  /** The fault queue; looked at only with IOMMU_HWPT_FAULT_ID_VALID. */
  readonly faultId?: number | null | undefined;
  /** Flags by name. */
  readonly flags?: ReadonlyArray<IommuHwptAllocFlag> | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** An IOAS for a paging hwpt, a nest-parent hwpt for a nested one. */
  readonly ptId: number;
  /** The kind as a number, for kinds that have no name. */
  readonly rawDataType?: number | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
  /** User data of a nested hwpt of a mock device. */
  readonly selftest?: HwptSelftestInput | null | undefined;
  /** User data of a nested hwpt of a PCI device. */
  readonly vtdS1?: HwptVtdS1Input | null | undefined;
};

/** Arguments of hwptGetDirtyBitmap (struct iommu_hwpt_get_dirty_bitmap). */
export type HwptGetDirtyBitmapInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Flags by name. */
  readonly flags?: ReadonlyArray<IommufdHwptGetDirtyBitmapFlag> | null | undefined;
  /** A paging hwpt made with IOMMU_HWPT_ALLOC_DIRTY_TRACKING. */
  readonly hwptId: number;
  /** First IOVA. */
  readonly iova: Hex;
  /** Bytes. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Bytes one bit stands for, a power of two from 1. Of another number the kernel checks the alignment with the bits of it less one, and takes the largest power of two that divides it. */
  readonly pageSize?: Hex | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
};

/** One entry. Which fields count depends on the type of the array. */
export type HwptInvalidateEntryInput = {
  /** VT-d: first address, page aligned. */
  readonly addr?: Hex | null | undefined;
  /** Self-test: 1 all words. VT-d: 1 leaf entries only. */
  readonly flags?: number | null | undefined;
  /** Self-test: the IOTLB word, 0 to 3. */
  readonly iotlbId?: number | null | undefined;
  /** VT-d: 4 KiB pages; 0xffffffffffffffff with addr 0x0 is everything. */
  readonly npages?: Hex | null | undefined;
};

/** Arguments of hwptInvalidate (struct iommu_hwpt_invalidate). */
export type HwptInvalidateInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Kind of the entries. */
  readonly dataType?: IommuHwptInvalidateDataType | null | undefined;
  /** The entries, at most 4096. */
  readonly entries: ReadonlyArray<HwptInvalidateEntryInput>;
  /** Bytes of one entry, if other than its size. */
  readonly entryLen?: number | null | undefined;
  /** A nested hwpt. */
  readonly hwptId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The kind as a number, for kinds that have no name. */
  readonly rawDataType?: number | null | undefined;
};

/** struct iommu_hwpt_selftest, for mock devices. */
export type HwptSelftestInput = {
  /** First value of the four IOTLB words. */
  readonly iotlb: number;
};

/** Arguments of hwptSetDirtyTracking (struct iommu_hwpt_set_dirty_tracking). */
export type HwptSetDirtyTrackingInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Flags by name; left out with rawFlags: on. */
  readonly flags?: ReadonlyArray<IommufdHwptSetDirtyTrackingFlag> | null | undefined;
  /** A paging hwpt made with IOMMU_HWPT_ALLOC_DIRTY_TRACKING. */
  readonly hwptId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
};

/** struct iommu_hwpt_vtd_s1: a guest’s first-stage table, for PCI devices. */
export type HwptVtdS1Input = {
  /** Address width in bits: 48 or 57. */
  readonly addrWidth?: number | null | undefined;
  /** 0x1 supervisor requests, 0x2 extended access flag, 0x4 write protect. */
  readonly flags?: Hex | null | undefined;
  /** Guest-physical address of the table’s root. */
  readonly pgtblAddr: Hex;
};

/** What the IOMMU driver does with page requests in flight when a domain goes. */
export type InFlightPolicy =
  /** It finishes them first: the contract of iommufd’s fault path. */
  | 'DRAINED'
  /** It leaves them. Breaks: a request that found its handler is queued after its attach handle was freed. */
  | 'NOT_DRAINED';

/** Arguments of ioasAlloc. */
export type IoasAllocInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** None exist: 0. */
  readonly flags?: number | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of ioasAllowIovas (struct iommu_ioas_allow_iovas). */
export type IoasAllowIovasInput = {
  /** The ranges, in any order, at most 1024; none: from anywhere. */
  readonly allowedIovas: ReadonlyArray<IovaRangeInput>;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The IOAS. */
  readonly ioasId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of ioasCopy (struct iommu_ioas_copy). */
export type IoasCopyInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The IOAS to map in. */
  readonly dstIoasId: number;
  /** Where, with IOMMU_IOAS_MAP_FIXED_IOVA. */
  readonly dstIova?: Hex | null | undefined;
  /** Flags by name; READABLE, WRITEABLE or both. */
  readonly flags?: ReadonlyArray<IommufdIoasMapFlag> | null | undefined;
  /** Bytes, not 0. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
  /** The IOAS to copy from. */
  readonly srcIoasId: number;
  /** Where the source begins. */
  readonly srcIova: Hex;
};

/** Arguments of ioasIovaRanges (struct iommu_ioas_iova_ranges). */
export type IoasIovaRangesInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The IOAS. */
  readonly ioasId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Room for ranges in the caller’s array, at most 4096; 0 asks for the number alone. */
  readonly numIovas?: number | null | undefined;
};

/** Arguments of ioasMap (struct iommu_ioas_map). */
export type IoasMapInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Flags by name; READABLE, WRITEABLE or both. */
  readonly flags?: ReadonlyArray<IommufdIoasMapFlag> | null | undefined;
  /** The IOAS. */
  readonly ioasId: number;
  /** Where, with IOMMU_IOAS_MAP_FIXED_IOVA. 0xffffffffffffffff is EOVERFLOW always. */
  readonly iova?: Hex | null | undefined;
  /** Bytes: a multiple of the IOAS’ alignment, not 0. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
  /** User address of the first byte. */
  readonly userVa: Hex;
};

/** Arguments of ioasUnmap (struct iommu_ioas_unmap). */
export type IoasUnmapInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The IOAS. */
  readonly ioasId: number;
  /** First IOVA. */
  readonly iova: Hex;
  /** Bytes. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** What an IOMMU’s driver does with page requests. */
export type IommuDriverKind =
  /** What Linux’ driver for this vendor does, by baseline. */
  | 'AS_LINUX'
  /** It keeps the contract of iommufd’s fault path. */
  | 'CONFORMING';

/** Kind of the hardware information. */
export type IommuHwInfoType =
  /** 1: struct iommu_hw_info_vtd: capability and extended capability registers */
  | 'IOMMU_HW_INFO_TYPE_INTEL_VTD'
  /** 0: the driver tells nothing */
  | 'IOMMU_HW_INFO_TYPE_NONE'
  /** 4276993775: struct iommu_test_hw_info of a mock device */
  | 'IOMMU_HW_INFO_TYPE_SELFTEST';

/** Flags of IOMMU_HWPT_ALLOC. */
export type IommuHwptAllocFlag =
  /** 2: dirty pages can be tracked; the device must be able to */
  | 'IOMMU_HWPT_ALLOC_DIRTY_TRACKING'
  /** 1: nested hwpts can be made on this paging hwpt */
  | 'IOMMU_HWPT_ALLOC_NEST_PARENT'
  /** 8: the hwpt may be attached to PASIDs, and to the RID of a device whose PASIDs are attached; from 6.15 on */
  | 'IOMMU_HWPT_ALLOC_PASID'
  /** 4: faultId names a fault queue: the hwpt is fault-capable; in 6.12 only for nested hwpts */
  | 'IOMMU_HWPT_FAULT_ID_VALID';

/** Kind of the user data of a nested hwpt: the guest's page table, in the format of the IOMMU. */
export type IommuHwptDataType =
  /** 0: no user data: a paging hwpt */
  | 'IOMMU_HWPT_DATA_NONE'
  /** 57005: the self-test's (struct iommu_hwpt_selftest); for mock devices */
  | 'IOMMU_HWPT_DATA_SELFTEST'
  /** 1: a VT-d first-stage table (struct iommu_hwpt_vtd_s1); for PCI devices */
  | 'IOMMU_HWPT_DATA_VTD_S1';

/** Kind of the entries of a cache invalidation. */
export type IommuHwptInvalidateDataType =
  /** 3735928559: the self-test's: iotlbId, flags */
  | 'IOMMU_HWPT_INVALIDATE_DATA_SELFTEST'
  /** 0: VT-d first stage: addr, npages, flags */
  | 'IOMMU_HWPT_INVALIDATE_DATA_VTD_S1';

/** An IOMMU whose queues and caches are modelled. */
export type IommuInput = {
  /** SMMUv3 IDR3.PPS: its own answers always do. */
  readonly alwaysWithPasid?: boolean | null | undefined;
  /** AMD-Vi PprAutoRspEn: it answers requests that its full log loses. Left out: it does not, as Linux leaves it. */
  readonly amdAutoResponse?: AmdAutoResponseInput | null | undefined;
  /** Its own answers carry the PASID of the request (RISC-V DC.tc.PRPR, SMMUv3 STE.PPAR). */
  readonly answersWithPasid?: boolean | null | undefined;
  /** SMMUv3: the STE can be read and is valid when it answers by itself. Without, it answers a failure where it has to look there (IHI 0070, 8.1). */
  readonly contextReadable?: boolean | null | undefined;
  /** What its driver does. There is none of Linux for RISC-V. */
  readonly driver?: IommuDriverKind | null | undefined;
  /** AS_LINUX behind SMMUV3 or AMD_VI: nested hwpts take IOMMU_HWPT_FAULT_ID_VALID, which the hardware could do and Linux’ driver refuses (EOPNOTSUPP). */
  readonly faultCapableNested?: boolean | null | undefined;
  /** Ticks after which an invalidation that a device does not complete has timed out, from 1 to 1000000000. */
  readonly invalidationTimeoutTicks?: number | null | undefined;
  /** Translations it caches, from 1 to 65536. */
  readonly iotlbEntries?: number | null | undefined;
  /** The translation unused for longest makes room; else the one cached first. */
  readonly iotlbLru?: boolean | null | undefined;
  /** Records of its page request queue: a power of two from 2 to 32768. */
  readonly pageRequestQueueEntries?: number | null | undefined;
  /** Memory takes the records of its page request queue. Without, the queue is broken: RISC-V pqmf, SMMUv3 PRIQ_ABT_ERR. */
  readonly pageRequestQueueWritable?: boolean | null | undefined;
  /** Who reads the queue. */
  readonly service?: PrqService | null | undefined;
  /** The format of the guests’ tables. Left out: as the user data of the hwpt says. */
  readonly tableFormat?: TableFormat | null | undefined;
  /** Whose it is. */
  readonly vendor?: IommuVendor | null | undefined;
};

/** Flags of a page fault message. */
export type IommuPgfaultFlag =
  /** 4: kernel-internal, but visible: the response has to carry the PASID */
  | 'IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID'
  /** 2: the last request of its group; the answer counts for all of them */
  | 'IOMMU_PGFAULT_FLAGS_LAST_PAGE'
  /** 1: the request came with a PASID */
  | 'IOMMU_PGFAULT_FLAGS_PASID_VALID';

/** The access a page request asks for. */
export type IommuPgfaultPerm =
  /** 4: execute */
  | 'IOMMU_PGFAULT_PERM_EXEC'
  /** 8: in privileged mode */
  | 'IOMMU_PGFAULT_PERM_PRIV'
  /** 1: read */
  | 'IOMMU_PGFAULT_PERM_READ'
  /** 2: write */
  | 'IOMMU_PGFAULT_PERM_WRITE';

/** Kind of a range of IOVAs a device cannot use for DMA (enum iommu_resv_type). */
export type IommuResvType =
  /** Firmware demands a 1:1 mapping; such a device cannot be bound. */
  | 'IOMMU_RESV_DIRECT'
  /** As IOMMU_RESV_DIRECT, but may be given up: not reserved. */
  | 'IOMMU_RESV_DIRECT_RELAXABLE'
  /** The hardware takes writes there for interrupts. */
  | 'IOMMU_RESV_MSI'
  /** Never to be mapped. */
  | 'IOMMU_RESV_RESERVED'
  /** Software maps the interrupt doorbell there. */
  | 'IOMMU_RESV_SW_MSI';

/** Whose records, queue arithmetic and automatic answers an IOMMU has. */
export type IommuVendor =
  /** AMD-Vi: PPR log, COMPLETE_PPR_REQUEST. */
  | 'AMD_VI'
  /** No product: it keeps the whole contract of the fault path, in VT-d formats. */
  | 'CONFORMING'
  /** RISC-V IOMMU: page-request queue, ATS.PRGR. */
  | 'RISCV'
  /** Arm SMMUv3: PRI queue and CMD_PRI_RESP; stalls, event queue and CMD_RESUME. */
  | 'SMMUV3'
  /** Intel VT-d: page request queue, page group response. */
  | 'VTD';

/** Flags of IOMMU_HWPT_GET_DIRTY_BITMAP. */
export type IommufdHwptGetDirtyBitmapFlag =
  /** 1: leave the dirty bits as they are; without it they are cleared */
  | 'IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR';

/** Flags of IOMMU_HWPT_SET_DIRTY_TRACKING. */
export type IommufdHwptSetDirtyTrackingFlag =
  /** 1: switch tracking on; without it, off */
  | 'IOMMU_HWPT_DIRTY_TRACKING_ENABLE';

/** Flags of IOMMU_IOAS_MAP and _COPY: what the mapping permits, and whether its place is wanted. */
export type IommufdIoasMapFlag =
  /** 1: map at the IOVA given; without it the kernel chooses the lowest that fits */
  | 'IOMMU_IOAS_MAP_FIXED_IOVA'
  /** 4: devices may read */
  | 'IOMMU_IOAS_MAP_READABLE'
  /** 2: devices may write */
  | 'IOMMU_IOAS_MAP_WRITEABLE';

/** What IOMMU_OPTION reads or sets. */
export type IommufdOption =
  /** 1: whether an IOAS may use large pages: 0 no, 1 yes; objectId is the IOAS */
  | 'IOMMU_OPTION_HUGE_PAGES'
  /** 0: how locked memory is counted: 0 per user, 1 per process; objectId is 0 */
  | 'IOMMU_OPTION_RLIMIT_MODE';

/** What IOMMU_OPTION does. */
export type IommufdOptionOp =
  /** 1: read the value */
  | 'IOMMU_OPTION_OP_GET'
  /** 0: set the value */
  | 'IOMMU_OPTION_OP_SET';

/** The answer to an iopf group. */
export type IommufdPageResponseCode =
  /** 1: the pages cannot be had; the device must not ask again */
  | 'IOMMUFD_PAGE_RESP_INVALID'
  /** 0: the pages are there now; the device tries again */
  | 'IOMMUFD_PAGE_RESP_SUCCESS'
  /** 2: the kernel's own, refused from user space (EINVAL): the device stops sending page requests */
  | 'IOMMU_PAGE_RESP_FAILURE';

/** What IOMMU_VFIO_IOAS does. */
export type IommufdVfioIoasOp =
  /** 2: choose none */
  | 'IOMMU_VFIO_IOAS_CLEAR'
  /** 0: read which IOAS it is */
  | 'IOMMU_VFIO_IOAS_GET'
  /** 1: choose the IOAS */
  | 'IOMMU_VFIO_IOAS_SET';

/** What became of an iopf group. */
export type IopfGroupUpdateKind =
  /** Somebody answered it (OBSERVE only). */
  | 'ANSWERED'
  /** HANDLE: it is yours to answer with its cookie. OBSERVE: somebody read it. */
  | 'DELIVERED'
  /** It waits in the fault queue (OBSERVE only). */
  | 'QUEUED'
  /** The kernel answered INVALID for it: detach, replace or destroy. Its cookie is no longer valid. */
  | 'TAKEN_AWAY';

/** What a subscription to iopf groups is. */
export type IopfGroupsMode =
  /** A process reading the fault queue’s file: each group delivered was read by a faultRead, is held by this subscriber and awaits its faultWrite. Several handlers compete. */
  | 'HANDLE'
  /** Sees the same groups and their fates and consumes nothing. */
  | 'OBSERVE';

/** A range of IOVAs, both ends inclusive (struct iommu_iova_range). */
export type IovaRangeInput = {
  /** Last IOVA. */
  readonly last: Hex;
  /** First IOVA. */
  readonly start: Hex;
};

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

/** What machine to make. */
export type MachineCreateInput = {
  /** The kernel whose behaviour it has. */
  readonly baseline?: Baseline | null | undefined;
  /** PCI functions it has from the start, at most 256; a groupWith or physfn comes before its user. */
  readonly devices?: ReadonlyArray<PciDeviceInput> | null | undefined;
  /** IOMMUs whose queues and caches are modelled, at most 64. Left out: page requests are declared by pageRequest. */
  readonly iommus?: ReadonlyArray<IommuInput> | null | undefined;
  /** Its name. */
  readonly machineId: string;
  /** Choices for this machine. Left out: as Linux does it. */
  readonly policies?: PoliciesInput | null | undefined;
  /** Makes it ready for a fault; without `devices` and `iommus`, which it brings. */
  readonly scenario?: Scenario | null | undefined;
};

/** Which machine to forget. */
export type MachineDeleteInput = {
  /** Its name. */
  readonly machineId: string;
};

/** User addresses that exist, both ends inclusive, in whole pages. */
export type MemoryRegionInput = {
  /** Last address, one below a multiple of the page size, not below start. */
  readonly last: Hex;
  /** Bytes of a page, a power of two from 4096 on; larger ones are huge pages. */
  readonly pageSize?: number | null | undefined;
  /** No PROT_WRITE: to pin it for a mapping that may be written to is EFAULT. */
  readonly readOnly?: boolean | null | undefined;
  /** First address, a multiple of the page size. */
  readonly start: Hex;
};

/** What an access of the self-test is like. */
export type MockAccessCreateFlag =
  /** 1: it may pin pages; the areas of its IOAS must then be page aligned */
  | 'MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES';

/** What pages are pinned for. */
export type MockAccessPagesFlag =
  /** 1: writing; the areas must be writeable. Without it, for reading */
  | 'MOCK_FLAGS_ACCESS_WRITE';

/** How an access reads or writes. */
export type MockAccessRwFlag =
  /** 4: pin all pages first; without it, what comes before a missing page is copied */
  | 'MOCK_ACCESS_RW_SLOW_PATH'
  /** 1: write; without it, read */
  | 'MOCK_ACCESS_RW_WRITE';

/** What a mock device is like. */
export type MockDeviceFlag =
  /** 2: its domains have 1 MiB pages too; refused where the kernel no longer has it */
  | 'MOCK_FLAGS_DEVICE_HUGE_IOVA'
  /** 1: it cannot track dirty pages */
  | 'MOCK_FLAGS_DEVICE_NO_DIRTY'
  /** 1024: not in the stock driver: its driver refuses the IOPF feature with ENODEV */
  | 'MOCK_FLAGS_DEVICE_NO_IOPF'
  /** 4: it has PASIDs of 20 bits; refused where the kernel does not have it yet */
  | 'MOCK_FLAGS_DEVICE_PASID'
  /** 256: not in the stock driver: it joins the IOMMU group of the mock device created last */
  | 'MOCK_FLAGS_DEVICE_SHARED_GROUP'
  /** 512: not in the stock driver: it counts as a PCI virtual function */
  | 'MOCK_FLAGS_DEVICE_VIRTFN';

/** Arguments of option (struct iommu_option). */
export type OptionInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The object it is an option of; 0: of the context. */
  readonly objectId?: number | null | undefined;
  /** What to do. This or rawOp. */
  readonly op?: IommufdOptionOp | null | undefined;
  /** The option. This or rawOptionId. */
  readonly optionId?: IommufdOption | null | undefined;
  /** As a number, for values that have no name. */
  readonly rawOp?: number | null | undefined;
  /** As a number, for values that have no name. */
  readonly rawOptionId?: number | null | undefined;
  /** The value to set. */
  readonly val64?: Hex | null | undefined;
};

/** Arguments of pageRequest. */
export type PageRequestInput = {
  /** The page. */
  readonly addr: Hex;
  /** Who sends it. */
  readonly bdf: string;
  /** Page request group index. */
  readonly grpid: number;
  /** Stop once the handler is found, so that other operations can come between; pageRequestResume goes on. */
  readonly hold?: boolean | null | undefined;
  /** The last request of its group. */
  readonly lastPage?: boolean | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The PASID prefix. Left out: a request without one. */
  readonly pasid?: number | null | undefined;
  /** The access asked for. Left out: READ. None at all, `[]`, with a PASID and as the last page, is a stop marker. */
  readonly perm?: ReadonlyArray<IommuPgfaultPerm> | null | undefined;
};

/** What became of a page request. */
export type PageRequestOutcome =
  /** Held between look-up and queue, as asked for: pageRequestResume goes on. */
  | 'IN_FLIGHT'
  /** It reached no queue; the IOMMU may have answered it by itself. */
  | 'LOST'
  /** Not sent: PRI is off until a fault-capable hwpt is attached through this device. */
  | 'PRI_DISABLED'
  /** It stands in the page request queue of its IOMMU until prqServe. */
  | 'QUEUED'
  /** It reached the page-fault core; reportErrno is what that answered. */
  | 'REPORTED'
  /** A stop marker (last page, no read, no write, with PASID): dropped, no response. */
  | 'STOP_MARKER_DROPPED'
  /** Policy EMULATED_PRI: the function’s PRI failed before. Not delivered, answered INVALID; vpriReset lets requests through again. */
  | 'VPRI_FAILED';

/** The answer to one group: 8 bytes (struct iommu_hwpt_page_response). */
export type PageResponseInput = {
  /** The answer. This or rawCode. */
  readonly code?: IommufdPageResponseCode | null | undefined;
  /** The cookie of the group’s messages. */
  readonly cookie: number;
  /** The group that is meant. The kernel knows cookies alone, and gives one again once its group is gone: with this, an answer that comes too late is refused (EINVAL) and cannot hit another group. */
  readonly iopfGroupId?: number | null | undefined;
  /** The answer as a number. */
  readonly rawCode?: number | null | undefined;
};

/** A PCI function to add, behind an IOMMU that keeps the whole contract of iommufd. */
export type PciDeviceInput = {
  /** Where it is. */
  readonly bdf: string;
  /** Its IOMMU can track dirty pages. */
  readonly dirtyTracking?: boolean | null | undefined;
  /** DMA is cache-coherent. Without, binding is EINVAL. */
  readonly dmaCoherent?: boolean | null | undefined;
  /** A PCI function whose IOMMU group it joins. Left out: a group of its own. */
  readonly groupWith?: string | null | undefined;
  /** What it is behind a modelled IOMMU. Left out: its page requests are declared by pageRequest. */
  readonly hardware?: PciFunctionHardwareInput | null | undefined;
  /** Its IOMMU group isolates MSIs. Without, binding is EPERM. */
  readonly msiIsolated?: boolean | null | undefined;
  /** Its physical function, if it is a virtual function. */
  readonly physfn?: string | null | undefined;
  /** It can send page requests (PRI). Without, attaching a fault-capable hwpt is ENODEV. */
  readonly pri?: boolean | null | undefined;
  /** Ranges to keep free in every IOAS it is attached to, at most 64. */
  readonly reservedRegions?: ReadonlyArray<ReservedRegionInput> | null | undefined;
};

/** What a PCI function is behind a modelled IOMMU. */
export type PciFunctionHardwareInput = {
  /** Its ATS. Left out: as the defaults have it. */
  readonly ats?: AtsInput | null | undefined;
  /** It has ATS, which is then on. */
  readonly hasAts?: boolean | null | undefined;
  /** The IOMMU it is behind: its place in machineCreate’s list, from 0. */
  readonly iommu: number;
  /** log2 of how many PASIDs it has, from 0 (none) to 20. */
  readonly pasidWidth?: number | null | undefined;
  /** Outstanding Page Request Capacity, from 1 to 4096. */
  readonly priCapacity?: number | null | undefined;
  /** Its transactions stall in the IOMMU (SMMUv3); it sends no page requests. */
  readonly stall?: boolean | null | undefined;
};

/** Choices the review of the kernel patch discusses. */
export type PoliciesInput = {
  /** What a replace away from a fault-capable hwpt answers. */
  readonly autoResponse?: AutoResponsePolicy | null | undefined;
  /** What the IOMMU driver does with page requests in flight. */
  readonly inFlightRequests?: InFlightPolicy | null | undefined;
  /** What becomes of virtual functions. */
  readonly virtualFunctions?: VirtualFunctionPolicy | null | undefined;
};

/** Which page request group index a device takes. */
export type PrgIndexChoice =
  /** Always the same: a broken device. */
  | 'FIXED'
  /** The lowest that is not outstanding. */
  | 'NEXT_FREE'
  /** The next after the one used last. */
  | 'ROUND_ROBIN';

/** What iommufd needs to know of the process that opens a context. */
export type ProcessInput = {
  /** CAP_IPC_LOCK: what it pins is not counted. */
  readonly capIpcLock?: boolean | null | undefined;
  /** CAP_SYS_RESOURCE: it may set IOMMU_OPTION_RLIMIT_MODE, else EPERM. */
  readonly capSysResource?: boolean | null | undefined;
  /** Its memory, ascending, no two regions overlapping; at most 1024 regions. Left out: 16 MiB at 0x10000000. */
  readonly memory?: ReadonlyArray<MemoryRegionInput> | null | undefined;
  /** A number for the process: contexts that give the same one count locked memory together in RLIMIT_MODE 1. Left out: a process of its own. */
  readonly processId?: number | null | undefined;
  /** RLIMIT_MEMLOCK in bytes: more locked is ENOMEM. Left out: unlimited. */
  readonly rlimitMemlock?: Hex | null | undefined;
  /** Which addresses exist is one for all contexts that name the process and say so, also if a program under faultline run is that process; `memory` counts only if nothing is known of it yet. What the memory holds is each context’s own. */
  readonly sharesMemory?: boolean | null | undefined;
  /** The user whose locked memory is counted, over all its contexts. */
  readonly userId?: number | null | undefined;
};

/** Who runs the driver’s interrupt thread, which reads the page request queue. */
export type PrqService =
  /** It runs at each request. */
  | 'IMMEDIATE'
  /** prqServe runs it, so that the queue can overflow. */
  | 'MANUAL';

/** Arguments of replayAnswer: those of faultWrite, with the replay for the machine. */
export type ReplayAnswerInput = {
  /** The context. */
  readonly contextId: number;
  /** The fault queue. */
  readonly faultId: number;
  /** The replay, as its first item names it. */
  readonly replayId: string;
  /** The answers, at most 4096. */
  readonly responses: ReadonlyArray<PageResponseInput>;
};

/** What an item of a replay is. */
export type ReplayItemKind =
  /** In the record a program answers the group now. */
  | 'ANSWERED'
  /** A group was read: it is yours to answer with its cookie, by replayAnswer. */
  | 'DELIVERED'
  /** An event that is none of the three below. */
  | 'EVENT'
  /** The last item: how your answers compare. */
  | 'FINISHED'
  /** The first item: its replayId is what you need. */
  | 'STARTED'
  /** The kernel answers INVALID for the group: detach, replace or destroy. Its cookie, if it was read, is no longer valid. */
  | 'TAKEN_AWAY';

/** Arguments of replayStep: either events or operations. */
export type ReplayStepInput = {
  /** So many events more, from 1 to 1000000. */
  readonly events?: number | null | undefined;
  /** Up to the end of so many operations more, from 1 to 1000000; what is left of one that has begun counts as one. */
  readonly operations?: number | null | undefined;
  /** The replay, as its first item names it. */
  readonly replayId: string;
};

/** How an answer in a replay compares with the record. */
export type ReplayVerdict =
  /** Answered with another code than in the record. */
  | 'OTHER_CODE'
  /** Answered, and in the record the kernel answers INVALID by itself later: detach, replace or destroy takes the group away before anybody has answered. */
  | 'RECORDED_AUTOMATIC'
  /** Answered, and in the record nobody answers before the end of the range. */
  | 'RECORDED_UNANSWERED'
  /** The machine’s kernel refuses the code, which it checks first; the cookie stays as it was. faultWrite would give EINVAL. */
  | 'REFUSED_CODE'
  /** Answered as in the record. */
  | 'SAME_CODE'
  /** Too late: the kernel had answered the group by itself, or the queue’s file was closed. faultWrite would be refused. */
  | 'TOO_LATE'
  /** No answer came until the replay ended, or until another group had the cookie. */
  | 'UNANSWERED'
  /** No group that awaits an answer has the cookie: it was not read yet, is answered already, or never was. faultWrite would give EINVAL. */
  | 'UNKNOWN_COOKIE';

/** A range of IOVAs the device cannot use for DMA, both ends inclusive. */
export type ReservedRegionInput = {
  /** Last IOVA, not below start. */
  readonly last: Hex;
  /** First IOVA. */
  readonly start: Hex;
  /** Its kind. */
  readonly type: IommuResvType;
};

/** Machines that are ready for a fault. */
export type Scenario =
  /** 0000:01:00.0 with ATS and PRI behind a modelled IOMMU, on a nested hwpt whose table is empty, and 1 MiB of guest memory: dma makes the first fault. */
  | 'HARDWARE_FAULTS'
  /** The default functions; 0000:01:00.0 is on a nested hwpt whose faults go to a queue: pageRequest makes the first fault. */
  | 'NESTED_FAULTS'
  /** As NESTED_FAULTS, twice: 0000:01:00.0 and 0000:02:00.0, each in a context of its own with its own queue. */
  | 'TWO_QUEUES';

/** The format of a guest’s first-stage page table. */
export type TableFormat =
  /** SMMUv3 stage 1, 4 KiB granule, 48 bits. */
  | 'ARM_4K'
  /** RISC-V Sv39. */
  | 'RISCV_SV39'
  /** RISC-V Sv48. */
  | 'RISCV_SV48'
  /** RISC-V Sv57. */
  | 'RISCV_SV57'
  /** VT-d first stage, 48 bits. */
  | 'VTD_4_LEVELS'
  /** VT-d first stage, 57 bits. */
  | 'VTD_5_LEVELS';

/** Arguments of testAccessClose. */
export type TestAccessCloseInput = {
  /** The access whose file is closed. */
  readonly accessId: number;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of testAccessPages. */
export type TestAccessPagesInput = {
  /** The access whose file is meant. EBADFD if there is none. */
  readonly accessId: number;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** What they are pinned for. */
  readonly flags?: ReadonlyArray<MockAccessPagesFlag> | null | undefined;
  /** First IOVA. */
  readonly iova: Hex;
  /** Bytes, not 0; more than 0x1000000 is ENOMEM. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
};

/** Arguments of testAccessReplaceIoas. */
export type TestAccessReplaceIoasInput = {
  /** The access whose file is meant. EBADFD if there is none. */
  readonly accessId: number;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The IOAS to move to. */
  readonly ioasId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of testAccessRw. */
export type TestAccessRwInput = {
  /** The access whose file is meant. EBADFD if there is none. */
  readonly accessId: number;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** What each byte of a write is set to, 0 to 255. */
  readonly fill?: number | null | undefined;
  /** How; left out, it reads. */
  readonly flags?: ReadonlyArray<MockAccessRwFlag> | null | undefined;
  /** First IOVA. */
  readonly iova: Hex;
  /** Bytes, not 0; more than 0x1000000 is ENOMEM. A read has at most 0x10000. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
};

/** Arguments of testAddReserved. */
export type TestAddReservedInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The IOAS. */
  readonly ioasId: number;
  /** Bytes. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** First IOVA. */
  readonly start: Hex;
};

/** Arguments of testCreateAccess. */
export type TestCreateAccessInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** What the access is like. */
  readonly flags?: ReadonlyArray<MockAccessCreateFlag> | null | undefined;
  /** The IOAS. */
  readonly ioasId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
};

/** Arguments of testDestroyAccessPages. */
export type TestDestroyAccessPagesInput = {
  /** The access whose file is meant. EBADFD if there is none. */
  readonly accessId: number;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The pin. */
  readonly itemId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of testDirty. */
export type TestDirtyInput = {
  /** Which of the first 64 pages, bit 0 the page at `iova`. */
  readonly bitmap: Hex;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** A paging hwpt made with IOMMU_HWPT_ALLOC_DIRTY_TRACKING. */
  readonly hwptId: number;
  /** First IOVA. */
  readonly iova: Hex;
  /** Bytes. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Which pages above them: bytes as hex digits, the first byte first and its lowest bit first, with no 0x. Left out: none. */
  readonly moreBits?: string | null | undefined;
  /** Bytes one bit stands for. */
  readonly pageSize?: Hex | null | undefined;
};

/** Arguments of testMdCheckIotlb. */
export type TestMdCheckIotlbInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** A nested hwpt. */
  readonly hwptId: number;
  /** What it should be. */
  readonly iotlb: number;
  /** The word, 0 to 3. */
  readonly iotlbId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of testMdCheckMap. */
export type TestMdCheckMapInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** A paging hwpt. */
  readonly hwptId: number;
  /** First IOVA. */
  readonly iova: Hex;
  /** Bytes; 0x0 succeeds. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** User address that should be behind the first IOVA. */
  readonly userVa: Hex;
};

/** Arguments of testMdCheckRefs. */
export type TestMdCheckRefsInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Bytes; 0x0 succeeds. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Pins that each page should have. */
  readonly refs: number;
  /** First user address. */
  readonly userVa: Hex;
};

/** Arguments of testMockDomain. */
export type TestMockDomainInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** What the device is like. */
  readonly devFlags?: ReadonlyArray<MockDeviceFlag> | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** A hwpt, or an IOAS: then an automatic hwpt on it is found or made. */
  readonly ptId: number;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawDevFlags?: number | null | undefined;
};

/** Arguments of testMockDomainReplace. */
export type TestMockDomainReplaceInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** A hwpt or an IOAS. */
  readonly ptId: number;
  /** The self-test’s handle. */
  readonly stdevId: number;
};

/** Arguments of testPasidAttach. */
export type TestPasidAttachInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The PASID. With MOCK_FLAGS_DEVICE_PASID a mock device has 0 to 1048575, without it 0 alone, which is the RID. 1024 is there for tests: every second time that it is set is ENOMEM. */
  readonly pasid: number;
  /** A hwpt made with IOMMU_HWPT_ALLOC_PASID. An IOAS is for PASID 0 alone: automatic hwpts are not for PASIDs. */
  readonly ptId: number;
  /** The self-test’s handle of a mock device. */
  readonly stdevId: number;
};

/** Arguments of testPasidCheckHwpt. */
export type TestPasidCheckHwptInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** What it should be attached to; 0: to nothing. */
  readonly hwptId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The PASID. With MOCK_FLAGS_DEVICE_PASID a mock device has 0 to 1048575, without it 0 alone, which is the RID. 1024 is there for tests: every second time that it is set is ENOMEM. */
  readonly pasid: number;
  /** The self-test’s handle of a mock device. */
  readonly stdevId: number;
};

/** Arguments of testPasidDetach. */
export type TestPasidDetachInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The PASID. With MOCK_FLAGS_DEVICE_PASID a mock device has 0 to 1048575, without it 0 alone, which is the RID. 1024 is there for tests: every second time that it is set is ENOMEM. */
  readonly pasid: number;
  /** The self-test’s handle of a mock device. */
  readonly stdevId: number;
};

/** Arguments of testPasidReplace. */
export type TestPasidReplaceInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The PASID. With MOCK_FLAGS_DEVICE_PASID a mock device has 0 to 1048575, without it 0 alone, which is the RID. 1024 is there for tests: every second time that it is set is ENOMEM. */
  readonly pasid: number;
  /** A hwpt made with IOMMU_HWPT_ALLOC_PASID. An IOAS is for PASID 0 alone: automatic hwpts are not for PASIDs. */
  readonly ptId: number;
  /** The self-test’s handle of a mock device. */
  readonly stdevId: number;
};

/** Arguments of testSetTempMemoryLimit. */
export type TestSetTempMemoryLimitInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Bytes, 12 or more. */
  readonly limit: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of testTriggerIopf. The kernel checks none of the request’s fields. */
export type TestTriggerIopfInput = {
  /** The page. */
  readonly addr: Hex;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The DEVICE object. */
  readonly devId: number;
  /** Page request group index. */
  readonly grpid: number;
  /** The last request of its group; the stock driver always sends the last. */
  readonly lastPage?: boolean | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** 0: without a PASID. */
  readonly pasid?: number | null | undefined;
  /** The access asked for. Left out: none, as in a struct of zeros. */
  readonly perm?: ReadonlyArray<IommuPgfaultPerm> | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawPerm?: number | null | undefined;
};

/** Arguments of vfioIoas (struct iommu_vfio_ioas). */
export type VfioIoasInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The IOAS to choose; looked at only with IOMMU_VFIO_IOAS_SET. */
  readonly ioasId?: number | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** What to do. This or rawOp. */
  readonly op?: IommufdVfioIoasOp | null | undefined;
  /** As a number, for values that have no name. */
  readonly rawOp?: number | null | undefined;
};

/** What becomes of virtual functions and fault-capable hwpts. */
export type VirtualFunctionPolicy =
  /** Refused as the kernel refuses them. */
  | 'AS_BASELINE'
  /** Each has an emulated PRI: a failure is not passed to the hardware, and what the function sends after it is answered INVALID and not delivered, until vpriReset or until PRI is turned on again. Implemented in no kernel. */
  | 'EMULATED_PRI';

export type DriveDeviceQueryVariables = Exact<{
  machineId: string;
  bdf: string;
}>;


export type DriveDeviceQuery = { readonly machine: { readonly seq: number, readonly hazardCount: number, readonly pciDevice:
      | { readonly deviceNo: number, readonly priState: { readonly allocation: number } | null, readonly device: { readonly context: { readonly contextId: number }, readonly hwpt:
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number } | null }
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number } | null }
           | null } | null }
      | Record<PropertyKey, never>
     | null } };

export type DrivePageRequestMutationVariables = Exact<{
  input: PageRequestInput;
}>;


export type DrivePageRequestMutation = { readonly result:
    | { readonly message: string, readonly errno: Errno | null }
    | { readonly outcome: PageRequestOutcome, readonly reportErrno: Errno | null, readonly errno: Errno | null }
   | null };

export type DriveDmaMutationVariables = Exact<{
  input: DmaInput;
}>;


export type DriveDmaMutation = { readonly result:
    | { readonly dmaId: number, readonly state: DmaState, readonly errno: Errno | null }
    | { readonly message: string, readonly errno: Errno | null }
   | null };

export type DriveEventsSubscriptionVariables = Exact<{
  machineId: string;
  after: number;
}>;


export type DriveEventsSubscription = { readonly events: { readonly seq: number, readonly type: EventType, readonly data: JsonValue, readonly operation: { readonly at: string } } };

export type DriveScenarioMutationVariables = Exact<{
  input: MachineCreateInput;
}>;


export type DriveScenarioMutation = { readonly result:
    | { readonly errno: Errno | null }
    | { readonly errno: Errno | null, readonly queues: ReadonlyArray<{ readonly bdf: string, readonly contextId: number, readonly faultId: number, readonly hwptId: number }> }
   | null };

export type DriveHazardsQueryVariables = Exact<{
  machineId: string;
}>;


export type DriveHazardsQuery = { readonly machine: { readonly hazardCount: number, readonly hazards: ReadonlyArray<{ readonly name: HazardName, readonly function: string, readonly detail: string }>, readonly refusedAnswers: { readonly totalCount: number, readonly edges: ReadonlyArray<{ readonly node: { readonly number: number, readonly errno: Errno | null } }> } } };

export type MakeModelledMutationVariables = Exact<{
  machineId: string;
  iommu: IommuInput;
  function: PciFunctionHardwareInput;
}>;


export type MakeModelledMutation = { readonly machineCreate:
    | Unrefused_KernelError_Fragment
    | Unrefused_MachineCreatePayload_Fragment
   | null, readonly contextOpen:
    | Unrefused_ContextOpenPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null, readonly deviceBind:
    | Unrefused_DeviceBindPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null, readonly ioasAlloc:
    | Unrefused_IoasAllocPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null, readonly parent:
    | Unrefused_HwptAllocPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null, readonly faultQueueAlloc:
    | Unrefused_FaultQueueAllocPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null, readonly nested:
    | Unrefused_HwptAllocPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null, readonly ioasMap:
    | Unrefused_IoasMapPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null, readonly deviceAttach:
    | Unrefused_DeviceAttachPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null };

type Unrefused_AtcInvalidatePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_AtsDisablePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_AtsEnablePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_ContextClosePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_ContextOpenPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DestroyPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DeviceAttachPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DeviceBindPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DeviceDetachPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DeviceProgramLoadPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DeviceReplacePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DeviceResetPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DeviceRunPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DeviceUnbindPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_DmaPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_FaultClosePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_FaultPollPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_FaultQueueAllocPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_FaultReadPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_FaultWritePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_GetHwInfoPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_GuestMapPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_GuestUnmapPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_GuestWritePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_HardwareAdvancePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_HwptAllocPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_HwptGetDirtyBitmapPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_HwptInvalidatePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_HwptSetDirtyTrackingPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_IoasAllocPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_IoasAllowIovasPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_IoasCopyPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_IoasIovaRangesPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_IoasMapPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_IoasUnmapPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_KernelError_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_MachineCreatePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_OptionPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_PageRequestPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_PageRequestResumePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_PciDeviceAddPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_PciDeviceRemovePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_PriDisablePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_PriEnablePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_PriResetPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_PrqServePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_PrqSwitchPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_QueueErrorClearPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_StallResumePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_StallTerminatePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestAccessClosePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestAccessPagesPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestAccessReplaceIoasPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestAccessRwPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestAddReservedPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestCreateAccessPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestDestroyAccessPagesPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestDirtyPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestMdCheckIotlbPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestMdCheckMapPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestMdCheckRefsPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestMockDomainPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestMockDomainReplacePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestPasidAttachPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestPasidCheckHwptPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestPasidDetachPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestPasidReplacePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestSetTempMemoryLimitPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_TestTriggerIopfPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_UserMemoryChangePayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_VfioCheckExtensionPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_VfioGetApiVersionPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_VfioGetInfoPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_VfioIoasPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_VfioMapDmaPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_VfioSetIommuPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_VfioUnmapDmaPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

type Unrefused_VpriResetPayload_Fragment = { readonly seq: number, readonly errno: Errno | null };

export type UnrefusedFragment =
  | Unrefused_AtcInvalidatePayload_Fragment
  | Unrefused_AtsDisablePayload_Fragment
  | Unrefused_AtsEnablePayload_Fragment
  | Unrefused_ContextClosePayload_Fragment
  | Unrefused_ContextOpenPayload_Fragment
  | Unrefused_DestroyPayload_Fragment
  | Unrefused_DeviceAttachPayload_Fragment
  | Unrefused_DeviceBindPayload_Fragment
  | Unrefused_DeviceDetachPayload_Fragment
  | Unrefused_DeviceProgramLoadPayload_Fragment
  | Unrefused_DeviceReplacePayload_Fragment
  | Unrefused_DeviceResetPayload_Fragment
  | Unrefused_DeviceRunPayload_Fragment
  | Unrefused_DeviceUnbindPayload_Fragment
  | Unrefused_DmaPayload_Fragment
  | Unrefused_FaultClosePayload_Fragment
  | Unrefused_FaultPollPayload_Fragment
  | Unrefused_FaultQueueAllocPayload_Fragment
  | Unrefused_FaultReadPayload_Fragment
  | Unrefused_FaultWritePayload_Fragment
  | Unrefused_GetHwInfoPayload_Fragment
  | Unrefused_GuestMapPayload_Fragment
  | Unrefused_GuestUnmapPayload_Fragment
  | Unrefused_GuestWritePayload_Fragment
  | Unrefused_HardwareAdvancePayload_Fragment
  | Unrefused_HwptAllocPayload_Fragment
  | Unrefused_HwptGetDirtyBitmapPayload_Fragment
  | Unrefused_HwptInvalidatePayload_Fragment
  | Unrefused_HwptSetDirtyTrackingPayload_Fragment
  | Unrefused_IoasAllocPayload_Fragment
  | Unrefused_IoasAllowIovasPayload_Fragment
  | Unrefused_IoasCopyPayload_Fragment
  | Unrefused_IoasIovaRangesPayload_Fragment
  | Unrefused_IoasMapPayload_Fragment
  | Unrefused_IoasUnmapPayload_Fragment
  | Unrefused_KernelError_Fragment
  | Unrefused_MachineCreatePayload_Fragment
  | Unrefused_OptionPayload_Fragment
  | Unrefused_PageRequestPayload_Fragment
  | Unrefused_PageRequestResumePayload_Fragment
  | Unrefused_PciDeviceAddPayload_Fragment
  | Unrefused_PciDeviceRemovePayload_Fragment
  | Unrefused_PriDisablePayload_Fragment
  | Unrefused_PriEnablePayload_Fragment
  | Unrefused_PriResetPayload_Fragment
  | Unrefused_PrqServePayload_Fragment
  | Unrefused_PrqSwitchPayload_Fragment
  | Unrefused_QueueErrorClearPayload_Fragment
  | Unrefused_StallResumePayload_Fragment
  | Unrefused_StallTerminatePayload_Fragment
  | Unrefused_TestAccessClosePayload_Fragment
  | Unrefused_TestAccessPagesPayload_Fragment
  | Unrefused_TestAccessReplaceIoasPayload_Fragment
  | Unrefused_TestAccessRwPayload_Fragment
  | Unrefused_TestAddReservedPayload_Fragment
  | Unrefused_TestCreateAccessPayload_Fragment
  | Unrefused_TestDestroyAccessPagesPayload_Fragment
  | Unrefused_TestDirtyPayload_Fragment
  | Unrefused_TestMdCheckIotlbPayload_Fragment
  | Unrefused_TestMdCheckMapPayload_Fragment
  | Unrefused_TestMdCheckRefsPayload_Fragment
  | Unrefused_TestMockDomainPayload_Fragment
  | Unrefused_TestMockDomainReplacePayload_Fragment
  | Unrefused_TestPasidAttachPayload_Fragment
  | Unrefused_TestPasidCheckHwptPayload_Fragment
  | Unrefused_TestPasidDetachPayload_Fragment
  | Unrefused_TestPasidReplacePayload_Fragment
  | Unrefused_TestSetTempMemoryLimitPayload_Fragment
  | Unrefused_TestTriggerIopfPayload_Fragment
  | Unrefused_UserMemoryChangePayload_Fragment
  | Unrefused_VfioCheckExtensionPayload_Fragment
  | Unrefused_VfioGetApiVersionPayload_Fragment
  | Unrefused_VfioGetInfoPayload_Fragment
  | Unrefused_VfioIoasPayload_Fragment
  | Unrefused_VfioMapDmaPayload_Fragment
  | Unrefused_VfioSetIommuPayload_Fragment
  | Unrefused_VfioUnmapDmaPayload_Fragment
  | Unrefused_VpriResetPayload_Fragment
;

export type DmaReadMutationVariables = Exact<{
  machineId: string;
  iova: Hex;
  options?: DmaOptionsInput | null | undefined;
}>;


export type DmaReadMutation = { readonly dma:
    | { readonly dmaId: number, readonly state: DmaState }
    | Record<PropertyKey, never>
   | null };

export type ProgramLoadAndRunMutationVariables = Exact<{
  machineId: string;
  ops: ReadonlyArray<DeviceProgramOpInput>;
  options?: DeviceProgramOptionsInput | null | undefined;
}>;


export type ProgramLoadAndRunMutation = { readonly deviceProgramLoad:
    | Unrefused_DeviceProgramLoadPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null, readonly deviceRun:
    | { readonly state: DeviceProgramState, readonly next: number }
    | Record<PropertyKey, never>
   | null };

export type BenchModelledGroupsSubscriptionVariables = Exact<{
  machineId: string;
  maxInFlight: number;
}>;


export type BenchModelledGroupsSubscription = { readonly update: { readonly kind: IopfGroupUpdateKind, readonly iopfGroup: { readonly cookie: number | null, readonly messages: ReadonlyArray<{ readonly addr: Hex }> } } };

export type MapAndAnswerMutationVariables = Exact<{
  machineId: string;
  iova: Hex;
  cookie: number;
}>;


export type MapAndAnswerMutation = { readonly guestMap:
    | Unrefused_GuestMapPayload_Fragment
    | Unrefused_KernelError_Fragment
   | null, readonly answer:
    | { readonly bytes: number, readonly events: ReadonlyArray<{ readonly type: EventType }> }
    | Record<PropertyKey, never>
   | null };

export type HardwareTimeQueryVariables = Exact<{
  machineId: string;
}>;


export type HardwareTimeQuery = { readonly machine: { readonly seq: number, readonly tick: number, readonly hazards: ReadonlyArray<{ readonly name: HazardName }>, readonly last: { readonly edges: ReadonlyArray<{ readonly node: { readonly command: string } }> } } };

export type PageRequestMutationVariables = Exact<{
  input: PageRequestInput;
}>;


export type PageRequestMutation = { readonly result:
    | { readonly outcome: PageRequestOutcome }
    | Record<PropertyKey, never>
   | null };

export type PageRequestsLoggedMutationVariables = Exact<{
  first: PageRequestInput;
  second: PageRequestInput;
}>;


export type PageRequestsLoggedMutation = { readonly first:
    | { readonly operation: LoggedFragment }
    | Record<PropertyKey, never>
   | null, readonly second:
    | { readonly operation: LoggedFragment }
    | Record<PropertyKey, never>
   | null };

export type BenchPageRequestMutationVariables = Exact<{
  addr: Hex;
}>;


export type BenchPageRequestMutation = { readonly pageRequest:
    | { readonly outcome: PageRequestOutcome }
    | Record<PropertyKey, never>
   | null };

export type GetHwInfoMutationVariables = Exact<{
  input: GetHwInfoInput;
}>;


export type GetHwInfoMutation = { readonly result:
    | { readonly outDataType: IommuHwInfoType, readonly dataLen: number, readonly data: string, readonly outMaxPasidLog2: number, readonly outCapabilities: Hex, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type FaultQueueGroupsQueryVariables = Exact<{
  contextId: number;
  faultId: number;
}>;


export type FaultQueueGroupsQuery = { readonly machine: { readonly context: { readonly object:
        | { readonly deliver: ReadonlyArray<{ readonly iopfGroupId: number }>, readonly awaitingResponse: ReadonlyArray<{ readonly iopfGroupId: number, readonly cookie: number | null, readonly reader: FaultReader | null }> }
        | Record<PropertyKey, never>
       | null } | null } };

export type FaultQueueAllocMutationVariables = Exact<{
  input: FaultQueueAllocInput;
}>;


export type FaultQueueAllocMutation = { readonly result:
    | { readonly outFaultId: number, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type FaultReadMutationVariables = Exact<{
  input: FaultReadInput;
}>;


export type FaultReadMutation = { readonly result:
    | { readonly bytes: number, readonly faults: ReadonlyArray<{ readonly devId: number, readonly pasid: number, readonly grpid: number, readonly addr: Hex, readonly length: number, readonly cookie: number, readonly flags: number, readonly perm: number }>, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type FaultWriteMutationVariables = Exact<{
  input: FaultWriteInput;
}>;


export type FaultWriteMutation = { readonly result:
    | { readonly bytes: number, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type FaultPollMutationVariables = Exact<{
  input: FaultPollInput;
}>;


export type FaultPollMutation = { readonly result:
    | { readonly readable: boolean, readonly writable: boolean, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type FaultCloseMutationVariables = Exact<{
  input: FaultCloseInput;
}>;


export type FaultCloseMutation = { readonly result:
    | { readonly contextReleased: boolean, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type AnswerGroupsMutationVariables = Exact<{
  input: FaultWriteInput;
}>;


export type AnswerGroupsMutation = { readonly result:
    | { readonly bytes: number }
    | { readonly errno: Errno | null, readonly function: string | null, readonly message: string }
   | null };

export type FaultWriteLoggedMutationVariables = Exact<{
  input: FaultWriteInput;
}>;


export type FaultWriteLoggedMutation = { readonly result:
    | { readonly operation: LoggedFragment }
    | Record<PropertyKey, never>
   | null };

export type BenchAnswerGroupMutationVariables = Exact<{
  contextId: number;
  faultId: number;
  cookie: number;
}>;


export type BenchAnswerGroupMutation = { readonly answer:
    | { readonly bytes: number, readonly events: ReadonlyArray<{ readonly type: EventType }> }
    | Record<PropertyKey, never>
   | null };

export type HwptSetDirtyTrackingMutationVariables = Exact<{
  input: HwptSetDirtyTrackingInput;
}>;


export type HwptSetDirtyTrackingMutation = { readonly result:
    | { readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type HwptGetDirtyBitmapMutationVariables = Exact<{
  input: HwptGetDirtyBitmapInput;
}>;


export type HwptGetDirtyBitmapMutation = { readonly result:
    | { readonly dirtyPages: ReadonlyArray<{ readonly start: Hex, readonly last: Hex }>, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type HwptAllocMutationVariables = Exact<{
  input: HwptAllocInput;
}>;


export type HwptAllocMutation = { readonly result:
    | { readonly outHwptId: number, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type HwptInvalidateMutationVariables = Exact<{
  input: HwptInvalidateInput;
}>;


export type HwptInvalidateMutation = { readonly result:
    | { readonly entryNum: number, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type IoasAllocMutationVariables = Exact<{
  input: IoasAllocInput;
}>;


export type IoasAllocMutation = { readonly result:
    | { readonly outIoasId: number, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type IoasMapMutationVariables = Exact<{
  input: IoasMapInput;
}>;


export type IoasMapMutation = { readonly result:
    | { readonly iova: Hex, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type IoasCopyMutationVariables = Exact<{
  input: IoasCopyInput;
}>;


export type IoasCopyMutation = { readonly result:
    | { readonly dstIova: Hex, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type IoasUnmapMutationVariables = Exact<{
  input: IoasUnmapInput;
}>;


export type IoasUnmapMutation = { readonly result:
    | { readonly length: Hex, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type IoasIovaRangesMutationVariables = Exact<{
  input: IoasIovaRangesInput;
}>;


export type IoasIovaRangesMutation = { readonly result:
    | { readonly numIovas: number, readonly outIovaAlignment: Hex, readonly allowedIovas: ReadonlyArray<{ readonly start: Hex, readonly last: Hex }>, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type IoasAllowIovasMutationVariables = Exact<{
  input: IoasAllowIovasInput;
}>;


export type IoasAllowIovasMutation = { readonly result:
    | { readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type BenchIoasAllocMutationVariables = Exact<{
  contextId: number;
}>;


export type BenchIoasAllocMutation = { readonly ioasAlloc:
    | { readonly outIoasId: number }
    | Record<PropertyKey, never>
   | null };

export type ContextOpenMutationVariables = Exact<{
  input: ContextOpenInput;
}>;


export type ContextOpenMutation = { readonly result:
    | { readonly contextId: number, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type ContextCloseMutationVariables = Exact<{
  input: ContextCloseInput;
}>;


export type ContextCloseMutation = { readonly result:
    | { readonly released: boolean, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type DestroyMutationVariables = Exact<{
  input: DestroyInput;
}>;


export type DestroyMutation = { readonly result:
    | { readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type ContextOpenLoggedMutationVariables = Exact<{
  input: ContextOpenInput;
}>;


export type ContextOpenLoggedMutation = { readonly result:
    | { readonly operation: LoggedFragment }
    | Record<PropertyKey, never>
   | null };

export type DestroyLoggedMutationVariables = Exact<{
  input: DestroyInput;
}>;


export type DestroyLoggedMutation = { readonly result:
    | { readonly operation: LoggedFragment }
    | Record<PropertyKey, never>
   | null };

export type BenchContextOpenMutationVariables = Exact<{ [key: string]: never; }>;


export type BenchContextOpenMutation = { readonly contextOpen:
    | { readonly contextId: number }
    | Record<PropertyKey, never>
   | null };

export type BenchDestroyMutationVariables = Exact<{
  contextId: number;
  id: number;
}>;


export type BenchDestroyMutation = { readonly destroy:
    | { readonly seq: number }
    | Record<PropertyKey, never>
   | null };

export type OptionMutationVariables = Exact<{
  input: OptionInput;
}>;


export type OptionMutation = { readonly result:
    | RefusalFragment
    | { readonly val64: Hex, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type VfioIoasMutationVariables = Exact<{
  input: VfioIoasInput;
}>;


export type VfioIoasMutation = { readonly result:
    | RefusalFragment
    | { readonly ioasId: number, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestCreateAccessMutationVariables = Exact<{
  input: TestCreateAccessInput;
}>;


export type TestCreateAccessMutation = { readonly result:
    | RefusalFragment
    | { readonly outAccessId: number, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestAccessCloseMutationVariables = Exact<{
  input: TestAccessCloseInput;
}>;


export type TestAccessCloseMutation = { readonly result:
    | RefusalFragment
    | { readonly contextReleased: boolean, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestAccessReplaceIoasMutationVariables = Exact<{
  input: TestAccessReplaceIoasInput;
}>;


export type TestAccessReplaceIoasMutation = { readonly result:
    | RefusalFragment
    | { readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestAccessPagesMutationVariables = Exact<{
  input: TestAccessPagesInput;
}>;


export type TestAccessPagesMutation = { readonly result:
    | RefusalFragment
    | { readonly outItemId: number, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestDestroyAccessPagesMutationVariables = Exact<{
  input: TestDestroyAccessPagesInput;
}>;


export type TestDestroyAccessPagesMutation = { readonly result:
    | RefusalFragment
    | { readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestAccessRwMutationVariables = Exact<{
  input: TestAccessRwInput;
}>;


export type TestAccessRwMutation = { readonly result:
    | RefusalFragment
    | { readonly data: string, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestMockDomainMutationVariables = Exact<{
  input: TestMockDomainInput;
}>;


export type TestMockDomainMutation = { readonly result:
    | RefusalFragment
    | { readonly outStdevId: number, readonly outHwptId: number, readonly outIdevId: number, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestMockDomainReplaceMutationVariables = Exact<{
  input: TestMockDomainReplaceInput;
}>;


export type TestMockDomainReplaceMutation = { readonly result:
    | RefusalFragment
    | { readonly ptId: number, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestTriggerIopfMutationVariables = Exact<{
  input: TestTriggerIopfInput;
}>;


export type TestTriggerIopfMutation = { readonly result:
    | RefusalFragment
    | { readonly outcome: PageRequestOutcome, readonly reportErrno: Errno | null, readonly iopfGroup: { readonly iopfGroupId: number } | null, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestMdCheckIotlbMutationVariables = Exact<{
  input: TestMdCheckIotlbInput;
}>;


export type TestMdCheckIotlbMutation = { readonly result:
    | RefusalFragment
    | { readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestAddReservedMutationVariables = Exact<{
  input: TestAddReservedInput;
}>;


export type TestAddReservedMutation = { readonly result:
    | RefusalFragment
    | { readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestMdCheckMapMutationVariables = Exact<{
  input: TestMdCheckMapInput;
}>;


export type TestMdCheckMapMutation = { readonly result:
    | RefusalFragment
    | { readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestMdCheckRefsMutationVariables = Exact<{
  input: TestMdCheckRefsInput;
}>;


export type TestMdCheckRefsMutation = { readonly result:
    | RefusalFragment
    | { readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestSetTempMemoryLimitMutationVariables = Exact<{
  input: TestSetTempMemoryLimitInput;
}>;


export type TestSetTempMemoryLimitMutation = { readonly result:
    | RefusalFragment
    | { readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestDirtyMutationVariables = Exact<{
  input: TestDirtyInput;
}>;


export type TestDirtyMutation = { readonly result:
    | RefusalFragment
    | { readonly outNrDirty: Hex, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestPasidAttachMutationVariables = Exact<{
  input: TestPasidAttachInput;
}>;


export type TestPasidAttachMutation = { readonly result:
    | RefusalFragment
    | { readonly ptId: number, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestPasidReplaceMutationVariables = Exact<{
  input: TestPasidReplaceInput;
}>;


export type TestPasidReplaceMutation = { readonly result:
    | RefusalFragment
    | { readonly ptId: number, readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestPasidDetachMutationVariables = Exact<{
  input: TestPasidDetachInput;
}>;


export type TestPasidDetachMutation = { readonly result:
    | RefusalFragment
    | { readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type TestPasidCheckHwptMutationVariables = Exact<{
  input: TestPasidCheckHwptInput;
}>;


export type TestPasidCheckHwptMutation = { readonly result:
    | RefusalFragment
    | { readonly events: ReadonlyArray<HappenedFragment> }
   | null };

export type HappenedFragment = { readonly type: EventType, readonly data: JsonValue };

export type RefusalFragment = { readonly errno: Errno | null, readonly output: { readonly entryNum: number | null, readonly numIovas: number | null, readonly outIovaAlignment: Hex | null, readonly allowedIovas: ReadonlyArray<{ readonly start: Hex, readonly last: Hex }> | null } | null, readonly operation: { readonly events: ReadonlyArray<HappenedFragment> }, readonly trace: ReadonlyArray<{ readonly function: string, readonly depth: number, readonly returned: string }> };

export type LoggedFragment = { readonly number: number, readonly command: string, readonly arguments: JsonValue };

export type EventsSubscriptionVariables = Exact<{
  machineId?: string | null | undefined;
  after?: number | null | undefined;
}>;


export type EventsSubscription = { readonly events: { readonly seq: number, readonly type: EventType, readonly summary: string, readonly operation: { readonly number: number, readonly command: string } } };

export type EventTypesSubscriptionVariables = Exact<{
  machineId?: string | null | undefined;
  after?: number | null | undefined;
}>;


export type EventTypesSubscription = { readonly events: { readonly seq: number, readonly type: EventType } };

export type EventsInFullSubscriptionVariables = Exact<{
  after?: number | null | undefined;
}>;


export type EventsInFullSubscription = { readonly events: { readonly seq: number, readonly operation: { readonly arguments: JsonValue, readonly trace: ReadonlyArray<{ readonly function: string, readonly returned: string }>, readonly events: ReadonlyArray<{ readonly seq: number, readonly data: JsonValue }> } } };

export type IopfGroupsSubscriptionVariables = Exact<{
  contextId: number;
  faultId: number;
  mode?: IopfGroupsMode | null | undefined;
  maxInFlight?: number | null | undefined;
}>;


export type IopfGroupsSubscription = { readonly iopfGroups: { readonly kind: IopfGroupUpdateKind, readonly seq: number, readonly redelivered: boolean, readonly code: IommufdPageResponseCode | null, readonly iopfGroup: { readonly iopfGroupId: number, readonly cookie: number | null, readonly reader: FaultReader | null, readonly readSeq: number | null, readonly messages: ReadonlyArray<{ readonly grpid: number, readonly addr: Hex, readonly rawFlags: number, readonly cookie: number, readonly devId: number }>, readonly faultQueue: { readonly deliverCount: number, readonly awaitingResponseCount: number } | null } } };

export type BenchIopfGroupsSubscriptionVariables = Exact<{
  contextId: number;
  faultId: number;
}>;


export type BenchIopfGroupsSubscription = { readonly update: { readonly kind: IopfGroupUpdateKind, readonly iopfGroup: { readonly cookie: number | null } } };

export type IopfGroupPagesSubscriptionVariables = Exact<{
  contextId: number;
  faultId: number;
}>;


export type IopfGroupPagesSubscription = { readonly iopfGroups: { readonly kind: IopfGroupUpdateKind, readonly iopfGroup: PagesFragment } };

export type PagesFragment = { readonly cookie: number | null, readonly messages: ReadonlyArray<{ readonly addr: Hex, readonly grpid: number }> };

export type HandleFaultsSubscriptionVariables = Exact<{
  machineId?: string | null | undefined;
  contextId: number;
  faultId: number;
  maxInFlight?: number | null | undefined;
}>;


export type HandleFaultsSubscription = { readonly update: { readonly kind: IopfGroupUpdateKind, readonly redelivered: boolean, readonly handlerId: string | null, readonly iopfGroup: { readonly iopfGroupId: number, readonly readSeq: number | null, readonly messages: ReadonlyArray<{ readonly devId: number, readonly pasid: number, readonly grpid: number, readonly perm: ReadonlyArray<IommuPgfaultPerm>, readonly addr: Hex, readonly flags: ReadonlyArray<IommuPgfaultFlag>, readonly cookie: number }> } } };

export type MachineSeqQueryVariables = Exact<{
  machineId?: string | null | undefined;
  at?: number | null | undefined;
}>;


export type MachineSeqQuery = { readonly machine: { readonly seq: number } };

export type ContextsQueryVariables = Exact<{ [key: string]: never; }>;


export type ContextsQuery = { readonly machine: { readonly seq: number, readonly contexts: ReadonlyArray<{ readonly contextId: number }> } };

export type MomentQueryVariables = Exact<{
  at?: number | null | undefined;
}>;


export type MomentQuery = { readonly machine: { readonly seq: number, readonly contexts: ReadonlyArray<{ readonly contextId: number }>, readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly seq: number } }> } } };

export type PingQueryVariables = Exact<{ [key: string]: never; }>;


export type PingQuery = { readonly __typename: 'Query' };

export type MachineCreateMutationVariables = Exact<{
  input: MachineCreateInput;
}>;


export type MachineCreateMutation = { readonly machineCreate:
    | { readonly __typename: 'KernelError' }
    | { readonly __typename: 'MachineCreatePayload' }
   | null };

export type MachineDeleteMutationVariables = Exact<{
  input: MachineDeleteInput;
}>;


export type MachineDeleteMutation = { readonly machineDelete: boolean | null };

export type MachineRemakeMutationVariables = Exact<{
  machineId: string;
}>;


export type MachineRemakeMutation = { readonly machineDelete: boolean | null, readonly machineCreate:
    | { readonly __typename: 'KernelError' }
    | { readonly __typename: 'MachineCreatePayload' }
   | null, readonly contextOpen:
    | { readonly __typename: 'ContextOpenPayload' }
    | { readonly __typename: 'KernelError' }
   | null };

export type ReplayStepMutationVariables = Exact<{
  input: ReplayStepInput;
}>;


export type ReplayStepMutation = { readonly replayStep: number | null };

export type ReplayAnswerMutationVariables = Exact<{
  input: ReplayAnswerInput;
}>;


export type ReplayAnswerMutation = { readonly replayAnswer: ReadonlyArray<{ readonly verdict: ReplayVerdict, readonly iopfGroupId: number | null, readonly waitMs: number | null, readonly recordedWaitMs: number | null, readonly recorded: { readonly code: IommufdPageResponseCode | null } | null }> | null };

export type ReplaySubscriptionVariables = Exact<{
  machineId?: string | null | undefined;
  from?: number | null | undefined;
  to?: number | null | undefined;
  speed?: number | null | undefined;
  stepwise?: boolean | null | undefined;
  waitForAnswers?: boolean | null | undefined;
}>;


export type ReplaySubscription = { readonly replay: { readonly kind: ReplayItemKind, readonly replayId: string, readonly seq: number, readonly offsetMs: number, readonly code: IommufdPageResponseCode | null, readonly event: { readonly seq: number, readonly type: EventType, readonly operation: { readonly number: number, readonly command: string } } | null, readonly iopfGroup: { readonly iopfGroupId: number, readonly cookie: number | null, readonly messages: ReadonlyArray<{ readonly cookie: number, readonly devId: number, readonly grpid: number, readonly addr: Hex, readonly rawFlags: number, readonly rawPerm: number }>, readonly faultQueue: { readonly faultId: number, readonly deliverCount: number, readonly awaitingResponseCount: number } | null } | null, readonly machine: { readonly machineId: string, readonly seq: number }, readonly record: RecordFragment, readonly summary: SummaryFragment | null } };

export type RecordFragment = { readonly from: number, readonly to: number, readonly events: number, readonly operations: number, readonly durationMs: number, readonly groups: number, readonly answered: number, readonly automatic: number };

export type SummaryFragment = { readonly groups: number, readonly sameCode: number, readonly otherCode: number, readonly recordedUnanswered: number, readonly recordedAutomatic: number, readonly unanswered: number, readonly refusedCode: number, readonly tooLate: number, readonly unknownCookie: number, readonly differences: ReadonlyArray<{ readonly verdict: ReplayVerdict, readonly contextId: number, readonly faultId: number, readonly cookie: number, readonly iopfGroupId: number | null, readonly code: IommufdPageResponseCode | null, readonly rawCode: number | null, readonly recorded: { readonly seq: number, readonly code: IommufdPageResponseCode | null, readonly rawCode: number, readonly automatic: boolean } | null }> };

export type ReplayPagesSubscriptionVariables = Exact<{
  from?: number | null | undefined;
}>;


export type ReplayPagesSubscription = { readonly replay: { readonly kind: ReplayItemKind, readonly iopfGroup: PagesFragment | null } };

export type StoryBuildMutationVariables = Exact<{ [key: string]: never; }>;


export type StoryBuildMutation = { readonly machineDelete: boolean | null, readonly machineCreate:
    | { readonly errno: Errno | null, readonly message: string }
    | { readonly machine: { readonly machineId: string, readonly seq: number } }
   | null, readonly contextOpen:
    | { readonly contextId: number }
    | { readonly errno: Errno | null, readonly message: string }
   | null, readonly ioasAlloc:
    | { readonly outIoasId: number }
    | { readonly errno: Errno | null, readonly message: string }
   | null, readonly deviceBind:
    | { readonly outDevId: number, readonly events: ReadonlyArray<{ readonly summary: string }> }
    | { readonly errno: Errno | null, readonly message: string }
   | null, readonly hwptAlloc:
    | { readonly outHwptId: number }
    | { readonly errno: Errno | null, readonly message: string }
   | null, readonly deviceAttach:
    | { readonly outPtId: number, readonly events: ReadonlyArray<{ readonly summary: string }> }
    | { readonly errno: Errno | null, readonly message: string }
   | null };

export type StoryNestMutationVariables = Exact<{ [key: string]: never; }>;


export type StoryNestMutation = { readonly faultQueueAlloc:
    | { readonly outFaultId: number }
    | { readonly errno: Errno | null, readonly message: string }
   | null, readonly hwptAlloc:
    | { readonly outHwptId: number }
    | { readonly errno: Errno | null, readonly message: string }
   | null, readonly deviceReplace:
    | { readonly outPtId: number, readonly events: ReadonlyArray<{ readonly seq: number, readonly layer: Layer, readonly summary: string }> }
    | { readonly errno: Errno | null, readonly message: string }
   | null };

export type StoryFaultMutationVariables = Exact<{ [key: string]: never; }>;


export type StoryFaultMutation = { readonly first:
    | { readonly outcome: PageRequestOutcome, readonly events: ReadonlyArray<{ readonly seq: number, readonly layer: Layer, readonly summary: string }> }
    | Record<PropertyKey, never>
   | null, readonly second:
    | { readonly outcome: PageRequestOutcome, readonly events: ReadonlyArray<{ readonly seq: number, readonly layer: Layer, readonly summary: string }> }
    | Record<PropertyKey, never>
   | null, readonly third:
    | { readonly outcome: PageRequestOutcome, readonly events: ReadonlyArray<{ readonly seq: number, readonly layer: Layer, readonly summary: string }> }
    | Record<PropertyKey, never>
   | null };

export type StoryHandleSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type StoryHandleSubscription = { readonly iopfGroups: { readonly kind: IopfGroupUpdateKind, readonly redelivered: boolean, readonly code: IommufdPageResponseCode | null, readonly iopfGroup: { readonly cookie: number | null, readonly messages: ReadonlyArray<{ readonly devId: number, readonly pasid: number, readonly grpid: number, readonly perm: ReadonlyArray<IommuPgfaultPerm>, readonly addr: Hex, readonly flags: ReadonlyArray<IommuPgfaultFlag> }> } } };

export type StoryAnswerMutationVariables = Exact<{ [key: string]: never; }>;


export type StoryAnswerMutation = { readonly faultWrite:
    | { readonly bytes: number, readonly events: ReadonlyArray<{ readonly seq: number, readonly layer: Layer, readonly summary: string }> }
    | { readonly errno: Errno | null, readonly message: string }
   | null };

export type StoryTakeBackMutationVariables = Exact<{ [key: string]: never; }>;


export type StoryTakeBackMutation = { readonly pageRequest:
    | { readonly outcome: PageRequestOutcome, readonly iopfGroup: { readonly iopfGroupId: number } | null }
    | Record<PropertyKey, never>
   | null, readonly deviceReplace:
    | { readonly outPtId: number, readonly events: ReadonlyArray<{ readonly seq: number, readonly layer: Layer, readonly summary: string }> }
    | { readonly errno: Errno | null, readonly message: string }
   | null };

export type StoryLookBackQueryVariables = Exact<{ [key: string]: never; }>;


export type StoryLookBackQuery = { readonly now: { readonly seq: number, readonly pciDevice:
      | { readonly iopfFeature: boolean, readonly device: { readonly hwpt:
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number } | null }
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number } | null }
           | null } | null }
      | { readonly iopfFeature: boolean, readonly device: { readonly hwpt:
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number } | null }
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number } | null }
           | null } | null }
     | null, readonly operations: { readonly edges: ReadonlyArray<{ readonly node: { readonly number: number, readonly command: string, readonly errno: Errno | null, readonly seqBefore: number, readonly seq: number } }> } }, readonly then: { readonly seq: number, readonly pciDevice:
      | { readonly iopfFeature: boolean, readonly partialRequests: ReadonlyArray<{ readonly grpid: number, readonly addr: Hex }>, readonly device: { readonly hwpt:
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number, readonly deliverCount: number, readonly awaitingResponseCount: number } | null }
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number, readonly deliverCount: number, readonly awaitingResponseCount: number } | null }
           | null } | null }
      | { readonly iopfFeature: boolean, readonly partialRequests: ReadonlyArray<{ readonly grpid: number, readonly addr: Hex }>, readonly device: { readonly hwpt:
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number, readonly deliverCount: number, readonly awaitingResponseCount: number } | null }
            | { readonly hwptId: number, readonly faultQueue: { readonly faultId: number, readonly deliverCount: number, readonly awaitingResponseCount: number } | null }
           | null } | null }
     | null } };

export type StoryEventsSubscriptionVariables = Exact<{
  machineId: string;
}>;


export type StoryEventsSubscription = { readonly events: { readonly seq: number, readonly layer: Layer, readonly summary: string } };

export type DeviceReplaceMutationVariables = Exact<{
  input: DeviceReplaceInput;
}>;


export type DeviceReplaceMutation = { readonly result:
    | { readonly outPtId: number, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type DeviceDetachMutationVariables = Exact<{
  input: DeviceDetachInput;
}>;


export type DeviceDetachMutation = { readonly result:
    | { readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type DeviceUnbindMutationVariables = Exact<{
  input: DeviceUnbindInput;
}>;


export type DeviceUnbindMutation = { readonly result:
    | { readonly contextReleased: boolean, readonly events: ReadonlyArray<HappenedFragment> }
    | RefusalFragment
   | null };

export type MakeFaultingMutationVariables = Exact<{
  bdf: string;
}>;


export type MakeFaultingMutation = { readonly contextOpen:
    | { readonly contextId: number }
    | Record<PropertyKey, never>
   | null, readonly deviceBind:
    | { readonly outDevId: number }
    | Record<PropertyKey, never>
   | null, readonly ioasAlloc:
    | { readonly outIoasId: number }
    | Record<PropertyKey, never>
   | null, readonly parent:
    | { readonly outHwptId: number }
    | Record<PropertyKey, never>
   | null, readonly faultQueueAlloc:
    | { readonly outFaultId: number }
    | Record<PropertyKey, never>
   | null, readonly nested:
    | { readonly outHwptId: number }
    | Record<PropertyKey, never>
   | null, readonly deviceAttach:
    | { readonly outPtId: number }
    | Record<PropertyKey, never>
   | null };

export const UnrefusedFragmentDoc = gql`
    fragment Unrefused on OperationResult {
  seq
  errno
}
    ` as unknown as DocumentNode<UnrefusedFragment, unknown>;
export const HappenedFragmentDoc = gql`
    fragment Happened on Event {
  type
  data
}
    ` as unknown as DocumentNode<HappenedFragment, unknown>;
export const RefusalFragmentDoc = gql`
    fragment Refusal on KernelError {
  errno
  output {
    entryNum
    numIovas
    outIovaAlignment
    allowedIovas {
      start
      last
    }
  }
  operation {
    events {
      ...Happened
    }
  }
  trace {
    function
    depth
    returned
  }
}
    ` as unknown as DocumentNode<RefusalFragment, unknown>;
export const LoggedFragmentDoc = gql`
    fragment Logged on Operation {
  number
  command
  arguments
}
    ` as unknown as DocumentNode<LoggedFragment, unknown>;
export const PagesFragmentDoc = gql`
    fragment Pages on IopfGroup {
  cookie
  messages {
    addr
    grpid
  }
}
    ` as unknown as DocumentNode<PagesFragment, unknown>;
export const RecordFragmentDoc = gql`
    fragment Record on ReplayRecord {
  from
  to
  events
  operations
  durationMs
  groups
  answered
  automatic
}
    ` as unknown as DocumentNode<RecordFragment, unknown>;
export const SummaryFragmentDoc = gql`
    fragment Summary on ReplaySummary {
  groups
  sameCode
  otherCode
  recordedUnanswered
  recordedAutomatic
  unanswered
  refusedCode
  tooLate
  unknownCookie
  differences {
    verdict
    contextId
    faultId
    cookie
    iopfGroupId
    code
    rawCode
    recorded {
      seq
      code
      rawCode
      automatic
    }
  }
}
    ` as unknown as DocumentNode<SummaryFragment, unknown>;
export const DriveDeviceDocument = gql`
    query DriveDevice($machineId: MachineId!, $bdf: PciAddress!) {
  machine(machineId: $machineId) {
    seq
    hazardCount
    pciDevice(bdf: $bdf) {
      ... on PciDevice {
        deviceNo
        priState {
          allocation
        }
        device {
          context {
            contextId
          }
          hwpt {
            hwptId
            faultQueue {
              faultId
            }
          }
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<DriveDeviceQuery, DriveDeviceQueryVariables>;
export const DrivePageRequestDocument = gql`
    mutation DrivePageRequest($input: PageRequestInput!) {
  result: pageRequest(input: $input) {
    errno
    ... on PageRequestPayload {
      outcome
      reportErrno
    }
    ... on KernelError {
      message
    }
  }
}
    ` as unknown as DocumentNode<DrivePageRequestMutation, DrivePageRequestMutationVariables>;
export const DriveDmaDocument = gql`
    mutation DriveDma($input: DmaInput!) {
  result: dma(input: $input) {
    errno
    ... on DmaPayload {
      dmaId
      state
    }
    ... on KernelError {
      message
    }
  }
}
    ` as unknown as DocumentNode<DriveDmaMutation, DriveDmaMutationVariables>;
export const DriveEventsDocument = gql`
    subscription DriveEvents($machineId: MachineId!, $after: Int!) {
  events(machineId: $machineId, after: $after) {
    seq
    type
    data
    operation {
      at
    }
  }
}
    ` as unknown as DocumentNode<DriveEventsSubscription, DriveEventsSubscriptionVariables>;
export const DriveScenarioDocument = gql`
    mutation DriveScenario($input: MachineCreateInput!) {
  result: machineCreate(input: $input) {
    errno
    ... on MachineCreatePayload {
      queues {
        bdf
        contextId
        faultId
        hwptId
      }
    }
  }
}
    ` as unknown as DocumentNode<DriveScenarioMutation, DriveScenarioMutationVariables>;
export const DriveHazardsDocument = gql`
    query DriveHazards($machineId: MachineId!) {
  machine(machineId: $machineId) {
    hazardCount
    hazards {
      name
      function
      detail
    }
    refusedAnswers: operations(
      where: { command: FaultWrite, refused: true }
      first: 20
    ) {
      totalCount
      edges {
        node {
          number
          errno
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<DriveHazardsQuery, DriveHazardsQueryVariables>;
export const MakeModelledDocument = gql`
    mutation MakeModelled($machineId: MachineId!, $iommu: IommuInput!, $function: PciFunctionHardwareInput!) {
  machineCreate(
    input: {
      machineId: $machineId
      iommus: [$iommu]
      devices: [{ bdf: "0000:01:00.0", hardware: $function }]
    }
  ) {
    ...Unrefused
  }
  contextOpen(input: { machineId: $machineId }) {
    ...Unrefused
  }
  deviceBind(input: { machineId: $machineId, contextId: 1, bdf: "0000:01:00.0" }) {
    ...Unrefused
  }
  ioasAlloc(input: { machineId: $machineId, contextId: 1 }) {
    ...Unrefused
  }
  parent: hwptAlloc(
    input: {
      machineId: $machineId
      contextId: 1
      devId: 1
      ptId: 2
      flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
    }
  ) {
    ...Unrefused
  }
  faultQueueAlloc(input: { machineId: $machineId, contextId: 1 }) {
    ...Unrefused
  }
  nested: hwptAlloc(
    input: {
      machineId: $machineId
      contextId: 1
      devId: 1
      ptId: 3
      flags: [IOMMU_HWPT_FAULT_ID_VALID]
      faultId: 4
      vtdS1: { pgtblAddr: "0x1000" }
    }
  ) {
    ...Unrefused
  }
  ioasMap(
    input: {
      machineId: $machineId
      contextId: 1
      ioasId: 2
      userVa: "0x10000000"
      iova: "0x0"
      length: "0x100000"
      flags: [IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_WRITEABLE, IOMMU_IOAS_MAP_READABLE]
    }
  ) {
    ...Unrefused
  }
  deviceAttach(input: { machineId: $machineId, contextId: 1, devId: 1, ptId: 5 }) {
    ...Unrefused
  }
}
    ${UnrefusedFragmentDoc}` as unknown as DocumentNode<MakeModelledMutation, MakeModelledMutationVariables>;
export const DmaReadDocument = gql`
    mutation DmaRead($machineId: MachineId!, $iova: HexU64!, $options: DmaOptionsInput) {
  dma(
    input: {
      machineId: $machineId
      bdf: "0000:01:00.0"
      iova: $iova
      length: "0x1000"
      options: $options
    }
  ) {
    ... on DmaPayload {
      dmaId
      state
    }
  }
}
    ` as unknown as DocumentNode<DmaReadMutation, DmaReadMutationVariables>;
export const ProgramLoadAndRunDocument = gql`
    mutation ProgramLoadAndRun($machineId: MachineId!, $ops: [DeviceProgramOpInput!]!, $options: DeviceProgramOptionsInput) {
  deviceProgramLoad(
    input: { machineId: $machineId, bdf: "0000:01:00.0", ops: $ops, options: $options }
  ) {
    ...Unrefused
  }
  deviceRun(input: { machineId: $machineId, bdf: "0000:01:00.0" }) {
    ... on DeviceRunPayload {
      state
      next
    }
  }
}
    ${UnrefusedFragmentDoc}` as unknown as DocumentNode<ProgramLoadAndRunMutation, ProgramLoadAndRunMutationVariables>;
export const BenchModelledGroupsDocument = gql`
    subscription BenchModelledGroups($machineId: MachineId!, $maxInFlight: Int!) {
  update: iopfGroups(
    machineId: $machineId
    contextId: 1
    faultId: 4
    maxInFlight: $maxInFlight
  ) {
    kind
    iopfGroup {
      cookie
      messages {
        addr
      }
    }
  }
}
    ` as unknown as DocumentNode<BenchModelledGroupsSubscription, BenchModelledGroupsSubscriptionVariables>;
export const MapAndAnswerDocument = gql`
    mutation MapAndAnswer($machineId: MachineId!, $iova: HexU64!, $cookie: U32!) {
  guestMap(
    input: {
      machineId: $machineId
      contextId: 1
      hwptId: 5
      iova: $iova
      gpa: "0x80000"
      length: "0x1000"
      tablesGpa: "0x2000"
      tablesLength: "0x40000"
    }
  ) {
    ...Unrefused
  }
  answer: faultWrite(
    input: {
      machineId: $machineId
      contextId: 1
      faultId: 4
      responses: [{ cookie: $cookie, code: IOMMUFD_PAGE_RESP_SUCCESS }]
    }
  ) {
    ... on FaultWritePayload {
      bytes
      events {
        type
      }
    }
  }
}
    ${UnrefusedFragmentDoc}` as unknown as DocumentNode<MapAndAnswerMutation, MapAndAnswerMutationVariables>;
export const HardwareTimeDocument = gql`
    query HardwareTime($machineId: MachineId!) {
  machine(machineId: $machineId) {
    seq
    tick
    hazards {
      name
    }
    last: operations(last: 1) {
      edges {
        node {
          command
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<HardwareTimeQuery, HardwareTimeQueryVariables>;
export const PageRequestDocument = gql`
    mutation PageRequest($input: PageRequestInput!) {
  result: pageRequest(input: $input) {
    ... on PageRequestPayload {
      outcome
    }
  }
}
    ` as unknown as DocumentNode<PageRequestMutation, PageRequestMutationVariables>;
export const PageRequestsLoggedDocument = gql`
    mutation PageRequestsLogged($first: PageRequestInput!, $second: PageRequestInput!) {
  first: pageRequest(input: $first) {
    ... on PageRequestPayload {
      operation {
        ...Logged
      }
    }
  }
  second: pageRequest(input: $second) {
    ... on PageRequestPayload {
      operation {
        ...Logged
      }
    }
  }
}
    ${LoggedFragmentDoc}` as unknown as DocumentNode<PageRequestsLoggedMutation, PageRequestsLoggedMutationVariables>;
export const BenchPageRequestDocument = gql`
    mutation BenchPageRequest($addr: PageAddress!) {
  pageRequest(
    input: { bdf: "0000:01:00.0", grpid: 1, perm: IOMMU_PGFAULT_PERM_READ, addr: $addr }
  ) {
    ... on PageRequestPayload {
      outcome
    }
  }
}
    ` as unknown as DocumentNode<BenchPageRequestMutation, BenchPageRequestMutationVariables>;
export const GetHwInfoDocument = gql`
    mutation GetHwInfo($input: GetHwInfoInput!) {
  result: getHwInfo(input: $input) {
    ... on GetHwInfoPayload {
      outDataType
      dataLen
      data
      outMaxPasidLog2
      outCapabilities
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<GetHwInfoMutation, GetHwInfoMutationVariables>;
export const FaultQueueGroupsDocument = gql`
    query FaultQueueGroups($contextId: U32!, $faultId: U32!) {
  machine {
    context(contextId: $contextId) {
      object(id: $faultId) {
        ... on FaultQueue {
          deliver {
            iopfGroupId
          }
          awaitingResponse {
            iopfGroupId
            cookie
            reader
          }
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<FaultQueueGroupsQuery, FaultQueueGroupsQueryVariables>;
export const FaultQueueAllocDocument = gql`
    mutation FaultQueueAlloc($input: FaultQueueAllocInput!) {
  result: faultQueueAlloc(input: $input) {
    ... on FaultQueueAllocPayload {
      outFaultId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<FaultQueueAllocMutation, FaultQueueAllocMutationVariables>;
export const FaultReadDocument = gql`
    mutation FaultRead($input: FaultReadInput!) {
  result: faultRead(input: $input) {
    ... on FaultReadPayload {
      bytes
      faults {
        flags: rawFlags
        devId
        pasid
        grpid
        perm: rawPerm
        addr
        length
        cookie
      }
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<FaultReadMutation, FaultReadMutationVariables>;
export const FaultWriteDocument = gql`
    mutation FaultWrite($input: FaultWriteInput!) {
  result: faultWrite(input: $input) {
    ... on FaultWritePayload {
      bytes
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<FaultWriteMutation, FaultWriteMutationVariables>;
export const FaultPollDocument = gql`
    mutation FaultPoll($input: FaultPollInput!) {
  result: faultPoll(input: $input) {
    ... on FaultPollPayload {
      readable
      writable
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<FaultPollMutation, FaultPollMutationVariables>;
export const FaultCloseDocument = gql`
    mutation FaultClose($input: FaultCloseInput!) {
  result: faultClose(input: $input) {
    ... on FaultClosePayload {
      contextReleased
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<FaultCloseMutation, FaultCloseMutationVariables>;
export const AnswerGroupsDocument = gql`
    mutation AnswerGroups($input: FaultWriteInput!) {
  result: faultWrite(input: $input) {
    ... on FaultWritePayload {
      bytes
    }
    ... on KernelError {
      errno
      function
      message
    }
  }
}
    ` as unknown as DocumentNode<AnswerGroupsMutation, AnswerGroupsMutationVariables>;
export const FaultWriteLoggedDocument = gql`
    mutation FaultWriteLogged($input: FaultWriteInput!) {
  result: faultWrite(input: $input) {
    ... on FaultWritePayload {
      operation {
        ...Logged
      }
    }
  }
}
    ${LoggedFragmentDoc}` as unknown as DocumentNode<FaultWriteLoggedMutation, FaultWriteLoggedMutationVariables>;
export const BenchAnswerGroupDocument = gql`
    mutation BenchAnswerGroup($contextId: U32!, $faultId: U32!, $cookie: U32!) {
  answer: faultWrite(
    input: {
      contextId: $contextId
      faultId: $faultId
      responses: [{ cookie: $cookie, code: IOMMUFD_PAGE_RESP_SUCCESS }]
    }
  ) {
    ... on FaultWritePayload {
      bytes
      events {
        type
      }
    }
  }
}
    ` as unknown as DocumentNode<BenchAnswerGroupMutation, BenchAnswerGroupMutationVariables>;
export const HwptSetDirtyTrackingDocument = gql`
    mutation HwptSetDirtyTracking($input: HwptSetDirtyTrackingInput!) {
  result: hwptSetDirtyTracking(input: $input) {
    ... on HwptSetDirtyTrackingPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<HwptSetDirtyTrackingMutation, HwptSetDirtyTrackingMutationVariables>;
export const HwptGetDirtyBitmapDocument = gql`
    mutation HwptGetDirtyBitmap($input: HwptGetDirtyBitmapInput!) {
  result: hwptGetDirtyBitmap(input: $input) {
    ... on HwptGetDirtyBitmapPayload {
      dirtyPages(first: 1000) {
        start
        last
      }
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<HwptGetDirtyBitmapMutation, HwptGetDirtyBitmapMutationVariables>;
export const HwptAllocDocument = gql`
    mutation HwptAlloc($input: HwptAllocInput!) {
  result: hwptAlloc(input: $input) {
    ... on HwptAllocPayload {
      outHwptId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<HwptAllocMutation, HwptAllocMutationVariables>;
export const HwptInvalidateDocument = gql`
    mutation HwptInvalidate($input: HwptInvalidateInput!) {
  result: hwptInvalidate(input: $input) {
    ... on HwptInvalidatePayload {
      entryNum
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<HwptInvalidateMutation, HwptInvalidateMutationVariables>;
export const IoasAllocDocument = gql`
    mutation IoasAlloc($input: IoasAllocInput!) {
  result: ioasAlloc(input: $input) {
    ... on IoasAllocPayload {
      outIoasId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<IoasAllocMutation, IoasAllocMutationVariables>;
export const IoasMapDocument = gql`
    mutation IoasMap($input: IoasMapInput!) {
  result: ioasMap(input: $input) {
    ... on IoasMapPayload {
      iova
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<IoasMapMutation, IoasMapMutationVariables>;
export const IoasCopyDocument = gql`
    mutation IoasCopy($input: IoasCopyInput!) {
  result: ioasCopy(input: $input) {
    ... on IoasCopyPayload {
      dstIova
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<IoasCopyMutation, IoasCopyMutationVariables>;
export const IoasUnmapDocument = gql`
    mutation IoasUnmap($input: IoasUnmapInput!) {
  result: ioasUnmap(input: $input) {
    ... on IoasUnmapPayload {
      length
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<IoasUnmapMutation, IoasUnmapMutationVariables>;
export const IoasIovaRangesDocument = gql`
    mutation IoasIovaRanges($input: IoasIovaRangesInput!) {
  result: ioasIovaRanges(input: $input) {
    ... on IoasIovaRangesPayload {
      numIovas
      outIovaAlignment
      allowedIovas {
        start
        last
      }
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<IoasIovaRangesMutation, IoasIovaRangesMutationVariables>;
export const IoasAllowIovasDocument = gql`
    mutation IoasAllowIovas($input: IoasAllowIovasInput!) {
  result: ioasAllowIovas(input: $input) {
    ... on IoasAllowIovasPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<IoasAllowIovasMutation, IoasAllowIovasMutationVariables>;
export const BenchIoasAllocDocument = gql`
    mutation BenchIoasAlloc($contextId: U32!) {
  ioasAlloc(input: { contextId: $contextId }) {
    ... on IoasAllocPayload {
      outIoasId
    }
  }
}
    ` as unknown as DocumentNode<BenchIoasAllocMutation, BenchIoasAllocMutationVariables>;
export const ContextOpenDocument = gql`
    mutation ContextOpen($input: ContextOpenInput!) {
  result: contextOpen(input: $input) {
    ... on ContextOpenPayload {
      contextId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<ContextOpenMutation, ContextOpenMutationVariables>;
export const ContextCloseDocument = gql`
    mutation ContextClose($input: ContextCloseInput!) {
  result: contextClose(input: $input) {
    ... on ContextClosePayload {
      released
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<ContextCloseMutation, ContextCloseMutationVariables>;
export const DestroyDocument = gql`
    mutation Destroy($input: DestroyInput!) {
  result: destroy(input: $input) {
    ... on DestroyPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<DestroyMutation, DestroyMutationVariables>;
export const ContextOpenLoggedDocument = gql`
    mutation ContextOpenLogged($input: ContextOpenInput!) {
  result: contextOpen(input: $input) {
    ... on ContextOpenPayload {
      operation {
        ...Logged
      }
    }
  }
}
    ${LoggedFragmentDoc}` as unknown as DocumentNode<ContextOpenLoggedMutation, ContextOpenLoggedMutationVariables>;
export const DestroyLoggedDocument = gql`
    mutation DestroyLogged($input: DestroyInput!) {
  result: destroy(input: $input) {
    ... on KernelError {
      operation {
        ...Logged
      }
    }
  }
}
    ${LoggedFragmentDoc}` as unknown as DocumentNode<DestroyLoggedMutation, DestroyLoggedMutationVariables>;
export const BenchContextOpenDocument = gql`
    mutation BenchContextOpen {
  contextOpen(input: {  }) {
    ... on ContextOpenPayload {
      contextId
    }
  }
}
    ` as unknown as DocumentNode<BenchContextOpenMutation, BenchContextOpenMutationVariables>;
export const BenchDestroyDocument = gql`
    mutation BenchDestroy($contextId: U32!, $id: U32!) {
  destroy(input: { contextId: $contextId, id: $id }) {
    ... on DestroyPayload {
      seq
    }
  }
}
    ` as unknown as DocumentNode<BenchDestroyMutation, BenchDestroyMutationVariables>;
export const OptionDocument = gql`
    mutation Option($input: OptionInput!) {
  result: option(input: $input) {
    ... on OptionPayload {
      val64
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<OptionMutation, OptionMutationVariables>;
export const VfioIoasDocument = gql`
    mutation VfioIoas($input: VfioIoasInput!) {
  result: vfioIoas(input: $input) {
    ... on VfioIoasPayload {
      ioasId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<VfioIoasMutation, VfioIoasMutationVariables>;
export const TestCreateAccessDocument = gql`
    mutation TestCreateAccess($input: TestCreateAccessInput!) {
  result: testCreateAccess(input: $input) {
    ... on TestCreateAccessPayload {
      outAccessId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestCreateAccessMutation, TestCreateAccessMutationVariables>;
export const TestAccessCloseDocument = gql`
    mutation TestAccessClose($input: TestAccessCloseInput!) {
  result: testAccessClose(input: $input) {
    ... on TestAccessClosePayload {
      contextReleased
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestAccessCloseMutation, TestAccessCloseMutationVariables>;
export const TestAccessReplaceIoasDocument = gql`
    mutation TestAccessReplaceIoas($input: TestAccessReplaceIoasInput!) {
  result: testAccessReplaceIoas(input: $input) {
    ... on TestAccessReplaceIoasPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestAccessReplaceIoasMutation, TestAccessReplaceIoasMutationVariables>;
export const TestAccessPagesDocument = gql`
    mutation TestAccessPages($input: TestAccessPagesInput!) {
  result: testAccessPages(input: $input) {
    ... on TestAccessPagesPayload {
      outItemId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestAccessPagesMutation, TestAccessPagesMutationVariables>;
export const TestDestroyAccessPagesDocument = gql`
    mutation TestDestroyAccessPages($input: TestDestroyAccessPagesInput!) {
  result: testDestroyAccessPages(input: $input) {
    ... on TestDestroyAccessPagesPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestDestroyAccessPagesMutation, TestDestroyAccessPagesMutationVariables>;
export const TestAccessRwDocument = gql`
    mutation TestAccessRw($input: TestAccessRwInput!) {
  result: testAccessRw(input: $input) {
    ... on TestAccessRwPayload {
      data
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestAccessRwMutation, TestAccessRwMutationVariables>;
export const TestMockDomainDocument = gql`
    mutation TestMockDomain($input: TestMockDomainInput!) {
  result: testMockDomain(input: $input) {
    ... on TestMockDomainPayload {
      outStdevId
      outHwptId
      outIdevId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestMockDomainMutation, TestMockDomainMutationVariables>;
export const TestMockDomainReplaceDocument = gql`
    mutation TestMockDomainReplace($input: TestMockDomainReplaceInput!) {
  result: testMockDomainReplace(input: $input) {
    ... on TestMockDomainReplacePayload {
      ptId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestMockDomainReplaceMutation, TestMockDomainReplaceMutationVariables>;
export const TestTriggerIopfDocument = gql`
    mutation TestTriggerIopf($input: TestTriggerIopfInput!) {
  result: testTriggerIopf(input: $input) {
    ... on TestTriggerIopfPayload {
      outcome
      reportErrno
      iopfGroup {
        iopfGroupId
      }
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestTriggerIopfMutation, TestTriggerIopfMutationVariables>;
export const TestMdCheckIotlbDocument = gql`
    mutation TestMdCheckIotlb($input: TestMdCheckIotlbInput!) {
  result: testMdCheckIotlb(input: $input) {
    ... on TestMdCheckIotlbPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestMdCheckIotlbMutation, TestMdCheckIotlbMutationVariables>;
export const TestAddReservedDocument = gql`
    mutation TestAddReserved($input: TestAddReservedInput!) {
  result: testAddReserved(input: $input) {
    ... on TestAddReservedPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestAddReservedMutation, TestAddReservedMutationVariables>;
export const TestMdCheckMapDocument = gql`
    mutation TestMdCheckMap($input: TestMdCheckMapInput!) {
  result: testMdCheckMap(input: $input) {
    ... on TestMdCheckMapPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestMdCheckMapMutation, TestMdCheckMapMutationVariables>;
export const TestMdCheckRefsDocument = gql`
    mutation TestMdCheckRefs($input: TestMdCheckRefsInput!) {
  result: testMdCheckRefs(input: $input) {
    ... on TestMdCheckRefsPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestMdCheckRefsMutation, TestMdCheckRefsMutationVariables>;
export const TestSetTempMemoryLimitDocument = gql`
    mutation TestSetTempMemoryLimit($input: TestSetTempMemoryLimitInput!) {
  result: testSetTempMemoryLimit(input: $input) {
    ... on TestSetTempMemoryLimitPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestSetTempMemoryLimitMutation, TestSetTempMemoryLimitMutationVariables>;
export const TestDirtyDocument = gql`
    mutation TestDirty($input: TestDirtyInput!) {
  result: testDirty(input: $input) {
    ... on TestDirtyPayload {
      outNrDirty
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestDirtyMutation, TestDirtyMutationVariables>;
export const TestPasidAttachDocument = gql`
    mutation TestPasidAttach($input: TestPasidAttachInput!) {
  result: testPasidAttach(input: $input) {
    ... on TestPasidAttachPayload {
      ptId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestPasidAttachMutation, TestPasidAttachMutationVariables>;
export const TestPasidReplaceDocument = gql`
    mutation TestPasidReplace($input: TestPasidReplaceInput!) {
  result: testPasidReplace(input: $input) {
    ... on TestPasidReplacePayload {
      ptId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestPasidReplaceMutation, TestPasidReplaceMutationVariables>;
export const TestPasidDetachDocument = gql`
    mutation TestPasidDetach($input: TestPasidDetachInput!) {
  result: testPasidDetach(input: $input) {
    ... on TestPasidDetachPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestPasidDetachMutation, TestPasidDetachMutationVariables>;
export const TestPasidCheckHwptDocument = gql`
    mutation TestPasidCheckHwpt($input: TestPasidCheckHwptInput!) {
  result: testPasidCheckHwpt(input: $input) {
    ... on TestPasidCheckHwptPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<TestPasidCheckHwptMutation, TestPasidCheckHwptMutationVariables>;
export const EventsDocument = gql`
    subscription Events($machineId: MachineId, $after: Int) {
  events(machineId: $machineId, after: $after) {
    seq
    type
    summary
    operation {
      number
      command
    }
  }
}
    ` as unknown as DocumentNode<EventsSubscription, EventsSubscriptionVariables>;
export const EventTypesDocument = gql`
    subscription EventTypes($machineId: MachineId, $after: Int) {
  events(machineId: $machineId, after: $after) {
    seq
    type
  }
}
    ` as unknown as DocumentNode<EventTypesSubscription, EventTypesSubscriptionVariables>;
export const EventsInFullDocument = gql`
    subscription EventsInFull($after: Int) {
  events(after: $after) {
    seq
    operation {
      arguments
      trace {
        function
        returned
      }
      events {
        seq
        data
      }
    }
  }
}
    ` as unknown as DocumentNode<EventsInFullSubscription, EventsInFullSubscriptionVariables>;
export const IopfGroupsDocument = gql`
    subscription IopfGroups($contextId: U32!, $faultId: U32!, $mode: IopfGroupsMode, $maxInFlight: Int) {
  iopfGroups(
    contextId: $contextId
    faultId: $faultId
    mode: $mode
    maxInFlight: $maxInFlight
  ) {
    kind
    seq
    redelivered
    code
    iopfGroup {
      iopfGroupId
      cookie
      reader
      readSeq
      messages {
        grpid
        addr
        rawFlags
        cookie
        devId
      }
      faultQueue {
        deliverCount
        awaitingResponseCount
      }
    }
  }
}
    ` as unknown as DocumentNode<IopfGroupsSubscription, IopfGroupsSubscriptionVariables>;
export const BenchIopfGroupsDocument = gql`
    subscription BenchIopfGroups($contextId: U32!, $faultId: U32!) {
  update: iopfGroups(contextId: $contextId, faultId: $faultId) {
    kind
    iopfGroup {
      cookie
    }
  }
}
    ` as unknown as DocumentNode<BenchIopfGroupsSubscription, BenchIopfGroupsSubscriptionVariables>;
export const IopfGroupPagesDocument = gql`
    subscription IopfGroupPages($contextId: U32!, $faultId: U32!) {
  iopfGroups(contextId: $contextId, faultId: $faultId) {
    kind
    iopfGroup {
      ...Pages
    }
  }
}
    ${PagesFragmentDoc}` as unknown as DocumentNode<IopfGroupPagesSubscription, IopfGroupPagesSubscriptionVariables>;
export const HandleFaultsDocument = gql`
    subscription HandleFaults($machineId: MachineId, $contextId: U32!, $faultId: U32!, $maxInFlight: Int) {
  update: iopfGroups(
    machineId: $machineId
    contextId: $contextId
    faultId: $faultId
    mode: HANDLE
    maxInFlight: $maxInFlight
  ) {
    kind
    redelivered
    handlerId
    iopfGroup {
      iopfGroupId
      readSeq
      messages {
        devId
        pasid
        grpid
        perm
        addr
        flags
        cookie
      }
    }
  }
}
    ` as unknown as DocumentNode<HandleFaultsSubscription, HandleFaultsSubscriptionVariables>;
export const MachineSeqDocument = gql`
    query MachineSeq($machineId: MachineId, $at: Int) {
  machine(machineId: $machineId, at: $at) {
    seq
  }
}
    ` as unknown as DocumentNode<MachineSeqQuery, MachineSeqQueryVariables>;
export const ContextsDocument = gql`
    query Contexts {
  machine {
    seq
    contexts {
      contextId
    }
  }
}
    ` as unknown as DocumentNode<ContextsQuery, ContextsQueryVariables>;
export const MomentDocument = gql`
    query Moment($at: Int) {
  machine(at: $at) {
    seq
    contexts(first: 1000) {
      contextId
    }
    events(last: 1) {
      edges {
        node {
          seq
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<MomentQuery, MomentQueryVariables>;
export const PingDocument = gql`
    query Ping {
  __typename
}
    ` as unknown as DocumentNode<PingQuery, PingQueryVariables>;
export const MachineCreateDocument = gql`
    mutation MachineCreate($input: MachineCreateInput!) {
  machineCreate(input: $input) {
    __typename
  }
}
    ` as unknown as DocumentNode<MachineCreateMutation, MachineCreateMutationVariables>;
export const MachineDeleteDocument = gql`
    mutation MachineDelete($input: MachineDeleteInput!) {
  machineDelete(input: $input)
}
    ` as unknown as DocumentNode<MachineDeleteMutation, MachineDeleteMutationVariables>;
export const MachineRemakeDocument = gql`
    mutation MachineRemake($machineId: MachineId!) {
  machineDelete(input: { machineId: $machineId })
  machineCreate(input: { machineId: $machineId }) {
    __typename
  }
  contextOpen(input: { machineId: $machineId }) {
    __typename
  }
}
    ` as unknown as DocumentNode<MachineRemakeMutation, MachineRemakeMutationVariables>;
export const ReplayStepDocument = gql`
    mutation ReplayStep($input: ReplayStepInput!) {
  replayStep(input: $input)
}
    ` as unknown as DocumentNode<ReplayStepMutation, ReplayStepMutationVariables>;
export const ReplayAnswerDocument = gql`
    mutation ReplayAnswer($input: ReplayAnswerInput!) {
  replayAnswer(input: $input) {
    verdict
    iopfGroupId
    waitMs
    recordedWaitMs
    recorded {
      code
    }
  }
}
    ` as unknown as DocumentNode<ReplayAnswerMutation, ReplayAnswerMutationVariables>;
export const ReplayDocument = gql`
    subscription Replay($machineId: MachineId, $from: Int, $to: Int, $speed: Float, $stepwise: Boolean, $waitForAnswers: Boolean) {
  replay(
    machineId: $machineId
    from: $from
    to: $to
    speed: $speed
    stepwise: $stepwise
    waitForAnswers: $waitForAnswers
  ) {
    kind
    replayId
    seq
    offsetMs
    code
    event {
      seq
      type
      operation {
        number
        command
      }
    }
    iopfGroup {
      iopfGroupId
      cookie
      messages {
        cookie
        devId
        grpid
        addr
        rawFlags
        rawPerm
      }
      faultQueue {
        faultId
        deliverCount
        awaitingResponseCount
      }
    }
    machine {
      machineId
      seq
    }
    record {
      ...Record
    }
    summary {
      ...Summary
    }
  }
}
    ${RecordFragmentDoc}
${SummaryFragmentDoc}` as unknown as DocumentNode<ReplaySubscription, ReplaySubscriptionVariables>;
export const ReplayPagesDocument = gql`
    subscription ReplayPages($from: Int) {
  replay(from: $from, speed: 0) {
    kind
    iopfGroup {
      ...Pages
    }
  }
}
    ${PagesFragmentDoc}` as unknown as DocumentNode<ReplayPagesSubscription, ReplayPagesSubscriptionVariables>;
export const StoryBuildDocument = gql`
    mutation StoryBuild {
  machineDelete(input: { machineId: "story" })
  machineCreate(input: { machineId: "story", devices: [{ bdf: "0000:01:00.0" }] }) {
    ... on MachineCreatePayload {
      machine {
        machineId
        seq
      }
    }
    ... on KernelError {
      errno
      message
    }
  }
  contextOpen(input: { machineId: "story" }) {
    ... on ContextOpenPayload {
      contextId
    }
    ... on KernelError {
      errno
      message
    }
  }
  ioasAlloc(input: { machineId: "story", contextId: 1 }) {
    ... on IoasAllocPayload {
      outIoasId
    }
    ... on KernelError {
      errno
      message
    }
  }
  deviceBind(input: { machineId: "story", contextId: 1, bdf: "0000:01:00.0" }) {
    ... on DeviceBindPayload {
      outDevId
      events {
        summary
      }
    }
    ... on KernelError {
      errno
      message
    }
  }
  hwptAlloc(
    input: {
      machineId: "story"
      contextId: 1
      devId: 2
      ptId: 1
      flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
    }
  ) {
    ... on HwptAllocPayload {
      outHwptId
    }
    ... on KernelError {
      errno
      message
    }
  }
  deviceAttach(input: { machineId: "story", contextId: 1, devId: 2, ptId: 3 }) {
    ... on DeviceAttachPayload {
      outPtId
      events {
        summary
      }
    }
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<StoryBuildMutation, StoryBuildMutationVariables>;
export const StoryNestDocument = gql`
    mutation StoryNest {
  faultQueueAlloc(input: { machineId: "story", contextId: 1 }) {
    ... on FaultQueueAllocPayload {
      outFaultId
    }
    ... on KernelError {
      errno
      message
    }
  }
  hwptAlloc(
    input: {
      machineId: "story"
      contextId: 1
      devId: 2
      ptId: 3
      flags: [IOMMU_HWPT_FAULT_ID_VALID]
      faultId: 4
      vtdS1: { pgtblAddr: "0x7f000" }
    }
  ) {
    ... on HwptAllocPayload {
      outHwptId
    }
    ... on KernelError {
      errno
      message
    }
  }
  deviceReplace(input: { machineId: "story", contextId: 1, devId: 2, ptId: 5 }) {
    ... on DeviceReplacePayload {
      outPtId
      events {
        seq
        layer
        summary
      }
    }
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<StoryNestMutation, StoryNestMutationVariables>;
export const StoryFaultDocument = gql`
    mutation StoryFault {
  first: pageRequest(
    input: {
      machineId: "story"
      bdf: "0000:01:00.0"
      pasid: 5
      grpid: 7
      addr: "0x10000"
      perm: [IOMMU_PGFAULT_PERM_READ]
      lastPage: false
    }
  ) {
    ... on PageRequestPayload {
      outcome
      events {
        seq
        layer
        summary
      }
    }
  }
  second: pageRequest(
    input: {
      machineId: "story"
      bdf: "0000:01:00.0"
      pasid: 5
      grpid: 7
      addr: "0x11000"
      perm: [IOMMU_PGFAULT_PERM_READ, IOMMU_PGFAULT_PERM_WRITE]
      lastPage: false
    }
  ) {
    ... on PageRequestPayload {
      outcome
      events {
        seq
        layer
        summary
      }
    }
  }
  third: pageRequest(
    input: {
      machineId: "story"
      bdf: "0000:01:00.0"
      pasid: 5
      grpid: 7
      addr: "0x12000"
      perm: [IOMMU_PGFAULT_PERM_READ]
    }
  ) {
    ... on PageRequestPayload {
      outcome
      events {
        seq
        layer
        summary
      }
    }
  }
}
    ` as unknown as DocumentNode<StoryFaultMutation, StoryFaultMutationVariables>;
export const StoryHandleDocument = gql`
    subscription StoryHandle {
  iopfGroups(
    machineId: "story"
    contextId: 1
    faultId: 4
    mode: HANDLE
    maxInFlight: 1
  ) {
    kind
    redelivered
    code
    iopfGroup {
      cookie
      messages {
        devId
        pasid
        grpid
        perm
        addr
        flags
      }
    }
  }
}
    ` as unknown as DocumentNode<StoryHandleSubscription, StoryHandleSubscriptionVariables>;
export const StoryAnswerDocument = gql`
    mutation StoryAnswer {
  faultWrite(
    input: {
      machineId: "story"
      contextId: 1
      faultId: 4
      responses: [{ cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS }]
    }
  ) {
    ... on FaultWritePayload {
      bytes
      events {
        seq
        layer
        summary
      }
    }
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<StoryAnswerMutation, StoryAnswerMutationVariables>;
export const StoryTakeBackDocument = gql`
    mutation StoryTakeBack {
  pageRequest(
    input: {
      machineId: "story"
      bdf: "0000:01:00.0"
      pasid: 5
      grpid: 8
      addr: "0x20000"
      perm: [IOMMU_PGFAULT_PERM_WRITE]
    }
  ) {
    ... on PageRequestPayload {
      outcome
      iopfGroup {
        iopfGroupId
      }
    }
  }
  deviceReplace(input: { machineId: "story", contextId: 1, devId: 2, ptId: 3 }) {
    ... on DeviceReplacePayload {
      outPtId
      events {
        seq
        layer
        summary
      }
    }
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<StoryTakeBackMutation, StoryTakeBackMutationVariables>;
export const StoryLookBackDocument = gql`
    query StoryLookBack {
  now: machine(machineId: "story") {
    seq
    pciDevice(bdf: "0000:01:00.0") {
      iopfFeature
      device {
        hwpt {
          hwptId
          faultQueue {
            faultId
          }
        }
      }
    }
    operations(last: 3) {
      edges {
        node {
          number
          command
          errno
          seqBefore
          seq
        }
      }
    }
  }
  then: machine(machineId: "story", at: 26) {
    seq
    pciDevice(bdf: "0000:01:00.0") {
      iopfFeature
      partialRequests {
        grpid
        addr
      }
      device {
        hwpt {
          hwptId
          faultQueue {
            faultId
            deliverCount
            awaitingResponseCount
          }
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<StoryLookBackQuery, StoryLookBackQueryVariables>;
export const StoryEventsDocument = gql`
    subscription StoryEvents($machineId: MachineId!) {
  events(machineId: $machineId, after: 0) {
    seq
    layer
    summary
  }
}
    ` as unknown as DocumentNode<StoryEventsSubscription, StoryEventsSubscriptionVariables>;
export const DeviceReplaceDocument = gql`
    mutation DeviceReplace($input: DeviceReplaceInput!) {
  result: deviceReplace(input: $input) {
    ... on DeviceReplacePayload {
      outPtId
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<DeviceReplaceMutation, DeviceReplaceMutationVariables>;
export const DeviceDetachDocument = gql`
    mutation DeviceDetach($input: DeviceDetachInput!) {
  result: deviceDetach(input: $input) {
    ... on DeviceDetachPayload {
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<DeviceDetachMutation, DeviceDetachMutationVariables>;
export const DeviceUnbindDocument = gql`
    mutation DeviceUnbind($input: DeviceUnbindInput!) {
  result: deviceUnbind(input: $input) {
    ... on DeviceUnbindPayload {
      contextReleased
      events {
        ...Happened
      }
    }
    ...Refusal
  }
}
    ${HappenedFragmentDoc}
${RefusalFragmentDoc}` as unknown as DocumentNode<DeviceUnbindMutation, DeviceUnbindMutationVariables>;
export const MakeFaultingDocument = gql`
    mutation MakeFaulting($bdf: PciAddress!) {
  contextOpen(input: {  }) {
    ... on ContextOpenPayload {
      contextId
    }
  }
  deviceBind(input: { contextId: 1, bdf: $bdf }) {
    ... on DeviceBindPayload {
      outDevId
    }
  }
  ioasAlloc(input: { contextId: 1 }) {
    ... on IoasAllocPayload {
      outIoasId
    }
  }
  parent: hwptAlloc(
    input: { contextId: 1, devId: 1, ptId: 2, flags: [IOMMU_HWPT_ALLOC_NEST_PARENT] }
  ) {
    ... on HwptAllocPayload {
      outHwptId
    }
  }
  faultQueueAlloc(input: { contextId: 1 }) {
    ... on FaultQueueAllocPayload {
      outFaultId
    }
  }
  nested: hwptAlloc(
    input: {
      contextId: 1
      devId: 1
      ptId: 3
      flags: [IOMMU_HWPT_FAULT_ID_VALID]
      faultId: 4
      vtdS1: { pgtblAddr: "0x1000" }
    }
  ) {
    ... on HwptAllocPayload {
      outHwptId
    }
  }
  deviceAttach(input: { contextId: 1, devId: 1, ptId: 5 }) {
    ... on DeviceAttachPayload {
      outPtId
    }
  }
}
    ` as unknown as DocumentNode<MakeFaultingMutation, MakeFaultingMutationVariables>;