/** The hazards of a machine from the first on: a state lists the newest ones, the log has them all. */
import type { Hazard, MachineState } from '../../core/machine/state.ts';
import { COLUMNS } from '../overview/counts.ts';
import type { Overviews } from '../overview/overview.ts';
import { BLOCK_EVENTS } from '../overview/table.ts';
import type { Past } from '../past/past.ts';

const HAZARDS = COLUMNS.indexOf('hazards');

/** A hazard and which one it is of its machine, from 1. */
export interface CountedHazard {
  readonly number: number;
  readonly hazard: Hazard;
}

/** What a view's state says of them. */
export type HazardList = Pick<MachineState, 'hazards' | 'hazardCount'> & { readonly seq: number };

/** At most `limit` with a number above `after`. Errors: UnknownMachineError. */
export async function hazardsAfter(
  past: Past,
  overviews: Overviews,
  { hazards, hazardCount, seq }: HazardList,
  after: number,
  limit: number,
): Promise<CountedHazard[]> {
  const before = hazardCount - hazards.length;
  if (after < before) return inLog(past, overviews, seq, after, limit);
  return hazards
    .map((hazard, index) => ({ number: before + index + 1, hazard }))
    .slice(after - before, after - before + limit);
}

/** Of the log only what is counted to have any is read. */
async function inLog(
  past: Past,
  overviews: Overviews,
  until: number,
  after: number,
  limit: number,
): Promise<CountedHazard[]> {
  const { blocks } = await overviews.table(past.machineId);
  const found: CountedHazard[] = [];
  let number = 0;
  for (let low = 0; low < until && found.length < limit; low += BLOCK_EVENTS) {
    const inBlock = blocks[low / BLOCK_EVENTS]?.counts[HAZARDS];
    if (inBlock !== undefined && (inBlock === 0 || number + inBlock <= after)) {
      number += inBlock;
      continue;
    }
    for await (const page of past.events(low, Math.min(low + BLOCK_EVENTS, until))) {
      for (const { seq, event } of page) {
        if (event.type !== 'HazardRecorded') continue;
        number++;
        const { type: _, ...fields } = event;
        if (number > after) found.push({ number, hazard: { ...fields, seq } });
      }
    }
  }
  return found.slice(0, limit);
}
