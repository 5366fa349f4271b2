/** Following a machine: events as they come, iopf groups for handlers and observers. */
import { DEFAULT_MACHINE_ID, HANDLER_IN_FLIGHT_MAX } from '../../abi/limits.ts';
import { followEvents } from '../../engine/follow/follow.ts';
import type { IopfGroupUpdate, IopfGroupUpdateKind } from '../../engine/handler/iopf-update.ts';
import { SeqOutOfRangeError } from '../../engine/machine/errors.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { PageResponseCode } from '../builder/enums.ts';
import { IopfGroupType, MachineType } from '../builder/refs.ts';
import { type MachineView, machineView } from '../builder/view.ts';
import { EventObject, type EventView } from './operation.ts';

/** Unanswered groups a handler holds at most when it does not say. */
const IN_FLIGHT_DEFAULT = 16;

const MACHINE_ID_ARG = {
  type: 'MachineId',
  defaultValue: DEFAULT_MACHINE_ID,
  description: 'The machine.',
} as const;

builder.subscriptionField('events', t =>
  t.field({
    type: EventObject,
    description:
      'A machine’s events after a seq, each once and in order: first those there are, then live. Come back with the last seq you saw and nothing is missed. Ends when the machine is deleted.',
    args: {
      machineId: t.arg(MACHINE_ID_ARG),
      after: t.arg.int({
        description: 'The last seq already seen; 0 for all. Left out: only what comes from now on.',
      }),
    },
    subscribe: async (_, args, { engine }) => {
      const machineId = args.machineId ?? DEFAULT_MACHINE_ID;
      const newest = await engine.whenSettled(machineId, ({ state }) => state.seq);
      const after = args.after ?? newest;
      if (after < 0 || after > newest) {
        throw new SeqOutOfRangeError(machineId, 'after', after, newest);
      }
      return followEvents(engine, machineId, after);
    },
    resolve: (logged, args): EventView => ({
      ...(logged as Omit<EventView, 'machineId'>),
      machineId: args.machineId ?? DEFAULT_MACHINE_ID,
    }),
  }),
);

const IopfGroupsMode = builder.enumType('IopfGroupsMode', {
  description: 'What a subscription to iopf groups is.',
  values: {
    HANDLE: {
      description:
        'A process reading the fault queue’s file: each group delivered was read by a faultRead, is held by this subscriber and awaits its faultWrite. Several handlers compete.',
    },
    OBSERVE: { description: 'Sees the same groups and their fates and consumes nothing.' },
  } as const,
});

const UpdateKind = builder.enumType('IopfGroupUpdateKind', {
  description: 'What became of an iopf group.',
  values: {
    QUEUED: { value: 'QUEUED', description: 'It waits in the fault queue (OBSERVE only).' },
    DELIVERED: {
      value: 'DELIVERED',
      description: 'HANDLE: it is yours to answer with its cookie. OBSERVE: somebody read it.',
    },
    ANSWERED: { value: 'ANSWERED', description: 'Somebody answered it (OBSERVE only).' },
    TAKEN_AWAY: {
      value: 'TAKEN_AWAY',
      description:
        'The kernel answered INVALID for it: detach, replace or destroy. Its cookie is no longer valid.',
    },
  } as Record<IopfGroupUpdateKind, { value: IopfGroupUpdateKind; description: string }>,
});

interface UpdateView extends IopfGroupUpdate {
  readonly machine: MachineView;
}

const IopfGroupUpdateType = builder.objectRef<UpdateView>('IopfGroupUpdate').implement({
  description: 'News of one iopf group.',
  fields: t => ({
    kind: t.field({ type: UpdateKind, description: 'What became of it.', resolve: u => u.kind }),
    seq: t.exposeInt('seq', { description: 'The event that tells of it.' }),
    iopfGroup: t.field({
      type: IopfGroupType,
      description: 'The group.',
      resolve: ({ machine, iopfGroup }) => ({ machine, iopfGroup }),
    }),
    redelivered: t.exposeBoolean('redelivered', {
      description: 'A handler got it before and left without answering.',
    }),
    code: t.field({
      type: PageResponseCode,
      nullable: true,
      description: 'ANSWERED, TAKEN_AWAY: the answer the device got.',
      resolve: ({ code }) => code,
    }),
    handlerId: t.exposeString('handlerId', {
      nullable: true,
      description:
        'HANDLE: who you are. Give it to faultWrite, and an answer to a group that is not yours is noticed. OBSERVE: null.',
    }),
    machine: t.field({
      type: MachineType,
      description: 'The machine as it is now.',
      resolve: ({ machine }) => machine,
    }),
  }),
});

builder.subscriptionField('iopfGroups', t =>
  t.field({
    type: IopfGroupUpdateType,
    description:
      'Be the fault handler of a fault queue, or watch it. Groups left unanswered by a handler that disconnects go to the next one, marked redelivered. HANDLE ends when the queue’s file is closed, OBSERVE when the queue is destroyed.',
    args: {
      machineId: t.arg(MACHINE_ID_ARG),
      contextId: t.arg({ type: 'U32', required: true, description: 'The context.' }),
      faultId: t.arg({ type: 'U32', required: true, description: 'The fault queue.' }),
      mode: t.arg({ type: IopfGroupsMode, defaultValue: 'HANDLE', description: 'What to be.' }),
      maxInFlight: t.arg.int({
        defaultValue: IN_FLIGHT_DEFAULT,
        description: `HANDLE: unanswered groups held at a time, 1 to ${HANDLER_IN_FLIGHT_MAX}; the rest wait in the queue.`,
      }),
    },
    subscribe: async (_, args, { handlers }) => {
      const maxInFlight = args.maxInFlight ?? IN_FLIGHT_DEFAULT;
      if (maxInFlight < 1 || maxInFlight > HANDLER_IN_FLIGHT_MAX) {
        throw badInput(
          `"maxInFlight" must be from 1 to ${HANDLER_IN_FLIGHT_MAX}, not ${maxInFlight}`,
        );
      }
      const { contextId, faultId } = args;
      const name = { machineId: args.machineId ?? DEFAULT_MACHINE_ID, contextId, faultId };
      return args.mode === 'OBSERVE' ? handlers.observe(name) : handlers.handle(name, maxInFlight);
    },
    resolve: async (update, args, context): Promise<UpdateView> => {
      const machineId = args.machineId ?? DEFAULT_MACHINE_ID;
      const machine = await machineView(context, machineId);
      return { ...(update as IopfGroupUpdate), machine };
    },
  }),
);
