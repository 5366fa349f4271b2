/**
 * Spans of pages as invalidations write them. PCIe's Invalidation Request, VT-d's device-TLB
 * descriptors, AMD-Vi's and RISC-V's commands share one encoding: with S set, the lowest clear bit of
 * the address from bit 12 on says how many pages it is.
 */
import { PAGE_SHIFT, PAGES_LOG2_MAX, type PageRange } from './translation-cache.ts';

/** A naturally aligned block of 2^log2Pages pages. */
export interface PageSpan {
  /** Number of its first page. */
  readonly page: number;
  /** 0 to 52. */
  readonly log2Pages: number;
}

const S = 1n << 11n;
const PAGE_BITS = 0xffff_ffff_ffff_f000n;

export function rangeOf({ page, log2Pages }: PageSpan): PageRange {
  return { first: page, last: page + 2 ** log2Pages - 1 };
}

/** The whole address space. */
export const ALL_PAGES: PageSpan = { page: 0, log2Pages: PAGES_LOG2_MAX };

/** Address and S of a span. */
export function encodeSpan({ page, log2Pages }: PageSpan): bigint {
  const address = BigInt(page) << PAGE_SHIFT;
  if (log2Pages === 0) return address;
  // Bits below the highest of the span are ones, that one is zero; all of them ones: everything.
  const pages = log2Pages === PAGES_LOG2_MAX ? log2Pages : log2Pages - 1;
  return address | (((1n << BigInt(pages)) - 1n) << PAGE_SHIFT) | S;
}

/** The span of an address with S in bit 11; the other low bits do not matter. */
export function decodeSpan(payload: bigint): PageSpan {
  const pages = (payload & PAGE_BITS) >> PAGE_SHIFT;
  if ((payload & S) === 0n) return { page: Number(pages), log2Pages: 0 };
  let log2Pages = 1;
  while (log2Pages < PAGES_LOG2_MAX && ((pages >> BigInt(log2Pages - 1)) & 1n) === 1n) log2Pages++;
  const inSpan = (1n << BigInt(log2Pages)) - 1n;
  return { page: Number(pages & ~inSpan), log2Pages };
}

/**
 * The smallest span around a range: what a driver has to invalidate for it, as
 * calculate_psi_aligned_address (intel/cache.c) and build_inv_address (amd/iommu.c) find it.
 */
export function spanAround({ first, last }: PageRange): PageSpan {
  let log2Pages = 0;
  for (let size = 1; Math.floor(first / size) !== Math.floor(last / size); size *= 2) log2Pages++;
  const size = 2 ** log2Pages;
  return { page: Math.floor(first / size) * size, log2Pages };
}
