/** What the timeline needs of the machine for the view it has. */
import { computed } from '@preact/signals';
import { linesOf, linesVersion } from '../data/events.ts';
import { newest } from '../data/head.ts';
import { machine } from '../state/place.ts';
import { viewed } from '../state/view.ts';
import { barsOf, depthsOf } from './bars.ts';
import type { Bucket, EventTick, GroupBar } from './scene.ts';

/** Views of more events are drawn as sums. */
export const TICKS_MAX = 2_000;

export interface TimelineData {
  readonly events: readonly EventTick[];
  readonly groups: readonly GroupBar[];
  readonly buckets: readonly Bucket[];
  readonly viewBuckets: readonly Bucket[];
}

const lines = computed(() => {
  const { from, to } = viewed.value;
  linesVersion.value;
  const name = machine.value;
  return name !== null && to - from <= TICKS_MAX ? linesOf(name, from, to, newest.value) : [];
});

/** The groups of the view. */
export const bars = computed(() => barsOf(lines.value));

const depths = computed(() => depthsOf(lines.value, bars.value));

export const timelineData = computed<TimelineData>(() => ({
  events: lines.value.map(({ seq, layer, operation }) => ({
    seq,
    layer,
    refused: operation.errno !== null,
  })),
  groups: bars.value,
  buckets: depths.value,
  viewBuckets: [],
}));
