/** What the timeline needs of the machine for the view it has. */
import { computed, effect } from '@preact/signals';
import { linesOf, linesVersion } from '../data/events.ts';
import { newest } from '../data/head.ts';
import { ShownStretch } from '../data/overview.ts';
import { machine, view } from '../state/place.ts';
import { viewed } from '../state/view.ts';
import { barsOf, depthsOf } from './bars.ts';
import type { Scene } from './scene.ts';

/** Views of more events are drawn as sums. */
export const TICKS_MAX = 2_000;

export type TimelineData = Pick<Scene, 'events' | 'groups' | 'whole' | 'sums' | 'depths'>;

const isNear = computed(() => viewed.value.to - viewed.value.from <= TICKS_MAX);

const lines = computed(() => {
  linesVersion.value;
  const name = machine.value;
  const { from, to } = viewed.value;
  return name !== null && isNear.value ? linesOf(name, from, to, newest.value) : [];
});

/** The groups of the view. */
export const bars = computed(() => barsOf(lines.value));

const whole = new ShownStretch();
const inView = new ShownStretch();

/** Asks for the sums that are drawn, as the machine grows and the view moves. */
export function keepOverview(): void {
  effect(() => {
    const name = machine.value;
    const end = newest.value;
    if (name === null || end === 0) return;
    whole.want({ machine: name, from: 0, to: end });
    const { from, to } = viewed.value;
    if (!isNear.value) inView.want({ machine: name, from, to: Math.min(to, end) });
  });
}

/** Sums of another machine are none. */
function own(stretch: ShownStretch) {
  const sums = stretch.sums.value;
  return sums !== null && sums.stretch.machine === machine.value ? sums : null;
}

export const timelineData = computed<TimelineData>(() => {
  const events = lines.value.map(({ seq, layer, operation }) => ({
    seq,
    layer,
    refused: operation.errno !== null,
  }));
  const sums = isNear.value ? null : (own(inView) ?? own(whole));
  const depths = sums ?? depthsOf(lines.value, bars.value);
  // Of a short machine that is all in view, every event is here, and no sum of some.
  const exact = isNear.value && view.value === null;
  return { events, groups: bars.value, whole: exact ? null : own(whole), sums, depths };
});
