import { expect, test } from 'vitest';
import { createParts, typeDefs } from './support/app-parts.ts';
import { createGate } from './support/gate.ts';
import { startApp } from './support/start-app.ts';
import { describeModern } from './support/wires.ts';

function subscribe(id: unknown, payload: unknown): object {
  return { id, type: 'subscribe', payload };
}

describeModern('operations', (wire) => {
  const wrong: [string, object][] = [
    ['no id', { type: 'subscribe', payload: { query: '{ hello }' } }],
    ['an empty id', subscribe('', { query: '{ hello }' })],
    ['a numeric id', subscribe(1, { query: '{ hello }' })],
    ['no payload', { id: '1', type: 'subscribe' }],
    ['a payload that is an array', subscribe('1', [])],
    ['no query', subscribe('1', {})],
    ['a query that is no string', subscribe('1', { query: { kind: 'Document' } })],
    ['variables that are a string', subscribe('1', { query: '{ hello }', variables: '{}' })],
    ['variables that are an array', subscribe('1', { query: '{ hello }', variables: [] })],
    ['extensions that are a number', subscribe('1', { query: '{ hello }', extensions: 1 })],
    ['an operationName that is a number', subscribe('1', { query: '{ hello }', operationName: 1 })],
  ];

  test.each(wrong)('T16 a subscribe with %s is closed with 4400', async (_name, message) => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    client.send(message);

    await client.expectClose(4400);
  });

  test('T16 variables, extensions and operationName may be null', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    client.send(
      subscribe('1', {
        query: '{ hello }',
        variables: null,
        extensions: null,
        operationName: null,
      }),
    );

    await client.expectMessage({ id: '1', type: 'next', payload: { data: { hello: 'world' } } });
  });

  test('T17 an id in use is closed with 4409, be it of a query, a subscription or one in preparation', async () => {
    for (const query of [
      '{ hang }',
      'subscription { onMessage { text } }',
      'subscription { slow }',
    ]) {
      const parts = createParts();
      parts.subscribing.open();
      const { connect } = await startApp(wire, { resolvers: parts.resolvers, typeDefs });
      const client = await connect();
      client.start(query, { id: 'x' });
      client.send(subscribe('x', { query: '{ hello }' }));

      await client.expectClose(4409, 'Subscriber for x already exists');
    }
  });

  test('T18 after its end an id may be used again', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    const payload = { query: '{ hello }' };
    for (let n = 0; n < 3; n += 1) {
      client.send(subscribe('x', payload));
      await client.expectMessage({ id: 'x', type: 'next', payload: { data: { hello: 'world' } } });
      await client.expectMessage({ id: 'x', type: 'complete' });
    }
    client.send(subscribe('x', { query: '{ nope }' }));
    expect(await client.receive()).toMatchObject({ id: 'x', type: 'error' });
    client.send(subscribe('x', payload));
    await client.expectMessage({ id: 'x', type: 'next', payload: { data: { hello: 'world' } } });
  });

  test('T18 complete and a new subscribe of one id may follow at once; what is left of the old one is silent', async () => {
    const parts = createParts();
    const { app, connect } = await startApp(wire, { resolvers: parts.resolvers, typeDefs });
    const client = await connect();
    client.send(subscribe('x', { query: '{ hang }' }));
    await parts.hanging.arrived();
    client.send({ id: 'x', type: 'complete' });
    client.send(subscribe('x', { query: 'subscription { onMessage { text } }' }));
    await client.fence();
    parts.hanging.open('late');
    await app.graphqlWs.settled();
    await app.broadcast(parts.onMessage, { payload: { text: 'hi' } });

    await client.expectMessage({
      id: 'x',
      type: 'next',
      payload: { data: { onMessage: { text: 'hi' } } },
    });
    await client.expectSilence();
  });

  test('T18 a complete frees the memberships of its id in the same tick', async () => {
    const parts = createParts();
    const { app, connect } = await startApp(wire, { resolvers: parts.resolvers, typeDefs });
    const client = await connect();
    const document = 'subscription ($room: String) { onMessage(room: $room) { text } }';
    const red = await client.subscribe(document, { id: 'x', variables: { room: 'red' } });
    red.stop();
    client.send(subscribe('x', { query: document, variables: { room: 'blue' } }));
    await client.fence();
    await app.graphqlWs.settled();
    await app.broadcast(parts.onMessage, { group: 'red', payload: { text: 'to red' } });
    await app.broadcast(parts.onMessage, { group: 'blue', payload: { text: 'to blue' } });

    await red.expectNext({ onMessage: { text: 'to blue' } });
    await red.expectSilence();
  });

  test('T19 ids are per connection, and any string will do', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const [ann, bob] = [await connect(), await connect()];
    for (const id of [
      '__proto__',
      'constructor',
      'toString',
      'x'.repeat(100_000),
      '\u0000',
      '💥',
    ]) {
      const [first, second] = [ann.start('{ hello }', { id }), bob.start('{ hello }', { id })];
      await first.expectNext({ hello: 'world' });
      await first.expectComplete();
      await second.expectNext({ hello: 'world' });
      await second.expectComplete();
    }
  });

  test('T20 a validation failure gives one error with all of them, and nothing more', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    client.send(subscribe('1', { query: '{ nope nada }' }));

    expect(await client.receive()).toEqual({
      id: '1',
      type: 'error',
      payload: [
        { message: expect.stringContaining('nope'), locations: [{ line: 1, column: 3 }] },
        { message: expect.stringContaining('nada'), locations: [{ line: 1, column: 8 }] },
      ],
    });
    await client.expectSilence();
  });

  test.each([
    ['a syntax error', '{', /Syntax Error/],
    ['an empty query', '', /Syntax Error/],
    ['only a comment', '# hello', /Syntax Error/],
    ['nesting without end', `${'{a'.repeat(50_000)}`, /nested too deeply|Syntax Error/],
  ])('T21 %s is an error of its operation; the connection lives', async (_name, query, message) => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();

    await client.start(query).expectError(message);
    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
  });

  test.each([
    ['unknown operation name', 'query A { hello }', 'B', 'no operation named "B"'],
    ['ambiguous operation', 'query A { hello } query B { hello }', undefined, 'several operations'],
    ['document without operation', 'fragment F on Query { hello }', undefined, /F|no operation/],
  ])('T22 an %s is an error that says so', async (_name, query, operationName, message) => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    const operation = client.start(query, operationName === undefined ? {} : { operationName });

    await operation.expectError(message);
    await operation.expectSilence();
  });

  test('T23 a query or mutation gives one next, then complete', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    for (const [query, data] of [
      ['{ hello }', { hello: 'world' }],
      ['mutation { work }', { work: 'done' }],
    ] as const) {
      const operation = client.start(query);
      await operation.expectNext(data);
      await operation.expectComplete();
      await operation.expectSilence();
    }
  });

  test('T23 errors of resolvers stand inside of next', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    const operation = client.start('{ hello fail }');

    expect(await operation.next()).toMatchObject({
      data: { hello: 'world', fail: null },
      errors: [{ path: ['fail'] }],
    });
    await operation.expectComplete();
  });

  test('T24 a plain subscription gives its events, and complete when the source ends', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    const count = client.start('subscription { count(to: 3) }');
    for (const n of [1, 2, 3]) await count.expectNext({ count: n });
    await count.expectComplete();
    await count.expectSilence();
  });

  test('T24 a generator that never waits does not starve the process', async () => {
    let isStopped = false;
    const { connect } = await startApp(wire, {
      typeDefs,
      resolvers: {
        Query: { hello: () => 'world' },
        Subscription: {
          count: {
            subscribe: async function* () {
              for (let n = 1; !isStopped; n += 1) yield { count: n };
            },
          },
        },
      },
    });
    const greedy = await connect();
    const other = await connect();
    const count = greedy.start('subscription { count(to: 1) }');
    await count.next();

    expect(await other.query('{ hello }')).toEqual({ data: { hello: 'world' } });
    isStopped = true;
    greedy.terminate();
  });

  test('T25 errors and extensions are absent when empty; extensions of a result pass through', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    const operation = client.start('{ hello }');

    expect(Object.keys(await operation.next())).toEqual(['data']);
  });

  test.each([
    ['a subscribe function that throws', 'subscription { refused }', {}],
    [
      'a variable of a subscription that cannot be coerced',
      'subscription ($to: Int!) { count(to: $to) }',
      { to: 'x' },
    ],
    [
      'a variable of a query that cannot be coerced',
      'query ($n: Int!) { echo(n: $n) }',
      { n: 'x' },
    ],
    ['a variable that is missing', 'query ($n: Int!) { echo(n: $n) }', {}],
  ])('T26 %s gives error, not next', async (_name, query, variables) => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    client.send(subscribe('1', { query, variables }));

    expect(await client.receive()).toMatchObject({ id: '1', type: 'error' });
    await client.expectSilence();
  });

  test('T27 a source that throws later gives error and no complete; others are untouched', async () => {
    const parts = createParts();
    const { app, connect } = await startApp(wire, { resolvers: parts.resolvers, typeDefs });
    const client = await connect();
    const other = await client.subscribe('subscription { onMessage { text } }');
    const broken = client.start('subscription { broken }');
    await broken.expectError('Internal server error');
    await broken.expectSilence();
    await app.broadcast(parts.onMessage, { payload: { text: 'hi' } });
    await other.expectNext({ onMessage: { text: 'hi' } });
  });

  test('T28 a complete closes the source once, and is not answered', async () => {
    const parts = createParts();
    const { connect } = await startApp(wire, { resolvers: parts.resolvers, typeDefs });
    const client = await connect();
    const forever = await client.subscribe('subscription { forever }');
    forever.stop();
    forever.stop();

    await forever.expectSilence();
    expect(parts.closed.count).toBe(1);
  });

  test('T28 with echoComplete a complete is answered by one', async () => {
    const { connect } = await startApp(wire, {
      resolvers: createParts().resolvers,
      typeDefs,
      echoComplete: true,
    });
    const client = await connect();
    const forever = await client.subscribe('subscription { forever }');
    forever.stop();
    forever.stop();

    await forever.expectComplete();
    await forever.expectSilence();
  });

  test('T29 a complete for a query that runs: its result is not sent, its signal fires', async () => {
    const parts = createParts();
    let signal: AbortSignal | undefined;
    const { app, connect } = await startApp(wire, {
      resolvers: parts.resolvers,
      typeDefs,
      context: ({ operation }) => {
        signal = operation.signal;
        return {};
      },
    });
    const client = await connect();
    const hang = client.start('{ hang }');
    await parts.hanging.arrived();
    hang.stop();
    await client.fence();
    expect(signal?.aborted).toBe(true);
    parts.hanging.open('late');
    await app.graphqlWs.settled();

    await hang.expectSilence();
  });

  test('T30 a complete while subscribe is pending: the source is closed as soon as it is there', async () => {
    const parts = createParts();
    const { app, connect } = await startApp(wire, { resolvers: parts.resolvers, typeDefs });
    const client = await connect();
    const slow = client.start('subscription { slow }');
    await parts.subscribing.arrived();
    slow.stop();
    await client.fence();
    expect(parts.closed.count).toBe(0);
    parts.subscribing.open();
    await app.graphqlWs.settled();

    await slow.expectSilence();
    expect(parts.closed.count).toBe(1);
  });

  test.each([['absent'], ['', ''], [1, 1], [null, null]])(
    'T31 a complete whose id is %s is closed with 4400',
    async (_name, id?: unknown) => {
      const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
      const client = await connect();
      client.send({ type: 'complete', ...(id !== undefined && { id }) });

      await client.expectClose(4400, /id/);
    },
  );

  test('T31 a complete of an unknown or ended id is ignored, also before init', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect({ init: false });
    client.send({ type: 'complete', id: 'nobody' });
    client.send({ type: 'connection_init' });
    await client.expectMessage({ type: 'connection_ack' });
    client.send({ type: 'complete', id: 'toString' });
    const operation = client.start('{ hello }');
    await operation.expectNext({ hello: 'world' });
    await operation.expectComplete();
    operation.stop();

    await client.expectSilence();
  });

  test('T39 one id keeps its order, and different ids may interleave', async () => {
    const { connect } = await startApp(wire, { resolvers: createParts().resolvers, typeDefs });
    const client = await connect();
    const counts = [1, 2, 3].map(() => client.start('subscription { count(to: 50) }'));
    for (const count of counts) {
      for (let n = 1; n <= 50; n += 1) await count.expectNext({ count: n });
      await count.expectComplete();
    }
  });

  test('T37 a cut line and a close of the client cancel everything, with code and reason', async () => {
    const ended: unknown[] = [];
    const parts = createParts();
    const told = createGate();
    const { app, connect } = await startApp(wire, {
      resolvers: parts.resolvers,
      typeDefs,
      onDisconnect: (_connection, code, reason) => {
        ended.push([code, reason]);
        void told.arrive();
      },
    });
    const [cut, polite] = [await connect(), await connect()];
    for (const client of [cut, polite]) {
      await client.subscribe('subscription { forever }');
      await client.subscribe('subscription { onMessage { text } }');
    }
    cut.terminate();
    await told.arrived(1);
    await polite.close(4999, 'bye');
    await told.arrived(2);

    expect(ended).toEqual([
      [1006, ''],
      [4999, 'bye'],
    ]);
    expect(parts.closed.count).toBe(2);
    await app.graphqlWs.settled();
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 0, operations: 0, members: 0 });
  });
});
