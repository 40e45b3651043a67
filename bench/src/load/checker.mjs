import { createMessage, messageId } from '../documents.mjs';

const ZERO = 48;

/**
 * What went wrong with deliveries, all subscriptions together.
 *
 * @typedef {object} Faults
 * @property {number} lost
 * @property {number} reordered
 * @property {number} repeated
 * @property {number} unexpected - other messages than those that were sent
 */

/** Counts deliveries and faults of some subscriptions. */
export class Tally {
  /** Those that the server told to be dropped too: nobody waits for them any more. */
  delivered = 0;
  told = 0;
  reordered = 0;
  repeated = 0;
  unexpected = 0;
  /** @type {string | undefined} */
  firstUnexpected;
  /** Called after each delivery. */
  onDelivery = () => {};

  /** @param {string} text */
  foundUnexpected(text) {
    this.unexpected += 1;
    this.firstUnexpected ??= text.slice(0, 300);
  }
}

/**
 * Proves that one subscription got every message of its group, once and in order.
 *
 * The first one is parsed and compared; of all others only the number may differ, so comparing bytes
 * proves as much and costs the load generator next to nothing.
 */
export class DeliveryChecker {
  #tally;
  #room;
  #fields;
  #textBytes = -1;
  /** @type {Buffer | undefined} */
  #template;
  #numberAt = 0;
  #numberEnd = 0;
  #next = 0;
  /** Numbers that were skipped: lost, unless they come late. */
  #missing = new Set();

  /**
   * @param {object} options
   * @param {Tally} options.tally
   * @param {string} options.room
   * @param {number} [options.fields] - that it selects, when it is not the usual message
   */
  constructor({ tally, room, fields }) {
    this.#tally = tally;
    this.#room = room;
    this.#fields = fields;
  }

  /** The number that the next message should have. */
  get next() {
    return this.#next;
  }

  /** How many messages were skipped and did not come. */
  get missing() {
    return this.#missing.size;
  }

  /**
   * Takes a message whose bytes are those of an earlier one but for its number.
   *
   * @returns {boolean} whether it was one
   */
  takeBytes(/** @type {Buffer} */ buffer, /** @type {number} */ start, /** @type {number} */ end) {
    const template = this.#template;
    if (template === undefined || end - start !== template.length) return false;
    if (buffer.compare(template, 0, this.#numberAt, start, start + this.#numberAt) !== 0)
      return false;
    const numberEnd = start + this.#numberEnd;
    if (buffer.compare(template, this.#numberEnd, template.length, numberEnd, end) !== 0)
      return false;
    let number = 0;
    for (let at = start + this.#numberAt; at < numberEnd; at += 1) {
      number = number * 10 + buffer[at] - ZERO;
    }
    this.#arrived(number);
    return true;
  }

  /**
   * Takes a parsed message, and its bytes as the template of those to come.
   *
   * @param {any} message
   * @param {Buffer} bytes - are kept
   */
  take(message, bytes) {
    const number = Number(message?.id);
    const { text } = message ?? {};
    const expected = createMessage({ room: this.#room, number, text, fields: this.#fields });
    if (JSON.stringify(message) !== JSON.stringify(expected)) {
      this.#tally.foundUnexpected(bytes.toString());
      return;
    }
    const quoted = `"id":"${messageId(number)}"`;
    const at = bytes.indexOf(quoted);
    const textBytes = text?.length ?? 0;
    if (at !== -1 && textBytes !== this.#textBytes) {
      this.#textBytes = textBytes;
      this.#template = bytes;
      this.#numberAt = at + '"id":"'.length;
      this.#numberEnd = at + quoted.length - 1;
    }
    this.#arrived(number);
  }

  /**
   * Takes the server's word that it dropped the next messages. One that comes nevertheless was told
   * wrongly, and counts as repeated; one that is missing beside them as lost.
   *
   * @param {number} count
   */
  dropped(count) {
    this.#next += count;
    this.#tally.told += count;
    this.#tally.delivered += count;
    this.#tally.onDelivery();
  }

  #arrived(number) {
    this.#tally.delivered += 1;
    if (number === this.#next) {
      this.#next += 1;
    } else if (number > this.#next) {
      for (let missing = this.#next; missing < number; missing += 1) this.#missing.add(missing);
      this.#next = number + 1;
    } else if (this.#missing.delete(number)) {
      this.#tally.reordered += 1;
    } else {
      this.#tally.repeated += 1;
    }
    this.#tally.onDelivery();
  }
}
