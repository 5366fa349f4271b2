/** Which part of the log the timeline shows. */
import { computed } from '@preact/signals';
import { newest } from '../data/head.ts';
import type { Range } from './address.ts';
import { announce } from './announce.ts';
import { axis, playhead, view } from './place.ts';

/** Events a view shows at the least. */
const VIEW_MIN = 12;

/** The whole machine shows at least so many places, so that a short one is not stretched. */
const WHOLE_MIN = 24;

export const viewed = computed<Range>(
  () => view.value ?? { from: 0, to: Math.max(newest.value, WHOLE_MIN) },
);

export function viewNow(): Range {
  return viewed.peek();
}

/** Shows a range, kept inside the machine; all of it is the view that grows with it. */
export function setView(from: number, to: number): void {
  const end = Math.max(newest.peek(), WHOLE_MIN);
  const width = Math.min(Math.max(to - from, VIEW_MIN), end);
  if (width >= end) {
    view.value = null;
    return;
  }
  const start = Math.round(Math.min(Math.max(from, 0), end - width));
  view.value = { from: start, to: Math.round(start + width) };
}

/** Zooms around a place: the playhead if it is in view, else the middle. */
export function zoom(factor: number, around?: number): void {
  const { from, to } = viewNow();
  const at = playhead.peek() ?? 0;
  const fixed = around ?? (at >= from && at <= to ? at : (from + to) / 2);
  setView(fixed - (fixed - from) * factor, fixed + (to - fixed) * factor);
}

/** Events side by side, or where the clock has them. */
export function nextAxis(): void {
  axis.value = axis.peek() === 'step' ? 'time' : 'step';
  announce(axis.peek() === 'step' ? 'Each event is as wide as the next.' : 'By the clock.');
}

/** Moves the view by a part of its width. */
export function pan(by: number): void {
  const { from, to } = viewNow();
  const shift = (to - from) * by;
  setView(from + shift, to + shift);
}

/** Keeps the playhead in view. */
export function reveal(seq: number): void {
  const range = view.peek();
  if (range === null || (seq >= range.from && seq <= range.to)) return;
  const width = range.to - range.from;
  setView(seq - width / 2, seq + width / 2);
}
