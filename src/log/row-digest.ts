/**
 * What tells a row beside the log from a changed one. Operations have their chain; a fork, a
 * bookmark or a rerun carries the digest of all its other columns.
 */
import { hash } from 'node:crypto';

/** The kinds of rows that have one. */
export type DigestedKind = 'fork' | 'bookmark' | 'rerun';

/**
 * sha256 of the JSON text `["kind",column,…]`, 64 hex digits. Frozen: stored rows have it, and
 * migration 0003 calls it. Texts count as a database keeps them, which is as well-formed Unicode.
 */
export function rowDigest(kind: string, columns: readonly unknown[]): string {
  const kept = columns.map(value => (typeof value === 'string' ? value.toWellFormed() : value));
  return hash('sha256', JSON.stringify([kind, ...kept]), 'hex');
}
