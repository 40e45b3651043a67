/** Values by key as long as somebody else holds them: what nobody holds is forgotten with its key. */
export class WeakValues<V extends object> {
  readonly #references = new Map<string, WeakRef<V>>();
  readonly #collected = new FinalizationRegistry<string>((key) => {
    // Another value may have come under the same key meanwhile.
    if (this.get(key) === undefined) this.#references.delete(key);
  });

  /** How many keys there are, those of values that were collected a moment ago among them. */
  get size(): number {
    return this.#references.size;
  }

  get(key: string): V | undefined {
    return this.#references.get(key)?.deref();
  }

  set(key: string, value: V): void {
    this.#references.set(key, new WeakRef(value));
    this.#collected.register(value, key);
  }
}
