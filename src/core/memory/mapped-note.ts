/**
 * Which user pages page containers take, pinned or not: of most memory that goes it is known at once
 * that nobody maps it. A note about objects of the state, no part of it: without it the same comes
 * out, only later. It is made when it is first asked for, and goes along with what is mapped.
 */
import type { IommufdContext, IoptPages } from '../iommufd/state.ts';
import type { MachineState } from '../machine/state.ts';
import { Coverage } from './coverage.ts';
import { rangesOfPages } from './process-memory.ts';
import { userPages } from './user-memory.ts';
import type { MemoryRanges } from './user-process.ts';

const MAPPED = new WeakMap<object, Coverage>();

/** Numbers of the user pages of a memory that containers take. */
export function mappedOf(state: MachineState, ranges: MemoryRanges): Coverage {
  const known = MAPPED.get(ranges);
  if (known !== undefined) return known;
  const mapped = new Coverage();
  for (const context of state.contexts.values()) {
    for (const pages of context.pages.values()) {
      if (rangesOfPages(state, context, pages) !== ranges) continue;
      mapped.add(userPages(pages.userVa, pages.length));
    }
  }
  MAPPED.set(ranges, mapped);
  return mapped;
}

/** A container was made (1), or is gone (-1). */
export function notePages(
  state: MachineState,
  context: IommufdContext,
  pages: IoptPages,
  step: 1 | -1,
): void {
  const mapped = MAPPED.get(rangesOfPages(state, context, pages));
  if (mapped === undefined) return;
  const taken = userPages(pages.userVa, pages.length);
  if (step === 1) mapped.add(taken);
  else mapped.remove(taken);
}
