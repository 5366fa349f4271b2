/** Generated from web/operations/later by `npm run codegen`. */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { Hex, JsonValue } from '../../src/operations/typed-document.ts';
import type { TypedDocument as DocumentNode } from '../../src/operations/typed-document.ts';
import { gql } from '../../src/operations/typed-document.ts';
/** Arguments of atcInvalidate. */
export type AtcInvalidateInput = {
  /** First page. */
  readonly addr: Hex;
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Left out: requests without a PASID. */
  readonly pasid?: number | null | undefined;
  /** Bytes, not 0. */
  readonly size: Hex;
};

/** Arguments of atsDisable. */
export type AtsDisableInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of atsEnable. */
export type AtsEnableInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
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

/** What to name, and how. */
export type BookmarkAddInput = {
  /** A seq: the machine as it was after that event, from 0 to the newest. Left out, with the other two: as it is now. */
  readonly at?: number | null | undefined;
  /** Instead of `at`. A bookmark by its name: one that bookmarkAdd made, `refused-7` (the refused operation 7) or `hazard-2` (the second hazard). */
  readonly atBookmark?: string | null | undefined;
  /** Instead of `at`: as it was after the operation of that number, from 1. */
  readonly atOperation?: number | null | undefined;
  /** Instead of `at`: as it was after the last operation of that time or before, by the server’s clock. */
  readonly atTime?: string | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The name. */
  readonly name: string;
  /** Why it matters: at most 1000 characters. */
  readonly note?: string | null | undefined;
};

/** What became of an object. */
export type ChangeKind =
  /** The object is there after and was not before. */
  | 'APPEARED'
  /** The object is there before and after, with another value. */
  | 'CHANGED'
  /** The object was there before and is not after. */
  | 'WENT';

/** Types of operations, as the field `command` of an operation names them. */
export type CommandType =
  /** The mutation atcInvalidate. */
  | 'AtcInvalidate'
  /** The mutation atsDisable. */
  | 'AtsDisable'
  /** The mutation atsEnable. */
  | 'AtsEnable'
  /** A system call of a program that changed nothing of the machine: mostly on a VFIO device file, its registers and interrupts. */
  | 'CallAnswered'
  /** A system call of a program that failed before it was an operation: a number, a size, a reserved word, memory that is not there. */
  | 'CallRefused'
  /** The mutation contextClose. */
  | 'ContextClose'
  /** The mutation contextOpen. */
  | 'ContextOpen'
  /** The mutation destroy. */
  | 'Destroy'
  /** The mutation deviceAttach. */
  | 'DeviceAttach'
  /** The mutation deviceBind. */
  | 'DeviceBind'
  /** The mutation deviceDetach. */
  | 'DeviceDetach'
  /** The mutation deviceProgramLoad. */
  | 'DeviceProgramLoad'
  /** The mutation deviceReplace. */
  | 'DeviceReplace'
  /** The mutation deviceReset. */
  | 'DeviceReset'
  /** The mutation deviceRun. */
  | 'DeviceRun'
  /** The mutation deviceUnbind. */
  | 'DeviceUnbind'
  /** The mutation dma. */
  | 'Dma'
  /** The mutation faultClose. */
  | 'FaultClose'
  /** The mutation faultPoll. */
  | 'FaultPoll'
  /** The mutation faultQueueAlloc. */
  | 'FaultQueueAlloc'
  /** The mutation faultRead. */
  | 'FaultRead'
  /** The mutation faultWrite. */
  | 'FaultWrite'
  /** The mutation getHwInfo. */
  | 'GetHwInfo'
  /** The mutation guestMap. */
  | 'GuestMap'
  /** The mutation guestUnmap. */
  | 'GuestUnmap'
  /** The mutation guestWrite. */
  | 'GuestWrite'
  /** The mutation hardwareAdvance. */
  | 'HardwareAdvance'
  /** The mutation hwptAlloc. */
  | 'HwptAlloc'
  /** The mutation hwptGetDirtyBitmap. */
  | 'HwptGetDirtyBitmap'
  /** The mutation hwptInvalidate. */
  | 'HwptInvalidate'
  /** The mutation hwptSetDirtyTracking. */
  | 'HwptSetDirtyTracking'
  /** The mutation ioasAlloc. */
  | 'IoasAlloc'
  /** The mutation ioasAllowIovas. */
  | 'IoasAllowIovas'
  /** The mutation ioasCopy. */
  | 'IoasCopy'
  /** The mutation ioasIovaRanges. */
  | 'IoasIovaRanges'
  /** The mutation ioasMap. */
  | 'IoasMap'
  /** The mutation ioasUnmap. */
  | 'IoasUnmap'
  /** Another kernel and other policies from here on, with the state as it is. No kernel can do this: a past is run again from the middle under them. */
  | 'KernelReplace'
  /** The mutation machineCreate. */
  | 'MachineCreate'
  /** The mutation option. */
  | 'Option'
  /** The mutation pageRequestResume. */
  | 'PageRequestResume'
  /** The mutation pageRequest. */
  | 'PageRequestSend'
  /** The mutation pciDeviceAdd. */
  | 'PciDeviceAdd'
  /** The mutation pciDeviceRemove. */
  | 'PciDeviceRemove'
  /** The mutation priDisable. */
  | 'PriDisable'
  /** The mutation priEnable. */
  | 'PriEnable'
  /** The mutation priReset. */
  | 'PriResetSend'
  /** The mutation prqServe. */
  | 'PrqServe'
  /** The mutation prqSwitch. */
  | 'PrqSwitch'
  /** The mutation queueErrorClear. */
  | 'QueueErrorClear'
  /** The mutation stallResume. */
  | 'StallResume'
  /** The mutation stallTerminate. */
  | 'StallTerminate'
  /** The mutation testAccessClose. */
  | 'TestAccessClose'
  /** The mutation testAccessPages. */
  | 'TestAccessPages'
  /** The mutation testAccessReplaceIoas. */
  | 'TestAccessReplaceIoas'
  /** The mutation testAccessRw. */
  | 'TestAccessRw'
  /** The mutation testAddReserved. */
  | 'TestAddReserved'
  /** The mutation testCreateAccess. */
  | 'TestCreateAccess'
  /** The mutation testDestroyAccessPages. */
  | 'TestDestroyAccessPages'
  /** The mutation testDirty. */
  | 'TestDirty'
  /** The mutation testMdCheckIotlb. */
  | 'TestMdCheckIotlb'
  /** The mutation testMdCheckMap. */
  | 'TestMdCheckMap'
  /** The mutation testMdCheckRefs. */
  | 'TestMdCheckRefs'
  /** The mutation testMockDomain. */
  | 'TestMockDomain'
  /** The mutation testMockDomainReplace. */
  | 'TestMockDomainReplace'
  /** The mutation testPasidAttach. */
  | 'TestPasidAttach'
  /** The mutation testPasidCheckHwpt. */
  | 'TestPasidCheckHwpt'
  /** The mutation testPasidDetach. */
  | 'TestPasidDetach'
  /** The mutation testPasidReplace. */
  | 'TestPasidReplace'
  /** The mutation testSetTempMemoryLimit. */
  | 'TestSetTempMemoryLimit'
  /** The mutation testTriggerIopf. */
  | 'TestTriggerIopf'
  /** The mutation userMemoryChange. */
  | 'UserMemoryChange'
  /** The mutation vfioCheckExtension. */
  | 'VfioCheckExtension'
  /** The mutation vfioGetApiVersion. */
  | 'VfioGetApiVersion'
  /** The mutation vfioGetInfo. */
  | 'VfioGetInfo'
  /** The mutation vfioIoas. */
  | 'VfioIoas'
  /** The mutation vfioMapDma. */
  | 'VfioMapDma'
  /** The mutation vfioSetIommu. */
  | 'VfioSetIommu'
  /** The mutation vfioUnmapDma. */
  | 'VfioUnmapDma'
  /** The mutation vpriReset. */
  | 'VpriResetSend';

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

/** Arguments of deviceAttach. */
export type DeviceAttachInput = {
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

/** Arguments of deviceBind. */
export type DeviceBindInput = {
  /** The PCI function. */
  readonly bdf: string;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
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

/** Arguments of deviceProgramLoad. */
export type DeviceProgramLoadInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** What it does, in order; at most 4,096. More than some hundred have to come in a variable: a document has a bound of its own. */
  readonly ops: ReadonlyArray<DeviceProgramOpInput>;
  /** How it does that. Left out: the defaults. */
  readonly options?: DeviceProgramOptionsInput | null | undefined;
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

/** Arguments of deviceReset. */
export type DeviceResetInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of deviceRun. */
export type DeviceRunInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Operations at most, from 1 to 65536. */
  readonly steps?: number | null | undefined;
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

/** What is known of an event; all that is given holds together. One answer reads 1000000 operations; an error says where to go on. */
export type EventWhere = {
  /** It was made by an operation of this type. */
  readonly command?: CommandType | null | undefined;
  /** It was made by an operation that was refused with this errno. */
  readonly errno?: Errno | null | undefined;
  /** Then or later, by the time of its operation; no later than `to`. */
  readonly from?: string | null | undefined;
  /** It names this object. */
  readonly object?: ObjectKeyInput | null | undefined;
  /** true: its operation was refused, and it stands all the same; false: it was not. */
  readonly refused?: boolean | null | undefined;
  /** In its sentence; letters in any case. From 1 to 200 characters. */
  readonly text?: string | null | undefined;
  /** Then or before, by the time of its operation. */
  readonly to?: string | null | undefined;
  /** It is of this type. */
  readonly type?: EventType | null | undefined;
};

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

/** Arguments of guestMap. */
export type GuestMapInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** For executing too. */
  readonly executable?: boolean | null | undefined;
  /** Guest physical address. */
  readonly gpa: Hex;
  /** The nested hwpt whose page table it is. */
  readonly hwptId: number;
  /** First IOVA. */
  readonly iova: Hex;
  /** Bytes, at most 65536 pages. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Bytes of each page: 0x1000, or a larger size that the format has. */
  readonly pageSize?: Hex | null | undefined;
  /** Where pages for tables are taken from: the first that is zero and no table. */
  readonly tablesGpa: Hex;
  /** Bytes of that range, at most 65536 pages. */
  readonly tablesLength: Hex;
  /** For writing too. */
  readonly writeable?: boolean | null | undefined;
};

/** Arguments of guestUnmap. */
export type GuestUnmapInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The nested hwpt whose page table it is. */
  readonly hwptId: number;
  /** First IOVA. */
  readonly iova: Hex;
  /** Bytes, at most 65536 pages. */
  readonly length: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Eight bytes of guest memory. */
export type GuestWordInput = {
  /** Guest physical address, a multiple of 8. */
  readonly gpa: Hex;
  /** What is written. */
  readonly value: Hex;
};

/** Arguments of guestWrite. */
export type GuestWriteInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The IOAS that is the guest’s memory: the nest parent’s. */
  readonly ioasId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The words, from 1 to 4096. */
  readonly words: ReadonlyArray<GuestWordInput>;
};

/** Arguments of hardwareAdvance. */
export type HardwareAdvanceInput = {
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Ticks, from 1 to 1000000000. */
  readonly ticks: number;
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

/** What an operation must have; all that is given must hold together, what is about events for one event. At least one has to be given. */
export type LogConditionInput = {
  /** It was refused with this errno. */
  readonly errno?: Errno | null | undefined;
  /** It made an event of this type. */
  readonly eventType?: EventType | null | undefined;
  /** It met this hazard. */
  readonly hazard?: HazardName | null | undefined;
  /** Its arguments name this object, or an event does, while there is an object of this kind and id. A PCI function in the arguments is an address, not an object. */
  readonly object?: ObjectKeyInput | null | undefined;
  /** It is of this type. */
  readonly operation?: CommandType | null | undefined;
  /** A response with this code was written, or sent to a device. */
  readonly responseCode?: IommufdPageResponseCode | null | undefined;
};

/** What to fork, and how the new machine is called. */
export type MachineForkInput = {
  /** The moment to go on from: the end of an operation. Without `at`, `atOperation` and `atBookmark`, the newest. */
  readonly from: MachineMomentInput;
  /**
   * The new machine.
   * @deprecated newMachineId says it: elsewhere machineId is the machine that is there.
   */
  readonly machineId?: string | null | undefined;
  /** The new machine, as whatIf and redrive name theirs. It must be given. */
  readonly newMachineId?: string | null | undefined;
};

/** A machine at a moment. */
export type MachineMomentInput = {
  /** A seq: the machine as it was after that event, from 0 to the newest. Left out, with the other two: as it is now. */
  readonly at?: number | null | undefined;
  /** Instead of `at`. A bookmark by its name: one that bookmarkAdd made, `refused-7` (the refused operation 7) or `hazard-2` (the second hazard). */
  readonly atBookmark?: string | null | undefined;
  /** Instead of `at`: as it was after the operation of that number, from 1. */
  readonly atOperation?: number | null | undefined;
  /** Instead of `at`: as it was after the last operation of that time or before, by the server’s clock. */
  readonly atTime?: string | null | undefined;
  /** From 8 to 64 hex digits with which the `hash` of that moment begins; else the error OTHER_HISTORY: a machine that was made anew, or is another one of the name, answers for no other. An answer to a GET that names all 64 digits beside each `at`, and reads states and their events alone, is immutable. */
  readonly hash?: string | null | undefined;
  /** Its name. */
  readonly machineId?: string | null | undefined;
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

/** One kernel operation, as the mutation of that name takes it. The machineId in it means nothing here: the operation runs on the new machine. */
export type OperationInput =
  {   /** As the mutation atcInvalidate takes it. */
  readonly atcInvalidate: AtcInvalidateInput; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never;   /** As the mutation atsDisable takes it. */
  readonly atsDisable: AtsDisableInput; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never;   /** As the mutation atsEnable takes it. */
  readonly atsEnable: AtsEnableInput; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never;   /** As the mutation contextClose takes it. */
  readonly contextClose: ContextCloseInput; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never;   /** As the mutation contextOpen takes it. */
  readonly contextOpen: ContextOpenInput; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never;   /** As the mutation destroy takes it. */
  readonly destroy: DestroyInput; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never;   /** As the mutation deviceAttach takes it. */
  readonly deviceAttach: DeviceAttachInput; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never;   /** As the mutation deviceBind takes it. */
  readonly deviceBind: DeviceBindInput; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never;   /** As the mutation deviceDetach takes it. */
  readonly deviceDetach: DeviceDetachInput; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never;   /** As the mutation deviceProgramLoad takes it. */
  readonly deviceProgramLoad: DeviceProgramLoadInput; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never;   /** As the mutation deviceReplace takes it. */
  readonly deviceReplace: DeviceReplaceInput; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never;   /** As the mutation deviceReset takes it. */
  readonly deviceReset: DeviceResetInput; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never;   /** As the mutation deviceRun takes it. */
  readonly deviceRun: DeviceRunInput; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never;   /** As the mutation deviceUnbind takes it. */
  readonly deviceUnbind: DeviceUnbindInput; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never;   /** As the mutation dma takes it. */
  readonly dma: DmaInput; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never;   /** As the mutation faultClose takes it. */
  readonly faultClose: FaultCloseInput; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never;   /** As the mutation faultPoll takes it. */
  readonly faultPoll: FaultPollInput; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never;   /** As the mutation faultQueueAlloc takes it. */
  readonly faultQueueAlloc: FaultQueueAllocInput; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never;   /** As the mutation faultRead takes it. */
  readonly faultRead: FaultReadInput; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never;   /** As the mutation faultWrite takes it. */
  readonly faultWrite: FaultWriteInput; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never;   /** As the mutation getHwInfo takes it. */
  readonly getHwInfo: GetHwInfoInput; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never;   /** As the mutation guestMap takes it. */
  readonly guestMap: GuestMapInput; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never;   /** As the mutation guestUnmap takes it. */
  readonly guestUnmap: GuestUnmapInput; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never;   /** As the mutation guestWrite takes it. */
  readonly guestWrite: GuestWriteInput; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never;   /** As the mutation hardwareAdvance takes it. */
  readonly hardwareAdvance: HardwareAdvanceInput; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never;   /** As the mutation hwptAlloc takes it. */
  readonly hwptAlloc: HwptAllocInput; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never;   /** As the mutation hwptGetDirtyBitmap takes it. */
  readonly hwptGetDirtyBitmap: HwptGetDirtyBitmapInput; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never;   /** As the mutation hwptInvalidate takes it. */
  readonly hwptInvalidate: HwptInvalidateInput; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never;   /** As the mutation hwptSetDirtyTracking takes it. */
  readonly hwptSetDirtyTracking: HwptSetDirtyTrackingInput; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never;   /** As the mutation ioasAlloc takes it. */
  readonly ioasAlloc: IoasAllocInput; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never;   /** As the mutation ioasAllowIovas takes it. */
  readonly ioasAllowIovas: IoasAllowIovasInput; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never;   /** As the mutation ioasCopy takes it. */
  readonly ioasCopy: IoasCopyInput; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never;   /** As the mutation ioasIovaRanges takes it. */
  readonly ioasIovaRanges: IoasIovaRangesInput; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never;   /** As the mutation ioasMap takes it. */
  readonly ioasMap: IoasMapInput; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never;   /** As the mutation ioasUnmap takes it. */
  readonly ioasUnmap: IoasUnmapInput; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never;   /** As the mutation option takes it. */
  readonly option: OptionInput; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never;   /** As the mutation pageRequest takes it. */
  readonly pageRequest: PageRequestInput; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never;   /** As the mutation pageRequestResume takes it. */
  readonly pageRequestResume: PageRequestResumeInput; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never;   /** As the mutation pciDeviceAdd takes it. */
  readonly pciDeviceAdd: PciDeviceAddInput; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never;   /** As the mutation pciDeviceRemove takes it. */
  readonly pciDeviceRemove: PciDeviceRemoveInput; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never;   /** As the mutation priDisable takes it. */
  readonly priDisable: PriDisableInput; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never;   /** As the mutation priEnable takes it. */
  readonly priEnable: PriEnableInput; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never;   /** As the mutation priReset takes it. */
  readonly priReset: PriResetInput; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never;   /** As the mutation prqServe takes it. */
  readonly prqServe: PrqServeInput; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never;   /** As the mutation prqSwitch takes it. */
  readonly prqSwitch: PrqSwitchInput; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never;   /** As the mutation queueErrorClear takes it. */
  readonly queueErrorClear: QueueErrorClearInput; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never;   /** As the mutation stallResume takes it. */
  readonly stallResume: StallResumeInput; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never;   /** As the mutation stallTerminate takes it. */
  readonly stallTerminate: StallTerminateInput; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never;   /** As the mutation testAccessClose takes it. */
  readonly testAccessClose: TestAccessCloseInput; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never;   /** As the mutation testAccessPages takes it. */
  readonly testAccessPages: TestAccessPagesInput; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never;   /** As the mutation testAccessReplaceIoas takes it. */
  readonly testAccessReplaceIoas: TestAccessReplaceIoasInput; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never;   /** As the mutation testAccessRw takes it. */
  readonly testAccessRw: TestAccessRwInput; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never;   /** As the mutation testAddReserved takes it. */
  readonly testAddReserved: TestAddReservedInput; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never;   /** As the mutation testCreateAccess takes it. */
  readonly testCreateAccess: TestCreateAccessInput; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never;   /** As the mutation testDestroyAccessPages takes it. */
  readonly testDestroyAccessPages: TestDestroyAccessPagesInput; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never;   /** As the mutation testDirty takes it. */
  readonly testDirty: TestDirtyInput; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never;   /** As the mutation testMdCheckIotlb takes it. */
  readonly testMdCheckIotlb: TestMdCheckIotlbInput; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never;   /** As the mutation testMdCheckMap takes it. */
  readonly testMdCheckMap: TestMdCheckMapInput; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never;   /** As the mutation testMdCheckRefs takes it. */
  readonly testMdCheckRefs: TestMdCheckRefsInput; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never;   /** As the mutation testMockDomain takes it. */
  readonly testMockDomain: TestMockDomainInput; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never;   /** As the mutation testMockDomainReplace takes it. */
  readonly testMockDomainReplace: TestMockDomainReplaceInput; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never;   /** As the mutation testPasidAttach takes it. */
  readonly testPasidAttach: TestPasidAttachInput; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never;   /** As the mutation testPasidCheckHwpt takes it. */
  readonly testPasidCheckHwpt: TestPasidCheckHwptInput; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never;   /** As the mutation testPasidDetach takes it. */
  readonly testPasidDetach: TestPasidDetachInput; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never;   /** As the mutation testPasidReplace takes it. */
  readonly testPasidReplace: TestPasidReplaceInput; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never;   /** As the mutation testSetTempMemoryLimit takes it. */
  readonly testSetTempMemoryLimit: TestSetTempMemoryLimitInput; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never;   /** As the mutation testTriggerIopf takes it. */
  readonly testTriggerIopf: TestTriggerIopfInput; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never;   /** As the mutation userMemoryChange takes it. */
  readonly userMemoryChange: UserMemoryChangeInput; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never;   /** As the mutation vfioCheckExtension takes it. */
  readonly vfioCheckExtension: VfioCheckExtensionInput; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never;   /** As the mutation vfioGetApiVersion takes it. */
  readonly vfioGetApiVersion: VfioGetApiVersionInput; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never;   /** As the mutation vfioGetInfo takes it. */
  readonly vfioGetInfo: VfioGetInfoInput; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never;   /** As the mutation vfioIoas takes it. */
  readonly vfioIoas: VfioIoasInput; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never;   /** As the mutation vfioMapDma takes it. */
  readonly vfioMapDma: VfioMapDmaInput; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never;   /** As the mutation vfioSetIommu takes it. */
  readonly vfioSetIommu: VfioSetIommuInput; readonly vfioUnmapDma?: never; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never;   /** As the mutation vfioUnmapDma takes it. */
  readonly vfioUnmapDma: VfioUnmapDmaInput; readonly vpriReset?: never; }
  |  { readonly atcInvalidate?: never; readonly atsDisable?: never; readonly atsEnable?: never; readonly contextClose?: never; readonly contextOpen?: never; readonly destroy?: never; readonly deviceAttach?: never; readonly deviceBind?: never; readonly deviceDetach?: never; readonly deviceProgramLoad?: never; readonly deviceReplace?: never; readonly deviceReset?: never; readonly deviceRun?: never; readonly deviceUnbind?: never; readonly dma?: never; readonly faultClose?: never; readonly faultPoll?: never; readonly faultQueueAlloc?: never; readonly faultRead?: never; readonly faultWrite?: never; readonly getHwInfo?: never; readonly guestMap?: never; readonly guestUnmap?: never; readonly guestWrite?: never; readonly hardwareAdvance?: never; readonly hwptAlloc?: never; readonly hwptGetDirtyBitmap?: never; readonly hwptInvalidate?: never; readonly hwptSetDirtyTracking?: never; readonly ioasAlloc?: never; readonly ioasAllowIovas?: never; readonly ioasCopy?: never; readonly ioasIovaRanges?: never; readonly ioasMap?: never; readonly ioasUnmap?: never; readonly option?: never; readonly pageRequest?: never; readonly pageRequestResume?: never; readonly pciDeviceAdd?: never; readonly pciDeviceRemove?: never; readonly priDisable?: never; readonly priEnable?: never; readonly priReset?: never; readonly prqServe?: never; readonly prqSwitch?: never; readonly queueErrorClear?: never; readonly stallResume?: never; readonly stallTerminate?: never; readonly testAccessClose?: never; readonly testAccessPages?: never; readonly testAccessReplaceIoas?: never; readonly testAccessRw?: never; readonly testAddReserved?: never; readonly testCreateAccess?: never; readonly testDestroyAccessPages?: never; readonly testDirty?: never; readonly testMdCheckIotlb?: never; readonly testMdCheckMap?: never; readonly testMdCheckRefs?: never; readonly testMockDomain?: never; readonly testMockDomainReplace?: never; readonly testPasidAttach?: never; readonly testPasidCheckHwpt?: never; readonly testPasidDetach?: never; readonly testPasidReplace?: never; readonly testSetTempMemoryLimit?: never; readonly testTriggerIopf?: never; readonly userMemoryChange?: never; readonly vfioCheckExtension?: never; readonly vfioGetApiVersion?: never; readonly vfioGetInfo?: never; readonly vfioIoas?: never; readonly vfioMapDma?: never; readonly vfioSetIommu?: never; readonly vfioUnmapDma?: never;   /** As the mutation vpriReset takes it. */
  readonly vpriReset: VpriResetInput; };

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

/** A part of what an operation came to. */
export type OutcomeAspect =
  /** Whether and why the kernel refused it. */
  | 'ERRNO'
  /** The state changes it made, in their order. The numbers of attach handles, iopf groups and held requests are Faultline’s own and are not compared. */
  | 'EVENTS'
  /** What was written back to the caller. */
  | 'REPLY';

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

/** Arguments of pageRequestResume. */
export type PageRequestResumeInput = {
  /** The request. */
  readonly inFlightId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

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

/** Arguments of pciDeviceAdd. */
export type PciDeviceAddInput = {
  /** The function. */
  readonly device: PciDeviceInput;
  /** The machine. */
  readonly machineId?: string | null | undefined;
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

/** Arguments of pciDeviceRemove. */
export type PciDeviceRemoveInput = {
  /** Where it is. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
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

/** Which page request group index a device takes. */
export type PrgIndexChoice =
  /** Always the same: a broken device. */
  | 'FIXED'
  /** The lowest that is not outstanding. */
  | 'NEXT_FREE'
  /** The next after the one used last. */
  | 'ROUND_ROBIN';

/** Arguments of priDisable. */
export type PriDisableInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of priEnable. */
export type PriEnableInput = {
  /** Outstanding Page Request Allocation, from 1; more than the capacity is the capacity. */
  readonly allocation?: number | null | undefined;
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of priReset. */
export type PriResetInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

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

/** Arguments of prqServe. */
export type PrqServeInput = {
  /** The IOMMU, counted from 0. ENODEV if there is none. */
  readonly iommu: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Records at most, from 1 to 32768. */
  readonly max?: number | null | undefined;
};

/** Arguments of prqSwitch. */
export type PrqSwitchInput = {
  /** On, or off. */
  readonly enabled: boolean;
  /** The IOMMU, counted from 0. ENODEV if there is none. */
  readonly iommu: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of queueErrorClear. */
export type QueueErrorClearInput = {
  /** The IOMMU, counted from 0. ENODEV if there is none. */
  readonly iommu: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** What an item of a redrive is. */
export type RedriveItemKind =
  /** The last item: both runs side by side. */
  | 'FINISHED'
  /** A recorded operation ran again. */
  | 'RAN'
  /** The fork is made: start the handler on it. */
  | 'STARTED'
  /** A recorded answer was waited for and did not come in time: see `unanswered`, and `handlers`, which is 0 if nobody is subscribed. */
  | 'UNANSWERED';

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

/** A change to the operations that run again. Give one of `leaveOut`, `instead`, or neither, and `before` as you like. */
export type RerunEditInput = {
  /** Run before it, in order. */
  readonly before?: ReadonlyArray<OperationInput> | null | undefined;
  /** Runs in its place. */
  readonly instead?: OperationInput | null | undefined;
  /** It does not run. */
  readonly leaveOut?: boolean | null | undefined;
  /** The number of the recorded operation it is about. */
  readonly operation: number;
};

/** Choices the review of the kernel patch discusses. What is left out is as recorded. */
export type RerunPoliciesInput = {
  /** What a replace away from a fault-capable hwpt answers. */
  readonly autoResponse?: AutoResponsePolicy | null | undefined;
  /** What the IOMMU driver does with page requests in flight. */
  readonly inFlightRequests?: InFlightPolicy | null | undefined;
  /** What becomes of virtual functions. */
  readonly virtualFunctions?: VirtualFunctionPolicy | null | undefined;
};

/** Why two operations stand beside each other, or one alone. */
export type RerunStepKind =
  /** The recorded operation ran again as it was. */
  | 'AS_RECORDED'
  /** An edit inserted it: there is no recorded one. */
  | 'INSERTED'
  /** Sets the kernel and policies asked for, in the middle of a past. */
  | 'KERNEL_REPLACED'
  /** An edit left the recorded one out: none ran again. */
  | 'LEFT_OUT'
  /** An edit put another operation in its place. */
  | 'REPLACED';

/** A range of IOVAs the device cannot use for DMA, both ends inclusive. */
export type ReservedRegionInput = {
  /** Last IOVA, not below start. */
  readonly last: Hex;
  /** First IOVA. */
  readonly start: Hex;
  /** Its kind. */
  readonly type: IommuResvType;
};

/** Arguments of stallResume. */
export type StallResumeInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Try it again; else it is aborted. */
  readonly retry: boolean;
  /** Its STAG, 16 bits. */
  readonly stag: number;
};

/** Arguments of stallTerminate. */
export type StallTerminateInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

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

/** Arguments of userMemoryChange. */
export type UserMemoryChangeInput = {
  /** What is there from then on, ascending, no two overlapping; it replaces what was there. At most 1024. */
  readonly added?: ReadonlyArray<MemoryRegionInput> | null | undefined;
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** User addresses that go, in whole pages; what is not there is left alone. At most 1024. */
  readonly removed?: ReadonlyArray<IovaRangeInput> | null | undefined;
};

/** Arguments of vfioCheckExtension. */
export type VfioCheckExtensionInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The extension. This or rawExtension. */
  readonly extension?: VfioExtension | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** As a number, for values that have no name. */
  readonly rawExtension?: number | null | undefined;
};

/** What a mapping of VFIO permits. */
export type VfioDmaMapFlag =
  /** 1: devices may read */
  | 'VFIO_DMA_MAP_FLAG_READ'
  /** 2: devices may write */
  | 'VFIO_DMA_MAP_FLAG_WRITE';

/** What VFIO unmaps. */
export type VfioDmaUnmapFlag =
  /** 2: everything; iova and size are 0 */
  | 'VFIO_DMA_UNMAP_FLAG_ALL';

/** What VFIO_CHECK_EXTENSION asks after. */
export type VfioExtension =
  /** 4: every domain enforces cache coherency */
  | 'VFIO_DMA_CC_IOMMU'
  /** 8: devices without an IOMMU */
  | 'VFIO_NOIOMMU_IOMMU'
  /** 1: type 1: unmapping may cut what was mapped */
  | 'VFIO_TYPE1_IOMMU'
  /** 6: nesting; obsolete */
  | 'VFIO_TYPE1_NESTING_IOMMU'
  /** 3: type 1, version 2: it may not */
  | 'VFIO_TYPE1v2_IOMMU'
  /** 9: VFIO_DMA_UNMAP_FLAG_ALL */
  | 'VFIO_UNMAP_ALL'
  /** 10: user addresses may be changed */
  | 'VFIO_UPDATE_VADDR';

/** Arguments of vfioGetApiVersion. */
export type VfioGetApiVersionInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Arguments of vfioGetInfo. */
export type VfioGetInfoInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The machine. */
  readonly machineId?: string | null | undefined;
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

/** What VFIO_SET_IOMMU chooses. */
export type VfioIommuType =
  /** 8: EINVAL: no device lacks an IOMMU */
  | 'VFIO_NOIOMMU_IOMMU'
  /** 1: unmapping may cut what was mapped */
  | 'VFIO_TYPE1_IOMMU'
  /** 3: it may not */
  | 'VFIO_TYPE1v2_IOMMU';

/** Arguments of vfioMapDma (struct vfio_iommu_type1_dma_map). */
export type VfioMapDmaInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Flags by name; none is no error. */
  readonly flags?: ReadonlyArray<VfioDmaMapFlag> | null | undefined;
  /** Where. */
  readonly iova: Hex;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
  /** Bytes; not 0. */
  readonly size: Hex;
  /** User address of the first byte. */
  readonly vaddr: Hex;
};

/** Arguments of vfioSetIommu. */
export type VfioSetIommuInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** The type. This or rawIommuType. */
  readonly iommuType?: VfioIommuType | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** As a number, for values that have no name. */
  readonly rawIommuType?: number | null | undefined;
};

/** Arguments of vfioUnmapDma (struct vfio_iommu_type1_dma_unmap). */
export type VfioUnmapDmaInput = {
  /** The context: stands for the open file of /dev/iommu. EBADF if it is not open. */
  readonly contextId: number;
  /** Flags by name. */
  readonly flags?: ReadonlyArray<VfioDmaUnmapFlag> | null | undefined;
  /** The first IOVA. */
  readonly iova?: Hex | null | undefined;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** The word as a number, for bits that have no name; added to the names. */
  readonly rawFlags?: number | null | undefined;
  /** Bytes. */
  readonly size?: Hex | null | undefined;
};

/** What becomes of virtual functions and fault-capable hwpts. */
export type VirtualFunctionPolicy =
  /** Refused as the kernel refuses them. */
  | 'AS_BASELINE'
  /** Each has an emulated PRI: a failure is not passed to the hardware, and what the function sends after it is answered INVALID and not delivered, until vpriReset or until PRI is turned on again. Implemented in no kernel. */
  | 'EMULATED_PRI';

/** Arguments of vpriReset. */
export type VpriResetInput = {
  /** The virtual function. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
};

/** Which operations run again, on what machine, and what is different. */
export type WhatIfInput = {
  /** The seq up to which the past is shared: the end of an operation. Left out, with the other two, or 0: nothing is shared, and the machine is made again, too. */
  readonly at?: number | null | undefined;
  /** Instead of `at`. A bookmark by its name: one that bookmarkAdd made, `refused-7` (the refused operation 7) or `hazard-2` (the second hazard). */
  readonly atBookmark?: string | null | undefined;
  /** Instead of `at`: the last operation that is shared. */
  readonly atOperation?: number | null | undefined;
  /** Instead of `at`: as it was after the last operation of that time or before, by the server’s clock. */
  readonly atTime?: string | null | undefined;
  /** The kernel they run under. Left out: the recorded one. */
  readonly baseline?: Baseline | null | undefined;
  /** Operations to leave out, replace or insert, at most 1000. */
  readonly edits?: ReadonlyArray<RerunEditInput> | null | undefined;
  /** The machine whose recorded operations run again. */
  readonly machineId?: string | null | undefined;
  /** The new machine. */
  readonly newMachineId: string;
  /** The policies they run under. Left out: the recorded ones. */
  readonly policies?: RerunPoliciesInput | null | undefined;
  /** The last operation that runs again. Left out: the newest. At most 100000 run. */
  readonly toOperation?: number | null | undefined;
};

export type NamesQueryVariables = Exact<{ [key: string]: never; }>;


export type NamesQuery = { readonly events: { readonly enumValues: ReadonlyArray<{ readonly name: string }> | null } | null, readonly commands: { readonly enumValues: ReadonlyArray<{ readonly name: string }> | null } | null, readonly errnos: { readonly enumValues: ReadonlyArray<{ readonly name: string }> | null } | null, readonly hazards: { readonly enumValues: ReadonlyArray<{ readonly name: string }> | null } | null };

export type FindNextQueryVariables = Exact<{
  machineId: string;
  after: number;
  condition: LogConditionInput;
}>;


export type FindNextQuery = { readonly machine: { readonly firstWhere: { readonly event: { readonly seq: number, readonly summary: string } | null, readonly operation: { readonly number: number, readonly command: string, readonly errno: Errno | null, readonly seq: number } } | null } };

export type FindEventsQueryVariables = Exact<{
  machineId: string;
  after: string;
  where: EventWhere;
  first: number;
}>;


export type FindEventsQuery = { readonly machine: { readonly events: { readonly edges: ReadonlyArray<{ readonly node: { readonly seq: number, readonly summary: string, readonly operation: { readonly number: number, readonly errno: Errno | null } } }>, readonly pageInfo: { readonly hasNextPage: boolean } } } };

export type ComparedQueryVariables = Exact<{
  machineId: string;
  at: number;
  otherId: string;
  otherAt: number;
}>;


export type ComparedQuery = { readonly diff: { readonly changeCount: number, readonly changes: ReadonlyArray<{ readonly kind: ChangeKind, readonly field: string | null, readonly before: JsonValue | null, readonly after: JsonValue | null, readonly object: { readonly kind: ObjectKind, readonly contextId: number | null, readonly id: number | null, readonly iova: Hex | null, readonly name: string } }> } };

export type RerunStepsQueryVariables = Exact<{
  machineId: string;
  after?: string | null | undefined;
}>;


export type RerunStepsQuery = { readonly machine: { readonly machineId: string, readonly baseline: Baseline, readonly rerun: { readonly recorded: { readonly machineId: string, readonly baseline: Baseline }, readonly steps: { readonly edges: ReadonlyArray<{ readonly node: { readonly kind: RerunStepKind, readonly differs: ReadonlyArray<OutcomeAspect>, readonly recorded: StepOperationFragment | null, readonly rerun: StepOperationFragment | null } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null } };

export type BaselinesQueryVariables = Exact<{ [key: string]: never; }>;


export type BaselinesQuery = { readonly baselines: ReadonlyArray<{ readonly baseline: Baseline, readonly text: string }> };

export type SeqAtQueryVariables = Exact<{
  machineId: string;
  time: string;
}>;


export type SeqAtQuery = { readonly machine: { readonly seqAt: number | null } };

export type WatchNowQueryVariables = Exact<{
  machineId: string;
  at: number;
  until: number;
  object: ObjectKeyInput;
  field?: string | null | undefined;
}>;


export type WatchNowQuery = { readonly machine: { readonly lastChange: WatchedChangeFragment | null }, readonly later: { readonly nextChange: WatchedChangeFragment | null } };

export type WatchedChangeFragment = { readonly event: { readonly seq: number }, readonly changes: ReadonlyArray<{ readonly kind: ChangeKind, readonly field: string | null, readonly before: JsonValue | null, readonly after: JsonValue | null }> };

export type StepOperationFragment = { readonly number: number, readonly command: string, readonly errno: Errno | null, readonly seqBefore: number, readonly seq: number, readonly events: ReadonlyArray<{ readonly summary: string }> };

export type KernelOfQueryVariables = Exact<{
  machineId: string;
}>;


export type KernelOfQuery = { readonly machine: { readonly baseline: Baseline } };

export type AddBookmarkMutationVariables = Exact<{
  input: BookmarkAddInput;
}>;


export type AddBookmarkMutation = { readonly bookmarkAdd: { readonly name: string, readonly seq: number } | null };

export type ForkMutationVariables = Exact<{
  input: MachineForkInput;
}>;


export type ForkMutation = { readonly machineFork: { readonly machine: { readonly machineId: string, readonly seq: number } } | null };

export type WhatIfMutationVariables = Exact<{
  input: WhatIfInput;
}>;


export type WhatIfMutation = { readonly whatIf: { readonly machine: { readonly machineId: string, readonly seq: number } } | null };

export type RedriveSubscriptionVariables = Exact<{
  machineId: string;
  newMachineId: string;
  fromOperation: number;
  answerTimeoutMs: number;
}>;


export type RedriveSubscription = { readonly redrive: { readonly kind: RedriveItemKind, readonly handlers: number, readonly recorded: { readonly number: number, readonly command: string, readonly seq: number } | null, readonly summary: { readonly groups: number, readonly same: number, readonly differenceCount: number, readonly timedOut: number, readonly differences: ReadonlyArray<{ readonly recorded: GroupEndFragment | null, readonly redriven: GroupEndFragment | null }>, readonly firstErrno: { readonly recorded: RefusedLineFragment, readonly redriven: RefusedLineFragment } | null } | null } };

export type GroupEndFragment = { readonly iopfGroupId: number, readonly outcome: IopfOutcome, readonly code: IommufdPageResponseCode | null, readonly queuedSeq: number, readonly endedSeq: number | null };

export type RefusedLineFragment = { readonly number: number, readonly command: string, readonly errno: Errno | null, readonly seq: number };

export type RefusedQueryVariables = Exact<{
  machineId: string;
  after: string;
}>;


export type RefusedQuery = { readonly machine: { readonly operations: { readonly edges: ReadonlyArray<{ readonly node: { readonly number: number, readonly command: string, readonly summary: string, readonly mutation: string | null, readonly arguments: JsonValue, readonly reply: JsonValue | null, readonly errno: Errno | null, readonly refusal: string | null, readonly at: string, readonly seqBefore: number, readonly seq: number, readonly events: ReadonlyArray<{ readonly seq: number, readonly layer: Layer, readonly type: EventType, readonly summary: string }>, readonly trace: ReadonlyArray<{ readonly function: string, readonly depth: number, readonly returned: string, readonly rule: RefusalRule | null }> } }> } } };

export type StoryYourTurnMutationVariables = Exact<{ [key: string]: never; }>;


export type StoryYourTurnMutation = { readonly deviceReplace:
    | { readonly errno: Errno | null, readonly message: string }
    | Record<PropertyKey, never>
   | null, readonly pageRequest:
    | { readonly errno: Errno | null, readonly message: string }
    | Record<PropertyKey, never>
   | null };

export const WatchedChangeFragmentDoc = gql`
    fragment WatchedChange on ObjectChange {
  event {
    seq
  }
  changes {
    kind
    field
    before
    after
  }
}
    ` as unknown as DocumentNode<WatchedChangeFragment, unknown>;
export const StepOperationFragmentDoc = gql`
    fragment StepOperation on Operation {
  number
  command
  errno
  seqBefore
  seq
  events(first: 50) {
    summary
  }
}
    ` as unknown as DocumentNode<StepOperationFragment, unknown>;
export const GroupEndFragmentDoc = gql`
    fragment GroupEnd on IopfGroupRecord {
  iopfGroupId
  outcome
  code
  queuedSeq
  endedSeq
}
    ` as unknown as DocumentNode<GroupEndFragment, unknown>;
export const RefusedLineFragmentDoc = gql`
    fragment RefusedLine on Operation {
  number
  command
  errno
  seq
}
    ` as unknown as DocumentNode<RefusedLineFragment, unknown>;
export const NamesDocument = gql`
    query Names {
  events: __type(name: "EventType") {
    enumValues {
      name
    }
  }
  commands: __type(name: "CommandType") {
    enumValues {
      name
    }
  }
  errnos: __type(name: "Errno") {
    enumValues {
      name
    }
  }
  hazards: __type(name: "HazardName") {
    enumValues {
      name
    }
  }
}
    ` as unknown as DocumentNode<NamesQuery, NamesQueryVariables>;
export const FindNextDocument = gql`
    query FindNext($machineId: MachineId!, $after: Int!, $condition: LogConditionInput!) {
  machine(machineId: $machineId) {
    firstWhere(after: $after, condition: $condition) {
      event {
        seq
        summary
      }
      operation {
        number
        command
        errno
        seq
      }
    }
  }
}
    ` as unknown as DocumentNode<FindNextQuery, FindNextQueryVariables>;
export const FindEventsDocument = gql`
    query FindEvents($machineId: MachineId!, $after: String!, $where: EventWhere!, $first: Int!) {
  machine(machineId: $machineId) {
    events(after: $after, where: $where, first: $first) {
      edges {
        node {
          seq
          summary
          operation {
            number
            errno
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
}
    ` as unknown as DocumentNode<FindEventsQuery, FindEventsQueryVariables>;
export const ComparedDocument = gql`
    query Compared($machineId: MachineId!, $at: Int!, $otherId: MachineId!, $otherAt: Int!) {
  diff(
    from: { machineId: $otherId, at: $otherAt }
    to: { machineId: $machineId, at: $at }
    first: 300
  ) {
    changeCount
    changes {
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
  }
}
    ` as unknown as DocumentNode<ComparedQuery, ComparedQueryVariables>;
export const RerunStepsDocument = gql`
    query RerunSteps($machineId: MachineId!, $after: String) {
  machine(machineId: $machineId) {
    machineId
    baseline
    rerun {
      recorded {
        machineId
        baseline
      }
      steps(first: 200, after: $after) {
        edges {
          node {
            kind
            differs
            recorded {
              ...StepOperation
            }
            rerun {
              ...StepOperation
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
}
    ${StepOperationFragmentDoc}` as unknown as DocumentNode<RerunStepsQuery, RerunStepsQueryVariables>;
export const BaselinesDocument = gql`
    query Baselines {
  baselines {
    baseline
    text
  }
}
    ` as unknown as DocumentNode<BaselinesQuery, BaselinesQueryVariables>;
export const SeqAtDocument = gql`
    query SeqAt($machineId: MachineId!, $time: DateTime!) {
  machine(machineId: $machineId) {
    seqAt(time: $time)
  }
}
    ` as unknown as DocumentNode<SeqAtQuery, SeqAtQueryVariables>;
export const WatchNowDocument = gql`
    query WatchNow($machineId: MachineId!, $at: Int!, $until: Int!, $object: ObjectKeyInput!, $field: String) {
  machine(machineId: $machineId, at: $at) {
    lastChange(object: $object, field: $field) {
      ...WatchedChange
    }
  }
  later: machine(machineId: $machineId, at: $until) {
    nextChange(object: $object, field: $field, after: $at) {
      ...WatchedChange
    }
  }
}
    ${WatchedChangeFragmentDoc}` as unknown as DocumentNode<WatchNowQuery, WatchNowQueryVariables>;
export const KernelOfDocument = gql`
    query KernelOf($machineId: MachineId!) {
  machine(machineId: $machineId) {
    baseline
  }
}
    ` as unknown as DocumentNode<KernelOfQuery, KernelOfQueryVariables>;
export const AddBookmarkDocument = gql`
    mutation AddBookmark($input: BookmarkAddInput!) {
  bookmarkAdd(input: $input) {
    name
    seq
  }
}
    ` as unknown as DocumentNode<AddBookmarkMutation, AddBookmarkMutationVariables>;
export const ForkDocument = gql`
    mutation Fork($input: MachineForkInput!) {
  machineFork(input: $input) {
    machine {
      machineId
      seq
    }
  }
}
    ` as unknown as DocumentNode<ForkMutation, ForkMutationVariables>;
export const WhatIfDocument = gql`
    mutation WhatIf($input: WhatIfInput!) {
  whatIf(input: $input) {
    machine {
      machineId
      seq
    }
  }
}
    ` as unknown as DocumentNode<WhatIfMutation, WhatIfMutationVariables>;
export const RedriveDocument = gql`
    subscription Redrive($machineId: MachineId!, $newMachineId: MachineId!, $fromOperation: Int!, $answerTimeoutMs: Int!) {
  redrive(
    machineId: $machineId
    newMachineId: $newMachineId
    fromOperation: $fromOperation
    answerTimeoutMs: $answerTimeoutMs
    speed: 0
  ) {
    kind
    handlers
    recorded {
      number
      command
      seq
    }
    summary {
      groups
      same
      differenceCount
      timedOut
      differences {
        recorded {
          ...GroupEnd
        }
        redriven {
          ...GroupEnd
        }
      }
      firstErrno {
        recorded {
          ...RefusedLine
        }
        redriven {
          ...RefusedLine
        }
      }
    }
  }
}
    ${GroupEndFragmentDoc}
${RefusedLineFragmentDoc}` as unknown as DocumentNode<RedriveSubscription, RedriveSubscriptionVariables>;
export const RefusedDocument = gql`
    query Refused($machineId: MachineId!, $after: String!) {
  machine(machineId: $machineId) {
    operations(after: $after, first: 1) {
      edges {
        node {
          number
          command
          summary
          mutation
          arguments
          reply
          errno
          refusal
          at
          seqBefore
          seq
          events(first: 200) {
            seq
            layer
            type
            summary
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
    ` as unknown as DocumentNode<RefusedQuery, RefusedQueryVariables>;
export const StoryYourTurnDocument = gql`
    mutation StoryYourTurn {
  deviceReplace(input: { machineId: "story", contextId: 1, devId: 2, ptId: 5 }) {
    ... on KernelError {
      errno
      message
    }
  }
  pageRequest(
    input: {
      machineId: "story"
      bdf: "0000:01:00.0"
      pasid: 5
      grpid: 9
      addr: "0x30000"
      perm: [IOMMU_PGFAULT_PERM_READ]
    }
  ) {
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<StoryYourTurnMutation, StoryYourTurnMutationVariables>;