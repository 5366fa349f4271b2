/**
 * The arithmetic of a page request queue. Indexes grow by one a record; SMMUv3's have one bit more
 * than the queue needs, the wrap flag, so that a full queue is not taken for an empty one.
 */
import type { IommuVendor } from './names.ts';

export interface QueuePlaces {
  /** Records the queue's memory holds, a power of two. */
  readonly entries: number;
  /** Index software reads next. */
  readonly head: number;
  /** Index hardware writes next. */
  readonly tail: number;
}

export interface QueueRule {
  /** Sizes the registers can express, as log2 of the records. */
  readonly log2Min: number;
  readonly log2Max: number;
  /** log2 of the records of Linux' queue. */
  readonly log2Linux: number;
  readonly recordBytes: number;
  /** Indexes carry a wrap flag, and all entries can be used. */
  readonly wraps: boolean;
  /** Head and tail registers hold bytes from the base, not indexes. */
  readonly registersInBytes: boolean;
}

/**
 * VT-d: PQS is 0 to 7, 2^(PQS+7) records of 32 bytes (11.4.11.3); Linux' PRQ_ORDER is 4. SMMUv3:
 * LOG2SIZE up to IDR1.PRIQS, at most 19; Linux takes what fits into its largest allocation, here the
 * one of 4 MiB. AMD-Vi: PPRLogLen 8 to 15, 512 records in Linux. RISC-V: log2szm1 + 1, up to 32; no
 * driver of Linux has one, and 8 is what one page holds.
 */
export const QUEUE_RULES: Readonly<Record<IommuVendor, QueueRule>> = {
  CONFORMING: {
    log2Min: 1,
    log2Max: 15,
    log2Linux: 11,
    recordBytes: 32,
    wraps: false,
    registersInBytes: true,
  },
  VTD: {
    log2Min: 7,
    log2Max: 14,
    log2Linux: 11,
    recordBytes: 32,
    wraps: false,
    registersInBytes: true,
  },
  SMMUV3: {
    log2Min: 0,
    log2Max: 19,
    log2Linux: 18,
    recordBytes: 16,
    wraps: true,
    registersInBytes: false,
  },
  AMD_VI: {
    log2Min: 8,
    log2Max: 15,
    log2Linux: 9,
    recordBytes: 16,
    wraps: false,
    registersInBytes: true,
  },
  RISCV: {
    log2Min: 1,
    log2Max: 32,
    log2Linux: 8,
    recordBytes: 16,
    wraps: false,
    registersInBytes: false,
  },
};

/** How many different values an index has. */
export function indexCount(vendor: IommuVendor, entries: number): number {
  return QUEUE_RULES[vendor].wraps ? 2 * entries : entries;
}

/** Records that are in the queue. */
export function recordsIn(vendor: IommuVendor, { entries, head, tail }: QueuePlaces): number {
  const count = indexCount(vendor, entries);
  return (tail - head + count) % count;
}

/** Records it can hold: one less where head = tail has to mean empty. */
export function capacityOf(vendor: IommuVendor, entries: number): number {
  return QUEUE_RULES[vendor].wraps ? entries : entries - 1;
}

export function isFull(vendor: IommuVendor, places: QueuePlaces): boolean {
  return recordsIn(vendor, places) === capacityOf(vendor, places.entries);
}

/** The index after `index`. */
export function nextIndex(vendor: IommuVendor, index: number, entries: number): number {
  return (index + 1) % indexCount(vendor, entries);
}

/** Which record of the queue's memory an index is: 0 to entries - 1. */
export function slotOf(index: number, entries: number): number {
  return index % entries;
}

/** Head and tail as the vendor's registers show them. */
export function registersOf(vendor: IommuVendor, { head, tail }: QueuePlaces) {
  const { registersInBytes, recordBytes } = QUEUE_RULES[vendor];
  const unit = registersInBytes ? recordBytes : 1;
  return { head: head * unit, tail: tail * unit };
}
