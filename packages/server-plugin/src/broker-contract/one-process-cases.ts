import assert from 'node:assert/strict';
import type { ContractProcess } from './contract-process.ts';
import type { ContractScene } from './contract-scene.ts';

type OneProcessCase = (process: ContractProcess, scene: ContractScene) => Promise<void>;

const oddNames = [
  '',
  '#',
  '+',
  '*',
  '>',
  '/',
  '//',
  'a/#',
  'a/+',
  'user/+/#',
  'a.b',
  'a?b[c]',
  '{a,b}',
  '\\',
  'a',
  'A',
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

/** What one process must find, by sentences that say it. */
export const oneProcessCases: Readonly<Record<string, OneProcessCase>> = {
  'what is published after join() has resolved arrives, as it was, with its topic': async (
    process,
    { red },
  ) => {
    await process.join(red);
    const text = '{"v":1,"payload":"\\ud800 é 😀 \\u0000 ☃"}';

    await process.publish(red, text);
    await process.receives(1);

    assert.deepEqual(process.received, [[red, text]]);
  },

  'messages arrive in the order of the calls, without waiting for one to be taken': async (
    process,
    { blue, red },
  ) => {
    await process.join(red, blue);

    const texts = Array.from({ length: 1_000 }, (_, index) => String(index));
    await Promise.all(
      texts.map((text, index) => process.publish(index % 3 === 0 ? red : blue, text)),
    );
    await process.receives(1_000);

    assert.deepEqual(process.texts, texts);
  },

  'a message of a megabyte arrives whole': async (process, { red }) => {
    await process.join(red);
    const text = 'é'.repeat(500_000);

    await process.publish(red, text);
    await process.receives(1);

    assert.ok(process.texts[0] === text, 'the message has changed on its way');
  },

  'groups of any name, and all subscribers of a field, are isolated from each other': async (
    process,
    scene,
  ) => {
    const unheard = scene.allOf('onMessage');
    const heard = [
      scene.allOf('onPrice'),
      ...oddNames.map((group) => scene.groupOf('onMessage', group)),
      ...oddNames.map((group) => scene.groupOf('onPrice', group)),
      ...oddNames.slice(1).map((app) => scene.groupOf('onMessage', '#', app)),
    ];
    await process.join(...heard);

    await process.publish(unheard, 'nobody');
    await Promise.all(heard.map((topic) => process.publish(topic, topic)));
    await process.receives(heard.length);

    assert.deepEqual(
      process.received,
      heard.map((topic) => [topic, topic]),
    );
  },

  'how many processes have heard a message is a number, or is not said': async (
    process,
    { blue, red },
  ) => {
    await process.join(red);

    const { processes: heard } = await process.publish(red, 'hi');
    const { processes: unheard } = await process.publish(blue, 'hi');

    assert.ok(heard === undefined || (Number.isSafeInteger(heard) && heard >= 1));
    assert.ok(unheard === undefined || (Number.isSafeInteger(unheard) && unheard >= 0));
  },

  'nothing arrives from the call of leave() on': async (process, { fence, red }) => {
    await process.join(red, fence);

    const left = process.leave(red);
    await process.publish(red, 'too late');
    await left;
    await process.publish(red, 'much too late');
    await process.publish(fence, 'end');
    await process.receives(1);

    assert.deepEqual(process.texts, ['end']);
  },

  'a topic can be joined and left again and again, and each message arrives once': async (
    process,
    { red },
  ) => {
    for (let round = 0; round < 5; round += 1) {
      await process.join(red);
      await process.publish(red, String(round));
      await process.receives(round + 1);
      await process.leave(red);
    }

    assert.deepEqual(process.texts, ['0', '1', '2', '3', '4']);
  },

  'joining a joined topic changes nothing: each message arrives once': async (
    process,
    { fence, red },
  ) => {
    await process.join(red);
    await process.join(red);
    await process.join(fence);

    await process.publish(red, 'hi');
    await process.publish(fence, 'end');
    await process.receives(2);

    assert.deepEqual(process.texts, ['hi', 'end']);
    assert.equal(process.broker.listenerCount, 2);
  },

  'no listener is left when all topics are left': async (process, scene) => {
    const topics = Array.from({ length: 100 }, (_, index) =>
      scene.groupOf('onMessage', String(index)),
    );
    await process.join(...topics);
    assert.equal(process.broker.listenerCount, 100);

    await process.leave(...topics);

    assert.equal(process.broker.listenerCount, 0);
  },

  'leaving what was never joined resolves': async (process, { red }) => {
    await process.leave(red);
  },

  'it is up while it works, and down once it is closed': async (process, { red }) => {
    const { broker } = process;
    await process.join(red);
    await process.publish(red, 'hi');
    assert.equal(broker.health.status, 'up');
    const changes: string[] = [];
    broker.onHealth(({ status }) => changes.push(status));

    await broker.close(1_000);

    assert.equal(broker.health.status, 'down');
    assert.deepEqual(changes, ['down']);
  },
};
