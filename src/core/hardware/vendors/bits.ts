/** Fields of records: each a value at a place, or a part of a word. */

export const at = (value: number | bigint | boolean, place: number): bigint =>
  BigInt(typeof value === 'boolean' ? Number(value) : value) << BigInt(place);

/** Bits `high` to `low` of a word, as a number; at most 53 bits. */
export const field = (word: bigint, high: number, low: number): number =>
  Number((word >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n));

export const flag = (word: bigint, place: number): boolean => ((word >> BigInt(place)) & 1n) === 1n;

/** Bits 63:12. */
export const PAGE_BITS = 0xffff_ffff_ffff_f000n;
