/** Invariants of the user memory behind a context: page containers, pins, locked pages. */
import { IOMMU_IOAS_MAP_WRITEABLE, PAGE_SIZE } from '../../abi/uapi.ts';
import type { Area, IommufdContext } from '../iommufd/state.ts';
import type { MachineState } from '../machine/state.ts';
import type { CoveredRange } from '../memory/coverage.ts';
import type { IovaRange } from '../memory/iova-range.ts';
import { isAsOpened } from '../memory/process-memory.ts';
import { type Check, sameMembers } from './invariant-check.ts';

const PAGE = BigInt(PAGE_SIZE);

/** How often each number is covered, counted from the ends of the ranges. */
export function sweep(ranges: readonly IovaRange[]): CoveredRange[] {
  const steps = new Map<bigint, number>();
  for (const { start, last } of ranges) {
    steps.set(start, (steps.get(start) ?? 0) + 1);
    steps.set(last + 1n, (steps.get(last + 1n) ?? 0) - 1);
  }
  const ends = [...steps].filter(([, step]) => step !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  const covered: CoveredRange[] = [];
  let count = 0;
  for (const [index, [start, step]] of ends.entries()) {
    count += step;
    const next = ends[index + 1];
    if (count > 0 && next !== undefined) covered.push({ start, last: next[0] - 1n, count });
  }
  return covered;
}

export function coverageText(ranges: Iterable<CoveredRange>): string {
  return Array.from(ranges, range => `${describeRange(range)} × ${range.count}`).join(', ');
}

export function describeRange({ start, last }: IovaRange): string {
  return `[0x${start.toString(16)}, 0x${last.toString(16)}]`;
}

/** Who counts how many locked pages, and whose memory somebody needs. */
interface Tally {
  readonly users: Map<number, bigint>;
  readonly foreign: Map<number, bigint>;
  readonly needed: Set<number>;
}

/** Containers serve the areas that name them, and a page that is pinned is counted once. */
export function checkMemory(state: MachineState, check: Check): void {
  const tally: Tally = { users: new Map(), foreign: new Map(), needed: new Set() };
  for (const context of state.contexts.values()) checkContextMemory(context, check, tally);
  const text = (locked: ReadonlyMap<number, bigint>) =>
    [...locked]
      .sort(([a], [b]) => a - b)
      .map(([by, pages]) => `${by}: ${pages}`)
      .join(', ');
  const same = (what: string, found: Tally['users'], counted: Tally['users']) =>
    check(
      text(found) === text(counted),
      `pages are locked by ${what} as ${text(found)}, counted as ${text(counted)}`,
    );
  same('users', tally.users, state.userLockedPages);
  same('other processes', tally.foreign, state.foreignLockedPages);
  for (const [processId, { told, ranges }] of state.memories) {
    const on = `memory of process ${processId}`;
    const list = [...ranges];
    check(told || list.length === 0 || tally.needed.has(processId), `${on}: nobody needs it`);
    check(
      list.every(({ start, last }, i) => start <= last && (i === 0 || list[i - 1]!.last < start)),
      `${on}: its ranges are out of order`,
    );
  }
}

function addTo(counts: Map<number, bigint>, by: number, pages: bigint): void {
  if (pages > 0n) counts.set(by, (counts.get(by) ?? 0n) + pages);
}

function checkContextMemory(context: IommufdContext, check: Check, tally: Tally): void {
  const at = `context ${context.contextId}`;
  const { pages: containers } = context;
  const areas = new Map<number, Area[]>();
  const pins = new Map<number, IovaRange[]>();
  for (const ioas of context.objects.values()) {
    if (ioas.type !== 'IOAS') continue;
    const items = [...context.objects.values()].flatMap(object =>
      object.type === 'ACCESS' && object.ioasId === ioas.id ? [...object.items.values()] : [],
    );
    let absent = 0;
    for (const area of ioas.areas) {
      if (!isThere(context, area)) absent++;
      areas.set(area.pagesId, [...(areas.get(area.pagesId) ?? []), area]);
      const pinned = items
        .filter(item => item.start <= area.last && item.last >= area.start)
        .map(item => userPages(area, item));
      if (ioas.hwptIds.size > 0) pinned.push(userPages(area, area));
      pins.set(area.pagesId, [...(pins.get(area.pagesId) ?? []), ...pinned]);
    }
    check(
      ioas.absentAreas === absent,
      `${at}, IOAS ${ioas.id}: ${absent} areas lack memory, ${ioas.absentAreas} counted`,
    );
    check(
      absent === 0 ||
        ioas.hwptIds.size === 0 ||
        !isAsOpened(context) ||
        context.foreignPages.size > 0,
      `${at}, IOAS ${ioas.id}: nothing to pin`,
    );
  }
  check(sameMembers(containers.keys(), areas.keys()), `${at}: containers nobody uses, or missing`);
  let locked = 0n;
  const foreign: number[] = [];
  const { sharesMemory, processId } = context.process;
  if (sharesMemory && processId !== undefined) tally.needed.add(processId);
  for (const pages of containers.values()) {
    const { pagesId, areaCount, userVa, length, writable, pinned, source } = pages;
    const user = source ?? context.process;
    if (source !== null) {
      foreign.push(pagesId);
      tally.needed.add(source.processId);
    }
    const named = areas.get(pagesId) ?? [];
    const on = `${at}, pages ${pagesId}`;
    check(areaCount === named.length, `${on}: ${named.length} areas, ${areaCount} counted`);
    check(pagesId < context.nextPagesId, `${on}: the number will be given again`);
    check(
      named.every(
        area => area.userVa >= userVa && area.userVa + (area.last - area.start) < userVa + length,
      ),
      `${on}: an area reaches beyond it`,
    );
    check(
      writable || named.every(({ prot }) => (prot & IOMMU_IOAS_MAP_WRITEABLE) === 0),
      `${on}: written through, and may only be read`,
    );
    const expected = user.capIpcLock ? [] : sweep(pins.get(pagesId) ?? []);
    check(
      coverageText(pinned) === coverageText(expected),
      `${on}: pinned are ${coverageText(expected)}, counted ${coverageText(pinned)}`,
    );
    const count = expected.reduce((sum, { start, last }) => sum + last - start + 1n, 0n);
    check(pinned.covered === count, `${on}: ${count} pages are pinned, ${pinned.covered} counted`);
    if (source === null) locked += count;
    if (context.rlimitMode === 0) addTo(tally.users, user.userId, count);
    else if (source !== null) addTo(tally.foreign, source.processId, count);
  }
  check(
    sameMembers(context.foreignPages, foreign),
    `${at}: ${foreign.length} containers are of other processes`,
  );
  check(context.lockedPages === locked, `${at}: ${locked} pages locked, not as counted`);
  const vfio = context.vfioIoasId;
  check(
    vfio === null || context.objects.get(vfio)?.type === 'IOAS',
    `${at}: the IOAS for VFIO, ${vfio}, is gone`,
  );
}

/** Whether each page behind the area is in some region of what the context was opened with. */
function isThere({ process: opener, pages }: IommufdContext, area: Area): boolean {
  const { userVa, start, last, pagesId } = area;
  const end = userVa + (last - start);
  const writable = pages.get(pagesId)?.writable ?? false;
  const reached = opener.memory
    .filter(region => region.last >= userVa && region.start <= end)
    .filter(region => !(writable && region.readOnly))
    .reduce(
      (sum, region) =>
        sum +
        (region.last < end ? region.last : end) -
        (region.start > userVa ? region.start : userVa) +
        1n,
      0n,
    );
  return reached === end - userVa + 1n;
}

/** Numbers of the user pages behind what a range takes of an area. */
function userPages(area: Area, range: IovaRange): IovaRange {
  const start = range.start > area.start ? range.start : area.start;
  const last = range.last < area.last ? range.last : area.last;
  return {
    start: (area.userVa + start - area.start) / PAGE,
    last: (area.userVa + last - area.start) / PAGE,
  };
}
