/** Generated from web/operations/hardware by `npm run codegen`. */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { Hex } from '../../src/operations/typed-document.ts';
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

/** Arguments of deviceRun. */
export type DeviceRunInput = {
  /** The function. ENODEV if there is none, EOPNOTSUPP if its IOMMU is not modelled. */
  readonly bdf: string;
  /** The machine. */
  readonly machineId?: string | null | undefined;
  /** Operations at most, from 1 to 65536. */
  readonly steps?: number | null | undefined;
};

/** Why a DMA failed. */
export type DmaAbortReason =
  /** The function was reset. */
  | 'DEVICE_RESET'
  /** A group was answered INVALID. */
  | 'INVALID_REQUEST'
  /** The page is missing and nobody can be asked. */
  | 'NO_PRI'
  /** The IOMMU refused it and recorded a fault. */
  | 'REFUSED'
  /** A failure disabled PRI. */
  | 'RESPONSE_FAILURE'
  /** Its page stayed missing after as many answers of SUCCESS as it accepts. */
  | 'RETRY_LIMIT'
  /** The stalled transaction was ended. */
  | 'TERMINATED';

/** Why a walk ended without a translation. */
export type DmaFaultReason =
  /** The blocking domain, or none. */
  | 'BLOCKED'
  /** The kernel’s default domain: nobody owns its DMA, and it is not modelled. */
  | 'DEFAULT_DOMAIN'
  /** A large page’s address is no multiple of its size. */
  | 'MISALIGNED'
  /** The IOVA is wider than the table, or not sign-extended. */
  | 'NOT_CANONICAL'
  /** The entry is not present. */
  | 'NOT_PRESENT'
  /** The entries do not grant reading. */
  | 'NOT_READABLE'
  /** The entries do not grant writing. */
  | 'NOT_WRITABLE'
  /** A PASID that is not attached, in front of a domain that has no table for it. */
  | 'NO_PASID_TABLE'
  /** The page is for the other privilege. */
  | 'PRIVILEGE'
  /** The entry has reserved bits or a reserved encoding. */
  | 'RESERVED'
  /** The second stage has nothing at the guest address. */
  | 'STAGE2_NOT_PRESENT'
  /** The second stage does not permit the access. */
  | 'STAGE2_PERMISSION'
  /** The second stage has no memory for a table, or none that can be read. */
  | 'TABLE_UNREADABLE';

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

/** What an event did to a DMA. */
export type DmaStepKind =
  /** It failed. */
  | 'ABORTED'
  /** Its request was lost; it asks again later. */
  | 'BACKED_OFF'
  /** Its bytes have moved. */
  | 'DONE'
  /** It was issued, and pages were missing. */
  | 'ISSUED'
  /** It waits for a credit. */
  | 'NO_CREDIT'
  /** After an answer of SUCCESS a page was missing still. */
  | 'RETRIED'
  /** It waits in the IOMMU. */
  | 'STALLED'
  /** Its device gave up. */
  | 'TIMED_OUT'
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

/** What an IOMMU’s driver does with page requests. */
export type IommuDriverKind =
  /** What Linux’ driver for this vendor does, by baseline. */
  | 'AS_LINUX'
  /** It keeps the contract of iommufd’s fault path. */
  | 'CONFORMING';

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

/** Which page request group index a device takes. */
export type PrgIndexChoice =
  /** Always the same: a broken device. */
  | 'FIXED'
  /** The lowest that is not outstanding. */
  | 'NEXT_FREE'
  /** The next after the one used last. */
  | 'ROUND_ROBIN';

/** Who runs the driver’s interrupt thread, which reads the page request queue. */
export type PrqService =
  /** It runs at each request. */
  | 'IMMEDIATE'
  /** prqServe runs it, so that the queue can overflow. */
  | 'MANUAL';

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

export type LoadProgramMutationVariables = Exact<{
  input: DeviceProgramLoadInput;
}>;


export type LoadProgramMutation = { readonly deviceProgramLoad:
    | { readonly errno: Errno | null, readonly message: string }
    | Record<PropertyKey, never>
   | null };

export type RunProgramMutationVariables = Exact<{
  input: DeviceRunInput;
}>;


export type RunProgramMutation = { readonly deviceRun:
    | { readonly state: DeviceProgramState, readonly next: number }
    | { readonly errno: Errno | null, readonly message: string }
   | null };

export type MapInGuestMutationVariables = Exact<{
  input: GuestMapInput;
}>;


export type MapInGuestMutation = { readonly guestMap:
    | { readonly errno: Errno | null, readonly message: string }
    | Record<PropertyKey, never>
   | null };

export type UnmapInGuestMutationVariables = Exact<{
  input: GuestUnmapInput;
}>;


export type UnmapInGuestMutation = { readonly guestUnmap:
    | { readonly errno: Errno | null, readonly message: string }
    | Record<PropertyKey, never>
   | null };

export type WriteInGuestMutationVariables = Exact<{
  input: GuestWriteInput;
}>;


export type WriteInGuestMutation = { readonly guestWrite:
    | { readonly errno: Errno | null, readonly message: string }
    | Record<PropertyKey, never>
   | null };

export type InvalidateMutationVariables = Exact<{
  input: HwptInvalidateInput;
}>;


export type InvalidateMutation = { readonly hwptInvalidate:
    | { readonly errno: Errno | null, readonly message: string }
    | Record<PropertyKey, never>
   | null };

export type InvalidateAtcMutationVariables = Exact<{
  input: AtcInvalidateInput;
}>;


export type InvalidateAtcMutation = { readonly atcInvalidate:
    | { readonly errno: Errno | null, readonly message: string }
    | Record<PropertyKey, never>
   | null };

export type HardwareQueuesQueryVariables = Exact<{
  machineId: string;
  at: number;
}>;


export type HardwareQueuesQuery = { readonly machine: { readonly tick: number, readonly iommus: ReadonlyArray<{ readonly iommuNo: number, readonly vendor: IommuVendor, readonly driver: IommuDriverKind, readonly service: PrqService, readonly stallCount: number, readonly queueError: { readonly kind: string, readonly errorSeq: number } | null, readonly pendingInvalidations: ReadonlyArray<{ readonly itag: number, readonly deviceNo: number, readonly iova: Hex, readonly deadlineTick: number, readonly requestedSeq: number }>, readonly pageRequestQueue: { readonly count: number, readonly capacity: number, readonly enabled: boolean, readonly overflow: boolean, readonly overflowSeq: number | null, readonly records: ReadonlyArray<{ readonly queuedSeq: number, readonly physicalDevice:
            | { readonly name: string }
            | { readonly name: string }
           | null, readonly request: { readonly addr: Hex, readonly perm: ReadonlyArray<IommuPgfaultPerm>, readonly grpid: number } }> }, readonly faultRecords: ReadonlyArray<{ readonly name: string, readonly iova: Hex, readonly recordedSeq: number }> }>, readonly physicalDevices: ReadonlyArray<
      | { readonly name: string, readonly deviceNo: number, readonly iommu: { readonly iommuNo: number } | null, readonly ats: { readonly enabled: boolean, readonly invalidateQueueDepth: number } | null, readonly priState: { readonly enabled: boolean, readonly responseFailure: boolean, readonly unexpectedIndex: boolean, readonly allocation: number, readonly used: number, readonly outstanding: ReadonlyArray<{ readonly grpid: number, readonly requests: number, readonly dmaIds: ReadonlyArray<number>, readonly sentSeq: number }> } | null }
      | Record<PropertyKey, never>
    > } };

export type CacheLineFragment = { readonly tag: string, readonly iova: Hex, readonly length: Hex, readonly userVa: Hex, readonly read: boolean, readonly write: boolean, readonly filledSeq: number, readonly stale: { readonly iova: Hex, readonly fault: DmaFaultReason | null, readonly userVa: Hex | null, readonly changedSeq: number | null } | null };

export type HardwareCachesQueryVariables = Exact<{
  machineId: string;
  at: number;
}>;


export type HardwareCachesQuery = { readonly machine: { readonly iommus: ReadonlyArray<{ readonly iommuNo: number, readonly vendor: IommuVendor, readonly iotlbSize: number, readonly iotlb: { readonly edges: ReadonlyArray<{ readonly node: CacheLineFragment }> } }>, readonly physicalDevices: ReadonlyArray<
      | { readonly name: string, readonly ats: { readonly enabled: boolean } | null, readonly atc: { readonly edges: ReadonlyArray<{ readonly node: CacheLineFragment }>, readonly pageInfo: { readonly hasNextPage: boolean } } }
      | Record<PropertyKey, never>
    >, readonly hazards: ReadonlyArray<{ readonly name: HazardName, readonly seq: number, readonly plantedSeq: number | null, readonly detail: string }> } };

export type HardwareDmasQueryVariables = Exact<{
  machineId: string;
  at: number;
  from: number;
}>;


export type HardwareDmasQuery = { readonly machine: { readonly dmas: { readonly count: number, readonly newest: ReadonlyArray<{ readonly dmaId: number, readonly device: string | null, readonly iova: Hex, readonly length: Hex, readonly write: boolean, readonly pasid: number | null, readonly issuedSeq: number | null, readonly endedSeq: number | null, readonly state: DmaStepKind, readonly retries: number, readonly reason: DmaAbortReason | null, readonly iopfGroupIds: ReadonlyArray<number>, readonly steps: ReadonlyArray<{ readonly seq: number, readonly kind: DmaStepKind }> }> } } };

export type HardwareDmaLifeQueryVariables = Exact<{
  machineId: string;
  at: number;
  dmaId: number;
}>;


export type HardwareDmaLifeQuery = { readonly machine: { readonly dmaLife: { readonly cut: boolean, readonly stages: ReadonlyArray<{ readonly event: { readonly seq: number, readonly summary: string } }> } | null } };

export type HardwareProgramsQueryVariables = Exact<{
  machineId: string;
  at: number;
}>;


export type HardwareProgramsQuery = { readonly machine: { readonly physicalDevices: ReadonlyArray<
      | { readonly bdf: string, readonly iommu: { readonly iommuNo: number } | null, readonly dmas: ReadonlyArray<{ readonly dmaId: number, readonly state: DmaState }>, readonly program: { readonly state: DeviceProgramState, readonly length: number, readonly next: number, readonly steps: number, readonly failure: string | null, readonly failedOp: number | null, readonly ops: ReadonlyArray<{ readonly op: DeviceProgramOpKind, readonly iova: Hex | null, readonly length: Hex | null, readonly toIova: Hex | null, readonly fill: number | null, readonly write: boolean, readonly pasid: number | null, readonly count: number | null }> } | null }
      | Record<PropertyKey, never>
    > } };

export type AtcOfDeviceFragment = { readonly physicalDevice:
    | { readonly bdf: string, readonly ats: { readonly enabled: boolean } | null, readonly iommu: { readonly vendor: IommuVendor } | null }
    | Record<PropertyKey, never>
   };

export type HardwareTableQueryVariables = Exact<{
  machineId: string;
  at: number;
  contextId: number;
  hwptId: number;
  from: Hex;
}>;


export type HardwareTableQuery = { readonly machine: { readonly context: { readonly object:
        | { readonly ioas: { readonly ioasId: number }, readonly devices: ReadonlyArray<AtcOfDeviceFragment>, readonly pasids: ReadonlyArray<{ readonly pasid: number, readonly devices: ReadonlyArray<AtcOfDeviceFragment> }>, readonly guestTable: { readonly format: TableFormat, readonly levels: number, readonly root: Hex, readonly readable: boolean, readonly entries: { readonly next: Hex | null, readonly list: ReadonlyArray<{ readonly iova: Hex, readonly level: number, readonly address: Hex, readonly entry: Hex, readonly leadsTo: Hex | null, readonly fault: DmaFaultReason | null, readonly pageSize: Hex | null, readonly read: boolean, readonly write: boolean, readonly execute: boolean, readonly user: boolean, readonly accessed: boolean, readonly dirty: boolean }> } } | null }
        | Record<PropertyKey, never>
       | null } | null } };

export const CacheLineFragmentDoc = gql`
    fragment CacheLine on CacheEntry {
  tag
  iova
  length
  userVa
  read
  write
  filledSeq
  stale {
    iova
    fault
    userVa
    changedSeq
  }
}
    ` as unknown as DocumentNode<CacheLineFragment, unknown>;
export const AtcOfDeviceFragmentDoc = gql`
    fragment AtcOfDevice on Device {
  physicalDevice {
    ... on PciDevice {
      bdf
      ats {
        enabled
      }
      iommu {
        vendor
      }
    }
  }
}
    ` as unknown as DocumentNode<AtcOfDeviceFragment, unknown>;
export const LoadProgramDocument = gql`
    mutation LoadProgram($input: DeviceProgramLoadInput!) {
  deviceProgramLoad(input: $input) {
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<LoadProgramMutation, LoadProgramMutationVariables>;
export const RunProgramDocument = gql`
    mutation RunProgram($input: DeviceRunInput!) {
  deviceRun(input: $input) {
    ... on DeviceRunPayload {
      state
      next
    }
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<RunProgramMutation, RunProgramMutationVariables>;
export const MapInGuestDocument = gql`
    mutation MapInGuest($input: GuestMapInput!) {
  guestMap(input: $input) {
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<MapInGuestMutation, MapInGuestMutationVariables>;
export const UnmapInGuestDocument = gql`
    mutation UnmapInGuest($input: GuestUnmapInput!) {
  guestUnmap(input: $input) {
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<UnmapInGuestMutation, UnmapInGuestMutationVariables>;
export const WriteInGuestDocument = gql`
    mutation WriteInGuest($input: GuestWriteInput!) {
  guestWrite(input: $input) {
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<WriteInGuestMutation, WriteInGuestMutationVariables>;
export const InvalidateDocument = gql`
    mutation Invalidate($input: HwptInvalidateInput!) {
  hwptInvalidate(input: $input) {
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<InvalidateMutation, InvalidateMutationVariables>;
export const InvalidateAtcDocument = gql`
    mutation InvalidateAtc($input: AtcInvalidateInput!) {
  atcInvalidate(input: $input) {
    ... on KernelError {
      errno
      message
    }
  }
}
    ` as unknown as DocumentNode<InvalidateAtcMutation, InvalidateAtcMutationVariables>;
export const HardwareQueuesDocument = gql`
    query HardwareQueues($machineId: MachineId!, $at: Int!) {
  machine(machineId: $machineId, at: $at) {
    tick
    iommus {
      iommuNo
      vendor
      driver
      service
      stallCount
      queueError {
        kind
        errorSeq
      }
      pendingInvalidations {
        itag
        deviceNo
        iova
        deadlineTick
        requestedSeq
      }
      pageRequestQueue {
        count
        capacity
        enabled
        overflow
        overflowSeq
        records(first: 8) {
          queuedSeq
          physicalDevice {
            name
          }
          request {
            addr
            perm
            grpid
          }
        }
      }
      faultRecords(first: 1000) {
        name
        iova
        recordedSeq
      }
    }
    physicalDevices(first: 100) {
      ... on PciDevice {
        name
        deviceNo
        iommu {
          iommuNo
        }
        ats {
          enabled
          invalidateQueueDepth
        }
        priState {
          enabled
          responseFailure
          unexpectedIndex
          allocation
          used
          outstanding(first: 8) {
            grpid
            requests
            dmaIds
            sentSeq
          }
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<HardwareQueuesQuery, HardwareQueuesQueryVariables>;
export const HardwareCachesDocument = gql`
    query HardwareCaches($machineId: MachineId!, $at: Int!) {
  machine(machineId: $machineId, at: $at) {
    iommus {
      iommuNo
      vendor
      iotlbSize
      iotlb(first: 100) {
        edges {
          node {
            ...CacheLine
          }
        }
      }
    }
    physicalDevices(first: 100) {
      ... on PciDevice {
        name
        ats {
          enabled
        }
        atc(first: 100) {
          edges {
            node {
              ...CacheLine
            }
          }
          pageInfo {
            hasNextPage
          }
        }
      }
    }
    hazards {
      name
      seq
      plantedSeq
      detail
    }
  }
}
    ${CacheLineFragmentDoc}` as unknown as DocumentNode<HardwareCachesQuery, HardwareCachesQueryVariables>;
export const HardwareDmasDocument = gql`
    query HardwareDmas($machineId: MachineId!, $at: Int!, $from: Int!) {
  machine(machineId: $machineId, at: $at) {
    dmas(from: $from) {
      count
      newest(last: 40) {
        dmaId
        device
        iova
        length
        write
        pasid
        issuedSeq
        endedSeq
        state
        retries
        reason
        iopfGroupIds
        steps(first: 200) {
          seq
          kind
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<HardwareDmasQuery, HardwareDmasQueryVariables>;
export const HardwareDmaLifeDocument = gql`
    query HardwareDmaLife($machineId: MachineId!, $at: Int!, $dmaId: U32!) {
  machine(machineId: $machineId, at: $at) {
    dmaLife(dmaId: $dmaId) {
      cut
      stages(first: 200) {
        event {
          seq
          summary
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<HardwareDmaLifeQuery, HardwareDmaLifeQueryVariables>;
export const HardwareProgramsDocument = gql`
    query HardwarePrograms($machineId: MachineId!, $at: Int!) {
  machine(machineId: $machineId, at: $at) {
    physicalDevices(first: 100) {
      ... on PciDevice {
        bdf
        iommu {
          iommuNo
        }
        dmas(first: 20) {
          dmaId
          state
        }
        program {
          state
          length
          next
          steps
          failure
          failedOp
          ops(first: 200) {
            op
            iova
            length
            toIova
            fill
            write
            pasid
            count
          }
        }
      }
    }
  }
}
    ` as unknown as DocumentNode<HardwareProgramsQuery, HardwareProgramsQueryVariables>;
export const HardwareTableDocument = gql`
    query HardwareTable($machineId: MachineId!, $at: Int!, $contextId: U32!, $hwptId: U32!, $from: HexU64!) {
  machine(machineId: $machineId, at: $at) {
    context(contextId: $contextId) {
      object(id: $hwptId) {
        ... on HwptNested {
          ioas {
            ioasId
          }
          devices(first: 100) {
            ...AtcOfDevice
          }
          pasids(first: 100) {
            pasid
            devices {
              ...AtcOfDevice
            }
          }
          guestTable {
            format
            levels
            root
            readable
            entries(first: 100, from: $from) {
              next
              list {
                iova
                level
                address
                entry
                leadsTo
                fault
                pageSize
                read
                write
                execute
                user
                accessed
                dirty
              }
            }
          }
        }
      }
    }
  }
}
    ${AtcOfDeviceFragmentDoc}` as unknown as DocumentNode<HardwareTableQuery, HardwareTableQueryVariables>;