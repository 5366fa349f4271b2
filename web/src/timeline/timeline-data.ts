/** What the timeline needs of the machine for the view it has. */
import { computed, effect } from '@preact/signals';
import { linesOf, linesVersion } from '../data/events.ts';
import { newest } from '../data/head.ts';
import { isNearly, readFineSums, readSums, type Sums } from '../data/overview.ts';
import { isSame, ShownStretch } from '../data/stretch.ts';
import { axis, machine, view } from '../state/place.ts';
import { viewed } from '../state/view.ts';
import { type Bars, depthsOf, readBars } from './bars.ts';
import type { Scene } from './scene.ts';

/** Views of more events are drawn as sums. */
export const TICKS_MAX = 2_000;

export interface TimelineData
  extends Pick<Scene, 'events' | 'groups' | 'lanes' | 'whole' | 'sums' | 'depths'> {
  /** When the events were, of the view and of all; null until it is there, and where nobody asks. */
  readonly times: Sums | null;
  readonly wholeTimes: Sums | null;
}

const isNear = computed(() => viewed.value.to - viewed.value.from <= TICKS_MAX);

const lines = computed(() => {
  linesVersion.value;
  const name = machine.value;
  const { from, to } = viewed.value;
  return name !== null && isNear.value ? linesOf(name, from, to, newest.value) : [];
});

const whole = new ShownStretch(readSums, isNearly);
const inView = new ShownStretch(readSums, isNearly);
const near = new ShownStretch(readBars, isSame);
/** Of a machine so short that its overview shows single events. */
const allBars = new ShownStretch(readBars, isSame);
const fine = new ShownStretch(readFineSums, isSame);

const NONE: Bars = { bars: [], lanes: [] };

const inLanes = computed(() => (isNear.value && near.of(machine.value)) || NONE);

/** The groups of the view. */
export const bars = computed(() => inLanes.value.bars);

/** Asks for what is drawn, as the machine grows and the view moves. */
export function keepTimeline(): void {
  effect(() => {
    const name = machine.value;
    const end = newest.value;
    if (name === null || end === 0) return;
    whole.want({ machine: name, from: 0, to: end });
    const { from, to } = viewed.value;
    if (end <= TICKS_MAX && view.value !== null) allBars.want({ machine: name, from: 0, to: end });
    const stretch = { machine: name, from: Math.min(from, end), to: Math.min(to, end) };
    (isNear.value ? near : inView).want(stretch);
    if (isNear.value && axis.value === 'time') fine.want(stretch);
  });
}

export const timelineData = computed<TimelineData>(() => {
  const events = lines.value.map(({ seq, layer, operation }) => ({
    seq,
    layer,
    refused: operation.errno !== null,
  }));
  const all = whole.of(machine.value);
  const sums = isNear.value ? null : (inView.of(machine.value) ?? all);
  const { from, to } = viewed.value;
  const depths = sums ?? depthsOf(from, Math.min(to, newest.value), bars.value);
  // Of a short machine that is all in view, every group is here.
  const exact = isNear.value && view.value === null;
  // Sums have the most of a bucket's waiting and of its held groups, which may be one after the other.
  const short = newest.value <= TICKS_MAX ? allBars.of(machine.value) : null;
  const byTime = axis.value === 'time';
  const times = isNear.value ? fine.of(machine.value) : sums;
  return {
    events,
    groups: bars.value,
    lanes: inLanes.value.lanes,
    whole: exact ? null : short === null ? all : depthsOf(0, newest.value, short.bars),
    sums,
    depths,
    times: byTime ? times : null,
    wholeTimes: byTime ? all : null,
  };
});
