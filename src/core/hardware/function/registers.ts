/**
 * The registers of a function's extended capabilities, as a read of its configuration space gives
 * them. Layouts: include/uapi/linux/pci_regs.h (PCI_ATS_*, PCI_PRI_*, PCI_PASID_*); PCIe 6.0, sections
 * 10.5.1, 10.5.2 and 7.8.9.
 */
import type { AtsState, FunctionHardware, PriState } from './state.ts';

/**
 * ATS Control, Smallest Translation Unit: 4,096 bytes shifted by it. Linux' drivers write the shift of
 * 4 KiB pages (pci_enable_ats), so it is 0.
 */
export const SMALLEST_TRANSLATION_UNIT = 0;

const bit = (set: boolean, place: number) => (set ? 2 ** place : 0);

/** ATS Capability: bits 4:0 Invalidate Queue Depth, where 0 is 32; bit 5 Page Aligned Request. */
export function atsCapability({ invalidateQueueDepth }: AtsState): number {
  return (invalidateQueueDepth % 32) | bit(true, 5);
}

/** ATS Control: bits 4:0 STU; bit 15 Enable. */
export function atsControl({ enabled }: AtsState): number {
  return SMALLEST_TRANSLATION_UNIT | bit(enabled, 15);
}

/** Page Request Control: bit 0 Enable; bit 1, Reset, always reads 0. */
export function priControl({ enabled }: PriState): number {
  return bit(enabled, 0);
}

/**
 * Whether responses to requests with a PASID have to carry it: functions with PASIDs require it here,
 * as the drivers take it for (IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID).
 */
export function prgResponsePasidRequired({ spec }: FunctionHardware): boolean {
  return spec.pasidWidth > 0;
}

/** Page Request Status: bit 0 RF, bit 1 UPRGI, bit 8 Stopped, bit 15 PRG Response PASID Required. */
export function priStatus(hardware: FunctionHardware, pri: PriState): number {
  return (
    bit(pri.responseFailure, 0) |
    bit(pri.unexpectedIndex, 1) |
    bit(pri.stopped, 8) |
    bit(prgResponsePasidRequired(hardware), 15)
  );
}

/** PASID Capability: bits 12:8 Max PASID Width. Execute Permission and Privileged Mode: none here. */
export function pasidCapability({ spec }: FunctionHardware): number {
  return spec.pasidWidth << 8;
}

/** PASID Control: bit 0 Enable, which drivers set when they find the function (pci_enable_pasid). */
export function pasidControl({ spec }: FunctionHardware): number {
  return bit(spec.pasidWidth > 0, 0);
}
