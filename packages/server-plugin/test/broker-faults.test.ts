import mqemitter from 'mqemitter';
import { describe, expect, test, vi } from 'vitest';
import type { BrokerHealth, Published } from '../src/broker/broker.ts';
import { MqemitterBroker } from '../src/broker/mqemitter-broker.ts';
import { groupTopic, type Topic } from '../src/broker/topic.ts';
import { type EmitterCall, HeldEmitter } from './support/held-emitter.ts';
import { RecordedLog } from './support/recorded-log.ts';

const topic = groupTopic('groupcast', 'onMessage', 'red');
const otherTopic = groupTopic('groupcast', 'onMessage', 'blue');
const cause = new Error('connection lost');

interface Setup {
  readonly emitter: HeldEmitter;
  readonly broker: MqemitterBroker;
  readonly log: RecordedLog;
  readonly texts: string[];
}

function setUp({ ownsEmitter = true }: { ownsEmitter?: boolean } = {}): Setup {
  const emitter = new HeldEmitter();
  const log = new RecordedLog();
  const texts: string[] = [];
  const broker = new MqemitterBroker({
    emitter,
    ownsEmitter,
    log,
    onMessage: (_topic, text) => texts.push(text),
  });
  return { emitter, broker, log, texts };
}

/** Publishes, whether the broker answers within the call or later. */
async function publish(broker: MqemitterBroker, to: Topic, text: string): Promise<Published> {
  return broker.publish(to, text);
}

function emit(emitter: HeldEmitter, message: { topic: string; payload?: unknown }): Promise<void> {
  return new Promise((resolve) => emitter.emit(message, () => resolve()));
}

describe('P7 an emitter that fails rejects the call, with a code and the cause', () => {
  const calls: [EmitterCall, string, (broker: MqemitterBroker) => Promise<unknown>][] = [
    ['emit', 'broadcast', (broker) => publish(broker, topic, 'hi')],
    ['on', 'join a group', (broker) => broker.join(otherTopic)],
    ['removeListener', 'leave a group', (broker) => broker.leave(topic)],
  ];

  for (const [call, action, act] of calls) {
    for (const way of ['callback', 'throw'] as const) {
      test(`${call}() fails by ${way}`, async () => {
        const { broker, emitter } = setUp();
        await broker.join(topic);
        emitter.fail(call, cause, { way });

        await expect(act(broker)).rejects.toMatchObject({
          code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
          message: `Cannot ${action}: the broker failed: connection lost`,
          cause,
        });
      });
    }
  }
});

test('a call never throws synchronously, and is rejected when the emitter is closed', async () => {
  const emitter = mqemitter();
  const broker = new MqemitterBroker({
    emitter,
    ownsEmitter: false,
    log: new RecordedLog(),
    onMessage: () => {},
  });
  await new Promise<void>((resolve) => emitter.close(resolve));

  await expect(publish(broker, topic, 'hi')).rejects.toMatchObject({
    code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
  });
});

test('E1 join() resolves on the true acknowledgement, not before', async () => {
  const { broker, emitter } = setUp();
  emitter.hold('on', 'acknowledgement');
  const order: string[] = [];

  const joined = broker.join(topic).then(() => order.push('joined'));
  await emitter.whenHeld('on');
  await publish(broker, otherTopic, 'meanwhile');
  order.push('acknowledged');
  emitter.release('on');
  await joined;

  expect(order).toEqual(['acknowledged', 'joined']);
});

test('emit() is called within publish()', () => {
  const { broker, emitter } = setUp();

  void publish(broker, topic, '1');
  void publish(broker, otherTopic, '2');

  expect(emitter.calls).toEqual([`emit ${topic}`, `emit ${otherTopic}`]);
});

test('after a refused join nothing arrives, also when the emitter has taken the listener', async () => {
  const { broker, emitter, texts } = setUp();
  emitter.hold('on', 'acknowledgement');
  const refused = expect(broker.join(topic)).rejects.toMatchObject({ cause });
  await emitter.whenHeld('on');

  await publish(broker, topic, 'heard');
  emitter.releaseNext('on', cause);
  await refused;
  await publish(broker, topic, 'not heard');

  expect(texts).toEqual(['heard']);
  expect(broker.listenerCount).toBe(1);
  await broker.leave(topic);
  expect([broker.listenerCount, emitter.listenerCount]).toEqual([0, 0]);
});

test('nothing arrives from the call of close() on', async () => {
  const { broker, emitter, texts } = setUp({ ownsEmitter: false });
  await broker.join(topic);

  const closed = broker.close(1_000);
  await emit(emitter, { topic, payload: 'not heard' });
  await closed;

  expect(texts).toEqual([]);
});

test('a topic whose join was refused can be left, and joined again', async () => {
  const { broker, emitter, texts } = setUp();
  emitter.fail('on', cause, { times: 1 });
  await expect(broker.join(topic)).rejects.toThrow('connection lost');

  await publish(broker, topic, 'lost');
  await broker.leave(topic);
  await broker.join(topic);
  await publish(broker, topic, 'heard');

  expect(texts).toEqual(['heard']);
  expect(broker.listenerCount).toBe(1);
});

describe('health', () => {
  test('it is degraded from a failure on, up from the next success on, and tells listeners once', async () => {
    const { broker, emitter, log } = setUp();
    const changes: BrokerHealth[] = [];
    const stopListening = broker.onHealth((health) => changes.push(health));
    const before = broker.health;
    emitter.fail('emit', cause, { times: 2 });

    await publish(broker, topic, '1').catch(() => {});
    const degraded = broker.health;
    await publish(broker, topic, '2').catch(() => {});
    await publish(broker, topic, '3');
    const up = broker.health;
    stopListening();
    emitter.fail('emit', cause);
    await publish(broker, topic, '4').catch(() => {});

    expect(before).toEqual({ status: 'up', since: expect.any(Date) });
    expect(degraded).toMatchObject({ status: 'degraded', lastError: { cause } });
    expect(up).toMatchObject({ status: 'up', lastError: { cause } });
    expect(changes.map(({ status }) => status)).toEqual(['degraded', 'up']);
    expect(log.messages('warn')).toEqual([
      'The broker is degraded',
      'The broker is up again',
      'The broker is degraded',
    ]);
  });

  test('errors of the emitter’s connections degrade it, and end no process', () => {
    const { broker, emitter } = setUp();

    emitter.state.emit('error', cause);
    emitter.state.emit('error', 'text');

    expect(broker.health).toMatchObject({ status: 'degraded', lastError: { message: 'text' } });
  });

  test('P10 after an error of the emitter’s own it asks whether messages come, until they do', async () => {
    const { broker, emitter } = setUp();
    emitter.fail('on', cause, { times: 1 });
    const settled = (): Promise<void> =>
      vi.waitFor(() => expect([broker.listenerCount, emitter.listenerCount]).toEqual([0, 0]));

    emitter.state.emit('error', cause);
    await settled();
    expect(broker.health.status).toBe('degraded');
    emitter.state.emit('error', cause);
    await settled();

    expect(broker.health.status).toBe('up');
  });

  test('P10 leaving does not make it up again: it shows nothing of messages that come', async () => {
    const { broker, emitter } = setUp();
    await broker.join(topic);
    emitter.fail('emit', cause, { times: 1 });
    await publish(broker, topic, 'lost').catch(() => {});

    await broker.leave(topic);
    expect(broker.health.status).toBe('degraded');
    await broker.join(topic);

    expect(broker.health.status).toBe('up');
  });

  test('a listener that throws is logged, and the others are told', async () => {
    const { broker, emitter, log } = setUp();
    const told: string[] = [];
    broker.onHealth(() => {
      throw new Error('boom');
    });
    broker.onHealth(({ status }) => told.push(status));

    emitter.state.emit('error', cause);

    expect(told).toEqual(['degraded']);
    expect(log.messages('error')).toEqual(['A listener of the broker health threw']);
  });
});

test('foreign messages on a topic of ours are logged and dropped', async () => {
  const { broker, emitter, log, texts } = setUp();
  await broker.join(topic);

  for (const payload of [undefined, null, 5, { v: 1 }, Buffer.from('hi'), ['hi']]) {
    await emit(emitter, { topic, payload });
  }
  await emit(emitter, { topic });
  await emit(emitter, { topic, payload: 'hi' });

  expect(texts).toEqual(['hi']);
  // Who can publish can't fill the log: further ones are counted in the next line.
  expect(log.messages('warn')).toEqual(['Foreign messages on topics of ours were dropped']);
});

test('a message of another topic is dropped, should an emitter bring it', async () => {
  const { broker, emitter, log, texts } = setUp();
  const bring: ((message: { topic: string; payload: string }, done: () => void) => void)[] = [];
  const on = emitter.on.bind(emitter);
  emitter.on = (name, listener, callback) => {
    bring.push(listener);
    return on(name, listener, callback);
  };
  await broker.join(topic);

  bring[0]?.({ topic: `${topic}-longer`, payload: 'hi' }, () => {});

  expect(bring).toHaveLength(1);
  expect(texts).toEqual([]);
  expect(log.messages('warn')).toHaveLength(1);
});

describe('close()', () => {
  test('it closes the emitter when it is the broker’s own', async () => {
    const { broker, emitter } = setUp({ ownsEmitter: true });

    await broker.close(1_000);

    expect(emitter.calls).toEqual(['close']);
  });

  test('it takes its listeners from an emitter of the app, and leaves that open', async () => {
    const { broker, emitter } = setUp({ ownsEmitter: false });
    await broker.join(topic);

    await broker.close(1_000);

    expect(emitter.calls).toEqual([`on ${topic}`, `removeListener ${topic}`]);
    expect(emitter.listenerCount).toBe(0);
    expect(emitter.state.listenerCount('error')).toBe(0);
  });

  test('it lets publishes under way finish, and rejects joins under way', async () => {
    const { broker, emitter } = setUp();
    emitter.hold('emit');
    emitter.hold('on');
    const published = publish(broker, topic, 'hi');
    const joined = broker.join(topic);
    const refusal = expect(joined).rejects.toMatchObject({
      code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE',
    });

    const closed = broker.close(10_000);
    await refusal;
    emitter.release('emit');

    await expect(published).resolves.toEqual({});
    await closed;
  });

  test('a leave under way counts as done', async () => {
    const { broker, emitter } = setUp();
    await broker.join(topic);
    emitter.hold('removeListener');
    const left = broker.leave(topic);

    await broker.close(1_000);

    await expect(left).resolves.toBeUndefined();
  });

  for (const call of ['close', 'emit'] as const) {
    test(`it ends in time when ${call}() never calls back, and rejects what waits`, async () => {
      const { broker, emitter, log } = setUp();
      emitter.fail(call, cause, { way: 'silence' });
      const published = publish(broker, topic, 'hi');
      published.catch(() => {});

      await broker.close(5);

      expect(log.messages('warn')).toEqual(['The broker did not close in time']);
      if (call === 'emit') await expect(published).rejects.toThrow('closed meanwhile');
    });
  }

  test('it resolves when the emitter throws', async () => {
    const { broker, emitter, log } = setUp();
    emitter.fail('close', cause, { way: 'throw' });

    await broker.close(1_000);

    expect(log.messages('warn')).toEqual(['The emitter threw while the broker closed']);
  });

  test('late errors of an emitter of its own end no process', async () => {
    const { broker, emitter } = setUp({ ownsEmitter: true });
    await broker.close(1_000);

    emitter.state.emit('error', cause);

    expect(broker.health.status).toBe('down');
  });
});
