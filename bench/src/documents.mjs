/** What all clients ask for: the same documents for all servers. */

const MESSAGE = 'id room author { name } text sentAt';

export const SUBSCRIPTION = subscriptionTo(MESSAGE);

/** With a variable of each subscriber's own: nothing can be shared. */
export const DISTINCT_SUBSCRIPTION = `subscription OnMessage($room: String!, $viewer: String) { onMessage(room: $room, viewer: $viewer) { ${MESSAGE} } }`;

export const QUERY = '{ hello }';

/** The most fields that `wideSubscription` can select. */
export const MOST_FIELDS = 50;

const NUMBER_DIGITS = 8;

/** @param {string} selection */
function subscriptionTo(selection) {
  return `subscription OnMessage($room: String!) { onMessage(room: $room) { ${selection} } }`;
}

/**
 * Selects so many fields, the message's `id` among them.
 *
 * @param {number} fields
 */
export function wideSubscription(fields) {
  return subscriptionTo(['id', ...wideFields(fields)].join(' '));
}

/**
 * The names of the fields beside `id`.
 *
 * @param {number} fields
 */
export function wideFields(fields) {
  return Array.from({ length: fields - 1 }, (_, index) => `field${index + 1}`);
}

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
 * @param {object} options
 * @param {string} options.room
 * @param {number} options.number
 * @param {string} [options.text]
 * @param {number} [options.fields] - absent: the usual message; else one for `wideSubscription`
 */
export function createMessage({ room, number, text, fields }) {
  const id = messageId(number);
  if (fields === undefined) {
    return { id, room, author: { name: 'Ann' }, text, sentAt: 1_700_000_000_000 };
  }
  return { id, ...Object.fromEntries(wideFields(fields).map((name) => [name, 'some text'])) };
}

/** @param {number} bytes */
export function createText(bytes) {
  return 'The quick brown fox jumps over the lazy dog. '
    .repeat(Math.ceil(bytes / 45))
    .slice(0, bytes);
}
