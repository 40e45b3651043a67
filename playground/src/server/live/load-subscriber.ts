import type { RawData } from 'ws';
import { WebSocket } from 'ws';

/** Milliseconds between two moments in which a slow reader reads. */
const SLOW_READ_MS = 1_000;

/** One subscriber of a synthetic load. */
export interface LoadSubscriberOptions {
  readonly url: string;
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isSlow: boolean;
  readonly onResult: () => void;
  /** Called once: the server has closed the connection, or there was none. */
  readonly onLost: (reason: string) => void;
}

/**
 * A client with one subscription that counts its results and looks at none, so that a thousand of
 * them take little of what the server needs.
 */
export class LoadSubscriber {
  /** Resolves when the subscription is live; pending for ever when it does not come to be. */
  readonly live: Promise<void>;
  readonly #options: LoadSubscriberOptions;
  readonly #socket: WebSocket;
  #becomeLive: () => void = () => undefined;
  #state: 'connecting' | 'live' | 'closed' = 'connecting';
  #reading: NodeJS.Timeout | undefined;

  constructor(options: LoadSubscriberOptions) {
    this.#options = options;
    this.live = new Promise((resolve) => {
      this.#becomeLive = resolve;
    });
    this.#socket = new WebSocket(options.url, 'graphql-transport-ws', {
      perMessageDeflate: false,
    });
    this.#socket.on('open', () => {
      this.#send({ type: 'connection_init', payload: { name: options.name } });
    });
    this.#socket.on('message', (data) => this.#received(data));
    this.#socket.on('error', (error) => this.#lost(error.message));
    this.#socket.on('close', (code, reason) => this.#lost(`${code} ${reason.toString()}`));
  }

  /** Takes nothing more, and lets go of the connection at once. */
  close(): void {
    this.#state = 'closed';
    clearInterval(this.#reading);
    this.#socket.terminate();
  }

  #received(data: RawData): void {
    if (this.#state === 'live') {
      this.#options.onResult();
      if (this.#options.isSlow) this.#socket.pause();
      return;
    }
    const message = JSON.parse(data.toString());
    if (message.type === 'connection_ack') return this.#subscribe();
    if (message.type === 'error') return this.#lost(JSON.stringify(message.payload));
    // The server confirms that it is live.
    if (message.type === 'next') this.#begin();
  }

  #subscribe(): void {
    const { query, variables } = this.#options;
    const extensions = { groupcast: { v: 1, confirm: true } };
    this.#send({ id: '1', type: 'subscribe', payload: { query, variables, extensions } });
  }

  #begin(): void {
    this.#state = 'live';
    if (this.#options.isSlow) {
      this.#reading = setInterval(() => this.#socket.resume(), SLOW_READ_MS);
    }
    this.#becomeLive();
  }

  #lost(reason: string): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#options.onLost(reason);
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }
}
