/**
 * What it costs to prove silence once, and to connect.
 *
 * Run it by `npm run build && node scripts/fence-figures.mjs`: it reads the built packages. Prints
 * figures and asserts nothing, as they depend on the machine.
 */
import { availableParallelism, loadavg } from 'node:os';
import { makeExecutableSchema } from '@graphql-tools/schema';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import { connect } from '@groupcast/testing';
import Fastify from 'fastify';

const WARM_UP = 300;
const FENCES = 3_000;
const CONNECTS = 1_000;

/** Django Channels' communicator looks ten times, with 0.1 s in between, for what must not come. */
const SLEEPING_MS = 1_000;

/** An app that listens, so that both transports reach it. */
async function startApp() {
  const onMessage = defineSubscription({ subscribe: () => 'lobby' });
  const app = Fastify();
  await app.register(groupcast, {
    schema: makeExecutableSchema({
      typeDefs: 'type Query { hello: String } type Subscription { onMessage: String }',
      resolvers: { Subscription: { onMessage } },
    }),
    keepAlive: false,
    drainMs: 0,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app;
}

/** Milliseconds per run, one after the other, once the code is warm. */
async function msEach(count, run) {
  for (let round = 0; round < WARM_UP; round += 1) await run();
  const start = performance.now();
  for (let round = 0; round < count; round += 1) await run();
  return (performance.now() - start) / count;
}

async function fenceFigures(app, transport) {
  const connection = await connect(app, { transport });
  const operation = await connection.subscribe('subscription { onMessage }');
  const fenceMs = await msEach(FENCES, () => connection.fence());
  const silenceMs = await msEach(FENCES, () => operation.expectSilence());
  await connection.close();
  return { fenceMs, silenceMs };
}

/** The time for a connection that is acknowledged; those that close do not count. */
async function connectMs(app, transport) {
  const connections = [];
  const open = async () => {
    connections.push(await connect(app, { transport }));
  };
  const each = await msEach(CONNECTS, open);
  await Promise.all(connections.map((connection) => connection.close()));
  return each;
}

const machine = `${availableParallelism()} cores, load average ${loadavg()[0].toFixed(1)}`;
console.log(`Silence, and connects (${machine})`);
const app = await startApp();
for (const transport of ['memory', 'socket']) {
  const place = transport === 'memory' ? 'in memory' : 'over a loopback socket';
  const { fenceMs, silenceMs } = await fenceFigures(app, transport);
  const eachMs = await connectMs(app, transport);
  const times = Math.round(SLEEPING_MS / silenceMs).toLocaleString('en');
  console.log(`- ${place}:`);
  console.log(`  fence() ${(fenceMs * 1_000).toFixed(0)} µs`);
  console.log(
    `  expectSilence() ${(silenceMs * 1_000).toFixed(0)} µs; a communicator that sleeps needs ${SLEEPING_MS} ms, ${times} times as long`,
  );
  console.log(`  ${Math.round(1_000 / eachMs).toLocaleString('en')} connects per second`);
}
await app.close();
