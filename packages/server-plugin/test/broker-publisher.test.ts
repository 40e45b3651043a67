import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BroadcastEvent } from '../src/broker/event.ts';
import { readEvent } from '../src/broker/event.ts';
import { MqemitterBroker } from '../src/broker/mqemitter-broker.ts';
import { Publisher, type PublisherOptions } from '../src/broker/publisher.ts';
import { fieldTopic, groupTopic } from '../src/broker/topic.ts';
import { HeldEmitter } from './support/held-emitter.ts';
import { RecordedLog } from './support/recorded-log.ts';

const red = groupTopic('app', 'onMessage', 'red');
const everybody = fieldTopic('app', 'onMessage');

interface Setup {
  readonly emitter: HeldEmitter;
  readonly broker: MqemitterBroker;
  readonly publisher: Publisher;
  readonly log: RecordedLog;
  readonly events: BroadcastEvent[];
}

async function setUp(
  limits: Partial<Pick<PublisherOptions, 'timeoutMs' | 'pendingLimit' | 'tooManyUnheard'>> = {},
): Promise<Setup> {
  const emitter = new HeldEmitter();
  const log = new RecordedLog();
  const events: BroadcastEvent[] = [];
  const broker = new MqemitterBroker({
    emitter,
    ownsEmitter: true,
    log: new RecordedLog(),
    onMessage: (topic, text) => events.push(readEvent(topic, text)),
  });
  const publisher = new Publisher({ broker, namespace: 'app', log, ...limits });
  await Promise.all([broker.join(red), broker.join(everybody)]);
  return { emitter, broker, publisher, log, events };
}

test('S2 an event with a group goes to its topic, one without to that of the field', async () => {
  const { events, publisher } = await setUp();

  await publisher.publish('onMessage', 'red', { to: 'red' });
  await publisher.publish('onMessage', undefined, { to: 'all' });
  await publisher.publish('onMessage', '', { to: 'the group without a name' });
  await publisher.publish('onPrice', 'red', { to: 'nobody here' });

  expect(events.map((event) => [event.topic, event.payload()])).toEqual([
    [red, { to: 'red' }],
    [everybody, { to: 'all' }],
  ]);
});

test('the payload is encoded within the call: later changes don’t matter', async () => {
  const { emitter, events, publisher } = await setUp();
  emitter.hold('emit');
  const row = { text: 'before', at: new Date(0) };

  const published = publisher.publish('onMessage', 'red', row);
  row.text = 'after';
  row.at.setTime(5);
  emitter.release('emit');
  await published;

  expect(events[0]?.payload()).toEqual({ text: 'before', at: new Date(0) });
});

test('P6 events leave in the order of the calls, awaited or not', async () => {
  const { events, publisher } = await setUp();

  void publisher.publish('onMessage', 'red', 'x'.repeat(100_000));
  void publisher.publish('onMessage', undefined, new Map([[1, 2]]));
  await publisher.publish('onMessage', 'red', 3);

  expect(events.map((event) => event.topic)).toEqual([red, everybody, red]);
});

test('P6 a receiver that answers each event with another one meets the limit', async () => {
  const log = new RecordedLog();
  let received = 0;
  const broker = new MqemitterBroker({
    emitter: new HeldEmitter(),
    ownsEmitter: true,
    log,
    onMessage: () => {
      received += 1;
      void publisher.publish('onMessage', 'red', 'again');
    },
  });
  const publisher = new Publisher({ broker, namespace: 'app', log, pendingLimit: 100 });
  await broker.join(red);

  await publisher.publish('onMessage', 'red', 'first');
  await broker.close(1_000);

  expect(received).toBeGreaterThanOrEqual(100);
  expect(log.messages('error')[0]).toBe('A broadcast failed');
  expect(publisher.pending).toBe(0);
});

describe('P7 a broadcast that fails rejects with a code, and is logged once', () => {
  test('the payload can’t be encoded', async () => {
    const { emitter, log, publisher } = await setUp();
    const callsBefore = emitter.calls.length;

    const published = publisher.publish('onMessage', 'red', { run: () => 1 });

    await expect(published).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_PAYLOAD_INVALID',
      message: 'Cannot broadcast: payload.run is a function',
    });
    expect(emitter.calls).toHaveLength(callsBefore);
    expect(log.lines).toMatchObject([
      {
        level: 'error',
        message: 'A broadcast failed',
        details: { field: 'onMessage', group: 'red', err: { name: 'FastifyError' } },
      },
    ]);
  });

  test('the broker is down', async () => {
    const { emitter, log, publisher } = await setUp();
    emitter.fail('emit', new Error('connection lost'));

    const published = publisher.publish('onMessage', 'red', 1);

    await expect(published).rejects.toMatchObject({ code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE' });
    expect(log.messages('error')).toEqual(['A broadcast failed']);
  });

  test('too many wait: the one too many is not sent, and there is room again afterwards', async () => {
    const { emitter, log, publisher, events } = await setUp({ pendingLimit: 2 });
    emitter.hold('emit');
    const first = publisher.publish('onMessage', 'red', 1);
    const second = publisher.publish('onMessage', 'red', 2);

    const third = publisher.publish('onMessage', 'red', 3);

    await expect(third).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_TOO_MANY_BROADCASTS',
      message: 'Cannot broadcast: 2 broadcasts wait for the broker already',
    });
    expect(publisher.pending).toBe(2);
    emitter.release('emit');
    await Promise.all([first, second]);
    await publisher.publish('onMessage', 'red', 4);
    expect(events.map((event) => event.payload())).toEqual([1, 2, 4]);
    expect(log.messages('error')).toHaveLength(1);
  });

  test('too many wait to be heard in this process: the error says so, and how many', async () => {
    let unheard = 3;
    const { events, publisher } = await setUp({ tooManyUnheard: () => unheard });

    await expect(publisher.publish('onMessage', 'red', 1)).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_TOO_MANY_BROADCASTS',
      message: 'Cannot broadcast: 3 broadcasts wait to be heard in this process already',
    });

    unheard = 0;
    await publisher.publish('onMessage', 'red', 2);
    expect(events.map((event) => event.payload())).toEqual([2]);
  });

  test('it is closed; what is under way goes on', async () => {
    const { emitter, publisher } = await setUp();
    emitter.hold('emit');
    const underWay = publisher.publish('onMessage', 'red', 1);

    publisher.close();
    publisher.close();

    await expect(publisher.publish('onMessage', 'red', 2)).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_BROADCASTER_CLOSED',
    });
    emitter.release('emit');
    await expect(underWay).resolves.toEqual({});
  });
});

test('P7 a forgotten await is no unhandled rejection', async () => {
  const { emitter, log, publisher } = await setUp();
  const unhandled: unknown[] = [];
  const listener = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', listener);

  emitter.fail('emit', new Error('connection lost'));
  void publisher.publish('onMessage', 'red', 1);
  void publisher.publish('onMessage', 'red', Symbol('a'));
  publisher.close();
  void publisher.publish('onMessage', 'red', 1);
  // Unhandled rejections are reported before the next turn of the event loop.
  await nextTurn();

  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
  expect(log.messages('error')).toHaveLength(3);
});

describe('P7 a broker that never answers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test('each broadcast is rejected after its own time, with one timer for all', async () => {
    const { emitter, log, publisher } = await setUp({ timeoutMs: 5_000 });
    emitter.hold('emit');
    const outcomes: string[] = [];
    const publish = (name: string): void => {
      publisher.publish('onMessage', 'red', name).then(
        () => outcomes.push(`${name} taken`),
        (error: { code: string; message: string }) => outcomes.push(`${name} ${error.message}`),
      );
    };

    publish('first');
    publish('second');
    await vi.advanceTimersByTimeAsync(3_000);
    publish('third');
    expect(vi.getTimerCount()).toBe(1);
    emitter.releaseNext('emit');
    await vi.advanceTimersByTimeAsync(2_000);
    const late =
      'Cannot broadcast: the broker did not take the event within 5000 ms; it may still be delivered';
    expect(outcomes).toEqual(['first taken', `second ${late}`]);
    expect(publisher.pending).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);

    expect(outcomes).toEqual(['first taken', `second ${late}`, `third ${late}`]);
    expect(publisher.pending).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    emitter.release('emit');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(outcomes).toHaveLength(3);
    expect(log.messages('error')).toHaveLength(2);
  });

  test('the error has a code', async () => {
    const { emitter, publisher } = await setUp({ timeoutMs: 100 });
    emitter.fail('emit', new Error('never seen'), { way: 'silence' });

    const published = publisher.publish('onMessage', 'red', 1);
    await vi.advanceTimersByTimeAsync(100);

    await expect(published).rejects.toMatchObject({ code: 'GROUPCAST_ERR_BROADCAST_TIMEOUT' });
  });

  test('no timer runs while nothing waits', async () => {
    const { publisher } = await setUp();

    await publisher.publish('onMessage', 'red', 1);

    expect(vi.getTimerCount()).toBe(0);
  });
});
