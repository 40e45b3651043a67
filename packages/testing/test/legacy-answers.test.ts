import { type JsonObject, LEGACY } from '@groupcast/protocol';
import { type ConnectOptions, connect } from '@groupcast/testing';
import { expect, test } from 'vitest';

import { acknowledgingApp, scriptedApp } from './support/scripted-app.ts';

const legacy: ConnectOptions = { protocol: LEGACY };

/** A legacy server that answers each `start` with these messages, under its id. */
function answering(...answers: JsonObject[]) {
  return acknowledgingApp({
    onMessage: (peer, { type, id }) => {
      if (type !== 'start') return;
      for (const answer of answers) peer.say({ id, ...answer });
    },
  });
}

test('an operation is sent as start, and stop() as stop', async () => {
  await using alice = await connect(answering(), legacy);

  const operation = alice.start('{ a }', { id: 'mine', variables: { v: 1 } });
  operation.stop();

  expect(alice.protocol).toBe(LEGACY);
  expect(alice.transcript()).toContain('→ start op1 {"query":"{ a }","variables":{"v":1}}');
  expect(alice.transcript()).toContain('→ stop op1');
});

test('data is a result', async () => {
  const app = answering({ type: 'data', payload: { data: { a: 1 } } }, { type: 'complete' });
  await using alice = await connect(app, legacy);

  const operation = alice.start('{ a }');

  await operation.expectNext({ a: 1 });
  await operation.expectComplete();
  expect(await alice.query('{ a }')).toEqual({ data: { a: 1 } });
});

test('expectError() takes the one error of an error message', async () => {
  await using alice = await connect(
    answering({ type: 'error', payload: { message: 'no' } }),
    legacy,
  );

  const errors = await alice.start('{').expectError('no');

  expect(errors).toEqual([{ message: 'no' }]);
});

test('expectError() takes a result of errors alone, together with its completion', async () => {
  const app = answering(
    { type: 'data', payload: { errors: [{ message: 'Cannot query' }, { message: 'more' }] } },
    { type: 'complete' },
  );
  await using alice = await connect(app, legacy);

  const operation = alice.start('{ b }');

  expect(await operation.expectError('more')).toHaveLength(2);
  expect(operation.unread).toBe(0);
});

test('expectError() wants the completion after a result of errors alone', async () => {
  const app = answering(
    { type: 'data', payload: { errors: [{ message: 'Cannot query' }] } },
    { type: 'data', payload: { data: null } },
  );
  await using alice = await connect(app, legacy);

  await expect(alice.start('{ b }').expectError()).rejects.toThrow(
    'Expected operation op1 to fail and then to complete, but it received next { data: null }',
  );
});

test('expectError() does not take a result that has data beside its errors', async () => {
  const app = answering({ type: 'data', payload: { data: null, errors: [{ message: 'no' }] } });
  await using alice = await connect(app, legacy);

  await expect(alice.start('{ b }').expectError()).rejects.toThrow('but it received next {');
});

test('query() rejects when the result has errors alone', async () => {
  const app = answering(
    { type: 'data', payload: { errors: [{ message: 'Cannot query' }] } },
    { type: 'complete' },
  );
  await using alice = await connect(app, legacy);

  await expect(alice.query('{ b }')).rejects.toThrow(
    `Expected operation op1 to have a result, but it was refused with [ { message: 'Cannot query' } ]`,
  );
});

test('connect() rejects with what connection_error says', async () => {
  const app = scriptedApp({
    onMessage: ({ say }) => say({ type: 'connection_error', payload: { message: 'who are you' } }),
  });

  await expect(connect(app, legacy)).rejects.toThrow(
    `it received connection_error { message: 'who are you' }`,
  );
});

test('a numeric id is echoed as it was given', async () => {
  const app = answering({ type: 'complete' });
  await using alice = await connect(app, legacy);

  const operation = alice.start('{ a }', { id: 7 });

  await operation.expectComplete();
  expect(operation.id).toBe('7');
  expect(alice.transcript()).toContain('← complete op1');
});

test('messages about the connection are received apart from those of operations', async () => {
  const app = acknowledgingApp({
    onMessage: (peer, { id }) => {
      peer.say({ type: 'ka' });
      peer.say({ type: 'complete', id });
    },
  });
  await using alice = await connect(app, legacy);

  await alice.start('{ a }').expectComplete();

  await alice.expectMessage({ type: 'ka' });
  await alice.expectSilence();
});
