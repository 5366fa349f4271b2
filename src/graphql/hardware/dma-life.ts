/** The life of a DMA, on the machine. */
import { type DmaLife, dmaLife } from '../../engine/find/dma-life.ts';
import { Past } from '../../engine/past/past.ts';
import { builder, type GraphqlContext } from '../builder/builder.ts';
import { OF_EVENTS } from '../builder/expose-errors.ts';
import { checkFirst, FIRST_TEXT, LIST_MAX } from '../builder/lists.ts';
import { MachineType } from '../builder/refs.ts';
import type { MachineView } from '../builder/view.ts';
import { EventObject, type EventView } from '../log/operation.ts';
import { DmaType } from './function.ts';

interface StageView {
  readonly event: EventView;
  readonly waitMs: number;
}

interface LifeView extends DmaLife {
  readonly machineId: string;
  readonly dmaId: number;
}

const StageType = builder.objectRef<StageView>('DmaLifeStage').implement({
  description: 'One event in the life of a DMA.',
  fields: t => ({
    waitMs: t.exposeFloat('waitMs', {
      description: 'Milliseconds since the event before; 0 for the first.',
    }),
    event: t.field({
      type: EventObject,
      description: 'The event; its operation says when and who asked for it.',
      resolve: ({ event }) => event,
    }),
  }),
});

function stagesOf({ machineId, events }: LifeView): StageView[] {
  return events.map((event, index) => ({
    event: { ...event, machineId },
    waitMs: event.operation.atMs - (events[index - 1] ?? event).operation.atMs,
  }));
}

const LifeType = builder.objectRef<LifeView>('DmaLife').implement({
  description:
    'The life of a DMA: issued, its page requests, their iopf groups and answers, the looks after them, its end.',
  fields: t => ({
    dmaId: t.exposeInt('dmaId', { description: 'The DMA.' }),
    ended: t.exposeBoolean('ended', { description: 'It moved its bytes, or failed.' }),
    cut: t.exposeBoolean('cut', {
      description: 'There is more of it, further than one answer looks.',
    }),
    stages: t.field({
      type: [StageType],
      description: 'In order.',
      args: { first: t.arg.int({ defaultValue: LIST_MAX, description: FIRST_TEXT }) },
      resolve: (life, { first }) => stagesOf(life).slice(0, checkFirst(first ?? LIST_MAX)),
    }),
  }),
});

async function lifeOf(
  { engine, history }: GraphqlContext,
  { machineId, seq }: MachineView,
  dmaId: number,
): Promise<LifeView | null> {
  const past = await Past.of(engine, history, machineId);
  const life = await dmaLife(past, dmaId, seq);
  return life && { ...life, machineId, dmaId };
}

builder.objectField(MachineType, 'dmaLife', t =>
  t.field({
    type: LifeType,
    nullable: true,
    description: 'The life of a DMA up to this view; null if there was none of this number.',
    extensions: OF_EVENTS,
    args: {
      dmaId: t.arg({ type: 'U32', required: true, description: 'The DMA, as dma answers it.' }),
    },
    resolve: (machine, { dmaId }, context) => lifeOf(context, machine, dmaId),
  }),
);

builder.objectField(DmaType, 'life', t =>
  t.field({
    type: LifeType,
    nullable: true,
    description: 'What became of it so far, event by event.',
    extensions: OF_EVENTS,
    resolve: ({ machine, dma }, _, context) => lifeOf(context, machine, dma.dmaId),
  }),
);
