import { connect, expectNoLeaks, forEachProtocol, heldBroker } from '@groupcast/testing';
import mqemitter, { type MQEmitter } from 'mqemitter';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { onMessage, pluginApp } from './support/plugin-app.ts';

const hearKittens = 'subscription { onMessage(room: "kittens") { text } }';
const hearPuppies = 'subscription { onMessage(room: "puppies") { text } }';

afterEach(() => {
  vi.useRealTimers();
});

forEachProtocol((protocol) => {
  /** An app on a held broker, and a client of it. */
  async function stage() {
    const broker = heldBroker();
    const app = await pluginApp({ emitter: broker.emitter });
    const alice = await connect(app, { protocol });
    const kittens = await alice.subscribe(hearKittens);
    const send = (text: string, group = 'kittens') =>
      app.broadcast(onMessage, { group, payload: { text } });
    return { broker, app, alice, kittens, send };
  }

  describe(`a held broker (${protocol})`, () => {
    test('until a test says otherwise it is a broker in memory that works', async () => {
      const { app, alice, kittens, send } = await stage();
      const puppies = await alice.subscribe(hearPuppies);

      await send('hi');
      await app.broadcast(onMessage, { payload: { text: 'to all' } });

      await kittens.expectNext({ onMessage: { text: 'hi' } });
      for (const each of [kittens, puppies]) {
        await each.expectNext({ onMessage: { text: 'to all' } });
        await each.expectSilence();
      }
      await alice.close();
      await expectNoLeaks(app);
    });

    test('what is held has been broadcast, and reaches its group when it is released', async () => {
      const { broker, app, alice, kittens, send } = await stage();
      broker.hold();
      await send('hi');
      await app.broadcast(onMessage, { payload: { text: 'to all' } });
      await send('nobody hears it', 'puppies');

      await kittens.expectSilence();
      expect(broker.held).toMatchObject([
        { kind: 'delivery', field: 'onMessage', group: 'kittens', payload: { text: 'hi' } },
        { kind: 'delivery', field: 'onMessage', payload: { text: 'to all' } },
      ]);
      expect(broker.held[1]?.group).toBeUndefined();
      expect(app.graphqlWs.health.status).toBe('up');

      broker.release();
      await kittens.expectNext({ onMessage: { text: 'hi' } });
      await kittens.expectNext({ onMessage: { text: 'to all' } });
      await send('at once');
      await kittens.expectNext({ onMessage: { text: 'at once' } });
      await alice.close();
      await expectNoLeaks(app);
    });

    test('what is released one by one comes in that order', async () => {
      const { broker, app, alice, kittens, send } = await stage();
      const puppies = await alice.subscribe(hearPuppies);
      const other = await pluginApp({ emitter: broker.peer().emitter });
      broker.hold();
      void send('1');
      void send('2', 'puppies');
      await app.graphqlWs.settled();
      void other.broadcast(onMessage, { group: 'kittens', payload: { text: '3' } });
      const [first, second, third] = await broker.whenHeld(3);

      third.release();
      await kittens.expectNext({ onMessage: { text: '3' } });
      await alice.expectSilence();
      second.release();
      await puppies.expectNext({ onMessage: { text: '2' } });
      await alice.expectSilence();
      first.release();

      await kittens.expectNext({ onMessage: { text: '1' } });
      await alice.close();
    });

    test('what is dropped reaches nobody, and what comes after it is still held', async () => {
      const { broker, alice, kittens, send } = await stage();
      broker.hold();
      await send('lost');
      const [lost] = await broker.whenHeld();

      lost.drop();
      await send('found');

      await kittens.expectSilence();
      broker.release();
      await kittens.expectNext({ onMessage: { text: 'found' } });
      await kittens.expectSilence();
      await alice.close();
    });

    test('who asks for gaps is told that one was dropped', async () => {
      const { broker, alice, send } = await stage();
      const extensions = { groupcast: { v: 1, gaps: true } };
      const kittens = await alice.subscribe(hearKittens, { extensions });
      await send('1');
      broker.hold();
      await send('lost');
      const [lost] = await broker.whenHeld();
      lost.drop();
      broker.release();

      await send('3');

      await kittens.expectNext({ onMessage: { text: '1' } });
      const told = await kittens.next();
      expect(told).toMatchObject({ extensions: { groupcast: { gap: { reason: 'broker' } } } });
      await kittens.expectNext({ onMessage: { text: '3' } });
      await alice.close();
    });

    test('whenHeld() waits for what is yet to be broadcast', async () => {
      const { broker, alice, send } = await stage();
      broker.hold();
      const held = broker.whenHeld(2);
      await send('1');
      setImmediate(() => void send('2'));

      expect((await held).map(({ payload }) => payload)).toEqual([{ text: '1' }, { text: '2' }]);

      await alice.close();
    });

    test('who has left hears nothing of what is released then', async () => {
      const { broker, app, alice, kittens, send } = await stage();
      broker.hold();
      await send('late');
      await alice.close();
      await expectNoLeaks(app);

      broker.release();

      expect(kittens.unread).toBe(0);
      await expectNoLeaks(app);
    });

    test('a delay is over when the timers of the test say so', async () => {
      vi.useFakeTimers();
      const broker = heldBroker();
      const app = await pluginApp({ emitter: broker.emitter, keepAlive: false });
      const alice = await connect(app, { protocol });
      const kittens = await alice.subscribe(hearKittens);
      broker.delay(2_000);
      await app.broadcast(onMessage, { group: 'kittens', payload: { text: 'late' } });

      vi.advanceTimersByTime(1_999);
      await kittens.expectSilence();
      expect(broker.held).toMatchObject([{ payload: { text: 'late' } }]);
      vi.advanceTimersByTime(1);

      await kittens.expectNext({ onMessage: { text: 'late' } });
      expect(broker.held).toEqual([]);
      await alice.close();
    });

    test('what comes after a delay overtakes what is on its way, which can be released or dropped', async () => {
      const { broker, alice, kittens, send } = await stage();
      const puppies = await alice.subscribe(hearPuppies);
      broker.delay(1_000_000);
      await send('slow');
      await send('slower');
      await send('lost');
      broker.delay(0);

      await send('fast', 'puppies');

      await puppies.expectNext({ onMessage: { text: 'fast' } });
      await alice.expectSilence();
      const [, , lost] = await broker.whenHeld(3);
      lost.drop();
      broker.release();
      await kittens.expectNext({ onMessage: { text: 'slow' } });
      await kittens.expectNext({ onMessage: { text: 'slower' } });
      await kittens.expectSilence();
      await alice.close();
    });

    test('a delay runs in real time when timers are real', async () => {
      const { broker, alice, kittens, send } = await stage();
      broker.delay(5);

      await send('hi');

      await kittens.expectNext({ onMessage: { text: 'hi' } });
      await alice.close();
    });

    test('a subscription is live when its held joins are released', async () => {
      const { broker, app, alice, send } = await stage();
      broker.hold('join');
      const subscribing = alice.subscribe(hearPuppies);
      const [join] = await broker.whenHeld();
      expect(join).toMatchObject({ kind: 'join', field: 'onMessage', group: 'puppies' });
      await send('before it is heard', 'puppies');

      broker.release('join');
      const puppies = await subscribing;
      await send('hi', 'puppies');

      await puppies.expectNext({ onMessage: { text: 'hi' } });
      await alice.close();
      await expectNoLeaks(app);
    });

    test('a join that is dropped fails the operation', async () => {
      const { broker, app, alice } = await stage();
      broker.hold('join');
      const puppies = alice.start(hearPuppies);
      const [join] = await broker.whenHeld();

      join.drop();
      broker.release();

      await puppies.expectError(/could not be joined/);
      await alice.close();
      await expectNoLeaks(app);
    });

    test('who leaves, or an app that closes, gives its held joins up', async () => {
      const { broker, app, alice } = await stage();
      broker.hold('join');
      const puppies = alice.start(hearPuppies);
      await broker.whenHeld();

      await alice.close();
      await app.close();

      expect([broker.held, puppies.unread]).toEqual([[], 0]);
    });

    test('joins and deliveries are held and released apart', async () => {
      const { broker, alice, kittens, send } = await stage();
      broker.hold();
      broker.hold('join');
      await send('hi');
      alice.start(hearPuppies);
      await broker.whenHeld(2);

      broker.release('delivery');

      await kittens.expectNext({ onMessage: { text: 'hi' } });
      expect(broker.held.map(({ kind }) => kind)).toEqual(['join']);
      broker.release();
      expect(broker.held).toEqual([]);
      await alice.close();
    });
  });
});

test('names of groups are readable, whatever is in them', async () => {
  const broker = heldBroker();
  const app = await pluginApp({ emitter: broker.emitter, namespace: 'app:1' });
  const alice = await connect(app);
  const groups = ['', 'a:b', '#/+', '😀 é', '~0023', 'g:f'];
  for (const room of groups) {
    const query = 'subscription ($room: String!) { onMessage(room: $room) { text } }';
    await alice.subscribe(query, { variables: { room } });
  }
  broker.hold();

  for (const group of groups) await app.broadcast(onMessage, { group, payload: { text: '' } });

  expect(broker.held.map(({ group }) => group)).toEqual(groups);
  await alice.close();
});

test('the payload is shown as the JSON that crosses processes, and anything else as it came', async () => {
  const broker = heldBroker();
  const { emitter } = broker;
  const heard: unknown[] = [];
  const topic = 'app:g:onMessage:kittens';
  emitter.on(topic, ({ payload }) => heard.push(payload));
  broker.hold();

  for (const payload of ['{"v":1,"payload":{"$date":1}}', '7', 'no JSON', '{}', undefined]) {
    emitter.emit({ topic, payload });
  }
  emitter.emit({ topic: 'of something else', payload: '' });

  const shown = [{ $date: 1 }, '7', 'no JSON', '{}', undefined];
  expect(broker.held.map(({ payload }) => payload)).toEqual(shown);
  expect(heard).toEqual([]);
});

test('the emitter is an MQEmitter: listeners come, go one by one, and are called in their order', async () => {
  for (const emitter of [mqemitter(), heldBroker().emitter] satisfies MQEmitter[]) {
    const heard: string[] = [];
    const first = listenerOf('first', heard);
    const second = listenerOf('second', heard);
    for (const listener of [first, second, first]) await added(emitter, listener);
    await emitted(emitter);
    await new Promise<void>((resolve) => emitter.removeListener('topic', second, resolve));
    await emitted(emitter);
    await new Promise<void>((resolve) => emitter.removeListener('topic', second, resolve));
    emitter.emit({ topic: 'another' });
    emitter.removeListener('another', first);
    expect([...new Set(heard.slice(0, 3))]).toEqual(['first', 'second']);
    expect([...new Set(heard.slice(3))]).toEqual(['first']);
    await new Promise<void>((resolve) => emitter.close(resolve));
  }
});

function listenerOf(name: string, heard: string[]) {
  return (_message: object, done: () => void): void => {
    heard.push(name);
    done();
  };
}

function added(emitter: MQEmitter, listener: ReturnType<typeof listenerOf>): Promise<void> {
  return new Promise((resolve) => emitter.on('topic', listener, resolve));
}

function emitted(emitter: MQEmitter): Promise<void> {
  return new Promise((resolve) => emitter.emit({ topic: 'topic' }, () => resolve()));
}
