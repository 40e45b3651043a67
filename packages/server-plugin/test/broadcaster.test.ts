import { createBroadcaster, defineSubscription } from '@groupcast/fastify';
import mqemitter from 'mqemitter';
import { expect, onTestFinished, test } from 'vitest';
import { HeldEmitter } from './support/held-emitter.ts';
import { recordingLogger } from './support/recording-logger.ts';
import { hear, message, type RoomMessage, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

const onMessage = defineSubscription({
  subscribe: () => 'red',
  publish: (payload: RoomMessage) => payload,
});
const hi = { group: 'red', payload: { text: 'hi' } };

describeBoth('a broadcaster without Fastify', (wire) => {
  test('P9 reaches the subscribers of a server on the same emitter, in the order of calls', async () => {
    const emitter = mqemitter();
    const { connect } = await startRooms(wire, {}, { emitter });
    const client = await connect();
    const red = await hear(client, 'red');
    const blue = await hear(client, 'blue');
    const { broadcast } = createBroadcaster({ emitter, subscriptions: { onMessage } });
    void broadcast(onMessage, { group: 'red', payload: { text: '0' } });
    void broadcast('onMessage', { payload: { text: '1' } });
    await broadcast(onMessage, { group: 'red', payload: { text: '2' } });

    for (const text of ['0', '1', '2']) await red.expectNext(message(text));
    await blue.expectNext(message('1'));
    await client.expectSilence();
  });

  test('P9 P6 its broadcasts and those of the server keep the order in which they were made', async () => {
    const emitter = mqemitter();
    const { app, connect, onMessage: served } = await startRooms(wire, {}, { emitter });
    const red = await hear(await connect(), 'red');
    const worker = createBroadcaster({ emitter, subscriptions: { onMessage } });
    const texts = Array.from({ length: 50 }, (_, n) => `${n}`);
    for (const text of texts) {
      const event = { group: 'red', payload: { text } };
      if (Number(text) % 2 === 0) void worker.broadcast(onMessage, event);
      else void app.broadcast(served, event);
    }

    for (const text of texts) await red.expectNext(message(text));
    await red.expectSilence();
  });

  test('P9 reaches only the namespace that it is given', async () => {
    const emitter = mqemitter();
    const { connect } = await startRooms(wire, {}, { emitter, namespace: 'shop' });
    const red = await hear(await connect(), 'red');
    await createBroadcaster({ emitter, subscriptions: { onMessage } }).broadcast(onMessage, hi);
    await red.expectSilence();
    const ours = createBroadcaster({ emitter, namespace: 'shop', subscriptions: { onMessage } });
    await ours.broadcast(onMessage, hi);

    await red.expectNext(message('hi'));
  });
});

test('P9 refuses what it does not know, and logs it', async () => {
  const { logger, lines } = recordingLogger();
  const emitter = mqemitter();
  const { broadcast } = createBroadcaster({ emitter, subscriptions: { onMessage }, log: logger });

  await expect(broadcast('onNotice', hi)).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN',
  });
  await expect(broadcast(defineSubscription({ subscribe: () => 'red' }), hi)).rejects.toMatchObject(
    { code: 'GROUPCAST_ERR_SUBSCRIPTION_UNKNOWN' },
  );
  expect(lines.map(({ level }) => level)).toEqual(['error', 'error']);
});

test('P9 close() waits for what is under way, refuses the rest, leaves the emitter open', async () => {
  const emitter = new HeldEmitter();
  const worker = createBroadcaster({ emitter, subscriptions: { onMessage } });
  emitter.hold('emit', 'acknowledgement');
  const sent = worker.broadcast(onMessage, hi);
  let isClosed = false;
  const closing = worker.close().then(() => {
    isClosed = true;
  });
  await expect(worker.broadcast(onMessage, hi)).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_BROADCASTER_CLOSED',
  });
  expect(isClosed).toBe(false);
  emitter.release('emit');

  expect(await sent).toEqual({});
  await closing;
  await worker.close();
  expect(emitter.calls.filter((call) => call.startsWith('close'))).toEqual([]);
});

test('P9 its options broadcastTimeoutMs and pendingBroadcasts hold', async () => {
  const emitter = new HeldEmitter();
  const worker = createBroadcaster({
    emitter,
    subscriptions: { onMessage },
    broadcastTimeoutMs: 20,
    pendingBroadcasts: 1,
  });
  onTestFinished(() => worker.close());
  emitter.hold('emit');
  const late = worker.broadcast(onMessage, hi);
  await expect(worker.broadcast(onMessage, hi)).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_TOO_MANY_BROADCASTS',
  });
  await expect(late).rejects.toMatchObject({ code: 'GROUPCAST_ERR_BROADCAST_TIMEOUT' });
});

const emitter = mqemitter();
const subscriptions = { onMessage };

test.each<[string, object, string]>([
  ['a misspelt option', { emitter, subscriptions, namespac: 'x' }, 'did you mean "namespace"?'],
  ['an emitter that is none', { emitter: {}, subscriptions }, 'option "emitter"'],
  ['no emitter', { subscriptions }, 'option "emitter"'],
  ['no subscriptions', { emitter }, 'option "subscriptions"'],
  ['a namespace of the wrong type', { emitter, subscriptions, namespace: 7 }, '"namespace"'],
  ['an empty namespace', { emitter, subscriptions, namespace: '' }, '"namespace"'],
  ['a timeout of 0', { emitter, subscriptions, broadcastTimeoutMs: 0 }, '"broadcastTimeoutMs"'],
  ['a limit of 0', { emitter, subscriptions, pendingBroadcasts: 0 }, '"pendingBroadcasts"'],
  ['a log that is none', { emitter, subscriptions, log: 'stdout' }, 'option "log"'],
  [
    'a subscription that is none',
    { emitter, subscriptions: { onMessage: { subscribe: () => 'red' } } },
    'option "subscriptions.onMessage"',
  ],
  [
    'one definition for two fields',
    { emitter, subscriptions: { onMessage, onNotice: onMessage } },
    'option "subscriptions.onNotice" must be a definition of its own, got that of "onMessage"',
  ],
])('P9 %s is refused at once', (_name, options, text) => {
  expect(() => Reflect.apply(createBroadcaster, undefined, [options])).toThrow(text);
});
