/** Enums of modelled hardware. */
import type { ProgramOpKind } from '../../core/hardware/function/state.ts';
import type { DmaFaultReason, TableFormat } from '../../core/hardware/tables/access.ts';
import { VENDOR_TEXT } from '../../core/hardware/vendors/names.ts';
import { builder } from '../builder/builder.ts';

/** The values of an enum, with a text each. */
function values<T extends string>(
  texts: Readonly<Record<T, string>>,
): Record<T, { value: T; description: string }> {
  const entries = Object.entries(texts) as [T, string][];
  return Object.fromEntries(
    entries.map(([value, description]) => [value, { value, description }]),
  ) as Record<T, { value: T; description: string }>;
}

export const VendorEnum = builder.enumType('IommuVendor', {
  description: 'Whose records, queue arithmetic and automatic answers an IOMMU has.',
  values: values(VENDOR_TEXT),
});

export const DriverEnum = builder.enumType('IommuDriverKind', {
  description: 'What an IOMMU’s driver does with page requests.',
  values: values({
    CONFORMING: 'It keeps the contract of iommufd’s fault path.',
    AS_LINUX: 'What Linux’ driver for this vendor does, by baseline.',
  }),
});

export const ServiceEnum = builder.enumType('PrqService', {
  description: 'Who runs the driver’s interrupt thread, which reads the page request queue.',
  values: values({
    IMMEDIATE: 'It runs at each request.',
    MANUAL: 'prqServe runs it, so that the queue can overflow.',
  }),
});

const FORMAT_TEXT: Readonly<Record<TableFormat, string>> = {
  VTD_4_LEVELS: 'VT-d first stage, 48 bits.',
  VTD_5_LEVELS: 'VT-d first stage, 57 bits.',
  RISCV_SV39: 'RISC-V Sv39.',
  RISCV_SV48: 'RISC-V Sv48.',
  RISCV_SV57: 'RISC-V Sv57.',
  ARM_4K: 'SMMUv3 stage 1, 4 KiB granule, 48 bits.',
};
export const TableFormatEnum = builder.enumType('TableFormat', {
  description: 'The format of a guest’s first-stage page table.',
  values: values(FORMAT_TEXT),
});

export const DmaStateEnum = builder.enumType('DmaState', {
  description: 'Where a DMA is.',
  values: values({
    WAITING_PRG: 'It waits for answers to page request groups.',
    NO_CREDIT: 'It waits for a credit: too many requests are outstanding to ask for its pages.',
    STALLED: 'It waits in the IOMMU (SMMUv3, stall model).',
    BACKED_OFF:
      'Its request was lost in an overflow, or there was no room for it in one command: it asks again at the next tick, or when the overflow is cleared.',
    DONE: 'Its bytes have moved.',
    ABORTED: 'It failed.',
  }),
});

export const AbortReasonEnum = builder.enumType('DmaAbortReason', {
  description: 'Why a DMA failed.',
  values: values({
    INVALID_REQUEST: 'A group was answered INVALID.',
    RESPONSE_FAILURE: 'A failure disabled PRI.',
    RETRY_LIMIT: 'Its page stayed missing after as many answers of SUCCESS as it accepts.',
    NO_PRI: 'The page is missing and nobody can be asked.',
    REFUSED: 'The IOMMU refused it and recorded a fault.',
    TERMINATED: 'The stalled transaction was ended.',
    DEVICE_RESET: 'The function was reset.',
  }),
});

const OP_TEXT: Readonly<Record<ProgramOpKind, string>> = {
  READ: 'Reads [iova, iova + length).',
  WRITE: 'Sets each byte of [iova, iova + length) to `fill`.',
  COPY: 'Reads from iova and writes what it read to toIova.',
  ECHO: 'Reads from iova and writes it back there.',
  TRANSLATE: 'Asks for translations alone (ATS); nothing moves.',
  STOP: 'Sends a stop marker for a PASID.',
  BARRIER: 'Waits until every DMA before it is finished.',
  REPEAT: 'Runs what stands since the REPEAT before it, or the start, `count` times more.',
  EXPECT: 'Reads and fails the program if a byte is not `fill`.',
};
export const ProgramOpEnum = builder.enumType('DeviceProgramOpKind', {
  description: 'What a device does in one step of its program.',
  values: values(OP_TEXT),
});

export const ProgramStateEnum = builder.enumType('DeviceProgramState', {
  description: 'Where a program is.',
  values: values({
    IDLE: 'Loaded and not begun.',
    RUNNING: 'It has done as many steps as it was told, and goes on with the next deviceRun.',
    WAITING: 'It waits for DMAs, and goes on by itself.',
    DONE: 'It is at its end.',
    FAILED: 'It stopped: a DMA failed, or memory was not what it expected.',
  }),
});

export const OnInvalidEnum = builder.enumType('DeviceProgramOnInvalid', {
  description: 'What a program does when a DMA fails.',
  values: values({ SKIP: 'It goes on.', STOP: 'It fails.' }),
});

export const PrgIndexEnum = builder.enumType('PrgIndexChoice', {
  description: 'Which page request group index a device takes.',
  values: values({
    NEXT_FREE: 'The lowest that is not outstanding.',
    ROUND_ROBIN: 'The next after the one used last.',
    FIXED: 'Always the same: a broken device.',
  }),
});

export const FaultReasonEnum = builder.enumType('DmaFaultReason', {
  description: 'Why a walk ended without a translation.',
  values: values<DmaFaultReason>({
    NOT_CANONICAL: 'The IOVA is wider than the table, or not sign-extended.',
    TABLE_UNREADABLE: 'The second stage has no memory for a table, or none that can be read.',
    NOT_PRESENT: 'The entry is not present.',
    RESERVED: 'The entry has reserved bits or a reserved encoding.',
    MISALIGNED: 'A large page’s address is no multiple of its size.',
    NOT_READABLE: 'The entries do not grant reading.',
    NOT_WRITABLE: 'The entries do not grant writing.',
    PRIVILEGE: 'The page is for the other privilege.',
    DEFAULT_DOMAIN: 'The kernel’s default domain: nobody owns its DMA, and it is not modelled.',
    BLOCKED: 'The blocking domain, or none.',
    NO_PASID_TABLE: 'A PASID that is not attached, in front of a domain that has no table for it.',
    STAGE2_NOT_PRESENT: 'The second stage has nothing at the guest address.',
    STAGE2_PERMISSION: 'The second stage does not permit the access.',
  }),
});
