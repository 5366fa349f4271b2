/** Forks: machines that share the past of another one and go their own way. */
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import { boundary } from '../../engine/past/places.ts';
import type { Fork } from '../../log/log.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { READS_LOG } from '../builder/expose-errors.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../builder/lists.ts';
import { MachineType } from '../builder/refs.ts';
import { findMachine, type MachineView, machineView } from '../builder/view.ts';
import { MachineMomentInput, momentOf, momentPlace, momentView } from './moment.ts';

const ForkType = builder.objectRef<Fork>('Fork').implement({
  description: 'Where a machine left the past it shares.',
  fields: t => ({
    parent: t.field({
      type: MachineType,
      description:
        'The machine whose log holds the last operation shared, as it was then. Not always the one that was named: a fork in what a fork shares hangs on the machine it is shared with.',
      extensions: READS_LOG,
      resolve: ({ parentId, seq }, _, context) => momentView(context, parentId, { seq }),
    }),
    seq: t.exposeInt('seq', { description: 'The last event shared.' }),
    operation: t.int({
      description: 'The last operation shared.',
      resolve: ({ number }) => number,
    }),
    at: t.field({
      type: 'DateTime',
      description: 'When it was forked.',
      resolve: ({ atMs }) => new Date(atMs),
    }),
  }),
});

builder.objectFields(MachineType, t => ({
  forkedFrom: t.field({
    type: ForkType,
    nullable: true,
    description: 'Where it left another machine’s past; null if it has one of its own.',
    extensions: READS_LOG,
    resolve: ({ machineId }, _, { engine }) => engine.log.forkOf(machineId),
  }),
  forks: t.field({
    type: [MachineType],
    description: 'Machines that share its past directly, by name. It stays until they are deleted.',
    extensions: READS_LOG,
    args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
    resolve: async ({ machineId }, { first }, context) => {
      const names = await context.engine.log.forksOf(machineId, checkFirst(first));
      const views = await Promise.all(names.map(name => findMachine(context, name)));
      return views.filter(view => view !== null);
    },
  }),
}));

const MachineForkInput = builder.inputType('MachineForkInput', {
  description: 'What to fork, and how the new machine is called.',
  fields: t => ({
    from: t.field({
      type: MachineMomentInput,
      required: true,
      description:
        'The moment to go on from: the end of an operation. Without `at`, `atOperation` and `atBookmark`, the newest.',
    }),
    newMachineId: t.field({
      type: 'MachineId',
      description: 'The new machine, as whatIf and redrive name theirs. It must be given.',
    }),
    machineId: t.field({
      type: 'MachineId',
      description: 'The new machine.',
      deprecationReason: 'newMachineId says it: elsewhere machineId is the machine that is there.',
    }),
  }),
});

const MachineForkPayload = builder
  .objectRef<{ machine: MachineView }>('MachineForkPayload')
  .implement({
    description: 'What machineFork answers.',
    fields: t => ({
      machine: t.field({
        type: MachineType,
        description: 'The new machine.',
        resolve: ({ machine }) => machine,
      }),
    }),
  });

/** Errors: BAD_USER_INPUT, none or two. */
function newName({
  newMachineId,
  machineId,
}: {
  readonly newMachineId?: string | null | undefined;
  readonly machineId?: string | null | undefined;
}): string {
  const name = newMachineId ?? machineId;
  if (typeof name !== 'string') throw badInput('"input.newMachineId" must be given');
  if (newMachineId && machineId) {
    throw badInput('"input.newMachineId" and "input.machineId": give newMachineId alone');
  }
  return name;
}

builder.mutationField('machineFork', t =>
  t.field({
    type: MachineForkPayload,
    nullable: true,
    description:
      'Makes a machine that shares another one’s past up to a moment, without copying it, and goes its own way. By a seq, it has all operations that ended by then, also refused ones; by an operation, none after that.',
    args: {
      input: t.arg({ type: MachineForkInput, required: true, description: 'What to fork.' }),
    },
    resolve: async (_, { input }, context) => {
      const { from } = input;
      const machineId = newName(input);
      const { engine } = context;
      const parentId = from.machineId ?? DEFAULT_MACHINE_ID;
      const place = await momentPlace(context, parentId, momentOf(from), 'input.from');
      if (place.seq === 0) {
        throw badInput(
          '"input.from.at" must be at least the end of operation 1, which made the machine; machineCreate makes one without a past',
        );
      }
      const { number } = await boundary(engine, parentId, place);
      await engine.fork(machineId, parentId, number);
      return { machine: await machineView(context, machineId) };
    },
  }),
);
