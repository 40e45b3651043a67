import type { MQEmitter } from 'mqemitter';
import { afterEach, describe, expect, test } from 'vitest';
import { MqemitterBroker } from '../../src/broker/mqemitter-broker.ts';
import { fieldTopic, groupTopic, type Topic } from '../../src/broker/topic.ts';
import { RecordedLog } from './recorded-log.ts';

/** A message as a process received it. */
type Received = readonly [topic: Topic, text: string];

/** A process on an emitter: a broker, and what it received. */
class Process {
  readonly received: Received[] = [];
  readonly log = new RecordedLog();
  readonly broker: MqemitterBroker;
  #waiter: { readonly count: number; readonly resolve: () => void } | undefined;

  constructor(emitter: MQEmitter) {
    this.broker = new MqemitterBroker({
      emitter,
      ownsEmitter: false,
      log: this.log,
      onMessage: (topic, text) => {
        this.received.push([topic, text]);
        this.#check();
      },
    });
  }

  get texts(): string[] {
    return this.received.map(([, text]) => text);
  }

  /** Resolves when that many messages have arrived in all. */
  receives(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiter = { count, resolve };
      this.#check();
    });
  }

  #check(): void {
    if (this.#waiter === undefined || this.received.length < this.#waiter.count) return;
    this.#waiter.resolve();
    this.#waiter = undefined;
  }
}

const red = groupTopic('contract', 'onMessage', 'red');
const blue = groupTopic('contract', 'onMessage', 'blue');
/** What is published on it last arrives last: nothing published earlier is still under way then. */
const fence = groupTopic('contract', 'onMessage', 'fence');

const oddNames = [
  '',
  '#',
  '+',
  '*',
  '/',
  '//',
  'a/#',
  'a/+',
  'user/+/#',
  'a?b[c]',
  '{a,b}',
  '\\',
  'constructor',
  'toString',
  '__proto__',
  'hasOwnProperty',
  '😀',
  '\ud800',
  '\udfff',
  ' ',
  '\n',
  '\0',
  'x'.repeat(10_000),
  `${'x'.repeat(9_999)}y`,
];

/**
 * What every broker must do. Registers tests; call it in a test file.
 *
 * @param createEmitter - makes an emitter for one test; it is closed after the test
 */
export function runBrokerContract(
  name: string,
  createEmitter: () => MQEmitter | Promise<MQEmitter>,
): void {
  describe(`broker contract: ${name}`, () => {
    const cleanups: (() => Promise<void>)[] = [];

    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    });

    async function emitterOfTest(): Promise<MQEmitter> {
      const emitter = await createEmitter();
      cleanups.push(() => new Promise((resolve) => emitter.close(resolve)));
      return emitter;
    }

    function processOn(emitter: MQEmitter): Process {
      const process = new Process(emitter);
      cleanups.push(() => process.broker.close(1_000));
      return process;
    }

    async function oneProcess(): Promise<Process> {
      return processOn(await emitterOfTest());
    }

    test('what is published after join() has resolved arrives, as it was, with its topic', async () => {
      const process = await oneProcess();
      await process.broker.join(red);
      const text = '{"v":1,"payload":"\\ud800 é 😀 \\u0000 ☃"}';

      await process.broker.publish(red, text);
      await process.receives(1);

      expect(process.received).toEqual([[red, text]]);
    });

    test('a publisher that has joined nothing is heard by another process, once', async () => {
      const emitter = await emitterOfTest();
      const listening = processOn(emitter);
      const publishing = processOn(emitter);
      await Promise.all([listening.broker.join(red), listening.broker.join(fence)]);

      await publishing.broker.publish(red, 'hi');
      await publishing.broker.publish(fence, 'end');
      await listening.receives(2);

      expect(listening.texts).toEqual(['hi', 'end']);
      expect(publishing.received).toEqual([]);
    });

    test('P6 messages arrive in the order of the calls, without waiting for one to be taken', async () => {
      const process = await oneProcess();
      await Promise.all([process.broker.join(red), process.broker.join(blue)]);

      const texts = Array.from({ length: 1_000 }, (_, index) => String(index));
      await Promise.all(
        texts.map((text, index) => process.broker.publish(index % 3 === 0 ? red : blue, text)),
      );
      await process.receives(1_000);

      expect(process.texts).toEqual(texts);
    });

    test('a message of a megabyte arrives whole', async () => {
      const process = await oneProcess();
      await process.broker.join(red);
      const text = 'é'.repeat(500_000);

      await process.broker.publish(red, text);
      await process.receives(1);

      expect(process.texts[0] === text).toBe(true);
    });

    test('S4 groups of any name, and all subscribers of a field, are isolated from each other', async () => {
      const process = await oneProcess();
      const topics = [
        fieldTopic('contract', 'onMessage'),
        fieldTopic('contract', 'onPrice'),
        ...oddNames.map((group) => groupTopic('contract', 'onMessage', group)),
        ...oddNames.map((group) => groupTopic('contract', 'onPrice', group)),
        ...oddNames.map((namespace) => groupTopic(namespace, 'onMessage', '#')),
      ];
      const [unheard, ...heard] = topics;
      await Promise.all(heard.map((topic) => process.broker.join(topic)));

      await process.broker.publish(unheard ?? red, 'nobody');
      await Promise.all(heard.map((topic) => process.broker.publish(topic, topic)));
      await process.receives(heard.length);

      expect(process.received).toEqual(heard.map((topic) => [topic, topic]));
    });

    test('nothing arrives from the call of leave() on', async () => {
      const process = await oneProcess();
      await Promise.all([process.broker.join(red), process.broker.join(fence)]);

      const left = process.broker.leave(red);
      await process.broker.publish(red, 'too late');
      await left;
      await process.broker.publish(red, 'much too late');
      await process.broker.publish(fence, 'end');
      await process.receives(1);

      expect(process.texts).toEqual(['end']);
    });

    test('a topic can be joined and left again and again, and each message arrives once', async () => {
      const process = await oneProcess();
      for (let round = 0; round < 5; round += 1) {
        await process.broker.join(red);
        await process.broker.publish(red, String(round));
        await process.receives(round + 1);
        await process.broker.leave(red);
      }

      expect(process.texts).toEqual(['0', '1', '2', '3', '4']);
    });

    test('joining a joined topic changes nothing: each message arrives once', async () => {
      const process = await oneProcess();
      await process.broker.join(red);
      await process.broker.join(red);
      await process.broker.join(fence);

      await process.broker.publish(red, 'hi');
      await process.broker.publish(fence, 'end');
      await process.receives(2);

      expect(process.texts).toEqual(['hi', 'end']);
      expect(process.broker.listenerCount).toBe(2);
    });

    test('one process leaves and the other still hears', async () => {
      const emitter = await emitterOfTest();
      const [first, second] = [processOn(emitter), processOn(emitter)];
      await Promise.all([first.broker.join(red), second.broker.join(red)]);

      await first.broker.leave(red);
      await first.broker.publish(red, 'hi');
      await second.receives(1);

      expect([first.texts, second.texts]).toEqual([[], ['hi']]);
    });

    test('no listener is left when all topics are left', async () => {
      const process = await oneProcess();
      const topics = Array.from({ length: 100 }, (_, index) =>
        groupTopic('contract', 'onMessage', String(index)),
      );
      await Promise.all(topics.map((topic) => process.broker.join(topic)));
      expect(process.broker.listenerCount).toBe(100);

      await Promise.all(topics.map((topic) => process.broker.leave(topic)));

      expect(process.broker.listenerCount).toBe(0);
    });

    test('leaving what was never joined resolves', async () => {
      const process = await oneProcess();

      await expect(process.broker.leave(red)).resolves.toBeUndefined();
    });

    test('it is up while it works, and down once it is closed', async () => {
      const { broker } = await oneProcess();
      await broker.join(red);
      await broker.publish(red, 'hi');
      expect(broker.health.status).toBe('up');
      const changes: string[] = [];
      broker.onHealth(({ status }) => changes.push(status));

      await broker.close(1_000);

      expect(broker.health.status).toBe('down');
      expect(changes).toEqual(['down']);
    });

    test('after close() it refuses with a code, receives nothing, and holds no listener', async () => {
      const emitter = await emitterOfTest();
      const [closed, other] = [processOn(emitter), processOn(emitter)];
      await Promise.all([closed.broker.join(red), other.broker.join(red)]);

      await Promise.all([closed.broker.close(1_000), closed.broker.close(1_000)]);
      await other.broker.publish(red, 'hi');
      await other.receives(1);

      const refusal = { code: 'GROUPCAST_ERR_BROKER_UNAVAILABLE' };
      await expect(closed.broker.publish(red, 'hi')).rejects.toMatchObject(refusal);
      await expect(closed.broker.join(blue)).rejects.toMatchObject(refusal);
      await expect(closed.broker.leave(red)).resolves.toBeUndefined();
      expect(closed.received).toEqual([]);
      expect(closed.broker.listenerCount).toBe(0);
    });

    test('a receiver that throws is logged, and harms neither the publisher nor the next message', async () => {
      const emitter = await emitterOfTest();
      const log = new RecordedLog();
      const texts: string[] = [];
      const broker = new MqemitterBroker({
        emitter,
        ownsEmitter: false,
        log,
        onMessage: (_topic, text) => {
          texts.push(text);
          if (text === 'bad') throw new Error('boom');
        },
      });
      cleanups.push(() => broker.close(1_000));
      const witness = processOn(emitter);
      await Promise.all([broker.join(red), witness.broker.join(red)]);

      await broker.publish(red, 'bad');
      await broker.publish(red, 'good');
      await witness.receives(2);

      expect(texts).toEqual(['bad', 'good']);
      expect(log.messages('error')).toEqual(['A message of the broker could not be handled']);
    });
  });
}
