/**
 * How long the event loop stalls when 100,000 subscribers of one group leave in one go.
 *
 * Run it by `npm run figures`: it reads the built packages. Prints figures and asserts nothing, as
 * they depend on the machine; the aim is a stall below 100 ms.
 */
import { availableParallelism, loadavg } from 'node:os';
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

/** An app whose subscribers, so many on each of 1,000 connections, are all in one group and live. */
async function fullHouse(subscriptionsEach) {
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
    for (let each = 0; each < subscriptionsEach; each += 1) {
      connection.start('subscription { onMessage }');
    }
    await connection.fence();
  }
  await app.graphqlWs.settled();
  const subscribers = CONNECTIONS * subscriptionsEach;
  const { operations } = app.graphqlWs.stats();
  if (operations !== subscribers) throw new Error(`${operations} operations are live`);
  return { app, connections, onMessage, subscribers, endedCount: () => ended };
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
async function allGone({ app, endedCount, subscribers }, connectionsLeft) {
  for (;;) {
    const { connections, operations, members, emitterListeners } = app.graphqlWs.stats();
    const isEmpty = connections === connectionsLeft && operations + members === 0;
    if (isEmpty && emitterListeners === 0 && endedCount() === subscribers) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function cutAll({ connections }) {
  for (const connection of connections) connection.terminate();
}

const ways = [
  { name: `${CONNECTIONS} connections are cut`, leave: cutAll },
  {
    name: `${CONNECTIONS} connections are closed by their clients`,
    leave: ({ connections }) => {
      for (const connection of connections) void connection.close();
    },
  },
  {
    name: 'the server ends the group by unsubscribe()',
    leave: ({ app, onMessage }) => app.graphqlWs.unsubscribe(onMessage, { group: GROUP }),
    connectionsLeft: CONNECTIONS,
  },
  { name: 'the server closes (drainMs: 0)', leave: ({ app }) => app.close() },
  {
    // Both ends of each connection are in this process: what that costs is no work for subscribers.
    name: `for comparison, ${CONNECTIONS} connections without subscribers are cut`,
    leave: cutAll,
    subscriptionsEach: 0,
  },
];

const machine = `${availableParallelism()} cores, load average ${loadavg()[0].toFixed(1)}`;
console.log(`${SUBSCRIBERS} subscribers of one group leave in one go (${machine})`);
for (const way of ways) {
  const { name, leave, connectionsLeft = 0, subscriptionsEach = SUBSCRIPTIONS_EACH } = way;
  const house = await fullHouse(subscriptionsEach);
  const { stallMs, totalMs } = await longestStallMs(async () => {
    await leave(house);
    await allGone(house, connectionsLeft);
  });
  console.log(
    `- ${name}: longest stall ${stallMs.toFixed(1)} ms, all gone after ${totalMs.toFixed(0)} ms`,
  );
  for (const connection of house.connections) connection.terminate();
  await house.app.close();
}
