/** Events of the self-test: its devices and its accesses (drivers/iommu/iommufd/selftest.c). */
import { ReusedKeyMap } from '../../collections/reused-keys.ts';
import { hex, rangeText } from '../../explain/words.ts';
import { must } from '../../machine/assert.ts';
import { type EventEntries, type InContext, outsideTheState } from '../../machine/event-entry.ts';
import { contextOf, ioasOf, objectOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { fillGuestMemory } from '../../memory/guest-memory.ts';
import { countPins } from '../../memory/user-memory.ts';
import { addObject } from '../main/object-table.ts';
import type { Area } from '../state.ts';

/** The self-test's handle of a mock device became visible (iommufd_test_mock_domain). */
export interface SelftestDeviceFinalized extends InContext {
  readonly type: 'SelftestDeviceFinalized';
  readonly stdevId: number;
  readonly deviceNo: number;
  readonly deviceId: number;
}

/** An in-kernel access exists (iommufd_access_create). */
export interface AccessCreated extends InContext {
  readonly type: 'AccessCreated';
  readonly accessId: number;
  readonly needsPinPages: boolean;
}

/** An access moved to an IOAS, or from one to another (iommufd_access_change_ioas). */
export interface AccessIoasChanged extends InContext {
  readonly type: 'AccessIoasChanged';
  readonly accessId: number;
  readonly ioasId: number | null;
}

/** An access pinned pages (iommufd_access_pin_pages). */
export interface AccessPagesPinned extends InContext {
  readonly type: 'AccessPagesPinned';
  readonly accessId: number;
  readonly itemId: number;
  readonly start: bigint;
  readonly last: bigint;
}

/** An access let go of pinned pages (iommufd_access_unpin_pages). */
export interface AccessPagesUnpinned extends InContext {
  readonly type: 'AccessPagesUnpinned';
  readonly accessId: number;
  readonly itemId: number;
}

/** An access wrote bytes that its command has into memory of a process. */
export interface UserMemoryWritten extends InContext {
  readonly type: 'UserMemoryWritten';
  /** Whose memory; null: nobody knows. */
  readonly processId: number | null;
  readonly userVa: bigint;
  readonly length: bigint;
  /** Bytes of the command before the first of them. */
  readonly from: number;
}

/** An access wrote into user memory (iommufd_access_rw). */
export interface UserMemoryFilled extends InContext {
  readonly type: 'UserMemoryFilled';
  readonly userVa: bigint;
  readonly length: bigint;
  readonly fill: number;
}

export type SelftestEvent =
  | SelftestDeviceFinalized
  | AccessCreated
  | AccessIoasChanged
  | AccessPagesPinned
  | AccessPagesUnpinned
  | UserMemoryFilled
  | UserMemoryWritten;

export const SELFTEST_EVENTS: EventEntries<SelftestEvent> = {
  SelftestDeviceFinalized: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: "The self-test's handle of a mock device became visible (iommufd_test_mock_domain).",
    describe: event =>
      `mock device ${event.stdevId} ready, its DEVICE is ${event.deviceId}: physical device ${event.deviceNo}`,
    evolve(state, event) {
      contextOf(state, event.contextId).objects.set(event.stdevId, {
        type: 'SELFTEST',
        id: event.stdevId,
        deviceNo: event.deviceNo,
        deviceId: event.deviceId,
      });
    },
  },
  AccessCreated: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'An in-kernel access exists (iommufd_access_create).',
    describe: event => `access ${event.accessId} created`,
    evolve(state, event) {
      const context = contextOf(state, event.contextId);
      addObject(context, {
        type: 'ACCESS',
        id: event.accessId,
        needsPinPages: event.needsPinPages,
        ioasId: null,
        items: new Map(),
        nextItemId: 0,
      });
      context.fileHolders.add(event.accessId);
    },
  },
  AccessIoasChanged: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'An access moved to an IOAS or away from one (iommufd_access_change_ioas).',
    describe: event =>
      `access ${event.accessId} is on ${event.ioasId === null ? 'no IOAS' : `IOAS ${event.ioasId}`}`,
    evolve: evolveAccessIoasChanged,
  },
  AccessPagesPinned: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'An access pinned the pages of a range (iommufd_access_pin_pages).',
    describe: event =>
      `access ${event.accessId} pinned ${rangeText(event)} as item ${event.itemId}`,
    evolve: evolveAccessPages,
  },
  AccessPagesUnpinned: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'An access let go of pinned pages (iommufd_access_unpin_pages).',
    describe: event => `access ${event.accessId} let go of item ${event.itemId}`,
    evolve: evolveAccessPages,
  },
  UserMemoryWritten: {
    version: 1,
    layer: 'HARDWARE',
    sentence:
      'An access wrote bytes of a program into memory of a process (iommufd_test_access_rw); the memory is that process’ alone.',
    describe: event => `0x${event.length.toString(16)} bytes written at ${hex(event.userVa)}`,
    evolve: outsideTheState,
  },
  UserMemoryFilled: {
    version: 1,
    layer: 'IOMMUFD',
    sentence: 'An access wrote into user memory (iommufd_access_rw).',
    describe: event =>
      `${event.length} bytes of user memory at ${hex(event.userVa)} set to ${event.fill}`,
    evolve: evolveUserMemoryFilled,
  },
};

function evolveAccessIoasChanged(state: MachineState, event: AccessIoasChanged): void {
  const context = contextOf(state, event.contextId);
  const access = objectOf(context, event.accessId, 'ACCESS');
  if (access.ioasId !== null) {
    const old = ioasOf(context, access.ioasId);
    old.accessIds.delete(access.id);
    if (access.needsPinPages) old.pinningAccesses--;
  }
  access.ioasId = event.ioasId;
  if (event.ioasId === null) return;
  const ioas = ioasOf(context, event.ioasId);
  ioas.accessIds.add(access.id);
  if (access.needsPinPages) ioas.pinningAccesses++;
}

function evolveAccessPages(
  state: MachineState,
  event: AccessPagesPinned | AccessPagesUnpinned,
): void {
  const context = contextOf(state, event.contextId);
  const access = objectOf(context, event.accessId, 'ACCESS');
  const pinned = event.type === 'AccessPagesPinned';
  const range = pinned ? event : must(access.items.get(event.itemId), `item ${event.itemId}`);
  const { start, last } = range;
  if (pinned) {
    access.items.set(event.itemId, { start, last });
    access.nextItemId = event.itemId + 1;
  } else {
    access.items.delete(event.itemId);
  }
  const ioas = ioasOf(context, must(access.ioasId, 'IOAS of an access that pins'));
  const step = pinned ? 1 : -1;
  for (const area of ioas.areas.between(start, last)) {
    if (pinned) addPin(area, access.id, event.itemId);
    else removePin(area, access.id, event.itemId);
    countPins(state, context, area, { start, last }, step);
  }
}

function addPin(area: Area, accessId: number, itemId: number): void {
  area.pins ??= new ReusedKeyMap();
  const held = area.pins.get(accessId);
  if (held === undefined) area.pins.set(accessId, { itemIds: new Set([itemId]) });
  else held.itemIds.add(itemId);
}

function removePin(area: Area, accessId: number, itemId: number): void {
  const pins = must(area.pins, 'pins of an area');
  const { itemIds } = must(pins.get(accessId), `pins of access ${accessId}`);
  itemIds.delete(itemId);
  if (itemIds.size === 0) pins.delete(accessId);
  if (pins.size === 0) area.pins = null;
}

function evolveUserMemoryFilled(
  state: MachineState,
  { contextId, userVa, length, fill }: UserMemoryFilled,
): void {
  const run = { start: userVa, last: userVa + length - 1n, fill };
  fillGuestMemory(contextOf(state, contextId), run, state.seq);
}
