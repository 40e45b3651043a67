/**
 * How long the event loop stalls when 100,000 subscribers of one group leave in one go.
 *
 * Run it by `npm run figures`: it reads the built packages. Prints figures and asserts nothing, as
 * they depend on the machine; the aim is a stall below 100 ms.
 */
import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import { connect } from '@groupcast/testing';
import Fastify from 'fastify';

const CONNECTIONS = 1_000;
const SUBSCRIPTIONS_EACH = 100;
const SUBSCRIBERS = CONNECTIONS * SUBSCRIPTIONS_EACH;
const GROUP = 'lobby';
const GAP_EVERY_MS = 1;

const typeDefs = `
  type Query { hello: String }
  type Subscription { onMessage: String }
`;

/** An app whose 100,000 subscribers are all in one group and live. */
async function fullHouse() {
  let ended = 0;
  const onMessage = defineSubscription({
    subscribe: () => GROUP,
    unsubscribed: () => {
      ended += 1;
    },
  });
  const app = Fastify();
  await app.register(groupcast, {
    schema: makeExecutableSchema({ typeDefs, resolvers: { Subscription: { onMessage } } }),
    keepAlive: false,
    drainMs: 0,
  });
  await app.ready();
  const connections = [];
  for (let count = 0; count < CONNECTIONS; count += 1) {
    const connection = await connect(app, { timeoutMs: 60_000 });
    connections.push(connection);
    for (let each = 0; each < SUBSCRIPTIONS_EACH; each += 1) {
      connection.start('subscription { onMessage }');
    }
    await connection.fence();
  }
  await app.graphqlWs.settled();
  const { cohorts, operations } = app.graphqlWs.stats();
  if (operations !== SUBSCRIBERS) throw new Error(`${operations} operations are live`);
  return { app, connections, onMessage, cohorts, endedCount: () => ended };
}

/** The longest time between two turns of a 1 ms timer while `run` is under way. */
async function longestStallMs(run) {
  let longest = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last - GAP_EVERY_MS);
    last = now;
  };
  const timer = setInterval(look, GAP_EVERY_MS);
  // A first turn of the timer: what came before does not count.
  await new Promise((resolve) => setTimeout(resolve, 10 * GAP_EVERY_MS));
  longest = 0;
  const startedAt = performance.now();
  await run();
  look();
  clearInterval(timer);
  return { stallMs: longest, totalMs: performance.now() - startedAt };
}

/** Resolves when no subscriber is left, every end hook has run and the broker has been left. */
async function allGone({ app, endedCount }) {
  for (;;) {
    const { operations, members, emitterListeners } = app.graphqlWs.stats();
    if (operations + members + emitterListeners === 0 && endedCount() === SUBSCRIBERS) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ways = [
  {
    name: `${CONNECTIONS} connections are cut`,
    leave: ({ connections }) => {
      for (const connection of connections) connection.terminate();
    },
  },
  {
    name: `${CONNECTIONS} connections are closed by their clients`,
    leave: ({ connections }) => {
      for (const connection of connections) void connection.close();
    },
  },
  {
    name: 'the server ends the group by unsubscribe()',
    leave: ({ app, onMessage }) => app.graphqlWs.unsubscribe(onMessage, { group: GROUP }),
  },
  { name: 'the server closes (drainMs: 0)', leave: ({ app }) => app.close() },
];

console.log(`${SUBSCRIBERS} subscribers of one group leave in one go`);
for (const { name, leave } of ways) {
  const house = await fullHouse();
  const { stallMs, totalMs } = await longestStallMs(async () => {
    await leave(house);
    await allGone(house);
  });
  console.log(
    `- ${name}: longest stall ${stallMs.toFixed(1)} ms, all gone after ${totalMs.toFixed(0)} ms`,
  );
  for (const connection of house.connections) connection.terminate();
  await house.app.close();
}
