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

/** Taken in turns, so that what else the machine does falls on both transports alike. */
const ROUNDS = 7;
const FENCES = 500;
const CONNECTS = 200;

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

/** Milliseconds per run, one after the other. */
async function msEach(count, run) {
  const start = performance.now();
  for (let done = 0; done < count; done += 1) await run();
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
async function connectFigure(app, transport) {
  const connections = [];
  const connectMs = await msEach(CONNECTS, async () => {
    connections.push(await connect(app, { transport }));
  });
  await Promise.all(connections.map((connection) => connection.close()));
  return { connectMs };
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

const machine = `${availableParallelism()} cores, load average ${loadavg()[0].toFixed(1)}`;
console.log(`Silence, and connects (${machine})`);
const app = await startApp();
const rounds = { memory: [], socket: [] };
// One more than counts: in the first the code is cold.
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const transport of ['memory', 'socket']) {
    const figures = {
      ...(await fenceFigures(app, transport)),
      ...(await connectFigure(app, transport)),
    };
    if (round > 0) rounds[transport].push(figures);
  }
}
await app.close();

const medianOf = (transport, name) => median(rounds[transport].map((figures) => figures[name]));
for (const transport of ['memory', 'socket']) {
  const silenceMs = medianOf(transport, 'silenceMs');
  const times = Math.round(SLEEPING_MS / silenceMs).toLocaleString('en');
  const rate = Math.round(1_000 / medianOf(transport, 'connectMs')).toLocaleString('en');
  console.log(`- ${transport === 'memory' ? 'in memory' : 'over a loopback socket'}:`);
  console.log(`  fence() ${(medianOf(transport, 'fenceMs') * 1_000).toFixed(0)} µs`);
  console.log(
    `  expectSilence() ${(silenceMs * 1_000).toFixed(0)} µs; a communicator that sleeps needs ${SLEEPING_MS} ms, ${times} times as long`,
  );
  console.log(`  ${rate} connects per second`);
}
const ratio = medianOf('socket', 'connectMs') / medianOf('memory', 'connectMs');
console.log(`- ${ratio.toFixed(1)} times as many connects in memory as over a socket`);
