/** Ranges of IOVAs. */

/** A range of IOVAs, both ends inclusive. */
export interface IovaRange {
  readonly start: bigint;
  readonly last: bigint;
}
