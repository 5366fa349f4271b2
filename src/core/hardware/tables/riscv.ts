/**
 * RISC-V first stage: Sv39, Sv48, Sv57, with Svnapot and without Svpbmt, as the Privileged
 * Architecture's address translation and section 2.3 of the IOMMU specification say. The model of
 * the whole RISC-V IOMMU (../riscv) reads its entries with `readSvEntry` too.
 */
import type { TableAccess, TableFault } from './access.ts';
import {
  bit,
  bits,
  type EntryFormat,
  indexAt,
  type LeafCheck,
  type PathRights,
  signExtended,
} from './entry.ts';

export type SvMode = 'SV39' | 'SV48' | 'SV57';

export interface RiscvFirstStage {
  readonly mode: SvMode;
  /** SADE: hardware sets accessed and dirty bits; otherwise a clear one is a page fault. */
  readonly updatesAccessedDirty: boolean;
  /** SUM: privileged requests may access user pages, but not execute them. */
  readonly sum: boolean;
}

export const SV_LEVELS: Readonly<Record<SvMode, number>> = { SV39: 3, SV48: 4, SV57: 5 };

export const SV_ACCESSED = 1n << 6n;
export const SV_DIRTY = 1n << 7n;

const VALID = 0;
const READ = 1;
const WRITE = 2;
const EXECUTE = 3;
const USER = 4;
const GLOBAL = 5;
const NAPOT = 63;
/** log2 of the bytes of the one contiguous region of Svnapot: 64 KiB. */
export const NAPOT_SHIFT = 16;
const PAGE_SHIFTS = [12, 21, 30, 39, 48] as const;

/** Extensions that give meaning to bits which are reserved without them. */
export interface SvExtensions {
  /** Memory types in bits 62:61. */
  readonly svpbmt: boolean;
  /** Bits 60:59 are the software's (Svrsw60t59b). */
  readonly svrsw60t59b: boolean;
}

export interface SvEntry {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly user: boolean;
  readonly global: boolean;
  readonly accessed: boolean;
  readonly dirty: boolean;
  readonly leaf: boolean;
  /** A 64 KiB contiguous region of 4 KiB entries. */
  readonly napot: boolean;
  readonly ppn: bigint;
  /** 0 PMA, 1 NC, 2 IO. */
  readonly memoryType: number;
}

/** An entry of a level, or null if it is invalid or its encoding reserved: a page fault. */
export function readSvEntry(entry: bigint, level: number, has: SvExtensions): SvEntry | null {
  const low = Number(entry & 0xffn);
  const read = (low & (1 << READ)) !== 0;
  const write = (low & (1 << WRITE)) !== 0;
  const execute = (low & (1 << EXECUTE)) !== 0;
  if ((low & (1 << VALID)) === 0 || (write && !read)) return null;
  const high = Number(entry >> 54n);
  const memoryType = (high >> 7) & 3;
  if (memoryType === 3 || (memoryType !== 0 && !has.svpbmt)) return null;
  if ((high & (has.svrsw60t59b ? 0x1f : 0x7f)) !== 0) return null;
  const napot = (high & 0x200) !== 0;
  const leaf = read || execute;
  const ppn = bits(entry, 53, 10);
  if (napot && (level > 0 || (leaf && (ppn & 0xfn) !== 8n))) return null;
  // The memory type of an entry that points at a table is reserved.
  if (!leaf && (memoryType !== 0 || level === 0)) return null;
  return {
    read,
    write,
    execute,
    user: (low & (1 << USER)) !== 0,
    global: (low & (1 << GLOBAL)) !== 0,
    accessed: (entry & SV_ACCESSED) !== 0n,
    dirty: (entry & SV_DIRTY) !== 0n,
    leaf,
    napot,
    ppn,
    memoryType,
  };
}

/** Whether a leaf of this level starts at a multiple of its size. */
export function svAligned(ppn: bigint, level: number): boolean {
  return (ppn & ((1n << BigInt(9 * level)) - 1n)) === 0n;
}

/** Why a leaf does not allow an access, or null; what a translation request asks is never denied. */
export function svDenied(
  { read, write, execute, user }: SvEntry,
  access: TableAccess & { readonly read: boolean },
  sum: boolean,
): TableFault | null {
  if (access.execute && !execute) return 'NOT_EXECUTABLE';
  if (access.read && !read) return 'NOT_READABLE';
  if (access.write && !write) return 'NOT_WRITABLE';
  if (!access.privileged) return user ? null : 'PRIVILEGE';
  return user && (access.execute || !sum) ? 'PRIVILEGE' : null;
}

const PLAIN: SvExtensions = { svpbmt: false, svrsw60t59b: false };

export function riscvFormat(stage: RiscvFirstStage): EntryFormat {
  const levels = SV_LEVELS[stage.mode];
  return {
    format: `RISCV_${stage.mode}`,
    levels,
    pageShifts: PAGE_SHIFTS.slice(0, levels),
    outputBits: 56,
    inputFits: iova => signExtended(iova, 12 + 9 * levels),
    index: indexAt,
    meaning(entry, level, above) {
      const read = readSvEntry(entry, level, PLAIN);
      if (read === null) {
        return { kind: 'FAULT', fault: bit(entry, VALID) ? 'RESERVED' : 'NOT_PRESENT' };
      }
      const address = read.ppn << 12n;
      const global = above.global && read.global;
      if (!read.leaf) return { kind: 'TABLE', address, rights: { ...above, global } };
      if (!svAligned(read.ppn, level)) return { kind: 'FAULT', fault: 'MISALIGNED' };
      const { read: readable, write, user, execute } = read;
      const rights: PathRights = {
        read: readable,
        write,
        user,
        userExecute: execute,
        privilegedExecute: execute,
        global,
      };
      if (!read.napot) return { kind: 'PAGE', address, pageShift: PAGE_SHIFTS[level]!, rights };
      const start = address & ~((1n << BigInt(NAPOT_SHIFT)) - 1n);
      return { kind: 'PAGE', address: start, pageShift: NAPOT_SHIFT, rights };
    },
    check: (entry, _rights, access) => checkSv(stage, entry, access),
    usedTable: () => null,
    tableEntry: address => ((address >> 12n) << 10n) | 1n,
    leafEntry: (address, _level, { read, write, execute }) =>
      ((address >> 12n) << 10n) |
      (read ? 1n << BigInt(READ) : 0n) |
      (write ? 1n << BigInt(WRITE) : 0n) |
      (execute ? 1n << BigInt(EXECUTE) : 0n) |
      (1n << BigInt(USER)) |
      1n |
      (stage.updatesAccessedDirty ? 0n : SV_ACCESSED | (write ? SV_DIRTY : 0n)),
  };
}

function checkSv(stage: RiscvFirstStage, entry: bigint, access: TableAccess): LeafCheck {
  // `meaning` has read it as a leaf of its level; rights and bits are the same at each.
  const leaf = readSvEntry(BigInt.asUintN(NAPOT, entry), 0, PLAIN)!;
  // A read with the intent to execute needs both rights.
  const read = !access.write;
  const denied = svDenied(leaf, { ...access, read }, stage.sum);
  if (denied !== null) return { kind: 'FAULT', fault: denied };
  if (!stage.updatesAccessedDirty) {
    if (!leaf.accessed) return { kind: 'FAULT', fault: 'NOT_ACCESSED' };
    if (access.write && !leaf.dirty) return { kind: 'FAULT', fault: 'NOT_DIRTY' };
  }
  const update = entry | SV_ACCESSED | (access.write ? SV_DIRTY : 0n);
  const { read: readable, write, execute } = leaf;
  return { kind: 'GRANTED', read: readable, write, execute, update };
}
