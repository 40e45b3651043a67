import { type Client, createClient } from '@groupcast/client';
import { WebSocket } from 'ws';

/** Somebody in the chat, with a subscription; comes back when the connection is lost. */
export class Visitor implements AsyncDisposable {
  readonly name: string;
  readonly client: Client;
  /** Resolves when the subscription is live. */
  readonly ready: Promise<unknown>;
  /** The events that it was told. */
  readonly heard: unknown[] = [];
  /** Why it was live or may have missed something: `subscribed`, `reconnected`, `broker`. */
  readonly reasons: string[] = [];

  constructor(url: string, name: string, query: string) {
    this.name = name;
    this.client = createClient({ url: `${url}/graphql`, params: { name }, webSocket: WebSocket });
    const subscription = this.client.subscribe(
      query,
      {},
      { onContinuity: ({ reason }) => this.reasons.push(reason) },
    );
    this.ready = subscription.ready;
    // Its end shows in what is not heard.
    subscription.subscribe({ next: (data) => this.heard.push(data), error: () => undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
