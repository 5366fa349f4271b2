/** A page request as PCIe sends it, whatever the queue it lands in. */
import type { IommuVendor } from './names.ts';

export interface QueuedPageRequest {
  /** Requester ID, 16 bits; on SMMUv3 the StreamID, 32 bits. */
  readonly requesterId: number;
  /** 20 bits, or null without PASID. */
  readonly pasid: number | null;
  readonly read: boolean;
  readonly write: boolean;
  /** Execute and privileged come with a PASID only. */
  readonly execute: boolean;
  readonly privileged: boolean;
  /** The last of its group. */
  readonly last: boolean;
  /** Page request group index, 0 to 511. */
  readonly prgIndex: number;
  /** A multiple of 4096. */
  readonly address: bigint;
}

/** One vendor's record. */
export interface PageRequestFormat {
  /** 8-byte words of a record. */
  readonly words: number;
  encode(request: QueuedPageRequest): readonly bigint[];
  /** The request, or null if the words are no page request. */
  decode(words: readonly bigint[]): QueuedPageRequest | null;
}

/** Whether it is a stop marker: with PASID, last, neither read nor write. It is never answered. */
export function isStopMarker({ pasid, last, read, write }: QueuedPageRequest): boolean {
  return pasid !== null && last && !read && !write;
}

/**
 * A marker's bits without PASID. SMMUv3 and RISC-V's specification differ in it: the first takes it
 * for a page request (8: "Page request queue"), the second looks at the bits alone, as Linux' VT-d
 * driver does (prq_event_thread).
 */
export function countsAsStopMarker(vendor: IommuVendor, request: QueuedPageRequest): boolean {
  if (vendor === 'RISCV') return request.last && !request.read && !request.write;
  return isStopMarker(request);
}
