import { setMaxListeners } from 'node:events';
import { type Client, ClientError } from '../../src/index.ts';

/** Mutations of one client, each with a key of its own, and how they end. */
export class Mutations {
  /** By key; `done` is that of those that have resolved. */
  readonly outcomes = new Map<string, 'done' | ClientError>();
  /** That of all of them. */
  readonly signal: AbortSignal = new AbortController().signal;
  readonly #client: Client;
  readonly #all: Promise<void>[] = [];

  constructor(client: Client) {
    this.#client = client;
    setMaxListeners(Number.POSITIVE_INFINITY, this.signal);
  }

  /** Sends one, and gives its key. */
  send(field: 'increment' | 'slowIncrement'): string {
    const key = `${field} ${this.#all.length}`;
    this.#all.push(this.#settle(key, field));
    return key;
  }

  /** Resolves when all have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#all);
  }

  async #settle(key: string, field: string): Promise<void> {
    const document = `mutation ($key: String!) { ${field}(key: $key) }`;
    try {
      await this.#client.mutate(document, { key }, { signal: this.signal });
      this.outcomes.set(key, 'done');
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.outcomes.set(key, error);
    }
  }
}
