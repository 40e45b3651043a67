/** The subscriptions of one connection, each with its checker, by the ids of their operations. */
export class Subscriptions {
  /** @type {Map<string, import('./checker.mjs').DeliveryChecker>} */
  #checkers = new Map();
  /** The only one, if there is only one. */
  #only;
  #idAt = -1;
  #idLength = 0;

  get checkers() {
    return this.#checkers.values();
  }

  get count() {
    return this.#checkers.size;
  }

  /**
   * @param {string} id - all are of the same length
   * @param {import('./checker.mjs').DeliveryChecker} checker
   */
  add(id, checker) {
    this.#checkers.set(id, checker);
    this.#only = this.#checkers.size === 1 ? checker : undefined;
    this.#idLength = id.length;
  }

  /**
   * @param {string | undefined} id - absent where the dialect has none: there is one subscription then
   */
  find(id) {
    return id === undefined ? this.#only : this.#checkers.get(id);
  }

  /**
   * Takes a message that was parsed, and its bytes.
   *
   * @param {import('./dialects.mjs').Heard} heard
   * @param {Buffer} bytes
   */
  take(heard, bytes) {
    // The id is where it was in the last message, whoever's that was.
    if (heard.id !== undefined) this.#idAt = bytes.indexOf(heard.id);
    this.find(heard.id)?.take(heard.data.onMessage, bytes);
  }

  /**
   * Takes a message whose bytes are those of an earlier one but for its number.
   *
   * @returns {boolean} whether it was one
   */
  takeBytes(/** @type {Buffer} */ buffer, /** @type {number} */ start, /** @type {number} */ end) {
    const checker = this.#only ?? this.#checkerOf(buffer, start);
    return checker?.takeBytes(buffer, start, end) ?? false;
  }

  #checkerOf(buffer, start) {
    if (this.#idAt === -1) return undefined;
    const idStart = start + this.#idAt;
    return this.#checkers.get(buffer.latin1Slice(idStart, idStart + this.#idLength));
  }
}
