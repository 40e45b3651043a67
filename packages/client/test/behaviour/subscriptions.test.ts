import { describe, expect, test } from 'vitest';
import { type Continuity, GraphQLResponseError } from '../../src/index.ts';
import { pairings, type StagedServer, startServer } from '../stage/stage.ts';
import { clientOf, Heard, ON_MESSAGE, type OnMessage, rejection } from './support/staged-client.ts';

async function say(server: StagedServer, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await server.broadcast('onMessage', 'red', { room: 'red', text });
}

const heard = (...texts: readonly string[]) => texts.map((text) => ({ onMessage: { text } }));

describe.each(pairings)('%s over %s', (kind, protocol) => {
  test('a loop gives the data of each event, and ends the subscription when it is left', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol);
    const subscription = client.subscribe<OnMessage>(ON_MESSAGE, { room: 'red' });
    const data: OnMessage[] = [];

    const loop = (async () => {
      for await (const each of subscription) if (data.push(each) === 2) break;
    })();
    await server.awaitSubscribers('onMessage', 'red', 1);
    await say(server, 'a', 'b');
    await loop;

    expect(data).toEqual(heard('a', 'b'));
    await server.awaitSubscribers('onMessage', 'red', 0);
  });

  test('an observer is called for each event, and nobody after unsubscribe()', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol);
    const subscription = client.subscribe<OnMessage>(ON_MESSAGE, { room: 'red' });
    const messages = new Heard(subscription);
    await server.awaitSubscribers('onMessage', 'red', 1);
    await say(server, 'a', 'b');

    expect(await messages.until(2)).toEqual(heard('a', 'b'));
    subscription.unsubscribe();

    await server.awaitSubscribers('onMessage', 'red', 0);
    await say(server, 'c');
    await client.query('{ hello }');
    expect(messages).toMatchObject({
      values: heard('a', 'b'),
      isComplete: false,
      error: undefined,
    });
  });

  test('several subscriptions share one connection, each with its own events', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol);
    const red = new Heard(client.subscribe<OnMessage>(ON_MESSAGE, { room: 'red' }));
    const blue = new Heard(client.subscribe<OnMessage>(ON_MESSAGE, { room: 'blue' }));
    await server.awaitSubscribers('onMessage', 'red', 1);
    await server.awaitSubscribers('onMessage', 'blue', 1);

    await say(server, 'a');
    await server.broadcast('onMessage', 'blue', { room: 'blue', text: 'b' });

    expect(await red.until(1)).toEqual(heard('a'));
    expect(await blue.until(1)).toEqual(heard('b'));
    expect(await server.connections()).toBe(1);
  });

  test('a source that ends completes the subscription', async () => {
    const client = clientOf(await startServer(kind), protocol);
    const numbers = new Heard(client.subscribe('subscription { countdown(from: 3) }'));

    await numbers.end();

    expect(numbers.values).toEqual([{ countdown: 3 }, { countdown: 2 }, { countdown: 1 }]);
    expect(numbers).toMatchObject({ isComplete: true, error: undefined });
  });

  test('a subscription that is refused ends with the errors', async () => {
    const client = clientOf(await startServer(kind), protocol);
    const subscription = client.subscribe('subscription { nothing }');

    const ended = rejection(subscription[Symbol.asyncIterator]().next());

    expect(await ended).toBeInstanceOf(GraphQLResponseError);
    expect(await rejection(subscription.ready)).toBeInstanceOf(GraphQLResponseError);
    expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
  });

  test('a signal that fires ends the loop normally', async () => {
    const server = await startServer(kind);
    const client = clientOf(server, protocol);
    const abort = new AbortController();
    const subscription = client.subscribe(ON_MESSAGE, { room: 'red' }, { signal: abort.signal });
    const next = subscription[Symbol.asyncIterator]().next();
    await server.awaitSubscribers('onMessage', 'red', 1);

    abort.abort();

    expect(await next).toEqual({ done: true, value: undefined });
    await server.awaitSubscribers('onMessage', 'red', 0);
  });
});

test.each(['graphql-transport-ws', 'graphql-ws'] as const)(
  'over %s ready resolves when the server has joined the groups',
  async (protocol) => {
    const server = await startServer();
    const client = clientOf(server, protocol);
    const told: Continuity[] = [];
    const subscription = client.subscribe<OnMessage>(
      ON_MESSAGE,
      { room: 'red' },
      { onContinuity: (continuity) => told.push(continuity) },
    );

    await subscription.ready;
    await say(server, 'a', 'b');
    const messages = new Heard(subscription);

    expect(await messages.until(2)).toEqual(heard('a', 'b'));
    expect(told).toEqual([{ state: 'live', reason: 'subscribed' }]);
  },
);

test('ready resolves with the first result of a server that confirms nothing', async () => {
  const client = clientOf(await startServer('graphql-ws'));

  const subscription = client.subscribe('subscription { countdown(from: 1) }');
  await subscription.ready;

  expect(await subscription[Symbol.asyncIterator]().next()).toEqual({
    done: false,
    value: { countdown: 1 },
  });
});

test('nothing is sent before somebody listens, nor for what is stopped in the same go', async () => {
  const server = await startServer();
  const client = clientOf(server);

  const unused = client.subscribe(ON_MESSAGE, { room: 'red' });
  const stopped = client.subscribe(ON_MESSAGE, { room: 'red' });
  stopped.subscribe({}).unsubscribe();
  await client.query('{ hello }');

  expect(await server.subscribers('onMessage', 'red')).toBe(0);
  unused.unsubscribe();
  expect(await unused[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
});

test('ready rejects when the subscription is stopped before it is live', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const subscription = client.subscribe(ON_MESSAGE, { room: 'red' });
  const ready = rejection(subscription.ready);

  subscription.unsubscribe();

  expect(await ready).toMatchObject({ code: 'ABORTED' });
});

test('a second consumer is refused', async () => {
  const client = clientOf(await startServer());
  const subscription = client.subscribe(ON_MESSAGE, { room: 'red' });
  subscription.subscribe({});

  expect(() => subscription.subscribe({})).toThrow('There is a consumer already');
  expect(() => subscription.results()[Symbol.asyncIterator]()).toThrow(
    expect.objectContaining({ code: 'CONSUMED' }),
  );
});

test('return() ends a loop that waits, at once', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const iterator = client.subscribe(ON_MESSAGE, { room: 'red' })[Symbol.asyncIterator]();
  const waiting = iterator.next();
  await server.awaitSubscribers('onMessage', 'red', 1);

  expect(await iterator.return?.()).toEqual({ done: true, value: undefined });

  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
  await server.awaitSubscribers('onMessage', 'red', 0);
});

test('the data ends with the first result that has errors, and keeps what came before', async () => {
  const client = clientOf(await startServer());
  const values: unknown[] = [];

  const loop = async (): Promise<void> => {
    for await (const value of client.subscribe('subscription { failing }')) values.push(value);
  };

  expect(await rejection(loop())).toMatchObject({ message: 'The source has failed' });
  expect(values).toEqual([{ failing: 'first' }]);
});

test('results() gives results with errors too, and goes on', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const document = 'subscription { onMessage(room: "red") { text author } }';
  const results = new Heard(client.subscribe(document).results());
  await server.awaitSubscribers('onMessage', 'red', 1);

  await say(server, 'a');
  // Without its text, which must not be null.
  await server.broadcast('onMessage', 'red', { room: 'red' });
  await say(server, 'c');

  expect(await results.until(3)).toEqual([
    { data: { onMessage: { text: 'a', author: null } } },
    { data: null, errors: [expect.objectContaining({ path: ['onMessage', 'text'] })] },
    { data: { onMessage: { text: 'c', author: null } } },
  ]);
});

test('a subscription is ended at the end of its block', async () => {
  const server = await startServer();
  const client = clientOf(server);
  {
    await using subscription = client.subscribe(ON_MESSAGE, { room: 'red' });
    await subscription.ready;
    expect(await server.subscribers('onMessage', 'red')).toBe(1);
  }
  await server.awaitSubscribers('onMessage', 'red', 0);
});

test('a callback that throws is reported, and the next event comes', async () => {
  const server = await startServer();
  const client = clientOf(server);
  const reported = nextUnhandledRejection();
  const texts: string[] = [];
  const done = new Promise<void>((resolve) => {
    client.subscribe<OnMessage>(ON_MESSAGE, { room: 'red' }).subscribe({
      next({ onMessage }) {
        texts.push(onMessage.text);
        if (onMessage.text === 'a') throw new Error('A mistake of the app');
        resolve();
      },
    });
  });
  await server.awaitSubscribers('onMessage', 'red', 1);

  await say(server, 'a', 'b');

  await done;
  expect(texts).toEqual(['a', 'b']);
  expect(await reported).toEqual(new Error('A mistake of the app'));
});

/** What the platform reports next as unhandled; it is handled by that. */
function nextUnhandledRejection(): Promise<unknown> {
  return new Promise((resolve) => {
    if (typeof window === 'object') {
      const listener = (event: PromiseRejectionEvent): void => {
        event.preventDefault();
        event.stopImmediatePropagation();
        window.removeEventListener('unhandledrejection', listener, true);
        resolve(event.reason);
      };
      window.addEventListener('unhandledrejection', listener, true);
      return;
    }
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.once('unhandledRejection', (reason) => {
      for (const other of others) process.on('unhandledRejection', other);
      resolve(reason);
    });
  });
}
