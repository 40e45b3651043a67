import { AssertionError } from 'node:assert';
import { connect } from '@groupcast/testing';
import { expect, test } from 'vitest';

import { failureOf } from './support/masked-failure.ts';
import { acknowledgingApp, scriptedApp } from './support/scripted-app.ts';

/** Answers `{ wrong }` with data, leaves a second operation and the connection with unread messages. */
function chattyApp() {
  return acknowledgingApp({
    onMessage: ({ say }, { type, id }) => {
      if (type !== 'subscribe') return;
      say({ id, type: 'next', payload: { data: { a: 1 } } });
      if (id === '1') return;
      say({ id, type: 'complete' });
      say({ type: 'ping', payload: { at: 1 } });
    },
  });
}

test('a wrong result is shown with the whole exchange and what else is unread', async () => {
  await using alice = await connect(chattyApp(), { params: { token: 'alice' } });
  const first = alice.start('{ a }');
  alice.start('{ b }', { variables: { v: 'é' } });
  await alice.fence();

  expect(await failureOf(first.expectNext({ a: 2 }))).toMatchInlineSnapshot(`
    "Expected operation op1 to have the result { data: { a: 2 } }, but it received next { data: { a: 1 } }

    The exchange:
       1  ? ms  → connection_init {"token":"alice"}
       2  ? ms  ← connection_ack
       3  ? ms  → subscribe op1 {"query":"{ a }"}
       4  ? ms  → subscribe op2 {"query":"{ b }","variables":{"v":"é"}}
       5  ? ms  → fence 1
       6  ? ms  ← next op1 {"data":{"a":1}}
       7  ? ms  ← next op2 {"data":{"a":1}}
       8  ? ms  ← complete op2
       9  ? ms  ← ping {"at":1}
      10  ? ms  ← fence 1

    Unread:
      connection: ping {"at":1}
      operation op2: next { data: { a: 1 } }
      operation op2: complete"
  `);
});

test('each expectation says what it wanted and what it got instead', async () => {
  await using alice = await connect(chattyApp());
  const firstLines: (string | undefined)[] = [];
  const failing = async (expectation: Promise<unknown>) => {
    firstLines.push((await failureOf(expectation)).split('\n')[0]);
  };

  await failing(alice.start('{ a }').expectComplete());
  await failing(alice.start('{ a }').expectError(/denied/));
  await failing(alice.start('{ a }').expectResult({ data: null, extensions: { x: 1 } }));
  const ended = alice.start('{ a }');
  await ended.next();
  await failing(ended.next());
  await failing(ended.expectNext({ a: 2 }));
  await failing(alice.expectMessage({ type: 'pong' }));
  await failing(alice.expectSilence());

  expect(firstLines.join('\n')).toMatchInlineSnapshot(`
    "Expected operation op1 to complete, but it received next { data: { a: 1 } }
    Expected operation op2 to fail with errors that match /denied/, but it received next { data: { a: 1 } }
    Expected operation op3 to have the result { data: null, extensions: { x: 1 } }, but it received next { data: { a: 1 } }
    Expected operation op4 to have a result, but it received complete
    Expected operation op4 to have the result { data: { a: 2 } }, but it had ended
    Expected the message { type: 'pong' } on the connection, but it received { type: 'ping', payload: { at: 1 } }
    Expected the connection to be silent, but 4 messages are unread"
  `);
});

test('a close is shown where it happened', async () => {
  const app = scriptedApp({
    onMessage: ({ webSocket }) => webSocket.close(4403, 'Forbidden'),
  });

  expect(await failureOf(connect(app))).toMatchInlineSnapshot(`
    "Expected the connection to be acknowledged, but the connection closed with 4403 "Forbidden"

    The exchange:
       1  ? ms  → connection_init
       2  ? ms  ✕ closed 4403 "Forbidden"

    Unread:
      nothing"
  `);
});

test('the transcript shows everything that was exchanged, in order', async () => {
  const app = acknowledgingApp({
    onMessage: ({ say, webSocket }, { id }) => {
      webSocket.ping();
      say({ id, type: 'complete', extra: true });
      webSocket.send(Uint8Array.from({ length: 20 }, (_, byte) => byte));
      webSocket.send('not JSON');
    },
  });
  const alice = await connect(app);

  alice.start('{ a }', { operationName: 'A' });
  alice.sendRaw('{"type":"subscribe","id":7,"payload":null}');
  await alice.fence();
  await alice.close(4000, 'done');

  expect(alice.transcript()).toMatchInlineSnapshot(`
    "   1  → connection_init
       2  ← connection_ack
       3  → subscribe op1 {"query":"{ a }","operationName":"A"}
       4  → subscribe op2 null
       5  → fence 1
       6  ← websocket ping
       7  ← complete op1 and {"extra":true}
       8  ← binary frame of 20 bytes: 000102030405060708090a0b0c0d0e0f…
       9  ← not JSON
      10  ← websocket ping
      11  ← complete op2 and {"extra":true}
      12  ← binary frame of 20 bytes: 000102030405060708090a0b0c0d0e0f…
      13  ← not JSON
      14  ← fence 1
      15  → close 4000 "done"
      16  ✕ closed 4000 "done""
  `);
});

test('failures are assertion errors with what was wanted and what was got', async () => {
  await using alice = await connect(chattyApp());

  const error = await alice
    .start('{ a }')
    .expectNext({ a: 2 })
    .catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(AssertionError);
  expect(error).toMatchObject({
    code: 'ERR_ASSERTION',
    actual: { type: 'next', payload: { data: { a: 1 } } },
    expected: { type: 'next', payload: { data: { a: 2 } } },
  });
});

test('the stack of a failure leads to the line of the test', async () => {
  await using alice = await connect(acknowledgingApp({}), { timeoutMs: 100 });

  const error = await alice
    .start('{ a }')
    .next()
    .catch((reason: unknown) => reason);

  expect(error).toHaveProperty('stack', expect.stringContaining('failure-texts.test.ts'));
});

test('long messages are cut in a failure, and say by how much', async () => {
  await using alice = await connect(acknowledgingApp({}), { timeoutMs: 100 });

  const text = await failureOf(alice.start(`{ ${'a'.repeat(10_000)} }`).next());

  expect(text).toMatch(/a{500,600}… \(\d+ more characters\)/);
  expect(text.length).toBeLessThan(2_000);
});

test('the middle of a long exchange is left out of a failure, not of the transcript', async () => {
  await using alice = await connect(acknowledgingApp({}), { timeoutMs: 100 });
  for (let step = 0; step < 1_000; step += 1) alice.send({ type: `step-${step}` });

  const text = await failureOf(alice.receive());

  expect(text).toContain('… 602 lines, which transcript() has …');
  expect(text).not.toContain('step-500');
  expect(text).toContain('step-999');
  expect(alice.transcript()).toContain('1002');
  expect(alice.transcript()).toContain('step-500');
});
