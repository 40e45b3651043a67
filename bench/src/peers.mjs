/**
 * Who is measured.
 *
 * @typedef {object} Peer
 * @property {string} name - in the table and for `--servers`
 * @property {string} module - the file in `servers/` that starts it, without its ending, or a URL
 * @property {'modern' | 'legacy' | 'socket.io'} dialect - what its clients speak
 * @property {number} part - of a scenario's work: slow servers do less of it
 * @property {readonly string[]} [only] - the scenarios it takes part in
 * @property {readonly string[]} [not] - the scenarios it has no answer to
 * @property {string} note - for RESULTS.md
 */

/** The two that each row has. */
export const BASE = 'raw';
export const OURS = 'ours';

/** @type {readonly Peer[]} */
export const peers = [
  peer(BASE, 'raw', 1, 'ws: a loop that stringifies and sends for each subscriber'),
  peer(OURS, 'ours', 1, '@groupcast/fastify'),
  {
    ...peer('ours-legacy', 'ours', 1, '@groupcast/fastify, clients of the legacy subprotocol'),
    dialect: 'legacy',
    only: ['A', 'A-burst', 'B', 'G', 'D', 'E'],
  },
  {
    ...peer('raw-once', 'raw-once', 1, 'ws: stringifies once, sends with each id'),
    not: ['D', 'E', 'C', 'G'],
  },
  {
    ...peer('prebuilt', 'raw-prebuilt', 1, 'ws: one frame, copied and patched for each subscriber'),
    not: ['D', 'E', 'C', 'G'],
  },
  {
    ...peer('socket.io', 'socket-io', 1, 'socket.io: rooms, WebSocket only; no GraphQL'),
    dialect: 'socket.io',
    not: ['G'],
  },
  peer('mercurius', 'mercurius', 0.4, 'mercurius, its pubsub, all operations over WebSocket'),
  peer('mercurius-jit', 'mercurius-jit', 0.4, 'the same with jit: 1'),
  peer('graphql-ws', 'graphql-ws', 0.25, 'graphql-ws on ws'),
  {
    ...peer('stws', 'stws', 0.25, 'subscriptions-transport-ws'),
    dialect: 'legacy',
  },
  peer(
    'yoga',
    'yoga',
    0.4,
    'graphql-yoga and its pubsub, over graphql-ws as its documentation says',
  ),
];

/** @returns {Peer} */
function peer(name, module, part, note) {
  return { name, module, dialect: 'modern', part, note };
}

/**
 * @param {Peer} server
 * @param {import('./scenarios.mjs').Scenario} scenario
 */
export function takesPart(server, scenario) {
  if (server.only !== undefined) return server.only.includes(scenario.id);
  return !(server.not ?? []).includes(scenario.id);
}
