import { describe, expect, test } from 'vitest';
import type { Client, Continuity } from '../../src/index.ts';
import { pairings, type StagedServer, startServer } from '../stage/stage.ts';
import { clientOf, Heard, ON_MESSAGE, type OnMessage } from './support/staged-client.ts';

const RECONNECTED = { state: 'gap', reason: 'reconnected' } as const;
const LIVE = { state: 'live', reason: 'subscribed' } as const;

/** What a subscription to the room `red` hears and is told, in its order. */
class Story {
  readonly told: (string | Continuity)[] = [];
  readonly messages: Heard<OnMessage>;
  #onGap: () => void = () => undefined;

  constructor(client: Client) {
    const subscription = client.subscribe<OnMessage>(
      ON_MESSAGE,
      { room: 'red' },
      {
        onContinuity: (continuity) => {
          this.told.push(continuity);
          if (continuity.state === 'gap') this.#onGap();
        },
      },
    );
    this.messages = new Heard({
      subscribe: (observer) =>
        subscription.subscribe({
          ...observer,
          next: (value) => {
            this.told.push(value.onMessage.text);
            observer.next?.(value);
          },
        }),
    });
  }

  /** Resolves with the next gap that is told. */
  gap(): Promise<void> {
    return new Promise((resolve) => {
      this.#onGap = resolve;
    });
  }
}

async function say(server: StagedServer, text: string): Promise<void> {
  await server.broadcast('onMessage', 'red', { room: 'red', text });
}

describe.each(pairings)('%s over %s', (kind, protocol) => {
  test('a gap is told after a reconnect, before the next event', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol);
    const { told, messages } = new Story(client);
    await server.awaitSubscribers('onMessage', 'red', 1);
    await say(server, 'a');
    await messages.until(1);

    await server.fault({ name: 'cut' });
    await server.awaitDials(2);
    await server.awaitSubscribers('onMessage', 'red', 1);
    await say(server, 'b');
    await messages.until(2);

    expect(told).toEqual([LIVE, 'a', RECONNECTED, 'b']);
  });
});

test('each reconnect is told, also when nothing was heard in between', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const story = new Story(client);
  await server.awaitSubscribers('onMessage', 'red', 1);
  await say(server, 'a');
  await story.messages.until(1);

  const first = story.gap();
  await server.restart();
  await first;
  const second = story.gap();
  await server.fault({ name: 'cut' });
  await second;
  await say(server, 'b');
  await story.messages.until(2);

  expect(story.told).toEqual([LIVE, 'a', RECONNECTED, RECONNECTED, 'b']);
});

test('a server that confirms tells when events are heard again, not before', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const told: Continuity[] = [];
  const isHeardAgain = new Promise<void>((resolve) => {
    client
      .subscribe(
        ON_MESSAGE,
        { room: 'red' },
        {
          onContinuity: async (continuity) => {
            told.push(continuity);
            if (continuity.state !== 'gap') return;
            // Who refetches now misses nothing: the server has joined the group again.
            expect(await server.subscribers('onMessage', 'red')).toBe(1);
            resolve();
          },
        },
      )
      .subscribe({});
  });
  await server.awaitSubscribers('onMessage', 'red', 1);
  await client.query('{ hello }');

  await server.fault({ name: 'cut' });
  await isHeardAgain;

  expect(told).toEqual([LIVE, RECONNECTED]);
});

test('nothing is told to who has stopped', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const told: Continuity[] = [];
  const subscription = client.subscribe(
    ON_MESSAGE,
    { room: 'red' },
    { onContinuity: (continuity) => told.push(continuity) },
  );
  subscription.subscribe({});
  await subscription.ready;

  subscription.unsubscribe();
  await server.awaitSubscribers('onMessage', 'red', 0);
  client.reconnect();
  await client.query('{ hello }');

  expect(told.length).toBeLessThanOrEqual(1);
});
