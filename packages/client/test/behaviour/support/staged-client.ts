import { onTestFinished } from 'vitest';
import {
  type Client,
  type ClientOptions,
  type ClientStatus,
  createClient,
  modern,
  type Subscription,
} from '../../../src/index.ts';
import { legacy } from '../../../src/legacy.ts';
import type { ProtocolName, StagedServer } from '../../stage/stage.ts';
import { webSocket } from '../../stage/web-socket.ts';

/** The subscription that tests hear a room by. */
export const ON_MESSAGE = 'subscription ($room: String!) { onMessage(room: $room) { text } }';

/** What {@link ON_MESSAGE} gives. */
export interface OnMessage {
  readonly onMessage: { readonly text: string };
}

/** A client of a staged server over one subprotocol; closed with the test. It retries at once. */
export function clientOf(
  { url }: Pick<StagedServer, 'url'>,
  protocol: ProtocolName = 'graphql-transport-ws',
  options: Partial<ClientOptions> = {},
): Client {
  const client = createClient({
    url,
    webSocket,
    protocols: [protocol === 'graphql-ws' ? legacy : modern],
    retryDelayMs: () => 5,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** The names of the statuses that a client has from now on, as they come. */
export function statusNames(client: Client): ClientStatus['name'][] {
  const names: ClientStatus['name'][] = [];
  client.on('status', ({ name }) => names.push(name));
  return names;
}

/** Resolves with the status once it is one of these. */
export function status<Name extends ClientStatus['name']>(
  client: Client,
  ...names: readonly Name[]
): Promise<Extract<ClientStatus, { name: Name }>> {
  type Wanted = Extract<ClientStatus, { name: Name }>;
  const isWanted = (now: ClientStatus): now is Wanted => names.some((name) => name === now.name);
  return new Promise((resolve) => {
    if (isWanted(client.status)) return resolve(client.status);
    const off = client.on('status', (now) => {
      if (!isWanted(now)) return;
      off();
      resolve(now);
    });
  });
}

/** Collects what a subscription gives; `until(n)` resolves when that many have come. */
export class Heard<T> {
  readonly values: T[] = [];
  error: unknown;
  isComplete = false;
  #waiting: (() => void)[] = [];

  constructor(stream: Pick<Subscription<T>, 'subscribe'>) {
    stream.subscribe({
      next: (value) => this.#changed(() => this.values.push(value)),
      error: (error) =>
        this.#changed(() => {
          this.error = error;
        }),
      complete: () =>
        this.#changed(() => {
          this.isComplete = true;
        }),
    });
  }

  async until(count: number): Promise<readonly T[]> {
    while (this.values.length < count) await this.#change();
    return this.values;
  }

  async end(): Promise<void> {
    while (!this.isComplete && this.error === undefined) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #changed(change: () => void): void {
    change();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`It resolved with ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
