/** How high the timeline is; kept while the tab lives. */
import { effect, signal } from '@preact/signals';

const STORED = 'faultline-timeline-height';

/** Pixels; as many are left to what is above it. */
export const HEIGHT_MIN = 200;

export const heightMax = () => Math.max(innerHeight - HEIGHT_MIN, HEIGHT_MIN);

const stored = Number(sessionStorage.getItem(STORED));

/** null: as the style sheet has it. */
export const timelineHeight = signal(stored >= HEIGHT_MIN ? stored : null);

/** Makes it so high, or nearly: the rest of the page stays in sight. */
export function setTimelineHeight(pixels: number): void {
  timelineHeight.value = Math.round(Math.min(Math.max(pixels, HEIGHT_MIN), heightMax()));
}

effect(() => {
  if (timelineHeight.value !== null) sessionStorage.setItem(STORED, String(timelineHeight.value));
});
