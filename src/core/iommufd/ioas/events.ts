/** Events of I/O address spaces (drivers/iommu/iommufd/ioas.c, io_pagetable.c). */
import { ReusedKeyMap, ReusedKeySet } from '../../collections/reused-keys.ts';
import { count, hex, rangeText } from '../../explain/words.ts';
import { must } from '../../machine/assert.ts';
import type { EventEntries, InContext } from '../../machine/event-entry.ts';
import { contextOf, deviceOf, groupOf, ioasOf, objectOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { Coverage } from '../../memory/coverage.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { RangeMap } from '../../memory/range-map.ts';
import { countAllPins, countPins } from '../../memory/user-memory.ts';
import type { PagesSource } from '../../memory/user-process.ts';
import { addObject } from '../main/object-table.ts';
import type { Area, Ioas } from '../state.ts';
import { countMisaligned, forgetDirty } from './area-counts.ts';
import { type AreaSplit, evolveAreaSplit } from './area-split.ts';
import { addPages, removePages, wasPresent } from './pages-table.ts';
import { addReserved, setReserved } from './reserved.ts';

/** An IOAS exists (iommufd_ioas_alloc). */
export interface IoasAllocated extends InContext {
  readonly type: 'IoasAllocated';
  readonly ioasId: number;
}

/** A hwpt's domain joined its IOAS: apertures reserved, areas mapped (iopt_table_add_domain). */
export interface DomainAdded extends InContext {
  readonly type: 'DomainAdded';
  readonly ioasId: number;
  readonly hwptId: number;
  /** The parts of the IOVA space outside the domain's aperture. */
  readonly reserved: readonly IovaRange[];
}

/** A hwpt's domain left its IOAS (iopt_table_remove_domain). */
export interface DomainRemoved extends InContext {
  readonly type: 'DomainRemoved';
  readonly ioasId: number;
  readonly hwptId: number;
}

/** A range of IOVAs was mapped (iopt_map_pages). */
export interface AreaMapped extends InContext {
  readonly type: 'AreaMapped';
  readonly ioasId: number;
  readonly start: bigint;
  readonly last: bigint;
  readonly userVa: bigint;
  readonly prot: number;
  /** The page container it uses. */
  readonly pagesId: number;
  /** What the container holds, if it is new. */
  readonly newPages: {
    readonly userVa: bigint;
    readonly length: bigint;
    readonly writable: boolean;
    readonly present: boolean;
    /** Whose memory it is; null: that of the context's process. */
    readonly source: PagesSource | null;
  } | null;
}

/** A range of IOVAs was unmapped, its pages unpinned (iopt_unmap_iova_range). */
export interface AreaUnmapped extends InContext {
  readonly type: 'AreaUnmapped';
  readonly ioasId: number;
  readonly start: bigint;
  readonly last: bigint;
}

/** The set of ranges automatic IOVAs come from was replaced (iopt_set_allow_iova). */
export interface AllowedIovasSet extends InContext {
  readonly type: 'AllowedIovasSet';
  readonly ioasId: number;
  readonly allowed: readonly IovaRange[];
}

/** A range was reserved by nobody in particular (iommufd_test_add_reserved). */
export interface ReservedRangeAdded extends InContext {
  readonly type: 'ReservedRangeAdded';
  readonly ioasId: number;
  readonly start: bigint;
  readonly last: bigint;
}

/** Large pages of an IOAS were switched (iommufd_ioas_option). */
export interface LargePagesSet extends InContext {
  readonly type: 'LargePagesSet';
  readonly ioasId: number;
  readonly enabled: boolean;
}

/** A device's reserved regions were reserved in an IOAS (iopt_table_enforce_dev_resv_regions). */
export interface ReservedRegionsEnforced extends InContext {
  readonly type: 'ReservedRegionsEnforced';
  readonly ioasId: number;
  readonly deviceId: number;
  readonly reserved: readonly IovaRange[];
  /** Start of the software MSI window found, if the attach is to remember it. */
  readonly swMsiStart: bigint | null;
}

/** All ranges a device reserved in an IOAS were released (iopt_remove_reserved_iova). */
export interface ReservedRegionsRemoved extends InContext {
  readonly type: 'ReservedRegionsRemoved';
  readonly ioasId: number;
  readonly deviceId: number;
}

export type IoasEvent =
  | IoasAllocated
  | DomainAdded
  | DomainRemoved
  | AreaMapped
  | AreaUnmapped
  | AreaSplit
  | AllowedIovasSet
  | ReservedRangeAdded
  | LargePagesSet
  | ReservedRegionsEnforced
  | ReservedRegionsRemoved;

export const IOAS_EVENTS: EventEntries<IoasEvent> = {
  IoasAllocated: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'An IOAS exists (iommufd_ioas_alloc).',
    describe: event => `IOAS ${event.ioasId} allocated`,
    evolve(state, event) {
      addObject(contextOf(state, event.contextId), {
        type: 'IOAS',
        id: event.ioasId,
        hwptIds: new ReusedKeySet(),
        autoHwptIds: new ReusedKeySet(),
        reserved: new ReusedKeyMap(),
        reservedRanges: new Coverage(),
        ownerless: new Coverage(),
        areas: new RangeMap(),
        misaligned: { by2048: 0, by4096: 0 },
        absentAreas: 0,
        allowed: [],
        largePages: true,
        domainPageSizes: new Map(),
        accessIds: new ReusedKeySet(),
        pinningAccesses: 0,
        dirtyHwptIds: new Set(),
      });
    },
  },
  DomainAdded: {
    version: 1,
    layer: 'IOMMUFD',
    sentence:
      "A hwpt's domain joined its IOAS; what lies outside its aperture is reserved (iopt_table_add_domain).",
    describe: event => `the domain of hwpt ${event.hwptId} joined IOAS ${event.ioasId}`,
    evolve: evolveDomain,
  },
  DomainRemoved: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: "A hwpt's domain left its IOAS (iopt_table_remove_domain).",
    describe: event => `the domain of hwpt ${event.hwptId} left IOAS ${event.ioasId}`,
    evolve: evolveDomain,
  },
  AreaMapped: {
    version: 2,
    layer: 'IOMMUFD',
    sentence: 'A range of IOVAs was mapped (iopt_map_pages).',
    describe: event =>
      `IOAS ${event.ioasId}: ${rangeText(event)} maps user memory at ${hex(event.userVa)}`,
    evolve: evolveAreaMapped,
  },
  AreaUnmapped: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A range of IOVAs was unmapped, its pages unpinned (iopt_unmap_iova_range).',
    describe: event => `IOAS ${event.ioasId}: ${rangeText(event)} unmapped`,
    evolve: evolveAreaUnmapped,
  },
  AreaSplit: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'An area was cut in two that share its pages (iopt_area_split).',
    describe: event => `IOAS ${event.ioasId}: ${rangeText(event)} cut at ${hex(event.iova)}`,
    evolve: evolveAreaSplit,
  },
  AllowedIovasSet: {
    version: 1,
    layer: 'IOMMUFD',
    sentence:
      'The set of ranges that automatic IOVAs come from was replaced (iopt_set_allow_iova).',
    describe: event =>
      `IOAS ${event.ioasId}: automatic IOVAs from ${count(event.allowed.length, 'range')}`,
    evolve(state, event) {
      ioasOf(contextOf(state, event.contextId), event.ioasId).allowed = event.allowed;
    },
  },
  ReservedRangeAdded: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'A range was reserved for nobody (iommufd_test_add_reserved).',
    describe: event => `IOAS ${event.ioasId}: ${rangeText(event)} reserved`,
    evolve(state, event) {
      addReserved(ioasOf(contextOf(state, event.contextId), event.ioasId), event);
    },
  },
  LargePagesSet: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'Large pages of an IOAS were switched on or off (iommufd_ioas_option).',
    describe: event => `IOAS ${event.ioasId}: large pages ${event.enabled ? 'on' : 'off'}`,
    evolve(state, event) {
      ioasOf(contextOf(state, event.contextId), event.ioasId).largePages = event.enabled;
    },
  },
  ReservedRegionsEnforced: {
    version: 1,
    layer: 'IOMMUFD',
    sentence:
      "A device's reserved regions were reserved in an IOAS (iopt_table_enforce_dev_resv_regions).",
    describe: event =>
      `reserved regions of device ${event.deviceId} reserved in IOAS ${event.ioasId}`,
    evolve(state, event) {
      const context = contextOf(state, event.contextId);
      setReserved(ioasOf(context, event.ioasId), `device:${event.deviceId}`, event.reserved);
      if (event.swMsiStart !== null) {
        groupOf(state, deviceOf(context, event.deviceId).iommuGroupId).swMsiStart =
          event.swMsiStart;
      }
    },
  },
  ReservedRegionsRemoved: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'All ranges a device reserved in an IOAS were released (iopt_remove_reserved_iova).',
    describe: event =>
      `reserved regions of device ${event.deviceId} released in IOAS ${event.ioasId}`,
    evolve(state, event) {
      setReserved(
        ioasOf(contextOf(state, event.contextId), event.ioasId),
        `device:${event.deviceId}`,
        [],
      );
    },
  },
};

function evolveAreaMapped(state: MachineState, event: AreaMapped): void {
  const context = contextOf(state, event.contextId);
  const ioas = ioasOf(context, event.ioasId);
  const { pagesId, newPages, start, last, userVa, prot } = event;
  if (newPages !== null) {
    addPages(state, context, { pagesId, ...newPages, areaCount: 0, pinned: new Coverage() });
  }
  const pages = must(context.pages.get(pagesId), `pages ${pagesId}`);
  pages.areaCount++;
  const area: Area = { start, last, pagesId, userVa, prot, pins: null };
  ioas.areas.add(area);
  countMisaligned(ioas, area, 1);
  if (!wasPresent(context, area, pages.writable)) ioas.absentAreas++;
  if (ioas.domainPageSizes.size > 0) countPins(state, context, area, area, 1);
}

function evolveAreaUnmapped(state: MachineState, event: AreaUnmapped): void {
  const context = contextOf(state, event.contextId);
  const ioas = ioasOf(context, event.ioasId);
  const area = ioas.areas.remove(event.start);
  countMisaligned(ioas, area, -1);
  if (ioas.domainPageSizes.size > 0) countPins(state, context, area, area, -1);
  const pages = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
  if (!wasPresent(context, area, pages.writable)) ioas.absentAreas--;
  pages.areaCount--;
  if (pages.areaCount === 0) removePages(state, context, pages);
  forgetDirty(context, ioas, area);
}

/** A domain joins an IOAS or leaves it; the first one pins every area, the last one lets go. */
function evolveDomain(state: MachineState, event: DomainAdded | DomainRemoved): void {
  const context = contextOf(state, event.contextId);
  const ioas = ioasOf(context, event.ioasId);
  const { pageSize } = objectOf(context, event.hwptId, 'HWPT_PAGING').domain;
  const added = event.type === 'DomainAdded';
  setReserved(ioas, `domain:${event.hwptId}`, added ? event.reserved : []);
  if (added && ioas.domainPageSizes.size === 0) countAllPins(state, context, ioas, 1);
  countDomain(ioas, pageSize, added ? 1 : -1);
  if (!added && ioas.domainPageSizes.size === 0) countAllPins(state, context, ioas, -1);
}

function countDomain(ioas: Ioas, pageSize: number, step: 1 | -1): void {
  const count = (ioas.domainPageSizes.get(pageSize) ?? 0) + step;
  if (count === 0) ioas.domainPageSizes.delete(pageSize);
  else ioas.domainPageSizes.set(pageSize, count);
}
