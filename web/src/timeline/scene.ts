/** What the timeline draws, and where its rows are. */
import type { Mark } from '../data/head.ts';
import type { Sums } from '../data/overview.ts';
import type { Layer } from '../documents.ts';
import type { Range } from '../state/address.ts';
import type { Scale } from './scale.ts';

/** Rows of the canvas, from its top, in CSS pixels. */
export const ROWS = {
  overview: { top: 6, height: 34 },
  ruler: { top: 44, height: 18 },
  strips: { top: 66, each: 17 },
  curve: { top: 140, height: 34 },
  lanes: { top: 182, each: 17 },
} as const;

export interface EventTick {
  readonly seq: number;
  readonly layer: Layer;
  readonly refused: boolean;
}

export type Outcome = 'SUCCESS' | 'INVALID' | 'TAKEN_AWAY' | 'LOST' | 'OPEN';

/** One iopf group from its first page request to its answer; null: not yet, or not at all. */
export interface GroupBar {
  readonly id: number;
  readonly requested: number;
  readonly queued: number | null;
  readonly read: number | null;
  readonly ended: number | null;
  readonly outcome: Outcome;
  readonly cookie: number | null;
  readonly device: string;
  readonly contextId: number;
  readonly faultId: number;
  /** The row it is drawn in. */
  readonly row: number;
}

/** The rows of one fault queue. */
export interface Lane {
  readonly contextId: number;
  readonly faultId: number;
  readonly row: number;
  readonly rows: number;
}

/** A curve: from each seq on, so many wait and so many are held. */
export interface Depths {
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  readonly waiting: Uint32Array | Int32Array;
  readonly held: Uint32Array | Int32Array;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly view: Range;
  /** Of the view, and of the whole machine. */
  readonly scale: Scale;
  readonly wholeScale: Scale;
  readonly newest: number;
  readonly playhead: number;
  readonly other: number | null;
  readonly events: readonly EventTick[];
  readonly groups: readonly GroupBar[];
  /** The fault queues that the groups came to, from above. */
  readonly lanes: readonly Lane[];
  readonly selectedGroup: number | null;
  /** The curve of the whole machine; null until it is there. */
  readonly whole: Depths | null;
  /** The view in sums, where it is too wide for single events. */
  readonly sums: Sums | null;
  /** How many groups wait and are held, in view. */
  readonly depths: Depths | null;
  readonly marks: readonly Mark[];
}
