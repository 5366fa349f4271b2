/** Events of hardware page tables (drivers/iommu/iommufd/hw_pagetable.c). */
import { MOCK_NESTED_DOMAIN_IOTLB_NUM } from '../../../abi/uapi.ts';
import { ReusedKeyMap } from '../../collections/reused-keys.ts';
import { count, hex } from '../../explain/words.ts';
import type { EventEntries, InContext } from '../../machine/event-entry.ts';
import { contextOf, faultQueueOf, hwptOf, ioasOf, objectOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { addObject } from '../main/object-table.ts';
import type { HwptUserData, PagingDomain } from '../state.ts';

/** A paging hwpt exists and holds its IOAS (iommufd_hwpt_paging_alloc). */
export interface HwptPagingAllocated extends InContext {
  readonly type: 'HwptPagingAllocated';
  readonly hwptId: number;
  readonly ioasId: number;
  readonly nestParent: boolean;
  /** IOMMU_HWPT_ALLOC_PASID. */
  readonly pasid: boolean;
  /** Made by attach or replace with an IOAS id; goes with its last device. */
  readonly auto: boolean;
  readonly domain: PagingDomain;
}

/** A nested hwpt exists and holds its parent (iommufd_hwpt_nested_alloc). */
export interface HwptNestedAllocated extends InContext {
  readonly type: 'HwptNestedAllocated';
  readonly hwptId: number;
  readonly parentId: number;
  readonly driver: PagingDomain['driver'];
  /** IOMMU_HWPT_ALLOC_PASID. */
  readonly pasid: boolean;
  readonly userData: HwptUserData;
}

/** A hwpt became fault-capable: it names a fault queue and holds it (iommufd_hwpt_alloc). */
export interface HwptFaultQueueAssigned extends InContext {
  readonly type: 'HwptFaultQueueAssigned';
  readonly hwptId: number;
  readonly faultId: number;
}

/** The hwpt got a cookie for the group's software MSI window (iommu_get_msi_cookie). */
export interface MsiCookieCreated extends InContext {
  readonly type: 'MsiCookieCreated';
  readonly hwptId: number;
  readonly swMsiStart: bigint;
}

/** Dirty tracking of a hwpt was switched (iopt_set_dirty_tracking). */
export interface DirtyTrackingSet extends InContext {
  readonly type: 'DirtyTrackingSet';
  readonly hwptId: number;
  readonly enabled: boolean;
}

/** Mock driver: a device wrote through these IO pages (iommufd_test_dirty). */
export interface PagesDirtied extends InContext {
  readonly type: 'PagesDirtied';
  readonly hwptId: number;
  readonly slots: readonly number[];
}

/** Dirty bits of IO pages were cleared (mock_domain_read_and_clear_dirty). */
export interface PagesCleaned extends InContext {
  readonly type: 'PagesCleaned';
  readonly hwptId: number;
  readonly slots: readonly number[];
}

export type HwptEvent =
  | HwptPagingAllocated
  | HwptNestedAllocated
  | HwptFaultQueueAssigned
  | MsiCookieCreated
  | DirtyTrackingSet
  | PagesDirtied
  | PagesCleaned;

export const HWPT_EVENTS: EventEntries<HwptEvent> = {
  HwptPagingAllocated: {
    version: 2,
    layer: 'IOMMUFD',
    sentence: 'A paging hwpt exists and holds its IOAS (iommufd_hwpt_paging_alloc).',
    describe(event) {
      const kind = event.auto ? 'automatic' : event.nestParent ? 'nest-parent' : 'paging';
      return `${kind} hwpt ${event.hwptId} allocated on IOAS ${event.ioasId}`;
    },
    evolve: evolveHwptPagingAllocated,
  },
  HwptNestedAllocated: {
    version: 2,
    layer: 'IOMMUFD',
    sentence: 'A nested hwpt exists and holds its parent (iommufd_hwpt_nested_alloc).',
    describe: event => `nested hwpt ${event.hwptId} allocated on parent hwpt ${event.parentId}`,
    evolve: evolveHwptNestedAllocated,
  },
  HwptFaultQueueAssigned: {
    version: 1,
    layer: 'IOMMUFD',
    sentence:
      'A hwpt became fault-capable: it names a fault queue and holds it (iommufd_hwpt_alloc).',
    describe: event =>
      `hwpt ${event.hwptId} is fault-capable: faults go to fault queue ${event.faultId}`,
    evolve(state, event) {
      const context = contextOf(state, event.contextId);
      hwptOf(context, event.hwptId).faultId = event.faultId;
      faultQueueOf(context, event.faultId).hwptIds.add(event.hwptId);
    },
  },
  MsiCookieCreated: {
    version: 1,
    layer: 'IOMMU_CORE',
    sentence: "A hwpt got a cookie for the group's software MSI window (iommu_get_msi_cookie).",
    describe: event => `hwpt ${event.hwptId} got an MSI cookie at ${hex(event.swMsiStart)}`,
    evolve(state, event) {
      objectOf(contextOf(state, event.contextId), event.hwptId, 'HWPT_PAGING').msiCookie = true;
    },
  },
  DirtyTrackingSet: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'Dirty tracking of a hwpt was switched on or off (iopt_set_dirty_tracking).',
    describe: event => `hwpt ${event.hwptId}: dirty tracking ${event.enabled ? 'on' : 'off'}`,
    evolve(state, event) {
      objectOf(contextOf(state, event.contextId), event.hwptId, 'HWPT_PAGING').dirtyTracking =
        event.enabled;
    },
  },
  PagesDirtied: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'A mock device wrote through these IO pages (iommufd_test_dirty).',
    describe: event => `hwpt ${event.hwptId}: ${count(event.slots.length, 'IO page')} dirtied`,
    evolve: evolveDirty,
  },
  PagesCleaned: {
    version: 1,
    layer: 'HARDWARE',
    sentence: 'Dirty bits of IO pages were cleared (mock_domain_read_and_clear_dirty).',
    describe: event =>
      `hwpt ${event.hwptId}: dirty bits of ${count(event.slots.length, 'IO page')} cleared`,
    evolve: evolveDirty,
  },
};

function evolveDirty(state: MachineState, event: PagesDirtied | PagesCleaned): void {
  const context = contextOf(state, event.contextId);
  const hwpt = objectOf(context, event.hwptId, 'HWPT_PAGING');
  for (const slot of event.slots) {
    if (event.type === 'PagesDirtied') hwpt.dirtySlots.set(slot, true);
    else hwpt.dirtySlots.delete(slot);
  }
  const { dirtyHwptIds } = ioasOf(context, hwpt.ioasId);
  if (hwpt.dirtySlots.size > 0) dirtyHwptIds.add(hwpt.id);
  else dirtyHwptIds.delete(hwpt.id);
}

function evolveHwptPagingAllocated(state: MachineState, event: HwptPagingAllocated): void {
  const context = contextOf(state, event.contextId);
  addObject(context, {
    type: 'HWPT_PAGING',
    id: event.hwptId,
    ioasId: event.ioasId,
    nestParent: event.nestParent,
    pasid: event.pasid,
    auto: event.auto,
    domain: event.domain,
    faultId: null,
    msiCookie: false,
    dirtyTracking: false,
    dirtySlots: new ReusedKeyMap(),
    childIds: new Set(),
    attachedDeviceIds: new Set(),
    pasidDevices: new Map(),
  });
  const ioas = ioasOf(context, event.ioasId);
  ioas.hwptIds.add(event.hwptId);
  if (event.auto) ioas.autoHwptIds.add(event.hwptId);
}

function evolveHwptNestedAllocated(state: MachineState, event: HwptNestedAllocated): void {
  const context = contextOf(state, event.contextId);
  const { userData } = event;
  addObject(context, {
    type: 'HWPT_NESTED',
    id: event.hwptId,
    parentId: event.parentId,
    driver: event.driver,
    pasid: event.pasid,
    userData,
    iotlb:
      userData.kind === 'SELFTEST'
        ? new Array<number>(MOCK_NESTED_DOMAIN_IOTLB_NUM).fill(userData.iotlb)
        : [],
    faultId: null,
    attachedDeviceIds: new Set(),
    pasidDevices: new Map(),
  });
  objectOf(context, event.parentId, 'HWPT_PAGING').childIds.add(event.hwptId);
}
