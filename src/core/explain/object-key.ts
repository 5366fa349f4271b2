/** What names an object of a state: keys, and the words for them. */
import type { ObjectKind } from './object-fields.ts';

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
  IOMMU: {
    word: 'IOMMU',
    description: 'A modelled IOMMU. id: its iommuNo.',
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

/** The key in one word, such as `MACHINE`, `FAULT:1:4` or `AREA:1:2:0x1000`: kind and parts. */
export function objectRef(key: ObjectKey): string {
  const { kind, contextId, id, iova } = key;
  let ref: string = kind;
  if (contextId !== null) ref += `:${contextId}`;
  if (id !== null) ref += `:${id}`;
  if (iova !== null) ref += `:0x${iova.toString(16)}`;
  return ref;
}
