/**
 * What clients say and hear.
 *
 * @typedef {object} Heard
 * @property {'ready' | 'result' | 'gap' | 'complete' | 'nothing' | 'unexpected'} kind
 * @property {string} [id] - of the operation; absent where the dialect has none
 * @property {any} [data] - of a result
 * @property {number} [dropped] - how many messages a gap stands for
 *
 * @typedef {object} Dialect
 * @property {string} path
 * @property {string} [protocol] - the WebSocket subprotocol
 * @property {string} [hello] - sent after the upgrade
 * @property {boolean} completes - an answer is followed by `complete`
 * @property {(id: string, query: string, variables?: object, extensions?: object) => string} request
 * @property {(text: string) => Heard} hear
 * @property {(text: string) => string | undefined} [reply] - what must be answered at once
 */

/** Asks to be told what is dropped: see docs/protocol-extension.md. */
export const TELL_GAPS = { groupcast: { v: 1, gaps: true } };

/** @type {Dialect} */
const modern = {
  path: '/graphql',
  protocol: 'graphql-transport-ws',
  hello: '{"type":"connection_init"}',
  completes: true,
  request: (id, query, variables, extensions) =>
    JSON.stringify({ id, type: 'subscribe', payload: { query, variables, extensions } }),
  hear(text) {
    const { type, id, payload } = JSON.parse(text);
    if (type === 'connection_ack') return { kind: 'ready' };
    if (type === 'complete') return { kind: 'complete', id };
    return type === 'next' ? result(id, payload) : { kind: 'unexpected' };
  },
};

/** @type {Dialect} */
const legacy = {
  ...modern,
  protocol: 'graphql-ws',
  request: (id, query, variables, extensions) =>
    JSON.stringify({ id, type: 'start', payload: { query, variables, extensions } }),
  hear(text) {
    const { type, id, payload } = JSON.parse(text);
    if (type === 'connection_ack') return { kind: 'ready' };
    if (type === 'complete') return { kind: 'complete', id };
    if (type === 'ka') return { kind: 'nothing' };
    return type === 'data' ? result(id, payload) : { kind: 'unexpected' };
  },
};

/**
 * Engine.IO 4 over WebSocket only, and Socket.IO 5 on it.
 *
 * @type {Dialect}
 */
const socketIo = {
  path: '/socket.io/?EIO=4&transport=websocket',
  completes: false,
  request: (_id, _query, variables) =>
    // The id of an acknowledgement may be the same each time: one is under way at a time.
    variables === undefined ? '420["hello"]' : `42${JSON.stringify(['subscribe', variables])}`,
  hear(text) {
    if (text.startsWith('40')) return { kind: 'ready' };
    if (text.startsWith('42')) {
      const [event, message] = JSON.parse(text.slice(2));
      return event === 'message'
        ? { kind: 'result', data: { onMessage: message } }
        : { kind: 'unexpected' };
    }
    if (text.startsWith('43')) {
      return { kind: 'result', data: { hello: JSON.parse(text.slice(3))[0] } };
    }
    return { kind: text.startsWith('0') || text === '2' ? 'nothing' : 'unexpected' };
  },
  reply(text) {
    if (text.startsWith('0')) return '40';
    return text === '2' ? '3' : undefined;
  },
};

/** @returns {Heard} */
function result(id, payload) {
  const gap = payload.extensions?.groupcast?.gap;
  if (gap?.reason === 'queue') return { kind: 'gap', id, dropped: gap.dropped };
  return payload.errors === undefined
    ? { kind: 'result', id, data: payload.data }
    : { kind: 'unexpected' };
}

/** @type {Readonly<Record<string, Dialect>>} */
export const dialects = { modern, legacy, 'socket.io': socketIo };
