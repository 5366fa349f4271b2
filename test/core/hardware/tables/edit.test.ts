/** What guests write: mapped pages walk to where they should, unmapped ones do not, all else stays. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { armFormat } from '../../../../src/core/hardware/tables/arm.ts';
import {
  type Edited,
  type EditRefused,
  type GuestMapping,
  mapWords,
  unmapWords,
} from '../../../../src/core/hardware/tables/edit.ts';
import type { EntryFormat } from '../../../../src/core/hardware/tables/entry.ts';
import { riscvFormat } from '../../../../src/core/hardware/tables/riscv.ts';
import { vtdFormat } from '../../../../src/core/hardware/tables/vtd.ts';
import { walk } from '../../../../src/core/hardware/tables/walk.ts';

const VTD = { supervisorRequests: false, writeProtect: true, extendedAccess: false } as const;
const FORMATS: readonly EntryFormat[] = [
  vtdFormat({ ...VTD, levels: 4 }),
  vtdFormat({ ...VTD, levels: 5 }),
  riscvFormat({ mode: 'SV39', updatesAccessedDirty: false, sum: false }),
  riscvFormat({ mode: 'SV48', updatesAccessedDirty: true, sum: false }),
  armFormat({ inputBits: 48, outputBits: 48, setsAccessFlag: false, setsDirty: false }),
];
const ROOT = 0x10_0000n;
const RW = { read: true, write: true, execute: false };

/** A guest's memory with one table, and a pool of pages for more. */
class Guest {
  readonly words = new Map<bigint, bigint>();
  readonly format: EntryFormat;
  free: number;
  private nextTable = ROOT;

  constructor(format: EntryFormat, free = 1_000) {
    this.format = format;
    this.free = free;
  }

  read = (address: bigint) => this.words.get(address) ?? 0n;

  map(mapping: Partial<GuestMapping>): Edited | EditRefused {
    const whole = { iova: 0n, address: 0n, length: 0x1000n, pageShift: 12, rights: RW, ...mapping };
    const take = () => {
      if (this.free === 0) return null;
      this.free--;
      this.nextTable += 0x1000n;
      return this.nextTable;
    };
    return this.written(mapWords(this.format, ROOT, whole, take, this.read));
  }

  unmap(iova: bigint, length: bigint): Edited | EditRefused {
    return this.written(unmapWords(this.format, ROOT, iova, length, this.read));
  }

  /** Where a read or write of an IOVA leads; null if it faults. */
  at(iova: bigint, write = false): bigint | null {
    const access = { write, execute: false, privileged: false };
    const { outcome } = walk(this.format, ROOT, iova, access, this.read);
    return outcome.kind === 'PAGE' ? outcome.address : null;
  }

  private written<T extends Edited | EditRefused>(edit: T): T {
    if (edit.kind === 'EDITED') {
      for (const { address, value } of edit.words) this.words.set(address, value);
    }
    return edit;
  }
}

const why = (edit: Edited | EditRefused) => (edit.kind === 'REFUSED' ? edit.why : edit.pages);

describe.each(FORMATS.map(format => [`${format.format} ${format.levels}`, format] as const))(
  '%s',
  (_name, format) => {
    test('pages map and unmap as in a list of pages', () => {
      const page = fc.nat({ max: 1_600 });
      const action = fc.record({ map: fc.boolean(), page, pages: fc.integer({ min: 1, max: 9 }) });
      fc.assert(
        fc.property(fc.array(action, { maxLength: 25 }), actions => {
          const guest = new Guest(format);
          const mapped = new Map<number, number>();
          for (const [time, act] of actions.entries()) {
            const iova = BigInt(act.page) << 12n;
            const length = BigInt(act.pages) << 12n;
            if (act.map) {
              const address = BigInt((time + 1) * 1_000) << 12n;
              expect(why(guest.map({ iova, address, length }))).toBe(act.pages);
            } else {
              expect(guest.unmap(iova, length).kind).toBe('EDITED');
            }
            for (let place = act.page; place < act.page + act.pages; place++) {
              if (act.map) mapped.set(place, (time + 1) * 1_000 + place - act.page);
              else mapped.delete(place);
            }
          }
          for (let place = 0; place < 1_620; place++) {
            const target = mapped.get(place);
            const expected = target === undefined ? null : (BigInt(target) << 12n) | 0x123n;
            expect(guest.at((BigInt(place) << 12n) | 0x123n, true)).toBe(expected);
          }
        }),
        { numRuns: 30 },
      );
    });

    test('large pages', () => {
      const guest = new Guest(format);
      const large = { iova: 0x4000_0000n, address: 0x8000_0000n, pageShift: 21 };
      expect(why(guest.map({ ...large, length: 0x60_0000n }))).toBe(3);
      expect(guest.at(0x4023_4567n)).toBe(0x8023_4567n);
      expect(why(guest.map({ iova: 0x4020_0000n }))).toBe('ENTRY_IN_THE_WAY');
      expect(why(guest.unmap(0x4020_1000n, 0x1000n))).toBe('PART_OF_LARGE_PAGE');
      expect(why(guest.unmap(0x4010_0000n, 0x20_0000n))).toBe('PART_OF_LARGE_PAGE');
      expect(why(guest.unmap(0x4020_0000n, 0x20_0000n))).toBe(1);
      expect([guest.at(0x4020_0000n), guest.at(0x4040_0000n)]).toEqual([null, 0x8040_0000n]);
      expect(why(guest.map({ iova: 0x4020_0000n }))).toBe(1);
      expect(why(guest.map({ ...large, length: 0x60_0000n }))).toBe('ENTRY_IN_THE_WAY');
      const huge = { iova: 0x8000_0000n, address: 0n, pageShift: 30, length: 1n << 30n };
      expect(why(guest.map(huge))).toBe(1);
      expect(guest.at(0xbfff_ffffn)).toBe(0x3fff_ffffn);
    });

    test('rights', () => {
      const guest = new Guest(format);
      guest.map({ iova: 0x5000n, address: 0x9000n, rights: { ...RW, write: false } });
      expect([guest.at(0x5000n), guest.at(0x5000n, true)]).toEqual([0x9000n, null]);
      expect(why(guest.map({ rights: { read: false, write: true, execute: true } }))).toBe(
        'RIGHTS',
      );
      expect(why(guest.map({ rights: { read: false, write: false, execute: false } }))).toBe(
        'RIGHTS',
      );
      for (const execute of [true, false]) {
        guest.map({ iova: 0x6000n, rights: { ...RW, execute } });
        const asks = { write: false, execute: true, privileged: false };
        const { outcome } = walk(format, ROOT, 0x6000n, asks, guest.read);
        expect(outcome.kind).toBe(execute ? 'PAGE' : 'FAULT');
      }
    });

    test('bad input, and nothing is written', () => {
      const guest = new Guest(format);
      expect(why(guest.map({ iova: 0x800n }))).toBe('NOT_ALIGNED');
      expect(why(guest.map({ length: 0n }))).toBe('NOT_ALIGNED');
      expect(why(guest.map({ address: 1n }))).toBe('NOT_ALIGNED');
      expect(why(guest.map({ pageShift: 13 }))).toBe('PAGE_SIZE');
      expect(why(guest.map({ iova: 1n << 60n }))).toBe('NOT_CANONICAL');
      expect(why(guest.unmap(1n << 60n, 0x1000n))).toBe('NOT_CANONICAL');
      expect(why(guest.unmap(0n, 0x800n))).toBe('NOT_ALIGNED');
      expect(guest.words.size).toBe(0);
      const poor = new Guest(format, 1);
      expect(why(poor.map({}))).toBe('NO_TABLE_PAGES');
      expect(poor.words.size).toBe(0);
    });

    test('tables are made once, named, and stay', () => {
      const guest = new Guest(format);
      const first = guest.map({ iova: 0x5000n, length: 0x2000n });
      expect(first).toMatchObject({ kind: 'EDITED', pages: 2 });
      expect(first.kind === 'EDITED' && first.tables).toHaveLength(format.levels - 1);
      expect(guest.map({ iova: 0x8000n })).toMatchObject({ tables: [], words: [{}] });
      const size = guest.words.size;
      expect(why(guest.unmap(0n, 1n << 30n))).toBe(3);
      expect(guest.words.size).toBe(size);
      expect(why(guest.unmap(0n, 1n << 37n))).toBe(0);
    });

    test('a table that cannot be read refuses both', () => {
      const unreadable = () => null;
      const take = () => 0x20_0000n;
      const whole = { iova: 0n, address: 0n, length: 0x1000n, pageShift: 12, rights: RW };
      expect(why(mapWords(format, ROOT, whole, take, unreadable))).toBe('TABLE_UNREADABLE');
      expect(why(unmapWords(format, ROOT, 0n, 0x1000n, unreadable))).toBe('TABLE_UNREADABLE');
    });
  },
);
