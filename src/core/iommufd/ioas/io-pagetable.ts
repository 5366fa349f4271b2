/**
 * The IOVA space of an IOAS: areas, reserved and allowed ranges, placement, alignment.
 * Mirrors drivers/iommu/iommufd/io_pagetable.c of Linux 6.12.117.
 */
import type { ErrnoName } from '../../../abi/errno.ts';
import { AREAS_PER_IOAS_MAX } from '../../../abi/limits.ts';
import type { RefusalRule } from '../../../abi/refusal-rules.ts';
import {
  HUGE_PAGE_SIZE,
  IOMMU_IOAS_MAP_WRITEABLE,
  MOCK_IO_PAGE_SIZE,
  PAGE_SIZE,
  ULONG_MAX,
} from '../../../abi/uapi.ts';
import { noteIoasMapped } from '../../hardware/ats/lost.ts';
import { must } from '../../machine/assert.ts';
import type { Execution } from '../../machine/execution.ts';
import { type Facts, Refusal } from '../../machine/refusal.ts';
import type { IovaRange } from '../../memory/iova-range.ts';
import { PinPlan } from '../../memory/pin-plan.ts';
import type { NewPages } from '../../memory/user-memory.ts';
import type { Area, Ioas, IommufdContext, IoptPages } from '../state.ts';
import { failsToFill } from './fill.ts';

const PAGE = BigInt(PAGE_SIZE);

/** iopt->iova_alignment in bytes: what IOVAs, lengths and page offsets must be multiples of. */
export function iovaAlignment(ioas: Ioas): bigint {
  let alignment = ioas.largePages && ioas.pinningAccesses === 0 ? 1 : PAGE_SIZE;
  for (const pageSize of ioas.domainPageSizes.keys()) alignment = Math.max(alignment, pageSize);
  return BigInt(alignment);
}

/** Raising the alignment needs every area to comply. Source: iopt_check_iova_alignment. */
export function checkIovaAlignment(x: Execution, ioas: Ioas, alignment: bigint): Refusal | null {
  if (alignment <= iovaAlignment(ioas)) return null;
  const { by2048, by4096 } = ioas.misaligned;
  const areas = alignment === PAGE ? by4096 : by2048;
  if (areas === 0) return null;
  const facts = { ioasId: ioas.id, areas, alignment };
  return x.refusedBy(
    'iopt_check_iova_alignment',
    new Refusal('EADDRINUSE', 'AREAS_MISALIGNED', facts),
  );
}

/**
 * Whether a reservation can be made: no area and no allowed range may be in it. `argument`: of the
 * operation, the one that wants it.
 */
export function checkReserve(
  x: Execution,
  ioas: Ioas,
  range: IovaRange,
  argument: string,
): Refusal | null {
  const { start, last } = range;
  const area = ioas.areas.firstFrom(start);
  const mapped = area !== null && area.start <= last ? area : null;
  const inWay = mapped ?? firstMet(ioas.allowed, start, last);
  if (inWay === null) return null;
  const rule = mapped === null ? 'RESERVE_MEETS_ALLOWED' : 'RESERVE_MEETS_MAPPED';
  const facts = { argument, ioasId: ioas.id, start, last, ...inWayFacts(inWay) };
  return x.refusedBy('iopt_reserve_iova', new Refusal('EADDRINUSE', rule, facts));
}

/** The range that is in the way of another, as facts. */
export function inWayFacts({ start, last }: IovaRange) {
  return { inWayStart: start, inWayLast: last };
}

/** The first of some ranges, disjoint and ascending, that meets [start, last]. */
function firstMet(ranges: readonly IovaRange[], start: bigint, last: bigint): IovaRange | null {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.last < start) low = middle + 1;
    else high = middle;
  }
  const found = ranges[low];
  return found !== undefined && found.start <= last ? found : null;
}

/** One piece of what is to be mapped: pages from an offset on. */
export interface MapPiece {
  /** An existing container, or what a new one holds. */
  readonly pages: IoptPages | NewPages;
  /** User address of its first byte. */
  readonly userVa: bigint;
  readonly length: bigint;
}

/** How an operation that maps names its arguments. */
export interface MapArguments {
  /** Where the range shall be. */
  readonly iova: string;
  /** What shall be mapped there. */
  readonly from: string;
}

/** Of a mapping: where, null: anywhere; IOMMU_IOAS_MAP_WRITEABLE, _READABLE. */
export interface MapWanted {
  readonly fixedIova: bigint | null;
  readonly prot: number;
  readonly named: MapArguments;
}

/**
 * Places and maps pieces, one area each, side by side. Source: iopt_map_pages. Errors: EINVAL,
 * EOVERFLOW, EEXIST, ENOSPC, EPERM, EFAULT, ENOMEM. Returns the IOVA.
 */
export function mapPages(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  pieces: readonly MapPiece[],
  { fixedIova, prot, named }: MapWanted,
): bigint | Refusal {
  for (const _ of pieces) {
    if (!x.allocates('kzalloc iopt_area')) return new Refusal('ENOMEM');
  }
  const alignment = iovaAlignment(ioas);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0n);
  const ioasId = ioas.id;
  if (length % alignment !== 0n) {
    const unaligned = new Refusal('EINVAL', 'LENGTH_UNALIGNED', { ioasId, length, alignment });
    return x.refusedBy('iopt_alloc_area_pages', unaligned);
  }
  const iova =
    fixedIova === null
      ? allocIova(x, ioas, pieces[0]!.userVa, length, named.from)
      : checkIova(x, ioas, fixedIova, length, named.iova);
  if (iova instanceof Refusal) return iova;
  for (const { pages, userVa } of pieces) {
    if ((prot & IOMMU_IOAS_MAP_WRITEABLE) !== 0 && !pages.writable) {
      const readOnly = new Refusal('EPERM', 'PAGES_READ_ONLY', { userVa: pages.userVa });
      return x.refusedBy('iopt_insert_area', readOnly);
    }
    const offset = userVa % PAGE;
    if (offset % alignment !== 0n) {
      const facts = { argument: named.from, ioasId, userVa, offset: Number(offset), alignment };
      return x.refusedBy('iopt_insert_area', new Refusal('EINVAL', 'USER_VA_UNALIGNED', facts));
    }
  }
  if (ioas.areas.size + pieces.length > AREAS_PER_IOAS_MAX) {
    const facts = { most: AREAS_PER_IOAS_MAX, what: 'mappings in an IOAS' };
    return x.refusedBy('iopt_area_alloc', new Refusal('ENOMEM', 'BOUND_REACHED', facts));
  }
  if (ioas.domainPageSizes.size > 0) {
    const failed = failsToFill(x, 'iopt_area_fill_domains', {
      pins: pieces.some(({ pages }) => !('pagesId' in pages)),
      mock: ioas.domainPageSizes.has(MOCK_IO_PAGE_SIZE),
    });
    if (failed !== 0) return new Refusal(failed);
    const plan = new PinPlan(x, context, named.from);
    for (const piece of pieces) {
      const unpinned = plan.add(piece.pages, piece.userVa, piece.length);
      if (unpinned !== null) return unpinned;
    }
  }
  let start = iova;
  for (const { pages, userVa, length: bytes } of pieces) {
    const known = 'pagesId' in pages;
    x.emit({
      type: 'AreaMapped',
      contextId: context.contextId,
      ioasId: ioas.id,
      start,
      last: start + bytes - 1n,
      userVa,
      prot,
      pagesId: known ? pages.pagesId : context.nextPagesId,
      newPages: known ? null : pages,
    });
    start += bytes;
  }
  noteIoasMapped(x, context, ioas, iova, length);
  return iova;
}

/** A wanted IOVA. Source: iopt_check_iova. */
function checkIova(
  x: Execution,
  ioas: Ioas,
  iova: bigint,
  length: bigint,
  argument: string,
): bigint | Refusal {
  const refused = (errno: ErrnoName, rule: RefusalRule, facts: Facts) =>
    x.refusedBy('iopt_check_iova', new Refusal(errno, rule, { argument, ...facts }));
  const alignment = iovaAlignment(ioas);
  const ioasId = ioas.id;
  if (iova % alignment !== 0n) {
    return refused('EINVAL', 'IOVA_UNALIGNED', { ioasId, iova, alignment });
  }
  const last = iova + length - 1n;
  if (last > ULONG_MAX) {
    return refused('EOVERFLOW', 'RANGE_WRAPS', { start: iova, length });
  }
  const wanted = { start: iova, last };
  if (ioas.reservedRanges.meets(iova, last)) {
    const [rule, facts] = reservedInWay(ioas, wanted);
    return refused('EINVAL', rule, { ioasId, ...wanted, ...facts });
  }
  const area = ioas.areas.firstFrom(iova);
  if (area === null || area.start > last) return iova;
  return refused('EEXIST', 'IOVA_MAPPED', { ioasId, ...wanted, ...inWayFacts(area) });
}

/** The first reserved range that meets another, by who reserved it. */
function reservedInWay(ioas: Ioas, { start, last }: IovaRange): [RefusalRule, Facts] {
  for (const [owner, ranges] of ioas.reserved) {
    const inWay = ranges.find(range => range.start <= last && range.last >= start);
    if (inWay === undefined) continue;
    const facts = inWayFacts(inWay);
    const [kind, id] = owner.split(':');
    if (kind === 'device') return ['IOVA_RESERVED_FOR_DEVICE', { ...facts, deviceId: Number(id) }];
    if (kind === 'domain') return ['IOVA_OUTSIDE_APERTURE', { ...facts, hwptId: Number(id) }];
    return ['IOVA_RESERVED', facts];
  }
  throw new Error('assertion failed: a reserved range has an owner');
}

/** The lowest IOVA with room. Source: iopt_alloc_iova. */
function allocIova(
  x: Execution,
  ioas: Ioas,
  userVa: bigint,
  length: bigint,
  argument: string,
): bigint | Refusal {
  const refused = (errno: ErrnoName, rule: RefusalRule, facts: Facts) =>
    x.refusedBy('iopt_alloc_iova', new Refusal(errno, rule, facts));
  const ioasId = ioas.id;
  if (length === 0n || length >= ULONG_MAX / 2n) {
    return refused('EOVERFLOW', 'AUTO_LENGTH_TOO_LARGE', { length });
  }
  let align = roundUpToPowerOfTwo(length);
  if (userVa !== 0n) {
    const lowestBit = userVa & -userVa;
    if (lowestBit < align) align = lowestBit;
  }
  if (align > HUGE_PAGE_SIZE && x.behaviour.autoIovaAlignmentCapped) align = HUGE_PAGE_SIZE;
  const alignment = iovaAlignment(ioas);
  if (align < alignment) {
    const facts = { argument, ioasId, userVa, length, chosen: align, alignment };
    return refused('EINVAL', 'AUTO_ALIGNMENT_TOO_SMALL', facts);
  }
  const place = x.behaviour.autoIovaAlignment === 'WRAPS' ? fitIovaWrapping : fitIova;
  const pageOffset = userVa % PAGE;
  for (const span of allowedSpans(ioas)) {
    const from = place(span, align, pageOffset, length);
    if (from === null) continue;
    for (const free of ioas.reservedRanges.holes(from, span.last)) {
      for (const hole of ioas.areas.holes(free.start, free.last, length)) {
        const iova = place(hole, align, pageOffset, length);
        if (iova === null) continue;
        const wrapped = from < span.start || iova < hole.start;
        return wrapped ? wrappedIova(x, ioas, iova, length) : iova;
      }
    }
  }
  return refused('ENOSPC', 'AUTO_NO_ROOM', { ioasId, length, chosen: align });
}

/** Where in a hole a range with this alignment and page offset fits, or null. */
function fitIova(
  { start, last }: IovaRange,
  align: bigint,
  pageOffset: bigint,
  length: bigint,
): bigint | null {
  const iova = ((start + align - 1n) & ~(align - 1n)) | pageOffset;
  return iova < last && last - iova >= length - 1n ? iova : null;
}

/** As fitIova before 6.12.43 and 6.17: the end of the space is not minded, a hole of one byte fits. */
function fitIovaWrapping(
  { start, last }: IovaRange,
  align: bigint,
  pageOffset: bigint,
  length: bigint,
): bigint | null {
  if (last - start < length - 1n) return null;
  const iova = BigInt.asUintN(64, (start + align - 1n) & ~(align - 1n)) | pageOffset;
  return iova <= last && last - iova >= length - 1n ? iova : null;
}

/** An automatic IOVA that nobody may want; a kernel with the self-test refuses one in use (EINVAL). */
function wrappedIova(x: Execution, ioas: Ioas, iova: bigint, length: bigint): bigint | Refusal {
  x.hazard(
    'IOVA_WRAPPED',
    'iopt_alloc_iova',
    `the IOVA 0x${iova.toString(16)} was chosen by a sum that wrapped`,
    [`IOAS ${ioas.id}`],
  );
  const last = iova + length - 1n;
  const free = iova % iovaAlignment(ioas) === 0n && last <= ULONG_MAX;
  if (free && !ioas.reservedRanges.meets(iova, last) && !ioas.areas.meets(iova, last)) return iova;
  const inUse = new Refusal('EINVAL', 'AUTO_IOVA_IN_USE', { iova });
  return x.refusedBy('iopt_alloc_area_pages', inUse);
}

/** The allowed ranges, those that touch as one, without the first and last page of all. */
function* allowedSpans(ioas: Ioas): Generator<IovaRange> {
  const lowest = PAGE;
  const highest = ULONG_MAX - PAGE;
  if (ioas.allowed.length === 0) {
    yield { start: lowest, last: highest };
    return;
  }
  let open: { start: bigint; last: bigint } | null = null;
  for (const { start, last } of ioas.allowed) {
    if (open !== null && start <= open.last + 1n) {
      if (last > open.last) open.last = last;
      continue;
    }
    if (open !== null) yield* clip(open, lowest, highest);
    open = { start, last };
  }
  if (open !== null) yield* clip(open, lowest, highest);
}

function* clip({ start, last }: IovaRange, lowest: bigint, highest: bigint): Generator<IovaRange> {
  const from = start < lowest ? lowest : start;
  const to = last > highest ? highest : last;
  if (from <= to) yield { start: from, last: to };
}

function roundUpToPowerOfTwo(value: bigint): bigint {
  return 1n << BigInt((value - 1n).toString(2).length - (value === 1n ? 1 : 0));
}

/**
 * The areas that cover [start, last] without a gap, each cut to it, or null if there is a gap.
 * Source: iopt_for_each_contig_area.
 */
export function contiguousAreas(
  ioas: Ioas,
  start: bigint,
  last: bigint,
): { areas: { area: Area; start: bigint; last: bigint }[]; complete: boolean } {
  const areas: { area: Area; start: bigint; last: bigint }[] = [];
  let next = start;
  for (const area of ioas.areas.between(start, last)) {
    if (area.start > next) return { areas, complete: false };
    const to = area.last < last ? area.last : last;
    areas.push({ area, start: next, last: to });
    next = to + 1n;
  }
  return { areas, complete: next > last };
}

export function pagesOf(context: IommufdContext, area: Area): IoptPages {
  return must(context.pages.get(area.pagesId), `pages ${area.pagesId}`);
}
