/** The walk of each format: entries as the specifications have them, faults, what hardware writes. */
import { describe, expect, test } from 'vitest';
import type { TableAccess } from '../../../../src/core/hardware/tables/access.ts';
import { type ArmStageOne, armFormat } from '../../../../src/core/hardware/tables/arm.ts';
import type { EntryFormat } from '../../../../src/core/hardware/tables/entry.ts';
import { type RiscvFirstStage, riscvFormat } from '../../../../src/core/hardware/tables/riscv.ts';
import { type VtdFirstStage, vtdFormat } from '../../../../src/core/hardware/tables/vtd.ts';
import { walk } from '../../../../src/core/hardware/tables/walk.ts';

const ROOT = 0x1000n;
const READ: TableAccess = { write: false, execute: false, privileged: false };
const WRITE = { ...READ, write: true };
const EXECUTE = { ...READ, execute: true };
const PRIVILEGED = { ...READ, privileged: true };
const PRIVILEGED_WRITE = { ...WRITE, privileged: true };

/** A walk over words; tables of level n stand at 0x1000 × (levels - n). */
function walked(
  format: EntryFormat,
  iova: bigint,
  access: TableAccess,
  words: Readonly<Record<number, bigint>>,
) {
  const memory = new Map<bigint, bigint>();
  for (const [level, entry] of Object.entries(words)) {
    const table = BigInt(format.levels - Number(level)) << 12n;
    memory.set(table + format.index(iova, Number(level)) * 8n, entry);
  }
  return walk(format, ROOT, iova, access, address => memory.get(address) ?? null);
}

/** Entries for the levels above `leafLevel`, each pointing at the next table, and the leaf. */
function path(
  format: EntryFormat,
  leafLevel: number,
  leaf: bigint,
  table = (entry: bigint) => entry,
) {
  const words: Record<number, bigint> = { [leafLevel]: leaf };
  for (let level = leafLevel + 1; level < format.levels; level++) {
    words[level] = table(format.tableEntry(BigInt(format.levels - level + 1) << 12n));
  }
  return words;
}

const faultOf = ({ outcome }: ReturnType<typeof walk>) =>
  outcome.kind === 'FAULT' ? outcome.fault : outcome.address;

describe('VT-d first stage', () => {
  const STAGE: VtdFirstStage = {
    levels: 4,
    supervisorRequests: true,
    writeProtect: true,
    extendedAccess: false,
  };
  const format = vtdFormat(STAGE);
  const IOVA = 0x7f12_3456_7abcn;
  const P = 1n;
  const RW = 2n;
  const US = 4n;
  const A = 0x20n;
  const D = 0x40n;
  const PS = 0x80n;
  const XD = 1n << 63n;

  test.each([
    [0, 0x9000n, 12, 0x9abcn],
    [1, 0x40_0000n, 21, 0x40_0000n + (IOVA & 0x1f_ffffn)],
    [2, 0x8000_0000n, 30, 0x8000_0000n + (IOVA & 0x3fff_ffffn)],
  ])('a leaf of level %i', (level, address, pageShift, expected) => {
    const leaf = address | P | RW | US | (level > 0 ? PS : 0n);
    const { outcome, steps } = walked(format, IOVA, READ, path(format, level, leaf));
    expect(outcome).toMatchObject({ kind: 'PAGE', address: expected, pageShift, write: true });
    expect(steps.map(step => step.level)).toEqual([3, 2, 1, 0].slice(0, 4 - level));
  });

  test.each([
    ['nothing there', 0, 0n, READ, 'NOT_PRESENT'],
    ['read-only', 0, 0x9000n | P | US, WRITE, 'NOT_WRITABLE'],
    ['supervisor page', 0, 0x9000n | P | RW, READ, 'PRIVILEGE'],
    ['no execute', 0, 0x9000n | P | US | XD, EXECUTE, 'NOT_EXECUTABLE'],
    ['reserved in 2 MiB', 1, 0x2000n | P | RW | US | PS, READ, 'RESERVED'],
    ['reserved in 1 GiB', 2, 0x20_0000n | P | RW | US | PS, READ, 'RESERVED'],
    ['page size at level 3', 3, P | RW | US | PS, READ, 'RESERVED'],
  ] as const)('%s', (_what, level, leaf, access, expected) => {
    expect(faultOf(walked(format, IOVA, access, path(format, level, leaf)))).toBe(expected);
  });

  test('PAT of a large page is no reserved bit', () => {
    const leaf = 0x40_1000n | P | RW | US | PS;
    expect(faultOf(walked(format, IOVA, READ, path(format, 1, leaf)))).toBe(
      0x40_0000n + (IOVA & 0x1f_ffffn),
    );
  });

  test('upper levels take rights away', () => {
    const leaf = 0x9000n | P | RW | US;
    const without = (bits: bigint) => path(format, 0, leaf, entry => entry & ~bits);
    expect(faultOf(walked(format, IOVA, WRITE, without(RW)))).toBe('NOT_WRITABLE');
    expect(faultOf(walked(format, IOVA, READ, without(US)))).toBe('PRIVILEGE');
    const noExecute = path(format, 0, leaf, entry => entry | XD);
    expect(faultOf(walked(format, IOVA, EXECUTE, noExecute))).toBe('NOT_EXECUTABLE');
  });

  test('privileged requests: SRE and WPE', () => {
    const words = path(format, 0, 0x9000n | P);
    expect(faultOf(walked(format, IOVA, PRIVILEGED, words))).toBe(0x9abcn);
    expect(faultOf(walked(format, IOVA, PRIVILEGED_WRITE, words))).toBe('NOT_WRITABLE');
    const lax = vtdFormat({ ...STAGE, writeProtect: false });
    expect(faultOf(walked(lax, IOVA, PRIVILEGED_WRITE, words))).toBe(0x9abcn);
    const strict = vtdFormat({ ...STAGE, supervisorRequests: false });
    expect(faultOf(walked(strict, IOVA, PRIVILEGED, words))).toBe('PRIVILEGED_REQUEST');
  });

  test('hardware sets accessed bits on the way and dirty bits of what is written', () => {
    const leaf = 0x9000n | P | RW | US;
    const { outcome } = walked(format, IOVA, WRITE, path(format, 0, leaf));
    expect(outcome).toMatchObject({ kind: 'PAGE' });
    const updates = outcome.kind === 'PAGE' ? outcome.updates : [];
    expect(updates.map(({ value }) => value & 0xfffn)).toEqual([
      P | RW | US | A,
      P | RW | US | A,
      P | RW | US | A,
      P | RW | US | A | D,
    ]);
    const done = path(format, 0, leaf | A, entry => entry | A);
    expect(walked(format, IOVA, READ, done).outcome).toMatchObject({ updates: [] });
    const extended = vtdFormat({ ...STAGE, extendedAccess: true });
    expect(walked(extended, IOVA, READ, done).outcome).toMatchObject({
      updates: [{}, {}, {}, { value: leaf | A | (1n << 10n) }],
    });
  });

  test('addresses are canonical, for 4 and for 5 levels', () => {
    const five = vtdFormat({ ...STAGE, levels: 5 });
    expect(faultOf(walked(format, 1n << 47n, READ, {}))).toBe('NOT_CANONICAL');
    expect(faultOf(walked(format, 0xffff_8000_0000_0000n, READ, {}))).toBe('TABLE_UNREADABLE');
    expect(faultOf(walked(five, 1n << 47n, READ, {}))).toBe('TABLE_UNREADABLE');
    expect(faultOf(walked(five, 1n << 56n, READ, {}))).toBe('NOT_CANONICAL');
    const leaf = 0x9000n | P | RW | US;
    const { outcome, steps } = walked(five, (3n << 48n) | IOVA, READ, path(five, 0, leaf));
    expect(outcome).toMatchObject({ address: 0x9abcn });
    expect(steps).toHaveLength(5);
  });

  test('a table that points at itself is read once a level', () => {
    const entry = ROOT | P | RW | US;
    const { outcome, steps } = walk(format, ROOT, 0n, READ, () => entry);
    expect(outcome).toMatchObject({ kind: 'PAGE', address: ROOT, pageShift: 12 });
    expect(steps).toHaveLength(4);
  });

  test('a table that cannot be read names the entry and the level', () => {
    const words = { 3: 0x2000n | P | RW | US };
    const { outcome, steps } = walked(format, IOVA, READ, words);
    const address = 0x2000n + ((IOVA >> 30n) & 0x1ffn) * 8n;
    expect(outcome).toEqual({ kind: 'FAULT', fault: 'TABLE_UNREADABLE', level: 2, address });
    expect(steps.at(-1)).toEqual({ level: 2, address, entry: null });
  });
});

describe('RISC-V first stage', () => {
  const STAGE: RiscvFirstStage = { mode: 'SV39', updatesAccessedDirty: false, sum: false };
  const format = riscvFormat(STAGE);
  const IOVA = 0x4000_5123n;
  const V = 1n;
  const R = 2n;
  const W = 4n;
  const X = 8n;
  const U = 16n;
  const A = 64n;
  const D = 128n;
  const ALL = V | R | W | X | U | A | D;
  const pte = (address: bigint, flags: bigint) => ((address >> 12n) << 10n) | flags;

  test.each([
    ['page', 0, pte(0x9000n, ALL), READ, 0x9123n],
    ['2 MiB', 1, pte(0x40_0000n, ALL), READ, 0x40_5123n],
    ['misaligned', 1, pte(0x40_1000n, ALL), READ, 'MISALIGNED'],
    ['invalid', 0, 0n, READ, 'NOT_PRESENT'],
    ['write without read', 0, pte(0x9000n, V | W | U | A), READ, 'RESERVED'],
    ['memory type without Svpbmt', 0, pte(0x9000n, ALL) | (1n << 61n), READ, 'RESERVED'],
    ['table at level 0', 0, pte(0x9000n, V), READ, 'RESERVED'],
    ['supervisor page', 0, pte(0x9000n, ALL & ~U), READ, 'PRIVILEGE'],
    ['supervisor page, privileged', 0, pte(0x9000n, ALL & ~U), PRIVILEGED, 0x9123n],
    ['user page, privileged', 0, pte(0x9000n, ALL), PRIVILEGED, 'PRIVILEGE'],
    ['not accessed', 0, pte(0x9000n, ALL & ~A), READ, 'NOT_ACCESSED'],
    ['not dirty', 0, pte(0x9000n, ALL & ~D), WRITE, 'NOT_DIRTY'],
    ['not dirty, read', 0, pte(0x9000n, ALL & ~D), READ, 0x9123n],
    ['read-only', 0, pte(0x9000n, ALL & ~W), WRITE, 'NOT_WRITABLE'],
    ['no execute', 0, pte(0x9000n, ALL & ~X), EXECUTE, 'NOT_EXECUTABLE'],
    ['execute-only', 0, pte(0x9000n, V | X | U | A), READ, 'NOT_READABLE'],
    ['64 KiB region', 0, pte(0x8_8000n, ALL) | (1n << 63n), READ, 0x8_5123n],
  ] as const)('%s', (_what, level, leaf, access, expected) => {
    expect(faultOf(walked(format, IOVA, access, path(format, level, leaf)))).toBe(expected);
  });

  test('SUM and hardware updates', () => {
    const lax = riscvFormat({ mode: 'SV48', updatesAccessedDirty: true, sum: true });
    const leaf = pte(0x9000n, V | R | W | X | U);
    const words = path(lax, 0, leaf);
    expect(faultOf(walked(lax, IOVA, PRIVILEGED, words))).toBe(0x9123n);
    const executing = { ...PRIVILEGED, execute: true };
    expect(faultOf(walked(lax, IOVA, executing, words))).toBe('PRIVILEGE');
    const { outcome } = walked(lax, IOVA, WRITE, words);
    expect(outcome).toMatchObject({ updates: [{ value: leaf | A | D }] });
  });

  test.each([
    ['SV39', 39],
    ['SV48', 48],
    ['SV57', 57],
  ] as const)('%s has %i bits, sign-extended', (mode, width) => {
    const wide = riscvFormat({ ...STAGE, mode });
    expect(wide.levels).toBe((width - 12) / 9);
    expect(wide.inputFits(1n << BigInt(width - 1))).toBe(false);
    expect(wide.inputFits((1n << BigInt(width - 1)) - 1n)).toBe(true);
    expect(wide.inputFits((1n << 64n) - 1n)).toBe(true);
  });
});

describe('SMMUv3 stage 1', () => {
  const STAGE: ArmStageOne = {
    inputBits: 48,
    outputBits: 48,
    setsAccessFlag: false,
    setsDirty: false,
  };
  const format = armFormat(STAGE);
  const IOVA = 0x7f12_3456_7abcn;
  const VALID = 1n;
  const PAGE = 3n;
  const EL0 = 1n << 6n;
  const RO = 1n << 7n;
  const AF = 1n << 10n;
  const DBM = 1n << 51n;
  const PXN = 1n << 53n;
  const UXN = 1n << 54n;
  const LEAF = 0x9000n | PAGE | EL0 | AF;

  test.each([
    ['page', 0, LEAF, READ, 0x9abcn],
    ['2 MiB block', 1, 0x40_0000n | VALID | EL0 | AF, READ, 0x40_0000n + (IOVA & 0x1f_ffffn)],
    ['1 GiB block', 2, 0x8000_0000n | VALID | EL0 | AF, READ, 0x8000_0000n + (IOVA & 0x3fff_ffffn)],
    ['block at the top', 3, VALID | EL0 | AF, READ, 'RESERVED'],
    ['0b01 at the last level', 0, 0x9000n | VALID | EL0 | AF, READ, 'RESERVED'],
    ['invalid', 0, 0n, READ, 'NOT_PRESENT'],
    ['access flag clear', 0, LEAF & ~AF, READ, 'NOT_ACCESSED'],
    ['access flag before permission', 0, (LEAF | RO) & ~AF, WRITE, 'NOT_ACCESSED'],
    ['read-only', 0, LEAF | RO, WRITE, 'NOT_WRITABLE'],
    ['privileged page', 0, LEAF & ~EL0, READ, 'PRIVILEGE'],
    ['privileged page, privileged', 0, LEAF & ~EL0, PRIVILEGED, 0x9abcn],
    ['never executed unprivileged', 0, LEAF | UXN, EXECUTE, 'NOT_EXECUTABLE'],
    ['executed unprivileged', 0, LEAF | PXN, EXECUTE, 0x9abcn],
    [
      'writable for all, privileged execute',
      0,
      LEAF,
      { ...PRIVILEGED, execute: true },
      'NOT_EXECUTABLE',
    ],
    ['read-only, privileged execute', 0, LEAF | RO, { ...PRIVILEGED, execute: true }, 0x9abcn],
  ] as const)('%s', (_what, level, leaf, access, expected) => {
    expect(faultOf(walked(format, IOVA, access, path(format, level, leaf)))).toBe(expected);
  });

  test.each([
    ['APTable read-only', 62n, WRITE, 'NOT_WRITABLE'],
    ['APTable privileged', 61n, READ, 'PRIVILEGE'],
    ['UXNTable', 60n, EXECUTE, 'NOT_EXECUTABLE'],
    ['PXNTable', 59n, { ...PRIVILEGED, execute: true }, 'NOT_EXECUTABLE'],
  ] as const)('%s', (_what, place, access, expected) => {
    const leaf = place === 59n ? LEAF | RO : LEAF;
    const words = path(format, 0, leaf, entry => entry | (1n << place));
    expect(faultOf(walked(format, IOVA, access, words))).toBe(expected);
  });

  test('HA sets the access flag; HD makes a clean page dirty', () => {
    const hardware = armFormat({ ...STAGE, setsAccessFlag: true, setsDirty: true });
    const clean = (LEAF | RO | DBM) & ~AF;
    const words = path(hardware, 0, clean);
    expect(walked(hardware, IOVA, READ, words).outcome).toMatchObject({
      write: true,
      updates: [{ value: clean | AF }],
    });
    expect(walked(hardware, IOVA, WRITE, words).outcome).toMatchObject({
      updates: [{ value: (clean | AF) & ~RO }],
    });
    expect(faultOf(walked(format, IOVA, WRITE, path(format, 0, clean | AF)))).toBe('NOT_WRITABLE');
  });

  test('input and output sizes', () => {
    const narrow = armFormat({ ...STAGE, inputBits: 39, outputBits: 36 });
    expect(narrow.levels).toBe(3);
    expect(faultOf(walked(narrow, 1n << 39n, READ, {}))).toBe('NOT_CANONICAL');
    const iova = (1n << 38n) | 0x5abcn;
    expect(faultOf(walked(narrow, iova, READ, path(narrow, 0, LEAF)))).toBe(0x9abcn);
    const far = path(narrow, 0, LEAF | (1n << 36n));
    expect(faultOf(walked(narrow, iova, READ, far))).toBe('ADDRESS_SIZE');
    // 42 bits: the root has three index bits.
    const odd = armFormat({ ...STAGE, inputBits: 42 });
    expect([odd.levels, odd.index((1n << 42n) - 1n, 3)]).toEqual([4, 7n]);
  });
});
