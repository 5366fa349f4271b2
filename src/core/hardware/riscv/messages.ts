/** PCIe ATS messages the IOMMU sends to functions, and PCIe's response codes. */

/** What a Page Request Group Response says (PCIe, PRI). Others are as RESPONSE_FAILURE to a device. */
export const PRG_RESPONSE = { SUCCESS: 0, INVALID_REQUEST: 1, RESPONSE_FAILURE: 15 } as const;

/** PASID of a message. Without the prefix its field is not looked at, but copied. */
export interface PasidField {
  /** Whether there is a PASID (PV). */
  readonly pasidValid: boolean;
  readonly processId: number;
}

export interface Destination {
  /** Requester ID: bus, device, function. */
  readonly rid: number;
  /** Segment, if one is named. */
  readonly segment: number | null;
}

export interface GroupResponse extends Destination, PasidField {
  readonly kind: 'GROUP_RESPONSE';
  readonly prgIndex: number;
  readonly code: number;
}

export interface InvalidationRequest extends Destination, PasidField {
  readonly kind: 'INVALIDATION_REQUEST';
  readonly itag: number;
  /** Address with S in bit 11 and Global in bit 0, as the message has them. */
  readonly payload: bigint;
}

export type AtsMessage = GroupResponse | InvalidationRequest;

/** A Page Request or, with PASID, Last and no access, a Stop Marker. */
export interface PageRequestMessage extends Destination, PasidField {
  readonly privileged: boolean;
  readonly execute: boolean;
  readonly read: boolean;
  readonly write: boolean;
  readonly last: boolean;
  readonly prgIndex: number;
  /** A multiple of 4096. */
  readonly address: bigint;
}

/** R, W, L in bits 0 to 2, the index in 11:3, the address in 63:12. */
export function pageRequestPayload(request: PageRequestMessage): bigint {
  const { read, write, last, prgIndex, address } = request;
  const flags = (read ? 1 : 0) | (write ? 2 : 0) | (last ? 4 : 0) | (prgIndex << 3);
  return address | BigInt(flags);
}

/** device_id of a requester. */
export const deviceIdOf = ({ rid, segment }: Destination) => rid | ((segment ?? 0) << 16);
