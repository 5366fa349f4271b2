/** Commands of the command queue, as software means them and as 16 bytes. Section "Command-Queue (CQ)". */
import { bit, bits } from '../tables/entry.ts';
import type { Destination, PasidField } from './messages.ts';

export type RiscvCommand =
  | {
      readonly kind: 'IOTINVAL_VMA' | 'IOTINVAL_GVMA';
      readonly gscid: number | null;
      /** VMA alone. */
      readonly pscid: number | null;
      readonly address: bigint | null;
    }
  | {
      readonly kind: 'IOFENCE_C';
      readonly previousReads: boolean;
      readonly previousWrites: boolean;
      /** Where to write `data`, a multiple of 4; or nowhere. */
      readonly address: bigint | null;
      readonly data: number;
      readonly wiredInterrupt: boolean;
    }
  | { readonly kind: 'IODIR_INVAL_DDT'; readonly deviceId: number | null }
  | { readonly kind: 'IODIR_INVAL_PDT'; readonly deviceId: number; readonly processId: number }
  | AtsCommand;

interface AtsCommand extends Destination, PasidField {
  readonly kind: 'ATS_INVAL' | 'ATS_PRGR';
  readonly payload: bigint;
}

/** Bytes of a command. */
export const COMMAND_BYTES = 16n;

const OPCODE = { IOTINVAL: 1, IOFENCE: 2, IODIR: 3, ATS: 4 } as const;

const at = (value: number | bigint, place: number) => BigInt(value) << BigInt(place);

/** A command's two words. */
export function encodeCommand(command: RiscvCommand): readonly [bigint, bigint] {
  switch (command.kind) {
    case 'IOTINVAL_VMA':
    case 'IOTINVAL_GVMA': {
      const { kind, gscid, pscid, address } = command;
      const first =
        at(OPCODE.IOTINVAL, 0) |
        at(kind === 'IOTINVAL_VMA' ? 0 : 1, 7) |
        at(address === null ? 0 : 1, 10) |
        at(pscid ?? 0, 12) |
        at(pscid === null ? 0 : 1, 32) |
        at(gscid === null ? 0 : 1, 33) |
        at(gscid ?? 0, 40);
      return [first, at((address ?? 0n) >> 12n, 10)];
    }
    case 'IOFENCE_C': {
      const { previousReads, previousWrites, address, data, wiredInterrupt } = command;
      const first =
        at(OPCODE.IOFENCE, 0) |
        at(address === null ? 0 : 1, 10) |
        at(wiredInterrupt ? 1 : 0, 11) |
        at(previousReads ? 1 : 0, 12) |
        at(previousWrites ? 1 : 0, 13) |
        at(data, 32);
      return [first, (address ?? 0n) >> 2n];
    }
    case 'IODIR_INVAL_DDT': {
      const { deviceId } = command;
      const valid = at(deviceId === null ? 0 : 1, 33);
      return [at(OPCODE.IODIR, 0) | valid | at(deviceId ?? 0, 40), 0n];
    }
    case 'IODIR_INVAL_PDT': {
      const { deviceId, processId } = command;
      return [
        at(OPCODE.IODIR, 0) | at(1, 7) | at(processId, 12) | at(1, 33) | at(deviceId, 40),
        0n,
      ];
    }
    case 'ATS_INVAL':
    case 'ATS_PRGR': {
      const { kind, rid, segment, pasidValid, processId, payload } = command;
      const first =
        at(OPCODE.ATS, 0) |
        at(kind === 'ATS_INVAL' ? 0 : 1, 7) |
        at(processId, 12) |
        at(pasidValid ? 1 : 0, 32) |
        at(segment === null ? 0 : 1, 33) |
        at(rid, 40) |
        at(segment ?? 0, 56);
      return [first, payload];
    }
  }
}

/** The command, or null if it is illegal: a reserved encoding or a reserved bit set. */
export function decodeCommand(first: bigint, second: bigint): RiscvCommand | null {
  const func3 = Number(bits(first, 9, 7));
  switch (Number(bits(first, 6, 0))) {
    case OPCODE.IOTINVAL:
      return decodeIotinval(func3, first, second);
    case OPCODE.IOFENCE:
      return func3 === 0 ? decodeFence(first, second) : null;
    case OPCODE.IODIR:
      return decodeIodir(func3, first, second);
    case OPCODE.ATS:
      return decodeAts(func3, first, second);
    default:
      return null;
  }
}

function decodeIotinval(func3: number, first: bigint, second: bigint): RiscvCommand | null {
  // Bits 11, 39:34, 63:56; 9:0 and 63:62 of the second word.
  const reserved = bits(first, 11, 11) | bits(first, 39, 34) | bits(first, 63, 56);
  if ((reserved | bits(second, 9, 0) | bits(second, 63, 62)) !== 0n || func3 > 1) return null;
  const pscid = bit(first, 32) ? Number(bits(first, 31, 12)) : null;
  if (func3 === 1 && pscid !== null) return null;
  return {
    kind: func3 === 0 ? 'IOTINVAL_VMA' : 'IOTINVAL_GVMA',
    gscid: bit(first, 33) ? Number(bits(first, 55, 40)) : null,
    pscid,
    address: bit(first, 10) ? bits(second, 61, 10) << 12n : null,
  };
}

function decodeFence(first: bigint, second: bigint): RiscvCommand | null {
  if ((bits(first, 31, 14) | bits(second, 63, 62)) !== 0n) return null;
  return {
    kind: 'IOFENCE_C',
    previousReads: bit(first, 12),
    previousWrites: bit(first, 13),
    address: bit(first, 10) ? second << 2n : null,
    data: Number(bits(first, 63, 32)),
    wiredInterrupt: bit(first, 11),
  };
}

function decodeIodir(func3: number, first: bigint, second: bigint): RiscvCommand | null {
  // Bits 11:10, 32, 39:34, and all of the second word.
  const reserved = bits(first, 11, 10) | bits(first, 32, 32) | bits(first, 39, 34) | second;
  if (reserved !== 0n) return null;
  const processId = Number(bits(first, 31, 12));
  const deviceId = bit(first, 33) ? Number(bits(first, 63, 40)) : null;
  if (func3 === 0 && processId === 0) return { kind: 'IODIR_INVAL_DDT', deviceId };
  if (func3 !== 1 || deviceId === null) return null;
  return { kind: 'IODIR_INVAL_PDT', deviceId, processId };
}

function decodeAts(func3: number, first: bigint, second: bigint): RiscvCommand | null {
  if ((bits(first, 11, 10) | bits(first, 39, 34)) !== 0n || func3 > 1) return null;
  return {
    kind: func3 === 0 ? 'ATS_INVAL' : 'ATS_PRGR',
    rid: Number(bits(first, 55, 40)),
    segment: bit(first, 33) ? Number(bits(first, 63, 56)) : null,
    pasidValid: bit(first, 32),
    processId: Number(bits(first, 31, 12)),
    payload: second,
  };
}

/** Payload of ATS.PRGR: the index in 40:32, the response code in 47:44. */
export const groupResponsePayload = (prgIndex: number, code: number) =>
  at(prgIndex, 32) | at(code, 44);
