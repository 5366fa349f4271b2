/**
 * The state of one machine: what /dev/iommu contexts and the IOMMU hardware hold right now.
 * Only `evolve` changes it. Types and `initialState`.
 */
import type { BaselineName, Policies } from '../../abi/baselines.ts';
import { DEFAULT_BASELINE, DEFAULT_POLICIES } from '../../abi/baselines.ts';
import type { HazardName } from '../../abi/hazards.ts';
import type { Coverage } from '../memory/coverage.ts';
import type { RangeMap } from '../memory/range-map.ts';
import type { WrittenMemory } from '../memory/written-memory.ts';
import type { Fifo } from './collections.ts';
import { IdAllocator } from './collections.ts';
import type { FaultReader, HwptUserData, ReservedRegion } from './command.ts';

/** One machine. All counters that end in `next…` are never reused. */
export interface MachineState {
  /** Number of events applied; the newest event's seq. */
  seq: number;
  baseline: BaselineName;
  policies: Policies;
  nextInFlightId: number;
  /** Page requests that found their handler and are not queued yet, by inFlightId. */
  readonly inFlight: Map<number, InFlightRequest>;
  nextContextId: number;
  nextDeviceNo: number;
  nextIommuGroupId: number;
  nextAttachHandleId: number;
  nextIopfGroupId: number;
  nextBindNo: number;
  readonly contexts: Map<number, IommufdContext>;
  readonly iommuGroups: Map<number, IommuGroup>;
  readonly physicalDevices: Map<number, PhysicalDevice>;
  /** bdf to deviceNo. */
  readonly bdfs: Map<string, number>;
  readonly attachHandles: Map<number, AttachHandle>;
  /** iopf groups not yet answered. */
  readonly iopfGroups: Map<number, IopfGroup>;
  /** By iopfGroupId: when something an unanswered group points at went, where that happened. */
  readonly iopfGroupsPlanted: Map<number, PlantedSeqs>;
  /** Mock device numbers in use (the self-test's ida). */
  readonly mockDevIds: IdAllocator;
  /** deviceNo of the mock device created last, for MOCK_FLAGS_DEVICE_SHARED_GROUP; null if gone. */
  lastMockDeviceNo: number | null;
  /** Pages counted against each user by contexts in RLIMIT_MODE 0 (user_struct->locked_vm). */
  readonly userLockedPages: Map<number, bigint>;
  /** Hazards met so far, the newest HAZARDS_LISTED_MAX of them. */
  readonly hazards: Hazard[];
  hazardCount: number;
}

/** One open of /dev/iommu (struct iommufd_ctx). */
export interface IommufdContext {
  readonly contextId: number;
  /** The context's own file is open. Bound devices and fault queue files hold it too. */
  fileOpen: boolean;
  readonly ids: IdAllocator;
  readonly objects: Map<number, IommufdObject>;
  /** Objects that hold the context's file: bound PCI devices, open fault queue files, accesses. */
  readonly fileHolders: Set<number>;
  /** Memory of the process that opened it. */
  readonly process: UserProcess;
  /** What accesses wrote into its process' memory. */
  readonly written: WrittenMemory;
  /** Page containers by pagesId (struct iopt_pages); each serves one or more areas. */
  readonly pages: Map<number, IoptPages>;
  nextPagesId: number;
  /** IOMMU_OPTION_RLIMIT_MODE: 0 counts locked memory per user, 1 per process. */
  rlimitMode: number;
  /** Pages pinned and counted: those of each container once. 0 with CAP_IPC_LOCK. */
  lockedPages: bigint;
  /** The IOAS of the VFIO compatible ioctls (IOMMU_VFIO_IOAS_SET). */
  vfioIoasId: number | null;
}

/** What iommufd needs to know of the process that opened a context. */
export interface UserProcess {
  /** User addresses that exist; both ends inclusive, page aligned, disjoint, ascending. */
  readonly memory: readonly IovaRange[];
  /** CAP_IPC_LOCK: what it pins is not counted. */
  readonly capIpcLock: boolean;
  /** CAP_SYS_RESOURCE: it may set IOMMU_OPTION_RLIMIT_MODE. */
  readonly capSysResource: boolean;
  /** RLIMIT_MEMLOCK in bytes; null: unlimited. */
  readonly rlimitMemlock: bigint | null;
  /** The user whose locked memory is counted in mode 0. */
  readonly userId: number;
  /** Contexts that name one process count as one in mode 1; left out: a process of its own. */
  readonly processId?: number;
}

/** struct iopt_pages: user memory that areas map. */
export interface IoptPages {
  readonly pagesId: number;
  readonly userVa: bigint;
  readonly length: bigint;
  readonly writable: boolean;
  /** All of it is memory of the process: pinning it succeeds. */
  readonly present: boolean;
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

export type IommufdObject =
  | Ioas
  | HwptPaging
  | HwptNested
  | Device
  | FaultQueue
  | Access
  | SelftestDevice;
export type Hwpt = HwptPaging | HwptNested;

/** A range of IOVAs, both ends inclusive. */
export interface IovaRange {
  readonly start: bigint;
  readonly last: bigint;
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
  /** Areas whose user memory is not all there: a domain cannot be filled. */
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
}

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
}

/** struct iommufd_device: a physical device bound to a context. */
export interface Device {
  readonly type: 'DEVICE';
  readonly id: number;
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  /** Tells this binding from another that got the same object id. */
  readonly bindNo: number;
  /** In its igroup's device_list. */
  attached: boolean;
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

export type IommuDriverName = 'MOCK' | 'CONFORMING';

interface PhysicalDeviceBase {
  /** Never reused, unlike a bdf or a mock device number. */
  readonly deviceNo: number;
  readonly iommuGroupId: number;
  readonly virtfn: boolean;
  /** The driver told it to turn its IOPF feature on: it is on an iopf queue (has fault parameters). */
  iopfFeature: boolean;
  /** seq of the event that turned it on; null while it is off. */
  iopfFeatureSeq: number | null;
  /** Requests collected until the last page of their group (iommu_fault_param->partial). */
  partial: PartialRequest[];
  /** Groups not dequeued (iommu_fault_param->faults), on kernels that keep them there. */
  readonly pendingGroupIds: Set<number>;
  /** Last requests of groups that their fault queue lost and that are still pending here. */
  readonly lostGroups: Map<number, PageRequest>;
  /** iopf groups of its requests that are not answered (references to its iommu_fault_param). */
  unansweredGroups: number;
  /** Domains with a fault handler its driver has attached, where drivers enable IOPF. */
  iopfRefcount: number;
  /** Emulated PRI of a virtual function: a failure was answered, delivery is held back. */
  vpriFailed: boolean;
  /** The iommufd DEVICE it is bound to. */
  binding: { readonly contextId: number; readonly deviceId: number } | null;
}

/** A device of the kernel's self-test. */
export interface MockDevice extends PhysicalDeviceBase {
  readonly kind: 'MOCK';
  /** Lowest free number from 0. */
  readonly mockDev: number;
  readonly devFlags: number;
}

/** A PCI function behind the conforming IOMMU. */
export interface PciDevice extends PhysicalDeviceBase {
  readonly kind: 'PCI';
  readonly bdf: string;
  readonly physfn: string | null;
  readonly pri: boolean;
  readonly dirtyTracking: boolean;
  readonly dmaCoherent: boolean;
  readonly msiIsolated: boolean;
  readonly reservedRegions: readonly ReservedRegion[];
}

export type PhysicalDevice = MockDevice | PciDevice;

/** What an IOMMU group translates through right now. */
export type GroupDomain =
  | { readonly kind: 'DEFAULT' }
  | { readonly kind: 'BLOCKING' }
  | { readonly kind: 'HWPT'; readonly contextId: number; readonly hwptId: number };

/**
 * struct iommu_group of the IOMMU core, and the iommufd_group of the one context that owns it.
 */
export interface IommuGroup {
  readonly iommuGroupId: number;
  readonly deviceNos: number[];
  domain: GroupDomain;
  /** The attach handle stored for "no PASID" (group->pasid_array). */
  attachHandleId: number | null;
  /** The context that owns DMA, or null: then the default domain is attached. */
  ownerContextId: number | null;
  /** DEVICE objects bound, each one count of DMA ownership. */
  readonly boundDeviceIds: Set<number>;
  /** igroup->hwpt */
  hwptId: number | null;
  /** igroup->device_list, in order of attachment. */
  readonly attachedDeviceIds: number[];
  /** igroup->sw_msi_start; null while no software MSI window is known. */
  swMsiStart: bigint | null;
}

/** struct iommufd_attach_handle: made by attach or replace, freed when the domain goes. */
export interface AttachHandle {
  readonly attachHandleId: number;
  readonly iommuGroupId: number;
  readonly contextId: number;
  readonly hwptId: number;
  /** handle->idev: the device that asked; echoed as dev_id in every message. */
  readonly deviceId: number;
  readonly bindNo: number;
  /** seq of the event that stored it. */
  readonly storedSeq: number;
  /** seq of the event that unbound that device while the handle stayed; null while it is there. */
  deviceGoneSeq: number | null;
}

/** One page request as it reached the page-fault core (struct iommu_fault_page_request). */
export interface PageRequest {
  /** Raw flag word: PASID_VALID 1, LAST_PAGE 2, response needs PASID 4. */
  readonly flags: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
}

/** A collected request with the attach handle it was looked up by. */
export interface PartialRequest extends PageRequest {
  readonly attachHandleId: number;
  /** seq of the event that collected it. */
  readonly collectedSeq: number;
}

/** A request between look-up and queue (the window of a driver that does not drain). */
export interface InFlightRequest {
  readonly inFlightId: number;
  readonly deviceNo: number;
  readonly request: PageRequest;
  readonly attachHandleId: number;
  readonly contextId: number;
  readonly faultId: number;
  /** seq of the event that freed the handle it found; null while that is there. */
  handleFreedSeq: number | null;
  /** The fault queue it found is gone; its id may name another one by now. */
  queueGone: boolean;
  /** seq of the event that removed its device; null while that is there. */
  deviceGoneSeq: number | null;
  /** seq of the event by which its device left the iopf queue it came through; null till then. */
  leftIopfQueueSeq: number | null;
}

/** seq of the events that freed what an iopf group points at; null while that is there. */
export interface PlantedSeqs {
  /** Its attach handle. */
  handle: number | null;
  /** The physical device that faulted. */
  device: number | null;
  /** The group itself. */
  group: number | null;
}

/** struct iopf_group: the requests of one group, on its way to an answer. */
export interface IopfGroup {
  readonly iopfGroupId: number;
  readonly contextId: number;
  readonly faultId: number;
  readonly attachHandleId: number;
  /** The device that faulted; the answer goes to it. */
  readonly deviceNo: number;
  /** dev_id of its messages: the device in the attach handle. */
  readonly deviceId: number;
  readonly requests: readonly PageRequest[];
  /** seq of the event that queued it. */
  readonly queuedSeq: number;
  /** It was freed when its device left the iopf queue, and is in a fault queue all the same. */
  freed: boolean;
  /** Its device was answered already. */
  responded: boolean;
  cookie: number | null;
  reader: FaultReader | null;
  readSeq: number | null;
}

/** A place where the kernel itself misbehaves. The machine goes on. */
export interface Hazard {
  readonly name: HazardName;
  /** The kernel function. */
  readonly function: string;
  readonly detail: string;
  /** What it is about, such as `device 3` or `iopf group 7`. */
  readonly objects: readonly string[];
  /** The event that planted it, if it was planted before. */
  readonly plantedSeq: number | null;
  readonly seq: number;
}

export function initialState(): MachineState {
  return {
    seq: 0,
    baseline: DEFAULT_BASELINE,
    policies: DEFAULT_POLICIES,
    nextInFlightId: 1,
    inFlight: new Map(),
    nextContextId: 1,
    nextDeviceNo: 1,
    nextIommuGroupId: 1,
    nextAttachHandleId: 1,
    nextIopfGroupId: 1,
    nextBindNo: 1,
    contexts: new Map(),
    iommuGroups: new Map(),
    physicalDevices: new Map(),
    bdfs: new Map(),
    attachHandles: new Map(),
    iopfGroups: new Map(),
    iopfGroupsPlanted: new Map(),
    mockDevIds: new IdAllocator(0),
    lastMockDeviceNo: null,
    userLockedPages: new Map(),
    hazards: [],
    hazardCount: 0,
  };
}
