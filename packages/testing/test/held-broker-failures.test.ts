import { AssertionError } from 'node:assert';
import { connect, heldBroker } from '@groupcast/testing';
import { afterEach, expect, test, vi } from 'vitest';

import { failureOf, masked } from './support/masked-failure.ts';
import { onMessage, pluginApp } from './support/plugin-app.ts';

const hearKittens = 'subscription { onMessage(room: "kittens") { text } }';

afterEach(() => {
  vi.useRealTimers();
});

/** An app on a held broker, and a client that hears kittens. */
async function stage(timeoutMs = 5_000) {
  const broker = heldBroker({ timeoutMs });
  const app = await pluginApp({ emitter: broker.emitter });
  const alice = await connect(app);
  await alice.subscribe(hearKittens);
  const send = (text: string) => app.broadcast(onMessage, { group: 'kittens', payload: { text } });
  return { broker, app, alice, send };
}

/** What a call throws that must throw. */
function thrownBy(call: () => void): string {
  try {
    call();
  } catch (error) {
    return masked(error instanceof Error ? error.message : String(error));
  }
  return 'nothing was thrown';
}

test('what is not held in time is missed with all that was asked of the broker instead', async () => {
  const { broker, alice, send } = await stage(20);
  await send('1');
  broker.hold();
  await send('2');
  broker.fail(1, new Error('no'));
  await send('3').catch(() => {});

  expect(await failureOf(broker.whenHeld(2))).toMatchInlineSnapshot(`
    "Expected the broker to hold 2, but after 20 ms it holds 1

    Held:
      delivery onMessage "kittens" {"text":"2"}

    At the broker:
       1  ? ms  → join onMessage
       2  ? ms  → join onMessage "kittens"
       3  ? ms  → broadcast onMessage "kittens" {"text":"1"}
       4  ? ms  ← delivery onMessage "kittens" {"text":"1"}
       5  ? ms  → broadcast onMessage "kittens" {"text":"2"}
       6  ? ms  → broadcast fails: onMessage "kittens" {"text":"3"}"
  `);
  await alice.close();
});

test('a failure is an AssertionError that compares how many are held', async () => {
  const broker = heldBroker({ timeoutMs: 1 });
  broker.hold('join');

  const error = await broker.whenHeld(3).catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(AssertionError);
  expect(error).toMatchObject({ actual: 0, expected: 3 });
});

test('who waits without having asked to hold is told so', async () => {
  expect(await failureOf(heldBroker({ timeoutMs: 1 }).whenHeld())).toMatchInlineSnapshot(`
    "Expected the broker to hold 1, but after 1 ms it holds nothing
    It holds nothing before hold() or delay() is called

    Held:
      nothing

    At the broker:
      nothing"
  `);
});

test('a timeout under faked timers says that they are faked', async () => {
  vi.useFakeTimers();
  const broker = heldBroker({ timeoutMs: 1 });
  broker.hold();

  await expect(broker.whenHeld()).rejects.toThrow(
    'after 1 ms it holds nothing\nTimers are faked: what the app does later waits until you advance them',
  );
});

test('what is not held any more can be neither released nor dropped', async () => {
  const { broker, app, alice, send } = await stage();
  broker.delay(1_000_000);
  await send('early');
  broker.hold();
  for (const text of ['released', 'dropped', 'lost']) await send(text);
  const [early, released, dropped, lost] = await broker.whenHeld(4);
  early.release();
  released.release();
  dropped.drop();

  expect(thrownBy(() => released.release())).toMatchInlineSnapshot(`
    "Expected delivery onMessage "kittens" {"text":"released"} to be held, but it was released

    Held:
      delivery onMessage "kittens" {"text":"lost"}

    At the broker:
       1  ? ms  → join onMessage
       2  ? ms  → join onMessage "kittens"
       3  ? ms  → broadcast onMessage "kittens" {"text":"early"}
       4  ? ms  → broadcast onMessage "kittens" {"text":"released"}
       5  ? ms  → broadcast onMessage "kittens" {"text":"dropped"}
       6  ? ms  → broadcast onMessage "kittens" {"text":"lost"}
       7  ? ms  · delivery onMessage "kittens" {"text":"early"} was released
       8  ? ms  ← delivery onMessage "kittens" {"text":"early"}
       9  ? ms  · delivery onMessage "kittens" {"text":"released"} was released
      10  ? ms  ← delivery onMessage "kittens" {"text":"released"}
      11  ? ms  · delivery onMessage "kittens" {"text":"dropped"} was dropped"
  `);
  broker.hold('join');
  alice.start('subscription { onMessage(room: "puppies") { text } }');
  const [, left] = await broker.whenHeld(2);
  await alice.close();
  await app.close();
  broker.down();

  const calls = [
    () => early.drop(),
    () => dropped.release(),
    () => dropped.drop(),
    () => lost.release(),
    () => left.release(),
  ];
  expect(calls.map((call) => thrownBy(call).split('\n')[0])).toMatchInlineSnapshot(`
    [
      "Expected delivery onMessage "kittens" {"text":"early"} to be held, but it was released",
      "Expected delivery onMessage "kittens" {"text":"dropped"} to be held, but it was dropped",
      "Expected delivery onMessage "kittens" {"text":"dropped"} to be held, but it was dropped",
      "Expected delivery onMessage "kittens" {"text":"lost"} to be held, but it was lost when the broker went down",
      "Expected join onMessage "puppies" to be held, but it was given up by its process",
    ]
  `);
});

test('what has arrived after its delay can not be dropped', async () => {
  vi.useFakeTimers();
  const broker = heldBroker();
  broker.emitter.on('app:f:onMessage', () => {});
  broker.delay(10);
  broker.emitter.emit({ topic: 'app:f:onMessage', payload: '{"payload":1}' });
  const [delivery] = broker.held;
  vi.advanceTimersByTime(10);

  expect(thrownBy(() => delivery?.drop())).toMatchInlineSnapshot(`
    "Expected delivery onMessage 1 to be held, but it arrived when its delay was over

    Held:
      nothing

    At the broker:
       1  ? ms  → join onMessage
       2  ? ms  → broadcast onMessage 1
       3  ? ms  ← delivery onMessage 1"
  `);
});

test('only what is up goes down, and only what is down comes back', async () => {
  const { broker, alice, send } = await stage();

  expect(thrownBy(() => broker.back()).split('\n')[0]).toMatchInlineSnapshot(
    `"Expected the broker to be down, but it is up"`,
  );
  broker.down(new Error('ECONNRESET'));
  await send('lost').catch(() => {});
  expect(thrownBy(() => broker.down())).toMatchInlineSnapshot(`
    "Expected the broker to be up, but it is down

    Held:
      nothing

    At the broker:
       1  ? ms  → join onMessage
       2  ? ms  → join onMessage "kittens"
       3  ? ms  · down: ECONNRESET
       4  ? ms  → broadcast fails: onMessage "kittens" {"text":"lost"}"
  `);
  await alice.close();
});

test('numbers that make no sense are refused at once', () => {
  const broker = heldBroker();
  const calls = [
    () => broker.delay(-1),
    () => broker.delay(Number.NaN),
    () => broker.delay(Number.POSITIVE_INFINITY),
    () => broker.fail(-1),
    () => broker.fail(Number.NaN),
  ];

  expect(calls.map(thrownBy)).toMatchInlineSnapshot(`
    [
      "A delivery can't take -1 ms",
      "A delivery can't take NaN ms",
      "A delivery can't take Infinity ms",
      "A broadcast can't fail -1 times",
      "A broadcast can't fail NaN times",
    ]
  `);
});

test('the transcript shows what a process has asked of the broker and got from it', async () => {
  const here = heldBroker();
  const there = here.peer();
  const app = await pluginApp({ emitter: here.emitter });
  const alice = await connect(app);
  await alice.subscribe(hearKittens);
  const hi = { group: 'kittens', payload: { text: 'hi' } };
  await app.broadcast(onMessage, hi);
  here.hold();
  await app.broadcast(onMessage, hi);
  here.release();
  here.down();
  await app.broadcast(onMessage, hi).catch(() => {});
  there.emitter.emit({ topic: 'groupcast:g:onMessage:kittens', payload: '{"payload":"missed"}' });
  here.back();

  expect(here.transcript()).toMatchInlineSnapshot(`
    "   1  → join onMessage
       2  → join onMessage "kittens"
       3  → broadcast onMessage "kittens" {"text":"hi"}
       4  ← delivery onMessage "kittens" {"text":"hi"}
       5  → broadcast onMessage "kittens" {"text":"hi"}
       6  · delivery onMessage "kittens" {"text":"hi"} was released
       7  ← delivery onMessage "kittens" {"text":"hi"}
       8  · down: the test has taken it down
       9  → broadcast fails: onMessage "kittens" {"text":"hi"}
      10  ✕ lost: onMessage "kittens" "missed"
      11  · back"
  `);
  expect(there.transcript()).toMatchInlineSnapshot(
    `"   1  → broadcast onMessage "kittens" "missed""`,
  );
  await alice.close();
});
