/** A recorded past run again without its answers, for the handler that is under test. */
import { DEFAULT_MACHINE_ID, REPLAY_SPEED_MAX, REPLAY_SPEED_MIN } from '../../abi/limits.ts';
import {
  DIFFERENCES_MAX,
  type ErrnoPair,
  type GroupPair,
  type RedriveItem,
  type RedriveSummary,
} from '../../engine/replay/redrive.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { MachineType } from '../builder/refs.ts';
import { machineView } from '../builder/view.ts';
import { IopfGroupRecordType } from '../iommu/iopf-groups.ts';
import { OperationType } from '../log/operation.ts';
import { queueOf } from './replay.ts';

/** Milliseconds that a recorded answer waits for the handler's own, where it is not said. */
const ANSWER_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS_MAX = 3_600_000;
const STEP_MAX = 1_000_000;

interface Machines {
  readonly machineId: string;
  readonly newMachineId: string;
}

const viewed = (group: GroupPair['recorded'], machineId: string) =>
  group && { ...group, machineId, until: group.endedSeq ?? group.readSeq ?? group.queuedSeq };

const PairType = builder.objectRef<GroupPair & Machines>('RedriveDifference').implement({
  description: 'An iopf group that ended otherwise, or that one run has alone.',
  fields: t => ({
    recorded: t.field({
      type: IopfGroupRecordType,
      nullable: true,
      description: 'In the recorded run; null: only the new one has it.',
      resolve: ({ recorded, machineId }) => viewed(recorded, machineId),
    }),
    redriven: t.field({
      type: IopfGroupRecordType,
      nullable: true,
      description: 'In the new run; null: only the recorded one has it.',
      resolve: ({ redriven, newMachineId }) => viewed(redriven, newMachineId),
    }),
  }),
});

const ErrnoType = builder.objectRef<ErrnoPair & Machines>('RedriveErrnoDifference').implement({
  description: 'An operation that was refused otherwise in the new run.',
  fields: t => ({
    recorded: t.field({
      type: OperationType,
      description: 'In the recorded run.',
      resolve: ({ recorded: operation, machineId }) => ({ machineId, operation }),
    }),
    redriven: t.field({
      type: OperationType,
      description: 'In the new run.',
      resolve: ({ redriven: operation, newMachineId }) => ({ machineId: newMachineId, operation }),
    }),
  }),
});

const SummaryType = builder.objectRef<RedriveSummary & Machines>('RedriveSummary').implement({
  description: 'Both runs side by side.',
  fields: t => ({
    operations: t.exposeInt('operations', { description: 'Operations that ran again.' }),
    groups: t.exposeInt('groups', { description: 'iopf groups of the recorded run.' }),
    same: t.exposeInt('same', { description: 'Groups that ended the same in both.' }),
    differenceCount: t.exposeInt('differenceCount', { description: 'Groups that did not.' }),
    differences: t.field({
      type: [PairType],
      description: `The first of them, at most ${DIFFERENCES_MAX}, in the recorded order.`,
      resolve: ({ differences, machineId, newMachineId }) =>
        differences.map(pair => ({ ...pair, machineId, newMachineId })),
    }),
    firstDifference: t.field({
      type: PairType,
      nullable: true,
      description: 'The first of them; null if all ended the same.',
      resolve: ({ differences: [pair], machineId, newMachineId }) =>
        pair === undefined ? null : { ...pair, machineId, newMachineId },
    }),
    firstErrno: t.field({
      type: ErrnoType,
      nullable: true,
      description: 'The first operation that was refused otherwise; null if none was.',
      resolve: ({ firstErrno, machineId, newMachineId }) =>
        firstErrno && { ...firstErrno, machineId, newMachineId },
    }),
    timedOut: t.exposeInt('timedOut', {
      description: 'Recorded answers that the handler did not give in time.',
    }),
  }),
});

const KindEnum = builder.enumType('RedriveItemKind', {
  description: 'What an item of a redrive is.',
  values: {
    STARTED: { description: 'The fork is made: start the handler on it.' },
    RAN: { description: 'A recorded operation ran again.' },
    UNANSWERED: {
      description:
        'A recorded answer was waited for and did not come in time: see `unanswered`, and `handlers`, which is 0 if nobody is subscribed.',
    },
    FINISHED: { description: 'The last item: both runs side by side.' },
  } as const,
});

const ItemType = builder.objectRef<RedriveItem & Machines>('RedriveItem').implement({
  description: 'One operation of a redrive, or its beginning or its end.',
  fields: t => ({
    kind: t.field({ type: KindEnum, description: 'What it is.', resolve: ({ kind }) => kind }),
    redriveId: t.exposeID('redriveId', { description: 'Names it for redriveStep.' }),
    machine: t.field({
      type: MachineType,
      description: 'The fork, as it is now.',
      resolve: ({ newMachineId }, _, context) => machineView(context, newMachineId),
    }),
    handlers: t.exposeInt('handlers', {
      description: 'Handlers subscribed to iopfGroups of the fork when the item was made.',
    }),
    unanswered: t.exposeIntList('unanswered', {
      description: 'UNANSWERED: iopfGroupIds of the fork. Else empty.',
    }),
    recorded: t.field({
      type: OperationType,
      nullable: true,
      description: 'RAN: the recorded operation. UNANSWERED: the recorded answer.',
      resolve: ({ recorded, machineId }) => recorded && { machineId, operation: recorded },
    }),
    redriven: t.field({
      type: OperationType,
      nullable: true,
      description: 'RAN: how it went now.',
      resolve: ({ redriven, newMachineId }) =>
        redriven && { machineId: newMachineId, operation: redriven },
    }),
    summary: t.field({
      type: SummaryType,
      nullable: true,
      description: 'FINISHED: both runs side by side.',
      resolve: ({ summary, machineId, newMachineId }) =>
        summary && { ...summary, machineId, newMachineId },
    }),
  }),
});

const SPEED_TEXT = `How many times faster than recorded: 1 as it was, 0 without waiting, else from ${REPLAY_SPEED_MIN} to ${REPLAY_SPEED_MAX}.`;

/** Errors: BAD_USER_INPUT. */
function within(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw badInput(`"${name}" must be from ${low} to ${high}, not ${value}`);
}

builder.subscriptionField('redrive', t =>
  t.field({
    type: ItemType,
    description:
      'Your handler against the past: makes a fork and runs the recorded operations on it again, without the recorded reads and answers. The handler under test subscribes to iopfGroups of the fork and answers with faultWrite, as ever. Where the record has an answer, its own is waited for. Ends with both runs side by side; the fork stays.',
    args: {
      machineId: t.arg({
        type: 'MachineId',
        defaultValue: DEFAULT_MACHINE_ID,
        description: 'The machine with the record.',
      }),
      newMachineId: t.arg({ type: 'MachineId', required: true, description: 'The fork.' }),
      fromOperation: t.arg.int({
        required: true,
        description:
          'The first operation that runs again, from 2: the fork shares those before it, such as the making of the queue.',
      }),
      contextId: t.arg({
        type: 'U32',
        description: 'With `faultId`: only the answers of this queue are left out.',
      }),
      faultId: t.arg({ type: 'U32', description: 'The fault queue, in `contextId`.' }),
      speed: t.arg.float({ defaultValue: 1, description: SPEED_TEXT }),
      maxWaitMs: t.arg.int({
        description: 'The longest wait between two operations in milliseconds, from 0.',
      }),
      answerTimeoutMs: t.arg.int({
        defaultValue: ANSWER_TIMEOUT_MS,
        description: `How long a recorded answer waits for the handler's own, from 0 to ${ANSWER_TIMEOUT_MS_MAX} milliseconds. Then the record goes on. Once it waited in vain with no handler subscribed to the fork, it does not wait again until one is.`,
      }),
      stepwise: t.arg.boolean({
        defaultValue: false,
        description: 'Only as far as the mutation redriveStep lets it, without waiting.',
      }),
    },
    subscribe: (_, args, { replays }) => {
      const speed = args.speed ?? 1;
      if (speed !== 0) within('speed', speed, REPLAY_SPEED_MIN, REPLAY_SPEED_MAX);
      const maxWaitMs = args.maxWaitMs ?? null;
      if (maxWaitMs !== null) within('maxWaitMs', maxWaitMs, 0, Number.MAX_SAFE_INTEGER);
      const timeout = args.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
      return replays.redrive({
        machineId: args.machineId ?? DEFAULT_MACHINE_ID,
        newMachineId: args.newMachineId,
        number: args.fromOperation - 1,
        queue: queueOf(args),
        speed,
        maxWaitMs,
        answerTimeoutMs: within('answerTimeoutMs', timeout, 0, ANSWER_TIMEOUT_MS_MAX),
        stepwise: args.stepwise ?? false,
      });
    },
    resolve: (item, args) => ({
      ...(item as RedriveItem),
      machineId: args.machineId ?? DEFAULT_MACHINE_ID,
    }),
  }),
);

builder.mutationField('redriveStep', t =>
  t.boolean({
    nullable: true,
    description:
      'Lets a redrive with stepwise run so many recorded operations more. One that has ended, or goes by itself, is an error.',
    args: {
      redriveId: t.arg.id({ required: true, description: 'As its first item names it.' }),
      operations: t.arg.int({
        defaultValue: 1,
        description: `So many, from 1 to ${STEP_MAX}.`,
      }),
    },
    resolve: (_, { redriveId, operations }, { replays }) => {
      const redrive = replays.redriven(String(redriveId));
      redrive.step(within('operations', operations ?? 1, 1, STEP_MAX));
      return true;
    },
  }),
);
