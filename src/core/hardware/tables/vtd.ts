/**
 * VT-d first stage: the x86-64 format, with 4 or 5 levels. Bits and order of checks as in the
 * first-stage walk of QEMU's intel_iommu.c and Linux' fault reasons (intel/dmar.c); WPE, SRE and
 * EAFE are the flags of struct iommu_hwpt_vtd_s1.
 */
import type { TableAccess } from './access.ts';
import {
  type EntryFormat,
  indexAt,
  type LeafCheck,
  type PathRights,
  signExtended,
} from './entry.ts';

export interface VtdFirstStage {
  readonly levels: 4 | 5;
  /** SRE: privileged requests are allowed. */
  readonly supervisorRequests: boolean;
  /** WPE: privileged writes need the R/W bit too. */
  readonly writeProtect: boolean;
  /** EAFE: hardware sets the extended accessed bit too. */
  readonly extendedAccess: boolean;
}

const PRESENT = 1n << 0n;
const WRITABLE = 1n << 1n;
const USER = 1n << 2n;
const ACCESSED = 1n << 5n;
const DIRTY = 1n << 6n;
const PAGE_SIZE = 1n << 7n;
const GLOBAL = 1n << 8n;
const EXTENDED_ACCESSED = 1n << 10n;
const NO_EXECUTE = 1n << 63n;
const ADDRESS = 0x000f_ffff_ffff_f000n;
const PAGE_SHIFTS = [12, 21, 30] as const;

/** Bits of a large page's entry between its PAT bit (12) and its address; they are reserved. */
const RESERVED_IN_LARGE = PAGE_SHIFTS.map(
  shift => ((1n << BigInt(shift)) - 1n) & ~((1n << 13n) - 1n),
);
/** The offset in a page of each level. */
const IN_PAGE = PAGE_SHIFTS.map(shift => (1n << BigInt(shift)) - 1n);

export function vtdFormat(stage: VtdFirstStage): EntryFormat {
  const width = stage.levels === 4 ? 48 : 57;
  const used = stage.extendedAccess ? ACCESSED | EXTENDED_ACCESSED : ACCESSED;
  return {
    format: stage.levels === 4 ? 'VTD_4_LEVELS' : 'VTD_5_LEVELS',
    levels: stage.levels,
    pageShifts: PAGE_SHIFTS,
    outputBits: 52,
    inputFits: iova => signExtended(iova, width),
    index: indexAt,
    meaning(entry, level, above) {
      if ((entry & PRESENT) === 0n) return { kind: 'FAULT', fault: 'NOT_PRESENT' };
      const large = level > 0 && (entry & PAGE_SIZE) !== 0n;
      if (large && level >= PAGE_SHIFTS.length) return { kind: 'FAULT', fault: 'RESERVED' };
      if (large && (entry & RESERVED_IN_LARGE[level]!) !== 0n) {
        return { kind: 'FAULT', fault: 'RESERVED' };
      }
      const execute = above.userExecute && (entry & NO_EXECUTE) === 0n;
      const rights = {
        read: true,
        write: above.write && (entry & WRITABLE) !== 0n,
        user: above.user && (entry & USER) !== 0n,
        userExecute: execute,
        privilegedExecute: execute,
        // Global is a bit of leaves alone.
        global: (entry & GLOBAL) !== 0n,
      };
      if (level > 0 && !large) return { kind: 'TABLE', address: entry & ADDRESS, rights };
      const pageShift = PAGE_SHIFTS[level]!;
      return { kind: 'PAGE', address: entry & ADDRESS & ~IN_PAGE[level]!, pageShift, rights };
    },
    check: (entry, rights, access) => checkVtd(stage, entry, rights, access, used),
    usedTable: entry => entry | used,
    tableEntry: address => address | PRESENT | WRITABLE | USER,
    leafEntry: (address, level, { write, execute }) =>
      address |
      PRESENT |
      (write ? WRITABLE : 0n) |
      USER |
      (level > 0 ? PAGE_SIZE : 0n) |
      (execute ? 0n : NO_EXECUTE),
  };
}

function checkVtd(
  { supervisorRequests, writeProtect }: VtdFirstStage,
  entry: bigint,
  rights: PathRights,
  access: TableAccess,
  used: bigint,
): LeafCheck {
  const { privileged } = access;
  if (privileged && !supervisorRequests) return { kind: 'FAULT', fault: 'PRIVILEGED_REQUEST' };
  if (!privileged && !rights.user) return { kind: 'FAULT', fault: 'PRIVILEGE' };
  const write = rights.write || (privileged && !writeProtect);
  if (access.write && !write) return { kind: 'FAULT', fault: 'NOT_WRITABLE' };
  const execute = rights.userExecute;
  if (access.execute && !execute) return { kind: 'FAULT', fault: 'NOT_EXECUTABLE' };
  const update = entry | used | (access.write ? DIRTY : 0n);
  return { kind: 'GRANTED', read: true, write, execute, update };
}
