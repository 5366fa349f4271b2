/**
 * The state of one machine: what /dev/iommu contexts and the IOMMU hardware hold right now.
 * Only `evolve` changes it. Types and `initialState`.
 */
import type { BaselineName } from '../abi/baselines.ts';
import { DEFAULT_BASELINE } from '../abi/baselines.ts';
import type { Fifo } from './collections.ts';
import { IdAllocator } from './collections.ts';
import type { FaultReader, HwptUserData, ReservedRegion } from './command.ts';

/** One machine. All counters that end in `next…` are never reused. */
export interface MachineState {
  /** Number of events applied; the newest event's seq. */
  seq: number;
  baseline: BaselineName;
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
  /** Mock device numbers in use (the self-test's ida). */
  readonly mockDevIds: IdAllocator;
  /** deviceNo of the mock device created last, for MOCK_FLAGS_DEVICE_SHARED_GROUP; null if gone. */
  lastMockDeviceNo: number | null;
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
  /** Objects that hold the context's file: bound PCI devices and open fault queue files. */
  readonly fileHolders: Set<number>;
}

export type IommufdObject = Ioas | HwptPaging | HwptNested | Device | FaultQueue | SelftestDevice;
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
  /** Reserved ranges by owner: `device:3`, `domain:4`. */
  readonly reserved: Map<string, readonly IovaRange[]>;
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
  readonly auto: boolean;
  readonly domain: PagingDomain;
  /** Always null in 6.12: FAULT_ID_VALID is refused on paging hwpts. */
  faultId: number | null;
  msiCookie: boolean;
  readonly childIds: Set<number>;
  readonly attachedDeviceIds: Set<number>;
}

/** struct iommufd_hwpt_nested */
export interface HwptNested {
  readonly type: 'HWPT_NESTED';
  readonly id: number;
  readonly parentId: number;
  readonly driver: IommuDriverName;
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
  /** Requests collected until the last page of their group (iommu_fault_param->partial). */
  partial: PageRequest[];
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
  cookie: number | null;
  reader: FaultReader | null;
  readSeq: number | null;
}

/** The kinds of misbehaviour of the kernel itself that the machine survives and records. */
export type HazardKind = 'WARNING' | 'USE_AFTER_FREE';

/** A place where the kernel would warn or touch freed memory. */
export interface Hazard {
  readonly kind: HazardKind;
  /** The kernel function. */
  readonly function: string;
  readonly detail: string;
  readonly seq: number;
}

export function initialState(): MachineState {
  return {
    seq: 0,
    baseline: DEFAULT_BASELINE,
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
    mockDevIds: new IdAllocator(0),
    lastMockDeviceNo: null,
    hazards: [],
    hazardCount: 0,
  };
}
