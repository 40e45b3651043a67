import { connect } from '@groupcast/testing';
import { afterEach, expect, test, vi } from 'vitest';

import { Inbox } from '../src/inbox.ts';
import { acknowledgingApp, type Peer } from './support/scripted-app.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** A server that acknowledges and then speaks when the test wants it to. */
async function quietConnection(timeoutMs: number) {
  const peers: Peer[] = [];
  const app = acknowledgingApp({ onOpen: (peer) => peers.push(peer) });
  const alice = await connect(app, { timeoutMs });
  return { alice, say: (message: object) => peers[0]?.say(message) };
}

test('a message that comes after a timeout is not lost to it', async () => {
  const { alice, say } = await quietConnection(100);
  const operation = alice.start('{ a }');
  await expect(operation.next()).rejects.toThrow('nothing came within 100 ms');
  await expect(alice.receive()).rejects.toThrow('nothing came within 100 ms');
  await expect(alice.expectClose(4400)).rejects.toThrow('nothing came within 100 ms');

  say({ id: operation.id, type: 'next', payload: { data: { a: 1 } } });
  say({ type: 'ping' });

  await operation.expectNext({ a: 1 });
  await alice.expectMessage({ type: 'ping' });
  await alice.close();
});

test('only the waiter whose time is over is given up', async () => {
  const inbox = new Inbox<{ text: string }>();

  const hasty = inbox.take(1);
  const patient = inbox.take(10_000);
  expect(await hasty).toEqual({ kind: 'timeout' });
  inbox.put({ text: 'late' });

  expect(await patient).toEqual({ kind: 'item', item: { text: 'late' } });
});

test('connect() gives up in time when no ack comes, and closes', async () => {
  const app = acknowledgingApp({ onOpen: ({ webSocket }) => webSocket.pause() });

  await expect(connect(app, { timeoutMs: 100 })).rejects.toThrow(
    'Expected the connection to be acknowledged, but nothing came within 100 ms',
  );
});

test('faked timers change nothing', async () => {
  vi.useFakeTimers();
  const { alice, say } = await quietConnection(1_000);
  const operation = alice.start('{ a }');
  setTimeout(() => say({ id: operation.id, type: 'next', payload: { data: { a: 1 } } }), 60_000);

  await operation.expectSilence();
  vi.advanceTimersByTime(60_000);
  await operation.expectNext({ a: 1 });
  await alice.close();
});

test('a timeout happens under faked timers too, and says that they are faked', async () => {
  vi.useFakeTimers();
  const { alice } = await quietConnection(100);

  await expect(alice.receive()).rejects.toThrow(
    'nothing came within 100 ms\nTimers are faked: what the server does later waits until you advance them',
  );
  await alice.close();
});
