/** Which of some arguments is no multiple of what it must be one of. */

/** The name of the first one; null: all are. */
export function notMultiple(
  values: Readonly<Record<string, bigint>>,
  alignment: bigint,
): string | null {
  const found = Object.entries(values).find(([, value]) => value % alignment !== 0n);
  return found?.[0] ?? null;
}
