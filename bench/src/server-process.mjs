/** One server in a process of its own: `node server-process.mjs <module>`. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { createServer } from 'node:net';
import { writeHeapSnapshot } from 'node:v8';
import { createMessage, createText, roomName } from './documents.mjs';
import { obey } from './orders.mjs';
import { listen } from './servers/listen.mjs';

const { start } = await import(new URL(process.argv[2], new URL('./servers/', import.meta.url)));
const server = await start();

/** How many messages each group has had. */
const numbers = new Map();

function nextMessage(room, content) {
  const number = numbers.get(room) ?? 0;
  numbers.set(room, number + 1);
  return createMessage({ room, number, ...content });
}

/** How many turns have arrived of which nobody has taken notice yet, and who waits for one. */
let arrivals = 0;
let arrived = () => {};

/** The load generator's line: a byte for each turn whose messages have all arrived. */
async function pacePort() {
  const line = createServer((socket) => {
    socket.on('data', (bytes) => {
      arrivals += bytes.length;
      arrived();
    });
  });
  return listen(line);
}

async function nextArrival() {
  if (arrivals === 0) {
    await new Promise((resolve) => {
      arrived = resolve;
    });
  }
  arrivals -= 1;
}

/** Messages to all groups in turn; each turn of the event loop has `perTurn` of them. */
async function publish({ groups, messages, perTurn, textBytes, fields, runsAhead }) {
  const content = { text: createText(textBytes), fields };
  for (let sent = 0; sent < messages; ) {
    const accepted = [];
    for (let each = 0; each < perTurn && sent < messages; each += 1, sent += 1) {
      const room = roomName(sent % groups);
      accepted.push(server.publish(room, nextMessage(room, content)));
    }
    await Promise.all(accepted);
    await (runsAhead ? new Promise((resolve) => setImmediate(resolve)) : nextArrival());
  }
}

/** Bytes that are live: V8's heap and what hangs on it. */
async function live() {
  for (let pass = 0; pass < 3; pass += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What is reachable, after it is quiet. */
async function snapshot({ file }) {
  await live();
  writeHeapSnapshot(file);
}

const session = new Session();

async function startProfile() {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
}

async function stopProfile({ file }) {
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(file, JSON.stringify(profile));
}

obey({
  port: () => server.port,
  subscribers: () => server.subscribers(),
  pacePort,
  publish,
  live,
  snapshot,
  startProfile,
  stopProfile,
});
