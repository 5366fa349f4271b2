/** Behaviour by kernel version, as a query. */
import { BASELINE_TEXT, BASELINES, type BaselineName } from '../../abi/baselines.ts';
import type { Behaviour } from '../../abi/behaviour.ts';
import { BEHAVIOUR_TEXT, behaviourText } from '../../abi/behaviour-text.ts';
import { builder } from '../builder/builder.ts';
import { Baseline } from '../builder/enums.ts';

type Row = keyof Behaviour;

interface Cell {
  readonly baseline: BaselineName;
  readonly row: Row;
}

const BehaviourValueType = builder.objectRef<Cell>('BehaviourValue').implement({
  description: 'How one kernel version behaves in one respect.',
  fields: t => ({
    baseline: t.field({
      type: Baseline,
      description: 'The kernel version.',
      resolve: ({ baseline }) => baseline,
    }),
    value: t.string({
      description: 'What it does.',
      resolve: ({ baseline, row }) => behaviourText(baseline, row),
    }),
  }),
});

const BehaviourRowType = builder.objectRef<Row>('BehaviourRow').implement({
  description: 'One respect in which kernel versions differ.',
  fields: t => ({
    title: t.string({
      description: 'What the row is about.',
      resolve: row => BEHAVIOUR_TEXT[row].title,
    }),
    source: t.string({
      description: 'The kernel function it comes from.',
      resolve: row => BEHAVIOUR_TEXT[row].source,
    }),
    values: t.field({
      type: [BehaviourValueType],
      description: 'By kernel version, the oldest first.',
      resolve: row => BASELINES.map(baseline => ({ baseline, row })),
    }),
  }),
});

const BaselineInfoType = builder.objectRef<BaselineName>('BaselineInfo').implement({
  description: 'A kernel version that can be emulated.',
  fields: t => ({
    baseline: t.field({ type: Baseline, description: 'Its name.', resolve: name => name }),
    text: t.string({ description: 'What it is.', resolve: name => BASELINE_TEXT[name] }),
  }),
});

builder.queryField('baselines', t =>
  t.field({
    type: [BaselineInfoType],
    description: 'The kernel versions that can be emulated, the oldest first.',
    resolve: () => [...BASELINES],
  }),
);

builder.queryField('behaviours', t =>
  t.field({
    type: [BehaviourRowType],
    description: 'Where the kernel versions differ: the table of docs/KERNEL.md.',
    resolve: () => Object.keys(BEHAVIOUR_TEXT) as Row[],
  }),
);
