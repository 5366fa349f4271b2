/** What a client of a replay does: let it go on, answer its groups. No machine changes. */
import { REPLAY_STEP_MAX } from '../../abi/limits.ts';
import type { Step } from '../../engine/replay/replay-pace.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { PageResponseInput, pageResponses, RESPONSES_TEXT } from '../iommufd/fault/mutations.ts';
import { ReplayComparisonType } from './replay-comparison.ts';

const REPLAY_ID_FIELD = {
  required: true,
  description: 'The replay, as its first item names it.',
} as const;

const ReplayStepInput = builder.inputType('ReplayStepInput', {
  description: 'Arguments of replayStep: either events or operations.',
  fields: t => ({
    replayId: t.id(REPLAY_ID_FIELD),
    events: t.int({ description: `So many events more, from 1 to ${REPLAY_STEP_MAX}.` }),
    operations: t.int({
      description: `Up to the end of so many operations more, from 1 to ${REPLAY_STEP_MAX}; what is left of one that has begun counts as one.`,
    }),
  }),
});

builder.mutationField('replayStep', t =>
  t.int({
    nullable: true,
    description:
      'Lets a replay with stepwise go on; what several calls let through adds up. Gives the seq of the last event that was sent before. A replay that has ended, or goes by itself, is an error.',
    args: {
      input: t.arg({ type: ReplayStepInput, required: true, description: 'Its arguments.' }),
    },
    resolve: (_, { input: { replayId, events, operations } }, { replays }) => {
      const step = stepOf(events ?? null, operations ?? null);
      return replays.replay(replayId).step(step);
    },
  }),
);

function stepOf(events: number | null, operations: number | null): Step {
  if ((events === null) === (operations === null)) {
    throw badInput('"input" must have either "events" or "operations", and not both');
  }
  const [name, count] = events === null ? ['operations', operations!] : ['events', events];
  if (count < 1 || count > REPLAY_STEP_MAX) {
    throw badInput(`"input.${name}" must be from 1 to ${REPLAY_STEP_MAX}, not ${count}`);
  }
  return events === null ? { operations: count } : { events: count };
}

const ReplayAnswerInput = builder.inputType('ReplayAnswerInput', {
  description: 'Arguments of replayAnswer: those of faultWrite, with the replay for the machine.',
  fields: t => ({
    replayId: t.id(REPLAY_ID_FIELD),
    contextId: t.field({ type: 'U32', required: true, description: 'The context.' }),
    faultId: t.field({ type: 'U32', required: true, description: 'The fault queue.' }),
    responses: t.field({
      type: [PageResponseInput],
      required: true,
      description: RESPONSES_TEXT,
    }),
  }),
});

builder.mutationField('replayAnswer', t =>
  t.field({
    type: [ReplayComparisonType],
    nullable: true,
    description:
      'Answers groups of a replay and compares each answer with the record, in order, up to the first that faultWrite would refuse, for its code or else for its cookie. Nothing is written to any machine. A replay that has ended is an error.',
    args: {
      input: t.arg({ type: ReplayAnswerInput, required: true, description: 'Its arguments.' }),
    },
    resolve: (_, { input: { replayId, contextId, faultId, responses } }, { replays }) => {
      const answers = pageResponses(responses);
      return replays.replay(replayId).answer({ contextId, faultId }, answers);
    },
  }),
);
