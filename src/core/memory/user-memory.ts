/**
 * Memory of the process behind a context: which of it exists, and how much of it is
 * pinned. Mirrors the accounting of drivers/iommu/iommufd/pages.c of Linux 6.12.117.
 */
import { PAGE_SIZE } from '../../abi/uapi.ts';
import type { Area, Ioas, IommufdContext, IoptPages } from '../iommufd/state.ts';
import { must } from '../machine/assert.ts';
import type { MachineState } from '../machine/state.ts';
import { Coverage } from './coverage.ts';
import type { IovaRange } from './iova-range.ts';

const PAGE = BigInt(PAGE_SIZE);

/** Bytes of [userVa, userVa + length) that exist before the first one that does not. */
export function presentBytes(context: IommufdContext, userVa: bigint, length: bigint): bigint {
  const { memory } = context.process;
  let low = 0;
  let high = memory.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (memory[middle]!.last < userVa) low = middle + 1;
    else high = middle;
  }
  let next = userVa;
  const end = userVa + length;
  for (; next < end && low < memory.length; low++) {
    const { start, last } = memory[low]!;
    if (start > next) break;
    next = last + 1n;
  }
  return next < end ? next - userVa : length;
}

/** Whether all of [userVa, userVa + length) is memory of the process. */
export function isPresent(context: IommufdContext, userVa: bigint, length: bigint): boolean {
  return presentBytes(context, userVa, length) === length;
}

/** Whether an area's user memory is all there. */
export function isAreaPresent(context: IommufdContext, area: Area): boolean {
  return isPresent(context, area.userVa, area.last - area.start + 1n);
}

/** A container that is about to be made. */
export type NewPages = Omit<IoptPages, 'pagesId' | 'areaCount' | 'pinned'>;

/** Numbers of the user pages that hold [userVa, userVa + length). */
export function userPages(userVa: bigint, length: bigint): IovaRange {
  return { start: userVa / PAGE, last: (userVa + length - 1n) / PAGE };
}

/** The user pages behind the part [start, last] of an area. */
function pagesBehind(area: Area, start: bigint, last: bigint): IovaRange {
  const from = start > area.start ? start : area.start;
  const to = last < area.last ? last : area.last;
  return userPages(area.userVa + (from - area.start), to - from + 1n);
}

/** Counts the pages behind a part of an area that something pins (1), or no longer does (-1). */
export function countPins(
  state: MachineState,
  context: IommufdContext,
  area: Area,
  { start, last }: IovaRange,
  step: 1 | -1,
): void {
  const { userId, capIpcLock } = context.process;
  if (capIpcLock) return;
  const { pinned } = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
  const before = pinned.covered;
  if (step === 1) pinned.add(pagesBehind(area, start, last));
  else pinned.remove(pagesBehind(area, start, last));
  const change = pinned.covered - before;
  context.lockedPages += change;
  if (context.rlimitMode !== 0) return;
  const locked = (state.userLockedPages.get(userId) ?? 0n) + change;
  if (locked === 0n) state.userLockedPages.delete(userId);
  else state.userLockedPages.set(userId, locked);
}

/** Counts the pages of every area: the first domain came (1), or the last one went (-1). */
export function countAllPins(
  state: MachineState,
  context: IommufdContext,
  ioas: Ioas,
  step: 1 | -1,
): void {
  if (context.process.capIpcLock) return;
  for (const area of ioas.areas) countPins(state, context, area, area, step);
}

/**
 * The user pages that are pinned of each container of a process, in all its contexts. Costs as much as
 * there are areas where nobody counts (CAP_IPC_LOCK).
 */
export function* pinnedPages(state: MachineState, context: IommufdContext): Generator<Coverage> {
  for (const other of contextsOfProcess(state, context)) {
    const { pages, objects } = other;
    if (!other.process.capIpcLock) {
      for (const { pinned } of pages.values()) yield pinned;
      continue;
    }
    const pinned = new Map<number, Coverage>();
    for (const object of objects.values()) {
      if (object.type !== 'IOAS') continue;
      for (const area of object.areas) {
        const ranges = object.hwptIds.size > 0 ? [area] : itemsOn(objects, area);
        if (ranges.length === 0) continue;
        const coverage = pinned.get(area.pagesId) ?? new Coverage();
        for (const { start, last } of ranges) coverage.add(pagesBehind(area, start, last));
        pinned.set(area.pagesId, coverage);
      }
    }
    yield* pinned.values();
  }
}

/** What accesses pin of an area. */
function itemsOn(objects: IommufdContext['objects'], { pins }: Area): IovaRange[] {
  return [...(pins ?? [])].flatMap(([accessId, { itemIds }]) => {
    const access = objects.get(accessId);
    if (access?.type !== 'ACCESS') return [];
    return Array.from(itemIds, itemId => must(access.items.get(itemId), `item ${itemId}`));
  });
}

/** Pages that may still be locked (RLIMIT_MEMLOCK); null if nobody counts or limits. */
export function pagesLeft(state: MachineState, context: IommufdContext): bigint | null {
  const { capIpcLock, rlimitMemlock, userId } = context.process;
  if (capIpcLock || rlimitMemlock === null) return null;
  const locked =
    context.rlimitMode === 0
      ? (state.userLockedPages.get(userId) ?? 0n)
      : processLockedPages(state, context);
  return rlimitMemlock / PAGE - locked;
}

/** Pages locked in mode 1 by all contexts of the process (mm->locked_vm). */
function processLockedPages(state: MachineState, context: IommufdContext): bigint {
  let locked = 0n;
  for (const { rlimitMode, lockedPages } of contextsOfProcess(state, context)) {
    if (rlimitMode === 1) locked += lockedPages;
  }
  return locked;
}

/** A context opened by no process that is known has one of its own. */
function* contextsOfProcess(
  state: MachineState,
  context: IommufdContext,
): Generator<IommufdContext> {
  const { processId } = context.process;
  if (processId === undefined) {
    yield context;
    return;
  }
  for (const other of state.contexts.values()) {
    if (other.process.processId === processId) yield other;
  }
}
