/**
 * The objects a state is made of, each with a key and named fields, so that states can be compared
 * and one object can be followed through time. Every field of the state stands here once, under the
 * name it has there; only `seq`, the moment itself, does not.
 */
import type { MockDevice, PciDevice } from '../hardware/state.ts';
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
import { assertNever } from '../machine/assert.ts';
import { usersOf } from '../machine/lookup.ts';
import type { Hazard, MachineState } from '../machine/state.ts';

/** What stands behind each kind of object. */
interface Kinds {
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
}

export type ObjectKind = keyof Kinds;
/** One object of a state as it is; `fieldOf` reads it. */
export type StateObject = Kinds[ObjectKind];

/** Fields that are not in the object itself: `users` is counted, `planted` is kept beside it. */
type Derived = 'users' | 'planted';

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
    'hazardCount',
  ],
  IOMMU_GROUP: [
    'deviceNos',
    'domain',
    'attachHandleId',
    'ownerContextId',
    'boundDeviceIds',
    'hwptId',
    'attachedDeviceIds',
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
    'iopfFeature',
    'iopfFeatureSeq',
    'partial',
    'pendingGroupIds',
    'lostGroups',
    'unansweredGroups',
    'iopfRefcount',
    'vpriFailed',
    'binding',
  ],
  CONTEXT: [
    'fileOpen',
    'ids',
    'fileHolders',
    'process',
    'written',
    'nextPagesId',
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
  IOPT_PAGES: ['userVa', 'length', 'writable', 'present', 'areaCount', 'pinned'],
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
  ],
  DEVICE: ['users', 'deviceNo', 'iommuGroupId', 'bindNo', 'attached', 'iopfEnabled'],
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
  HAZARD: ['name', 'function', 'detail', 'objects', 'plantedSeq'],
};

/** What names an object in a state; null where its kind has no such part. */
export interface ObjectKey {
  readonly kind: ObjectKind;
  /** The context it belongs to. */
  readonly contextId: number | null;
  /** Its id among those of its kind; the seq of a hazard, the IOAS of an area. */
  readonly id: number | null;
  /** The first IOVA of an area. */
  readonly iova: bigint | null;
}

interface KindText {
  /** In a sentence. */
  readonly word: string;
  readonly description: string;
  /** The parts of its key. */
  readonly parts: readonly ('contextId' | 'id' | 'iova')[];
}

const GLOBAL = ['id'] as const;
const IN_CONTEXT = ['contextId', 'id'] as const;

export const OBJECT_KINDS: Readonly<Record<ObjectKind, KindText>> = {
  MACHINE: { word: 'machine', description: 'The machine itself: its counters.', parts: [] },
  IOMMU_GROUP: {
    word: 'IOMMU group',
    description: 'struct iommu_group. id: its iommuGroupId.',
    parts: GLOBAL,
  },
  PHYSICAL_DEVICE: {
    word: 'physical device',
    description: 'A PCI function or a mock device. id: its deviceNo.',
    parts: GLOBAL,
  },
  CONTEXT: {
    word: 'context',
    description: 'One open of /dev/iommu (struct iommufd_ctx).',
    parts: ['contextId'],
  },
  IOAS: { word: 'IOAS', description: 'struct iommufd_ioas.', parts: IN_CONTEXT },
  AREA: {
    word: 'area',
    description: 'struct iopt_area. id: its IOAS. iova: its first IOVA.',
    parts: ['contextId', 'id', 'iova'],
  },
  IOPT_PAGES: {
    word: 'pages',
    description: 'struct iopt_pages, the user memory of areas. id: its pagesId.',
    parts: IN_CONTEXT,
  },
  HWPT_PAGING: {
    word: 'paging hwpt',
    description: 'struct iommufd_hwpt_paging.',
    parts: IN_CONTEXT,
  },
  HWPT_NESTED: {
    word: 'nested hwpt',
    description: 'struct iommufd_hwpt_nested.',
    parts: IN_CONTEXT,
  },
  DEVICE: { word: 'device', description: 'struct iommufd_device.', parts: IN_CONTEXT },
  FAULT: { word: 'fault queue', description: 'struct iommufd_fault.', parts: IN_CONTEXT },
  ACCESS: { word: 'access', description: 'struct iommufd_access.', parts: IN_CONTEXT },
  SELFTEST: {
    word: 'selftest device',
    description: 'struct selftest_obj of a mock device.',
    parts: IN_CONTEXT,
  },
  ATTACH_HANDLE: {
    word: 'attach handle',
    description: 'struct iommufd_attach_handle. id: its attachHandleId.',
    parts: GLOBAL,
  },
  IOPF_GROUP: {
    word: 'iopf group',
    description: 'struct iopf_group, not answered. id: its iopfGroupId.',
    parts: GLOBAL,
  },
  IN_FLIGHT_REQUEST: {
    word: 'request in flight',
    description: 'A page request between look-up and queue. id: its inFlightId.',
    parts: GLOBAL,
  },
  HAZARD: {
    word: 'hazard at seq',
    description: 'One of the newest 1,000 hazards. id: the seq of its event.',
    parts: GLOBAL,
  },
};

export function globalKeyOf(kind: ObjectKind, id: number): ObjectKey {
  return { kind, contextId: null, id, iova: null };
}

export function contextKeyOf(contextId: number): ObjectKey {
  return { kind: 'CONTEXT', contextId, id: null, iova: null };
}

export function inContextKeyOf(kind: ObjectKind, contextId: number, id: number): ObjectKey {
  return { kind, contextId, id, iova: null };
}

export function areaKeyOf(contextId: number, ioasId: number, iova: bigint): ObjectKey {
  return { kind: 'AREA', contextId, id: ioasId, iova };
}

export const MACHINE_KEY: ObjectKey = { kind: 'MACHINE', contextId: null, id: null, iova: null };

/** `nested hwpt 3 of context 1`. */
export function objectName({ kind, contextId, id, iova }: ObjectKey): string {
  const { word } = OBJECT_KINDS[kind];
  if (kind === 'MACHINE') return word;
  if (kind === 'CONTEXT') return `${word} ${contextId}`;
  if (kind === 'AREA') return `area 0x${iova?.toString(16)} of IOAS ${id} of context ${contextId}`;
  return contextId === null ? `${word} ${id}` : `${word} ${id} of context ${contextId}`;
}

/** The object a key names; null if the state has none. */
export function objectAt(state: MachineState, key: ObjectKey): StateObject | null {
  const { kind } = key;
  const id = key.id ?? 0;
  const context = state.contexts.get(key.contextId ?? 0);
  switch (kind) {
    case 'MACHINE':
      return state;
    case 'IOMMU_GROUP':
      return state.iommuGroups.get(id) ?? null;
    case 'PHYSICAL_DEVICE':
      return (state.physicalDevices.get(id) as StateObject | undefined) ?? null;
    case 'CONTEXT':
      return context ?? null;
    case 'AREA': {
      const ioas = context?.objects.get(id);
      const area = ioas?.type === 'IOAS' && key.iova !== null ? ioas.areas.at(key.iova) : null;
      return area?.start === key.iova ? area : null;
    }
    case 'IOPT_PAGES':
      return context?.pages.get(id) ?? null;
    case 'ATTACH_HANDLE':
      return state.attachHandles.get(id) ?? null;
    case 'IOPF_GROUP':
      return state.iopfGroups.get(id) ?? null;
    case 'IN_FLIGHT_REQUEST':
      return state.inFlight.get(id) ?? null;
    case 'HAZARD':
      return state.hazards.find(({ seq }) => seq === id) ?? null;
    case 'IOAS':
    case 'HWPT_PAGING':
    case 'HWPT_NESTED':
    case 'DEVICE':
    case 'FAULT':
    case 'ACCESS':
    case 'SELFTEST': {
      const object = context?.objects.get(id);
      return object?.type === kind ? object : null;
    }
    default:
      return assertNever(kind);
  }
}

/** A field of an object as the state holds it; undefined if an object of its sort has none. */
export function fieldOf(state: MachineState, object: StateObject, field: string): unknown {
  if (field === 'users') return usersOf(object as Parameters<typeof usersOf>[0]);
  if (field === 'planted') {
    return state.iopfGroupsPlanted.get((object as IopfGroup).iopfGroupId) ?? null;
  }
  return (object as unknown as Readonly<Record<string, unknown>>)[field];
}
