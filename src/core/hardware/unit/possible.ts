/** What an IOMMU can be. */
import {
  CACHE_ENTRIES_MAX,
  INVALIDATION_TIMEOUT_DEFAULT,
  PRQ_ENTRIES_DEFAULT,
  PRQ_ENTRIES_MAX,
} from '../../../abi/limits.ts';
import type { TableFormat } from '../tables/access.ts';
import { DEFAULT_ANSWER_SETTINGS } from '../vendors/automatic-answer.ts';
import type { IommuVendor } from '../vendors/names.ts';
import type { IommuSpec } from './state.ts';

/** A power of two within its bound, and nothing that its vendor has not. */
export function isIommuPossible(spec: IommuSpec): boolean {
  const { prqEntries, iotlb } = spec;
  if (iotlb.entries < 1 || iotlb.entries > CACHE_ENTRIES_MAX) return false;
  return isQueueSize(prqEntries) && notOfVendor(spec) === null;
}

export function isQueueSize(entries: number): boolean {
  const bits = Math.log2(entries);
  return Number.isInteger(bits) && entries >= 2 && entries <= PRQ_ENTRIES_MAX;
}

/** A setting that an IOMMU's vendor has not, by the name of its input. */
export interface NotOfVendor {
  readonly field: string;
  /** What would be right. */
  readonly wanted: string;
}

/** Which tables each vendor's first stage reads; AMD-Vi's have VT-d's bits. */
const FORMATS: Readonly<Record<IommuVendor, readonly TableFormat[]>> = {
  CONFORMING: ['VTD_4_LEVELS', 'VTD_5_LEVELS'],
  VTD: ['VTD_4_LEVELS', 'VTD_5_LEVELS'],
  AMD_VI: ['VTD_4_LEVELS', 'VTD_5_LEVELS'],
  SMMUV3: ['ARM_4K'],
  RISCV: ['RISCV_SV39', 'RISCV_SV48', 'RISCV_SV57'],
};

/**
 * Whether Linux' driver makes nested hwpts with IOMMU_HWPT_FAULT_ID_VALID, on every kernel here:
 * SMMUv3's takes no flags (arm_vsmmu_alloc_domain_nested), AMD-Vi's has no such domain before 7.0 and
 * none on an iopf queue since (amd_iommu_alloc_domain_nested).
 */
const LINUX_NESTED_FAULTS: Readonly<Record<IommuVendor, boolean>> = {
  CONFORMING: true,
  VTD: true,
  SMMUV3: false,
  AMD_VI: false,
  RISCV: false,
};

/** Whether nested hwpts of functions behind an IOMMU can have a fault queue. */
export function takesNestedFaults({ vendor, driver, faultCapableNested }: IommuSpec): boolean {
  return driver === 'CONFORMING' || LINUX_NESTED_FAULTS[vendor] || faultCapableNested === true;
}

/** null: its vendor has all that it is said to have. Linux has no driver with PRI for RISC-V. */
export function notOfVendor(spec: IommuSpec): NotOfVendor | null {
  const { vendor, driver, tableFormat, answers, faultCapableNested } = spec;
  const only = (
    vendors: readonly IommuVendor[],
    field: string,
    value: string,
  ): NotOfVendor | null =>
    vendors.includes(vendor)
      ? null
      : { field, wanted: `${value} but with ${vendors.join(' or ')}` };
  if (vendor === 'RISCV' && driver === 'AS_LINUX') {
    return { field: 'driver', wanted: 'CONFORMING: Linux has no such driver' };
  }
  if (tableFormat !== null && !FORMATS[vendor].includes(tableFormat)) {
    const wanted = `${FORMATS[vendor].join(' or ')}, or left out`;
    return { field: 'tableFormat', wanted };
  }
  if (faultCapableNested && (driver === 'CONFORMING' || LINUX_NESTED_FAULTS[vendor])) {
    return { field: 'faultCapableNested', wanted: 'left out: it takes them anyway' };
  }
  const { answersWithPasid, alwaysWithPasid, contextReadable, amdAutoResponse } = answers;
  return (
    (answersWithPasid ? null : only(['SMMUV3', 'RISCV'], 'answersWithPasid', 'true')) ??
    (alwaysWithPasid ? only(['SMMUV3'], 'alwaysWithPasid', 'false') : null) ??
    (contextReadable ? null : only(['SMMUV3'], 'contextReadable', 'true')) ??
    (amdAutoResponse === null ? null : only(['AMD_VI'], 'amdAutoResponse', 'left out'))
  );
}

/** An IOMMU as it is if nothing is said about it. */
export const DEFAULT_IOMMU: IommuSpec = {
  vendor: 'CONFORMING',
  driver: 'CONFORMING',
  prqEntries: PRQ_ENTRIES_DEFAULT,
  service: 'IMMEDIATE',
  iotlb: { entries: CACHE_ENTRIES_MAX, lru: false },
  invalidationTimeoutTicks: INVALIDATION_TIMEOUT_DEFAULT,
  tableFormat: null,
  answers: DEFAULT_ANSWER_SETTINGS,
};
