/**
 * SMMUv3 stage 1 with the 4 KiB granule: the AArch64 format (VMSAv8-64) without LPA2. What the
 * context descriptor sets are the fields of ArmStageOne.
 */
import type { TableAccess } from './access.ts';
import {
  bit,
  type EntryFormat,
  INDEX_MASK,
  indexAt,
  type LeafCheck,
  type PathRights,
} from './entry.ts';

export interface ArmStageOne {
  /** 64 - CD.T0SZ: 25 to 48. */
  readonly inputBits: number;
  /** Bits of an output address by CD.IPS: 32, 36, 40, 42, 44 or 48. */
  readonly outputBits: number;
  /** CD.HA: hardware sets the access flag. */
  readonly setsAccessFlag: boolean;
  /** CD.HD: hardware makes writable-clean pages dirty. Only with HA. */
  readonly setsDirty: boolean;
}

const VALID = 0;
/** At levels above the last: a table and no block. At the last: set in every valid entry. */
const TABLE = 1;
/** AP[1]: unprivileged access. */
const USER = 6;
/** AP[2]. */
const READ_ONLY = 7;
const ACCESS_FLAG = 10;
const NOT_GLOBAL = 11;
/** A read-only page with DBM is writable and clean. */
const DIRTY_MODIFIER = 51;
const PRIVILEGED_NO_EXECUTE = 53;
const USER_NO_EXECUTE = 54;
/** Inner shareable. */
const SHAREABLE = 3n << 8n;
const TABLE_PRIVILEGED_NO_EXECUTE = 59;
const TABLE_USER_NO_EXECUTE = 60;
const TABLE_NO_USER = 61;
const TABLE_READ_ONLY = 62;
const ADDRESS = 0x0000_ffff_ffff_f000n;
const PAGE_SHIFTS = [12, 21, 30] as const;

const one = (place: number) => 1n << BigInt(place);

export function armFormat(stage: ArmStageOne): EntryFormat {
  const levels = Math.ceil((stage.inputBits - 12) / 9);
  const topBits = stage.inputBits - 12 - 9 * (levels - 1);
  const beyond = (ADDRESS >> BigInt(stage.outputBits)) << BigInt(stage.outputBits);
  return {
    format: 'ARM_4K',
    levels,
    pageShifts: PAGE_SHIFTS.slice(0, levels),
    outputBits: 48,
    inputFits: iova => iova >> BigInt(stage.inputBits) === 0n,
    index: (iova, level) =>
      indexAt(iova, level) & (level === levels - 1 ? one(topBits) - 1n : INDEX_MASK),
    meaning(entry, level, above) {
      if (!bit(entry, VALID)) return { kind: 'FAULT', fault: 'NOT_PRESENT' };
      const table = level > 0 && bit(entry, TABLE);
      // Blocks at level 0 of the architecture and entries 0b01 at level 3 are reserved, which
      // is to hardware as if they were invalid.
      const reserved = level === 0 ? !bit(entry, TABLE) : !table && level >= PAGE_SHIFTS.length;
      if (reserved) return { kind: 'FAULT', fault: 'RESERVED' };
      if ((entry & beyond) !== 0n) return { kind: 'FAULT', fault: 'ADDRESS_SIZE' };
      if (table) return { kind: 'TABLE', address: entry & ADDRESS, rights: below(entry, above) };
      const pageShift = PAGE_SHIFTS[level]!;
      const address = entry & ADDRESS & ~(one(pageShift) - 1n);
      return { kind: 'PAGE', address, pageShift, rights: onPage(stage, entry, above) };
    },
    check: (entry, rights, access) => checkArm(stage, entry, rights, access),
    usedTable: () => null,
    tableEntry: address => address | one(TABLE) | one(VALID),
    leafEntry: (address, level, { write, execute }) =>
      address |
      one(VALID) |
      (level === 0 ? one(TABLE) : 0n) |
      one(USER) |
      (write ? 0n : one(READ_ONLY)) |
      SHAREABLE |
      one(ACCESS_FLAG) |
      one(NOT_GLOBAL) |
      one(PRIVILEGED_NO_EXECUTE) |
      (execute ? 0n : one(USER_NO_EXECUTE)),
  };
}

/** What the tables above a page take away. */
function below(entry: bigint, above: PathRights): PathRights {
  return {
    ...above,
    write: above.write && !bit(entry, TABLE_READ_ONLY),
    user: above.user && !bit(entry, TABLE_NO_USER),
    userExecute: above.userExecute && !bit(entry, TABLE_USER_NO_EXECUTE),
    privilegedExecute: above.privilegedExecute && !bit(entry, TABLE_PRIVILEGED_NO_EXECUTE),
  };
}

function onPage(stage: ArmStageOne, entry: bigint, above: PathRights): PathRights {
  const user = above.user && bit(entry, USER);
  const writableClean = stage.setsDirty && bit(entry, DIRTY_MODIFIER);
  const write = above.write && (!bit(entry, READ_ONLY) || writableClean);
  return {
    read: true,
    write,
    user,
    userExecute: above.userExecute && !bit(entry, USER_NO_EXECUTE),
    // What unprivileged software can write, privileged software never executes.
    privilegedExecute:
      above.privilegedExecute && !bit(entry, PRIVILEGED_NO_EXECUTE) && !(user && write),
    global: !bit(entry, NOT_GLOBAL),
  };
}

/** The access flag comes before the permissions, as in the architecture's order of faults. */
function checkArm(
  stage: ArmStageOne,
  entry: bigint,
  rights: PathRights,
  access: TableAccess,
): LeafCheck {
  const { privileged } = access;
  if (!bit(entry, ACCESS_FLAG) && !stage.setsAccessFlag) {
    return { kind: 'FAULT', fault: 'NOT_ACCESSED' };
  }
  if (!privileged && !rights.user) return { kind: 'FAULT', fault: 'PRIVILEGE' };
  if (access.write && !rights.write) return { kind: 'FAULT', fault: 'NOT_WRITABLE' };
  const execute = privileged ? rights.privilegedExecute : rights.userExecute;
  if (access.execute && !execute) return { kind: 'FAULT', fault: 'NOT_EXECUTABLE' };
  let update = entry | one(ACCESS_FLAG);
  if (access.write) update &= ~one(READ_ONLY);
  return { kind: 'GRANTED', read: true, write: rights.write, execute, update };
}
