/** Being sent a recorded past again. */
import { DEFAULT_MACHINE_ID, REPLAY_SPEED_MAX, REPLAY_SPEED_MIN } from '../../abi/limits.ts';
import type { ReplayItem, ReplayItemKind } from '../../engine/replay/replay.ts';
import type { FaultQueueId } from '../../engine/replay/replay-answers.ts';
import type { ReplayRecord } from '../../engine/replay/replay-record.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { PageResponseCode } from '../builder/enums.ts';
import { IopfGroupType, MachineType } from '../builder/refs.ts';
import { type MachineView, viewOf } from '../builder/view.ts';
import { EventObject } from '../log/operation.ts';
import { namedCode, ReplaySummaryType } from './replay-comparison.ts';

const ItemKind = builder.enumType('ReplayItemKind', {
  description: 'What an item of a replay is.',
  values: {
    STARTED: { value: 'STARTED', description: 'The first item: its replayId is what you need.' },
    EVENT: { value: 'EVENT', description: 'An event that is none of the three below.' },
    DELIVERED: {
      value: 'DELIVERED',
      description: 'A group was read: it is yours to answer with its cookie, by replayAnswer.',
    },
    ANSWERED: { value: 'ANSWERED', description: 'In the record a program answers the group now.' },
    TAKEN_AWAY: {
      value: 'TAKEN_AWAY',
      description:
        'The kernel answers INVALID for the group: detach, replace or destroy. Its cookie, if it was read, is no longer valid.',
    },
    FINISHED: { value: 'FINISHED', description: 'The last item: how your answers compare.' },
  } as Record<ReplayItemKind, { value: ReplayItemKind; description: string }>,
});

const ReplayRecordType = builder.objectRef<ReplayRecord>('ReplayRecord').implement({
  description: 'What the record has in the range of a replay.',
  fields: t => ({
    from: t.exposeInt('from', { description: 'The events after this seq are sent.' }),
    to: t.exposeInt('to', { description: 'The last event sent.' }),
    events: t.int({ description: 'Events.', resolve: ({ from, to }) => to - from }),
    operations: t.exposeInt('operations', { description: 'Operations that made them.' }),
    durationMs: t.exposeFloat('durationMs', {
      description: 'Milliseconds from the first of these operations to the last.',
    }),
    groups: t.int({ description: 'Groups that were read.', resolve: ({ groups }) => groups.size }),
    answered: t.exposeInt('answered', { description: 'Of them, those a program answered.' }),
    automatic: t.exposeInt('automatic', {
      description: 'Of them, those the kernel answered by itself.',
    }),
  }),
});

interface ItemView extends ReplayItem {
  readonly machine: MachineView;
}

const ReplayItemType = builder.objectRef<ItemView>('ReplayItem').implement({
  description: 'One event of a replay, or its beginning or its end.',
  fields: t => ({
    kind: t.field({ type: ItemKind, description: 'What it is.', resolve: i => i.kind }),
    replayId: t.exposeID('replayId', { description: 'Names the replay for its mutations.' }),
    seq: t.exposeInt('seq', {
      description: 'The last event sent, this one included; before the first, `from`.',
    }),
    offsetMs: t.exposeFloat('offsetMs', {
      description: 'Milliseconds since the first operation of the range, as recorded.',
    }),
    event: t.field({
      type: EventObject,
      nullable: true,
      description: 'The event; null in STARTED and FINISHED.',
      resolve: ({ logged, machine: { machineId } }) => logged && { ...logged, machineId },
    }),
    iopfGroup: t.field({
      type: IopfGroupType,
      nullable: true,
      description:
        'DELIVERED: the group as its reader got it. ANSWERED, TAKEN_AWAY: as it was before.',
      resolve: ({ machine, iopfGroup }) => iopfGroup && { machine, iopfGroup },
    }),
    code: t.field({
      type: PageResponseCode,
      nullable: true,
      description: 'ANSWERED, TAKEN_AWAY: the recorded answer; null if it has no name.',
      resolve: ({ code }) => namedCode(code),
    }),
    machine: t.field({
      type: MachineType,
      description: 'The machine as it was after the event.',
      resolve: ({ machine }) => machine,
    }),
    record: t.field({
      type: ReplayRecordType,
      description: 'What the whole range has.',
      resolve: ({ record }) => record,
    }),
    summary: t.field({
      type: ReplaySummaryType,
      nullable: true,
      description: 'FINISHED: your answers beside the recorded ones.',
      resolve: ({ summary }) => summary,
    }),
  }),
});

builder.subscriptionField('replay', t =>
  t.field({
    type: ReplayItemType,
    description:
      'Sends a recorded past again: its events in order, and each iopf group where it was read, for a handler under development. The mutation replayAnswer compares its answers with the recorded ones; nothing is written to any machine. Ends with a summary, or when the machine is deleted. A client that is slow gets late what it missed. A group read before the range is not delivered: begin before its read.',
    args: {
      machineId: t.arg({
        type: 'MachineId',
        defaultValue: DEFAULT_MACHINE_ID,
        description: 'The machine.',
      }),
      from: t.arg.int({
        defaultValue: 0,
        description: 'The events after this seq are sent; 0 for all.',
      }),
      contextId: t.arg({
        type: 'U32',
        description:
          'With `faultId`: only groups of this queue are delivered and waited for; what happens on others are events.',
      }),
      faultId: t.arg({ type: 'U32', description: 'The fault queue, in `contextId`.' }),
      to: t.arg.int({ description: 'The last event sent. Left out: the newest there is now.' }),
      speed: t.arg.float({
        defaultValue: 1,
        description: `How many times faster than recorded: 1 as it was, 0 without waiting, else from ${REPLAY_SPEED_MIN} to ${REPLAY_SPEED_MAX}.`,
      }),
      maxWaitMs: t.arg.int({
        description: 'The longest wait between two operations in milliseconds, from 0.',
      }),
      stepwise: t.arg.boolean({
        defaultValue: false,
        description: 'Only as far as the mutation replayStep lets it, without waiting.',
      }),
      waitForAnswers: t.arg.boolean({
        defaultValue: false,
        description:
          'Before a recorded answer, wait until the same group is answered by replayAnswer. For a handler that may be slower than the recorded one, and for a speed of 0.',
      }),
    },
    subscribe: (_, args, { replays }) => {
      const speed = args.speed ?? 1;
      if (speed !== 0 && !(speed >= REPLAY_SPEED_MIN && speed <= REPLAY_SPEED_MAX)) {
        throw badInput(
          `"speed" must be 0 (no waiting) or from ${REPLAY_SPEED_MIN} to ${REPLAY_SPEED_MAX}, not ${speed}`,
        );
      }
      const maxWaitMs = args.maxWaitMs ?? null;
      if (maxWaitMs !== null && maxWaitMs < 0) {
        throw badInput(`"maxWaitMs" must be 0 or more milliseconds, not ${maxWaitMs}`);
      }
      const queue = queueOf(args);
      return replays.start({
        ...(queue === null ? {} : { queue }),
        machineId: args.machineId ?? DEFAULT_MACHINE_ID,
        from: args.from ?? 0,
        to: args.to ?? null,
        speed,
        maxWaitMs,
        stepwise: args.stepwise ?? false,
        waitForAnswers: args.waitForAnswers ?? false,
      });
    },
    resolve: (item, args): ItemView => {
      const replayItem = item as ReplayItem;
      const machine = viewOf(args.machineId ?? DEFAULT_MACHINE_ID, replayItem.state);
      return { ...replayItem, machine };
    },
  }),
);

/** null: all queues. Errors: BAD_USER_INPUT, one of the two alone. */
export function queueOf({
  contextId,
  faultId,
}: {
  readonly contextId?: number | null | undefined;
  readonly faultId?: number | null | undefined;
}): FaultQueueId | null {
  const given = typeof contextId === 'number' && typeof faultId === 'number';
  if (given) return { contextId, faultId };
  if ((contextId ?? faultId ?? null) === null) return null;
  throw badInput('give both of "contextId" and "faultId", or neither');
}
