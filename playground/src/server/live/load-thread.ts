import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { LoadSettings } from './load-settings.ts';

/** What the thread with the subscribers is to do. */
export interface LoadOrder {
  readonly url: string;
  /** That the connections give as their name. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly settings: LoadSettings;
}

/** What the thread tells. */
export type LoadNews =
  /** How many subscriptions are live, and how many results have been received. */
  | { readonly name: 'progress'; readonly live: number; readonly received: number }
  /** A connection could not be made, or was closed by the server. */
  | { readonly name: 'lost'; readonly reason: string };

/** Milliseconds that the thread has to let go of its connections. */
const CLOSE_MS = 2_000;

// Three steps up from `src/server/live` and from `dist/server/live`: a thread needs JavaScript.
const file = fileURLToPath(new URL('../../../dist/server/live/load-worker.js', import.meta.url));

/**
 * The subscribers of a synthetic load, in a thread of their own: reading does not take the time of
 * the event loop that is to be watched.
 */
export class LoadThread {
  readonly #worker: Worker;
  readonly #gone: Promise<unknown>;

  /** @param onNews - is also told when the thread has failed */
  constructor(order: LoadOrder, onNews: (news: LoadNews) => void) {
    this.#worker = new Worker(file, { workerData: order, execArgv: [] });
    this.#worker.on('message', onNews);
    this.#worker.on('error', (error) => onNews({ name: 'lost', reason: String(error) }));
    this.#gone = once(this.#worker, 'exit').catch(() => undefined);
  }

  /** Resolves when the thread is gone. */
  async close(): Promise<void> {
    this.#worker.postMessage('stop');
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
    await this.#gone;
    clearTimeout(timer);
  }
}
