/**
 * VT-d first stage: the x86-64 format, with 4 or 5 levels. Bits and order of checks as in the
 * first-stage walk of QEMU's intel_iommu.c and Linux' fault reasons (intel/dmar.c); WPE, SRE and
 * EAFE are the flags of struct iommu_hwpt_vtd_s1.
 */
import type { TableAccess } from './access.ts';
import {
  bit,
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

const PRESENT = 0;
const WRITABLE = 1;
const USER = 2;
const ACCESSED = 1n << 5n;
const DIRTY = 1n << 6n;
const PAGE_SIZE = 7;
const GLOBAL = 8;
const EXTENDED_ACCESSED = 1n << 10n;
const NO_EXECUTE = 63;
const ADDRESS = 0x000f_ffff_ffff_f000n;
const PAGE_SHIFTS = [12, 21, 30] as const;

/** Bits of a large page's entry between its PAT bit (12) and its address; they are reserved. */
const reservedInLargePage = (level: number) =>
  ((1n << BigInt(PAGE_SHIFTS[level]!)) - 1n) & ~((1n << 13n) - 1n);

export function vtdFormat(stage: VtdFirstStage): EntryFormat {
  const width = stage.levels === 4 ? 48 : 57;
  const used = stage.extendedAccess ? ACCESSED | EXTENDED_ACCESSED : ACCESSED;
  return {
    format: stage.levels === 4 ? 'VTD_4_LEVELS' : 'VTD_5_LEVELS',
    levels: stage.levels,
    pageShifts: PAGE_SHIFTS,
    inputFits: iova => signExtended(iova, width),
    index: indexAt,
    meaning(entry, level, above) {
      if (!bit(entry, PRESENT)) return { kind: 'FAULT', fault: 'NOT_PRESENT' };
      const large = level > 0 && bit(entry, PAGE_SIZE);
      if (large && level >= PAGE_SHIFTS.length) return { kind: 'FAULT', fault: 'RESERVED' };
      if (large && (entry & reservedInLargePage(level)) !== 0n) {
        return { kind: 'FAULT', fault: 'RESERVED' };
      }
      const execute = above.userExecute && !bit(entry, NO_EXECUTE);
      const rights = {
        read: true,
        write: above.write && bit(entry, WRITABLE),
        user: above.user && bit(entry, USER),
        userExecute: execute,
        privilegedExecute: execute,
        // Global is a bit of leaves alone.
        global: bit(entry, GLOBAL),
      };
      if (level > 0 && !large) return { kind: 'TABLE', address: entry & ADDRESS, rights };
      const pageShift = PAGE_SHIFTS[level]!;
      const inPage = (1n << BigInt(pageShift)) - 1n;
      return { kind: 'PAGE', address: entry & ADDRESS & ~inPage, pageShift, rights };
    },
    check: (entry, rights, access) => checkVtd(stage, entry, rights, access, used),
    usedTable: entry => entry | used,
    tableEntry: address => address | (1n << BigInt(PRESENT)) | writableBit(true) | userBit,
    leafEntry: (address, level, { write, execute }) =>
      address |
      (1n << BigInt(PRESENT)) |
      writableBit(write) |
      userBit |
      (level > 0 ? 1n << BigInt(PAGE_SIZE) : 0n) |
      (execute ? 0n : 1n << BigInt(NO_EXECUTE)),
  };
}

const userBit = 1n << BigInt(USER);
const writableBit = (write: boolean) => (write ? 1n << BigInt(WRITABLE) : 0n);

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
