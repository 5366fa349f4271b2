/** What is seen of an ATC invalidation that a device does not complete, by vendor. */
import type { IommuVendor } from './names.ts';

export type QueueErrorKind =
  /** VT-d: FSTS.ITE; the invalidation queue stops. */
  | 'INVALIDATION_TIME_OUT_ERROR'
  /** SMMUv3: CMD_SYNC ends in CERROR_ATC_INV_SYNC; the command queue stops at it. */
  | 'CERROR_ATC_INV_SYNC'
  /** AMD-Vi: the event IOTLB_INV_TIMEOUT. */
  | 'IOTLB_INV_TIMEOUT'
  /** RISC-V: cqcsr.cmd_to; the command queue stops at the IOFENCE.C. */
  | 'COMMAND_TIME_OUT';

export interface TimeoutRule {
  readonly kind: QueueErrorKind;
  /** Whether it shows by itself or at the next command that waits for all before it. */
  readonly seen: 'AT_ONCE' | 'AT_NEXT_WAIT';
  /** Whether later commands wait until software has cleared the error. */
  readonly stopsQueue: boolean;
  /** The number of the error in its register or event. */
  readonly code: number;
}

/** ITags of PCIe's Invalidation Request: as many are under way at once. */
export const PCIE_ITAGS = 32;

/**
 * Sources: intel/dmar.h (DMA_FSTS_ITE is bit 6), arm-smmu-v3.h (CMDQ_ERR_CERROR_ATC_INV_IDX),
 * amd_iommu_types.h (EVENT_TYPE_IOTLB_INV_TO, the event log only), the RISC-V specification's
 * IOFENCE.C.
 */
export const TIMEOUT_RULES: Readonly<Record<IommuVendor, TimeoutRule>> = {
  CONFORMING: {
    kind: 'INVALIDATION_TIME_OUT_ERROR',
    seen: 'AT_ONCE',
    stopsQueue: true,
    code: 1 << 6,
  },
  VTD: {
    kind: 'INVALIDATION_TIME_OUT_ERROR',
    seen: 'AT_ONCE',
    stopsQueue: true,
    code: 1 << 6,
  },
  SMMUV3: { kind: 'CERROR_ATC_INV_SYNC', seen: 'AT_NEXT_WAIT', stopsQueue: true, code: 3 },
  AMD_VI: { kind: 'IOTLB_INV_TIMEOUT', seen: 'AT_ONCE', stopsQueue: false, code: 7 },
  RISCV: { kind: 'COMMAND_TIME_OUT', seen: 'AT_NEXT_WAIT', stopsQueue: true, code: 1 << 9 },
};
