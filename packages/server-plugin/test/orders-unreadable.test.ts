import { MODERN } from '@groupcast/protocol';
import type { TestConnection } from '@groupcast/testing';
import fc from 'fast-check';
import type { Message } from 'mqemitter';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeldEmitter } from './support/held-emitter.ts';
import { hear, startRooms } from './support/start-rooms.ts';
import { as, tagged } from './support/tagged.ts';
import { describeBoth } from './support/wires.ts';

const topic = 'groupcast:c';

/** There is one line in a second at most about what others publish. */
function passSecond(): void {
  vi.advanceTimersByTime(1_000);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Publishes as anybody may who has the emitter; resolves when the app has dealt with it. */
function publish(emitter: HeldEmitter, payload: unknown): Promise<void> {
  const published: Message = { topic, payload };
  return new Promise((resolve) => emitter.emit(published, () => resolve()));
}

function publishOrder(emitter: HeldEmitter, order: unknown): Promise<void> {
  return publish(emitter, JSON.stringify({ v: 1, payload: order }));
}

/** An app with a client who is in `red` and has a tag: an order could end all that. */
async function startTarget(wire: Parameters<typeof startRooms>[0]) {
  const emitter = new HeldEmitter();
  const started = await startRooms(wire, {}, { emitter, ...tagged });
  const client = await started.connect(as('ann'));
  return { ...started, emitter, client, messages: await hear(client, 'red') };
}

describeBoth('an order of a foreign publisher', (wire) => {
  test('E4 E5 needs no origin, and nothing that has a default', async () => {
    const { client, connect, emitter, messages } = await startTarget(wire);
    await publishOrder(emitter, { unsubscribe: { field: 'onMessage', group: 'red' } });
    await messages.expectComplete();
    const second = await hear(client, 'blue');
    await publishOrder(emitter, { origin: 'a script', unsubscribe: { field: 'onMessage' } });
    await second.expectComplete();
    await publishOrder(emitter, { disconnect: { tag: 'ann' } });
    await client.expectClose(4403, 'Forbidden');
    const again = await connect(as('ann'));
    await publishOrder(emitter, { disconnect: { tag: 'ann', code: 1000, reason: 'Bye' } });

    await again.expectClose(1000, 'Bye');
  });
});

const memory = { protocol: MODERN, transport: 'memory' } as const;
const red = { field: 'onMessage', group: 'red' };
const ann = { tag: 'ann' };

const unreadable: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a string', 'unsubscribe'],
  ['a list', [{ unsubscribe: red }]],
  ['no order', {}],
  ['an origin only', { origin: 'x' }],
  ['an unknown order', { shutDown: true }],
  ['an order with an unknown key beside it', { unsubscribe: red, only: 'bob' }],
  ['two orders', { unsubscribe: red, disconnect: ann }],
  ['an origin that is no string', { origin: 7, disconnect: ann }],
  ['an unsubscribe that is null', { unsubscribe: null }],
  ['an unsubscribe that is a list', { unsubscribe: ['onMessage'] }],
  ['no field', { unsubscribe: {} }],
  ['a field that is no string', { unsubscribe: { field: ['onMessage'] } }],
  ['a field that the schema does not have', { unsubscribe: { field: 'onMesage' } }],
  ['a field of every object', { unsubscribe: { field: 'constructor' } }],
  ['a field that is no subscription', { unsubscribe: { field: 'hello' } }],
  ['a group that is null', { unsubscribe: { field: 'onMessage', group: null } }],
  ['a group that is a number', { unsubscribe: { field: 'onMessage', group: 7 } }],
  ['a misspelt group', { unsubscribe: { field: 'onMessage', groups: 'red' } }],
  ['a disconnect that is a string', { disconnect: 'ann' }],
  ['no tag', { disconnect: {} }],
  ['a tag that is a list', { disconnect: { tag: ['ann'] } }],
  ['a code that is reserved', { disconnect: { tag: 'ann', code: 1006 } }],
  ['a code that is too high', { disconnect: { tag: 'ann', code: 5000 } }],
  ['a code that is broken', { disconnect: { tag: 'ann', code: 4000.5 } }],
  ['a code that is a string', { disconnect: { tag: 'ann', code: '4403' } }],
  ['a code that is null', { disconnect: { tag: 'ann', code: null } }],
  ['a reason that is no string', { disconnect: { tag: 'ann', reason: 7 } }],
  ['an unknown key of disconnect', { disconnect: { tag: 'ann', after: 10 } }],
];

test('E4 E5 what is no order is dropped with a warning, and nobody is ended', async () => {
  const { client, emitter, log } = await startTarget(memory);
  for (const [name, order] of unreadable) {
    const before = log.length;
    passSecond();
    await publishOrder(emitter, order);
    const lines = log.slice(before).map(({ level, message }) => [level, message]);
    expect(lines, name).toEqual([['warn', 'Unreadable orders were dropped']]);
  }

  await client.expectSilence();
});

test.each<[string, unknown]>([
  ['no text', { disconnect: ann }],
  ['bytes', Buffer.from(JSON.stringify({ v: 1, payload: { disconnect: ann } }))],
  ['no JSON', '{"v":1,"payload":{"disconnect":{"tag":"ann"}'],
  ['no envelope', JSON.stringify({ disconnect: ann })],
  ['an envelope of a later version', JSON.stringify({ v: 2, payload: { disconnect: ann } })],
  ['a prototype', '{"v":1,"payload":{"disconnect":{"tag":"ann","__proto__":{"code":1}}}}'],
  ['what is nested too deep', `{"v":1,"payload":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
])('E4 E5 a message that is %s is dropped with a warning', async (_name, payload) => {
  const { client, emitter, log } = await startTarget(memory);
  const before = log.length;
  await publish(emitter, payload);

  expect(log.slice(before).map(({ level }) => level)).toEqual(['warn']);
  await client.expectSilence();
});

test('a log line of a hostile order is short', async () => {
  const { emitter, log } = await startTarget(memory);
  const long = 'x'.repeat(100_000);
  const before = log.length;
  await publishOrder(emitter, { unsubscribe: { field: long } });
  passSecond();
  await publishOrder(emitter, { [long]: 1 });

  const lines = log.slice(before);
  expect(lines).toHaveLength(2);
  for (const { details } of lines) expect(String(details['err']).length).toBeLessThan(300);
});

test('a flood of what is no order gets one line in a second, with their number', async () => {
  const { client, emitter, log } = await startTarget(memory);
  const before = log.length;
  for (let count = 0; count < 500; count += 1) await publishOrder(emitter, { shutDown: true });
  passSecond();
  await publishOrder(emitter, { shutDown: true });

  expect(log.slice(before)).toMatchObject([
    { level: 'warn', details: { count: 1, topic } },
    { level: 'warn', details: { count: 500, topic } },
  ]);
  await client.expectSilence();
});

/** How many messages are published. */
const RUNS = 2_000;

const words = fc.oneof(
  fc.constantFrom('red', 'nobody', 'hello', '', '__proto__', 'constructor'),
  fc.string({ unit: 'binary' }),
);
const anything = fc.oneof(words, fc.constantFrom(4403, 1006, null, true), fc.jsonValue());

/** Now and then something else than what belongs there. */
function mostly(usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: anything });
}

/** An object with these keys, or without some, and now and then with another one. */
function objectOf(keys: Readonly<Record<string, fc.Arbitrary<unknown>>>, required: string[]) {
  const own = fc.record(keys, { requiredKeys: required });
  const without = fc.record(keys, { requiredKeys: [] });
  const strange = fc.tuple(own, words, anything).map(([o, key, v]) => ({ ...o, [key]: v }));
  return mostly(
    fc.oneof(
      { weight: 10, arbitrary: own },
      { weight: 1, arbitrary: without },
      { weight: 1, arbitrary: strange },
    ),
  );
}

const unsubscribe = objectOf(
  { field: mostly(fc.constantFrom('onMessage', 'onNotice')), group: mostly(words) },
  ['field'],
);
const disconnect = objectOf(
  {
    tag: mostly(fc.oneof(fc.constant('ann'), words)),
    code: mostly(fc.constantFrom(1000, 4403, 3000, 1006)),
    reason: mostly(words),
  },
  ['tag'],
);
const origin = mostly(words);
const order = fc.oneof(
  objectOf({ origin, unsubscribe }, ['unsubscribe']),
  objectOf({ origin, disconnect }, ['disconnect']),
  objectOf({ origin, unsubscribe, disconnect }, []),
);
const texts = fc.oneof(
  { weight: 8, arbitrary: order.map((payload) => JSON.stringify({ v: 1, payload })) },
  {
    weight: 1,
    arbitrary: objectOf({ v: anything, payload: order }, []).map((j) => JSON.stringify(j)),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

/** Subscribes, and says hello on a connection of its own: the app goes on. */
async function expectAlive(client: TestConnection): Promise<void> {
  const messages = await hear(client, 'green');
  messages.stop();
  expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
}

test('E4 E5 X2 whatever anybody publishes among the orders, the app goes on and nothing is thrown', async () => {
  const { connect, emitter, log } = await startTarget(memory);
  const before = log.length;
  const bob = await connect(as('bob'));
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      passSecond();
      await publish(emitter, text);
    }),
    { numRuns: RUNS },
  );
  const dropped = log.slice(before).filter(({ level }) => level === 'warn').length;

  await expectAlive(bob);
  expect(log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  // Some of it is none, and some is an order.
  expect(dropped).toBeGreaterThan(RUNS / 10);
  expect(dropped).toBeLessThan(RUNS * 0.9);
});
