/**
 * How long a broadcast to 50,000 subscribers keeps the event loop at a time: `node bench/src/stall.mjs`.
 *
 * The subscribers are real: 10,000 connections of another process, over the loopback device, with 5
 * subscriptions each. Both processes need 10,000 open files: `ulimit -n 20000`.
 */
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import groupcast, { defineSubscription } from '@groupcast/fastify';
import Fastify from 'fastify';
import { createMessage, createText, roomName } from './documents.mjs';
import { Worker } from './orders.mjs';
import { listenFastify } from './servers/listen.mjs';
import { createSchema } from './servers/schema.mjs';

const MOST_MS = 20;
const QUIET_MS = 2_000;
const PAUSE_MS = 200;
const ORDER_TIMEOUT_MS = 120_000;
const NANOSECONDS = 1_000_000;

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    subscriptions: { type: 'string', default: '5' },
    broadcasts: { type: 'string', default: '10' },
  },
});
const connections = Number(values.connections);
const subscriptions = Number(values.subscriptions);
const broadcasts = Number(values.broadcasts);

function print(line) {
  process.stdout.write(`${line}\n`);
}

let longestGcMs = 0;
let gcKind = 0;
new PerformanceObserver((list) => {
  for (const { duration, detail } of list.getEntries()) {
    if (duration <= longestGcMs) continue;
    longestGcMs = duration;
    gcKind = detail.kind;
  }
}).observe({ entryTypes: ['gc'] });

const gcKinds = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
]);

/** Prints how late the event loop was while `act` ran, beyond the millisecond between two looks. */
async function observe(name, act) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  longestGcMs = 0;
  delays.enable();
  await act();
  delays.disable();
  const inMs = (nanoseconds) => Math.max(0, nanoseconds / NANOSECONDS - 1);
  const [p50, p99, max] = [delays.percentile(50), delays.percentile(99), delays.max].map(inMs);
  const figures = [p50, p99, max].map((ms) => ms.toFixed(1).padStart(7)).join('');
  const kind = gcKinds.get(gcKind) ?? 'none';
  print(`${name.padEnd(40)}${figures}   ${longestGcMs.toFixed(1)} (${kind})`);
  return max;
}

const onMessage = defineSubscription({
  subscribe: (_root, args) => args.room,
  publish: (message) => message,
});
const app = Fastify();
await app.register(groupcast, { schema: createSchema(onMessage), keepAlive: false });
const port = await listenFastify(app);

const clients = new Worker({ file: fileURLToPath(new URL('stall-clients.mjs', import.meta.url)) });
await clients.ready();
const room = roomName(0);
await clients.order('open', { port, room, connections, subscriptions }, ORDER_TIMEOUT_MS);
const members = () => app.graphqlWs.stats().members / 2;
while (members() < connections * subscriptions) await sleep(20);
print(`${connections} connections with ${subscriptions} subscriptions each`);

let number = 0;

/** Broadcasts in one turn, and waits until all has arrived. */
async function broadcast(count) {
  const messages = count * connections * subscriptions;
  const arrived = clients.order('expectMessages', { messages }, ORDER_TIMEOUT_MS);
  for (let each = 0; each < count; each += 1, number += 1) {
    const payload = createMessage({ room, number, text: createText(100) });
    void app.broadcast(onMessage, { group: room, payload });
  }
  const { heard, gone } = await arrived;
  if (heard !== messages || gone > 0) throw new Error(`${heard} of ${messages}, ${gone} faults`);
}

/** One after the other; a pause in between, so that clients are no part of what is measured. */
async function repeat(count, act) {
  for (let each = 0; each < count; each += 1) {
    await act();
    await sleep(PAUSE_MS);
  }
}

print(`${'event-loop delay in ms'.padEnd(40)}    p50    p99    max   longest gc`);
await repeat(2, () => broadcast(1));
await observe('without a broadcast', () => sleep(QUIET_MS));
const single = await observe(`${broadcasts} broadcasts, one at a time`, () =>
  repeat(broadcasts, () => broadcast(1)),
);
await observe('10 broadcasts in one turn', () => broadcast(10));
await clients.stop();
await app.close();
if (single > MOST_MS) print(`More than ${MOST_MS} ms: a broadcast keeps the event loop`);
process.exitCode = single > MOST_MS ? 1 : 0;
