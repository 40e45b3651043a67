// One process of an app that has several, with a server or without: see server-process.ts. It runs on the
// built packages and takes its orders over IPC.
import process from 'node:process';
import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { createBroadcaster, defineSubscription } from '@groupcast/fastify';
import { redisEmitter } from '@groupcast/fastify/redis';
import Fastify from 'fastify';

/**
 * @typedef {import('@groupcast/fastify').Broadcast} Broadcast
 * @typedef {import('./server-process.ts').ProcessSettings} ProcessSettings
 * @typedef {import('./server-process.ts').BroadcastOrder} BroadcastOrder
 * @typedef {import('./server-process.ts').BroadcastReport} BroadcastReport
 * @typedef {import('./server-process.ts').Order} Order
 * @typedef {Record<string, (argument: never) => unknown>} Orders
 */

const typeDefs = `
  type Query { hello: String }
  type Message { author: String!, room: String, seq: Int!, text: String }
  type Subscription { onMessage(rooms: [String!]!): Message }
`;

const onMessage = defineSubscription({
  subscribe: (/** @type {unknown} */ _root, /** @type {{ rooms: string[] }} */ { rooms }) => rooms,
});

/** @type {ProcessSettings} */
const settings = JSON.parse(process.argv[2] ?? '{}');
const makeEmitter = settings.emitterModule
  ? (await import(settings.emitterModule)).createEmitter
  : redisEmitter;
const emitter = await makeEmitter({ ...settings.emitter, url: settings.redisUrl });
const orders = settings.role === 'server' ? await startServer() : startWorker();

process.on('message', (/** @type {Order} */ order) => void obey(order));
tell({ ready: true });

/** @returns {Promise<Orders>} */
async function startServer() {
  const app = Fastify({ logger: { level: settings.logLevel } });
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: { Query: { hello: () => 'world' }, Subscription: { onMessage } },
  });
  await app.register(groupcast, {
    onConnect: ({ params }) => ({ tags: Array.isArray(params['tags']) ? params['tags'] : [] }),
    drainMs: 0,
    ...settings.options,
    schema,
    emitter,
  });
  const { graphqlWs } = app;
  graphqlWs.on('health', ({ status }) => tell({ health: status }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  tell({ url: `${app.listeningOrigin.replace('http', 'ws')}${graphqlWs.path}` });
  return {
    broadcast: broadcasting(app.broadcast),
    stats: () => graphqlWs.stats(),
    settled: () => graphqlWs.settled(),
    unsubscribe: (options) => graphqlWs.unsubscribe(onMessage, options),
    disconnect: (options) => graphqlWs.disconnect(options),
    close: () => app.close().then(closeEmitter),
  };
}

/** @returns {Orders} */
function startWorker() {
  const broadcaster = createBroadcaster({
    ...settings.options,
    emitter,
    subscriptions: { onMessage },
    log: { error: writeLog(50), warn: writeLog(40), debug: () => undefined },
  });
  return {
    broadcast: broadcasting(broadcaster.broadcast),
    close: () => broadcaster.close().then(closeEmitter),
  };
}

/**
 * Counts the messages of each group, so that who hears them sees what is missing.
 *
 * @param {Broadcast} broadcast
 * @returns {(order: BroadcastOrder) => Promise<BroadcastReport>}
 */
function broadcasting(broadcast) {
  /** @type {Map<string | undefined, number>} */
  const last = new Map();
  return async ({ group, times = 1, text = '' }) => {
    const first = (last.get(group) ?? 0) + 1;
    const address = group === undefined ? {} : { group };
    const calls = Array.from({ length: times }, (_, index) => {
      const payload = { author: settings.author, room: group ?? null, seq: first + index, text };
      return broadcast('onMessage', { ...address, payload });
    });
    last.set(group, first + times - 1);
    const results = await Promise.allSettled(calls);
    const failures = results.flatMap((result, index) =>
      result.status === 'rejected' ? [{ seq: first + index, ...describe(result.reason) }] : [],
    );
    return { first, last: first + times - 1, failures };
  };
}

/** @returns {Promise<void>} */
function closeEmitter() {
  return new Promise((resolve) => emitter.close(resolve));
}

/** @param {Order} order */
async function obey({ id, name, argument }) {
  try {
    const result = await orders[name]?.(/** @type {never} */ (argument));
    tell({ id, result });
  } catch (error) {
    tell({ id, error: describe(error) });
  }
  // From here on only what was left open keeps the process running.
  if (name === 'close') process.disconnect();
}

/** @param {object} message */
function tell(message) {
  process.send?.(message);
}

/**
 * @param {unknown} error
 * @returns {{ message: string, code?: string }}
 */
function describe(error) {
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, ...('code' in error && { code: String(error.code) }) };
}

/**
 * A line as that of Fastify's logger.
 *
 * @param {number} level
 * @returns {(details: object, msg: string) => void}
 */
function writeLog(level) {
  return (details, msg) => {
    process.stdout.write(`${JSON.stringify({ level, ...details, msg })}\n`);
  };
}
