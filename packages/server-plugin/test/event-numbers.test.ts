import { readFileSync } from 'node:fs';
import { createBroadcaster } from '@groupcast/fastify';
import { expect, test } from 'vitest';
import { decodeEnvelope, encodeEnvelope } from '../src/broker/envelope.ts';
import { readEvent } from '../src/broker/event.ts';
import { EventNumbers } from '../src/broker/event-numbers.ts';
import { fieldTopic, groupTopic } from '../src/broker/topic.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { otherPublisher } from './support/other-publisher.ts';
import { hear, message, startRooms } from './support/start-rooms.ts';
import { describeBoth } from './support/wires.ts';

const red = groupTopic('groupcast', 'onMessage', 'red');
const blue = groupTopic('groupcast', 'onMessage', 'blue');
const everybody = fieldTopic('groupcast', 'onMessage');

interface Numbered {
  readonly topic: string;
  readonly from: string | undefined;
  readonly n: number | undefined;
}

/** What is published on an emitter from now on. */
function published(emitter: HeldEmitter): Numbered[] {
  const seen: Numbered[] = [];
  for (const topic of [red, blue, everybody]) {
    emitter.on(topic, (sent, done) => {
      const { origin } = decodeEnvelope(String(sent['payload']));
      seen.push({ topic, from: origin?.from, n: origin?.n });
      done();
    });
  }
  return seen;
}

describeBoth('the numbers of events', (wire) => {
  test('P11 each group counts for itself, in the order of the calls', async () => {
    const emitter = new HeldEmitter();
    const { app, onMessage } = await startRooms(wire, {}, { emitter });
    const seen = published(emitter);

    const payload = { text: 'hi' };
    const sent = [
      app.broadcast(onMessage, { group: 'red', payload }),
      app.broadcast(onMessage, { group: 'blue', payload }),
      app.broadcast(onMessage, { group: 'red', payload }),
      app.broadcast(onMessage, { payload }),
      app.broadcast(onMessage, { group: 'red', payload }),
    ];
    await Promise.all(sent);

    expect(seen.map(({ topic, n }) => [topic, n])).toEqual([
      [red, 1],
      [blue, 1],
      [red, 2],
      [everybody, 1],
      [red, 3],
    ]);
    expect(new Set(seen.map(({ from }) => from)).size).toBe(1);
  });

  test('P11 a broadcast that is refused takes no number', async () => {
    const emitter = new HeldEmitter();
    const limits = { pendingBroadcasts: 1 };
    const { app, onMessage } = await startRooms(wire, {}, { emitter, limits });
    const seen = published(emitter);
    const send = (payload: unknown) => app.broadcast('onMessage', { group: 'red', payload });

    await send({ text: '1' });
    await expect(send(() => 'no payload')).rejects.toThrow('payload');
    await expect(app.broadcast('onMesage', { payload: 1 })).rejects.toThrow('did you mean');
    emitter.hold('emit');
    const held = send({ text: '2' });
    await expect(send({ text: 'one too many' })).rejects.toThrow('1');
    emitter.release('emit');
    await held;
    await app.broadcast(onMessage, { group: 'red', payload: { text: '3' } });

    expect(seen.map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  test('P11 every process has an id of its own, those without Fastify too', async () => {
    const emitter = new HeldEmitter();
    const [one, two] = [
      await startRooms(wire, {}, { emitter }),
      await startRooms(wire, {}, { emitter }),
    ];
    const { onMessage } = one;
    const worker = createBroadcaster({ emitter, subscriptions: { onMessage } });
    const seen = published(emitter);

    const event = { group: 'red', payload: { text: 'hi' } };
    await one.app.broadcast(onMessage, event);
    await two.app.broadcast(two.onMessage, event);
    await worker.broadcast(onMessage, event);
    await worker.close();

    expect(seen.map(({ n }) => n)).toEqual([1, 1, 1]);
    expect(new Set(seen.map(({ from }) => from)).size).toBe(3);
  });

  test('P6 what a subscriber of one app broadcasts reaches another app after what set it off', async () => {
    const emitter = new HeldEmitter();
    const echoing = await startRooms(
      wire,
      {
        publish: (payload) => {
          if (payload.text === 'first') void say('second');
          return payload;
        },
      },
      { emitter },
    );
    const say = (text: string) =>
      echoing.app.broadcast(echoing.onMessage, { group: 'red', payload: { text } });
    const other = await startRooms(wire, {}, { emitter });
    const operations = [
      await hear(await echoing.connect(), 'red'),
      await hear(await other.connect(), 'red'),
    ];

    await say('first');
    await say('third');

    for (const each of operations) {
      for (const text of ['first', 'second', 'third']) await each.expectNext(message(text));
      await each.expectSilence();
    }
    expect(other.app.graphqlWs.stats()).toMatchObject({ lost: 0, duplicates: 0 });
  });

  test('P11 who does not number its events is heard all the same, and never told to have lost any', async () => {
    const emitter = new HeldEmitter();
    const { app, connect } = await startRooms(wire, {}, { emitter });
    const messages = await hear(await connect(), 'red');
    const foreign = otherPublisher(emitter, 'not used');

    await foreign.says('{"v":1,"payload":{"text":"hi"}}');
    await foreign.says('{"payload":{"text":"hi"},"v":1,"trace":"abc"}');

    await messages.expectNext(message('hi'));
    await messages.expectNext(message('hi'));
    expect(app.graphqlWs.stats()).toMatchObject({ lost: 0, duplicates: 0 });
  });

  test('X2 a number of the wrong type makes the message unreadable, and the next one is heard', async () => {
    const emitter = new HeldEmitter();
    const { connect, log } = await startRooms(wire, {}, { emitter });
    const messages = await hear(await connect(), 'red');
    const foreign = otherPublisher(emitter, 'a');

    await foreign.says('{"v":1,"from":"a","n":"1","payload":{"text":"hi"}}');
    await foreign.arrives(1, 'readable');

    await messages.expectNext(message('readable'));
    expect(log.filter(({ level }) => level === 'warn')).toMatchObject([
      { details: { err: { code: 'GROUPCAST_ERR_MESSAGE_UNREADABLE' } } },
    ]);
  });
});

test('an envelope carries whose event it is and its number', () => {
  const origin = { from: 'a"b', n: 7 };
  const text = encodeEnvelope('{"a":1}', origin);

  expect(JSON.parse(text)).toEqual({ v: 1, from: 'a"b', n: 7, payload: { a: 1 } });
  expect(decodeEnvelope(text)).toEqual({ payload: { a: 1 }, origin });
  const longest = { from: 'x'.repeat(64), n: Number.MAX_SAFE_INTEGER };
  expect(decodeEnvelope(encodeEnvelope('1', longest)).origin).toEqual(longest);
});

test('the message that docs/broker-envelope.md shows is one, and its topics are topics', () => {
  const document = readFileSync(
    new URL('../../../docs/broker-envelope.md', import.meta.url),
    'utf8',
  );
  const [, shown = ''] = /```json\n(.*)\n```/.exec(document) ?? [];

  const event = readEvent(red, shown);

  expect(event.origin).toEqual({ from: 'rS0iT4m0ZxKb', n: 7 });
  expect(event.payload()).toEqual({ text: 'hi', at: new Date('2030-01-31T12:00:00.000Z') });
  for (const group of ['room#1', '']) {
    expect(document).toContain(`\`${groupTopic('groupcast', 'onMessage', group)}\``);
  }
});

test.each([
  '"from":"a"',
  '"n":1',
  '"from":"","n":1',
  `"from":"${'x'.repeat(65)}","n":1`,
  '"from":1,"n":1',
  '"from":null,"n":null',
  '"from":"a","n":"1"',
  '"from":"a","n":0',
  '"from":"a","n":-1',
  '"from":"a","n":1.5',
  '"from":"a","n":9007199254740992',
  '"from":"a","n":1e400',
])('an envelope with %s is unreadable', (keys) => {
  expect(() => decodeEnvelope(`{"v":1,${keys},"payload":1}`)).toThrow(
    expect.objectContaining({ code: 'GROUPCAST_ERR_MESSAGE_UNREADABLE' }),
  );
});

test('a publisher that counts for too many topics begins anew under another id', () => {
  const numbers = new EventNumbers(2);
  const first = numbers.next(red);

  expect(numbers.next(blue)).toEqual({ from: first.from, n: 1 });
  expect(numbers.next(red)).toEqual({ from: first.from, n: 2 });
  const afresh = numbers.next(everybody);
  expect(afresh.n).toBe(1);
  expect(afresh.from).not.toBe(first.from);
  expect(numbers.next(red)).toEqual({ from: afresh.from, n: 1 });
  expect(numbers.next(red)).toEqual({ from: afresh.from, n: 2 });
});
