/** One run: one server, one scenario, fresh processes. */

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuUs, idle, median, rssKb } from './measure.mjs';
import { Worker } from './orders.mjs';

const SERVER_CORE = 0;
const LOAD_CORE = 1;
const STALL_MS = 5_000;
const ORDER_TIMEOUT_MS = 120_000;
const SUBSCRIBED_TIMEOUT_MS = 20_000;

/**
 * What came of a run.
 *
 * @typedef {object} Outcome
 * @property {string} [void] - why it does not count
 * @property {number} [cpu] - microseconds of the server's CPU per delivery, query or connection
 * @property {number} [perSecond] - of those
 * @property {number} [rssKb] - per idle connection
 * @property {number} [liveKb] - per idle subscription
 */

/**
 * Runs a scenario against a server. Never rejects: a server that fails makes the run void.
 *
 * @param {object} options
 * @param {import('./peers.mjs').Peer} options.server
 * @param {import('./scenarios.mjs').Scenario} options.scenario
 * @param {boolean} options.isPinned - to cores
 * @param {string} [options.profileFile] - where to write a CPU profile of the first window
 * @param {number} [options.stallMs] - how long nothing may come before the rest counts as lost
 * @returns {Promise<Outcome>}
 */
export async function run({ server, scenario, isPinned, profileFile, stallMs = STALL_MS }) {
  const workers = {
    server: new Worker({
      file: fileURLToPath(new URL('server-process.mjs', import.meta.url)),
      args: [server.module.includes(':') ? server.module : `${server.module}.mjs`],
      flags: ['--expose-gc'],
      core: isPinned ? SERVER_CORE : undefined,
    }),
    load: new Worker({
      file: fileURLToPath(new URL('load-process.mjs', import.meta.url)),
      core: isPinned ? LOAD_CORE : undefined,
    }),
  };
  try {
    await Promise.all([workers.server.ready(), workers.load.ready()]);
    const port = await workers.server.order('port');
    const pacePort = await workers.server.order('pacePort');
    await workers.load.order('target', { port, pacePort, dialect: server.dialect });
    const bench = new Bench({ ...workers, scenario, profileFile, stallMs });
    const outcome = await bench.run();
    const faults = describeFaults(await workers.load.order('faults'));
    return faults === undefined ? outcome : { void: faults };
  } catch (error) {
    const faults = await workers.load.order('faults').then(describeFaults, () => undefined);
    return { void: faults === undefined ? error.message : `${error.message}; ${faults}` };
  } finally {
    await Promise.all([workers.load.stop(), workers.server.stop()]);
  }
}

/** @returns {string | undefined} */
function describeFaults(faults) {
  const found = ['lost', 'reordered', 'repeated', 'unexpected', 'gone']
    .filter((kind) => faults[kind] !== 0)
    .map((kind) => `${faults[kind]} ${kind === 'gone' ? 'connections gone' : kind}`);
  if (found.length === 0) return undefined;
  const example = faults.firstUnexpected === undefined ? '' : `: ${faults.firstUnexpected}`;
  return found.join(', ') + example;
}

/** The steps of the four kinds of scenarios. */
class Bench {
  #server;
  #load;
  #scenario;
  #profileFile;
  #stallMs;

  constructor({ server, load, scenario, profileFile, stallMs }) {
    this.#server = server;
    this.#load = load;
    this.#scenario = scenario;
    this.#profileFile = profileFile;
    this.#stallMs = stallMs;
  }

  /** @returns {Promise<Outcome>} */
  run() {
    switch (this.#scenario.kind) {
      case 'fan-out':
        return this.#fanOut();
      case 'queries':
        return this.#queries();
      case 'connects':
        return this.#connects();
      default:
        return this.#memory();
    }
  }

  async #fanOut() {
    const { connections, groups, messages, warmUp, distinct } = this.#scenario;
    await this.#openSubscribed(connections, connections, distinct);
    await this.#publish(warmUp);
    return this.#windows((messages / groups) * connections, () => this.#publish(messages));
  }

  async #queries() {
    const { connections, queries, warmUp } = this.#scenario;
    await this.#order('open', { count: connections });
    await this.#order('query', { queries: warmUp });
    return this.#windows(queries, () => this.#order('query', { queries }));
  }

  async #connects() {
    const { connections, warmUp, groups } = this.#scenario;
    await this.#openSubscribed(warmUp, warmUp);
    const outcome = await this.#windows(connections, async () => {
      await this.#openSubscribed(connections, warmUp + connections);
    });
    await this.#publish(groups);
    return outcome;
  }

  async #memory() {
    const { connections, warmUp, groups } = this.#scenario;
    await this.#order('open', { count: warmUp });
    await this.#server.order('live');
    const baseRssKb = rssKb(this.#server.pid);
    await this.#order('open', { count: connections });
    const connectedLive = await this.#server.order('live');
    const connectedRssKb = rssKb(this.#server.pid);
    await this.#order('subscribe', { groups });
    const total = warmUp + connections;
    await this.#subscribed(total);
    const subscribedLive = await this.#server.order('live');
    // All are live: each hears one message.
    await this.#publish(groups);
    return {
      rssKb: (connectedRssKb - baseRssKb) / connections,
      liveKb: (subscribedLive - connectedLive) / 1_024 / total,
    };
  }

  /** Measures the same work several times; what one does costs is the median's. */
  async #windows(count, work) {
    const { pid } = this.#server;
    const cpu = [];
    const perSecond = [];
    await idle(pid);
    for (let window = 0; window < this.#scenario.windows; window += 1) {
      const isProfiled = window === 0 && this.#profileFile !== undefined;
      if (isProfiled) await this.#server.order('startProfile');
      const [cpuBefore, before] = [cpuUs(pid), performance.now()];
      await work();
      const seconds = (performance.now() - before) / 1_000;
      cpu.push((cpuUs(pid) - cpuBefore) / count);
      perSecond.push(count / seconds);
      if (isProfiled) await this.#server.order('stopProfile', { file: this.#profileFile });
    }
    return { cpu: median(cpu), perSecond: median(perSecond) };
  }

  async #openSubscribed(count, total, distinct) {
    await this.#order('open', { count, groups: this.#scenario.groups, distinct });
    await this.#subscribed(total);
  }

  /** Until the server has so many subscribers, and is done with them. */
  async #subscribed(total) {
    const endsAt = performance.now() + SUBSCRIBED_TIMEOUT_MS;
    while ((await this.#server.order('subscribers')) < total) {
      if (performance.now() > endsAt) throw new Error(`Fewer than ${total} subscribers`);
      await sleep(20);
    }
    await idle(this.#server.pid);
  }

  async #publish(messages) {
    const { groups, perTurn = 1, textBytes = 100, runsAhead = true } = this.#scenario;
    const options = { groups, messages, perTurn, textBytes, runsAhead };
    const turnEach = runsAhead ? undefined : perTurn / groups;
    await Promise.all([
      this.#server.order('publish', options, ORDER_TIMEOUT_MS),
      this.#order('expect', { each: messages / groups, turnEach, stallMs: this.#stallMs }),
    ]);
  }

  #order(order, options) {
    return this.#load.order(order, options, ORDER_TIMEOUT_MS);
  }
}
