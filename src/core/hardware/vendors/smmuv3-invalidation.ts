/**
 * SMMUv3's invalidation commands (IHI 0070, 4.4 and 4.5) that a guest's driver may send through a
 * vIOMMU: which translations go. Bits as in Linux' CMDQ_TLBI_* and CMDQ_ATC_*.
 */
import { ALL_PAGES, type PageSpan, rangeOf } from '../cache/span.ts';
import { blockOf, PAGES_LOG2_MAX, type PageRange } from '../cache/translation-cache.ts';
import { field, flag } from './bits.ts';

export const SMMU_COMMAND = {
  CFGI_CD: 0x05,
  CFGI_CD_ALL: 0x06,
  TLBI_NH_ALL: 0x10,
  TLBI_NH_ASID: 0x11,
  TLBI_NH_VA: 0x12,
  TLBI_NH_VAA: 0x13,
  TLBI_NSNH_ALL: 0x30,
  ATC_INV: 0x40,
} as const;

export type SmmuInvalidation =
  /** TLB entries of a VMID: of one ASID or of all, in a range or all. */
  | {
      readonly kind: 'TLB';
      /** null: all address spaces. Global entries go with null alone. */
      readonly asid: number | null;
      readonly range: PageRange | null;
    }
  /** Cached context descriptors. */
  | {
      readonly kind: 'CONFIGURATION';
      readonly streamId: number;
      /** null: all of the stream. */
      readonly substreamId: number | null;
    }
  /** A function's ATC. */
  | {
      readonly kind: 'ATC';
      readonly streamId: number;
      readonly substreamId: number | null;
      /** Of all substreams, where the function keeps global translations. */
      readonly global: boolean;
      readonly range: PageRange;
    };

/** What a command takes out, or null for one that a guest may not send. */
export function decodeSmmuInvalidation(
  words: readonly bigint[],
  rangeInvalidation: boolean,
): SmmuInvalidation | null {
  const [first = 0n, second = 0n] = words;
  const streamId = field(first, 63, 32);
  const substreamId = field(first, 31, 12);
  const asid = field(first, 63, 48);
  switch (field(first, 7, 0)) {
    case SMMU_COMMAND.TLBI_NSNH_ALL:
    case SMMU_COMMAND.TLBI_NH_ALL:
      return { kind: 'TLB', asid: null, range: null };
    case SMMU_COMMAND.TLBI_NH_ASID:
      return { kind: 'TLB', asid, range: null };
    case SMMU_COMMAND.TLBI_NH_VA:
      return { kind: 'TLB', asid, range: tlbRange(first, second, rangeInvalidation) };
    case SMMU_COMMAND.TLBI_NH_VAA:
      return { kind: 'TLB', asid: null, range: tlbRange(first, second, rangeInvalidation) };
    case SMMU_COMMAND.CFGI_CD:
      return { kind: 'CONFIGURATION', streamId, substreamId };
    case SMMU_COMMAND.CFGI_CD_ALL:
      return { kind: 'CONFIGURATION', streamId, substreamId: null };
    case SMMU_COMMAND.ATC_INV: {
      const valid = flag(first, 11);
      const span = atcSpan(field(second, 63, 12), field(second, 5, 0));
      const range = rangeOf(span);
      const id = valid ? substreamId : null;
      return { kind: 'ATC', streamId, substreamId: id, global: flag(first, 9), range };
    }
    default:
      return null;
  }
}

/**
 * One address, which takes out a translation of any size around it; or with IDR3.RIL and a granule
 * (TG) (NUM + 1) × 2^SCALE pages of that granule. Of the granules only the one of 4 KiB is modelled.
 */
function tlbRange(first: bigint, second: bigint, rangeInvalidation: boolean): PageRange {
  const page = field(second, 63, 12);
  const granule = field(second, 11, 10);
  if (!rangeInvalidation || granule === 0) return { first: page, last: page };
  const shift = 2 * (granule - 1);
  const pages = (field(first, 16, 12) + 1) * 2 ** (field(first, 24, 20) + shift);
  return { first: page, last: page + pages - 1 };
}

/** 2^Size pages, aligned; a size beyond the address space is all of it. */
function atcSpan(page: number, size: number): PageSpan {
  if (size >= PAGES_LOG2_MAX) return ALL_PAGES;
  return { page: blockOf(page, size), log2Pages: size };
}
