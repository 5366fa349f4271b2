/** Device and process contexts as they stand in the directories, and cached translations. */
import type { CachedTranslation } from '../cache/translation-cache.ts';
import type { SvMode } from '../tables/riscv.ts';

export type IohgatpMode = 'BARE' | 'SV39X4' | 'SV48X4' | 'SV57X4';

export interface Iohgatp {
  readonly mode: IohgatpMode;
  readonly gscid: number;
  /** Page number of the 16 KiB root table. */
  readonly ppn: bigint;
}

export type IosatpMode = 'BARE' | SvMode;

export interface Iosatp {
  readonly mode: IosatpMode;
  /** Page number of the root table, guest physical if there is a second stage. */
  readonly ppn: bigint;
}

export type PdtpMode = 'BARE' | 'PD8' | 'PD17' | 'PD20';

export interface Pdtp {
  readonly mode: PdtpMode;
  readonly ppn: bigint;
}

/** A device context (DC), its configuration checked. */
export interface DeviceContext {
  readonly enAts: boolean;
  readonly enPri: boolean;
  /** Translation completions carry guest physical addresses. */
  readonly t2gpa: boolean;
  /** Faults of its translations are not reported. */
  readonly dtf: boolean;
  /** The process directory is in use. */
  readonly pdtv: boolean;
  /** Group responses carry the PASID of the request. */
  readonly prpr: boolean;
  readonly gade: boolean;
  readonly sade: boolean;
  /** Requests without process_id are those of process 0. */
  readonly dpe: boolean;
  readonly iohgatp: Iohgatp;
  readonly pscid: number;
  /** First stage without process directory. */
  readonly iosatp: Iosatp;
  readonly pdtp: Pdtp;
  /** Page number of the MSI page table, or null where MSIs are translated as any address is. */
  readonly msiPpn: bigint | null;
  readonly msiMask: bigint;
  readonly msiPattern: bigint;
}

/** A process context (PC), its configuration checked. */
export interface ProcessContext {
  /** Privileged requests are allowed. */
  readonly ens: boolean;
  readonly sum: boolean;
  readonly pscid: number;
  readonly iosatp: Iosatp;
}

/** A translation of both stages in the IOATC. Its tag names GSCID and PSCID. */
export interface RiscvCached extends CachedTranslation {
  /** Address its first page leads to. */
  readonly target: bigint;
  /** The guest physical address in between. */
  readonly guest: bigint;
  /** Rights of the first stage. */
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly user: boolean;
  readonly global: boolean;
  readonly dirty: boolean;
  /** Rights of the second stage. */
  readonly guestRead: boolean;
  readonly guestWrite: boolean;
  readonly guestExecute: boolean;
  readonly guestDirty: boolean;
  readonly memoryType: number;
  readonly msi: boolean;
}
