/** What an overview counts of a stretch of events. */
import { FAULT_EVENTS } from '../../core/explain/fault-events.ts';
import { EVENTS, type Event, type EventType } from '../../core/machine/event.ts';
import type { Layer } from '../../core/machine/event-entry.ts';
import type { MachineState } from '../../core/machine/state.ts';
import type { OperationEvents } from '../../log/log.ts';

/** Added up over a stretch. */
export const SUMS = [
  'userSpace',
  'iommufd',
  'iommuCore',
  'hardware',
  'others',
  'operations',
  'refused',
  'hazards',
  'queued',
  'read',
  'success',
  'invalid',
  'failure',
  'takenAway',
  'lost',
] as const;

/** The most at any moment of a stretch, its beginning included. */
export const PEAKS = ['waiting', 'held'] as const;

export const COLUMNS = [...SUMS, ...PEAKS] as const;
export type Column = (typeof COLUMNS)[number];

/** The version in which counts are kept: another one for other columns, or another meaning. */
export const COUNTS_VERSION = 2;

/** One number a column. */
export type Counts = number[];

/** The counts of a stretch of events, which is over. */
export interface Block {
  /** Its last event. */
  readonly seq: number;
  /** The operation being taken when it was over: it ends after it. */
  readonly number: number;
  /** Milliseconds since the epoch of its first and last operations. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly counts: Counts;
}

const COLUMN = Object.fromEntries(COLUMNS.map((name, index) => [name, index])) as Readonly<
  Record<Column, number>
>;

const LAYER_COLUMN: Readonly<Record<Layer, number>> = {
  USER_SPACE: COLUMN.userSpace,
  IOMMUFD: COLUMN.iommufd,
  IOMMU_CORE: COLUMN.iommuCore,
  HARDWARE: COLUMN.hardware,
};

const LAYER_OF = new Map(
  Object.entries(EVENTS).map(([type, { layer }]) => [type as EventType, LAYER_COLUMN[layer]]),
);

/** IOMMUFD_PAGE_RESP_* to its column. */
const CODE_COLUMNS = [COLUMN.success, COLUMN.invalid, COLUMN.failure];

/** Which iopf groups a state has open, and whether somebody has read each. */
export function openGroups({ iopfGroups }: MachineState): Map<number, boolean> {
  return new Map([...iopfGroups].map(([id, { cookie }]) => [id, cookie !== null]));
}

/**
 * Cuts operations into blocks of `size` events after seq `start` and counts each. `open` are the groups
 * open at `start`, the counter's own; `done` takes each block that is over.
 */
export class BlockCounter {
  private readonly size: number;
  private readonly open: Map<number, boolean>;
  private readonly done: (block: Block) => void;
  /** The last event taken. */
  private seq: number;
  /** The last event of the block under way. */
  private end: number;
  private counts: Counts = [];
  private held = 0;
  private firstAtMs: number | null = null;
  private lastAtMs = 0;

  constructor(
    size: number,
    start: number,
    open: Map<number, boolean>,
    done: (block: Block) => void,
  ) {
    this.size = size;
    this.seq = start;
    this.end = start + size;
    this.open = open;
    this.done = done;
    for (const isRead of open.values()) if (isRead) this.held++;
    this.begin();
  }

  /** Counts an operation and its events up to seq `until`; those at or before the start are not. */
  take(operation: OperationEvents, until = Number.POSITIVE_INFINITY): void {
    const { events, seqBefore, seq, number, atMs, refused } = operation;
    for (let index = 0; index < events.length; index++) {
      const at = seqBefore + 1 + index;
      if (at <= this.seq) continue;
      if (at > until) return;
      if (at > this.end) this.finish(number);
      this.seq = at;
      this.touch(atMs);
      this.count(events[index]!);
    }
    if (seq < this.seq || seq > until) return;
    this.touch(atMs);
    this.counts[COLUMN.operations]!++;
    if (refused) this.counts[COLUMN.refused]!++;
  }

  /** The block under way as it is; null if nothing was counted in it. */
  get underWay(): Omit<Block, 'number'> | null {
    if (this.firstAtMs === null) return null;
    const { seq, firstAtMs, lastAtMs } = this;
    return { seq, firstAtMs, lastAtMs, counts: [...this.counts] };
  }

  private touch(atMs: number): void {
    this.firstAtMs ??= atMs;
    this.lastAtMs = atMs;
  }

  private finish(number: number): void {
    const { firstAtMs, lastAtMs, counts } = this;
    this.done({ seq: this.end, number, firstAtMs: firstAtMs ?? lastAtMs, lastAtMs, counts });
    this.end += this.size;
    this.begin();
  }

  private begin(): void {
    this.firstAtMs = null;
    this.counts = new Array<number>(COLUMNS.length).fill(0);
    this.notePeaks();
  }

  private notePeaks(): void {
    const { counts, held } = this;
    const waiting = this.open.size - held;
    if (waiting > counts[COLUMN.waiting]!) counts[COLUMN.waiting] = waiting;
    if (held > counts[COLUMN.held]!) counts[COLUMN.held] = held;
  }

  private count(event: Event): void {
    this.counts[LAYER_OF.get(event.type)!]!++;
    if (!FAULT_EVENTS.has(event.type)) this.counts[COLUMN.others]!++;
    switch (event.type) {
      case 'HazardRecorded':
        this.counts[COLUMN.hazards]!++;
        return;
      case 'IopfGroupQueued':
        this.counts[COLUMN.queued]!++;
        this.open.set(event.iopfGroupId, false);
        return this.notePeaks();
      case 'IopfGroupRead':
        this.counts[COLUMN.read]!++;
        this.open.set(event.iopfGroupId, true);
        this.held++;
        return this.notePeaks();
      case 'PageResponseWritten':
        return this.answered(event.iopfGroupId, CODE_COLUMNS[event.code] ?? COLUMN.failure);
      case 'IopfGroupAutoResponded':
        return this.answered(event.iopfGroupId, COLUMN.takenAway);
      case 'IopfGroupLost':
        return this.answered(event.iopfGroupId, COLUMN.lost);
      default:
    }
  }

  private answered(iopfGroupId: number, column: number): void {
    this.counts[column]!++;
    if (this.open.get(iopfGroupId)) this.held--;
    this.open.delete(iopfGroupId);
  }
}
