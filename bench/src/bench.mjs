import { setTimeout as sleep } from 'node:timers/promises';
import { cpuUs, idle, rssKb } from './measure.mjs';

const ORDER_TIMEOUT_MS = 120_000;
const SUBSCRIBED_TIMEOUT_MS = 60_000;

/** The steps of one scenario with one server: prepare, measure windows, finish. */
export class Bench {
  #server;
  #load;
  #scenario;
  #stallMs;
  #opened = 0;

  /**
   * @param {object} options
   * @param {import('./pair.mjs').Pair} options.pair
   * @param {import('./scenarios.mjs').Scenario} options.scenario - all but those of memory
   * @param {number} options.stallMs - how long nothing may come before the rest counts as lost
   */
  constructor({ pair, scenario, stallMs }) {
    this.#server = pair.server;
    this.#load = pair.load;
    this.#scenario = scenario;
    this.#stallMs = stallMs;
  }

  /** Opens what stays open, and warms up. */
  async prepare() {
    const { kind, connections, warmUp } = this.#scenario;
    if (kind === 'queries') {
      await this.#order('open', { count: connections });
      await this.#order('query', { queries: warmUp });
    } else if (kind === 'connects') {
      await this.#openSubscribed(warmUp);
    } else {
      await this.#openSubscribed(connections);
      await this.#publish(warmUp);
    }
    await idle(this.#server.pid);
  }

  /**
   * Does the work once.
   *
   * @returns {Promise<{ cpu: number, perSecond: number }>} microseconds of the server's CPU for each
   *   delivery, query or connection, and how many of these there were per second
   */
  async window() {
    const { pid } = this.#server;
    const count = this.#windowCount;
    const [cpuBefore, before] = [cpuUs(pid), performance.now()];
    await this.#work();
    const seconds = (performance.now() - before) / 1_000;
    return { cpu: (cpuUs(pid) - cpuBefore) / count, perSecond: count / seconds };
  }

  /** Whoever came in the windows hears a message too. */
  async finish() {
    if (this.#scenario.kind === 'connects') await this.#publish(this.#scenario.groups);
  }

  /** @returns {Promise<{ rssKb: number, liveKb: number }>} kilobytes per connection and subscription */
  async memory() {
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

  get #windowCount() {
    const { kind, connections, groups, messages, queries, subscriptions } = this.#scenario;
    if (kind === 'queries') return queries;
    if (kind === 'connects') return connections;
    return (messages / groups) * (subscriptions ?? connections);
  }

  async #work() {
    const { kind, connections, messages, queries, pausing } = this.#scenario;
    if (kind === 'queries') return this.#order('query', { queries });
    if (kind === 'connects') return this.#openSubscribed(connections);
    if (pausing === undefined) return this.#publish(messages);
    await this.#order('pause', { count: pausing });
    // Those who read have got everything before the others read again.
    await this.#publish(messages);
    await this.#order('resume');
    await this.#order('expect', { each: 0, stallMs: this.#stallMs });
  }

  async #openSubscribed(count) {
    const { connections, groups, subscriptions, distinct, fields, pausing, gaps } = this.#scenario;
    const each = Math.max(1, Math.ceil((subscriptions ?? 0) / connections));
    const subscribing = { groups, each, atMost: subscriptions, distinct, fields, pausing, gaps };
    this.#opened += count;
    await this.#order('open', { count, subscribing });
    await this.#subscribed(subscriptions ?? this.#opened);
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
    const { groups, perTurn = 1, textBytes = 100, fields, runsAhead = true } = this.#scenario;
    const options = { groups, messages, perTurn, textBytes, fields, runsAhead };
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
