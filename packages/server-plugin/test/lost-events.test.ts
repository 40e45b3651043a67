import type { TestConnection, TestOperation } from '@groupcast/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { askForGaps, brokerGap, lostGap, queueGap } from './support/gap.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { otherPublisher } from './support/other-publisher.ts';
import { message, startRooms } from './support/start-rooms.ts';
import { startSlow } from './support/start-slow.ts';
import { describeBoth, type Wire } from './support/wires.ts';

const hearRed = 'subscription { onMessage(rooms: ["red"]) { text } }';

function hearAsking(client: TestConnection): Promise<TestOperation> {
  return client.subscribe(hearRed, { extensions: askForGaps });
}

/** An app with a subscriber that asked for gaps, and a publisher elsewhere. */
async function oneListening(wire: Wire, definition: Parameters<typeof startRooms>[1] = {}) {
  const emitter = new HeldEmitter();
  const rooms = await startRooms(wire, definition, { emitter });
  const client = await rooms.connect();
  return {
    ...rooms,
    emitter,
    client,
    messages: await hearAsking(client),
    ann: otherPublisher(emitter, 'ann'),
    warnings: () => rooms.log.filter(({ level }) => level === 'warn').map((line) => line.details),
  };
}

/** A subscriber that asked for gaps and is slow, and a publisher elsewhere. */
async function oneSlow(wire: Wire, definition: Parameters<typeof startRooms>[1] = {}) {
  const emitter = new HeldEmitter();
  const slow = await startSlow(wire, {
    definition,
    options: { emitter },
    extensions: askForGaps,
  });
  return { ...slow, emitter, ann: otherPublisher(emitter, 'ann') };
}

describeBoth('events that are lost on their way', (wire) => {
  test('P11 who asked is told how many, before the next notification; nobody else is', async () => {
    const { app, client, connect, emitter, messages, onMessage } = await oneListening(wire);
    const others = [await client.subscribe(hearRed), await (await connect()).subscribe(hearRed)];
    const send = (text: string) => app.broadcast(onMessage, { group: 'red', payload: { text } });

    await send('before');
    emitter.lose(3);
    for (const text of ['a', 'b', 'c']) await send(text);
    await send('after');

    await messages.expectNext(message('before'));
    await messages.expectResult(lostGap(3));
    await messages.expectNext(message('after'));
    for (const each of others) {
      await each.expectNext(message('before'));
      await each.expectNext(message('after'));
    }
    for (const each of [messages, ...others]) await each.expectSilence();
  });

  test('P11 each is counted once, however many would have heard it, and logged with its group', async () => {
    const { ann, app, client, messages, warnings } = await oneListening(wire);
    await hearAsking(client);
    await ann.arrives(1);
    await ann.arrives(4);

    await messages.expectNext(message('1'));
    await messages.expectResult(lostGap(2));
    expect(app.graphqlWs.stats()).toMatchObject({ lost: 2, dropped: 0, duplicates: 0 });
    expect(warnings()).toEqual([{ topic: 'groupcast:g:onMessage:red', publisher: 'ann', lost: 2 }]);
  });

  test('P11 of each publisher the first event shows nothing but where it is', async () => {
    const { ann, app, emitter, messages } = await oneListening(wire);
    const bob = otherPublisher(emitter, 'bob');
    await ann.arrives(7);
    await bob.arrives(3);
    await ann.arrives(8);
    await bob.arrives(5);

    for (const text of ['7', '3', '8']) await messages.expectNext(message(text));
    await messages.expectResult(lostGap(1));
    await messages.expectNext(message('5'));
    await messages.expectSilence();
    expect(app.graphqlWs.stats().lost).toBe(1);
  });

  test('P4 an event that comes twice is heard once', async () => {
    const { ann, app, messages } = await oneListening(wire);
    for (const n of [1, 2, 2, 1, 3]) await ann.arrives(n);

    for (const text of ['1', '2', '3']) await messages.expectNext(message(text));
    await messages.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ lost: 0, duplicates: 2 });
  });

  test('P4 an event that a later one has overtaken was told as lost, and is not heard out of order', async () => {
    const { ann, app, messages } = await oneListening(wire);
    for (const n of [1, 3, 2, 4]) await ann.arrives(n);

    await messages.expectNext(message('1'));
    await messages.expectResult(lostGap(1));
    await messages.expectNext(message('3'));
    await messages.expectNext(message('4'));
    await messages.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ lost: 1, duplicates: 1 });
  });

  test('P11 what is sent while nobody is there is lost for nobody', async () => {
    const { ann, app, client, messages } = await oneListening(wire);
    await ann.arrives(1);
    await messages.expectNext(message('1'));
    messages.stop();
    await client.fence();
    await app.graphqlWs.settled();
    await ann.arrives(2);

    const again = await hearAsking(client);
    await ann.arrives(9);
    await ann.arrives(10);

    await again.expectNext(message('9'));
    await again.expectNext(message('10'));
    await again.expectSilence();
    expect(app.graphqlWs.stats().lost).toBe(0);
  });

  test('P11 a message that cannot be read is lost, and is told', async () => {
    const { ann, messages } = await oneListening(wire);
    await ann.arrives(1);
    await ann.says('{"v":1,"from":"ann","n":2,"payload":{"$what":1}}');
    await ann.arrives(3);

    await messages.expectNext(message('1'));
    await messages.expectResult(lostGap(1));
    await messages.expectNext(message('3'));
  });

  test('P11 it is told although what revealed it is filtered out, or fails', async () => {
    const { ann, messages } = await oneListening(wire, {
      filter: ({ text }) => {
        if (text === '5') throw new Error('unknown rights');
        return text !== '3';
      },
    });
    for (const n of [1, 3, 5, 6]) await ann.arrives(n);

    await messages.expectNext(message('1'));
    await messages.expectResult(lostGap(1));
    await messages.expectResult(lostGap(1));
    await messages.expectNext(message('6'));
    await messages.expectSilence();
  });

  test('P11 a subscriber of several groups is told of each', async () => {
    const { app, client, emitter, onMessage } = await oneListening(wire);
    const both = await client.subscribe(
      'subscription { onMessage(rooms: ["red", "blue"]) { text } }',
      {
        extensions: askForGaps,
      },
    );
    const send = (group: string, text: string) =>
      app.broadcast(onMessage, { group, payload: { text } });
    for (const group of ['red', 'blue']) await send(group, 'first');
    emitter.lose(2);
    for (const group of ['red', 'blue']) await send(group, 'lost');
    for (const group of ['red', 'blue']) await send(group, group);

    await both.expectNext(message('first'));
    await both.expectNext(message('first'));
    for (const group of ['red', 'blue']) {
      await both.expectResult(lostGap(1));
      await both.expectNext(message(group));
    }
  });
});

describeBoth('losses and a slow subscriber', (wire) => {
  test('P11 the notice stands in its queue right before what revealed the loss', async () => {
    const { ann, hold, messages, release } = await oneSlow(wire);
    await ann.arrives(1);
    await hold();
    await ann.arrives(2);
    await ann.arrives(4);
    await ann.arrives(5);
    release();

    await messages.expectNext(message('1'));
    await messages.expectNext(message('held'));
    await messages.expectNext(message('2'));
    await messages.expectResult(lostGap(1));
    await messages.expectNext(message('4'));
    await messages.expectNext(message('5'));
    await messages.expectSilence();
  });

  test('P11 of several the first and the last keep their places, the last counts those between', async () => {
    const { ann, hold, messages, release } = await oneSlow(wire);
    await ann.arrives(1);
    await hold();
    for (const n of [3, 6, 10, 11]) await ann.arrives(n);
    release();

    await messages.expectNext(message('1'));
    await messages.expectNext(message('held'));
    await messages.expectResult(lostGap(1));
    await messages.expectNext(message('3'));
    await messages.expectNext(message('6'));
    await messages.expectResult(lostGap(5));
    await messages.expectNext(message('10'));
    await messages.expectNext(message('11'));
    await messages.expectSilence();
  });

  test.each([
    [2, [queueGap(1), message('2'), lostGap(1), message('4')]],
    [1, [lostGap(1), message('4')]],
  ])(
    'P11 with a queue limit of %i it keeps its place while others are dropped',
    async (queueLimit, expected) => {
      const { ann, hold, messages, release } = await oneSlow(wire, { queueLimit });
      await hold();
      for (const n of [1, 2, 4]) await ann.arrives(n);
      release();

      await messages.expectNext(message('held'));
      for (const each of expected) {
        if ('onMessage' in each) await messages.expectNext(each);
        else await messages.expectResult(each);
      }
      await messages.expectSilence();
    },
  );

  test('P11 a loss where an outage is told anyway is part of it', async () => {
    const { ann, app, emitter, hold, messages, onMessage, release } = await oneSlow(wire);
    const bob = otherPublisher(emitter, 'bob');
    await ann.arrives(1);
    await hold();
    emitter.fail('emit', new Error('connection lost'), { times: 1 });
    await expect(app.broadcast(onMessage, { payload: { text: '' } })).rejects.toThrow();
    await app.broadcast(onMessage, { group: 'elsewhere', payload: { text: '' } });
    await ann.arrives(3);
    await bob.arrives(1);
    await bob.arrives(3);
    release();

    await messages.expectNext(message('1'));
    await messages.expectNext(message('held'));
    await messages.expectResult(brokerGap);
    await messages.expectNext(message('3'));
    await messages.expectNext(message('1'));
    await messages.expectResult(lostGap(1));
    await messages.expectNext(message('3'));
    await messages.expectSilence();
  });
});

describeBoth('losses and outages of the broker', (wire) => {
  /** The broker fails for one event, and works again. */
  async function outage({ app, emitter, onMessage }: Awaited<ReturnType<typeof oneListening>>) {
    emitter.fail('emit', new Error('connection lost'), { times: 1 });
    await expect(app.broadcast(onMessage, { payload: { text: '' } })).rejects.toThrow();
    await app.broadcast(onMessage, { group: 'elsewhere', payload: { text: '' } });
  }

  test('P10 what was lost in an outage is told by its notice, and counted', async () => {
    const scene = await oneListening(wire);
    const { ann, app, messages, warnings } = scene;
    await ann.arrives(1);
    await messages.expectNext(message('1'));

    await outage(scene);
    await messages.expectResult(brokerGap);
    await ann.arrives(5);

    await messages.expectNext(message('5'));
    await messages.expectSilence();
    expect(app.graphqlWs.stats().lost).toBe(3);
    expect(warnings()).toContainEqual(expect.objectContaining({ lost: 3 }));
  });

  test('P11 what is lost later is told again, by the same publisher too', async () => {
    const scene = await oneListening(wire);
    const { ann, emitter, messages } = scene;
    const bob = otherPublisher(emitter, 'bob');
    await ann.arrives(1);
    await messages.expectNext(message('1'));

    await outage(scene);
    await messages.expectResult(brokerGap);
    for (const n of [4, 6]) await ann.arrives(n);
    for (const n of [2, 4]) await bob.arrives(n);

    await messages.expectNext(message('4'));
    await messages.expectResult(lostGap(1));
    await messages.expectNext(message('6'));
    await messages.expectNext(message('2'));
    await messages.expectResult(lostGap(1));
    await messages.expectNext(message('4'));
    await messages.expectSilence();
  });
});

describe('the log of losses', () => {
  const memory: Wire = { protocol: 'graphql-transport-ws', transport: 'memory' };

  test('a storm makes a line at once and one for each second, with sums', async () => {
    const { ann, emitter, messages, client, warnings, app, onMessage } = await oneListening(memory);
    await client.subscribe('subscription { onMessage(rooms: ["blue"]) { text } }');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const red = 'groupcast:g:onMessage:red';
    const blue = { group: 'blue', payload: { text: 'x' } };

    for (let n = 1; n < 200; n += 2) await ann.arrives(n);
    await app.broadcast(onMessage, blue);
    emitter.lose(1);
    await app.broadcast(onMessage, blue);
    await app.broadcast(onMessage, blue);
    expect(warnings()).toEqual([{ topic: red, publisher: 'ann', lost: 1 }]);

    vi.advanceTimersByTime(1_000);
    expect(warnings().slice(1)).toMatchObject([
      { lost: 99, groups: [{ topic: red, lost: 98 }, { lost: 1 }] },
    ]);
    await ann.arrives(300);
    expect(warnings()).toHaveLength(2);
    vi.advanceTimersByTime(1_000);
    expect(warnings().slice(2)).toEqual([{ topic: red, publisher: 'ann', lost: 100 }]);
    vi.advanceTimersByTime(1_000);
    await ann.arrives(302);
    expect(warnings().slice(3)).toEqual([{ topic: red, publisher: 'ann', lost: 1 }]);
    await messages.expectNext(message('1'));
  });

  test('what is not logged yet is logged when the app closes', async () => {
    const { ann, app, warnings } = await oneListening(memory);
    for (const n of [1, 3, 6]) await ann.arrives(n);
    expect(warnings()).toHaveLength(1);

    await app.close();

    expect(warnings()).toContainEqual(expect.objectContaining({ publisher: 'ann', lost: 2 }));
  });
});
