/** The event of an area that is cut in two, and what it does to the state. */
import { must } from '../../machine/assert.ts';
import type { InContext } from '../../machine/event-entry.ts';
import { contextOf, ioasOf } from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import { countPins } from '../../memory/user-memory.ts';
import type { Area } from '../state.ts';
import { countMisaligned } from './area-counts.ts';
import { wasPresent } from './pages-table.ts';

/** An area was cut in two that share its pages (iopt_area_split). */
export interface AreaSplit extends InContext {
  readonly type: 'AreaSplit';
  readonly ioasId: number;
  readonly start: bigint;
  readonly last: bigint;
  /** The first IOVA of the upper part. */
  readonly iova: bigint;
}

/** The parts pin what the whole did. */
export function evolveAreaSplit(state: MachineState, event: AreaSplit): void {
  const context = contextOf(state, event.contextId);
  const ioas = ioasOf(context, event.ioasId);
  const whole = ioas.areas.remove(event.start);
  const parts: readonly Area[] = [
    { ...whole, last: event.iova - 1n },
    { ...whole, start: event.iova, userVa: whole.userVa + (event.iova - whole.start) },
  ];
  const pages = must(context.pages.get(whole.pagesId), `pages ${whole.pagesId}`);
  for (const [area, step] of [...parts.map(part => [part, 1] as const), [whole, -1] as const]) {
    countMisaligned(ioas, area, step);
    if (!wasPresent(context, area, pages.writable)) ioas.absentAreas += step;
    if (ioas.domainPageSizes.size > 0) countPins(state, context, area, area, step);
  }
  for (const part of parts) ioas.areas.add(part);
  pages.areaCount++;
}
