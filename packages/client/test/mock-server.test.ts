import { type MockServer, mockServer } from '@groupcast/testing';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type Client,
  type ClientOptions,
  type Continuity,
  createClient,
  GraphQLResponseError,
  modern,
} from '../src/index.ts';
import { legacy } from '../src/legacy.ts';
import { webSocket } from './stage/web-socket.ts';

afterEach(() => {
  vi.useRealTimers();
});

const ON_MESSAGE = 'subscription OnMessage($room: String) { onMessage(room: $room) { text } }';

interface Heard {
  readonly onMessage: { readonly text: string };
}

const ways = [
  { wire: 'graphql-transport-ws', protocol: modern, where: 'over a port' },
  { wire: 'graphql-transport-ws', protocol: modern, where: 'in memory' },
  { wire: 'graphql-ws', protocol: legacy, where: 'over a port' },
  { wire: 'graphql-ws', protocol: legacy, where: 'in memory' },
] as const;

describe.each(ways)('with a mock server, $wire $where', ({ protocol, where }) => {
  function clientOf(server: MockServer, options: Partial<ClientOptions> = {}): Client {
    const client = createClient({
      url: server.url,
      webSocket: where === 'in memory' ? server.WebSocket : webSocket,
      protocols: [protocol],
      retryDelayMs: () => 0,
      ...options,
    });
    onTestFinished(() => client.close());
    return client;
  }

  test('queries and mutations are answered', async () => {
    await using server = await mockServer({
      Hello: { data: { hello: 'world' } },
      SendMessage: ({ variables }) => ({ data: { sendMessage: variables['text'] } }),
      Fail: () => {
        throw new Error('Not now');
      },
    });
    await using client = clientOf(server);

    expect(await client.query('query Hello { hello }')).toEqual({ hello: 'world' });
    const send = 'mutation SendMessage($text: String!) { sendMessage(text: $text) }';
    expect(await client.mutate(send, { text: 'hi' })).toEqual({ sendMessage: 'hi' });
    const failed = await client.query('query Fail { fail }').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(GraphQLResponseError);
    expect(failed).toMatchObject({ errors: [{ message: 'Not now' }] });
    await expect(client.query('{ unknown }')).rejects.toThrow(
      'The mock server has no handler for query "unknown"',
    );
  });

  test('a subscription is ready, hears what is pushed, and is told of gaps', async () => {
    await using server = await mockServer();
    await using client = clientOf(server);
    const story: (Continuity | string)[] = [];
    const onContinuity = (continuity: Continuity): void => void story.push(continuity);
    const subscription = client.subscribe<Heard>(ON_MESSAGE, { room: 'a' }, { onContinuity });
    await subscription.ready;

    const operation = await server.operation('OnMessage');
    expect(operation.variables).toEqual({ room: 'a' });
    operation.next({ onMessage: { text: 'hi' } });
    operation.gap({ reason: 'queue', dropped: 2 });
    operation.next({ onMessage: { text: 'there' } });
    operation.complete();
    for await (const { onMessage } of subscription) story.push(onMessage.text);

    expect(story).toEqual([
      { state: 'live', reason: 'subscribed' },
      'hi',
      { state: 'gap', reason: 'queue', dropped: 2 },
      'there',
    ]);
  });

  test('a subscription that is left is seen to stop', async () => {
    await using server = await mockServer();
    await using client = clientOf(server);
    const subscription = client.subscribe(ON_MESSAGE, {});
    await subscription.ready;
    const operation = await server.operation('OnMessage');

    subscription.unsubscribe();

    await operation.expectStop();
    await server.expectNone();
  });

  test('after a restart the subscription comes back, and tells of the gap', async () => {
    await using server = await mockServer();
    await using client = clientOf(server);
    const told: Continuity[] = [];
    const heard: string[] = [];
    client
      .subscribe<Heard>(ON_MESSAGE, {}, { onContinuity: (continuity) => told.push(continuity) })
      .subscribe({ next: ({ onMessage }) => heard.push(onMessage.text) });
    await server.operation('OnMessage');

    await server.restart();
    (await server.operation('OnMessage')).next({ onMessage: { text: 'back' } });

    await expect.poll(() => heard).toEqual(['back']);
    expect(told).toEqual([
      { state: 'live', reason: 'subscribed' },
      { state: 'gap', reason: 'reconnected' },
    ]);
  });

  test('a refused client gives up, and comes in when it is let in', async () => {
    await using server = await mockServer({ hello: { data: { hello: 'world' } } });
    await using client = clientOf(server);

    server.refuse(4403);
    await expect(client.query('{ hello }')).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      closeCode: 4403,
    });
    server.accept();
    client.reconnect();

    expect(await client.query('{ hello }')).toEqual({ hello: 'world' });
  });

  test('the parameters of each connection are seen', async () => {
    await using server = await mockServer();
    let count = 0;
    await using client = clientOf(server, {
      params: () => {
        count += 1;
        return { count };
      },
    });
    await client.subscribe(ON_MESSAGE, {}).ready;
    expect((await server.connection()).params).toEqual({ count: 1 });
    await server.operation('OnMessage');

    server.dropAll();

    expect((await server.operation('OnMessage')).connection.params).toEqual({ count: 2 });
  });

  test('hours of a user pass in no time under faked timers', async () => {
    vi.useFakeTimers();
    await using server = await mockServer();
    await using client = clientOf(server, { keepAlive: false });
    const subscription = client.subscribe<Heard>(ON_MESSAGE, {});
    await subscription.ready;

    await vi.advanceTimersByTimeAsync(3_600_000);
    const operation = await server.operation('OnMessage');
    operation.next({ onMessage: { text: 'still here' } });

    for await (const data of subscription) {
      expect(data).toEqual({ onMessage: { text: 'still here' } });
      break;
    }
    await operation.expectStop();
  });
});

test('a stalled server is found to be dead, and left', async () => {
  vi.useFakeTimers();
  await using server = await mockServer();
  await using client = createClient({ url: server.url, webSocket: server.WebSocket });
  await client.subscribe(ON_MESSAGE, {}).ready;
  const operation = await server.operation('OnMessage');

  server.stall();
  await vi.advanceTimersByTimeAsync(18_000);

  expect(client.status.name).not.toBe('open');
  server.resume();
  await operation.expectStop();
});
