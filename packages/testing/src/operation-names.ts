import type { WireId } from '@groupcast/protocol';

/**
 * Short names of ids in the order in which they appear on a connection: op1, op2 and so on.
 *
 * Ids that a test makes up may differ from run to run; names do not. `7` and `"7"` are two ids.
 */
export class OperationNames {
  readonly #names = new Map<WireId, string>();

  has(id: WireId): boolean {
    return this.#names.has(id);
  }

  /** The name of an id, which gets the next one when it has none. */
  nameOf(id: WireId): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const name = `op${this.#names.size + 1}`;
    this.#names.set(id, name);
    return name;
  }

  /** Whose ids a reader can't guess: `op1 is "x", op2 is 7`; empty when op1 is "1" and so on. */
  legend(): string {
    return [...this.#names]
      .filter(([id, name]) => name !== `op${id}` || typeof id === 'number')
      .map(([id, name]) => `${name} is ${JSON.stringify(id)}`)
      .join(', ');
  }
}
