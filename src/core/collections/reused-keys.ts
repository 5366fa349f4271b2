/**
 * A Map and a Set for keys that come back, such as object ids, of which the lowest free one is given
 * next. V8 leaves a deleted entry in its bucket until the whole table is rehashed, so deleting and
 * adding one key n times in a large Map makes each step cost up to n. These cost the same at any size.
 *
 * They are a Map and a Set to everybody who reads them; of what those can do, only the methods below
 * are supported.
 */

/** Deleted entries kept beyond as many as there are live ones. */
const DELETED_KEPT = 64;

/** No value may be undefined. The order of entries is not the order of insertion. */
export class ReusedKeyMap<K, V> extends Map<K, V> {
  #live = 0;

  override get size(): number {
    return this.#live;
  }

  override has(key: K): boolean {
    return super.get(key) !== undefined;
  }

  override set(key: K, value: V): this {
    if (super.get(key) === undefined) this.#live++;
    return super.set(key, value);
  }

  /** Empties the entry, which the key's return fills again. */
  override delete(key: K): boolean {
    if (super.get(key) === undefined) return false;
    super.set(key, undefined as V);
    this.#live--;
    if (super.size > 2 * this.#live + DELETED_KEPT) this.#sweep();
    return true;
  }

  override clear(): void {
    super.clear();
    this.#live = 0;
  }

  override *entries(): MapIterator<[K, V]> {
    for (const entry of super.entries()) if (entry[1] !== undefined) yield entry;
  }

  override *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  override *values(): MapIterator<V> {
    for (const value of super.values()) if (value !== undefined) yield value;
  }

  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  override forEach(callback: (value: V, key: K, map: Map<K, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }

  #sweep(): void {
    for (const [key, value] of super.entries()) if (value === undefined) super.delete(key);
  }
}

/** In order of insertion. */
export class ReusedKeySet<K> extends Set<K> {
  readonly #serials = new ReusedKeyMap<K, number>();
  /** By a serial number that never comes back. */
  readonly #items = new Map<number, K>();
  #nextSerial = 1;

  override get size(): number {
    return this.#items.size;
  }

  override has(item: K): boolean {
    return this.#serials.has(item);
  }

  override add(item: K): this {
    if (this.#serials.has(item)) return this;
    this.#serials.set(item, this.#nextSerial);
    this.#items.set(this.#nextSerial++, item);
    return this;
  }

  override delete(item: K): boolean {
    const serial = this.#serials.get(item);
    if (serial === undefined) return false;
    this.#serials.delete(item);
    return this.#items.delete(serial);
  }

  override clear(): void {
    this.#serials.clear();
    this.#items.clear();
  }

  override values(): SetIterator<K> {
    return this.#items.values();
  }

  override keys(): SetIterator<K> {
    return this.#items.values();
  }

  override *entries(): SetIterator<[K, K]> {
    for (const item of this.#items.values()) yield [item, item];
  }

  override [Symbol.iterator](): SetIterator<K> {
    return this.#items.values();
  }

  override forEach(callback: (item: K, same: K, set: Set<K>) => void): void {
    for (const item of this.#items.values()) callback(item, item, this);
  }
}
