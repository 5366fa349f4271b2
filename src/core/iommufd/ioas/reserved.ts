/** What is reserved in an IOAS, and by whom: part of evolve. */
import type { IovaRange } from '../../memory/iova-range.ts';
import type { Ioas } from '../state.ts';

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
