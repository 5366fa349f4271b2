/** RISC-V's records in the terms all vendors share; the bits are those of the model in ../riscv. */
import { decodeCommand, encodeCommand, groupResponsePayload } from '../riscv/commands.ts';
import { decodePageRequestRecord, encodePageRequestRecord } from '../riscv/page-request.ts';
import { field, flag, PAGE_BITS } from './bits.ts';
import type { PageRequestFormat } from './page-request.ts';

export const RISCV_PAGE_REQUEST: PageRequestFormat = {
  words: 2,
  encode: request =>
    encodePageRequestRecord({
      ...request,
      rid: request.requesterId,
      segment: null,
      pasidValid: request.pasid !== null,
      processId: request.pasid ?? 0,
    }),
  decode(words) {
    const { deviceId, pasidValid, processId, privileged, execute, payload } =
      decodePageRequestRecord(words);
    return {
      requesterId: deviceId,
      pasid: pasidValid ? processId : null,
      read: flag(payload, 0),
      write: flag(payload, 1),
      execute,
      privileged,
      last: flag(payload, 2),
      prgIndex: field(payload, 11, 3),
      address: payload & PAGE_BITS,
    };
  },
};

/** ATS.PRGR, a command of 16 bytes. */
export interface RiscvGroupResponse {
  readonly requesterId: number;
  readonly pasid: number | null;
  readonly prgIndex: number;
  /** PCIe's own: 0, 1, 15. */
  readonly code: number;
}

export function encodeGroupResponse(response: RiscvGroupResponse): readonly bigint[] {
  const { requesterId, pasid, prgIndex, code } = response;
  return encodeCommand({
    kind: 'ATS_PRGR',
    rid: requesterId,
    segment: null,
    pasidValid: pasid !== null,
    processId: pasid ?? 0,
    payload: groupResponsePayload(prgIndex, code),
  });
}

export function decodeGroupResponse([first = 0n, second = 0n]: readonly bigint[]) {
  const command = decodeCommand(first, second);
  if (command?.kind !== 'ATS_PRGR') return null;
  const response: RiscvGroupResponse = {
    requesterId: command.rid,
    pasid: command.pasidValid ? command.processId : null,
    prgIndex: field(command.payload, 40, 32),
    code: field(command.payload, 47, 44),
  };
  return response;
}
