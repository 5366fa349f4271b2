/** evolve for IOAS: areas, reserved and allowed ranges, dirty state, accesses. */
import { MOCK_IO_PAGE_SIZE, PAGE_SIZE } from '../../../abi/uapi.ts';
import { must } from '../../machine/assert.ts';
import type { EventOf } from '../../machine/event.ts';
import { contextOf, ioasOf, objectOf } from '../../machine/lookup.ts';
import { ReusedKeyMap } from '../../machine/reused-keys.ts';
import type { MachineState } from '../../machine/state.ts';
import { Coverage } from '../../memory/coverage.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { countAllPins, countPins, isAreaPresent } from '../../memory/user-memory.ts';
import { fillMemory } from '../../memory/written-memory.ts';
import type { Area, Ioas, IommufdContext } from '../state.ts';

const PAGE = BigInt(PAGE_SIZE);

/** Sets what an owner reserves in an IOAS; an empty list takes it back. */
export function setReserved(ioas: Ioas, owner: string, ranges: readonly IovaRange[]): void {
  for (const range of ioas.reserved.get(owner) ?? []) ioas.reservedRanges.remove(range);
  for (const range of ranges) ioas.reservedRanges.add(range);
  if (ranges.length === 0) ioas.reserved.delete(owner);
  else ioas.reserved.set(owner, ranges);
}

/**
 * Adds a range that no device and no domain owns. Nobody takes it back, so only what is new of it is
 * kept: a range over many others costs as much as the holes between them, once.
 */
export function addReserved(ioas: Ioas, { start, last }: IovaRange): void {
  // The list is this state's own: only this function made it.
  const owned = (ioas.reserved.get('none') ?? []) as IovaRange[];
  for (const hole of [...ioas.ownerless.holes(start, last)]) {
    ioas.ownerless.add(hole);
    ioas.reservedRanges.add(hole);
    owned.push(hole);
  }
  ioas.reserved.set('none', owned);
}

/** Counts an area whose IOVA, length or page offset breaks an alignment, up or down. */
function countMisaligned(ioas: Ioas, { start, last, userVa }: Area, step: 1 | -1): void {
  const bits = start | (last + 1n) | (userVa % PAGE);
  if (bits % BigInt(MOCK_IO_PAGE_SIZE) !== 0n) ioas.misaligned.by2048 += step;
  if (bits % PAGE !== 0n) ioas.misaligned.by4096 += step;
}

export function evolveAreaMapped(state: MachineState, event: EventOf<'AreaMapped'>): void {
  const context = contextOf(state, event.contextId);
  const ioas = ioasOf(context, event.ioasId);
  const { pagesId, newPages, start, last, userVa, prot } = event;
  if (newPages !== null) {
    context.pages.set(pagesId, { pagesId, ...newPages, areaCount: 0, pinned: new Coverage() });
    context.nextPagesId = pagesId + 1;
  }
  const pages = must(context.pages.get(pagesId), `pages ${pagesId}`);
  pages.areaCount++;
  const area: Area = { start, last, pagesId, userVa, prot, pins: null };
  ioas.areas.add(area);
  countMisaligned(ioas, area, 1);
  if (!isAreaPresent(context, area)) ioas.absentAreas++;
  if (ioas.domainPageSizes.size > 0) countPins(state, context, area, area, 1);
}

export function evolveAreaUnmapped(state: MachineState, event: EventOf<'AreaUnmapped'>): void {
  const context = contextOf(state, event.contextId);
  const ioas = ioasOf(context, event.ioasId);
  const area = ioas.areas.remove(event.start);
  countMisaligned(ioas, area, -1);
  if (!isAreaPresent(context, area)) ioas.absentAreas--;
  if (ioas.domainPageSizes.size > 0) countPins(state, context, area, area, -1);
  const pages = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
  pages.areaCount--;
  if (pages.areaCount === 0) context.pages.delete(area.pagesId);
  forgetDirty(context, ioas, area);
}

/** Unmapping takes the dirty bits of the IO pages with it. */
function forgetDirty(context: IommufdContext, ioas: Ioas, { start, last }: Area): void {
  const first = Number(start / BigInt(MOCK_IO_PAGE_SIZE));
  const final = Number(last / BigInt(MOCK_IO_PAGE_SIZE));
  for (const hwptId of ioas.dirtyHwptIds) {
    const { dirtySlots } = objectOf(context, hwptId, 'HWPT_PAGING');
    if (dirtySlots.size < final - first) {
      for (const slot of dirtySlots.keys()) {
        if (slot >= first && slot <= final) dirtySlots.delete(slot);
      }
    } else {
      for (let slot = first; slot <= final; slot++) dirtySlots.delete(slot);
    }
    if (dirtySlots.size === 0) ioas.dirtyHwptIds.delete(hwptId);
  }
}

export function evolveDirty(
  state: MachineState,
  event: EventOf<'PagesDirtied' | 'PagesCleaned'>,
): void {
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

/** A domain joins an IOAS or leaves it; the first one pins every area, the last one lets go. */
export function evolveDomain(
  state: MachineState,
  event: EventOf<'DomainAdded' | 'DomainRemoved'>,
): void {
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

export function evolveAccessIoasChanged(
  state: MachineState,
  event: EventOf<'AccessIoasChanged'>,
): void {
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

export function evolveAccessPages(
  state: MachineState,
  event: EventOf<'AccessPagesPinned' | 'AccessPagesUnpinned'>,
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

export function evolveUserMemoryFilled(
  state: MachineState,
  { contextId, userVa, length, fill }: EventOf<'UserMemoryFilled'>,
): void {
  const { written } = contextOf(state, contextId);
  fillMemory(written, { start: userVa, last: userVa + length - 1n, fill });
}
