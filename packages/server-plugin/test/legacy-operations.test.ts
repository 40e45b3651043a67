import { expect, test } from 'vitest';
import { createParts, typeDefs } from './support/app-parts.ts';
import { createGate } from './support/gate.ts';
import { messageFrame, RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeLegacy, type Wire } from './support/wires.ts';

const start = (id: unknown, query: unknown, rest: object = {}) => ({
  id,
  type: 'start',
  payload: { query, ...rest },
});
const data = (id: unknown, payload: object) => ({ id, type: 'data', payload });
const complete = (id: unknown) => ({ id, type: 'complete' });
const world = { data: { hello: 'world' } };

/** An app over the small schema, and a client that was acknowledged. */
async function connected(wire: Wire) {
  const parts = createParts();
  const { app, connect, log } = await startApp(wire, { typeDefs, resolvers: parts.resolvers });
  return { app, log, parts, client: await connect() };
}

describeLegacy('results', (wire) => {
  test('L11 a query is answered by one data and a complete', async () => {
    const { client } = await connected(wire);

    client.send(start('1', '{ hello }'));

    await client.expectMessage(data('1', world));
    await client.expectMessage(complete('1'));
    await client.expectSilence();
  });

  test('L11 a mutation is answered in the same way', async () => {
    const { client } = await connected(wire);

    client.send(start('1', 'mutation { work }'));

    await client.expectMessage(data('1', { data: { work: 'done' } }));
    await client.expectMessage(complete('1'));
    await client.expectSilence();
  });

  test('L11 errors of resolvers stand beside the data', async () => {
    const { client } = await connected(wire);

    client.send(start('1', '{ hello fail }'));

    await client.expectMessage(
      data('1', {
        data: { hello: 'world', fail: null },
        errors: [
          {
            message: 'Internal server error',
            locations: [{ line: 1, column: 9 }],
            path: ['fail'],
            extensions: { code: 'INTERNAL_SERVER_ERROR' },
          },
        ],
      }),
    );
    await client.expectMessage(complete('1'));
    await client.expectSilence();
  });

  test('L11 extensions are sent when there are any: those of a confirmation', async () => {
    const { client } = await connected(wire);

    client.send(
      start('1', 'subscription { onMessage { text } }', {
        extensions: { groupcast: { v: 1, confirm: true } },
      }),
    );

    await client.expectMessage(
      data('1', { data: null, extensions: { groupcast: { v: 1, confirmed: true } } }),
    );
  });

  test('L11 a subscription sends any number of data', async () => {
    const { app, client, parts } = await connected(wire);
    const heard = await client.subscribe('subscription { onMessage { text } }');

    for (const text of ['a', 'b', 'c']) await app.broadcast(parts.onMessage, { payload: { text } });

    for (const text of ['a', 'b', 'c']) await heard.expectNext({ onMessage: { text } });
    await heard.expectSilence();
  });
});

describeLegacy('operations that fail as a whole', (wire) => {
  test.each([
    { what: 'a query', query: '{ nothing }' },
    { what: 'a subscription', query: 'subscription { nothing }' },
  ])(
    'L13 $what that is invalid gets data with errors and no data, then complete',
    async ({ query }) => {
      const { client } = await connected(wire);

      client.send(start('1', query));

      expect(await client.receive()).toEqual(
        data('1', {
          errors: [
            {
              message: expect.stringContaining('Cannot query field "nothing"'),
              locations: [expect.anything()],
            },
          ],
        }),
      );
      await client.expectMessage(complete('1'));
      await client.expectSilence();
    },
  );

  test.each([
    { what: 'a syntax error', message: start('1', '{ hello'), says: /^Syntax Error/ },
    { what: 'an empty query', message: start('1', ''), says: /^Syntax Error/ },
    {
      what: 'an unknown operation name',
      message: start('1', 'query A { hello }', { operationName: 'B' }),
      says: /no operation named "B"/,
    },
    {
      what: 'an ambiguous document',
      message: start('1', 'query A { hello } query B { hello }'),
      says: /several operations/,
    },
    {
      what: 'variables that do not fit',
      message: start('1', 'query ($n: Int!) { echo(n: $n) }', { variables: { n: 'x' } }),
      says: /"\$n" got invalid value|"\$n" has invalid value/,
    },
    {
      what: 'variables of a subscription that do not fit',
      message: start('1', 'subscription ($n: Int!) { count(to: $n) }', { variables: { n: 'x' } }),
      says: /"\$n" got invalid value|"\$n" has invalid value/,
    },
  ])('L14 $what gets one error object, and no complete', async ({ message, says }) => {
    const { client } = await connected(wire);

    client.send(message);

    expect(await client.receive()).toMatchObject({
      id: '1',
      type: 'error',
      payload: { message: expect.stringMatching(says) },
    });
    await client.expectSilence();
    expect(await client.query('{ hello }', { id: '1' })).toEqual(world);
  });

  test.each([
    {
      what: 'onOperation throws',
      options: {
        onOperation: () => {
          throw new Error('internal');
        },
      },
    },
    {
      what: 'context rejects',
      options: { context: async () => Promise.reject(new Error('internal')) },
    },
  ])('L14 when $what there is one error object, and no complete', async ({ options }) => {
    const { resolvers } = createParts();
    const { connect } = await startApp(wire, { typeDefs, resolvers, ...options });
    const client = await connect();

    client.send(start('1', '{ hello }'));

    await client.expectMessage({
      id: '1',
      type: 'error',
      payload: {
        message: 'Internal server error',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    });
    await client.expectSilence();
  });

  test('L15 a subscribe function that throws gets data with errors and no data, then complete', async () => {
    const { app, client } = await connected(wire);

    client.send(start('1', 'subscription { refused }'));

    await client.expectMessage(
      data('1', {
        errors: [
          {
            message: 'Internal server error',
            locations: [{ line: 1, column: 16 }],
            path: ['refused'],
            extensions: { code: 'INTERNAL_SERVER_ERROR' },
          },
        ],
      }),
    );
    await client.expectMessage(complete('1'));
    await client.expectSilence();
    expect(app.graphqlWs.stats().operations).toBe(0);
  });
});

describeLegacy('ids', (wire) => {
  test.each([{ id: 7 }, { id: 0 }, { id: -1.5 }, { id: '7' }, { id: '' }, { id: '__proto__' }])(
    'L9 the id $id is accepted and echoed as it came',
    async ({ id }) => {
      const { client } = await connected(wire);

      client.send(start(id, '{ hello }'));
      client.send(start(id, 'subscription { onMessage { text } }'));
      client.send({ id, type: 'stop' });

      await client.expectMessage(data(id, world));
      await client.expectMessage(complete(id));
      await client.expectMessage(complete(id));
      await client.expectSilence();
    },
  );

  test.each([
    { started: 7, stopped: '7' },
    { started: '7', stopped: 7 },
  ])(
    'L9 $started and $stopped of other types are one id: the stop of one ends the other',
    async ({ started, stopped }) => {
      const { app, client } = await connected(wire);
      client.send(start(started, 'subscription { forever }'));

      client.send({ id: stopped, type: 'stop' });

      // Echoed as the operation's start had it: its client looks for that one.
      await client.expectMessage(complete(started));
      await client.expectSilence();
      expect(app.graphqlWs.stats().operations).toBe(0);
    },
  );

  test('L9 a start of "7" replaces the operation 7', async () => {
    const { app, client, parts } = await connected(wire);
    client.send(start(7, 'subscription { forever }'));

    client.send(start('7', 'subscription { forever }'));
    await client.expectSilence();

    expect(app.graphqlWs.stats().operations).toBe(1);
    expect(parts.closed.count).toBe(1);
  });

  test('L10 a start of an id in use stops the old operation without a word, and starts the new one', async () => {
    const { app, client, parts } = await connected(wire);
    await client.subscribe('subscription { onMessage(room: "old") { text } }', { id: '1' });

    const heard = await client.subscribe('subscription { onMessage(room: "new") { text } }', {
      id: '1',
    });
    await app.broadcast(parts.onMessage, { group: 'old', payload: { text: 'for the old one' } });
    await app.broadcast(parts.onMessage, { group: 'new', payload: { text: 'for the new one' } });

    await heard.expectNext({ onMessage: { text: 'for the new one' } });
    await client.expectSilence();
    // The groups of the old one are left: one of the field, one of its room.
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 1, groups: 2, members: 2 });
  });

  test('L10 both may stand in one segment: the new one alone speaks', async () => {
    const { app, parts } = await connected(wire);
    const client = await RawClient.dial(app, wire.transport);
    client.write(
      upgradeRequest({ protocol: wire.protocol }),
      messageFrame({ type: 'connection_init' }),
      messageFrame(start('1', '{ hang }')),
      messageFrame(start('1', 'subscription { slow }')),
      messageFrame(start('1', '{ hello }')),
    );

    expect(await client.message()).toEqual({ type: 'connection_ack' });
    expect(await client.message()).toEqual(data('1', world));
    expect(await client.message()).toEqual(complete('1'));
    parts.hanging.open('late');
    parts.subscribing.open();
    await app.graphqlWs.settled();
    client.write(messageFrame(start('2', '{ hello }')));

    expect(await client.message()).toEqual(data('2', world));
    // The source whose subscribe came back too late is closed.
    await expect.poll(() => parts.closed.count).toBe(1);
    expect(app.graphqlWs.stats().operations).toBe(0);
  });

  test('L10 L18 an error under an id in use ends the old operation: nothing follows it', async () => {
    const { app, client, parts } = await connected(wire);
    const heard = await client.subscribe('subscription { onMessage { text } }', { id: '7' });

    client.send({ id: 7, type: 'start', payload: null });

    await heard.expectError('"payload"');
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
    await app.broadcast(parts.onMessage, { payload: { text: 'too late' } });
    await client.expectSilence();
  });
});

describeLegacy('stop', (wire) => {
  test('L16 a stopped subscription is closed, and answered by one complete', async () => {
    const { app, client, parts } = await connected(wire);
    client.send(start('1', 'subscription { forever }'));
    await expect.poll(() => app.graphqlWs.stats().operations).toBe(1);
    await client.expectSilence();

    client.send({ id: '1', type: 'stop' });
    client.send({ id: '1', type: 'stop' });

    await client.expectMessage(complete('1'));
    await client.expectSilence();
    expect(parts.closed.count).toBe(1);
    expect(app.graphqlWs.stats().operations).toBe(0);
  });

  test('L16 a stopped group subscription leaves its groups and hears nothing more', async () => {
    const { app, client, parts } = await connected(wire);
    const heard = await client.subscribe('subscription { onMessage { text } }');

    heard.stop();
    await heard.expectComplete();
    await app.broadcast(parts.onMessage, { payload: { text: 'too late' } });

    await client.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, groups: 0, members: 0 });
  });

  test('L16 a stopped query sends complete and never its data', async () => {
    const { client, parts } = await connected(wire);
    client.send(start('1', '{ hang }'));
    await parts.hanging.arrived();

    client.send({ id: '1', type: 'stop' });
    await client.expectMessage(complete('1'));
    parts.hanging.open('late');

    await client.expectSilence();
  });

  test('L16 a stop while the mutation runs: complete at once, its data is dropped', async () => {
    const gate = createGate<string>();
    const { resolvers } = createParts();
    const { app, connect } = await startApp(wire, {
      typeDefs,
      resolvers: { ...resolvers, Mutation: { work: () => gate.arrive() } },
    });
    const client = await connect();
    client.send(start('1', 'mutation { work }'));
    await gate.arrived();

    client.send({ id: '1', type: 'stop' });
    await client.expectMessage(complete('1'));
    gate.open('done');

    await client.expectSilence();
    expect(app.graphqlWs.stats().operations).toBe(0);
  });

  test('L16 a stop while subscribe is pending: complete at once, the source is closed when it comes', async () => {
    const { app, client, parts } = await connected(wire);
    client.send(start('1', 'subscription { slow }'));
    await parts.subscribing.arrived();

    client.send({ id: '1', type: 'stop' });
    await client.expectMessage(complete('1'));
    expect(parts.closed.count).toBe(0);
    parts.subscribing.open();

    await client.expectSilence();
    expect(parts.closed.count).toBe(1);
    expect(app.graphqlWs.stats().operations).toBe(0);
  });

  test.each([{ id: 'unknown' }, { id: 'toString' }, { id: '__proto__' }, { id: 99 }])(
    'L16 a stop of the unknown id $id is not answered',
    async ({ id }) => {
      const { client } = await connected(wire);

      client.send({ id, type: 'stop' });

      await client.expectSilence();
    },
  );

  test('L16 a stop of an id that has ended is not answered', async () => {
    const { client } = await connected(wire);
    await client.query('{ hello }', { id: '1' });
    await client.start('subscription { refused }', { id: '2' }).expectError();

    client.send({ id: '1', type: 'stop' });
    client.send({ id: '2', type: 'stop' });

    await client.expectSilence();
  });
});

describeLegacy('sources', (wire) => {
  test('L17 a source that ends is completed', async () => {
    const { client } = await connected(wire);

    client.send(start('1', 'subscription { count(to: 2) }'));

    await client.expectMessage(data('1', { data: { count: 1 } }));
    await client.expectMessage(data('1', { data: { count: 2 } }));
    await client.expectMessage(complete('1'));
    await client.expectSilence();
  });

  test('L17 a source that throws gets one error and no complete; others are untouched', async () => {
    const { app, client, parts } = await connected(wire);
    const other = await client.subscribe('subscription { onMessage { text } }', { id: 'other' });

    client.send(start('1', 'subscription { broken }'));

    await client.expectMessage({
      id: '1',
      type: 'error',
      payload: {
        message: 'Internal server error',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    });
    await client.expectSilence();
    await app.broadcast(parts.onMessage, { payload: { text: 'hi' } });
    await other.expectNext({ onMessage: { text: 'hi' } });
  });
});
