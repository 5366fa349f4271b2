/**
 * What a walk of a first-stage page table is asked and what it answers, the same for all formats.
 * Pure: words are read through a function, and what hardware would write (accessed and dirty bits)
 * is returned.
 */

/** One access of a device to one page. */
export interface TableAccess {
  readonly write: boolean;
  /** A read with the intent to execute: PCIe's Execute Requested, with PASID. */
  readonly execute: boolean;
  /** PCIe's Privileged Mode Requested, with PASID. */
  readonly privileged: boolean;
}

/** Formats of a guest's first stage, by IOMMU and input width. All have 8-byte entries, 4 KiB pages. */
export const TABLE_FORMATS = [
  'VTD_4_LEVELS',
  'VTD_5_LEVELS',
  'RISCV_SV39',
  'RISCV_SV48',
  'RISCV_SV57',
  'ARM_4K',
] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** Why a walk ended without a translation. */
export type TableFault =
  /** The address is wider than the table or not sign-extended. */
  | 'NOT_CANONICAL'
  /** A table could not be read: no memory there, or the second stage has nothing for it. */
  | 'TABLE_UNREADABLE'
  | 'NOT_PRESENT'
  /** Reserved bits or a reserved encoding. */
  | 'RESERVED'
  /** A large page whose address is not a multiple of its size, where that is not just reserved. */
  | 'MISALIGNED'
  /** An output address wider than the format allows. */
  | 'ADDRESS_SIZE'
  /** Hardware does not set accessed bits here, and the entry's is clear. */
  | 'NOT_ACCESSED'
  /** Hardware does not set dirty bits here, and the entry's is clear. */
  | 'NOT_DIRTY'
  | 'NOT_READABLE'
  | 'NOT_WRITABLE'
  | 'NOT_EXECUTABLE'
  /** The page is for the other privilege. */
  | 'PRIVILEGE'
  /** Privileged requests are not enabled. */
  | 'PRIVILEGED_REQUEST';

/** One entry that was read. */
export interface WalkStep {
  /** Level of the table, 0 the one that holds 4 KiB pages. */
  readonly level: number;
  /** Address of the entry, guest physical where there is a second stage. */
  readonly address: bigint;
  /** The entry; null if it could not be read. */
  readonly entry: bigint | null;
}

export interface WordWrite {
  readonly address: bigint;
  readonly value: bigint;
}

export interface WalkedPage {
  readonly kind: 'PAGE';
  /** What the IOVA leads to, with its offset in the page. */
  readonly address: bigint;
  /** log2 of the bytes of the page. */
  readonly pageShift: number;
  /** What the entries grant to this privilege, whatever was asked. */
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly global: boolean;
  /** Entries as hardware would leave them, where that changes them. */
  readonly updates: readonly WordWrite[];
}

export interface WalkFault {
  readonly kind: 'FAULT';
  readonly fault: TableFault;
  /** Level at which it ended; the number of levels if no entry was read. */
  readonly level: number;
  /** The entry's address, or the IOVA if no entry was read. */
  readonly address: bigint;
}

export interface Walk {
  readonly steps: readonly WalkStep[];
  readonly outcome: WalkedPage | WalkFault;
}

/** Reads 8 bytes, little-endian, at an address that is a multiple of 8; null if nothing is there. */
export type ReadWord = (address: bigint) => bigint | null;

/**
 * Faults that no DMA of a machine meets: functions neither execute nor ask for privilege, hardware sets
 * accessed and dirty bits, and no format here has addresses wider than it can lead to.
 */
const UNMET = [
  'NOT_EXECUTABLE',
  'PRIVILEGED_REQUEST',
  'NOT_ACCESSED',
  'NOT_DIRTY',
  'ADDRESS_SIZE',
] as const satisfies readonly TableFault[];

/** Faults of the guest's table that a DMA can meet. */
export type MetFault = Exclude<TableFault, (typeof UNMET)[number]>;

export function isMet(fault: TableFault): fault is MetFault {
  return !(UNMET as readonly TableFault[]).includes(fault);
}

/** Why a DMA is not translated. */
export type DmaFaultReason =
  | MetFault
  /** The kernel's default domain: nobody owns its DMA, and it is not modelled. */
  | 'DEFAULT_DOMAIN'
  /** The blocking domain, or a group without a domain. */
  | 'BLOCKED'
  /** A PASID in front of a domain that has no table for it. */
  | 'NO_PASID_TABLE'
  /** The second stage has nothing there. */
  | 'STAGE2_NOT_PRESENT'
  | 'STAGE2_PERMISSION';
