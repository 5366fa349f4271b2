/**
 * User memory that is pinned: what of it, and how that is counted. Mirrors the accounting of
 * drivers/iommu/iommufd/pages.c of Linux 6.12.117.
 */
import { PAGE_SIZE } from '../../abi/uapi.ts';
import type { Area, Ioas, IommufdContext, IoptPages } from '../iommufd/state.ts';
import { must } from '../machine/assert.ts';
import type { MachineState } from '../machine/state.ts';
import { Coverage } from './coverage.ts';
import type { IovaRange } from './iova-range.ts';
import { type Payer, payerOf } from './process-memory.ts';
import type { PagesSource } from './user-process.ts';

const PAGE = BigInt(PAGE_SIZE);

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
  const pages = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
  const { userId, capIpcLock } = payerOf(context, pages);
  if (capIpcLock) return;
  const { pinned, source } = pages;
  const before = pinned.covered;
  if (step === 1) pinned.add(pagesBehind(area, start, last));
  else pinned.remove(pagesBehind(area, start, last));
  const change = pinned.covered - before;
  if (source === null) context.lockedPages += change;
  if (context.rlimitMode === 0) addTo(state.userLockedPages, userId, change);
  else if (source !== null) addTo(state.foreignLockedPages, source.processId, change);
}

function addTo(counts: Map<number, bigint>, key: number, change: bigint): void {
  const count = (counts.get(key) ?? 0n) + change;
  if (count === 0n) counts.delete(key);
  else counts.set(key, count);
}

/** Counts the pages of every area: the first domain came (1), or the last one went (-1). */
export function countAllPins(
  state: MachineState,
  context: IommufdContext,
  ioas: Ioas,
  step: 1 | -1,
): void {
  // Whoever opened the context made its containers, unless some say otherwise.
  if (context.process.capIpcLock && context.foreignPages.size === 0) return;
  for (const area of ioas.areas) countPins(state, context, area, area, step);
}

/** User pages that something pins of a container. */
export interface PinnedPages {
  readonly pages: IoptPages;
  readonly pinned: Coverage;
}

/** Which containers are meant, by the context and whose they are. */
export type WantedPages = (context: IommufdContext, source: PagesSource | null) => boolean;

/**
 * What is pinned of the containers that are wanted. Costs as much as there are areas in contexts of
 * processes that nobody counts (CAP_IPC_LOCK): what is counted is kept, that is not.
 */
export function* pinnedPages(state: MachineState, wanted: WantedPages): Generator<PinnedPages> {
  for (const context of state.contexts.values()) {
    if (context.foreignPages.size === 0 && !wanted(context, null)) continue;
    let uncounted = false;
    for (const pages of context.pages.values()) {
      if (!wanted(context, pages.source)) continue;
      if (payerOf(context, pages).capIpcLock) uncounted = true;
      else yield { pages, pinned: pages.pinned };
    }
    if (uncounted) yield* uncountedPins(context, wanted);
  }
}

function* uncountedPins(context: IommufdContext, wanted: WantedPages): Generator<PinnedPages> {
  const found = new Map<IoptPages, Coverage>();
  for (const object of context.objects.values()) {
    if (object.type !== 'IOAS') continue;
    for (const area of object.areas) {
      const ranges = pinnedParts(context, object, area);
      if (ranges.length === 0) continue;
      const pages = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
      if (!payerOf(context, pages).capIpcLock || !wanted(context, pages.source)) continue;
      const pinned = found.get(pages) ?? new Coverage();
      for (const { start, last } of ranges) pinned.add(pagesBehind(area, start, last));
      found.set(pages, pinned);
    }
  }
  for (const [pages, pinned] of found) yield { pages, pinned };
}

/** What of an area domains and accesses pin. */
export function pinnedParts(
  { objects }: IommufdContext,
  ioas: Ioas,
  area: Area,
): readonly IovaRange[] {
  if (ioas.domainPageSizes.size > 0) return [area];
  return [...(area.pins ?? [])].flatMap(([accessId, { itemIds }]) => {
    const access = objects.get(accessId);
    if (access?.type !== 'ACCESS') return [];
    return Array.from(itemIds, itemId => must(access.items.get(itemId), `item ${itemId}`));
  });
}

/** What of a container is pinned. Costs as much as there are areas where nobody counts. */
export function pinnedOf(context: IommufdContext, pages: IoptPages): Coverage {
  if (!payerOf(context, pages).capIpcLock) return pages.pinned;
  for (const found of uncountedPins(context, (_, source) => source === pages.source)) {
    if (found.pages === pages) return found.pinned;
  }
  return new Coverage();
}

/** Pages that may still be locked (RLIMIT_MEMLOCK); null if nobody counts or limits. */
export function pagesLeft(
  state: MachineState,
  context: IommufdContext,
  payer: Payer,
): bigint | null {
  const { capIpcLock, rlimitMemlock, userId, processId } = payer;
  if (capIpcLock || rlimitMemlock === null) return null;
  const locked =
    context.rlimitMode === 0
      ? (state.userLockedPages.get(userId) ?? 0n)
      : processId === undefined
        ? context.lockedPages
        : processLockedPages(state, processId);
  return rlimitMemlock / PAGE - locked;
}

/** Pages locked in mode 1 by a process, in its contexts and in those of others. */
function processLockedPages({ contexts, foreignLockedPages }: MachineState, processId: number) {
  let locked = foreignLockedPages.get(processId) ?? 0n;
  for (const { rlimitMode, lockedPages, process: opener } of contexts.values()) {
    if (rlimitMode === 1 && opener.processId === processId) locked += lockedPages;
  }
  return locked;
}
