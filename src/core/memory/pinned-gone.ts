/** Memory that a process gave up while iommufd has it pinned. */
import { PAGE_SIZE } from '../../abi/uapi.ts';
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
 * Records a hazard for each IOAS of which areas are pinned whose memory is about to go. Costs little
 * as long as nothing goes that is mapped, and else as much as there are areas.
 */
export function notePinnedGone(x: Execution, owner: MemoryOwner, change: MemoryChange): void {
  const { state } = x;
  const ranges = rangesOfOwner(state, owner);
  const gone = goneRanges(ranges, change);
  if (gone.length === 0) return;
  const mapped = mappedOf(state, ranges);
  if (!gone.some(({ start, last }) => mapped.meets(start / PAGE, last / PAGE))) return;
  for (const context of state.contexts.values()) {
    if (context.foreignPages.size === 0 && rangesOfContext(state, context) !== ranges) continue;
    for (const ioas of context.objects.values()) {
      if (ioas.type === 'IOAS') noteInIoas(x, context, ioas, { owner, ranges, gone });
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

interface Going {
  readonly owner: MemoryOwner;
  readonly ranges: MemoryRanges;
  readonly gone: readonly IovaRange[];
}

function noteInIoas(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  { owner, ranges, gone }: Going,
): void {
  let first: IovaRange | null = null;
  let bytes = 0n;
  for (const area of ioas.areas) {
    const pages = must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
    if (rangesOfPages(x.state, context, pages) !== ranges) continue;
    for (const part of goneOf(context, ioas, area, gone)) {
      first ??= part;
      bytes += part.last - part.start + 1n;
    }
  }
  if (first === null) return;
  const { processId } = owner;
  const who = processId === null ? `context ${owner.contextId}` : `process ${processId}`;
  x.hazard(
    'PINNED_MEMORY_GONE',
    'pfn_reader_user_pin',
    `${hex(bytes)} bytes that are pinned are gone from the process, the first at ${hex(first.start)}`,
    [...new Set([who, `context ${context.contextId}`]), `IOAS ${ioas.id}`],
  );
}

/** The user addresses of an area that are pinned and go. */
function* goneOf(
  context: IommufdContext,
  ioas: Ioas,
  area: Area,
  gone: readonly IovaRange[],
): Generator<IovaRange> {
  const userLast = area.userVa + (area.last - area.start);
  const met = gone.filter(({ start, last }) => start <= userLast && last >= area.userVa);
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
