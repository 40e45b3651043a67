// What the server's heap keeps of 1,000,000 deliveries and of 100,000 clients that came, subscribed and
// left again: `node scripts/heap-growth.mjs`, after `npm run build`. Exits with 1 when it keeps too much.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Bench } from '../bench/src/bench.mjs';
import { idle } from '../bench/src/measure.mjs';
import { Pair } from '../bench/src/pair.mjs';
import { countHeap, heapGrowth } from './heap-snapshot.mjs';

const CONNECTIONS = 200;
const GROUPS = 10;
/** More than handshakes are under way at a time, on a busy machine too. */
const PARSERS = 300;
/** By then each connection has had its first heartbeat, and has what it keeps for that. */
const FIRST_HEARTBEAT_MS = 16_000;
const TIMEOUT_MS = 240_000;
const SHOWN = 12;
/** A leak of one object in so many deliveries or cycles is one. */
const LEAKS_ONE_IN = 50;

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '1000000' },
    cycles: { type: 'string', default: '100000' },
    // What the engine compiles and learns while it runs.
    'tolerance-kb': { type: 'string', default: '1024' },
    server: { type: 'string', default: 'ours' },
  },
});
const deliveries = Number(values.deliveries);
const cycles = Number(values.cycles);
const toleranceKb = Number(values['tolerance-kb']);

const folder = mkdtempSync(join(tmpdir(), 'groupcast-heap-'));
const messages = Math.ceil((deliveries * GROUPS) / CONNECTIONS / GROUPS) * GROUPS;
const pair = new Pair({
  server: { name: 'ours', module: values.server, dialect: 'modern', part: 1, note: '' },
  isPinned: false,
});
const bench = new Bench({
  pair,
  stallMs: 30_000,
  scenario: {
    id: 'heap',
    title: '',
    kind: 'fan-out',
    connections: CONNECTIONS,
    groups: GROUPS,
    messages,
    warmUp: 200 * GROUPS,
    runsAhead: true,
    windows: 1,
    quick: 1,
    goals: [],
  },
});

/** Node keeps as many HTTP parsers as there were at a time: here as many as there can be later. */
async function fillParserPool() {
  const port = await pair.server.order('port');
  const sockets = Array.from({ length: PARSERS }, () => connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  // Its answer says that the server has taken those before it.
  sockets.at(-1).write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(sockets.at(-1), 'data');
  for (const socket of sockets) socket.destroy();
}

/** Clients come and go; then the server has those only who stayed. */
async function comeAndGo(count) {
  await pair.load.order('comeAndGo', { count, groups: GROUPS }, TIMEOUT_MS);
  const endsAt = performance.now() + 20_000;
  while ((await pair.server.order('subscribers')) !== CONNECTIONS) {
    if (performance.now() > endsAt) throw new Error('Subscribers are left that are gone');
    await sleep(50);
  }
  await idle(pair.server.pid);
}

async function heap(name) {
  const file = join(folder, `${name}.heapsnapshot`);
  await pair.server.order('snapshot', { file });
  const bytes = await pair.server.order('live');
  return { bytes, counts: countHeap(file) };
}

/** A line for each thing that is wrong. */
function report(before, after) {
  const grownKb = (after.bytes - before.bytes) / 1_024;
  const growth = heapGrowth(before.counts, after.counts);
  const atMost = Math.floor(Math.min(deliveries, cycles) / LEAKS_ONE_IN);
  console.log(`| class | more objects | more bytes |\n|---|--:|--:|`);
  for (const { name, count, bytes } of growth.slice(0, SHOWN)) {
    console.log(`| ${name.slice(0, 60)} | ${count} | ${bytes} |`);
  }
  console.log(
    `\nLive heap: ${(before.bytes / 1_024).toFixed(0)} kB before, ${grownKb.toFixed(0)} kB more after.`,
  );
  const leaks = growth
    .filter(({ count }) => count > atMost)
    .map(({ name, count }) => `${count} more of ${name}; allowed are ${atMost}`);
  if (grownKb > toleranceKb) leaks.push(`The heap grew by more than ${toleranceKb} kB`);
  return leaks;
}

try {
  await pair.ready();
  await bench.prepare();
  const beatenAt = performance.now() + FIRST_HEARTBEAT_MS;
  await fillParserPool();
  await comeAndGo(Math.min(cycles, 1_000));
  await sleep(Math.max(0, beatenAt - performance.now()));
  const before = await heap('before');
  await bench.window();
  await comeAndGo(cycles);
  const after = await heap('after');
  console.log(`${deliveries} deliveries, ${cycles} clients that came and went:\n`);
  const leaks = report(before, after);
  const { lost, repeated, reordered, unexpected } = await pair.load.order('counts');
  if (lost + repeated + reordered + unexpected > 0) leaks.push('Not all came once and in order');
  for (const leak of leaks) console.log(`LEAK: ${leak}`);
  if (leaks.length === 0) console.log('Nothing grew beyond the tolerance.');
  process.exitCode = leaks.length === 0 ? 0 : 1;
} finally {
  await pair.stop();
  rmSync(folder, { recursive: true });
}
