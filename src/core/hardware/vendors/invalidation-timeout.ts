/** What is seen of an ATC invalidation that a device does not complete, by vendor. */
import type { IommuVendor } from './names.ts';

export interface TimeoutRule {
  /** The vendor's word for the error. */
  readonly kind: string;
  /** Whether later commands wait until software has cleared the error. */
  readonly stopsQueue: boolean;
  /** The number of the error in its register, or of its event. */
  readonly code: number;
}

/**
 * VT-d: FSTS.ITE, bit 6 (intel/dmar.h). SMMUv3: the CMD_SYNC that waits for it ends in
 * CERROR_ATC_INV_SYNC (arm-smmu-v3.h). AMD-Vi: an event alone, and the queue goes on
 * (amd_iommu_types.h, EVENT_TYPE_IOTLB_INV_TO). RISC-V: cqcsr.cmd_to, and cqh stays on the IOFENCE.C.
 * Linux waits after each invalidation, so that what shows at the next wait shows at once.
 */
export const TIMEOUT_RULES: Readonly<Record<IommuVendor, TimeoutRule>> = {
  CONFORMING: { kind: 'ITE', stopsQueue: true, code: 1 << 6 },
  VTD: { kind: 'ITE', stopsQueue: true, code: 1 << 6 },
  SMMUV3: { kind: 'CERROR_ATC_INV_SYNC', stopsQueue: true, code: 3 },
  AMD_VI: { kind: 'IOTLB_INV_TIMEOUT', stopsQueue: false, code: 7 },
  RISCV: { kind: 'cmd_to', stopsQueue: true, code: 1 << 9 },
};
