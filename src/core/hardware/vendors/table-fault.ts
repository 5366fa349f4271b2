/** What each vendor's IOMMU records for a walk that ended in a fault. */
import { CAUSE } from '../riscv/fault.ts';
import type { TableAccess, TableFault } from '../tables/access.ts';
import type { IommuVendor } from './names.ts';
import { SMMU_EVENT } from './smmuv3.ts';
import { VTD_FAULT } from './vtd.ts';

/** The number a record has, and what it says. */
export interface NamedFault {
  readonly code: number;
  readonly name: string;
}

/** VT-d 7.2.3: numbers as QEMU's vtd_iova_to_fspte and Linux' list (intel/dmar.c) have them. */
const VTD: Readonly<Record<TableFault, NamedFault>> = {
  NOT_CANONICAL: { code: VTD_FAULT.NOT_CANONICAL, name: 'address not canonical' },
  TABLE_UNREADABLE: {
    code: VTD_FAULT.FIRST_STAGE_ACCESS,
    name: 'first-stage entry not accessible',
  },
  NOT_PRESENT: { code: VTD_FAULT.FIRST_STAGE_NOT_PRESENT, name: 'first-stage entry not present' },
  RESERVED: { code: VTD_FAULT.FIRST_STAGE_RESERVED, name: 'first-stage entry reserved field set' },
  MISALIGNED: {
    code: VTD_FAULT.FIRST_STAGE_RESERVED,
    name: 'first-stage entry reserved field set',
  },
  ADDRESS_SIZE: {
    code: VTD_FAULT.FIRST_STAGE_RESERVED,
    name: 'first-stage entry reserved field set',
  },
  NOT_ACCESSED: { code: VTD_FAULT.BIT_UPDATE, name: 'accessed or dirty bit not updated' },
  NOT_DIRTY: { code: VTD_FAULT.BIT_UPDATE, name: 'accessed or dirty bit not updated' },
  NOT_READABLE: { code: VTD_FAULT.NO_READ, name: 'no read permission' },
  NOT_WRITABLE: { code: VTD_FAULT.NO_WRITE, name: 'no write permission' },
  NOT_EXECUTABLE: { code: VTD_FAULT.NO_EXECUTE, name: 'no execute permission' },
  PRIVILEGE: { code: VTD_FAULT.USER, name: 'supervisor page, user request' },
  PRIVILEGED_REQUEST: { code: VTD_FAULT.SRE_CLEAR, name: 'SRE clear in the PASID entry' },
};

const TRANSLATION = { code: SMMU_EVENT.F_TRANSLATION, name: 'F_TRANSLATION' };
const ADDR_SIZE = { code: SMMU_EVENT.F_ADDR_SIZE, name: 'F_ADDR_SIZE' };
const ACCESS = { code: SMMU_EVENT.F_ACCESS, name: 'F_ACCESS' };
const PERMISSION = { code: SMMU_EVENT.F_PERMISSION, name: 'F_PERMISSION' };

/** IHI 0070, 7.3. A table in memory that is not there is the second stage's F_TRANSLATION, CLASS TT. */
const SMMU: Readonly<Record<TableFault, NamedFault>> = {
  NOT_CANONICAL: TRANSLATION,
  TABLE_UNREADABLE: TRANSLATION,
  NOT_PRESENT: TRANSLATION,
  RESERVED: TRANSLATION,
  MISALIGNED: TRANSLATION,
  ADDRESS_SIZE: ADDR_SIZE,
  NOT_ACCESSED: ACCESS,
  NOT_DIRTY: PERMISSION,
  NOT_READABLE: PERMISSION,
  NOT_WRITABLE: PERMISSION,
  NOT_EXECUTABLE: PERMISSION,
  PRIVILEGE: PERMISSION,
  PRIVILEGED_REQUEST: PERMISSION,
};

/** RISC-V: the device context is not valid. */
export const NO_CONTEXT: NamedFault = { code: CAUSE.DDT_NOT_VALID, name: 'DDT entry not valid' };

/** AMD-Vi has one event for all; what was wrong is in its flags. */
const IO_PAGE_FAULT: NamedFault = { code: 2, name: 'IO_PAGE_FAULT' };

export function recordedFault(
  vendor: IommuVendor,
  fault: TableFault,
  access: TableAccess,
): NamedFault {
  switch (vendor) {
    case 'CONFORMING':
    case 'VTD':
      return VTD[fault];
    case 'SMMUV3':
      return SMMU[fault];
    case 'AMD_VI':
      return IO_PAGE_FAULT;
    case 'RISCV':
      return fault === 'TABLE_UNREADABLE'
        ? riscvGuestPageFault(access)
        : riscvPageFault(fault, access);
  }
}

function riscvPageFault(fault: TableFault, { execute, write }: TableAccess): NamedFault {
  // Privileged requests that are not enabled have no page to fault on.
  if (fault === 'PRIVILEGED_REQUEST') {
    return { code: CAUSE.TYPE_DISALLOWED, name: 'Transaction type disallowed' };
  }
  if (execute) return { code: CAUSE.INSTRUCTION_PAGE_FAULT, name: 'Instruction page fault' };
  if (write) return { code: CAUSE.WRITE_PAGE_FAULT, name: 'Write/AMO page fault' };
  return { code: CAUSE.READ_PAGE_FAULT, name: 'Read page fault' };
}

/** The table is guest physical, and the second stage has nothing for it. */
export function riscvGuestPageFault({ execute, write }: TableAccess): NamedFault {
  if (execute) {
    return { code: CAUSE.INSTRUCTION_GUEST_PAGE_FAULT, name: 'Instruction guest page fault' };
  }
  if (write) return { code: CAUSE.WRITE_GUEST_PAGE_FAULT, name: 'Write/AMO guest page fault' };
  return { code: CAUSE.READ_GUEST_PAGE_FAULT, name: 'Read guest page fault' };
}
