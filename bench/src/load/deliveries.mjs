import { DeliveryChecker, Tally } from './checker.mjs';

/** What subscriptions should have got, and what they have. */
export class Deliveries {
  /** Of clients that always read, and of those that pause. */
  #reading = { tally: new Tally(), checkers: [] };
  #pausing = { tally: new Tally(), checkers: [] };
  #expectedEach = 0;
  /** While it is true, nothing is expected of those who pause. */
  isPaused = false;

  /**
   * @param {object} options
   * @param {string} options.room
   * @param {number} [options.fields]
   * @param {boolean} [options.pauses]
   */
  createChecker({ room, fields, pauses = false }) {
    const { tally, checkers } = pauses ? this.#pausing : this.#reading;
    const checker = new DeliveryChecker({ tally, room, fields });
    checkers.push(checker);
    return checker;
  }

  /** @param {string} text - a message that nobody should have got */
  foundUnexpected(text) {
    this.#reading.tally.foundUnexpected(text);
  }

  /**
   * Resolves when each subscription has got so many messages more, or was told that they are dropped.
   *
   * @param {object} options
   * @param {number} options.each
   * @param {number} [options.turnEach] - messages of a turn
   * @param {() => void} options.onTurn - called when all of a turn have arrived
   * @param {number} options.stallMs - rejects when nothing came for so long
   * @returns {Promise<void>}
   */
  async expect({ each, turnEach, onTurn, stallMs }) {
    const { tally } = this.#reading;
    const readers = this.#reading.checkers.length;
    const turn = (turnEach ?? each) * readers;
    let nextTurn = this.#expectedEach * readers + turn;
    this.#expectedEach += each;
    await this.#untilAllArrived(stallMs, () => {
      if (turnEach === undefined || tally.delivered < nextTurn) return;
      nextTurn += turn;
      onTurn();
    });
  }

  #untilAllArrived(stallMs, look) {
    const tallies = [this.#reading.tally, this.#pausing.tally];
    const count = () => tallies[0].delivered + tallies[1].delivered;
    let seen = count();
    return new Promise((resolve, reject) => {
      const end = (settle) => {
        clearInterval(watch);
        for (const tally of tallies) tally.onDelivery = () => {};
        settle();
      };
      const watch = setInterval(() => {
        if (count() === seen) end(() => reject(new Error(`Nothing came for ${stallMs} ms`)));
        seen = count();
      }, stallMs);
      const arrived = () => {
        look();
        if (this.#hasAll(this.#reading) && (this.isPaused || this.#hasAll(this.#pausing))) {
          end(resolve);
        }
      };
      for (const tally of tallies) tally.onDelivery = arrived;
      // They may have come before anybody asked.
      arrived();
    });
  }

  #hasAll({ tally, checkers }) {
    return tally.delivered >= this.#expectedEach * checkers.length;
  }

  /** @returns {import('./checker.mjs').Faults & { delivered: number, told: number }} */
  counts() {
    const sides = [this.#reading, this.#pausing];
    const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
    const all = (name) => sum(sides.map(({ tally }) => tally[name]));
    const checkers = sides.flatMap((side) => side.checkers);
    const told = all('told');
    return {
      delivered: all('delivered') - told,
      told,
      lost: sum(checkers.map(({ missing, next }) => missing + this.#expectedEach - next)),
      reordered: all('reordered'),
      repeated: all('repeated'),
      unexpected: all('unexpected'),
      firstUnexpected: sides.map(({ tally }) => tally.firstUnexpected).find((text) => text),
    };
  }
}
