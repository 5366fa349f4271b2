/**
 * What drivers/iommu/iommufd holds: contexts, their table of objects, and each kind of object. Types
 * only; `evolve` alone changes them.
 */

import type { Fifo, IdAllocator } from '../collections/collections.ts';
import type { IommuDriverName } from '../hardware/state.ts';
import type { Coverage } from '../memory/coverage.ts';
import type { GuestWord } from '../memory/guest-memory.ts';
import type { IovaRange } from '../memory/iova-range.ts';
import type { RangeMap } from '../memory/range-map.ts';
import type { PagesSource, ProcessMemory, UserProcess } from '../memory/user-process.ts';
import type { WrittenMemory } from '../memory/written-memory.ts';

/** One open of /dev/iommu (struct iommufd_ctx). */
export interface IommufdContext {
  readonly contextId: number;
  /** The context's own file is open. Bound devices and fault queue files hold it too. */
  fileOpen: boolean;
  readonly ids: IdAllocator;
  readonly objects: Map<number, IommufdObject>;
  /** Objects that hold the context's file: bound PCI devices, open fault queue files, accesses. */
  readonly fileHolders: Set<number>;
  /** The process that opened it, as it was then. */
  readonly process: UserProcess;
  /** Its memory, if that is another by now and no other context shares it. */
  memory: ProcessMemory | null;
  /** What accesses wrote into its process' memory. */
  readonly written: WrittenMemory;
  /** Words on top of it: guest page tables, and what devices wrote over them. */
  readonly words: RangeMap<GuestWord>;
  /** Numbers of the user pages that guestMap took for tables. */
  readonly tablePages: Set<number>;
  /** seq of the event that last changed guest words; null: none did. */
  guestWrittenSeq: number | null;
  /** Page containers by pagesId (struct iopt_pages); each serves one or more areas. */
  readonly pages: Map<number, IoptPages>;
  nextPagesId: number;
  /** Containers that other processes mapped, or the same with other rights, by pagesId. */
  readonly foreignPages: Set<number>;
  /** IOMMU_OPTION_RLIMIT_MODE: 0 counts locked memory per user, 1 per process. */
  rlimitMode: number;
  /**
   * Pages pinned and counted, of the containers of its own process: those of each container once. 0
   * with CAP_IPC_LOCK.
   */
  lockedPages: bigint;
  /** The IOAS of the VFIO compatible ioctls (IOMMU_VFIO_IOAS_SET). */
  vfioIoasId: number | null;
}

export type IommufdObject =
  | Ioas
  | HwptPaging
  | HwptNested
  | Device
  | FaultQueue
  | Access
  | SelftestDevice;

export type Hwpt = HwptPaging | HwptNested;

/** struct iopt_pages: user memory that areas map. */
export interface IoptPages {
  readonly pagesId: number;
  readonly userVa: bigint;
  readonly length: bigint;
  readonly writable: boolean;
  /** All of it was there when it was mapped. */
  readonly present: boolean;
  /** Whose memory it is; null: that of the context's process. */
  readonly source: PagesSource | null;
  /** Areas that use it. */
  areaCount: number;
  /** Numbers of the user pages pinned by domains and accesses; empty with CAP_IPC_LOCK. */
  readonly pinned: Coverage;
}

/** struct iopt_area: a mapped range of IOVAs. */
export interface Area extends IovaRange {
  readonly pagesId: number;
  /** User address of its first byte. */
  readonly userVa: bigint;
  /** IOMMU_IOAS_MAP_WRITEABLE 2, IOMMU_IOAS_MAP_READABLE 4. */
  readonly prot: number;
  /** What accesses pin of it, by access id; null if nothing. */
  pins: Map<number, AreaPins> | null;
}

/** An access' hold on an area. */
export interface AreaPins {
  /** Items that meet the area, in order of pinning. */
  readonly itemIds: Set<number>;
}

/** struct iommufd_ioas with its io_pagetable. */
export interface Ioas {
  readonly type: 'IOAS';
  readonly id: number;
  /** Paging hwpts on it, in order of creation; each has its domain here once populated. */
  readonly hwptIds: Set<number>;
  /** The automatic ones among them (iommufd_device_auto_get_domain). */
  readonly autoHwptIds: Set<number>;
  /** Reserved ranges by owner: `device:3`, `domain:4`; `none` for those nobody takes back. */
  readonly reserved: Map<string, readonly IovaRange[]>;
  /** What all of them cover. */
  readonly reservedRanges: Coverage;
  /** What those of nobody cover. */
  readonly ownerless: Coverage;
  readonly areas: RangeMap<Area>;
  /** Areas whose IOVA, length or page offset is no multiple of 2048 or of 4096. */
  readonly misaligned: { by2048: number; by4096: number };
  /** Areas that lack memory of what the context was opened with. */
  absentAreas: number;
  /** IOMMU_IOAS_ALLOW_IOVAS, ascending. */
  allowed: readonly IovaRange[];
  /** IOMMU_OPTION_HUGE_PAGES */
  largePages: boolean;
  /** Smallest page size of each domain, in bytes, to the number of such domains. */
  readonly domainPageSizes: Map<number, number>;
  /** Accesses attached; those that pin want IOVAs aligned to pages. */
  readonly accessIds: Set<number>;
  pinningAccesses: number;
  /** Hwpts on it with dirty slots. */
  readonly dirtyHwptIds: Set<number>;
}

/** struct iommufd_access of the self-test with what it has pinned. */
export interface Access {
  readonly type: 'ACCESS';
  readonly id: number;
  /** It may pin pages (MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES). */
  readonly needsPinPages: boolean;
  ioasId: number | null;
  /** Pinned ranges by item id. */
  readonly items: Map<number, IovaRange>;
  nextItemId: number;
}

/** The IOMMU driver that made a domain, and what iommufd needs to know of the domain. */
export interface PagingDomain {
  readonly driver: IommuDriverName;
  readonly apertureStart: bigint;
  readonly apertureLast: bigint;
  /** Smallest IO page in bytes. */
  readonly pageSize: number;
  readonly dirtyOps: boolean;
  /** It has IO pages of MOCK_HUGE_PAGE_SIZE, too. */
  readonly hugePages?: true;
}

/** struct iommufd_hwpt_paging */
export interface HwptPaging {
  readonly type: 'HWPT_PAGING';
  readonly id: number;
  readonly ioasId: number;
  readonly nestParent: boolean;
  /** IOMMU_HWPT_ALLOC_PASID: it may be attached to PASIDs (hwpt->pasid_compat). */
  readonly pasid: boolean;
  readonly auto: boolean;
  readonly domain: PagingDomain;
  /** Always null in 6.12: FAULT_ID_VALID is refused on paging hwpts. */
  faultId: number | null;
  msiCookie: boolean;
  dirtyTracking: boolean;
  /** Dirty IO pages of the mock driver; each key is an IOVA / 2048. */
  readonly dirtySlots: Map<number, true>;
  readonly childIds: Set<number>;
  readonly attachedDeviceIds: Set<number>;
  /** DEVICE to the number of PASIDs by which it is attached. */
  readonly pasidDevices: Map<number, number>;
}

/** User data of a nested hwpt (struct iommu_hwpt_selftest, struct iommu_hwpt_vtd_s1). */
export type HwptUserData =
  | { readonly kind: 'SELFTEST'; readonly iotlb: number }
  | {
      readonly kind: 'VTD_S1';
      readonly flags: bigint;
      readonly pgtblAddr: bigint;
      readonly addrWidth: number;
    };

/** struct iommufd_hwpt_nested */
export interface HwptNested {
  readonly type: 'HWPT_NESTED';
  readonly id: number;
  readonly parentId: number;
  readonly driver: IommuDriverName;
  /** IOMMU_HWPT_ALLOC_PASID, as of a paging hwpt. */
  readonly pasid: boolean;
  readonly userData: HwptUserData;
  /** The mock driver's four IOTLB words; empty for other drivers. */
  readonly iotlb: number[];
  faultId: number | null;
  readonly attachedDeviceIds: Set<number>;
  /** As of a paging hwpt. */
  readonly pasidDevices: Map<number, number>;
}

/** struct iommufd_device: a physical device bound to a context. */
export interface Device {
  readonly type: 'DEVICE';
  readonly id: number;
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  /** Tells this binding from another that got the same object id. */
  readonly bindNo: number;
  /** Its RID is attached. */
  attached: boolean;
  /** Its RID was attached as PASID 0, which VFIO tells from the RID itself. */
  attachedAsPasid: boolean;
  /** PASIDs other than 0 by which it is attached (from 6.15 on), with the hwpt. */
  readonly pasids: Map<number, number>;
  /** idev->iopf_enabled */
  iopfEnabled: number;
}

/** struct iommufd_fault with its file. */
export interface FaultQueue {
  readonly type: 'FAULT';
  readonly id: number;
  fileOpen: boolean;
  /** seq of the event that closed it; null while it is open. */
  fileClosedSeq: number | null;
  /** iopf groups queued and not read, by iopfGroupId. */
  readonly deliver: Fifo;
  /** Cookie to iopfGroupId: groups read and not answered (fault->response). */
  readonly awaitingResponse: Map<number, number>;
  readonly cookies: IdAllocator;
  readonly hwptIds: Set<number>;
}

/** struct selftest_obj of a mock device. `deviceId` is its DEVICE object. */
export interface SelftestDevice {
  readonly type: 'SELFTEST';
  readonly id: number;
  readonly deviceNo: number;
  readonly deviceId: number;
}
