/**
 * The words a guest writes to map or unmap a range. They are computed here and written by whoever
 * asks; nothing is invalidated by that, neither in an IOTLB nor in an ATC.
 */
import type { ReadWord, WordWrite } from './access.ts';
import { ALL_RIGHTS, type EntryFormat, type LeafRights } from './entry.ts';

const WORD = 8n;

/** Why an edit is not possible. Nothing is to be written then. */
export type EditRefusal =
  /** IOVA, address or length are no multiples of the page size, or the length is 0. */
  | 'NOT_ALIGNED'
  /** The format has no such page size. */
  | 'PAGE_SIZE'
  /** The format cannot grant these rights, such as write without read. */
  | 'RIGHTS'
  /** The addresses are wider than an entry can hold. */
  | 'OUTPUT_TOO_WIDE'
  /** The IOVAs are beyond the table's width. */
  | 'NOT_CANONICAL'
  /** A table on the way cannot be read. */
  | 'TABLE_UNREADABLE'
  /** An entry on the way is a larger page, or its bits are reserved. */
  | 'ENTRY_IN_THE_WAY'
  /** There are no pages left for tables. */
  | 'NO_TABLE_PAGES'
  /** The range ends inside a larger page. */
  | 'PART_OF_LARGE_PAGE';

export interface EditRefused {
  readonly kind: 'REFUSED';
  readonly why: EditRefusal;
  /** The IOVA at which it stopped. */
  readonly iova: bigint;
  /** The address of the entry, where one is the reason. */
  readonly address: bigint | null;
}

export interface Edited {
  readonly kind: 'EDITED';
  /** In the order of the range; an address occurs once. */
  readonly words: readonly WordWrite[];
  /** Pages that became tables. They have to be all zero before the words are written. */
  readonly tables: readonly bigint[];
  /** Leaf entries made or taken away. */
  readonly pages: number;
}

export interface GuestMapping {
  readonly iova: bigint;
  /** Where it leads, guest physical. */
  readonly address: bigint;
  /** Bytes, more than 0. */
  readonly length: bigint;
  /** log2 of the page size. */
  readonly pageShift: number;
  readonly rights: LeafRights;
}

/** Reads what the edit itself wrote before what is in memory. */
class Words {
  readonly written = new Map<bigint, bigint>();
  readonly tables: bigint[] = [];
  private readonly fresh = new Set<bigint>();
  private readonly readWord: ReadWord;

  constructor(readWord: ReadWord) {
    this.readWord = readWord;
  }

  read(address: bigint): bigint | null {
    const written = this.written.get(address);
    if (written !== undefined) return written;
    return this.fresh.has(address >> 12n) ? 0n : this.readWord(address);
  }

  addTable(address: bigint): void {
    this.tables.push(address);
    this.fresh.add(address >> 12n);
  }

  edited(pages: number): Edited {
    const words = [...this.written].map(([address, value]) => ({ address, value }));
    return { kind: 'EDITED', words, tables: this.tables, pages };
  }
}

const refused = (why: EditRefusal, iova: bigint, address: bigint | null = null): EditRefused => ({
  kind: 'REFUSED',
  why,
  iova,
  address,
});

const holds = ({ outputBits }: EntryFormat, address: bigint): boolean =>
  address >> BigInt(outputBits) === 0n;

function badMapping(format: EntryFormat, mapping: GuestMapping): EditRefusal | null {
  const { iova, address, length, pageShift, rights } = mapping;
  if (!format.pageShifts.includes(pageShift)) return 'PAGE_SIZE';
  const inPage = (1n << BigInt(pageShift)) - 1n;
  if (length <= 0n || ((iova | address | length) & inPage) !== 0n) return 'NOT_ALIGNED';
  if (!holds(format, address + length - 1n)) return 'OUTPUT_TOO_WIDE';
  if (!format.inputFits(iova) || !format.inputFits(iova + length - 1n)) return 'NOT_CANONICAL';
  return !rights.read && (rights.write || !rights.execute) ? 'RIGHTS' : null;
}

/**
 * The words for a mapping. Leaves that are there are replaced, as a guest may. `takeTable` gives the
 * address of a free page for a table, or null; it is asked only for tables that are missing.
 */
export function mapWords(
  format: EntryFormat,
  root: bigint,
  mapping: GuestMapping,
  takeTable: () => bigint | null,
  readWord: ReadWord,
): Edited | EditRefused {
  const bad = badMapping(format, mapping);
  if (bad !== null) return refused(bad, mapping.iova);
  const { iova, length, pageShift, rights } = mapping;
  const level = format.pageShifts.indexOf(pageShift);
  const words = new Words(readWord);
  let pages = 0;
  for (let done = 0n; done < length; done += 1n << BigInt(pageShift)) {
    const place = tableFor(format, root, iova + done, level, words, takeTable);
    if (typeof place !== 'bigint') return place;
    words.written.set(place, format.leafEntry(mapping.address + done, level, rights));
    pages++;
  }
  return words.edited(pages);
}

/** The address of the IOVA's entry at a level, with the tables above it made. */
function tableFor(
  format: EntryFormat,
  root: bigint,
  iova: bigint,
  leafLevel: number,
  words: Words,
  takeTable: () => bigint | null,
): bigint | EditRefused {
  let table = root;
  for (let level = format.levels - 1; ; level--) {
    const address = table + format.index(iova, level) * WORD;
    const entry = words.read(address);
    if (entry === null) return refused('TABLE_UNREADABLE', iova, address);
    const meaning = format.meaning(entry, level, ALL_RIGHTS);
    if (level === leafLevel) {
      // A table in place of the leaf would be lost with all it maps.
      return meaning.kind === 'TABLE' ? refused('ENTRY_IN_THE_WAY', iova, address) : address;
    }
    if (meaning.kind === 'TABLE') {
      table = meaning.address;
      continue;
    }
    if (meaning.kind === 'PAGE' || meaning.fault !== 'NOT_PRESENT') {
      return refused('ENTRY_IN_THE_WAY', iova, address);
    }
    const free = takeTable();
    if (free === null) return refused('NO_TABLE_PAGES', iova);
    if (!holds(format, free)) return refused('OUTPUT_TOO_WIDE', iova);
    words.addTable(free);
    words.written.set(address, format.tableEntry(free));
    table = free;
  }
}

/**
 * The words that take away what is mapped in a range: leaf entries become 0, tables stay, as Linux'
 * page-table code leaves them. Costs as much as there are tables and pages, not as the range is long.
 */
export function unmapWords(
  format: EntryFormat,
  root: bigint,
  iova: bigint,
  length: bigint,
  readWord: ReadWord,
): Edited | EditRefused {
  if (length <= 0n || ((iova | length) & 0xfffn) !== 0n) return refused('NOT_ALIGNED', iova);
  const last = iova + length - 1n;
  if (!format.inputFits(iova) || !format.inputFits(last)) return refused('NOT_CANONICAL', iova);
  const words = new Words(readWord);
  let pages = 0;
  for (let at = iova; at <= last; ) {
    const found = leafOf(format, root, at, words);
    if (found.kind === 'REFUSED') return found;
    const start = at & ~((1n << BigInt(found.shift)) - 1n);
    const end = start + (1n << BigInt(found.shift));
    if (found.address !== null) {
      if (start < iova || end > last + 1n) {
        return refused('PART_OF_LARGE_PAGE', at, found.address);
      }
      words.written.set(found.address, 0n);
      pages++;
    }
    at = end;
  }
  return words.edited(pages);
}

/** The leaf entry of an IOVA, or how much around it is not mapped. */
function leafOf(
  format: EntryFormat,
  root: bigint,
  iova: bigint,
  words: Words,
):
  | EditRefused
  | { readonly kind: 'LEAF'; readonly address: bigint | null; readonly shift: number } {
  let table = root;
  for (let level = format.levels - 1; ; level--) {
    const shift = 12 + 9 * level;
    const address = table + format.index(iova, level) * WORD;
    const entry = words.read(address);
    if (entry === null) return refused('TABLE_UNREADABLE', iova, address);
    const meaning = format.meaning(entry, level, ALL_RIGHTS);
    if (meaning.kind === 'TABLE') {
      table = meaning.address;
      continue;
    }
    if (meaning.kind === 'FAULT' && meaning.fault === 'NOT_PRESENT') {
      return { kind: 'LEAF', address: null, shift };
    }
    // What is present and no walk passes is taken away like a page.
    return { kind: 'LEAF', address, shift };
  }
}
