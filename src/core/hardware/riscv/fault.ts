/**
 * Faults and the fault queue: section "Fault/Event-Queue (FQ)". Causes are numbers as the records
 * hold them.
 */
import type { RiscvMemory } from './memory.ts';
import { interrupt, type RiscvIommu } from './state.ts';

export const CAUSE = {
  INSTRUCTION_ACCESS_FAULT: 1,
  READ_ACCESS_FAULT: 5,
  WRITE_ACCESS_FAULT: 7,
  INSTRUCTION_PAGE_FAULT: 12,
  READ_PAGE_FAULT: 13,
  WRITE_PAGE_FAULT: 15,
  INSTRUCTION_GUEST_PAGE_FAULT: 20,
  READ_GUEST_PAGE_FAULT: 21,
  WRITE_GUEST_PAGE_FAULT: 23,
  ALL_DISALLOWED: 256,
  DDT_ACCESS_FAULT: 257,
  DDT_NOT_VALID: 258,
  DDT_MISCONFIGURED: 259,
  TYPE_DISALLOWED: 260,
  MSI_PTE_ACCESS_FAULT: 261,
  MSI_PTE_NOT_VALID: 262,
  MSI_PTE_MISCONFIGURED: 263,
  MRIF_ACCESS_FAULT: 264,
  PDT_ACCESS_FAULT: 265,
  PDT_NOT_VALID: 266,
  PDT_MISCONFIGURED: 267,
  DDT_CORRUPT: 268,
  PDT_CORRUPT: 269,
  MSI_PT_CORRUPT: 270,
  MRIF_CORRUPT: 271,
  INTERNAL_ERROR: 272,
  MSI_WRITE_FAULT: 273,
  PT_CORRUPT: 274,
} as const;

/** Reported even where DC.tc.DTF turns the reports of a device's translations off. */
const REPORTED_DESPITE_DTF: ReadonlySet<number> = new Set([
  CAUSE.ALL_DISALLOWED,
  CAUSE.DDT_ACCESS_FAULT,
  CAUSE.DDT_NOT_VALID,
  CAUSE.DDT_MISCONFIGURED,
  CAUSE.DDT_CORRUPT,
  CAUSE.INTERNAL_ERROR,
  CAUSE.MSI_WRITE_FAULT,
]);

/** TTYP: what was going on. */
export const TTYP = {
  NONE: 0,
  UNTRANSLATED_EXECUTE: 1,
  UNTRANSLATED_READ: 2,
  UNTRANSLATED_WRITE: 3,
  TRANSLATED_EXECUTE: 5,
  TRANSLATED_READ: 6,
  TRANSLATED_WRITE: 7,
  TRANSLATION_REQUEST: 8,
  MESSAGE: 9,
} as const;

/** Why a translation stopped. */
export interface RiscvFault {
  readonly cause: number;
  readonly iotval2: bigint;
}

/** One access, as far as it decides the cause of a fault. */
export interface RiscvAccess {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly privileged: boolean;
}

const pick = (access: RiscvAccess, execute: number, read: number, write: number): RiscvFault => ({
  cause: access.execute ? execute : access.read ? read : write,
  iotval2: 0n,
});

export const pageFault = (access: RiscvAccess): RiscvFault =>
  pick(access, CAUSE.INSTRUCTION_PAGE_FAULT, CAUSE.READ_PAGE_FAULT, CAUSE.WRITE_PAGE_FAULT);

export const accessFault = (access: RiscvAccess): RiscvFault =>
  pick(access, CAUSE.INSTRUCTION_ACCESS_FAULT, CAUSE.READ_ACCESS_FAULT, CAUSE.WRITE_ACCESS_FAULT);

/** `implicit`: the access was the walk's own; then iotval2 says so, and whether it was a write. */
export function guestPageFault(
  access: RiscvAccess,
  gpa: bigint,
  implicit: 'NO' | 'READ' | 'WRITE',
): RiscvFault {
  const { cause } = pick(
    access,
    CAUSE.INSTRUCTION_GUEST_PAGE_FAULT,
    CAUSE.READ_GUEST_PAGE_FAULT,
    CAUSE.WRITE_GUEST_PAGE_FAULT,
  );
  const flags = implicit === 'NO' ? 0n : implicit === 'READ' ? 1n : 3n;
  return { cause, iotval2: (gpa & ~3n) | flags };
}

/** A fault record, 32 bytes. */
export interface RiscvFaultRecord {
  readonly cause: number;
  readonly ttyp: number;
  readonly deviceId: number;
  /** Of the transaction, if it had one. */
  readonly processId: number | null;
  readonly privileged: boolean;
  readonly iotval: bigint;
  readonly iotval2: bigint;
}

/** The four words of a record: CAUSE 11:0, PID 31:12, PV 32, PRIV 33, TTYP 39:34, DID 63:40. */
export function encodeFaultRecord(record: RiscvFaultRecord): readonly bigint[] {
  const { cause, ttyp, deviceId, processId, privileged, iotval, iotval2 } = record;
  const process =
    processId === null
      ? 0n
      : (BigInt(processId) << 12n) | (1n << 32n) | (privileged ? 1n << 33n : 0n);
  const first = BigInt(cause) | process | (BigInt(ttyp) << 34n) | (BigInt(deviceId) << 40n);
  return [first, 0n, iotval, iotval2];
}

export function decodeFaultRecord(words: readonly bigint[]): RiscvFaultRecord {
  const [first = 0n, , iotval = 0n, iotval2 = 0n] = words;
  const field = (high: number, low: number) =>
    Number((first >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n));
  return {
    cause: field(11, 0),
    ttyp: field(39, 34),
    deviceId: field(63, 40),
    processId: field(32, 32) === 1 ? field(31, 12) : null,
    privileged: field(33, 33) === 1,
    iotval,
    iotval2,
  };
}

/** Bytes of a fault record. */
export const FAULT_RECORD_BYTES = 32n;

/** Writes a record, unless the queue is off, broken or over, or `dtf` hides this cause. */
export function reportFault(
  iommu: RiscvIommu,
  memory: RiscvMemory,
  record: RiscvFaultRecord,
  dtf: boolean,
): void {
  const queue = iommu.faultQueue;
  if (!queue.on || queue.memoryFault || queue.overflow) return;
  if (dtf && !REPORTED_DESPITE_DTF.has(record.cause)) return;
  const next = (queue.tail + 1) % queue.entries;
  if (next === queue.head) {
    queue.overflow = true;
    interrupt(iommu, 'FAULT_QUEUE');
    return;
  }
  const address = (queue.ppn << 12n) + BigInt(queue.tail) * FAULT_RECORD_BYTES;
  if (storeAll(memory, address, encodeFaultRecord(record))) queue.tail = next;
  else queue.memoryFault = true;
  interrupt(iommu, 'FAULT_QUEUE');
}

/** Stores words one after the other; whether memory took all of them. */
export function storeAll(memory: RiscvMemory, address: bigint, words: readonly bigint[]): boolean {
  return words.every((word, index) => memory.store(address + BigInt(index * 8), word) === null);
}
