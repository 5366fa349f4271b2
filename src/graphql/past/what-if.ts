/** What if: recorded operations run again under other circumstances, and both runs side by side. */

import { DEFAULT_MACHINE_ID, RERUN_EDITS_MAX, RERUN_OPERATIONS_MAX } from '../../abi/limits.ts';
import type { Policies } from '../../abi/policies.ts';
import type { Command } from '../../core/machine/command.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { boundary } from '../../engine/past/places.ts';
import {
  type ComparedStep,
  compareSteps,
  type Edit,
  type KeptRerun,
  keptRerun,
  type OutcomeAspect,
  rerun,
} from '../../engine/replay/rerun.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import {
  AutoResponsePolicy,
  Baseline,
  InFlightPolicy,
  VirtualFunctionPolicy,
} from '../builder/enums.ts';
import { READS_LOG } from '../builder/expose-errors.ts';
import { forwardLimit, forwardPage } from '../builder/forward-page.ts';
import { cursorNumber } from '../builder/lists.ts';
import { MachineType } from '../builder/refs.ts';
import { type MachineView, machineView } from '../builder/view.ts';
import { OperationType } from '../log/operation.ts';
import { MUTATIONS } from '../mutations.ts';
import { MOMENT_FIELDS, momentOf, momentPlace } from './moment.ts';

interface StepView extends ComparedStep {
  readonly rerunOf: KeptRerun;
}

const OutcomeAspectEnum = builder.enumType('OutcomeAspect', {
  description: 'A part of what an operation came to.',
  values: {
    ERRNO: { description: 'Whether and why the kernel refused it.' },
    REPLY: { description: 'What was written back to the caller.' },
    EVENTS: {
      description:
        'The state changes it made, in their order. The numbers of attach handles, iopf groups and held requests are Faultline’s own and are not compared.',
    },
  } as const,
});

const ALL_ASPECTS: readonly OutcomeAspect[] = ['ERRNO', 'REPLY', 'EVENTS'];

/** Errors: BAD_USER_INPUT if there are none: nothing can differ in nothing. */
function aspectsOf(name: string, aspects: readonly OutcomeAspect[]): ReadonlySet<OutcomeAspect> {
  if (aspects.length === 0) throw badInput(`"${name}" must name at least one aspect`);
  return new Set(aspects);
}

const StepKindEnum = builder.enumType('RerunStepKind', {
  description: 'Why two operations stand beside each other, or one alone.',
  values: {
    AS_RECORDED: { description: 'The recorded operation ran again as it was.' },
    REPLACED: { description: 'An edit put another operation in its place.' },
    INSERTED: { description: 'An edit inserted it: there is no recorded one.' },
    LEFT_OUT: { description: 'An edit left the recorded one out: none ran again.' },
    KERNEL_REPLACED: {
      description: 'Sets the kernel and policies asked for, in the middle of a past.',
    },
  } as const,
});

const operationView = (machineId: string, operation: Operation | null) =>
  operation && { machineId, operation };

const RerunStepType = builder.objectRef<StepView>('RerunStep').implement({
  description: 'An operation as it was recorded beside the same one run again.',
  fields: t => ({
    kind: t.field({
      type: StepKindEnum,
      description: 'Why they stand beside each other.',
      resolve: ({ kind }) => kind,
    }),
    recorded: t.field({
      type: OperationType,
      nullable: true,
      description: 'As recorded; null: INSERTED, KERNEL_REPLACED.',
      resolve: ({ rerunOf, recorded }) => operationView(rerunOf.recordedId, recorded),
    }),
    rerun: t.field({
      type: OperationType,
      nullable: true,
      description: 'As it ran again; null: LEFT_OUT.',
      resolve: step => operationView(step.rerunOf.machineId, step.rerun),
    }),
    differs: t.field({
      type: [OutcomeAspectEnum],
      description: 'What differs between the two; empty if one of them is null, as asked for.',
      resolve: ({ differs }) => [...differs],
    }),
  }),
});

const RerunType = builder.objectRef<KeptRerun>('Rerun');

RerunType.implement({
  description: 'Recorded operations that ran again on a machine of their own.',
  fields: t => ({
    recorded: t.field({
      type: MachineType,
      description: 'The machine whose operations they are. It stays until this one is deleted.',
      extensions: READS_LOG,
      resolve: ({ recordedId }, _, context) => machineView(context, recordedId),
    }),
    machine: t.field({
      type: MachineType,
      description: 'The machine they ran again on.',
      extensions: READS_LOG,
      resolve: ({ machineId }, _, context) => machineView(context, machineId),
    }),
    fromOperation: t.int({
      description: 'Operations up to this one are shared; 0 if none is.',
      resolve: ({ plan }) => plan.from,
    }),
    toOperation: t.int({
      description: 'The last recorded operation that ran again.',
      resolve: ({ plan }) => plan.to,
    }),
    firstDifference: t.field({
      type: RerunStepType,
      nullable: true,
      description: 'The first step that differs in one of these aspects; null if none does.',
      extensions: READS_LOG,
      args: {
        aspects: t.arg({ type: [OutcomeAspectEnum], description: 'Left out: any.' }),
      },
      resolve: async (rerunOf, { aspects }, { engine }) => {
        const wanted = aspectsOf('aspects', aspects ?? ALL_ASPECTS);
        const [step] = await compareSteps(engine, rerunOf, { index: 0, limit: 1, aspects: wanted });
        return step === undefined ? null : { ...step, rerunOf };
      },
    }),
    steps: t.connection(
      {
        type: RerunStepType,
        description:
          'Both runs side by side, in the order of the new one; forward only. What the machine did later is not among them.',
        extensions: READS_LOG,
        args: {
          differing: t.arg({
            type: [OutcomeAspectEnum],
            description: 'Only steps that differ in one of these. Left out: all steps.',
          }),
        },
        resolve: async (rerunOf, args, { engine }) => {
          const limit = forwardLimit('steps', args);
          const found = await compareSteps(engine, rerunOf, {
            index: (cursorNumber('after', args.after) ?? -1) + 1,
            limit,
            aspects: args.differing ? aspectsOf('differing', args.differing) : null,
          });
          return forwardPage(
            args,
            limit,
            found,
            ({ index }) => String(index),
            step => ({ ...step, rerunOf }),
          );
        },
      },
      { description: 'A page of steps.' },
      { description: 'One step of a page.' },
    ),
  }),
});

builder.objectField(MachineType, 'rerun', t =>
  t.field({
    type: RerunType,
    nullable: true,
    description: 'What whatIf ran on it; null if it was made in another way.',
    extensions: READS_LOG,
    resolve: ({ machineId }, _, { engine }) => keptRerun(engine, machineId),
  }),
);

type OperationChoice = Readonly<Record<string, unknown>>;

const OperationInput = builder.inputRef<OperationChoice>('OperationInput');
OperationInput.implement({
  description:
    'One kernel operation, as the mutation of that name takes it. The machineId in it means nothing here: the operation runs on the new machine.',
  isOneOf: true,
  fields: t =>
    Object.fromEntries(
      Object.values(MUTATIONS).map(({ name, input }) => [
        name,
        t.field({ type: input, description: `As the mutation ${name} takes it.` }),
      ]),
    ) as never,
});

/** The command of the one field that is given. */
function commandOf(choice: OperationChoice): Command {
  const [name, input] = Object.entries(choice)[0]!;
  return Object.values(MUTATIONS)
    .find(field => field.name === name)!
    .toCommand(input);
}

const EditInput = builder.inputType('RerunEditInput', {
  description:
    'A change to the operations that run again. Give one of `leaveOut`, `instead`, or neither, and `before` as you like.',
  fields: t => ({
    operation: t.int({
      required: true,
      description: 'The number of the recorded operation it is about.',
    }),
    leaveOut: t.boolean({ defaultValue: false, description: 'It does not run.' }),
    instead: t.field({ type: OperationInput, description: 'Runs in its place.' }),
    before: t.field({ type: [OperationInput], description: 'Run before it, in order.' }),
  }),
});

/** Errors: BAD_USER_INPUT. */
function editsOf(inputs: readonly (typeof EditInput.$inferInput)[]): Edit[] {
  const count = inputs.reduce((sum, { before }) => sum + 1 + (before?.length ?? 0), 0);
  if (count > RERUN_EDITS_MAX) {
    throw badInput(`"input.edits" may hold at most ${RERUN_EDITS_MAX} operations, not ${count}`);
  }
  const named = new Set<number>();
  return inputs.map(({ operation, leaveOut, instead, before }, i) => {
    const path = `"input.edits[${i}]`;
    if (named.has(operation)) {
      throw badInput(`${path}.operation" is ${operation} a second time: put both into one edit`);
    }
    named.add(operation);
    if (leaveOut && instead) throw badInput(`${path}" has both "leaveOut" and "instead"`);
    if (!leaveOut && !instead && !before?.length) {
      throw badInput(`${path}" changes nothing: give "leaveOut", "instead" or "before"`);
    }
    return {
      operation,
      before: (before ?? []).map(choice => commandOf(choice)),
      instead: leaveOut ? ('LEFT_OUT' as const) : instead ? commandOf(instead) : null,
    };
  });
}

const RerunPoliciesInput = builder.inputType('RerunPoliciesInput', {
  description: 'Choices the review of the kernel patch discusses. What is left out is as recorded.',
  fields: t => ({
    autoResponse: t.field({
      type: AutoResponsePolicy,
      description: 'What a replace away from a fault-capable hwpt answers.',
    }),
    inFlightRequests: t.field({
      type: InFlightPolicy,
      description: 'What the IOMMU driver does with page requests in flight.',
    }),
    virtualFunctions: t.field({
      type: VirtualFunctionPolicy,
      description: 'What becomes of virtual functions.',
    }),
  }),
});

function givenPolicies(
  input: typeof RerunPoliciesInput.$inferInput | null | undefined,
): Partial<Policies> {
  const { autoResponse, inFlightRequests, virtualFunctions } = input ?? {};
  return {
    ...(autoResponse ? { autoResponse } : {}),
    ...(inFlightRequests ? { inFlightRequests } : {}),
    ...(virtualFunctions ? { virtualFunctions } : {}),
  };
}

const WhatIfInput = builder.inputType('WhatIfInput', {
  description: 'Which operations run again, on what machine, and what is different.',
  fields: t => ({
    machineId: t.field({
      type: 'MachineId',
      defaultValue: DEFAULT_MACHINE_ID,
      description: 'The machine whose recorded operations run again.',
    }),
    at: t.field({
      ...MOMENT_FIELDS.at,
      description:
        'The seq up to which the past is shared: the end of an operation. Left out, with the other two, or 0: nothing is shared, and the machine is made again, too.',
    }),
    atOperation: t.field({
      ...MOMENT_FIELDS.atOperation,
      description: 'Instead of `at`: the last operation that is shared.',
    }),
    atBookmark: t.field(MOMENT_FIELDS.atBookmark),
    atTime: t.field(MOMENT_FIELDS.atTime),
    toOperation: t.int({
      description: `The last operation that runs again. Left out: the newest. At most ${RERUN_OPERATIONS_MAX} run.`,
    }),
    newMachineId: t.field({ type: 'MachineId', required: true, description: 'The new machine.' }),
    baseline: t.field({
      type: Baseline,
      description: 'The kernel they run under. Left out: the recorded one.',
    }),
    policies: t.field({
      type: RerunPoliciesInput,
      description: 'The policies they run under. Left out: the recorded ones.',
    }),
    edits: t.field({
      type: [EditInput],
      description: `Operations to leave out, replace or insert, at most ${RERUN_EDITS_MAX}.`,
    }),
  }),
});

const WhatIfPayload = builder
  .objectRef<{ machine: MachineView; rerunOf: KeptRerun }>('WhatIfPayload')
  .implement({
    description: 'What whatIf answers.',
    fields: t => ({
      machine: t.field({
        type: MachineType,
        description: 'The new machine, after the operations ran again.',
        resolve: ({ machine }) => machine,
      }),
      rerun: t.field({
        type: RerunType,
        description:
          'Both runs side by side. The field `rerun` of the machine gives it later, too.',
        resolve: ({ rerunOf }) => rerunOf,
      }),
    }),
  });

builder.mutationField('whatIf', t =>
  t.field({
    type: WhatIfPayload,
    nullable: true,
    description:
      'Runs a machine’s recorded operations again on a new machine: under another kernel or other policies, or with operations left out, replaced or inserted. The new machine is there when all of them have run; if one cannot, none of it is. The ids in them stay as they were recorded. With a shared past, the kernel changes at that moment with the state as it is, which no real one does; without, the whole run is the other kernel’s.',
    args: {
      input: t.arg({ type: WhatIfInput, required: true, description: 'What is different.' }),
    },
    resolve: async (_, { input }, context) => {
      const { engine } = context;
      const recordedId = input.machineId ?? DEFAULT_MACHINE_ID;
      const machineId = input.newMachineId;
      const edits = editsOf(input.edits ?? []);
      const moment = momentOf(input) ?? { seq: 0 };
      const place = await momentPlace(context, recordedId, moment, 'input');
      const from = place.seq === 0 ? 0 : (await boundary(engine, recordedId, place)).number;
      const newest = (await engine.settled(recordedId)).committed;
      const to = input.toOperation ?? newest;
      const least = Math.max(from, 1);
      if (to < least || to > newest) {
        throw badInput(`"input.toOperation" must be from ${least} to ${newest}, not ${to}`);
      }
      const rerunOf = await rerun(engine, {
        machineId,
        recordedId,
        from,
        to,
        baseline: input.baseline ?? null,
        policies: givenPolicies(input.policies),
        edits,
      });
      const machine = await machineView(context, machineId);
      return { machine, rerunOf };
    },
  }),
);
