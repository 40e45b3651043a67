import mqemitter from 'mqemitter';
import { expect, test } from 'vitest';
import { createBroker } from '../src/broker/create-broker.ts';
import { readEvent } from '../src/broker/event.ts';
import { Publisher } from '../src/broker/publisher.ts';
import { groupTopic } from '../src/broker/topic.ts';
import { RecordedLog } from './support/recorded-log.ts';

const red = groupTopic('app', 'onMessage', 'red');

interface Setup {
  readonly broker: ReturnType<typeof createBroker>;
  readonly log: RecordedLog;
  readonly received: unknown[];
}

/** A broker in memory, which delivers within the call. */
async function setUp(onReceived: (received: unknown) => void = () => {}): Promise<Setup> {
  const log = new RecordedLog();
  const received: unknown[] = [];
  const broker = createBroker({
    emitter: mqemitter(),
    ownsEmitter: true,
    log,
    onMessage: (topic, text) => {
      const payload = readEvent(topic, text).payload();
      received.push(payload);
      onReceived(payload);
    },
  });
  await broker.join(red);
  return { broker, log, received };
}

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
