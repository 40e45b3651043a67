import { expect, onTestFinished, test } from 'vitest';
import { createClient, type WebSocketLike } from '../src/index.ts';
import { status, statusNames } from './behaviour/support/staged-client.ts';

/** Cannot connect, and says so as browsers do: closed by then, by an error and then by a close. */
class Unreachable implements WebSocketLike {
  readonly protocol = '';
  readyState = 0;
  onopen = null;
  onmessage = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;

  constructor() {
    queueMicrotask(() => {
      this.readyState = 3;
      this.#tell(this.onerror, {});
      this.#tell(this.onclose, { code: 1006, reason: '' });
    });
  }

  send(): void {}

  close(): void {}

  #tell(listener: unknown, event: object): void {
    if (typeof listener === 'function') listener(event);
  }
}

test('a dial that fails with an error and a close has failed once', async () => {
  const client = createClient({
    url: 'ws://127.0.0.1:9',
    webSocket: Unreachable,
    retryAttempts: 2,
    retryDelayMs: () => 0,
  });
  onTestFinished(() => client.close());
  const names = statusNames(client);
  client.subscribe('subscription { a }').subscribe({ error: () => {} });

  await status(client, 'closed');

  expect(names).toEqual([
    ...['connecting', 'waiting', 'connecting', 'waiting', 'connecting'],
    'closed',
  ]);
});
