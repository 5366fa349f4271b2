/** Finding operations and events by what one knows of them: the `where` of both connections. */
import type { Operation } from '../../core/machine/operation.ts';
import {
  countFitting,
  eventFits,
  type Fits,
  type OperationKnown,
  operationFits,
  type Placed,
  rangeUntil,
  SEARCH_OPERATIONS_MAX,
  type SearchRange,
  search,
} from '../../engine/find/search.ts';
import type { LoggedEvent } from '../../engine/follow/follow.ts';
import { namesIn } from '../../engine/past/device-names.ts';
import { Past } from '../../engine/past/past.ts';
import { lastNumberUntil } from '../../engine/past/places.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder, type GraphqlContext } from '../builder/builder.ts';
import { Errno } from '../builder/enums.ts';
import type { Page, PageArgs } from '../builder/forward-page.ts';
import { ObjectKeyInput, objectKeyOf } from '../builder/object-key.ts';
import { timesOf } from '../builder/times.ts';
import type { MachineView, OperationView } from '../builder/view.ts';
import { CommandTypeEnum } from './command-type.ts';
import { pageOf } from './log-pages.ts';
import { EventTypeEnum, type EventView } from './operation.ts';
import { refusalMessage } from './refusal-text.ts';

/** Characters of a text to look for. */
const TEXT_MAX = 200;

const TIMES_TEXT = 'by the time of its operation';

export const OperationWhere = builder.inputType('OperationWhere', {
  description: `What is known of an operation; all that is given holds together. One answer reads ${SEARCH_OPERATIONS_MAX} operations; an error says where to go on.`,
  fields: t => ({
    command: t.field({ type: CommandTypeEnum, description: 'It is of this type.' }),
    errno: t.field({ type: Errno, description: 'It was refused with this errno.' }),
    refused: t.boolean({ description: 'true: it was refused; false: it was not.' }),
    object: t.field({
      type: ObjectKeyInput,
      description: 'Its arguments name this object, or an event of it does.',
    }),
    text: t.string({
      description: `In its name, its arguments, the sentence of its refusal or those of its events; letters in any case. From 1 to ${TEXT_MAX} characters.`,
    }),
    from: t.field({
      type: 'DateTime',
      description: 'It ran then or later; no later than `to`.',
    }),
    to: t.field({ type: 'DateTime', description: 'It ran then or before.' }),
  }),
});

export const EventWhere = builder.inputType('EventWhere', {
  description: `What is known of an event; all that is given holds together. One answer reads ${SEARCH_OPERATIONS_MAX} operations; an error says where to go on.`,
  fields: t => ({
    type: t.field({ type: EventTypeEnum, description: 'It is of this type.' }),
    object: t.field({ type: ObjectKeyInput, description: 'It names this object.' }),
    text: t.string({
      description: `In its sentence; letters in any case. From 1 to ${TEXT_MAX} characters.`,
    }),
    command: t.field({
      type: CommandTypeEnum,
      description: 'It was made by an operation of this type.',
    }),
    errno: t.field({
      type: Errno,
      description: 'It was made by an operation that was refused with this errno.',
    }),
    refused: t.boolean({
      description:
        'true: its operation was refused, and it stands all the same; false: it was not.',
    }),
    from: t.field({
      type: 'DateTime',
      description: `Then or later, ${TIMES_TEXT}; no later than \`to\`.`,
    }),
    to: t.field({ type: 'DateTime', description: `Then or before, ${TIMES_TEXT}.` }),
  }),
});

type OperationInput = typeof OperationWhere.$inferInput;
type EventInput = typeof EventWhere.$inferInput;

/** Errors: BAD_USER_INPUT. */
function knownOf(where: Partial<OperationInput>): OperationKnown {
  const { command, errno, refused, object, text } = where;
  if (typeof text === 'string' && (text.length === 0 || text.length > TEXT_MAX)) {
    throw badInput(`"where.text" must have 1 to ${TEXT_MAX} characters, not ${text.length}`);
  }
  return {
    command: command ?? null,
    errno: errno ?? null,
    refused: refused ?? null,
    object: object ? objectKeyOf(object, 'where.object') : null,
    text: text ?? null,
    ...timesOf(where),
  };
}

/** A page of what was found, and how many there are in all. */
export interface CountedPage<T> extends Page<T> {
  readonly count: () => Promise<number>;
}

type Cursor = 'number' | 'seq';

interface Bounds {
  readonly after: number | null;
  readonly before: number | null;
}

async function whereOf<T, View>(
  { engine, history }: GraphqlContext,
  { machineId, seq }: MachineView,
  args: PageArgs,
  fits: Fits<T>,
  cursor: Cursor,
  view: (node: T) => View,
): Promise<CountedPage<View>> {
  const past = await Past.of(engine, history, machineId);
  const all = await rangeUntil(past, seq);
  const page = await pageOf(args, async ({ limit, backward, ...bounds }) => {
    const { after, before } = bounds;
    const inside = ({ number }: Placed<T>) =>
      number > (after ?? 0) && number < (before ?? Number.MAX_SAFE_INTEGER);
    const range = await narrowed(past, all, bounds, cursor);
    const placed = await search(past, range, operation => fits(operation).filter(inside), {
      limit,
      backward,
    });
    return placed.map(({ number, node }) => ({ number, node: view(node) }));
  });
  return { ...page, count: () => countFitting(past, all, fits) };
}

/** The operations that can hold what lies between two cursors. */
async function narrowed(
  past: Past,
  all: SearchRange,
  { after, before }: Bounds,
  cursor: Cursor,
): Promise<SearchRange> {
  const number = (at: number) =>
    cursor === 'number' ? at : lastNumberUntil(past.engine, past.machineId, at);
  const low = after === null ? all.after : await number(after);
  // The operation of the event before the cursor ends at it or after it.
  const high = before === null ? all.before : (await number(before)) + 2;
  return { after: Math.max(all.after, low), before: Math.min(all.before, high) };
}

/** A machine's operations that fit. Errors: BAD_USER_INPUT, SEARCH_LIMIT. */
export function operationsWhere(
  context: GraphqlContext,
  machine: MachineView,
  args: PageArgs,
  where: OperationInput,
): Promise<CountedPage<OperationView>> {
  const { machineId, state } = machine;
  const says = (operation: Operation) => (operation.errno === 0 ? '' : refusalMessage(operation));
  const fits = operationFits(knownOf(where), namesIn(state), says);
  return whereOf(context, machine, args, fits, 'number', operation => ({ machineId, operation }));
}

/** A machine's events that fit. Errors: BAD_USER_INPUT, SEARCH_LIMIT. */
export function eventsWhere(
  context: GraphqlContext,
  machine: MachineView,
  args: PageArgs,
  { type, ...where }: EventInput,
): Promise<CountedPage<EventView>> {
  const { machineId, state, seq } = machine;
  const fits = eventFits({ ...knownOf(where), type: type ?? null }, namesIn(state));
  const upTo: Fits<LoggedEvent> = operation =>
    fits(operation).filter(({ number }) => number <= seq);
  return whereOf(context, machine, args, upTo, 'seq', event => ({ ...event, machineId }));
}
