/** A second reading of where the kernel looks for room when it chooses an IOVA (iopt_alloc_iova). */
import type { Ioas } from '../../../core/iommufd/state.ts';
import type { IovaRange } from '../../../core/memory/iova-range.ts';

const MAX = 2n ** 64n - 1n;
const PAGE = 4096n;
const HUGE_PAGE = 1n << 21n;

interface Wanted {
  /** User address of the first byte. */
  readonly userVa: bigint;
  readonly length: bigint;
  /** Aligning past the end of the space begins again at 0. */
  readonly wraps: boolean;
  /** Aligned to a huge page at most. */
  readonly capped: boolean;
}

export interface AutoIova {
  readonly iova: bigint;
  /** A sum wrapped on the way: the IOVA is not where room was found. */
  readonly wrapped: boolean;
}

/** What an automatic IOVA is a multiple of, but for the offset in the user page. */
export function autoAlignment({ userVa, length, capped }: Omit<Wanted, 'wraps'>): bigint {
  let align = 1n;
  while (align < length && (!capped || align < HUGE_PAGE)) align *= 2n;
  while (userVa !== 0n && userVa % align !== 0n) align /= 2n;
  return align;
}

/** null: there is no room. */
export function autoIova(ioas: Ioas, wanted: Wanted): AutoIova | null {
  const taken = [...[...ioas.reserved.values()].flat(), ...ioas.areas];
  taken.sort((a, b) => (a.start < b.start ? -1 : 1));
  for (const span of spansOf(ioas.allowed)) {
    const from = placeIn(span, wanted);
    if (from === null) continue;
    for (const hole of holesOf({ start: from, last: span.last }, taken)) {
      const iova = placeIn(hole, wanted);
      if (iova !== null) return { iova, wrapped: from < span.start || iova < hole.start };
    }
  }
  return null;
}

/** The allowed ranges, or all there is, without the outermost pages; those that touch are one. */
function spansOf(allowed: readonly IovaRange[]): IovaRange[] {
  const joined: IovaRange[] = allowed.length === 0 ? [{ start: 0n, last: MAX }] : [];
  for (const { start, last } of allowed) {
    const before = joined.at(-1);
    if (before?.last === start - 1n) joined.splice(-1, 1, { start: before.start, last });
    else joined.push({ start, last });
  }
  return joined
    .map(({ start, last }) => ({
      start: start < PAGE ? PAGE : start,
      last: last > MAX - PAGE ? MAX - PAGE : last,
    }))
    .filter(({ start, last }) => start <= last);
}

/** What a range has that nothing takes; `taken` by ascending start. */
function holesOf({ start, last }: IovaRange, taken: readonly IovaRange[]): IovaRange[] {
  const holes: IovaRange[] = [];
  let next = start;
  for (const range of taken) {
    if (range.start > last) break;
    if (range.start > next) holes.push({ start: next, last: range.start - 1n });
    if (range.last >= next) next = range.last + 1n;
  }
  if (next <= last) holes.push({ start: next, last });
  return holes;
}

function placeIn({ start, last }: IovaRange, wanted: Wanted): bigint | null {
  const { userVa, length, wraps } = wanted;
  const align = autoAlignment(wanted);
  const up = ((start + align - 1n) / align) * align;
  const iova = (wraps ? up % (MAX + 1n) : up) | (userVa % PAGE);
  const room = last - start >= length - 1n && iova + length - 1n <= last;
  return room && (wraps || iova < last) ? iova : null;
}
