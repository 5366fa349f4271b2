/** Finding the first moment at which a condition on the state holds. */
import type { MachineState } from '../../core/machine/state.ts';
import { bisect, type Holds, SCAN_EVENTS_MAX, scan } from '../../engine/find/bisect.ts';
import { SeqOutOfRangeError } from '../../engine/machine/errors.ts';
import { Past } from '../../engine/past/past.ts';
import { builder } from '../builder/builder.ts';
import { described } from '../builder/enums.ts';
import { OF_EVENTS } from '../builder/expose-errors.ts';
import { LIST_MAX } from '../builder/lists.ts';
import { MachineType } from '../builder/refs.ts';
import { type MachineView, viewOf } from '../builder/view.ts';
import { EventObject, type EventView } from '../log/operation.ts';
import { placedEventView } from '../log/placed-event.ts';
import { type Comparison, stateCondition } from './state-condition.ts';

const COMPARISON_TEXT: Readonly<Record<Comparison, string>> = {
  EQ: 'Equal to the value.',
  NE: 'There, and not equal to the value.',
  LT: 'Less than the value.',
  LE: 'Less than the value or equal to it.',
  GT: 'Greater than the value.',
  GE: 'Greater than the value or equal to it.',
  CONTAINS: 'A text that contains the value.',
  IS_NULL: 'Null, or something on the way to it is.',
  NOT_NULL: 'There.',
};

const ComparisonEnum = builder.enumType('StateComparison', {
  description: 'How what is selected compares with the value. Null fits IS_NULL alone.',
  values: described(COMPARISON_TEXT),
});

const QuantifierEnum = builder.enumType('Quantifier', {
  description: 'How many of the selected values have to fit.',
  values: {
    ANY: { description: 'At least one.' },
    ALL: { description: 'Each; also if there are none.' },
  } as const,
});

const StateConditionInput = builder.inputType('StateConditionInput', {
  description: `A condition on a machine’s state: a value that a selection leads to, compared. In the selection, "first" is ${LIST_MAX} where it is left out; a list that reaches its "first" may be cut, which is an error (BAD_USER_INPUT): narrow it, or use a count field such as objectCount.`,
  fields: t => ({
    select: t.string({
      required: true,
      description:
        'A selection on Machine that leads to one field of the state: "{ context(contextId: 1) { object(id: 3) { users } } }". Lists on the way give many values.',
    }),
    comparison: t.field({ type: ComparisonEnum, required: true, description: 'How to compare.' }),
    value: t.field({
      type: 'JSON',
      description:
        'What to compare with, of the type the field has; an enum’s value and a 64-bit value as a string.',
    }),
    count: t.boolean({
      defaultValue: false,
      description: 'Compare how many values are selected that are not null, and not the values.',
    }),
    quantifier: t.field({
      type: QuantifierEnum,
      defaultValue: 'ANY',
      description: 'How many of several values have to fit.',
    }),
  }),
});

const MethodEnum = builder.enumType('FindMethod', {
  description: 'How to look for the first state.',
  values: {
    AUTO: {
      description: `As BISECT if the condition holds at the end; else as SCAN, if that is at most ${SCAN_EVENTS_MAX} states.`,
    },
    BISECT: {
      description:
        'By halves, in a few steps at any length. Exact if the condition, once it holds, goes on to hold; if it turns more than once, this is one of the seqs at which it comes to hold. Nothing if it does not hold at the end.',
    },
    SCAN: {
      description: `State by state: the first, whatever comes after it. One answer looks at ${SCAN_EVENTS_MAX} states; an error says where to go on.`,
    },
  } as const,
});

const VERDICT_TEXT = {
  FOUND: 'It holds at `seq`.',
  NEVER_HELD: 'It held at no seq that was asked for: each was looked at.',
  NOT_LOOKED_FOR: `It holds neither at \`from\` nor at the end. Whether it held between them BISECT has not looked for, nor AUTO between more than ${SCAN_EVENTS_MAX} states: SCAN does, part by part.`,
} as const;

type Verdict = keyof typeof VERDICT_TEXT;

const VerdictEnum = builder.enumType('StateMatchVerdict', {
  description: 'What came of looking for a state.',
  values: Object.fromEntries(
    Object.entries(VERDICT_TEXT).map(([name, description]) => [
      name,
      { value: name as Verdict, description },
    ]),
  ) as Record<Verdict, { value: Verdict; description: string }>,
});

interface StateMatchView {
  readonly verdict: Verdict;
  readonly machine: MachineView | null;
  readonly event: EventView | null;
}

const StateMatchType = builder.objectRef<StateMatchView>('StateMatch').implement({
  description: 'The first state that a condition fits, or what is known of there being none.',
  fields: t => ({
    verdict: t.field({
      type: VerdictEnum,
      description: 'Whether it was found, and if not, whether that means that there is none.',
      resolve: ({ verdict }) => verdict,
    }),
    seq: t.int({
      nullable: true,
      description: 'The seq after which it holds; null if none was found.',
      resolve: ({ machine }) => machine?.seq ?? null,
    }),
    event: t.field({
      type: EventObject,
      nullable: true,
      description: 'The event with this seq; null at 0, or if none was found.',
      resolve: ({ event }) => event,
    }),
    machine: t.field({
      type: MachineType,
      nullable: true,
      description: 'The machine at that moment; null if none was found.',
      resolve: ({ machine }) => machine,
    }),
  }),
});

builder.objectField(MachineType, 'firstSeqWhere', t =>
  t.field({
    type: StateMatchType,
    // Null for this field alone where it is an error.
    nullable: true,
    description:
      'The first seq up to this view at which a condition on the state holds, and the event that made it so. If it holds at `from` already, that is the answer. `verdict` says whether there is none, or it was not looked for.',
    extensions: OF_EVENTS,
    args: {
      condition: t.arg({
        type: StateConditionInput,
        required: true,
        description: 'What has to hold.',
      }),
      from: t.arg.int({ defaultValue: 0, description: 'The seq to begin at, from 0.' }),
      method: t.arg({
        type: MethodEnum,
        defaultValue: 'AUTO',
        description: 'How to look for it.',
      }),
    },
    resolve: async (machine, args, context, { schema }): Promise<StateMatchView> => {
      const { machineId, seq: until } = machine;
      const from = args.from ?? 0;
      if (from < 0 || from > until) throw new SeqOutOfRangeError(machineId, 'from', from, until);
      const { count, quantifier, ...rest } = args.condition;
      const fits = stateCondition(
        schema,
        context,
        { ...rest, count: count ?? false, quantifier: quantifier ?? 'ANY' },
        'condition',
      );
      const holds = (state: MachineState) => fits(viewOf(machineId, state));
      const past = await Past.of(context.engine, context.history, machineId);
      const seq = await find(past, from, until, holds, args.method ?? 'AUTO');
      if (typeof seq !== 'number') return { verdict: seq, machine: null, event: null };
      return {
        verdict: 'FOUND',
        machine: { machineId, seq, state: await past.look(seq, state => state) },
        event: seq === 0 ? null : await placedEventView(past, seq),
      };
    },
  }),
);

/** The seq, or what is known of there being none. */
async function find(
  past: Past,
  from: number,
  until: number,
  holds: Holds,
  method: 'AUTO' | 'BISECT' | 'SCAN',
): Promise<number | 'NEVER_HELD' | 'NOT_LOOKED_FOR'> {
  if (method !== 'SCAN') {
    if (await past.look(from, holds)) return from;
    if (await past.look(until, holds)) return bisect(past, from, until, holds);
    const isNear = method === 'AUTO' && until - from <= SCAN_EVENTS_MAX;
    if (!isNear) return from === until ? 'NEVER_HELD' : 'NOT_LOOKED_FOR';
  }
  return (await scan(past, from, until, holds)) ?? 'NEVER_HELD';
}
