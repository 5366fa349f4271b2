/** The page table of a guest as a list of its entries. */
import { type GuestTable, tableOfHwpt } from '../../core/hardware/guest/table.ts';
import { guestReader } from '../../core/hardware/guest/words.ts';
import { isMet, type ReadWord } from '../../core/hardware/tables/access.ts';
import { type TableLine, tableLines } from '../../core/hardware/tables/lines.ts';
import { builder } from '../builder/builder.ts';
import { checkFirst, LIST_DEFAULT, LIST_MAX } from '../builder/lists.ts';
import { HwptNestedType } from '../builder/refs.ts';
import { FaultReasonEnum, TableFormatEnum } from './enums.ts';

/** More than tables have levels: what leads to `from` is listed again, and something must follow it. */
const FIRST_MIN = 8;
/** Words read for one answer; tables can be empty, and lead to one another. */
const WORDS_MAX = 16_384;

const EntryType = builder.objectRef<TableLine>('GuestTableEntry').implement({
  description: 'An entry of a guest’s page table that is not zero: a table, a page, or a fault.',
  fields: t => ({
    iova: t.expose('iova', { type: 'HexU64', description: 'First IOVA that it decides about.' }),
    level: t.exposeInt('level', {
      description: 'Level of its table; entries of level 0 are 4 KiB pages.',
    }),
    address: t.expose('address', { type: 'HexU64', description: 'Guest address of the entry.' }),
    entry: t.expose('entry', { type: 'HexU64', description: 'The entry.' }),
    leadsTo: t.expose('leadsTo', {
      type: 'HexU64',
      nullable: true,
      description: 'Guest address of the next table, or of the page; null of a fault.',
    }),
    fault: t.field({
      type: FaultReasonEnum,
      nullable: true,
      description: 'Why a walk ends here; null if it does not, or is done.',
      resolve: ({ fault }) => (fault !== null && isMet(fault) ? fault : null),
    }),
    pageSize: t.field({
      type: 'HexU64',
      nullable: true,
      description: 'Bytes of the page; null of a table and of a fault.',
      resolve: ({ page }) => page && 1n << BigInt(page.pageShift),
    }),
    read: t.boolean({
      description: 'A page whose entries grant reading.',
      resolve: ({ page }) => page?.rights.read ?? false,
    }),
    write: t.boolean({
      description: 'A page whose entries grant writing.',
      resolve: ({ page }) => page?.rights.write ?? false,
    }),
    execute: t.boolean({
      description: 'A page whose entries grant executing.',
      resolve: ({ page }) => page?.rights.userExecute ?? false,
    }),
    user: t.boolean({
      description: 'A page for unprivileged requests, as DMAs are here.',
      resolve: ({ page }) => page?.rights.user ?? false,
    }),
    accessed: t.boolean({
      description: 'A page that was used: a read would leave the entry as it is.',
      resolve: ({ page }) => page?.accessed ?? false,
    }),
    dirty: t.boolean({
      description: 'A page that was written to: a write would leave the entry as it is.',
      resolve: ({ page }) => page?.dirty ?? false,
    }),
  }),
});

interface TableView extends GuestTable {
  readonly read: ReadWord;
}

interface LinesView {
  readonly lines: readonly TableLine[];
  readonly next: bigint | null;
}

const LinesType = builder.objectRef<LinesView>('GuestTableEntries').implement({
  description: 'Entries of a guest’s page table.',
  fields: t => ({
    list: t.field({
      type: [EntryType],
      description: 'By IOVA, a table before what is in it.',
      resolve: ({ lines }) => [...lines],
    }),
    next: t.expose('next', {
      type: 'HexU64',
      nullable: true,
      description: `The IOVA to go on from, after so many entries or ${WORDS_MAX} words of tables; null if that is all.`,
    }),
  }),
});

const TableType = builder.objectRef<TableView>('GuestTable').implement({
  description: 'The page table of a guest, in its memory.',
  fields: t => ({
    format: t.field({
      type: TableFormatEnum,
      description: 'Its format, as the IOMMU in front of its devices takes it.',
      resolve: ({ format }) => format.format,
    }),
    levels: t.int({ description: 'Its levels.', resolve: ({ format }) => format.levels }),
    root: t.expose('root', { type: 'HexU64', description: 'Guest address of the root.' }),
    readable: t.boolean({
      description: 'The guest has memory at the root.',
      resolve: ({ root, read }) => read(root) !== null,
    }),
    entries: t.field({
      type: LinesType,
      description: 'Its entries that are not zero.',
      args: {
        from: t.arg({
          type: 'HexU64',
          defaultValue: 0n,
          description:
            'Only those that decide about this IOVA or later ones, the tables on the way to it too.',
        }),
        first: t.arg.int({
          defaultValue: LIST_DEFAULT,
          description: `At most this many, from ${FIRST_MIN} to ${LIST_MAX}.`,
        }),
      },
      resolve: (table, { from, first }) =>
        linesOf(table, from ?? 0n, checkFirst(first, 'first', FIRST_MIN)),
    }),
  }),
});

function linesOf({ format, root, read }: TableView, from: bigint, first: number): LinesView {
  const lines: TableLine[] = [];
  let words = 0;
  const counted: ReadWord = address => {
    words++;
    return read(address);
  };
  for (const line of tableLines(format, root, from, counted)) {
    const enough = words > WORDS_MAX && lines.length >= FIRST_MIN;
    if (enough || lines.length === first) return { lines, next: line.iova };
    lines.push(line);
  }
  return { lines, next: null };
}

builder.objectField(HwptNestedType, 'guestTable', t =>
  t.field({
    type: TableType,
    nullable: true,
    description: 'The guest’s page table; null if its user data names none.',
    resolve: ({ machine, context, object }) => {
      const table = tableOfHwpt(machine.state, context, object);
      return table && { ...table, read: guestReader(context, table.ioas) };
    },
  }),
);
