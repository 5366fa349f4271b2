/**
 * The memories of processes: which addresses are there. A context has its own, as it was opened with,
 * until that changes; or it shares one with others of its process, which the machine keeps.
 */
import type { IommufdContext, IoptPages } from '../iommufd/state.ts';
import { must } from '../machine/assert.ts';
import type { MachineState } from '../machine/state.ts';
import { RangeMap } from './range-map.ts';
import type {
  MemoryChange,
  MemoryRange,
  MemoryRanges,
  OfProcess,
  PagesSource,
  ProcessMemory,
  UserProcess,
} from './user-process.ts';

/** The process whose memory the context of such a process shares; null: it has its own. */
export function sharedWith({ sharesMemory, processId }: UserProcess): number | null {
  return sharesMemory ? (processId ?? null) : null;
}

/** What is there of the memory of a process; nothing, if nothing is known of it. */
export function rangesOfProcess({ memories }: MachineState, processId: number): MemoryRanges {
  return memories.get(processId)?.ranges ?? [];
}

/** What is there of the memory of the process that opened a context. */
export function rangesOfContext(state: MachineState, context: IommufdContext): MemoryRanges {
  const shared = sharedWith(context.process);
  return shared === null
    ? (context.memory?.ranges ?? context.process.memory)
    : rangesOfProcess(state, shared);
}

/** The process whose memory a container is of; null: nobody knows. */
export function processOfPages(
  { process: opener }: IommufdContext,
  { source }: Pick<IoptPages, 'source'>,
): number | null {
  return source?.processId ?? opener.processId ?? null;
}

/** The same, where it is another than the process that opened the context. */
export function otherProcessOf(
  { process: opener }: IommufdContext,
  { source }: Pick<IoptPages, 'source'>,
): OfProcess {
  if (source === null || source.processId === opener.processId) return {};
  return { processId: source.processId };
}

/** What is there of the memory that a container is of. */
export function rangesOfPages(
  state: MachineState,
  context: IommufdContext,
  { source }: Pick<IoptPages, 'source'>,
): MemoryRanges {
  return source === null
    ? rangesOfContext(state, context)
    : rangesOfProcess(state, source.processId);
}

/** Whether a context's memory is as it was opened with. */
export function isAsOpened({ process, memory }: IommufdContext): boolean {
  return memory === null && sharedWith(process) === null;
}

/** A context of a process that shares its memory was opened: its memory, if nothing is known. */
export function knowProcess(state: MachineState, processId: number, given: MemoryRanges): void {
  if (state.memories.has(processId)) return;
  state.memories.set(processId, { ranges: rangeMap(given), told: false });
}

function rangeMap(given: MemoryRanges): RangeMap<MemoryRange> {
  const ranges = new RangeMap<MemoryRange>();
  for (const range of given) ranges.add(range);
  return ranges;
}

/** Whose memory changes: a process', or that of a context which has its own. */
export interface MemoryOwner {
  readonly contextId: number | null;
  readonly processId: number | null;
}

/** The memory of the process of a context. */
export function ownerOf({ contextId, process }: IommufdContext): MemoryOwner {
  const processId = sharedWith(process);
  return processId === null ? { contextId, processId } : { contextId: null, processId };
}

/** Removes, then adds. `told`: from now on the world outside tells of it, or no longer. */
export function changeMemory(
  state: MachineState,
  { contextId, processId }: MemoryOwner,
  { removed, added }: MemoryChange,
  told: boolean,
): void {
  const memory =
    processId === null
      ? memoryOfContext(must(state.contexts.get(contextId!), `context ${contextId}`))
      : memoryOfProcess(state, processId);
  memory.told = told;
  for (const { start, last } of removed) cutOut(memory.ranges, start, last);
  for (const range of added) setRange(memory.ranges, range);
  if (!told) forgetProcesses(state);
}

function memoryOfContext(context: IommufdContext): ProcessMemory {
  context.memory ??= { ranges: rangeMap(context.process.memory), told: false };
  return context.memory;
}

function memoryOfProcess({ memories }: MachineState, processId: number): ProcessMemory {
  const known = memories.get(processId);
  if (known !== undefined) return known;
  const memory = { ranges: new RangeMap<MemoryRange>(), told: false };
  memories.set(processId, memory);
  return memory;
}

/** Forgets processes that nobody tells of, and nobody needs. */
export function forgetProcesses({ memories, contexts }: MachineState): void {
  if (memories.size === 0) return;
  const needed = new Set<number | null>();
  for (const { process, pages, foreignPages } of contexts.values()) {
    needed.add(sharedWith(process));
    for (const pagesId of foreignPages) needed.add(pages.get(pagesId)?.source?.processId ?? null);
  }
  for (const [processId, { told }] of memories) {
    if (!told && !needed.has(processId)) memories.delete(processId);
  }
}

function cutOut(ranges: RangeMap<MemoryRange>, start: bigint, last: bigint): void {
  for (const range of [...ranges.between(start, last)]) {
    ranges.remove(range.start);
    if (range.start < start) ranges.add({ ...range, last: start - 1n });
    if (range.last > last) ranges.add({ ...range, start: last + 1n });
  }
}

/** Joined with its neighbours of the same kind: what comes and goes leaves no pieces behind. */
function setRange(ranges: RangeMap<MemoryRange>, range: MemoryRange): void {
  let { start, last } = range;
  cutOut(ranges, start, last);
  const below = start === 0n ? null : ranges.at(start - 1n);
  if (below !== null && isSameKind(below, range)) {
    ranges.remove(below.start);
    start = below.start;
  }
  const above = ranges.at(last + 1n);
  if (above !== null && isSameKind(above, range)) {
    ranges.remove(above.start);
    last = above.last;
  }
  ranges.add({ ...range, start, last });
}

export function isSameKind(a: MemoryRange, b: MemoryRange): boolean {
  return a.readOnly === b.readOnly && a.pageSize === b.pageSize;
}

/**
 * Bytes of [userVa, userVa + length) that exist before the first one that does not; `write`: that
 * may be written to.
 */
export function presentBytes(
  ranges: MemoryRanges,
  userVa: bigint,
  length: bigint,
  write: boolean,
): bigint {
  const end = userVa + length;
  let next = userVa;
  for (const { start, last, readOnly } of rangesFrom(ranges, userVa)) {
    if (next >= end || start > next || (write && readOnly)) break;
    next = last + 1n;
  }
  return next < end ? next - userVa : length;
}

/** The ranges that end at `userVa` or above it. */
export function rangesFrom(ranges: MemoryRanges, userVa: bigint): Iterable<MemoryRange> {
  if (ranges instanceof RangeMap) return ranges.between(userVa, LAST);
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.last < userVa) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? ranges : ranges.slice(low);
}

const LAST = (1n << 64n) - 1n;

/** Whether all of [userVa, userVa + length) is there, to be written to if so asked. */
export function isPresent(
  ranges: MemoryRanges,
  userVa: bigint,
  length: bigint,
  write: boolean,
): boolean {
  return presentBytes(ranges, userVa, length, write) === length;
}

/** Who pays for a container: the context's process, unless it says. */
export function payerOf(context: IommufdContext, { source }: Pick<IoptPages, 'source'>): Payer {
  return source ?? context.process;
}

export type Payer = PagesSource | UserProcess;
