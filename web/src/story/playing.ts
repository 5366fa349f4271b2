/** Whether the story is told, and where it is. */
import { signal } from '@preact/signals';

export interface Playing {
  /** From 0. */
  readonly step: number;
  readonly paused: boolean;
  /** The step has happened and was walked through; the next comes by itself, if not paused. */
  readonly told: boolean;
}

export const playing = signal<Playing | null>(null);
