/**
 * Extended capabilities of a PCI function as configuration space shows them: ATS, PRI, PASID. Each
 * is a list of 32-bit registers from the capability's header on; the header's next pointer is 0.
 * Layouts as in Linux' include/uapi/linux/pci_regs.h.
 */
import { isStopped, type PriState } from './pri.ts';

const CAPABILITY_VERSION = 1 << 16;
const ID = { ATS: 0x0f, PRI: 0x13, PASID: 0x1b } as const;

export interface AtsState {
  enabled: boolean;
  /** Smallest Translation Unit: translations are of 2^(12 + stu) bytes at least, 0 to 31. */
  stu: number;
  /** Invalidations it takes before it may stop the link, 1 to 32. */
  readonly invalidateQueueDepth: number;
  /** Untranslated addresses are page-aligned. */
  readonly pageAligned: boolean;
}

/** Header, capability with control. A depth of 32 is written as 0. */
export function atsRegisters(ats: AtsState): readonly number[] {
  const { enabled, stu, invalidateQueueDepth, pageAligned } = ats;
  const capability = (invalidateQueueDepth & 0x1f) | (pageAligned ? 1 << 5 : 0);
  const control = stu | (enabled ? 1 << 15 : 0);
  return [CAPABILITY_VERSION | ID.ATS, (capability | (control << 16)) >>> 0];
}

/** Header, control with status, capacity, allocation. */
export function priRegisters(pri: PriState): readonly number[] {
  const { enabled, responseFailure, unexpectedIndex, pasidRequired, capacity, allocation } = pri;
  const status =
    (responseFailure ? 1 : 0) |
    (unexpectedIndex ? 1 << 1 : 0) |
    (isStopped(pri) ? 1 << 8 : 0) |
    (pasidRequired ? 1 << 15 : 0);
  const control = enabled ? 1 : 0;
  return [CAPABILITY_VERSION | ID.PRI, (control | (status << 16)) >>> 0, capacity, allocation];
}

export interface PasidState {
  enabled: boolean;
  /** Bits of a PASID, 1 to 20. */
  readonly width: number;
  /** It can ask for execute, and for privileged mode; each has to be enabled too. */
  readonly execute: boolean;
  readonly privileged: boolean;
  executeEnabled: boolean;
  privilegedEnabled: boolean;
}

/** Header, capability with control. */
export function pasidRegisters(state: PasidState): readonly number[] {
  const { enabled, width, execute, privileged, executeEnabled, privilegedEnabled } = state;
  const capability = (execute ? 1 << 1 : 0) | (privileged ? 1 << 2 : 0) | (width << 8);
  const control =
    (enabled ? 1 : 0) | (executeEnabled ? 1 << 1 : 0) | (privilegedEnabled ? 1 << 2 : 0);
  return [CAPABILITY_VERSION | ID.PASID, (capability | (control << 16)) >>> 0];
}
