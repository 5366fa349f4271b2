/** What a guest's CPU does to its memory and its page tables. */
import { GUEST_MAP_PAGES_MAX, GUEST_WORDS_MAX } from '../../abi/limits.ts';
import type { GuestEditReply } from '../../core/hardware/guest/operations.ts';
import { badInput } from '../builder/bad-input.ts';
import { builder } from '../builder/builder.ts';
import { CONTEXT_ID_FIELD, kernelMutation, MACHINE_ID_FIELD } from '../builder/kernel-mutation.ts';

const HWPT_FIELD = {
  type: 'U32',
  required: true,
  description: 'The nested hwpt whose page table it is.',
} as const;

const DATA = {
  pages: {
    description: 'Leaf entries made or taken away.',
    resolve: ({ reply }: { reply: GuestEditReply }) => reply.pages,
  },
  words: {
    description: 'Words written.',
    resolve: ({ reply }: { reply: GuestEditReply }) => reply.words,
  },
  tables: {
    description: 'Pages that became tables.',
    resolve: ({ reply }: { reply: GuestEditReply }) => reply.tables,
  },
} as const;

const GuestWordInput = builder.inputType('GuestWordInput', {
  description: 'Eight bytes of guest memory.',
  fields: t => ({
    gpa: t.field({
      type: 'HexU64',
      required: true,
      description: 'Guest physical address, a multiple of 8.',
    }),
    value: t.field({ type: 'HexU64', required: true, description: 'What is written.' }),
  }),
});

const guestWrite = kernelMutation({
  command: 'GuestWrite',
  description:
    'A guest writes words of its memory, such as entries of a page table. Nothing is invalidated. Errors: EBADF; ENOENT; EFAULT, the IOAS has nothing there.',
  input: builder.inputType('GuestWriteInput', {
    description: 'Arguments of guestWrite.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      ioasId: t.field({
        type: 'U32',
        required: true,
        description: 'The IOAS that is the guest’s memory: the nest parent’s.',
      }),
      words: t.field({
        type: [GuestWordInput],
        required: true,
        description: `The words, from 1 to ${GUEST_WORDS_MAX}.`,
      }),
    }),
  }),
  toCommand: ({ contextId, ioasId, words }) => {
    if (words.length === 0 || words.length > GUEST_WORDS_MAX) {
      throw badInput(
        `"input.words" must have from 1 to ${GUEST_WORDS_MAX} entries, not ${words.length}`,
      );
    }
    for (const [i, { gpa }] of words.entries()) {
      if (gpa % 8n !== 0n) {
        throw badInput(
          `"input.words[${i}].gpa" must be a multiple of 8, not 0x${gpa.toString(16)}`,
        );
      }
    }
    return { type: 'GuestWrite', contextId, ioasId, words };
  },
});

/** Errors: BAD_USER_INPUT, too many pages. */
function checkPages(path: string, length: bigint): bigint {
  const pages = length >> 12n;
  if (pages > BigInt(GUEST_MAP_PAGES_MAX)) {
    throw badInput(`"${path}" may be at most ${GUEST_MAP_PAGES_MAX} pages, not ${pages}`);
  }
  return length;
}

const PAGE_SIZE_DEFAULT = 4096n;

const guestMap = kernelMutation({
  command: 'GuestMap',
  description:
    'A guest maps a range in its page table. It invalidates nothing: that is the author’s task. Errors: EBADF; ENOENT; EINVAL, not nested, not aligned, a size or rights the format has not; EFAULT, a table lies where the guest has no memory; EEXIST, a larger page is in the way; ENOSPC, no page is left for a table.',
  input: builder.inputType('GuestMapInput', {
    description: 'Arguments of guestMap.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      hwptId: t.field(HWPT_FIELD),
      iova: t.field({ type: 'HexU64', required: true, description: 'First IOVA.' }),
      gpa: t.field({ type: 'HexU64', required: true, description: 'Guest physical address.' }),
      length: t.field({
        type: 'HexU64',
        required: true,
        description: `Bytes, at most ${GUEST_MAP_PAGES_MAX} pages.`,
      }),
      writeable: t.boolean({ defaultValue: true, description: 'For writing too.' }),
      executable: t.boolean({ defaultValue: false, description: 'For executing too.' }),
      pageSize: t.field({
        type: 'HexU64',
        defaultValue: PAGE_SIZE_DEFAULT,
        description: 'Bytes of each page: 0x1000, or a larger size that the format has.',
      }),
      tablesGpa: t.field({
        type: 'PageAddress',
        required: true,
        description: 'Where pages for tables are taken from: the first that is zero and no table.',
      }),
      tablesLength: t.field({
        type: 'HexU64',
        required: true,
        description: `Bytes of that range, at most ${GUEST_MAP_PAGES_MAX} pages.`,
      }),
    }),
  }),
  toCommand: input => ({
    type: 'GuestMap',
    contextId: input.contextId,
    hwptId: input.hwptId,
    iova: input.iova,
    gpa: input.gpa,
    length: checkPages('input.length', input.length),
    perm: 1 | ((input.writeable ?? true) ? 2 : 0) | ((input.executable ?? false) ? 4 : 0),
    pageSize: input.pageSize ?? PAGE_SIZE_DEFAULT,
    tablesGpa: input.tablesGpa,
    tablesLength: checkPages('input.tablesLength', input.tablesLength),
  }),
  payload: t => ({
    pages: t.int(DATA.pages),
    words: t.int(DATA.words),
    tables: t.int(DATA.tables),
  }),
});

const guestUnmap = kernelMutation({
  command: 'GuestUnmap',
  description:
    'A guest takes a range out of its page table. It invalidates nothing. Errors: EBADF; ENOENT; EINVAL, not nested, not aligned, the range ends inside a larger page; EFAULT.',
  input: builder.inputType('GuestUnmapInput', {
    description: 'Arguments of guestUnmap.',
    fields: t => ({
      machineId: t.field(MACHINE_ID_FIELD),
      contextId: t.field(CONTEXT_ID_FIELD),
      hwptId: t.field(HWPT_FIELD),
      iova: t.field({ type: 'HexU64', required: true, description: 'First IOVA.' }),
      length: t.field({
        type: 'HexU64',
        required: true,
        description: `Bytes, at most ${GUEST_MAP_PAGES_MAX} pages.`,
      }),
    }),
  }),
  toCommand: ({ contextId, hwptId, iova, length }) => ({
    type: 'GuestUnmap',
    contextId,
    hwptId,
    iova,
    length: checkPages('input.length', length),
  }),
  payload: t => ({
    pages: t.int(DATA.pages),
    words: t.int(DATA.words),
    tables: t.int(DATA.tables),
  }),
});

export const GUEST_MUTATIONS = {
  GuestWrite: guestWrite,
  GuestMap: guestMap,
  GuestUnmap: guestUnmap,
};
