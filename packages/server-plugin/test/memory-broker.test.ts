import { expect, test } from 'vitest';
import { encodePayload } from '../src/broker/encode-payload.ts';
import { encodeEnvelope } from '../src/broker/envelope.ts';
import { type BroadcastEvent, createEvent, readEvent } from '../src/broker/event.ts';
import { MemoryBroker } from '../src/broker/memory-broker.ts';
import { Publisher } from '../src/broker/publisher.ts';
import { snapshotPayload } from '../src/broker/snapshot-payload.ts';
import { groupTopic } from '../src/broker/topic.ts';
import { ContractScene } from '../src/broker-contract/contract-scene.ts';
import { oneProcessCases } from '../src/broker-contract/one-process-cases.ts';
import { RecordedLog } from './support/recorded-log.ts';

const red = groupTopic('app', 'onMessage', 'red');
const blue = groupTopic('app', 'onMessage', 'blue');

interface Setup {
  readonly broker: MemoryBroker;
  readonly log: RecordedLog;
  readonly received: unknown[];
}

async function setUp(onReceived: (received: unknown) => void = () => {}): Promise<Setup> {
  const log = new RecordedLog();
  const received: unknown[] = [];
  const receive = (what: unknown): void => {
    received.push(what);
    onReceived(what);
  };
  const broker = new MemoryBroker({
    log,
    onMessage: (topic, text) => receive(readEvent(topic, text).payload()),
    onEvent: (event) => receive(event.payload()),
  });
  await broker.join(red);
  return { broker, log, received };
}

function textOf(payload: unknown): string {
  return encodeEnvelope(encodePayload(payload));
}

function eventOf(payload: unknown, topic = red): BroadcastEvent {
  return createEvent(topic, undefined, snapshotPayload(payload));
}

for (const [title, run] of Object.entries(oneProcessCases)) {
  test(`the broker of one process: ${title}`, async () => {
    const scene = new ContractScene({
      createEmitter: () => Promise.reject(new Error('it needs none')),
      timeoutMs: 3_000,
    });
    const process = scene.processWith((parts) => new MemoryBroker({ ...parts, onEvent: () => {} }));

    await run(process, scene);

    await scene.close(3_000);
  });
}

test('a message and an event arrive within the call, and only on joined topics', async () => {
  const { broker, received } = await setUp();

  void broker.publish(red, textOf('text'));
  void broker.publish(blue, textOf('not heard'));
  void broker.deliver(eventOf({ a: 1 }));
  void broker.deliver(eventOf({ a: 2 }, blue));

  expect(received).toEqual(['text', { a: 1 }]);
});

test('a receiver that throws is logged, and does no harm to who publishes', async () => {
  const { broker, log, received } = await setUp(() => {
    throw new Error('boom');
  });

  await broker.publish(red, textOf('text'));
  await broker.deliver(eventOf('event'));

  expect(received).toEqual(['text', 'event']);
  expect(log.messages('error')).toEqual([
    'A message of the broker could not be handled',
    'A message of the broker could not be handled',
  ]);
});

test('from the call of close() on it refuses with a code, and nothing arrives', async () => {
  const { broker, received } = await setUp();
  const refused = { code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE' };

  const closed = broker.close();
  const calls = [
    broker.publish(red, textOf('text')),
    broker.deliver(eventOf('event')),
    broker.join(blue),
  ];

  for (const call of calls) await expect(call).rejects.toMatchObject(refused);
  await broker.leave(red);
  await closed;
  expect(broker.close()).toBe(closed);
  expect(received).toEqual([]);
  expect([broker.listenerCount, broker.health.status]).toEqual([0, 'down']);
});

test('P6 what a receiver broadcasts follows after the event that set it off', async () => {
  const order: string[] = [];
  const answers: Promise<unknown>[] = [];
  const { broker, log } = await setUp((received) => {
    order.push(`${received} begins`);
    if (received === 'first') answers.push(publisher.publish('onMessage', 'red', 'second'));
    order.push(`${received} ends`);
  });
  const publisher = new Publisher({ broker, namespace: 'app', log });

  await publisher.publish('onMessage', 'red', 'first');
  await Promise.all(answers);

  expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

test('P6 a receiver that answers each event with another one meets the limit', async () => {
  const { broker, log, received } = await setUp(() => {
    void publisher.publish('onMessage', 'red', 'again');
  });
  const publisher = new Publisher({ broker, namespace: 'app', log, pendingLimit: 100 });

  await publisher.publish('onMessage', 'red', 'first');

  expect(received).toHaveLength(100);
  expect(log.messages('error')).toEqual(['A broadcast failed']);
  expect(publisher.pending).toBe(0);
});

test('P7 what was taken within the call does not count against the limit', async () => {
  const { broker, log, received } = await setUp();
  const publisher = new Publisher({ broker, namespace: 'app', log, pendingLimit: 2 });

  const published = [1, 2, 3, 4].map((number) => publisher.publish('onMessage', 'red', number));

  expect(publisher.pending).toBe(0);
  await expect(Promise.all(published)).resolves.toEqual([{}, {}, {}, {}]);
  expect(received).toEqual([1, 2, 3, 4]);
});
