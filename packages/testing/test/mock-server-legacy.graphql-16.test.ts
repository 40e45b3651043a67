import { type MockServer, mockServer } from '@groupcast/testing';
import { SubscriptionClient } from 'subscriptions-transport-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';

/** The client of the npm package subscriptions-transport-ws: over a port, or in memory. */
function clientOf(server: MockServer, webSocket: unknown = WebSocket): SubscriptionClient {
  const options = { reconnect: true, connectionParams: { token: 'alice' }, minTimeout: 5_000 };
  const client = new SubscriptionClient(server.url, options, webSocket);
  onTestFinished(() => client.close());
  return client;
}

/** Subscribes; everything that happens is put into the list that is returned. */
function listen(client: SubscriptionClient, query: string, variables = {}) {
  const heard: unknown[] = [];
  const { unsubscribe } = client.request({ query, variables }).subscribe({
    next: (result) => heard.push(result),
    error: (error) => heard.push(error.message),
    complete: () => heard.push('complete'),
  });
  return { heard, unsubscribe };
}

const ON_MESSAGE = 'subscription OnMessage($room: String) { onMessage(room: $room) { text } }';

test.each([['over a port'], ['in memory']])(
  'the client of subscriptions-transport-ws is served %s',
  async (where) => {
    await using server = await mockServer({
      Hello: { data: { hello: 'world' } },
      Fail: () => {
        throw new Error('Not now');
      },
    });
    const client = clientOf(server, where === 'in memory' ? server.WebSocket : WebSocket);

    const hello = listen(client, 'query Hello { hello }');
    await expect.poll(() => hello.heard).toEqual([{ data: { hello: 'world' } }, 'complete']);
    const failed = listen(client, 'mutation Fail { fail }');
    await expect.poll(() => failed.heard).toEqual(['Not now']);
    const unknown = listen(client, 'mutation Other { other }');
    await expect
      .poll(() => unknown.heard)
      .toEqual([expect.stringContaining('no handler for mutation "Other"')]);
    expect((await server.connection()).params).toEqual({ token: 'alice' });
    client.close();
    await server.expectNone();
  },
);

test('the test pushes to its subscriptions, ends them, and sees them stopped', async () => {
  await using server = await mockServer();
  const client = clientOf(server);
  const kittens = listen(client, ON_MESSAGE, { room: 'kittens' });
  const puppies = listen(client, ON_MESSAGE, { room: 'puppies' });

  const first = await server.operation('OnMessage');
  const second = await server.operation('OnMessage');
  expect([first.variables, second.variables]).toEqual([{ room: 'kittens' }, { room: 'puppies' }]);
  first.gap({ reason: 'queue', dropped: 1 });
  first.next({ onMessage: { text: 'hi' } });
  first.complete();
  puppies.unsubscribe();
  await second.expectStop();

  await expect
    .poll(() => kittens.heard)
    .toEqual([{ data: { onMessage: { text: 'hi' } } }, 'complete']);
  client.close();
});

test('it subscribes again after a restart', async () => {
  await using server = await mockServer();
  const client = clientOf(server);
  const { heard } = listen(client, ON_MESSAGE);
  await server.operation('OnMessage');

  await server.restart();

  const operation = await server.operation('OnMessage');
  operation.next({ onMessage: { text: 'back' } });
  await expect.poll(() => heard).toEqual([{ data: { onMessage: { text: 'back' } } }]);
  client.close();
});
