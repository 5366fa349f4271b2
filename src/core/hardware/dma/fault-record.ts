/** What an IOMMU makes of a DMA that it cannot translate: ask for the page, or refuse and record it. */

import type { IommuVendor } from '../vendors/names.ts';
import { SMMU_EVENT } from '../vendors/smmuv3.ts';
import {
  type NamedFault,
  NO_CONTEXT,
  recordedFault,
  riscvGuestPageFault,
} from '../vendors/table-fault.ts';
import { VTD_FAULT } from '../vendors/vtd.ts';
import type { DmaFault } from './walk.ts';

/** Whether a page request can help: the page is missing or the right is, nothing is malformed. */
export function isRecoverable(vendor: IommuVendor, { reason }: DmaFault): boolean {
  switch (reason) {
    case 'DEFAULT_DOMAIN':
    case 'BLOCKED':
    case 'NO_PASID_TABLE':
      return false;
    case 'NOT_CANONICAL':
    case 'RESERVED':
    case 'MISALIGNED':
      // RISC-V makes page faults of them, which a translation request answers with no rights.
      return vendor === 'RISCV';
    default:
      return true;
  }
}

/** ATS: a translation request is answered UR or CA, where it is not answered without rights. */
export function atsRefusal({ reason }: DmaFault): 'UR' | 'CA' {
  return reason === 'DEFAULT_DOMAIN' || reason === 'BLOCKED' || reason === 'NO_PASID_TABLE'
    ? 'UR'
    : 'CA';
}

/** The vendor's number and name of a refused transaction. */
export function faultRecordOf(vendor: IommuVendor, fault: DmaFault, write: boolean): NamedFault {
  const access = { write, execute: false, privileged: false };
  const { reason } = fault;
  switch (reason) {
    case 'DEFAULT_DOMAIN':
    case 'BLOCKED':
      return BLOCKED[vendor];
    case 'NO_PASID_TABLE':
      return NO_PASID_TABLE[vendor];
    case 'STAGE2_NOT_PRESENT':
    case 'STAGE2_PERMISSION':
      return secondStageFault(vendor, reason === 'STAGE2_PERMISSION', write);
    default:
      return recordedFault(vendor, reason, access);
  }
}

/**
 * VT-d: present bit clear in the context entry. SMMUv3: F_STREAM_DISABLED, 0x06. AMD-Vi: type 1. RISC-V:
 * no valid device context.
 */
const BLOCKED: Readonly<Record<IommuVendor, NamedFault>> = {
  CONFORMING: { code: 2, name: 'blocked' },
  VTD: { code: 2, name: 'Present bit in context entry is clear' },
  SMMUV3: { code: 6, name: 'F_STREAM_DISABLED' },
  AMD_VI: { code: 1, name: 'ILLEGAL_DEV_TABLE_ENTRY' },
  RISCV: NO_CONTEXT,
};

const NO_PASID_TABLE: Readonly<Record<IommuVendor, NamedFault>> = {
  CONFORMING: { code: VTD_FAULT.PASID_ENTRY_NOT_PRESENT, name: 'no PASID entry' },
  VTD: { code: VTD_FAULT.PASID_ENTRY_NOT_PRESENT, name: 'Present bit in PASID entry is clear' },
  SMMUV3: { code: 8, name: 'C_BAD_SUBSTREAMID' },
  AMD_VI: { code: 2, name: 'IO_PAGE_FAULT' },
  RISCV: { code: 260, name: 'Transaction type disallowed' },
};

function secondStageFault(vendor: IommuVendor, permission: boolean, write: boolean): NamedFault {
  switch (vendor) {
    case 'CONFORMING':
    case 'VTD':
      return permission
        ? { code: VTD_FAULT.SECOND_STAGE_PERMISSION, name: 'second-stage permission' }
        : { code: VTD_FAULT.SECOND_STAGE_ACCESS, name: 'second-stage entry not accessible' };
    case 'SMMUV3':
      return permission
        ? { code: SMMU_EVENT.F_PERMISSION, name: 'F_PERMISSION' }
        : { code: SMMU_EVENT.F_TRANSLATION, name: 'F_TRANSLATION' };
    case 'AMD_VI':
      return { code: 2, name: 'IO_PAGE_FAULT' };
    case 'RISCV':
      return riscvGuestPageFault({ write, execute: false, privileged: false });
  }
}
