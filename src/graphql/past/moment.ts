/** Moments of a machine as arguments, and the machine as it was at one of them. */
import { DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import { OtherHistoryError } from '../../engine/machine/errors.ts';
import { momentHash } from '../../engine/past/identity.ts';
import { type Moment, placeOfMoment } from '../../engine/past/moments.ts';
import type { MomentPlace } from '../../engine/past/places.ts';
import { badInput, shortened } from '../builder/bad-input.ts';
import { builder, type GraphqlContext } from '../builder/builder.ts';
import { type MachineView, machineView, pastState } from '../builder/view.ts';

export const BOOKMARK_TEXT =
  'A bookmark by its name: one that bookmarkAdd made, `refused-7` (the refused operation 7) or `hazard-2` (the second hazard).';

/** Four ways to name one moment; without any it is now. */
interface MomentArgs {
  readonly at?: number | null | undefined;
  readonly atOperation?: number | null | undefined;
  readonly atBookmark?: string | null | undefined;
  readonly atTime?: Date | null | undefined;
}

/** null: now. Errors: BAD_USER_INPUT if more than one is given. */
export function momentOf({ at, atOperation, atBookmark, atTime }: MomentArgs): Moment | null {
  const given: Moment[] = [];
  if (typeof at === 'number') given.push({ seq: at });
  if (typeof atOperation === 'number') given.push({ operation: atOperation });
  if (typeof atBookmark === 'string') given.push({ bookmark: atBookmark });
  if (atTime) given.push({ time: atTime });
  if (given.length > 1) {
    throw badInput('give one of "at", "atOperation", "atBookmark" and "atTime", not several');
  }
  return given[0] ?? null;
}

/** The arguments by which a field takes a moment. */
export const MOMENT_FIELDS = {
  at: {
    type: 'Int',
    description:
      'A seq: the machine as it was after that event, from 0 to the newest. Left out, with the other two: as it is now.',
  },
  atOperation: {
    type: 'Int',
    description: 'Instead of `at`: as it was after the operation of that number, from 1.',
  },
  atBookmark: {
    type: 'BookmarkName',
    description: `Instead of \`at\`. ${BOOKMARK_TEXT}`,
  },
  atTime: {
    type: 'DateTime',
    description:
      'Instead of `at`: as it was after the last operation of that time or before, by the server’s clock.',
  },
} as const;

/** A history as an argument: what `checkHash` takes. */
export const HASH_FIELD = {
  type: 'String',
  description:
    'From 8 to 64 hex digits with which the `hash` of that moment begins; else the error OTHER_HISTORY: a machine that was made anew, or is another one of the name, answers for no other. An answer to a GET that names all 64 digits beside each `at`, and reads states and their events alone, is immutable.',
} as const;

const HASH = /^[0-9a-f]{8,64}$/;

/** Errors: BAD_USER_INPUT, OTHER_HISTORY. */
async function checkHash(
  { engine }: GraphqlContext,
  { machineId, seq }: MachineView,
  hash: string | null | undefined,
  argument = 'hash',
): Promise<void> {
  if (hash === null || hash === undefined) return;
  if (!HASH.test(hash)) {
    throw badInput(`"${argument}" must be 8 to 64 digits of 0-9 a-f, not ${shortened(hash)}`);
  }
  const is = await momentHash(engine, machineId, seq);
  if (!is.startsWith(hash)) throw new OtherHistoryError(machineId, argument, seq, hash, is);
}

export const MachineMomentInput = builder.inputType('MachineMomentInput', {
  description: 'A machine at a moment.',
  fields: t => ({
    machineId: t.field({
      type: 'MachineId',
      defaultValue: DEFAULT_MACHINE_ID,
      description: 'Its name.',
    }),
    at: t.field(MOMENT_FIELDS.at),
    atOperation: t.field(MOMENT_FIELDS.atOperation),
    atBookmark: t.field(MOMENT_FIELDS.atBookmark),
    atTime: t.field(MOMENT_FIELDS.atTime),
    hash: t.field(HASH_FIELD),
  }),
});

/** The machine as it was; null: as it is now. */
export async function momentView(
  context: GraphqlContext,
  machineId: string,
  moment: Moment | null,
  hash?: string | null,
): Promise<MachineView> {
  const view = await viewAt(context, machineId, moment);
  await checkHash(context, view, hash);
  return view;
}

async function viewAt(
  context: GraphqlContext,
  machineId: string,
  moment: Moment | null,
): Promise<MachineView> {
  if (moment === null) return machineView(context, machineId);
  if ('seq' in moment) return machineView(context, machineId, moment.seq);
  const { seq } = await placeOfMoment(context.engine, context.history, machineId, moment);
  return { machineId, seq, state: await pastState(context, machineId, seq) };
}

/**
 * The machine at that moment. A state that is the newest goes on with the machine: its seq tells.
 * `argument` names the moment in an error. Errors: those of momentPlace.
 */
export async function momentState(
  context: GraphqlContext,
  input: typeof MachineMomentInput.$inferInput,
  argument: string,
): Promise<MachineView> {
  const machineId = input.machineId ?? DEFAULT_MACHINE_ID;
  const { seq } = await momentPlace(context, machineId, momentOf(input), argument);
  const view = { machineId, seq, state: await pastState(context, machineId, seq) };
  await checkHash(context, view, input.hash, `${argument}.hash`);
  return view;
}

/**
 * The place in the log; null is the newest. `argument` names what holds the moment in an error.
 * Errors: UnknownMachineError, SeqOutOfRangeError, OperationOutOfRangeError, UnknownBookmarkError.
 */
export function momentPlace(
  { engine, history }: GraphqlContext,
  machineId: string,
  moment: Moment | null,
  argument: string,
): Promise<MomentPlace> {
  if (moment !== null) return placeOfMoment(engine, history, machineId, moment, argument);
  return engine.whenSettled(machineId, ({ state, committed }) => ({
    seq: state.seq,
    number: committed,
  }));
}
