/** The life of an iopf group, on the machine. */
import type { EventType } from '../../core/machine/event.ts';
import { type IopfLife, iopfLife } from '../../engine/find/iopf-life.ts';
import { Past } from '../../engine/past/past.ts';
import { builder } from '../builder/builder.ts';
import { OF_EVENTS } from '../builder/expose-errors.ts';
import { checkFirst, FIRST_TEXT, LIST_MAX } from '../builder/lists.ts';
import { MachineType } from '../builder/refs.ts';
import { EventObject, type EventView } from '../log/operation.ts';

/** Each stage with the event that is it. */
const STAGES = {
  PAGE_REQUESTED: ['PageRequestReported', 'A page request of the group reached the kernel.'],
  IN_FLIGHT: ['PageRequestInFlight', 'It found its handler and was held before the queue.'],
  LANDED: ['PageRequestLanded', 'It went on.'],
  COLLECTED: ['PageRequestCollected', 'It waits for the last page of its group.'],
  QUEUED: ['IopfGroupQueued', 'The group is whole and waits in its fault queue.'],
  READ: ['IopfGroupRead', 'Somebody read it; it has its cookie.'],
  ANSWERED: ['PageResponseWritten', 'User space answered the cookie.'],
  AUTO_ANSWERED: ['IopfGroupAutoResponded', 'The kernel took it away and answers INVALID.'],
  FLUSHED: ['IopfGroupFlushed', 'Its device left the iopf queue and is answered INVALID.'],
  LOST: ['IopfGroupLost', 'The kernel forgot it.'],
  RESPONDED: ['PageResponseSent', 'The response left for the device.'],
  RECEIVED: ['PrgResponseReceived', 'The modelled device has it, and looks again or gives up.'],
  UNEXPECTED: ['PrgResponseUnexpected', 'The modelled device had no such group, and ignores it.'],
  HAZARD: ['HazardRecorded', 'The kernel misbehaved with it.'],
} as const satisfies Record<string, readonly [EventType, string]>;

type Stage = keyof typeof STAGES;

const STAGE_OF = new Map<EventType, Stage>(
  Object.entries(STAGES).map(([stage, [type]]) => [type, stage as Stage]),
);

const StageEnum = builder.enumType('IopfStage', {
  description: 'Where an iopf group is on its way from the page request to the response.',
  values: Object.fromEntries(
    Object.entries(STAGES).map(([stage, [type, text]]) => [
      stage,
      { value: stage as Stage, description: `${text} Event: ${type}.` },
    ]),
  ) as Record<Stage, { value: Stage; description: string }>,
});

interface StageView {
  readonly stage: Stage;
  readonly event: EventView;
  readonly waitMs: number;
}

const StageType = builder.objectRef<StageView>('IopfLifeStage').implement({
  description: 'One stage in the life of an iopf group.',
  fields: t => ({
    stage: t.field({ type: StageEnum, description: 'Which.', resolve: ({ stage }) => stage }),
    waitMs: t.exposeFloat('waitMs', {
      description: 'Milliseconds since the stage before; 0 for the first.',
    }),
    event: t.field({
      type: EventObject,
      description: 'The event; its operation says when and who asked for it.',
      resolve: ({ event }) => event,
    }),
  }),
});

interface LifeView extends IopfLife {
  readonly machineId: string;
  readonly iopfGroupId: number;
}

function stagesOf({ machineId, events }: LifeView): StageView[] {
  return events.map((event, index) => ({
    stage: STAGE_OF.get(event.event.type)!,
    event: { ...event, machineId },
    waitMs: event.operation.atMs - (events[index - 1] ?? event).operation.atMs,
  }));
}

export const LifeType = builder.objectRef<LifeView>('IopfGroupLife').implement({
  description:
    'The life of an iopf group as the log has it. Which live handler a group went to again is not in the log. Of a group of very many requests that were held in flight, some begin with LANDED.',
  fields: t => ({
    iopfGroupId: t.exposeInt('iopfGroupId', { description: 'The group.' }),
    ended: t.exposeBoolean('ended', {
      description: 'It left its fault queue: answered, taken away or lost.',
    }),
    stages: t.field({
      type: [StageType],
      description: 'In order.',
      args: { first: t.arg.int({ defaultValue: LIST_MAX, description: FIRST_TEXT }) },
      resolve: (life, { first }) => stagesOf(life).slice(0, checkFirst(first ?? LIST_MAX)),
    }),
  }),
});

builder.objectField(MachineType, 'iopfGroupLife', t =>
  t.field({
    type: LifeType,
    nullable: true,
    description:
      'The life of an iopf group up to this view, however long it is over; null if there was none of this id.',
    extensions: OF_EVENTS,
    args: { iopfGroupId: t.arg({ type: 'U32', required: true, description: 'The group.' }) },
    resolve: async ({ machineId, seq }, { iopfGroupId }, { engine, history }) => {
      const past = await Past.of(engine, history, machineId);
      const life = await iopfLife(past, iopfGroupId, seq);
      return life && { ...life, machineId, iopfGroupId };
    },
  }),
);
