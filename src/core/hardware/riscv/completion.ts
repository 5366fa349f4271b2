/** What a device asks and is answered: "PCIe ATS translation request handling". */
import { CAUSE, TTYP } from './fault.ts';
import type { Mrif } from './msi.ts';

/** AT of PCIe: 0, 1, 2. */
export type AddressType = 'UNTRANSLATED' | 'TRANSLATION_REQUEST' | 'TRANSLATED';

export interface RiscvTransaction {
  /** 24 bits. */
  readonly deviceId: number;
  /** PASID, 20 bits, or null. */
  readonly processId: number | null;
  readonly addressType: AddressType;
  readonly iova: bigint;
  /** A write or atomic. A translation request is a read. */
  readonly write: boolean;
  /** NW of a translation request: it does not ask for the right to write. */
  readonly noWrite: boolean;
  /** Execute Requested; counts only with a process_id. */
  readonly execute: boolean;
  /** Privileged Mode Requested; counts only with a process_id. */
  readonly privileged: boolean;
}

export interface RiscvTranslation {
  readonly status: 'SUCCESS';
  /** Of the IOVA itself. */
  readonly address: bigint;
  /** log2 of the bytes the answer is good for. */
  readonly pageShift: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly global: boolean;
  /** The device may only use untranslated requests (U). */
  readonly untranslatedOnly: boolean;
  readonly privileged: boolean;
  readonly memoryType: number;
  readonly msi: boolean;
  readonly mrif: Mrif | null;
}

export type RiscvCompletion =
  | RiscvTranslation
  | { readonly status: 'UNSUPPORTED_REQUEST' }
  | { readonly status: 'COMPLETER_ABORT' };

const CONFIGURATION_ERRORS: ReadonlySet<number> = new Set([
  CAUSE.INSTRUCTION_ACCESS_FAULT,
  CAUSE.READ_ACCESS_FAULT,
  CAUSE.WRITE_ACCESS_FAULT,
  CAUSE.MSI_PTE_ACCESS_FAULT,
  CAUSE.MSI_PTE_MISCONFIGURED,
  CAUSE.PDT_ACCESS_FAULT,
  CAUSE.PDT_MISCONFIGURED,
  CAUSE.PDT_CORRUPT,
  CAUSE.MSI_PT_CORRUPT,
  CAUSE.PT_CORRUPT,
]);
const PERMANENT_ERRORS: ReadonlySet<number> = new Set([
  CAUSE.ALL_DISALLOWED,
  CAUSE.DDT_ACCESS_FAULT,
  CAUSE.DDT_NOT_VALID,
  CAUSE.DDT_MISCONFIGURED,
  CAUSE.TYPE_DISALLOWED,
  CAUSE.DDT_CORRUPT,
]);

/** What a translation request gets that failed; no record is written for it. */
export function denial(cause: number, privileged: boolean): RiscvCompletion {
  if (CONFIGURATION_ERRORS.has(cause)) return { status: 'COMPLETER_ABORT' };
  if (PERMANENT_ERRORS.has(cause)) return { status: 'UNSUPPORTED_REQUEST' };
  return {
    status: 'SUCCESS',
    address: 0n,
    pageShift: 12,
    read: false,
    write: false,
    execute: false,
    global: false,
    untranslatedOnly: false,
    privileged,
    memoryType: 0,
    msi: false,
    mrif: null,
  };
}

/** How a fault record names a transaction. */
export function ttypOf(addressType: AddressType, write: boolean, execute: boolean): number {
  switch (addressType) {
    case 'TRANSLATION_REQUEST':
      return TTYP.TRANSLATION_REQUEST;
    case 'UNTRANSLATED':
      if (write) return TTYP.UNTRANSLATED_WRITE;
      return execute ? TTYP.UNTRANSLATED_EXECUTE : TTYP.UNTRANSLATED_READ;
    case 'TRANSLATED':
      if (write) return TTYP.TRANSLATED_WRITE;
      return execute ? TTYP.TRANSLATED_EXECUTE : TTYP.TRANSLATED_READ;
  }
}

/** PPN and S of a completion: the size is in the low bits of the page number, as ATS has it. */
export function completionPage(translation: RiscvTranslation): { ppn: bigint; s: boolean } {
  const { address, pageShift } = translation;
  const pages = 1n << BigInt(pageShift - 12);
  const first = (address >> 12n) & ~(pages - 1n);
  return { ppn: first | ((pages >> 1n) - (pages > 1n ? 1n : 0n)), s: pages > 1n };
}
