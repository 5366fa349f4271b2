/** What the format of a page table is to the walk and to the editors. */
import type { TableAccess, TableFault, TableFormat } from './access.ts';

/** Rights along the path so far: what upper levels leave. */
export interface PathRights {
  readonly read: boolean;
  readonly write: boolean;
  /** Whether unprivileged requests may pass. */
  readonly user: boolean;
  readonly userExecute: boolean;
  readonly privilegedExecute: boolean;
  readonly global: boolean;
}

export const ALL_RIGHTS: PathRights = {
  read: true,
  write: true,
  user: true,
  userExecute: true,
  privilegedExecute: true,
  global: true,
};

export type EntryMeaning =
  | { readonly kind: 'TABLE'; readonly address: bigint; readonly rights: PathRights }
  | {
      readonly kind: 'PAGE';
      /** Where the page starts. */
      readonly address: bigint;
      /** log2 of its bytes. */
      readonly pageShift: number;
      readonly rights: PathRights;
    }
  | { readonly kind: 'FAULT'; readonly fault: TableFault };

/** A leaf passed all checks, or why not; with the entries hardware would write. */
export type LeafCheck =
  | { readonly kind: 'FAULT'; readonly fault: TableFault }
  | {
      readonly kind: 'GRANTED';
      readonly read: boolean;
      readonly write: boolean;
      readonly execute: boolean;
      readonly update: bigint | null;
    };

/** What a new leaf entry is to grant. */
export interface LeafRights {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

export interface EntryFormat {
  readonly format: TableFormat;
  /** Levels of the table; the root is level `levels - 1`. */
  readonly levels: number;
  /** log2 of the bytes that a leaf of level i maps, as the i-th; a contiguous region aside. */
  readonly pageShifts: readonly number[];
  /** Bits of an address that its entries can hold. */
  readonly outputBits: number;
  /** Whether the table can translate the IOVA at all. */
  inputFits(iova: bigint): boolean;
  /** Index into the table of a level. */
  index(iova: bigint, level: number): bigint;
  /** What an entry of a level says, given what the levels above leave. */
  meaning(entry: bigint, level: number, above: PathRights): EntryMeaning;
  /** Whether the access is allowed, and what hardware would write to the leaf. */
  check(entry: bigint, rights: PathRights, access: TableAccess): LeafCheck;
  /** What a table entry looks like after it was used; null if hardware leaves it. */
  usedTable(entry: bigint): bigint | null;
  tableEntry(address: bigint): bigint;
  leafEntry(address: bigint, level: number, rights: LeafRights): bigint;
}

export function bits(value: bigint, high: number, low: number): bigint {
  return (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
}

export function bit(value: bigint, place: number): boolean {
  return ((value >> BigInt(place)) & 1n) === 1n;
}

/** Whether bits 63 down to `width - 1` are all equal: a sign-extended address of `width` bits. */
export function signExtended(address: bigint, width: number): boolean {
  return BigInt.asUintN(64, BigInt.asIntN(width, address)) === address;
}

export const INDEX_MASK = 0x1ffn;

const INDEX_SHIFTS = [12n, 21n, 30n, 39n, 48n] as const;

/** Nine bits of the address for each level above the page offset. */
export function indexAt(iova: bigint, level: number): bigint {
  return (iova >> INDEX_SHIFTS[level]!) & INDEX_MASK;
}
