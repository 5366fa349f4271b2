/** Bookmarks: names for moments of a machine. */
import { BOOKMARK_NOTE_LENGTH_MAX, BOOKMARKS_MAX, DEFAULT_MACHINE_ID } from '../../abi/limits.ts';
import {
  addBookmark,
  type BookmarkCursor,
  type BookmarkKind,
  listBookmarks,
  type PlacedBookmark,
} from '../../engine/past/bookmarks.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { READS_LOG } from '../builder/expose-errors.ts';
import { forwardLimit, forwardPage } from '../builder/forward-page.ts';
import { MACHINE_ID_FIELD } from '../builder/kernel-mutation.ts';
import { MachineType } from '../builder/refs.ts';
import { MOMENT_FIELDS, momentOf, momentPlace, momentView } from './moment.ts';

const KINDS: readonly BookmarkKind[] = ['NAMED', 'REFUSED', 'HAZARD'];

const BookmarkKindEnum = builder.enumType('BookmarkKind', {
  description: 'Where a bookmark comes from.',
  values: {
    NAMED: { description: 'bookmarkAdd made it.' },
    REFUSED: { description: 'Each operation that the kernel refused has one by itself.' },
    HAZARD: { description: 'Each hazard has one by itself.' },
  } as const,
});

interface BookmarkView extends PlacedBookmark {
  readonly machineId: string;
}

const BookmarkType = builder.objectRef<BookmarkView>('Bookmark').implement({
  description: 'A name for a moment of a machine. Give the name as `atBookmark`.',
  fields: t => ({
    name: t.expose('name', { type: 'BookmarkName', description: 'Its name.' }),
    kind: t.field({
      type: BookmarkKindEnum,
      description: 'Where it comes from.',
      resolve: ({ kind }) => kind,
    }),
    note: t.exposeString('note', {
      description: 'NAMED: what its maker wrote. Else what was refused, or what the hazard was.',
    }),
    seq: t.exposeInt('seq', { description: 'The moment: after this event.' }),
    operation: t.int({
      description: 'The last operation that ended by then; of a hazard, the one that met it.',
      resolve: ({ number }) => number,
    }),
    madeAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'NAMED: when it was made.',
      resolve: ({ atMs }) => (atMs === null ? null : new Date(atMs)),
    }),
    machine: t.field({
      type: MachineType,
      description: 'The machine at that moment.',
      extensions: READS_LOG,
      resolve: ({ machineId, seq }, _, context) => momentView(context, machineId, { seq }),
    }),
  }),
});

function cursorOf(cursor: string | null | undefined): BookmarkCursor {
  if (cursor === null || cursor === undefined) return { number: -1, name: '' };
  const [, number, name] = /^(\d{1,15})\/(.*)$/.exec(cursor) ?? [];
  if (name === undefined) throw badInput('"after" must be a cursor of this connection');
  return { number: Number(number), name };
}

builder.objectField(MachineType, 'bookmarks', t =>
  t.connection(
    {
      type: BookmarkType,
      description:
        'Names for moments up to this view, by operation; forward only. HAZARD: of the hazards the view lists.',
      extensions: READS_LOG,
      args: {
        kinds: t.arg({ type: [BookmarkKindEnum], description: 'Only these. Left out: all.' }),
      },
      resolve: async ({ machineId, state, seq }, args, { engine }) => {
        const limit = forwardLimit('bookmarks', args);
        const { hazards, hazardCount } = state;
        const found = await listBookmarks(
          engine,
          machineId,
          { seq, hazards, hazardCount },
          { kinds: new Set(args.kinds ?? KINDS), after: cursorOf(args.after), limit },
        );
        return forwardPage(
          args,
          limit,
          found,
          ({ number, name }) => `${number}/${name}`,
          bookmark => ({ ...bookmark, machineId }),
        );
      },
    },
    { description: 'A page of bookmarks.' },
    { description: 'One bookmark of a page.' },
  ),
);

const BookmarkAddInput = builder.inputType('BookmarkAddInput', {
  description: 'What to name, and how.',
  fields: t => ({
    machineId: t.field(MACHINE_ID_FIELD),
    name: t.field({ type: 'BookmarkName', required: true, description: 'The name.' }),
    note: t.string({
      defaultValue: '',
      description: `Why it matters: at most ${BOOKMARK_NOTE_LENGTH_MAX} characters.`,
    }),
    at: t.field(MOMENT_FIELDS.at),
    atOperation: t.field(MOMENT_FIELDS.atOperation),
    atBookmark: t.field(MOMENT_FIELDS.atBookmark),
    atTime: t.field(MOMENT_FIELDS.atTime),
  }),
});

builder.mutationField('bookmarkAdd', t =>
  t.field({
    type: BookmarkType,
    nullable: true,
    description: `Names a moment, at most ${BOOKMARKS_MAX} of a machine. It is kept beside the log and is no event. A name that is taken, or begins with "refused-" or "hazard-", is an error.`,
    args: {
      input: t.arg({ type: BookmarkAddInput, required: true, description: 'What to name.' }),
    },
    resolve: async (_, { input }, context) => {
      const machineId = input.machineId ?? DEFAULT_MACHINE_ID;
      const note = input.note ?? '';
      if (note.length > BOOKMARK_NOTE_LENGTH_MAX) {
        throw badInput(
          `"input.note" may have at most ${BOOKMARK_NOTE_LENGTH_MAX} characters, not ${note.length}`,
        );
      }
      const place = await momentPlace(context, machineId, momentOf(input), 'input');
      const { engine } = context;
      return { ...(await addBookmark(engine, machineId, input.name, note, place)), machineId };
    },
  }),
);

const BookmarkDeleteInput = builder.inputType('BookmarkDeleteInput', {
  description: 'Which bookmark to forget.',
  fields: t => ({
    machineId: t.field(MACHINE_ID_FIELD),
    name: t.field({ type: 'BookmarkName', required: true, description: 'Its name.' }),
  }),
});

builder.mutationField('bookmarkDelete', t =>
  t.boolean({
    nullable: true,
    description:
      'Forgets a bookmark that bookmarkAdd made on this machine. true if there was one. Those of a past it shares, of refused operations and of hazards stay.',
    args: {
      input: t.arg({ type: BookmarkDeleteInput, required: true, description: 'Which one.' }),
    },
    resolve: (_, { input }, { engine }) =>
      engine.log.deleteBookmark(input.machineId ?? DEFAULT_MACHINE_ID, input.name),
  }),
);
