import process from 'node:process';
import type { FastifyInstance } from 'fastify';
import { ChatError } from '../chat-error.ts';
import { liveFigures } from './live-subscription.ts';
import { Load } from './load.ts';
import { checkLoad, LOAD_LIMITS, type LoadSettings } from './load-settings.ts';
import { LOAD_NAME, load } from './load-subscription.ts';
import { Meter } from './meter.ts';
import { Sampler } from './sampler.ts';

/** Above so many broadcasts that the broker has not taken, a load waits. */
const PENDING_LIMIT = 1_000;

/** How the live figures are made. */
export interface LiveOptions {
  /** Whether pages may be connected to other processes. @default false */
  readonly hasOthers?: boolean;
  /** Milliseconds between two samples. @default 1_000 */
  readonly sampleIntervalMs?: number;
  /** Milliseconds that a load lasts at most. @default 300_000 */
  readonly loadMs?: number;
  /** Milliseconds that a load goes on when nobody watches. @default 10_000 */
  readonly lingerMs?: number;
}

/** How this process is doing, for those who watch; and the synthetic load that they may start. */
export class Live {
  readonly #app: FastifyInstance;
  readonly #sampler: Sampler;
  readonly #load: Load;

  /** Made before the plugin is registered; all is let go of before its clients are. */
  constructor(app: FastifyInstance, options: LiveOptions = {}) {
    this.#app = app;
    const meter = new Meter(() => app.graphqlWs);
    this.#sampler = new Sampler({
      meter,
      intervalMs: options.sampleIntervalMs ?? 1_000,
      hasOthers: options.hasOthers ?? false,
      send: async () => {
        const payload = {
          ...meter.take(),
          load: this.#load.state,
          lastLoadEnd: this.#load.lastEnd,
        };
        const { processes } = await app.broadcast(liveFigures, { group: 'all', payload });
        return processes;
      },
    });
    this.#load = new Load({
      url: () => this.#url(),
      broadcast: (group, payload) => {
        // A failure is logged by the plugin, and no news for anybody else.
        app.broadcast(load, { group, payload }).catch(() => undefined);
      },
      mayBroadcast: () =>
        app.graphqlWs.health.status === 'up' &&
        app.graphqlWs.stats().pendingBroadcasts < PENDING_LIMIT,
      unwatchedMs: () => this.#sampler.unwatchedMs,
      lastsMs: options.loadMs ?? LOAD_LIMITS.seconds * 1_000,
      lingerMs: options.lingerMs ?? 10_000,
    });
    app.addHook('onReady', async () => this.#sampler.start());
    app.addHook('preClose', async () => {
      this.#sampler.close();
      await this.#load.stop('The server has closed');
    });
  }

  /** Somebody in this process watches from now on. */
  watch(): void {
    this.#sampler.watch();
  }

  /** Somebody in this process has gone. */
  unwatch(): void {
    this.#sampler.unwatch();
  }

  /**
   * Starts a load in this process, in place of the one that runs in any.
   *
   * @throws ChatError when it is too much
   */
  async startLoad(settings: LoadSettings): Promise<boolean> {
    checkLoad(settings);
    await this.#stopAll('Another load has begun');
    await this.#load.start(settings);
    return true;
  }

  /** Ends the load, whichever process runs it: one whose subscribers are let go is over. */
  async stopLoad(): Promise<boolean> {
    await this.#stopAll('It was stopped');
    return true;
  }

  async #stopAll(reason: string): Promise<void> {
    await this.#load.stop(reason);
    await this.#app.graphqlWs.disconnect({ tag: LOAD_NAME, code: 4000, reason });
  }

  #url(): string {
    const address = this.#app.server.address();
    if (address === null || typeof address !== 'object') {
      throw new ChatError(`Process ${process.pid} listens on no port`, 503);
    }
    const host = ANY_HOST[address.address] ?? address.address;
    const name = host.includes(':') ? `[${host}]` : host;
    return `ws://${name}:${address.port}${this.#app.graphqlWs.path}`;
  }
}

/** Who listens on all addresses is reached on that of this machine. */
const ANY_HOST: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
