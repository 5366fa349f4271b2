/** Memory that a process gave up, or may not write to any more, while iommufd has it pinned. */
import { IOMMU_IOAS_MAP_WRITEABLE, PAGE_SIZE } from '../../abi/uapi.ts';
import { hex } from '../explain/words.ts';
import type { Area, Ioas, IommufdContext } from '../iommufd/state.ts';
import { must } from '../machine/assert.ts';
import type { Execution } from '../machine/execution.ts';
import { contextOf } from '../machine/lookup.ts';
import type { MachineState } from '../machine/state.ts';
import type { IovaRange } from './iova-range.ts';
import { mappedOf } from './mapped-note.ts';
import {
  type MemoryOwner,
  rangesFrom,
  rangesOfContext,
  rangesOfPages,
  rangesOfProcess,
} from './process-memory.ts';
import { RangeMap } from './range-map.ts';
import { pinnedParts } from './user-memory.ts';
import type { MemoryChange, MemoryRanges } from './user-process.ts';

const PAGE = BigInt(PAGE_SIZE);

/**
 * Records a hazard for each IOAS of which areas are pinned whose memory is about to go, or to be
 * read-only. Costs little as long as nothing goes that is mapped, and else as much as there are areas.
 */
export function notePinnedGone(x: Execution, owner: MemoryOwner, change: MemoryChange): void {
  const { state } = x;
  const ranges = rangesOfOwner(state, owner);
  const gone = goneRanges(ranges, change);
  const locked = lockedRanges(ranges, change);
  if (gone.length + locked.length === 0) return;
  const mapped = mappedOf(state, ranges);
  const isMapped = ({ start, last }: IovaRange) => mapped.meets(start / PAGE, last / PAGE);
  if (!gone.some(isMapped) && !locked.some(isMapped)) return;
  for (const context of state.contexts.values()) {
    if (context.foreignPages.size === 0 && rangesOfContext(state, context) !== ranges) continue;
    for (const ioas of context.objects.values()) {
      if (ioas.type === 'IOAS') noteInIoas(x, context, ioas, { owner, ranges, gone, locked });
    }
  }
}

function rangesOfOwner(state: MachineState, { contextId, processId }: MemoryOwner): MemoryRanges {
  return processId === null
    ? rangesOfContext(state, contextOf(state, contextId!))
    : rangesOfProcess(state, processId);
}

/** What was there and goes without coming back. */
function goneRanges(ranges: MemoryRanges, { removed, added }: MemoryChange): IovaRange[] {
  const back = new RangeMap<IovaRange>();
  for (const range of added) back.add(range);
  const gone: IovaRange[] = [];
  for (const { start, last } of removed) {
    for (const range of rangesFrom(ranges, start)) {
      if (range.start > last) break;
      const from = range.start > start ? range.start : start;
      const to = range.last < last ? range.last : last;
      gone.push(...back.holes(from, to, 1n));
    }
  }
  return gone;
}

/** What may be written to, and may not from then on. */
function lockedRanges(ranges: MemoryRanges, { added }: MemoryChange): IovaRange[] {
  const locked: IovaRange[] = [];
  for (const { start, last, readOnly } of added) {
    if (readOnly !== true) continue;
    for (const range of rangesFrom(ranges, start)) {
      if (range.start > last) break;
      if (range.readOnly === true) continue;
      locked.push({
        start: range.start > start ? range.start : start,
        last: range.last < last ? range.last : last,
      });
    }
  }
  return locked;
}

interface Going {
  readonly owner: MemoryOwner;
  readonly ranges: MemoryRanges;
  readonly gone: readonly IovaRange[];
  readonly locked: readonly IovaRange[];
}

function noteInIoas(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  { owner, ranges, gone, locked }: Going,
): void {
  const met = { gone: new Met(), locked: new Met() };
  for (const area of ioas.areas) {
    const pages = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
    if (rangesOfPages(x.state, context, pages) !== ranges) continue;
    for (const part of pinnedIn(context, ioas, area, gone)) met.gone.add(part);
    if ((area.prot & IOMMU_IOAS_MAP_WRITEABLE) === 0) continue;
    for (const part of pinnedIn(context, ioas, area, locked)) met.locked.add(part);
  }
  const { processId } = owner;
  const who = processId === null ? `context ${owner.contextId}` : `process ${processId}`;
  const where = [...new Set([who, `context ${context.contextId}`]), `IOAS ${ioas.id}`];
  const note = ({ bytes, first }: Met, what: string) => {
    if (first === null) return;
    const text = `${hex(bytes)} bytes that are pinned ${what}, the first at ${hex(first)}`;
    x.hazard('PINNED_MEMORY_GONE', 'pfn_reader_user_pin', text, where);
  };
  note(met.gone, 'are gone from the process');
  note(met.locked, 'to be written to are read-only to the process');
}

/** How much was met, and where first. */
class Met {
  first: bigint | null = null;
  bytes = 0n;

  add({ start, last }: IovaRange): void {
    this.first ??= start;
    this.bytes += last - start + 1n;
  }
}

/** The user addresses of an area that are pinned and in one of some ranges. */
function* pinnedIn(
  context: IommufdContext,
  ioas: Ioas,
  area: Area,
  ranges: readonly IovaRange[],
): Generator<IovaRange> {
  const userLast = area.userVa + (area.last - area.start);
  const met = ranges.filter(({ start, last }) => start <= userLast && last >= area.userVa);
  if (met.length === 0) return;
  for (const part of pinnedParts(context, ioas, area)) {
    const start = part.start > area.start ? part.start : area.start;
    const last = part.last < area.last ? part.last : area.last;
    const from = area.userVa + (start - area.start);
    const to = area.userVa + (last - area.start);
    for (const range of met) {
      if (range.start > to || range.last < from) continue;
      yield {
        start: range.start > from ? range.start : from,
        last: range.last < to ? range.last : to,
      };
    }
  }
}
