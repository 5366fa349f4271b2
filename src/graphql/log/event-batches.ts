/** Following a machine's events many at a time, as columns or as objects. */
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import { EVENTS } from '../../core/machine/event.ts';
import { followBatches } from '../../engine/follow/batches.ts';
import type { LoggedEvent } from '../../engine/follow/follow.ts';
import { SeqOutOfRangeError } from '../../engine/machine/errors.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { LIST_MAX } from '../builder/lists.ts';
import { EventObject, EventTypeEnum, type EventView, LayerEnum } from './operation.ts';

const BATCH_DEFAULT = 500;

const BatchType = builder.objectRef<readonly EventView[]>('EventBatch').implement({
  description:
    'Events one after the other. In the columns the same place is one event; ask for those you need, or for the events as objects.',
  fields: t => ({
    first: t.int({ description: 'The seq of the first one.', resolve: ([first]) => first!.seq }),
    last: t.int({
      description: 'The seq of the last one: give it as `after` to come back.',
      resolve: events => events.at(-1)!.seq,
    }),
    types: t.field({
      type: [EventTypeEnum],
      description: 'What changed.',
      resolve: events => events.map(({ event }) => event.type),
    }),
    layers: t.field({
      type: [LayerEnum],
      description: 'Where it happened.',
      resolve: events => events.map(({ event }) => EVENTS[event.type].layer),
    }),
    operations: t.intList({
      description: 'The number of the operation that made it.',
      resolve: events => events.map(({ operation }) => operation.number),
    }),
    atMs: t.floatList({
      description: 'When that ran, in milliseconds since the epoch.',
      resolve: events => events.map(({ operation }) => operation.atMs),
    }),
    events: t.field({
      type: [EventObject],
      description: 'The events themselves.',
      resolve: events => [...events],
    }),
  }),
});

builder.subscriptionField('eventBatches', t =>
  t.field({
    type: BatchType,
    description:
      'As `events`, many in one message: as many as there are, so that who is behind catches up in few messages, and who is not gets each as it comes.',
    args: {
      machineId: t.arg({
        type: 'MachineId',
        defaultValue: DEFAULT_MACHINE_ID,
        description: 'The machine.',
      }),
      after: t.arg.int({
        description: 'The last seq already seen; 0 for all. Left out: only what comes from now on.',
      }),
      max: t.arg.int({
        defaultValue: BATCH_DEFAULT,
        description: `Events of one message at most, from 1 to ${LIST_MAX}.`,
      }),
    },
    subscribe: async (_, args, { engine }) => {
      const machineId = args.machineId ?? DEFAULT_MACHINE_ID;
      const max = args.max ?? BATCH_DEFAULT;
      if (max < 1 || max > LIST_MAX) {
        throw badInput(`"max" must be from 1 to ${LIST_MAX}, not ${max}`);
      }
      const newest = await engine.whenSettled(machineId, ({ state }) => state.seq);
      const after = args.after ?? newest;
      if (after < 0 || after > newest) {
        throw new SeqOutOfRangeError(machineId, 'after', after, newest);
      }
      return followBatches(engine, machineId, after, max);
    },
    resolve: (batch, args): EventView[] => {
      const machineId = args.machineId ?? DEFAULT_MACHINE_ID;
      return (batch as readonly LoggedEvent[]).map(logged => ({ ...logged, machineId }));
    },
  }),
);
