/** What all clients ask for: the same documents for all servers. */

export const SUBSCRIPTION =
  'subscription OnMessage($room: String!) { onMessage(room: $room) { id room author { name } text sentAt } }';

/** With a variable of each subscriber's own: nothing can be shared. */
export const DISTINCT_SUBSCRIPTION =
  'subscription OnMessage($room: String!, $viewer: String) { onMessage(room: $room, viewer: $viewer) { id room author { name } text sentAt } }';

export const QUERY = '{ hello }';

const NUMBER_DIGITS = 8;

/** @param {number} number - of a group */
export function roomName(number) {
  return `room-${number}`;
}

/**
 * The number of a message in its group, as its `id`: always of the same length, so that the load
 * generator finds it without parsing.
 *
 * @param {number} number
 */
export function messageId(number) {
  return String(number).padStart(NUMBER_DIGITS, '0');
}

/**
 * @param {string} room
 * @param {number} number
 * @param {string} text
 */
export function createMessage(room, number, text) {
  return { id: messageId(number), room, author: { name: 'Ann' }, text, sentAt: 1_700_000_000_000 };
}

/** @param {number} bytes */
export function createText(bytes) {
  return 'The quick brown fox jumps over the lazy dog. '
    .repeat(Math.ceil(bytes / 45))
    .slice(0, bytes);
}
