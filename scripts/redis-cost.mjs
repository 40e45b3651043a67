/**
 * What one event costs on its way through Redis, from a process that publishes to one that hears:
 * microseconds of CPU of both, for bare ioredis with JSON, bare mqemitter-redis and ours, side by side,
 * all with automatic pipelining.
 *
 * Run it by `node scripts/redis-cost.mjs [events] [rounds]`: it reads the built packages. Prints figures
 * and asserts nothing, as they depend on the machine; the aim is at most 10 µs on top of mqemitter-redis.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** @typedef {{ author: string, n: number }} CostEvent */
/** @typedef {(event: CostEvent) => Promise<unknown>} Publish */
/** @typedef {(port: number, heard: ((event: CostEvent) => void) | undefined) => Promise<Publish>} Prepare */

const require = createRequire(new URL('../packages/server-plugin/package.json', import.meta.url));
const { Redis } = require('ioredis');
const mqemitterRedis = require('mqemitter-redis');

const TOPIC = 'cost:g:onMessage:red';
/** Events published in one turn of the event loop. */
const PER_TURN = 20;
/** What may be on its way at a time. */
const UNDER_WAY = 1_000;

/** @type {Record<string, Prepare>} */
const kinds = {
  ioredis: prepareIoredis,
  'mqemitter-redis': prepareMqemitterRedis,
  groupcast: prepareOurs,
};

const [first, second, third] = process.argv.slice(2);
if (first === 'hear' || first === 'publish') await runChild(first, second ?? '', Number(third));
else await compare(Number(first ?? 50_000), Number(second ?? 5));

/**
 * @param {number} events
 * @param {number} rounds
 */
async function compare(events, rounds) {
  const folder = mkdtempSync(join(tmpdir(), 'groupcast-cost-'));
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const options = ['--port', `${port}`, '--save', '', '--dir', folder, '--bind', '127.0.0.1'];
  const redis = spawn('redis-server', options, { stdio: 'ignore' });
  await answered(port);
  const names = Object.keys(kinds);
  const costs = new Map(names.map((name) => [name, /** @type {[number, number][]} */ ([])]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) costs.get(name)?.push(await measure(name, port, events));
  }
  redis.kill('SIGKILL');
  await once(redis, 'exit');
  rmSync(folder, { recursive: true, force: true });
  const machine = `${availableParallelism()} cores, load average ${loadavg()[0]?.toFixed(1)}`;
  console.log(`CPU of one event and hop, median of ${rounds} rounds of ${events} (${machine})`);
  const bare = median((costs.get('mqemitter-redis') ?? []).map(sum));
  for (const [name, values] of costs) {
    const [publish, hear] = [0, 1].map((side) => median(values.map((each) => each[side] ?? 0)));
    const cost = median(values.map(sum));
    const onTop = (cost - bare).toFixed(1);
    console.log(
      `- ${name.padEnd(16)} ${cost.toFixed(1)} µs: ${publish?.toFixed(1)} to publish, ${hear?.toFixed(1)} to hear; ${onTop} on top of mqemitter-redis`,
    );
  }
}

/** @param {number} port */
async function answered(port) {
  const redis = new Redis({ port, retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => {});
  await redis.ping();
  redis.disconnect();
}

/**
 * Microseconds per event of the process that publishes and of that which hears; both have compiled
 * their code before.
 *
 * @param {string} name
 * @param {number} port
 * @param {number} events
 * @returns {Promise<[number, number]>}
 */
async function measure(name, port, events) {
  const hearing = await startChild('hear', name, port);
  const publishing = await startChild('publish', name, port);
  /** @type {[number, number]} */
  let cpu = [0, 0];
  // The first time warms up.
  for (let time = 0; time < 2; time += 1) {
    hearing.send(events);
    await once(hearing, 'message');
    publishing.send(events);
    const [[published], [heard]] = await Promise.all([
      once(publishing, 'message'),
      once(hearing, 'message'),
    ]);
    cpu = [published.cpu / events, heard.cpu / events];
  }
  hearing.kill();
  publishing.kill();
  return cpu;
}

/**
 * @param {'hear' | 'publish'} side
 * @param {string} name
 * @param {number} port
 */
async function startChild(side, name, port) {
  const child = fork(fileURLToPath(import.meta.url), [side, name, `${port}`]);
  await once(child, 'message');
  return child;
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * Does as many events as it is sent, as often as it is sent a number, and tells what CPU each took.
 *
 * @param {'hear' | 'publish'} side
 * @param {string} name
 * @param {number} port
 */
async function runChild(side, name, port) {
  let left = 0;
  let start = process.cpuUsage();
  const hear = (/** @type {CostEvent} */ { author }) => {
    if (author === 'alice') left -= 1;
    if (left === 0) report();
  };
  const publish = await kinds[name]?.(port, side === 'hear' ? hear : undefined);
  if (publish === undefined) throw new Error(`There is no ${name}`);
  process.on('message', (/** @type {number} */ events) => {
    left = events;
    start = process.cpuUsage();
    if (side === 'hear') process.send?.('begun');
    else void publishAll(publish, events).then(report);
  });
  process.send?.('ready');

  function report() {
    const { user, system } = process.cpuUsage(start);
    process.send?.({ cpu: user + system });
  }
}

/**
 * @param {Publish} publish
 * @param {number} events
 */
async function publishAll(publish, events) {
  const payload = { id: 'm-123456', author: 'alice', text: 'x'.repeat(50), at: 1_790_000_000_000 };
  const taken = [];
  for (let n = 1; n <= events; n += 1) {
    taken.push(publish({ ...payload, n }));
    if (n % PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (taken.length === UNDER_WAY) await Promise.all(taken.splice(0));
  }
  await Promise.all(taken);
}

/** @type {Prepare} */
async function prepareIoredis(port, heard) {
  const redis = new Redis({ port, enableAutoPipelining: true });
  if (heard) {
    redis.on('message', (/** @type {string} */ _channel, /** @type {string} */ text) => {
      heard(JSON.parse(text));
    });
    await redis.subscribe(TOPIC);
  }
  return (event) => redis.publish(TOPIC, JSON.stringify(event));
}

/** @type {Prepare} */
async function prepareMqemitterRedis(port, heard) {
  const emitter = mqemitterRedis({ port, enableAutoPipelining: true });
  if (heard) {
    /** @type {(message: { payload: CostEvent }, done: () => void) => void} */
    const listen = ({ payload }, done) => {
      heard(payload);
      done();
    };
    await new Promise((resolve) => emitter.on(TOPIC, listen, resolve));
  }
  return (event) =>
    new Promise((resolve, reject) => {
      emitter.emit({ topic: TOPIC, payload: event }, (/** @type {unknown} */ error) => {
        if (error) reject(error);
        else resolve(undefined);
      });
    });
}

/**
 * What the plugin is built on, without what it does for subscribers.
 *
 * @type {Prepare}
 */
async function prepareOurs(port, heard) {
  const load = (/** @type {string} */ name) =>
    import(new URL(`../packages/server-plugin/dist/${name}.js`, import.meta.url).href);
  const [{ redisEmitter }, { createBroker }, { Publisher }, { Groups }] = await Promise.all(
    ['redis', 'broker/create-broker', 'broker/publisher', 'groups/groups'].map(load),
  );
  const log = { error: console.error, warn: () => {}, debug: () => {} };
  const broker = createBroker({
    emitter: redisEmitter({ url: `redis://127.0.0.1:${port}` }),
    ownsEmitter: false,
    log,
    onMessage: (/** @type {string} */ topic, /** @type {string} */ text) =>
      groups.receive(topic, text),
  });
  const groups = new Groups({
    broker,
    log,
    onEvent: (/** @type {{ payload(): CostEvent }} */ event) => heard?.(event.payload()),
  });
  if (heard) await groups.join(TOPIC, { cohortKey: 'all' });
  const publisher = new Publisher({ broker, namespace: 'cost', log });
  return (event) => publisher.publish('onMessage', 'red', event);
}
