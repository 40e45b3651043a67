/**
 * A map that takes next to nothing while it has one entry: most connections have one operation, and
 * a `Map` takes four times as much as this.
 *
 * In the order of insertion, as a `Map`.
 */
export class SmallMap<K, V extends object> {
  /** The only entry; both absent while there is none, or more than one. */
  #key: K | undefined;
  #value: V | undefined;
  /** All entries, from the second on until none is left. */
  #entries: Map<K, V> | undefined;

  get size(): number {
    if (this.#entries !== undefined) return this.#entries.size;
    return this.#value === undefined ? 0 : 1;
  }

  get(key: K): V | undefined {
    if (this.#entries !== undefined) return this.#entries.get(key);
    return this.#key === key ? this.#value : undefined;
  }

  set(key: K, value: V): void {
    if (this.#entries === undefined && (this.#value === undefined || this.#key === key)) {
      this.#key = key;
      this.#value = value;
      return;
    }
    this.#entries ??= new Map(this.entries());
    this.#entries.set(key, value);
    this.#forgetOnly();
  }

  delete(key: K): void {
    if (this.#entries === undefined) {
      if (this.#key === key) this.#forgetOnly();
    } else if (this.#entries.delete(key) && this.#entries.size === 0) {
      this.#entries = undefined;
    }
  }

  /** A copy: it does not change when the map does. */
  entries(): [K, V][] {
    if (this.#entries !== undefined) return [...this.#entries];
    if (this.#key === undefined || this.#value === undefined) return [];
    return [[this.#key, this.#value]];
  }

  #forgetOnly(): void {
    this.#key = undefined;
    this.#value = undefined;
  }
}
