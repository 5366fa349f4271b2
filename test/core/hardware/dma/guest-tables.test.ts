/**
 * Guest tables that are wrong: at themselves, at memory that is not there, with reserved bits. Each
 * vendor's IOMMU records its own fault, and a device with PRI asks only where asking can help.
 */
import { describe, expect, test } from 'vitest';
import type { TableFormat } from '../../../../src/core/hardware/tables/access.ts';
import type { IommuVendor } from '../../../../src/core/hardware/vendors/names.ts';
import { Rig, ROOT, USER_VA } from '../rig.ts';

/** A table outside of the guest's memory, which is 1 MiB. */
const ABSENT = 0x50_0000n;
const NEXT = 0x3000n;

/** What words of each format look like; addresses are below 2^32. */
interface Words {
  readonly table: (gpa: bigint) => bigint;
  /** With reserved bits or a reserved encoding, as an entry of the root. */
  readonly reserved: bigint;
  /** Wider than the table can translate. */
  readonly wide: bigint;
}

const X86: Words = {
  table: gpa => gpa | 7n,
  // A large page in a table of the fourth level.
  reserved: NEXT | 0x87n,
  wide: 0x8000_0000_0000n,
};
const ARM: Words = {
  table: gpa => gpa | 3n,
  // A block in a table of level 0.
  reserved: NEXT | 1n,
  wide: 0x1_0000_0000_0000n,
};
const RISCV: Words = {
  table: gpa => ((gpa >> 12n) << 10n) | 1n,
  // Writable and not readable.
  reserved: ((NEXT >> 12n) << 10n) | 5n,
  wide: 0x8000_0000_0000n,
};

interface Recorded {
  readonly code: number;
  readonly name: string;
  /** With ATS and PRI the device asks for the page. */
  readonly asks: boolean;
}

interface Vendor {
  readonly vendor: IommuVendor;
  readonly tableFormat: TableFormat | null;
  readonly words: Words;
  readonly missing: Recorded;
  readonly absent: Recorded;
  readonly reserved: Recorded;
  readonly wide: Recorded;
  /** All indexes lead back to the root: what its last entry says then; null: a page, the root. */
  readonly itself: Recorded | null;
}

const asks = (code: number, name: string): Recorded => ({ code, name, asks: true });
const fails = (code: number, name: string): Recorded => ({ code, name, asks: false });

const READ_PAGE_FAULT = asks(13, 'Read page fault');
const VTD_FAULTS = {
  missing: asks(0x71, 'first-stage entry not present'),
  absent: asks(0x70, 'first-stage entry not accessible'),
  reserved: fails(0x72, 'first-stage entry reserved field set'),
  wide: fails(0x80, 'address not canonical'),
} as const;

const VENDORS: readonly Vendor[] = [
  { vendor: 'VTD', tableFormat: null, words: X86, itself: null, ...VTD_FAULTS },
  { vendor: 'CONFORMING', tableFormat: null, words: X86, itself: null, ...VTD_FAULTS },
  {
    vendor: 'AMD_VI',
    tableFormat: null,
    words: X86,
    missing: asks(2, 'IO_PAGE_FAULT'),
    absent: asks(2, 'IO_PAGE_FAULT'),
    reserved: fails(2, 'IO_PAGE_FAULT'),
    wide: fails(2, 'IO_PAGE_FAULT'),
    itself: null,
  },
  {
    vendor: 'SMMUV3',
    tableFormat: 'ARM_4K',
    words: ARM,
    missing: asks(0x10, 'F_TRANSLATION'),
    absent: asks(0x10, 'F_TRANSLATION'),
    reserved: fails(0x10, 'F_TRANSLATION'),
    wide: fails(0x10, 'F_TRANSLATION'),
    // As a page, a table descriptor grants nothing to unprivileged requests: AP[1] is clear.
    itself: asks(0x13, 'F_PERMISSION'),
  },
  {
    vendor: 'RISCV',
    tableFormat: 'RISCV_SV48',
    words: RISCV,
    missing: READ_PAGE_FAULT,
    absent: asks(21, 'Read guest page fault'),
    reserved: READ_PAGE_FAULT,
    wide: READ_PAGE_FAULT,
    // A pointer in the last table is no leaf.
    itself: READ_PAGE_FAULT,
  },
];

describe.each(VENDORS)('$vendor', row => {
  const { vendor, tableFormat, words } = row;
  const rigWith = (root: bigint | null, asking: boolean): Rig => {
    const rig = new Rig({ iommu: { vendor, tableFormat }, fn: asking ? {} : { ats: null } });
    if (root !== null) {
      const word = { gpa: ROOT, value: root };
      rig.run('GuestWrite', { contextId: 1, ioasId: rig.ioasId, words: [word] });
    }
    return rig;
  };

  const CASES: readonly (readonly [string, bigint | null, bigint, keyof Vendor])[] = [
    ['nothing is mapped', null, 0n, 'missing'],
    [
      'the root points at itself, and its next entry is empty',
      words.table(ROOT),
      0x1000n,
      'missing',
    ],
    ['the root points at memory that is not there', words.table(ABSENT), 0n, 'absent'],
    ['an entry is reserved', words.reserved, 0n, 'reserved'],
    ['the IOVA is too wide', null, words.wide, 'wide'],
  ];

  test.each(CASES)('%s', (_, root, iova, name) => {
    const expected = row[name] as Recorded;
    const refused = rigWith(root, false);
    expect(refused.dma({ iova })).toMatchObject({ state: 'ABORTED', reason: 'REFUSED' });
    const { code, name: text } = expected;
    expect(refused.of('FaultRecorded')).toMatchObject([{ iova, code, name: text, write: false }]);
    expect(refused.iommu.faultRecords).toMatchObject([{ code, name: text }]);
    refused.checkReplay();
    const asking = rigWith(root, true);
    const state = expected.asks ? 'WAITING_PRG' : 'ABORTED';
    expect(asking.dma({ iova }).state).toBe(state);
    expect(asking.of('PageRequestIssued')).toHaveLength(expected.asks ? 1 : 0);
  });

  test('every index leads back to the root', () => {
    const rig = rigWith(words.table(ROOT), false);
    const done = rig.dma({ iova: 0n });
    if (row.itself === null) {
      // A recursive mapping: the table is a page, too.
      expect(done).toMatchObject({ state: 'DONE', runs: [{ userVa: USER_VA + ROOT }] });
      return;
    }
    const { code, name } = row.itself;
    expect(done.state).toBe('ABORTED');
    expect(rig.of('FaultRecorded')).toMatchObject([{ code, name }]);
  });
});
