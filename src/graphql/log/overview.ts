/** A machine's log at a glance, in columns: what a timeline draws whatever the log's length. */
import { COLUMNS, type Column } from '../../engine/overview/counts.ts';
import {
  type Bucket,
  EXACT_EVENTS_MAX,
  type OverviewAxis,
} from '../../engine/overview/overview.ts';
import { BLOCK_EVENTS } from '../../engine/overview/table.ts';
import { Past } from '../../engine/past/past.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { OF_OPERATIONS } from '../builder/expose-errors.ts';
import { MachineType } from '../builder/refs.ts';
import { checkRange } from './seq-range.ts';

/** Buckets of one answer. */
export const BUCKETS_MAX = 2_000;
const BUCKETS_DEFAULT = 500;

const COLUMN_TEXT: Readonly<Record<Column, string>> = {
  userSpace: 'Events of the layer USER_SPACE.',
  iommufd: 'Events of the layer IOMMUFD.',
  iommuCore: 'Events of the layer IOMMU_CORE.',
  hardware: 'Events of the layer HARDWARE.',
  others:
    'Events that are not on the way of a page request to its answer: what makes, attaches, maps or removes something.',
  operations: 'Operations, where they ended; refused ones too.',
  refused: 'Operations that were refused.',
  hazards: 'Hazards met.',
  queued: 'iopf groups that came to a fault queue.',
  read: 'iopf groups that somebody read.',
  success: 'iopf groups that user space answered SUCCESS.',
  invalid: 'iopf groups that user space answered INVALID.',
  failure: 'iopf groups that user space answered with another code, where a kernel takes one.',
  takenAway: 'iopf groups that the kernel took away and answered INVALID itself.',
  lost: 'iopf groups that a failed read lost.',
  waiting: 'The most iopf groups at once that nobody had read.',
  held: 'The most iopf groups at once that were read and not answered.',
};

const AxisEnum = builder.enumType('OverviewAxis', {
  description: 'What the buckets of an overview divide evenly.',
  values: {
    SEQ: { value: 'SEQ' as OverviewAxis, description: 'The events, by their seq.' },
    TIME: {
      value: 'TIME' as OverviewAxis,
      description:
        'The time from the first operation to the last, by the server’s clock; a clock that was set back stands still meanwhile.',
    },
  },
});

interface OverviewView {
  readonly from: number;
  readonly buckets: readonly Bucket[];
}

const sinceStart = ({ buckets }: OverviewView, of: (bucket: Bucket) => number): number[] => {
  const start = buckets[0]?.firstAtMs ?? 0;
  return buckets.map(bucket => of(bucket) - start);
};

const OverviewType = builder.objectRef<OverviewView>('Overview').implement({
  description:
    'Counts of stretches of a log, in columns of one length: the same place in each is one bucket. Buckets without anything are left out.',
  fields: t => ({
    from: t.exposeInt('from', { description: 'The first bucket begins after this seq.' }),
    seq: t.intList({
      description: 'The last event of each bucket; the next one begins after it.',
      resolve: ({ buckets }) => buckets.map(({ seq }) => seq),
    }),
    startAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the first operation ran that is counted; null if there is none.',
      resolve: ({ buckets: [first] }) => (first === undefined ? null : new Date(first.firstAtMs)),
    }),
    firstMs: t.floatList({
      description: 'When the first operation of each bucket ran, in milliseconds after `startAt`.',
      resolve: view => sinceStart(view, ({ firstAtMs }) => firstAtMs),
    }),
    lastMs: t.floatList({
      description: 'When the last operation of each bucket ran, in milliseconds after `startAt`.',
      resolve: view => sinceStart(view, ({ lastAtMs }) => lastAtMs),
    }),
  }),
});

for (const [index, column] of COLUMNS.entries()) {
  builder.objectField(OverviewType, column, t =>
    t.intList({
      description: COLUMN_TEXT[column],
      resolve: ({ buckets }) => buckets.map(({ counts }) => counts[index]!),
    }),
  );
}

builder.objectField(MachineType, 'overview', t =>
  t.field({
    type: OverviewType,
    description: `A range of the log at a glance. Up to ${EXACT_EVENTS_MAX} events it is exact to the event; of more, buckets end at multiples of ${BLOCK_EVENTS}, but for the last. The first answer about a machine counts all of its events; then they are kept counted.`,
    extensions: OF_OPERATIONS,
    args: {
      from: t.arg.int({
        defaultValue: 0,
        description: 'Only events after this seq, from 0, and operations that ended after it.',
      }),
      to: t.arg.int({ description: 'Only up to this seq. Left out: that of this view.' }),
      buckets: t.arg.int({
        defaultValue: BUCKETS_DEFAULT,
        description: `At most so many, from 1 to ${BUCKETS_MAX}.`,
      }),
      axis: t.arg({
        type: AxisEnum,
        defaultValue: 'SEQ',
        description: 'What the buckets divide evenly.',
      }),
    },
    resolve: async (machine, args, { engine, history, overviews }): Promise<OverviewView> => {
      const { from, to } = checkRange(machine, args.from ?? 0, args.to ?? machine.seq);
      const buckets = args.buckets ?? BUCKETS_DEFAULT;
      if (buckets < 1 || buckets > BUCKETS_MAX) {
        throw badInput(`"buckets" must be from 1 to ${BUCKETS_MAX}, not ${buckets}`);
      }
      const past = await Past.of(engine, history, machine.machineId);
      const axis = args.axis ?? 'SEQ';
      return { from, buckets: await overviews.overview(past, { from, to, buckets, axis }) };
    },
  }),
);
