import { expect, onTestFinished, test, vi } from 'vitest';
import { clientOf, ON_MESSAGE, rejection, status } from './behaviour/support/staged-client.ts';
import { startServer } from './stage/stage.ts';

/** What the platform says of the network, until the test ends. */
function network(isOnline: boolean): void {
  const spy = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(isOnline);
  onTestFinished(() => spy.mockRestore());
}

/**
 * Says that the page was hidden, or is seen again, as browsers do: at the document, bubbling.
 *
 * @see https://html.spec.whatwg.org/multipage/interaction.html#update-the-visibility-state
 */
function sayVisibility(isHidden: boolean): void {
  const spy = vi.spyOn(document, 'hidden', 'get').mockReturnValue(isHidden);
  onTestFinished(() => spy.mockRestore());
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}

test('without a network the client waits, and dials when it is back', async () => {
  const server = await startServer();
  await server.fault({ name: 'unreachable' });
  const client = clientOf(server);
  network(false);
  const answer = client.query('{ hello }');
  const offline = await status(client, 'offline');
  expect(offline.retryInMs).toBe(30_000);

  await server.mend();
  network(true);
  window.dispatchEvent(new Event('online'));

  expect(await answer).toEqual({ hello: 'world' });
});

test('losing the network while it waits pauses the dials', async () => {
  const server = await startServer();
  await server.fault({ name: 'unreachable' });
  const client = clientOf(server, 'graphql-transport-ws', { retryDelayMs: () => 20_000 });
  const answer = rejection(client.query('{ hello }'));
  await status(client, 'waiting');

  network(false);
  window.dispatchEvent(new Event('offline'));

  expect(client.status).toMatchObject({ name: 'offline', retryInMs: 30_000 });
  await client.close();
  expect(await answer).toMatchObject({ code: 'CLIENT_CLOSED' });
});

test('a page that is seen again dials at once', async () => {
  const server = await startServer();
  await server.fault({ name: 'unreachable' });
  let delayMs = 20_000;
  const client = clientOf(server, 'graphql-transport-ws', { retryDelayMs: () => delayMs });
  const answer = client.query('{ hello }');
  await status(client, 'waiting');
  await server.mend();

  delayMs = 0;
  sayVisibility(false);

  expect(await answer).toEqual({ hello: 'world' });
});

test('a page that is seen again finds a dead line', async () => {
  const server = await startServer();
  const client = clientOf(server, 'graphql-transport-ws', {
    keepAlive: { intervalMs: 3_600_000, timeoutMs: 30 },
  });
  client.subscribe(ON_MESSAGE, { room: 'red' }).subscribe({});
  await server.awaitSubscribers('onMessage', 'red', 1);
  await server.fault({ name: 'half-open' });
  const lost = status(client, 'waiting');

  sayVisibility(false);

  expect((await lost).error).toMatchObject({ message: 'No sign of life' });
  await server.mend();
  await server.awaitSubscribers('onMessage', 'red', 1);
});

test('a page that is hidden dials no sooner', async () => {
  const server = await startServer();
  await server.fault({ name: 'unreachable' });
  const client = clientOf(server, 'graphql-transport-ws', { retryDelayMs: () => 20_000 });
  const answer = rejection(client.query('{ hello }'));
  const waiting = await status(client, 'waiting');

  sayVisibility(true);

  expect(client.status).toBe(waiting);
  await client.close();
  expect(await answer).toMatchObject({ code: 'CLIENT_CLOSED' });
});

test('a client that is closed listens to the platform no more', async () => {
  const added = vi.spyOn(window, 'addEventListener');
  const removed = vi.spyOn(window, 'removeEventListener');
  onTestFinished(() => {
    added.mockRestore();
    removed.mockRestore();
  });
  const ofPlatform = ({ mock }: typeof added | typeof removed) =>
    new Set(mock.calls.filter(([type]) => /^(on|off)line$|^visi/.test(type)).map(String));
  const server = await startServer();
  const client = clientOf(server);
  await client.query('{ hello }');
  expect(ofPlatform(added).size).toBe(3);

  await client.close();

  expect(ofPlatform(removed)).toEqual(ofPlatform(added));
});
