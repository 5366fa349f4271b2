/** What the timeline needs of the machine for the view it has. */
import { linesOf, linesVersion } from '../data/events.ts';
import { newest } from '../data/head.ts';
import { viewed } from '../state/view.ts';
import type { Bucket, EventTick, GroupBar } from './scene.ts';

/** Views of more events are drawn as sums. */
export const TICKS_MAX = 2_000;

export interface TimelineData {
  readonly events: readonly EventTick[];
  readonly groups: readonly GroupBar[];
  readonly buckets: readonly Bucket[];
  readonly viewBuckets: readonly Bucket[];
}

export function useTimelineData(machineId: string): TimelineData {
  const { from, to } = viewed.value;
  linesVersion.value;
  const near = to - from <= TICKS_MAX;
  const lines = near ? linesOf(machineId, from, to, newest.value) : [];
  const events = lines.map(({ seq, layer, operation }) => ({
    seq,
    layer,
    refused: operation.errno !== null,
  }));
  return { events, groups: [], buckets: [], viewBuckets: [] };
}
