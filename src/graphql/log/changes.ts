/** Why an object is as it is: `changes` on every kind of object, and by its key on the machine. */

import { OBJECT_FIELDS } from '../../core/explain/object-fields.ts';
import {
  contextKeyOf,
  globalKeyOf,
  inContextKeyOf,
  type ObjectKey,
} from '../../core/explain/object-key.ts';
import type { Change } from '../../core/explain/shown-value.ts';
import { CHANGES_EVENTS_MAX, changesOf, nextChangeOf } from '../../engine/find/changes.ts';
import { SearchLimitError } from '../../engine/machine/errors.ts';
import { Past } from '../../engine/past/past.ts';
import { badInput, shortened } from '../builder/bad-input.ts';
import { builder, type GraphqlContext } from '../builder/builder.ts';
import { OF_EVENTS } from '../builder/expose-errors.ts';
import { ObjectKeyInput, objectKeyOf } from '../builder/object-key.ts';
import {
  AttachHandleType,
  ContextType,
  IommuGroupType,
  IopfGroupType,
  MachineType,
  ObjectInterface,
  PhysicalDeviceInterface,
} from '../builder/refs.ts';
import type { MachineView } from '../builder/view.ts';
import { IommuType } from '../hardware/iommu.ts';
import { ChangeType } from './change.ts';
import { EventObject, type EventView } from './operation.ts';
import { placedEventView } from './placed-event.ts';

/** Events that one answer of `changes` may have. */
const CHANGES_MAX = 100;
const CHANGES_DEFAULT = 10;

interface ObjectChangeView {
  readonly event: EventView;
  readonly changes: readonly Change[];
}

const ObjectChangeType = builder.objectRef<ObjectChangeView>('ObjectChange').implement({
  description: 'One event and what it changed in an object.',
  fields: t => ({
    event: t.field({
      type: EventObject,
      description: 'The event; its operation says who asked for it.',
      resolve: ({ event }) => event,
    }),
    changes: t.field({
      type: [ChangeType],
      description: 'What it changed in this object.',
      resolve: ({ changes }) => [...changes],
    }),
  }),
});

interface ObjectChangesView {
  readonly list: readonly ObjectChangeView[];
  readonly more: number | null;
}

const ObjectChangesType = builder.objectRef<ObjectChangesView>('ObjectChanges').implement({
  description: 'The events that made an object, or a field of it, what it is.',
  fields: t => ({
    list: t.field({
      type: [ObjectChangeType],
      description:
        'The oldest first. It goes back to the event by which the object appeared, which gave each field its first value.',
      resolve: ({ list }) => [...list],
    }),
    more: t.exposeInt('more', {
      nullable: true,
      description: `There may be others up to this seq: ask the machine at that moment. null: these are all. One answer looks through ${CHANGES_EVENTS_MAX} events.`,
    }),
  }),
});

const FIELD_TEXT =
  'Only changes of this field, such as "users"; a name that is none gets an error with those there are.';

const CHANGES_ARGS = builder.args(t => ({
  field: t.string({ description: FIELD_TEXT }),
  last: t.int({
    defaultValue: CHANGES_DEFAULT,
    description: `At most so many events, the newest; from 1 to ${CHANGES_MAX}.`,
  }),
}));

interface ChangesArgs {
  readonly field?: string | null | undefined;
  readonly last?: number | null | undefined;
}

/** Errors: BAD_USER_INPUT. */
function checkField(key: ObjectKey, field: string | null | undefined): string | null {
  if (field === null || field === undefined) return null;
  const fields: readonly string[] = OBJECT_FIELDS[key.kind];
  if (fields.includes(field)) return field;
  const shown = shortened(JSON.stringify(field));
  throw badInput(`"field" must be one of ${fields.join(', ')} for ${key.kind}, not ${shown}`);
}

async function objectChanges(
  { engine, history, overviews }: GraphqlContext,
  { machineId, seq }: { readonly machineId: string; readonly seq: number },
  key: ObjectKey,
  args: ChangesArgs,
): Promise<ObjectChangesView> {
  const field = checkField(key, args.field);
  const last = args.last ?? CHANGES_DEFAULT;
  if (last < 1 || last > CHANGES_MAX) {
    throw badInput(`"last" must be from 1 to ${CHANGES_MAX}, not ${last}`);
  }
  const past = await Past.of(engine, history, machineId);
  const { found, more } = await changesOf(past, overviews, { key, field, until: seq, last });
  const list: ObjectChangeView[] = [];
  for (const { seq, changes } of found) {
    list.push({ event: await placedEventView(past, seq), changes });
  }
  return { list, more };
}

const CHANGES_FIELD = {
  type: ObjectChangesType,
  description: 'Why it is as it is: the events up to this view that changed it.',
  args: CHANGES_ARGS,
  extensions: OF_EVENTS,
};

builder.interfaceField(ObjectInterface, 'changes', t =>
  t.field({
    ...CHANGES_FIELD,
    resolve: ({ machine, context: { contextId }, object: { type, id } }, args, context) =>
      objectChanges(context, machine, inContextKeyOf(type, contextId, id), args),
  }),
);

builder.objectField(ContextType, 'changes', t =>
  t.field({
    ...CHANGES_FIELD,
    resolve: ({ machine, context: { contextId } }, args, context) =>
      objectChanges(context, machine, contextKeyOf(contextId), args),
  }),
);

builder.objectField(IommuGroupType, 'changes', t =>
  t.field({
    ...CHANGES_FIELD,
    resolve: ({ machine, group }, args, context) =>
      objectChanges(context, machine, globalKeyOf('IOMMU_GROUP', group.iommuGroupId), args),
  }),
);

builder.interfaceField(PhysicalDeviceInterface, 'changes', t =>
  t.field({
    ...CHANGES_FIELD,
    resolve: ({ machine, device }, args, context) =>
      objectChanges(context, machine, globalKeyOf('PHYSICAL_DEVICE', device.deviceNo), args),
  }),
);

builder.objectField(AttachHandleType, 'changes', t =>
  t.field({
    ...CHANGES_FIELD,
    resolve: ({ machine, handle }, args, context) =>
      objectChanges(context, machine, globalKeyOf('ATTACH_HANDLE', handle.attachHandleId), args),
  }),
);

builder.objectField(IopfGroupType, 'changes', t =>
  t.field({
    ...CHANGES_FIELD,
    resolve: ({ machine, iopfGroup }, args, context) =>
      objectChanges(context, machine, globalKeyOf('IOPF_GROUP', iopfGroup.iopfGroupId), args),
  }),
);

builder.objectField(IommuType, 'changes', t =>
  t.field({
    ...CHANGES_FIELD,
    resolve: ({ machine, iommu }, args, context) =>
      objectChanges(context, machine, globalKeyOf('IOMMU', iommu.iommuNo), args),
  }),
);

builder.objectField(MachineType, 'changes', t =>
  t.field({
    ...CHANGES_FIELD,
    description:
      'Why an object is as it is, or is no more: the events up to this view that changed it.',
    args: {
      object: t.arg({ type: ObjectKeyInput, required: true, description: 'The object.' }),
      ...CHANGES_ARGS,
    },
    resolve: (machine, { object, ...args }, context) =>
      objectChanges(context, machine, objectKeyOf(object, 'object'), args),
  }),
);

builder.objectField(MachineType, 'lastChange', t =>
  t.field({
    type: ObjectChangeType,
    nullable: true,
    description:
      'The event that changed an object, or a field of it, last; null if none has. An object that is gone was changed last by the event that took it away.',
    extensions: OF_EVENTS,
    args: {
      object: t.arg({ type: ObjectKeyInput, required: true, description: 'The object.' }),
      field: t.arg.string({ description: FIELD_TEXT }),
      before: t.arg.int({
        description:
          'Only events before this seq, from 1 to the one after this view. Left out: those of this view. The seq of one change gives the change before it.',
      }),
    },
    resolve: async (machine, { object, field, before }, context) => {
      const seq = lastSeq(machine, before);
      const key = objectKeyOf(object, 'object');
      const { list, more } = await objectChanges(
        context,
        { machineId: machine.machineId, seq },
        key,
        { field, last: 1 },
      );
      if (list[0] === undefined && more !== null) {
        throw new SearchLimitError(
          CHANGES_EVENTS_MAX,
          'events',
          `go on with "before": ${more + 1}`,
        );
      }
      return list[0] ?? null;
    },
  }),
);

/** The last seq that is looked at. Errors: BAD_USER_INPUT. */
function lastSeq({ seq }: MachineView, before: number | null | undefined): number {
  if (before === null || before === undefined) return seq;
  if (before < 1 || before > seq + 1) {
    throw badInput(`"before" must be from 1 to ${seq + 1}, one after this view, not ${before}`);
  }
  return before - 1;
}

builder.objectField(MachineType, 'nextChange', t =>
  t.field({
    type: ObjectChangeType,
    nullable: true,
    description:
      'The event that changes an object, or a field of it, next; null if none does up to this view.',
    extensions: OF_EVENTS,
    args: {
      object: t.arg({ type: ObjectKeyInput, required: true, description: 'The object.' }),
      field: t.arg.string({ description: FIELD_TEXT }),
      after: t.arg.int({
        required: true,
        description: 'Only events after this seq, from 0 to that of this view.',
      }),
    },
    resolve: async ({ machineId, seq }, { object, field, after }, context) => {
      const key = objectKeyOf(object, 'object');
      if (after < 0 || after > seq) {
        throw badInput(`"after" must be from 0 to ${seq}, that of this view, not ${after}`);
      }
      const past = await Past.of(context.engine, context.history, machineId);
      const wanted = { key, field: checkField(key, field), after, until: seq };
      const { found, more } = await nextChangeOf(past, wanted);
      if (more !== null) {
        throw new SearchLimitError(CHANGES_EVENTS_MAX, 'events', `go on with "after": ${more}`);
      }
      if (found === null) return null;
      return { event: await placedEventView(past, found.seq), changes: found.changes };
    },
  }),
);
