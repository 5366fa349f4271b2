/**
 * SMMUv3's records and commands (IHI 0070): PRI queue entries (8), CMD_PRI_RESP (4.5.2), event records
 * of translation faults (7.3), CMD_RESUME (4.7.1). Bits as in Linux' arm-smmu-v3.h.
 */
import { at, field, flag, PAGE_BITS } from './bits.ts';
import type { PageRequestFormat } from './page-request.ts';

/** `requesterId` is the StreamID. Execute and privileged are 0 without SubstreamID. */
export const SMMUV3_PAGE_REQUEST: PageRequestFormat = {
  words: 2,
  encode({ requesterId, pasid, read, write, execute, privileged, last, prgIndex, address }) {
    const valid = pasid !== null;
    return [
      at(requesterId, 0) |
        at(pasid ?? 0, 32) |
        at(valid && privileged, 58) |
        at(valid && execute, 59) |
        at(read, 60) |
        at(write, 61) |
        at(last, 62) |
        at(valid, 63),
      at(prgIndex, 0) | (address & PAGE_BITS),
    ];
  },
  decode: ([first = 0n, second = 0n]) => ({
    requesterId: field(first, 31, 0),
    pasid: flag(first, 63) ? field(first, 51, 32) : null,
    read: flag(first, 60),
    write: flag(first, 61),
    execute: flag(first, 59),
    privileged: flag(first, 58),
    last: flag(first, 62),
    prgIndex: field(second, 8, 0),
    address: second & PAGE_BITS,
  }),
};

const CMD_PRI_RESP = 0x41;
const CMD_RESUME = 0x44;

/** Resp of CMD_PRI_RESP, which is not PCIe's code; 3 is illegal. */
export const PRI_RESP = { FAILURE: 0, INVALID: 1, SUCCESS: 2 } as const;

export interface SmmuPriResponse {
  readonly streamId: number;
  readonly substreamId: number | null;
  readonly prgIndex: number;
  /** One of PRI_RESP. */
  readonly resp: number;
}

export function encodePriResponse(response: SmmuPriResponse): readonly bigint[] {
  const { streamId, substreamId, prgIndex, resp } = response;
  const valid = substreamId !== null;
  return [
    at(CMD_PRI_RESP, 0) | at(valid, 11) | at(substreamId ?? 0, 12) | at(streamId, 32),
    at(prgIndex, 0) | at(resp, 12),
  ];
}

/** null for another command and for Resp 3: CERROR_ILL. */
export function decodePriResponse([first = 0n, second = 0n]: readonly bigint[]) {
  const resp = field(second, 13, 12);
  if (field(first, 7, 0) !== CMD_PRI_RESP || resp === 3) return null;
  const response: SmmuPriResponse = {
    streamId: field(first, 63, 32),
    substreamId: flag(first, 11) ? field(first, 31, 12) : null,
    prgIndex: field(second, 8, 0),
    resp,
  };
  return response;
}

/** What becomes of a stalled transaction: as if it had just arrived, or ended. */
export type ResumeAction = 'RETRY' | 'TERMINATE' | 'ABORT';

export interface SmmuResume {
  readonly streamId: number;
  readonly stag: number;
  /** TERMINATE completes reads as zero and ignores writes, unless IDR0.TERM_MODEL aborts always. */
  readonly action: ResumeAction;
}

/** Ac in bit 12, Ab in bit 13. */
export function encodeResume({ streamId, stag, action }: SmmuResume): readonly bigint[] {
  const resp = at(action === 'RETRY', 12) | at(action === 'ABORT', 13);
  return [at(CMD_RESUME, 0) | resp | at(streamId, 32), at(stag, 0)];
}

export function decodeResume([first = 0n, second = 0n]: readonly bigint[]): SmmuResume | null {
  if (field(first, 7, 0) !== CMD_RESUME) return null;
  // With Ac set, Ab is ignored.
  const action = flag(first, 12) ? 'RETRY' : flag(first, 13) ? 'ABORT' : 'TERMINATE';
  return { streamId: field(first, 63, 32), stag: field(second, 15, 0), action };
}

/** Event numbers of translation faults. */
export const SMMU_EVENT = {
  F_TRANSLATION: 0x10,
  F_ADDR_SIZE: 0x11,
  F_ACCESS: 0x12,
  F_PERMISSION: 0x13,
} as const;

/** What was being accessed when the fault came: CLASS. */
export const SMMU_CLASS = { CD: 0, TT: 1, IN: 2 } as const;

/** An event record of a translation fault, 32 bytes. */
export interface SmmuFaultEvent {
  /** One of SMMU_EVENT. */
  readonly event: number;
  readonly streamId: number;
  readonly substreamId: number | null;
  /** The tag of the stalled transaction, 16 bits; null if it does not wait. */
  readonly stag: number | null;
  readonly privileged: boolean;
  readonly instruction: boolean;
  readonly read: boolean;
  /** The fault is the second stage's. */
  readonly stage2: boolean;
  /** One of SMMU_CLASS. */
  readonly class: number;
  readonly inputAddress: bigint;
  /** Of a second-stage fault, bits 51:12. */
  readonly ipa: bigint;
}

const IPA_BITS = 0x000f_ffff_ffff_f000n;

export function encodeSmmuEvent(event: SmmuFaultEvent): readonly bigint[] {
  const valid = event.substreamId !== null;
  return [
    at(event.event, 0) | at(valid, 11) | at(event.substreamId ?? 0, 12) | at(event.streamId, 32),
    at(event.stag ?? 0, 0) |
      at(event.stag !== null, 31) |
      at(event.privileged, 33) |
      at(event.instruction, 34) |
      at(event.read, 35) |
      at(event.stage2, 39) |
      at(event.class, 40),
    event.inputAddress,
    event.ipa & IPA_BITS,
  ];
}

export function decodeSmmuEvent(words: readonly bigint[]): SmmuFaultEvent | null {
  const [first = 0n, second = 0n, inputAddress = 0n, fourth = 0n] = words;
  const event = field(first, 7, 0);
  if (!(Object.values(SMMU_EVENT) as number[]).includes(event)) return null;
  return {
    event,
    streamId: field(first, 63, 32),
    substreamId: flag(first, 11) ? field(first, 31, 12) : null,
    stag: flag(second, 31) ? field(second, 15, 0) : null,
    privileged: flag(second, 33),
    instruction: flag(second, 34),
    read: flag(second, 35),
    stage2: flag(second, 39),
    class: field(second, 41, 40),
    inputAddress,
    ipa: fourth & IPA_BITS,
  };
}
