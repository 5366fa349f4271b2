/** Entries of a map in an order that a snapshot keeps: insertion is not kept, keys are. */
export function byKey<V>(map: ReadonlyMap<number, V>): (readonly [number, V])[] {
  return [...map].sort(([a], [b]) => a - b);
}

/** Keys of a map, the lowest first. */
export function keysOf(map: ReadonlyMap<number, unknown>): number[] {
  return [...map.keys()].sort((a, b) => a - b);
}
