/** What a guest's CPU does to its memory and its page tables. Nothing is invalidated by it. */

import type { Errno } from '../../../abi/errno.ts';
import { GUEST_MAP_PAGES_MAX, GUEST_WORDS_MAX } from '../../../abi/limits.ts';
import { PAGE_SIZE } from '../../../abi/uapi.ts';
import type { Ioas, IommufdContext } from '../../iommufd/state.ts';
import { answer, inContext, refused } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { firstOtherByte } from '../../memory/guest-memory.ts';
import { noSuchObject } from '../../refuse/absent.ts';
import { notMultiple } from '../../refuse/multiples.ts';
import { noteMappedAnew } from '../ats/lost.ts';
import { placeOf, userVaOf } from '../dma/walk.ts';
import { outOfBounds, refuse } from '../refuse.ts';
import { type Edited, type EditRefusal, mapWords, unmapWords } from '../tables/edit.ts';
import { editRefused } from './refusals.ts';
import { type GuestTable, guestTable } from './table.ts';
import { type GuestWordWrite, guestReader } from './words.ts';

const PAGE = BigInt(PAGE_SIZE);

/** A guest writes words of its memory. */
export interface GuestWrite {
  readonly type: 'GuestWrite';
  readonly contextId: number;
  /** The IOAS that is the guest's memory: the nest parent's. */
  readonly ioasId: number;
  readonly words: readonly GuestWordWrite[];
}

/** A guest maps a range in the page table of a nested hwpt. */
export interface GuestMap {
  readonly type: 'GuestMap';
  readonly contextId: number;
  readonly hwptId: number;
  readonly iova: bigint;
  /** Guest physical. */
  readonly gpa: bigint;
  readonly length: bigint;
  /** 1 read, 2 write, 4 execute. */
  readonly perm: number;
  /** Bytes: 4096, or a size the format has. */
  readonly pageSize: bigint;
  /** Where table pages are taken from. */
  readonly tablesGpa: bigint;
  readonly tablesLength: bigint;
}

/** A guest takes a range out of the page table of a nested hwpt. */
export interface GuestUnmap {
  readonly type: 'GuestUnmap';
  readonly contextId: number;
  readonly hwptId: number;
  readonly iova: bigint;
  readonly length: bigint;
}

export interface GuestEditReply {
  /** Leaf entries made or taken away. */
  readonly pages: number;
  readonly words: number;
  /** Pages that became tables. */
  readonly tables: number;
}

export interface GuestOperations {
  GuestWrite: Operation<GuestWrite, Record<string, never>>;
  GuestMap: Operation<GuestMap, GuestEditReply>;
  GuestUnmap: Operation<GuestUnmap, GuestEditReply>;
}

export const GUEST_OPERATIONS: OperationEntries<GuestOperations> = {
  GuestWrite: {
    sentence: 'A guest writes words of its memory, such as entries of a page table.',
    mutation: 'guestWrite',
    support: null,
    arguments: { contextId: 'contextId', ioasId: 'u32', words: 'guestWords' },
    execute: inContext((x, context, command) => refused(executeGuestWrite(x, context, command))),
  },
  GuestMap: {
    sentence: 'A guest maps a range in the page table of a nested hwpt. Nothing is invalidated.',
    mutation: 'guestMap',
    support: null,
    arguments: {
      contextId: 'contextId',
      hwptId: 'u32',
      iova: 'u64',
      gpa: 'u64',
      length: 'u64',
      perm: 'u32',
      pageSize: 'u64',
      tablesGpa: 'u64',
      tablesLength: 'u64',
    },
    execute: inContext((x, context, command) =>
      answer(executeGuestMap(x, context, command), reply => reply),
    ),
  },
  GuestUnmap: {
    sentence: 'A guest takes a range out of a nested hwpt’s page table. Nothing is invalidated.',
    mutation: 'guestUnmap',
    support: null,
    arguments: { contextId: 'contextId', hwptId: 'u32', iova: 'u64', length: 'u64' },
    execute: inContext((x, context, command) =>
      answer(executeGuestUnmap(x, context, command), reply => reply),
    ),
  },
};

/**
 * Errors: ENOENT; EINVAL, no words, too many, an address that is no multiple of 8; EFAULT, no memory
 * of the guest is there.
 */
function executeGuestWrite(
  x: Execution,
  context: IommufdContext,
  { ioasId, words }: GuestWrite,
): Errno {
  // No kernel looks.
  const ioas = context.objects.get(ioasId);
  if (ioas?.type !== 'IOAS') {
    return x.refusedBy('guest', noSuchObject(context, 'ioasId', ioasId, 'IOAS')).errno;
  }
  const wrong = outOfBounds(x, 'guest', 'words', words.length, 1, GUEST_WORDS_MAX);
  if (wrong !== null) return wrong.errno;
  const placed = [];
  for (const [i, { gpa, value }] of words.entries()) {
    const place = placeOf(context, ioas, gpa);
    if (gpa % 8n !== 0n) {
      const facts = { argument: `words[${i}].gpa`, gpa, alignment: 8 };
      return refuse(x, 'guest', 'EINVAL', 'GPA_UNALIGNED', facts).errno;
    }
    if (place === null || place.userVa % 8n !== 0n) {
      const facts = { argument: `words[${i}].gpa`, gpa, ioasId };
      return refuse(x, 'guest', 'EFAULT', 'GUEST_MEMORY_ABSENT', facts).errno;
    }
    placed.push({ ...place, value });
  }
  const { contextId } = context;
  x.emit({ type: 'GuestWordsWritten', contextId, words: placed, tablePages: [] });
  return 0;
}

/**
 * Errors: ENOENT; EINVAL, not nested, not aligned, a size or rights the format has not, too many
 * pages; EFAULT, a table lies where the guest has no memory; EEXIST, a larger page is in the way;
 * ENOSPC, no page is left for a table.
 */
function executeGuestMap(
  x: Execution,
  context: IommufdContext,
  command: GuestMap,
): GuestEditReply | Refusal {
  const table = guestTable(x, context, command.hwptId);
  if (table instanceof Refusal) return table;
  const { iova, gpa, length, perm, pageSize, tablesGpa, tablesLength } = command;
  const pageShift = shiftOf(pageSize);
  if (pageShift === null) return refuse(x, 'guest', 'EINVAL', 'GUEST_PAGE_SIZE', { pageSize });
  const wrong =
    tooManyPages(x, 'pages of length', length >> BigInt(pageShift)) ??
    tooManyPages(x, 'pages of tablesLength', tablesLength >> 12n);
  if (wrong !== null) return wrong;
  if (tablesGpa % PAGE !== 0n) {
    const facts = { argument: 'tablesGpa', gpa: tablesGpa, alignment: PAGE };
    return refuse(x, 'guest', 'EINVAL', 'GPA_UNALIGNED', facts);
  }
  const rights = {
    read: (perm & 1) !== 0,
    write: (perm & 2) !== 0,
    execute: (perm & 4) !== 0,
  };
  const { format, root, ioas } = table;
  const edited = mapWords(
    format,
    root,
    { iova, address: gpa, length, pageShift, rights },
    tablePages(context, table, tablesGpa, tablesLength),
    guestReader(context, ioas),
  );
  if (edited.kind === 'REFUSED') return refusedEdit(x, table, command, edited.why);
  const reply = write(x, context, ioas, edited);
  if (!(reply instanceof Refusal))
    noteMappedAnew(x, context.contextId, table.hwpt.id, iova, length);
  return reply;
}

/** log2 of a power of two; null of anything else. */
function shiftOf(pageSize: bigint): number | null {
  const shift = pageSize.toString(2).length - 1;
  return pageSize > 0n && 1n << BigInt(shift) === pageSize ? shift : null;
}

/** Pages of a range that are memory, all zero and no tables yet, lowest first. */
function tablePages(
  context: IommufdContext,
  { ioas, root }: GuestTable,
  start: bigint,
  length: bigint,
): () => bigint | null {
  let next = start;
  return () => {
    for (; next + PAGE <= start + length; next += PAGE) {
      const userVa = userVaOf(ioas, next);
      if (userVa === null || next === root) continue;
      if (context.tablePages.has(Number(userVa >> 12n))) continue;
      if (firstOtherByte(context, userVa, PAGE, 0) !== null) continue;
      const found = next;
      next += PAGE;
      return found;
    }
    return null;
  };
}

function tooManyPages(x: Execution, argument: string, pages: bigint): Refusal | null {
  return outOfBounds(x, 'guest', argument, Number(pages), 0, GUEST_MAP_PAGES_MAX);
}

function refusedEdit(
  x: Execution,
  { ioas, hwpt }: GuestTable,
  command: GuestMap | GuestUnmap,
  why: EditRefusal,
): Refusal {
  const { iova, length } = command;
  const own = command.type === 'GuestMap' ? command : NOT_OF_UNMAP;
  const { gpa, pageSize, perm, tablesGpa, tablesLength } = own;
  const unaligned = notMultiple({ iova, gpa, length }, pageSize);
  const said = {
    // What else the rules say of the range they name themselves.
    ...(why === 'NOT_ALIGNED' ? { argument: unaligned ?? 'length' } : {}),
    iova,
    last: iova + length - 1n,
    length,
    gpa,
    pageSize,
    perm,
    tablesGpa,
    tablesLength,
  };
  return editRefused(x, why, { ...said, hwptId: hwpt.id, ioasId: ioas.id });
}

const NOT_OF_UNMAP = { gpa: 0n, pageSize: PAGE, perm: 0, tablesGpa: 0n, tablesLength: 0n };

/** Errors: as guestMap; EINVAL, the range ends inside a larger page. */
function executeGuestUnmap(
  x: Execution,
  context: IommufdContext,
  command: GuestUnmap,
): GuestEditReply | Refusal {
  const { hwptId, iova, length } = command;
  const table = guestTable(x, context, hwptId);
  if (table instanceof Refusal) return table;
  const { format, root, ioas } = table;
  const wrong = tooManyPages(x, 'pages of length', length >> 12n);
  if (wrong !== null) return wrong;
  const edited = unmapWords(format, root, iova, length, guestReader(context, ioas));
  if (edited.kind === 'REFUSED') return refusedEdit(x, table, command, edited.why);
  return write(x, context, ioas, edited);
}

function write(
  x: Execution,
  context: IommufdContext,
  ioas: Ioas,
  { words, tables, pages }: Edited,
): GuestEditReply | Refusal {
  const placed = [];
  for (const { address, value } of words) {
    const place = placeOf(context, ioas, address);
    if (place === null) {
      const facts = { argument: 'a table’s entry', gpa: address, ioasId: ioas.id };
      return refuse(x, 'guest', 'EFAULT', 'GUEST_MEMORY_ABSENT', facts);
    }
    placed.push({ ...place, value });
  }
  const taken = tables.map(gpa => Number((userVaOf(ioas, gpa) ?? 0n) >> 12n));
  if (placed.length > 0) {
    const { contextId } = context;
    x.emit({ type: 'GuestWordsWritten', contextId, words: placed, tablePages: taken });
  }
  return { pages, words: placed.length, tables: tables.length };
}
