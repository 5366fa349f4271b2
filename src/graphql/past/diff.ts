/** Comparing two moments, of one machine or of two. */
import { diffSteps } from '../../core/explain/diff.ts';
import { type Change, shownDifference } from '../../core/explain/shown-value.ts';
import { inTurns } from '../../engine/turn/turn.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../builder/lists.ts';
import { MachineType } from '../builder/refs.ts';
import type { MachineView } from '../builder/view.ts';
import { ChangeType } from '../log/change.ts';
import { MachineMomentInput, momentState } from './moment.ts';

interface DiffView {
  readonly from: MachineView;
  readonly to: MachineView;
  readonly changeCount: number;
  readonly changes: readonly Change[];
  /** Changes up to the end of the page; null if that is all of them, or the page has none. */
  readonly next: number | null;
}

const DiffType = builder.objectRef<DiffView>('Diff').implement({
  description: 'What is different between two moments.',
  fields: t => ({
    from: t.field({
      type: MachineType,
      description: 'The machine at the first moment.',
      resolve: ({ from }) => from,
    }),
    to: t.field({
      type: MachineType,
      description: 'The machine at the second moment.',
      resolve: ({ to }) => to,
    }),
    changeCount: t.exposeInt('changeCount', {
      description:
        'All changes. 0: the states are the same but for their seq and, of two machines, for places in their logs.',
    }),
    changes: t.field({
      type: [ChangeType],
      description:
        'From the outside in: the machine, its hardware, its contexts with their objects, then page faults and hazards; by ascending ids.',
      resolve: ({ changes }) => [...changes],
    }),
    next: t.exposeInt('next', {
      nullable: true,
      description:
        'Give it as `after` for the next page; null if this is the last, or has no room.',
    }),
  }),
});

builder.queryField('diff', t =>
  t.field({
    type: DiffType,
    description:
      'What is different between two moments, of one machine or of two. Between two, places in their logs are not compared: two numbers in fields that end in Seq, and `planted`; hazards are compared in their order.',
    args: {
      from: t.arg({ type: MachineMomentInput, required: true, description: 'The first moment.' }),
      to: t.arg({ type: MachineMomentInput, required: true, description: 'The second moment.' }),
      first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }),
      after: t.arg.int({ defaultValue: 0, description: 'So many changes are left out, from 0.' }),
    },
    resolve: async (_, args, context): Promise<DiffView> => {
      const first = checkFirst(args.first);
      const after = args.after ?? 0;
      if (after < 0) throw badInput(`"after" must be 0 or more, not ${after}`);
      const from = await momentState(context, args.from, 'from');
      const to = await momentState(context, args.to, 'to');
      const differences = await inTurns(
        diffSteps(from.state, to.state, from.machineId === to.machineId),
      );
      const end = after + first;
      const isLast = first === 0 || end >= differences.length;
      return {
        from,
        to,
        changeCount: differences.length,
        changes: differences.slice(after, end).map(shownDifference),
        next: isLast ? null : end,
      };
    },
  }),
);
