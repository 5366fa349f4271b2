/**
 * A first-stage page table as a list: its entries that are not zero, by IOVA, a table before what is
 * in it.
 */
import type { ReadWord, TableAccess, TableFault } from './access.ts';
import { ALL_RIGHTS, type EntryFormat, type PathRights } from './entry.ts';

const WORD = 8n;
const ENTRIES = 512n;

export interface TableLine {
  /** First IOVA that it decides about. */
  readonly iova: bigint;
  readonly level: number;
  /** Where the entry lies. */
  readonly address: bigint;
  readonly entry: bigint;
  /** The next table, or the first byte of the page; null of a fault. */
  readonly leadsTo: bigint | null;
  /** A page; null: a table, or a fault. */
  readonly page: LinePage | null;
  /** Why a walk ends here; null: it does not. */
  readonly fault: TableFault | null;
}

export interface LinePage {
  /** log2 of its bytes. */
  readonly pageShift: number;
  /** What this entry and those above it grant. */
  readonly rights: PathRights;
  /** A read, and a write, would leave the entry as it is. */
  readonly accessed: boolean;
  readonly dirty: boolean;
}

/**
 * The entries that decide about IOVAs from `from` on. Ends by itself, as a walk does: each step goes
 * one level down. Between two lines at most the words of one table are read, for each level.
 */
export function tableLines(
  format: EntryFormat,
  root: bigint,
  from: bigint,
  readWord: ReadWord,
): Generator<TableLine> {
  const width = 12 + 9 * format.levels;
  const start = BigInt.asUintN(width, from);
  return linesBelow(root, format.levels - 1, 0n, ALL_RIGHTS);

  function* linesBelow(
    table: bigint,
    level: number,
    base: bigint,
    above: PathRights,
  ): Generator<TableLine> {
    const shift = BigInt(12 + 9 * level);
    const first = start > base ? (start - base) >> shift : 0n;
    for (let index = first; index < ENTRIES; index++) {
      const address = table + index * WORD;
      const entry = readWord(address) ?? 0n;
      if (entry === 0n) continue;
      const place = base + (index << shift);
      const line = { iova: iovaOf(place), level, address, entry };
      const meaning = format.meaning(entry, level, above);
      if (meaning.kind === 'FAULT') {
        yield { ...line, leadsTo: null, page: null, fault: meaning.fault };
      } else if (meaning.kind === 'PAGE') {
        const { pageShift, rights } = meaning;
        const { accessed, dirty } = usedBits(format, entry, rights);
        const page = { pageShift, rights, accessed, dirty };
        yield { ...line, leadsTo: meaning.address, page, fault: null };
      } else {
        const unread = readWord(meaning.address) === null;
        const fault = unread ? 'TABLE_UNREADABLE' : null;
        yield { ...line, leadsTo: meaning.address, page: null, fault };
        if (!unread) yield* linesBelow(meaning.address, level - 1, place, meaning.rights);
      }
    }
  }

  /** As walks take it: sign-extended, where the format wants that. */
  function iovaOf(place: bigint): bigint {
    return format.inputFits(place) ? place : BigInt.asUintN(64, BigInt.asIntN(width, place));
  }
}

function usedBits(format: EntryFormat, entry: bigint, rights: PathRights) {
  const isLeft = (access: TableAccess) => {
    const checked = format.check(entry, rights, access);
    return checked.kind === 'GRANTED' && (checked.update ?? entry) === entry;
  };
  const user = { execute: false, privileged: !rights.user };
  return {
    accessed: isLeft({ ...user, write: false }),
    dirty: isLeft({ ...user, write: true }),
  };
}
