/** A range of a machine's events as patches, for who steps through it by itself. */
import { EVENTS } from '../../core/machine/event.ts';
import { STEPS_MAX, type Step, stepsOf } from '../../engine/find/steps.ts';
import { Past } from '../../engine/past/past.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { OF_EVENTS } from '../builder/expose-errors.ts';
import { MachineType } from '../builder/refs.ts';
import { pastState } from '../builder/view.ts';
import { ChangeType } from '../log/change.ts';
import { EventTypeEnum, LayerEnum } from '../log/operation.ts';
import { checkRange } from '../log/seq-range.ts';

const StepType = builder.objectRef<Step>('Step').implement({
  description: 'One event as a patch of the machine.',
  fields: t => ({
    seq: t.exposeInt('seq', { description: 'The event.' }),
    type: t.field({
      type: EventTypeEnum,
      description: 'What changed.',
      resolve: ({ event }) => event.type,
    }),
    layer: t.field({
      type: LayerEnum,
      description: 'Where it happened.',
      resolve: ({ event }) => EVENTS[event.type].layer,
    }),
    summary: t.exposeString('summary', { description: 'The event in one sentence.' }),
    changes: t.field({
      type: [ChangeType],
      description:
        'What is different between the moment before it and the moment after it, as `diff` has it. Each has the value before and after, so a patch can be taken back.',
      resolve: ({ changes }) => [...changes],
    }),
  }),
});

builder.objectField(MachineType, 'steps', t =>
  t.field({
    type: [StepType],
    description: `A range of events with what each changed: \`diff\` of each with the moment before, in one answer. At most ${STEPS_MAX} events.`,
    extensions: OF_EVENTS,
    args: {
      from: t.arg.int({
        required: true,
        description: 'Events after this seq, from 0: the state they begin with.',
      }),
      to: t.arg.int({ description: 'Up to this seq. Left out: that of this view.' }),
    },
    resolve: async (machine, args, context): Promise<Step[]> => {
      const { from, to } = checkRange(machine, args.from, args.to ?? machine.seq);
      if (to - from > STEPS_MAX) {
        throw badInput(`"from" must be at most ${STEPS_MAX} before "to", ${to}, not ${from}`);
      }
      const { engine, history } = context;
      // Counts it, as every state of the past.
      await pastState(context, machine.machineId, from);
      return stepsOf(await Past.of(engine, history, machine.machineId), from, to);
    },
  }),
);
