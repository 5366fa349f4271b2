/**
 * The fields of every kind of object. Every field of the state stands here once, under the name it has
 * there; only `seq`, the moment itself, does not.
 */
import type { FunctionHardware } from '../hardware/function/state.ts';
import type { MockDevice, PciDevice } from '../hardware/state.ts';
import type { Iommu } from '../hardware/unit/state.ts';
import type { AttachHandle, InFlightRequest, IommuGroup, IopfGroup } from '../iommu/state.ts';
import type {
  Access,
  Area,
  Device,
  FaultQueue,
  HwptNested,
  HwptPaging,
  Ioas,
  IommufdContext,
  IoptPages,
  SelftestDevice,
} from '../iommufd/state.ts';
import type { Hazard, MachineState } from '../machine/state.ts';

/** What stands behind each kind of object. */
export interface Kinds {
  MACHINE: MachineState;
  IOMMU_GROUP: IommuGroup;
  PHYSICAL_DEVICE: MockDevice & PciDevice;
  CONTEXT: IommufdContext;
  IOAS: Ioas;
  AREA: Area;
  IOPT_PAGES: IoptPages;
  HWPT_PAGING: HwptPaging;
  HWPT_NESTED: HwptNested;
  DEVICE: Device;
  FAULT: FaultQueue;
  ACCESS: Access;
  SELFTEST: SelftestDevice;
  ATTACH_HANDLE: AttachHandle;
  IOPF_GROUP: IopfGroup;
  IN_FLIGHT_REQUEST: InFlightRequest;
  HAZARD: Hazard;
  IOMMU: Iommu;
}

export type ObjectKind = keyof Kinds;

/** One object of a state as it is; `fieldOf` reads it. */
export type StateObject = Kinds[ObjectKind];

/**
 * Fields that are not in the object itself: `users` is counted, `planted` is kept beside it,
 * `modelled` says whether a function has the others.
 */
type Derived = 'users' | 'planted' | 'modelled' | keyof typeof HARDWARE_FIELDS;

/** Fields of a PCI function behind a modelled IOMMU, and what `hardware` calls them. */
export const HARDWARE_FIELDS = {
  functionSpec: 'spec',
  ats: 'ats',
  priState: 'pri',
  atc: 'atc',
  program: 'program',
  dmas: 'dmas',
  held: 'held',
  shortInvalidations: 'shortInvalidations',
} as const satisfies Record<string, keyof FunctionHardware>;

type FieldName<K extends ObjectKind> = Extract<keyof Kinds[K], string>;

/** The fields of each kind; what names the object is in its key. */
export const OBJECT_FIELDS: { [K in ObjectKind]: readonly (FieldName<K> | Derived)[] } = {
  MACHINE: [
    'baseline',
    'policies',
    'nextInFlightId',
    'nextContextId',
    'nextDeviceNo',
    'nextIommuGroupId',
    'nextAttachHandleId',
    'nextIopfGroupId',
    'nextBindNo',
    'bdfs',
    'mockDevIds',
    'lastMockDeviceNo',
    'userLockedPages',
    'foreignLockedPages',
    'memories',
    'hazardCount',
    'tick',
    'nextDmaId',
  ],
  IOMMU_GROUP: [
    'deviceNos',
    'domain',
    'attachHandleId',
    'ownerContextId',
    'boundDeviceIds',
    'hwptId',
    'attachedDeviceIds',
    'pasids',
    'swMsiStart',
  ],
  PHYSICAL_DEVICE: [
    'kind',
    'iommuGroupId',
    'bdf',
    'physfn',
    'virtfn',
    'pri',
    'dirtyTracking',
    'dmaCoherent',
    'msiIsolated',
    'reservedRegions',
    'mockDev',
    'devFlags',
    'pasidErrorArmed',
    'iopfFeature',
    'iopfFeatureSeq',
    'partial',
    'pendingGroupIds',
    'lostGroups',
    'unansweredGroups',
    'iopfRefcount',
    'vpriFailed',
    'binding',
    'modelled',
    'functionSpec',
    'ats',
    'priState',
    'atc',
    'program',
    'dmas',
    'held',
    'shortInvalidations',
  ],
  CONTEXT: [
    'fileOpen',
    'ids',
    'fileHolders',
    'process',
    'memory',
    'written',
    'words',
    'tablePages',
    'guestWrittenSeq',
    'nextPagesId',
    'foreignPages',
    'rlimitMode',
    'lockedPages',
    'vfioIoasId',
  ],
  IOAS: [
    'users',
    'hwptIds',
    'autoHwptIds',
    'reserved',
    'reservedRanges',
    'ownerless',
    'misaligned',
    'absentAreas',
    'allowed',
    'largePages',
    'domainPageSizes',
    'accessIds',
    'pinningAccesses',
    'dirtyHwptIds',
  ],
  AREA: ['last', 'pagesId', 'userVa', 'prot', 'pins'],
  IOPT_PAGES: ['userVa', 'length', 'writable', 'present', 'source', 'areaCount', 'pinned'],
  HWPT_PAGING: [
    'users',
    'pasid',
    'ioasId',
    'nestParent',
    'auto',
    'domain',
    'faultId',
    'msiCookie',
    'dirtyTracking',
    'dirtySlots',
    'childIds',
    'attachedDeviceIds',
    'pasidDevices',
  ],
  HWPT_NESTED: [
    'users',
    'pasid',
    'parentId',
    'driver',
    'userData',
    'iotlb',
    'faultId',
    'attachedDeviceIds',
    'pasidDevices',
  ],
  DEVICE: [
    'users',
    'deviceNo',
    'iommuGroupId',
    'bindNo',
    'attached',
    'attachedAsPasid',
    'pasids',
    'iopfEnabled',
  ],
  FAULT: [
    'users',
    'fileOpen',
    'fileClosedSeq',
    'deliver',
    'awaitingResponse',
    'cookies',
    'hwptIds',
  ],
  ACCESS: ['users', 'needsPinPages', 'ioasId', 'items', 'nextItemId'],
  SELFTEST: ['users', 'deviceNo', 'deviceId'],
  ATTACH_HANDLE: [
    'iommuGroupId',
    'pasid',
    'contextId',
    'hwptId',
    'deviceId',
    'bindNo',
    'storedSeq',
    'deviceGoneSeq',
  ],
  IOPF_GROUP: [
    'contextId',
    'faultId',
    'attachHandleId',
    'deviceNo',
    'deviceId',
    'requests',
    'queuedSeq',
    'freed',
    'responded',
    'cookie',
    'reader',
    'readSeq',
    'planted',
  ],
  IN_FLIGHT_REQUEST: [
    'deviceNo',
    'request',
    'attachHandleId',
    'contextId',
    'faultId',
    'handleFreedSeq',
    'queueGone',
    'deviceGoneSeq',
    'leftIopfQueueSeq',
  ],
  IOMMU: [
    'spec',
    'pageRequestQueue',
    'stalls',
    'resumedSeqs',
    'faultRecords',
    'iotlb',
    'invalidations',
    'lostInvalidations',
    'queueError',
  ],
  HAZARD: ['name', 'function', 'detail', 'objects', 'plantedSeq'],
};
