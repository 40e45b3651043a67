import { expect, test } from 'vitest';

import { graphqlWsApp } from './support/graphql-ws-app.ts';
import { describeTransports } from './support/transports.ts';

describeTransports('operations on the server of another project', (connectTo) => {
  test('connect() sends the parameters and keeps the payload of the ack', async () => {
    await using alice = await connectTo(graphqlWsApp(), { params: { token: 'alice' } });

    expect(alice.protocol).toBe('graphql-transport-ws');
    expect(alice.ack).toEqual({ hello: 'alice' });
    expect(alice.headers['sec-websocket-protocol']).toBe('graphql-transport-ws');
  });

  test('connect() rejects when the connection is refused, and says how', async () => {
    const refused = connectTo(graphqlWsApp(), { params: { token: 'bad' } });

    await expect(refused).rejects.toThrow(
      'Expected the connection to be acknowledged, but the connection closed with 4403 "Forbidden"',
    );
  });

  test('query() gives the one result of a query or a mutation', async () => {
    await using alice = await connectTo(graphqlWsApp());

    const greeting = await alice.query('query ($n: String) { greeting(name: $n) }', {
      variables: { n: 'Bob' },
    });
    const sum = await alice.query('mutation { add(a: 1, b: 2) }');

    expect(greeting).toEqual({ data: { greeting: 'Hello, Bob' } });
    expect(sum).toEqual({ data: { add: 3 } });
  });

  test('query() sends the name of the operation and extensions', async () => {
    await using alice = await connectTo(graphqlWsApp());

    const result = await alice.query('query A { greeting } query B { add: greeting(name: "B") }', {
      operationName: 'B',
      extensions: { trace: 1 },
    });

    expect(result).toEqual({ data: { add: 'Hello, B' } });
    expect(alice.transcript()).toContain('"operationName":"B","extensions":{"trace":1}');
  });

  test('query() leaves errors of resolvers in the result', async () => {
    await using alice = await connectTo(graphqlWsApp());

    const result = await alice.query('{ secret }');

    expect(result).toMatchObject({ data: { secret: null }, errors: [{ message: 'not for you' }] });
  });

  test('query() rejects when the operation is refused', async () => {
    await using alice = await connectTo(graphqlWsApp());

    await expect(alice.query('{ unknown }')).rejects.toThrow(
      /^Expected operation op1 to have a result, but it received error .*Cannot query field "unknown"/,
    );
  });

  test('an operation handle takes results and the end in order', async () => {
    await using alice = await connectTo(graphqlWsApp());

    const countdown = await alice.subscribe('subscription { countdown(from: 3) }');

    await countdown.expectNext({ countdown: 3 });
    await countdown.expectResult({ data: { countdown: 2 } });
    expect(await countdown.next()).toEqual({ data: { countdown: 1 } });
    await countdown.expectComplete();
    await countdown.expectSilence();
  });

  test('expectations that were made before the messages came are met in order', async () => {
    await using alice = await connectTo(graphqlWsApp());

    const countdown = alice.start('subscription { countdown(from: 2) }');

    await Promise.all([
      countdown.expectNext({ countdown: 2 }),
      countdown.expectNext({ countdown: 1 }),
      countdown.expectComplete(),
    ]);
  });

  test('operations of one connection have queues of their own', async () => {
    await using alice = await connectTo(graphqlWsApp());

    const first = alice.start('subscription { countdown(from: 1) }');
    const second = alice.start('subscription { countdown(from: 2) }');

    await second.expectNext({ countdown: 2 });
    await second.expectNext({ countdown: 1 });
    await second.expectComplete();
    expect(first.unread).toBe(2);
    await first.expectNext({ countdown: 1 });
    await first.expectComplete();
    expect(first.unread).toBe(0);
  });

  test('expectError() takes a refusal and gives its errors', async () => {
    await using alice = await connectTo(graphqlWsApp());

    const refused = await alice.subscribe('subscription { unknown }');

    const errors = await refused.expectError('Cannot query field');
    expect(errors).toMatchObject([{ locations: [{ line: 1, column: 16 }] }]);
    await refused.expectSilence();
  });

  test('expectError() takes a part of a message, a pattern or a function', async () => {
    await using alice = await connectTo(graphqlWsApp());

    await alice.start('{ a }').expectError('field "a"');
    await alice.start('{ b }').expectError(/"b" on type "Query"/g);
    await alice.start('{ c }').expectError((errors) => errors.length === 1);
    await alice.start('{ d }').expectError();
  });

  test('expectNext() ignores extensions of the result, expectResult() does not', async () => {
    await using alice = await connectTo(graphqlWsApp());
    const exact = alice.start('subscription { countdown(from: 1) }');

    await expect(
      exact.expectResult({ data: { countdown: 1 }, extensions: {} }),
    ).rejects.toMatchObject({
      actual: { type: 'next', payload: { data: { countdown: 1 } } },
      expected: { type: 'next', payload: { data: { countdown: 1 }, extensions: {} } },
    });
  });

  test('stop() ends the operation at the server', async () => {
    await using alice = await connectTo(graphqlWsApp());
    const silent = await alice.subscribe('subscription { silent }');

    silent.stop();

    await alice.fence();
    expect(await alice.query('{ greeting }', { id: silent.id })).toEqual({
      data: { greeting: 'Hello, stranger' },
    });
  });
});
