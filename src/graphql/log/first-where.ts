/** Finding the first place in a machine's log. */
import {
  FIND_OPERATIONS_MAX,
  FIND_ROWS_MAX,
  type Found,
  firstWhere,
  type LogCondition,
} from '../../engine/find/find.ts';
import { Past } from '../../engine/past/past.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { Errno, HazardNameEnum, PageResponseCode } from '../builder/enums.ts';
import { OF_OPERATIONS } from '../builder/expose-errors.ts';
import { ObjectKeyInput, objectKeyOf } from '../builder/object-key.ts';
import { MachineType } from '../builder/refs.ts';
import { CommandTypeEnum } from './command-type.ts';
import { EventObject, EventTypeEnum, OperationType } from './operation.ts';

const LogConditionInput = builder.inputType('LogConditionInput', {
  description:
    'What an operation must have; all that is given must hold together, what is about events for one event. At least one has to be given.',
  fields: t => ({
    errno: t.field({ type: Errno, description: 'It was refused with this errno.' }),
    operation: t.field({ type: CommandTypeEnum, description: 'It is of this type.' }),
    object: t.field({
      type: ObjectKeyInput,
      description:
        'Its arguments name this object, or an event does, while there is an object of this kind and id. A PCI function in the arguments is an address, not an object.',
    }),
    eventType: t.field({ type: EventTypeEnum, description: 'It made an event of this type.' }),
    hazard: t.field({ type: HazardNameEnum, description: 'It met this hazard.' }),
    responseCode: t.field({
      type: PageResponseCode,
      description: 'A response with this code was written, or sent to a device.',
    }),
  }),
});

/** Errors: BAD_USER_INPUT. */
function conditionOf(input: typeof LogConditionInput.$inferInput): LogCondition {
  const { errno, operation, object, eventType, hazard, responseCode } = input;
  const condition = {
    errno: errno ?? null,
    operation: operation ?? null,
    object: object ? objectKeyOf(object, 'condition.object') : null,
    eventType: eventType ?? null,
    hazard: hazard ?? null,
    responseCode: responseCode ?? null,
  };
  const names = Object.keys(condition);
  if (Object.values(condition).every(value => value === null)) {
    throw badInput(`"condition" must have at least one of ${names.join(', ')}`);
  }
  return condition;
}

interface FoundView extends Found {
  readonly machineId: string;
}

const FoundType = builder.objectRef<FoundView>('LogMatch').implement({
  description: 'The first place in a log that a condition fits.',
  fields: t => ({
    operation: t.field({
      type: OperationType,
      description: 'The operation. Give its number as `after` to find the next one.',
      resolve: ({ machineId, operation }) => ({ machineId, operation }),
    }),
    event: t.field({
      type: EventObject,
      nullable: true,
      description: 'The event that fits; null if the operation does by itself.',
      resolve: ({ machineId, event }) => event && { ...event, machineId },
    }),
  }),
});

builder.objectField(MachineType, 'firstWhere', t =>
  t.field({
    type: FoundType,
    nullable: true,
    description: `The first operation up to this view that fits; null if none does. One answer looks through ${FIND_OPERATIONS_MAX} operations, and passes over others of which the command or the errno tells enough, up to ${FIND_ROWS_MAX} together; an error says where to go on.`,
    extensions: OF_OPERATIONS,
    args: {
      condition: t.arg({ type: LogConditionInput, required: true, description: 'What to find.' }),
      after: t.arg.int({
        defaultValue: 0,
        description: 'Only operations with a higher number, from 0.',
      }),
    },
    resolve: async ({ machineId, seq }, args, { engine, history }) => {
      const condition = conditionOf(args.condition);
      const after = args.after ?? 0;
      if (after < 0) throw badInput(`"after" must be 0 or more, not ${after}`);
      const past = await Past.of(engine, history, machineId);
      const found = await firstWhere(past, condition, after, seq);
      return found && { ...found, machineId };
    },
  }),
);
