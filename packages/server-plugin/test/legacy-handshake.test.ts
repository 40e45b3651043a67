import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { createParts, typeDefs } from './support/app-parts.ts';
import { createGate } from './support/gate.ts';
import { messageFrame, RawClient, upgradeRequest } from './support/raw-client.ts';
import { startApp } from './support/start-app.ts';
import { describeLegacy } from './support/wires.ts';

const init = { type: 'connection_init' };
const ack = { type: 'connection_ack' };
const hello = { id: '1', type: 'start', payload: { query: '{ hello }' } };
const world = { id: '1', type: 'data', payload: { data: { hello: 'world' } } };
const complete = { id: '1', type: 'complete' };

/** An app that notes the queries which reach execution or its hooks. */
function noting() {
  const executed: string[] = [];
  const { resolvers } = createParts();
  return {
    executed,
    parts: {
      typeDefs,
      resolvers,
      onOperation: ({ query }: { query: string }) => void executed.push(query),
    },
  };
}

describeLegacy('connection_init of the old subprotocol', (wire) => {
  test('L2 is answered by exactly one connection_ack, and no ka without being asked for', async () => {
    const { connect } = await startApp(wire, noting().parts);
    const client = await connect({ init: false });

    client.send(init);

    await client.expectMessage(ack);
    await client.expectSilence();
  });

  test('L2 the ack carries the payload that onConnect gave', async () => {
    const { connect } = await startApp(wire, {
      ...noting().parts,
      onConnect: (connection) => ({ ack: { hello: connection.params['name'] } }),
    });
    const client = await connect({ init: false });

    client.send({ ...init, payload: { name: 'alice' } });

    await client.expectMessage({ ...ack, payload: { hello: 'alice' } });
    await client.expectSilence();
  });

  test('L2 L20 with kaMs a ka follows the ack directly, and more follow at intervals', async () => {
    const { connect } = await startApp(wire, { ...noting().parts, keepAlive: { kaMs: 20 } });
    const client = await connect({ init: false });

    client.send(init);
    client.send(hello);

    await client.expectMessage(ack);
    await client.expectMessage({ type: 'ka' });
    expect(await client.operation('1').next()).toEqual({ data: { hello: 'world' } });
    await client.expectMessage({ type: 'ka' });
    await client.expectMessage({ type: 'ka' });
  });

  test('L2 no ka comes before the ack, however long onConnect takes', async () => {
    const gate = createGate();
    const { connect } = await startApp(wire, {
      ...noting().parts,
      keepAlive: { kaMs: 10 },
      onConnect: (connection) => (connection.params['isSlow'] ? gate.arrive() : undefined),
    });
    const slow = await connect({ init: false });
    slow.send({ ...init, payload: { isSlow: true } });
    await gate.arrived();

    // Another connection counts the intervals that pass meanwhile.
    const other = await connect();
    for (let count = 0; count < 3; count += 1) await other.expectMessage({ type: 'ka' });
    expect(slow.transcript()).not.toContain('←');
    gate.open();

    await slow.expectMessage(ack);
    await slow.expectMessage({ type: 'ka' });
  });

  test('L6 a second one is ignored with a debug log: no second ack, no second onConnect', async () => {
    let calls = 0;
    const { app, connect, log } = await startApp(wire, {
      ...noting().parts,
      keepAlive: false,
      connectionInitTimeoutMs: 1_000,
      onConnect: () => {
        calls += 1;
      },
    });
    const client = await connect();

    client.send(init);
    client.send({ ...init, payload: { token: 'another' } });
    await client.expectSilence();

    expect(calls).toBe(1);
    expect(app.graphqlWs.stats()).toMatchObject({ connections: 1, timers: 0 });
    const lines = log.filter(({ message }) => message === 'Second init is ignored');
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'debug']);
    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
  });

  test('L6 a second one while the first is checked is ignored: one ack, one row of ka', async () => {
    const gate = createGate();
    const { connect } = await startApp(wire, { ...noting().parts, onConnect: () => gate.arrive() });
    const client = await connect({ init: false });
    client.send(init);
    await gate.arrived();

    client.send(init);
    await client.fence();
    gate.open();

    await client.expectMessage(ack);
    await client.expectSilence();
    expect(gate.arrivals).toBe(1);
  });

  test('L6 who sends none in time is closed with 4408', async () => {
    const { connect } = await startApp(wire, { ...noting().parts, connectionInitTimeoutMs: 20 });

    const client = await connect({ init: false });

    await client.expectClose(4408, 'Connection initialisation timeout');
    expect(client.transcript()).not.toContain('←');
  });

  test('L6 the time ends with the arrival of the first one, not with the answer of onConnect', async () => {
    const gate = createGate();
    const { connect } = await startApp(wire, {
      ...noting().parts,
      connectionInitTimeoutMs: 20,
      onConnect: () => gate.arrive(),
    });
    const slow = await connect({ init: false });
    slow.send(init);
    await gate.arrived();

    // Its whole time passes while the hook of the first one is still at work.
    const silent = await connect({ init: false });
    await silent.expectClose(4408);
    gate.open();

    await slow.expectMessage(ack);
  });

  test.each([{ payload: 'token' }, { payload: 7 }, { payload: [] }])(
    'L18 with $payload as payload it is answered by connection_error; the connection lives and may try again',
    async ({ payload }) => {
      const { connect } = await startApp(wire, noting().parts);
      const client = await connect({ init: false });

      client.send({ ...init, payload });
      const answer = await client.receive();
      client.send(init);

      expect(answer).toEqual({
        type: 'connection_error',
        payload: { message: expect.stringContaining('"payload"') },
      });
      await client.expectMessage(ack);
    },
  );
});

describeLegacy('a refused init of the old subprotocol', (wire) => {
  test.each([
    { said: 'returns false', onConnect: () => false, reason: 'Forbidden' },
    { said: 'returns false later', onConnect: async () => false, reason: 'Forbidden' },
    {
      said: 'throws',
      onConnect: () => {
        throw new Error('the database is at 10.0.0.7');
      },
      reason: 'Forbidden',
    },
    {
      said: 'rejects with a GraphQLError',
      onConnect: async () => {
        throw new GraphQLError('Your token has expired');
      },
      reason: 'Your token has expired',
    },
  ])(
    'L4 when onConnect $said: connection_error, then 4403, and no ack',
    async ({ onConnect, reason }) => {
      const { connect } = await startApp(wire, { ...noting().parts, onConnect });
      const client = await connect({ init: false });

      client.send(init);

      await client.expectMessage({ type: 'connection_error', payload: { message: reason } });
      await client.expectClose(4403, reason);
      expect(client.transcript()).not.toContain('connection_ack');
    },
  );

  test('L4 L7 nothing that came in one segment with it, or while it was checked, is executed', async () => {
    const gate = createGate<boolean>();
    const { executed, parts } = noting();
    const { app } = await startApp(wire, { ...parts, onConnect: () => gate.arrive() });
    const client = await RawClient.dial(app, wire.transport);
    client.write(
      upgradeRequest({ protocol: wire.protocol }),
      messageFrame(init),
      messageFrame(hello),
    );
    await gate.arrived();
    client.write(messageFrame({ ...hello, id: '2' }));

    gate.open(false);

    expect(await client.message()).toEqual({
      type: 'connection_error',
      payload: { message: 'Forbidden' },
    });
    expect(await client.close()).toEqual({ code: 4403, reason: 'Forbidden' });
    await app.graphqlWs.settled();
    expect(executed).toEqual([]);
    expect(client.unread).toEqual([]);
  });
});

describeLegacy('operations around the ack of the old subprotocol', (wire) => {
  test('L7 a start without any init gets connection_error, then 4401, and is not executed', async () => {
    const { executed, parts } = noting();
    const { app, connect } = await startApp(wire, parts);
    const client = await connect({ init: false });

    client.send(hello);

    await client.expectMessage({ type: 'connection_error', payload: { message: 'Unauthorized' } });
    await client.expectClose(4401, 'Unauthorized');
    await app.graphqlWs.settled();
    expect(executed).toEqual([]);
  });

  test('L7 an init that follows such a start in the same segment does not save it', async () => {
    const { executed, parts } = noting();
    const { app } = await startApp(wire, parts);
    const client = await RawClient.dial(app, wire.transport);

    client.write(
      upgradeRequest({ protocol: wire.protocol }),
      messageFrame(hello),
      messageFrame(init),
      messageFrame(hello),
    );

    expect(await client.message()).toMatchObject({ type: 'connection_error' });
    expect(await client.close()).toEqual({ code: 4401, reason: 'Unauthorized' });
    await app.graphqlWs.settled();
    expect(executed).toEqual([]);
    expect(client.unread).toEqual([]);
  });

  test('L7 a stop before any init is ignored', async () => {
    const { connect } = await startApp(wire, noting().parts);
    const client = await connect({ init: false });

    client.send({ id: '1', type: 'stop' });
    client.send(init);

    await client.expectMessage(ack);
    await client.expectSilence();
  });

  test('L7 starts while onConnect is pending are held, and run in order after the ack', async () => {
    const gate = createGate();
    const { executed, parts } = noting();
    const { connect } = await startApp(wire, { ...parts, onConnect: () => gate.arrive() });
    const client = await connect({ init: false });
    client.send(init);
    client.send({ id: 'b', type: 'start', payload: { query: 'query B { hello }' } });
    client.send({ id: 'a', type: 'start', payload: { query: 'query A { hello }' } });
    client.send({ id: 'c', type: 'start', payload: { query: 'query C { hello }' } });
    await gate.arrived();
    await client.fence();
    expect(executed).toEqual([]);
    expect(client.transcript()).not.toContain('connection_ack');

    gate.open();

    await client.expectMessage(ack);
    for (const id of ['b', 'a', 'c']) {
      await client.expectMessage({ ...world, id });
      await client.expectMessage({ id, type: 'complete' });
    }
    expect(executed).toEqual(['query B { hello }', 'query A { hello }', 'query C { hello }']);
    await client.expectSilence();
  });

  test('L7 a held stop runs in its place: what it stops ends once, and the id serves again', async () => {
    const gate = createGate();
    const { app, connect } = await startApp(wire, {
      ...noting().parts,
      onConnect: () => gate.arrive(),
    });
    const client = await connect({ init: false });
    client.send(init);
    client.send({
      id: '1',
      type: 'start',
      payload: { query: 'subscription { onMessage { text } }' },
    });
    client.send({ id: '1', type: 'stop' });
    client.send(hello);
    await gate.arrived();

    gate.open();

    await client.expectMessage(ack);
    await client.expectMessage(complete);
    await client.expectMessage(world);
    await client.expectMessage(complete);
    await client.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
  });

  test('L7 more of them than operationsPerConnection are refused, each by its own error', async () => {
    const gate = createGate();
    const { executed, parts } = noting();
    const { connect } = await startApp(wire, {
      ...parts,
      limits: { operationsPerConnection: 2 },
      onConnect: () => gate.arrive(),
    });
    const client = await connect({ init: false });
    client.send(init);
    for (const id of ['1', '2', '3']) client.send({ ...hello, id });
    await gate.arrived();

    expect(await client.receive()).toEqual({
      id: '3',
      type: 'error',
      payload: {
        message: 'Too many operations before the acknowledgement',
        extensions: { code: 'TOO_MANY_OPERATIONS' },
      },
    });
    gate.open();

    await client.expectMessage(ack);
    await client.expectMessage({ ...world, id: '1' });
    await client.expectMessage({ ...complete, id: '1' });
    await client.expectMessage({ ...world, id: '2' });
    await client.expectMessage({ ...complete, id: '2' });
    await client.expectSilence();
    expect(executed).toHaveLength(2);
  });

  test('L7 a stop is held beside as many starts as may be held, and more stops than starts are not', async () => {
    const gate = createGate();
    const { app, connect } = await startApp(wire, {
      ...noting().parts,
      limits: { operationsPerConnection: 2 },
      onConnect: () => gate.arrive(),
    });
    const client = await connect({ init: false });
    client.send(init);
    const payload = { query: 'subscription { onMessage { text } }' };
    for (const id of ['1', '2']) client.send({ id, type: 'start', payload });
    for (const id of ['2', '2', '1', '1', '3']) client.send({ id, type: 'stop' });
    await gate.arrived();

    gate.open();

    await client.expectMessage(ack);
    await client.expectMessage({ id: '2', type: 'complete' });
    await client.expectMessage(complete);
    await client.expectSilence();
    expect(app.graphqlWs.stats()).toMatchObject({ operations: 0, members: 0 });
  });

  test.each([
    { what: 'a malformed start', next: { id: '1', type: 'start', payload: null } },
    { what: 'a start too many', next: hello },
  ])(
    'L7 an error for $what under the id of a held start is the only answer to both',
    async ({ next }) => {
      const gate = createGate();
      const { executed, parts } = noting();
      const { connect } = await startApp(wire, {
        ...parts,
        limits: { operationsPerConnection: 1 },
        onConnect: () => gate.arrive(),
      });
      const client = await connect({ init: false });
      client.send(init);
      client.send(hello);
      client.send(next);
      expect(await client.receive()).toMatchObject({ id: '1', type: 'error' });

      gate.open();

      await client.expectMessage(ack);
      await client.expectSilence();
      expect(executed).toEqual([]);
    },
  );

  test('L7 a cut line while onConnect is pending drops what was held', async () => {
    const gate = createGate();
    const { executed, parts } = noting();
    const { app, connect } = await startApp(wire, { ...parts, onConnect: () => gate.arrive() });
    const client = await connect({ init: false });
    client.send(init);
    client.send(hello);
    await gate.arrived();
    await client.fence();

    client.terminate();
    await expect.poll(() => app.graphqlWs.stats().connections).toBe(0);
    gate.open();
    await app.graphqlWs.settled();

    expect(executed).toEqual([]);
  });
});

describeLegacy('connection_terminate', (wire) => {
  test('L19 closes with 1000 after what was sent before, and ends the operations', async () => {
    const parts = createParts();
    const { app, connect } = await startApp(wire, { typeDefs, resolvers: parts.resolvers });
    const client = await connect();
    client.send({ id: '1', type: 'start', payload: { query: 'subscription { forever }' } });
    client.send({ ...hello, id: '2' });

    client.send({ type: 'connection_terminate' });
    await client.expectClose(1000);

    await expect
      .poll(() => app.graphqlWs.stats())
      .toMatchObject({ connections: 0, operations: 0, timers: 0 });
    expect(parts.closed.count).toBe(1);
  });

  test('L19 before any init it closes with 1000 too', async () => {
    const { connect } = await startApp(wire, noting().parts);
    const client = await connect({ init: false });

    client.send({ type: 'connection_terminate' });

    await client.expectClose(1000);
    expect(client.transcript()).not.toContain('←');
  });

  test('L19 nothing that follows it in the same segment is executed', async () => {
    const { executed, parts } = noting();
    const { app } = await startApp(wire, parts);
    const client = await RawClient.dial(app, wire.transport);

    client.write(
      upgradeRequest({ protocol: wire.protocol }),
      messageFrame(init),
      messageFrame({ type: 'connection_terminate' }),
      messageFrame(hello),
    );

    expect(await client.message()).toEqual(ack);
    expect(await client.close()).toMatchObject({ code: 1000 });
    await app.graphqlWs.settled();
    expect(executed).toEqual([]);
    expect(client.unread).toEqual([]);
  });
});

describeLegacy('ka', (wire) => {
  test('L20 from a client it is answered by connection_error, and the connection lives', async () => {
    const { connect } = await startApp(wire, noting().parts);
    const client = await connect();

    client.send({ type: 'ka' });

    await client.expectMessage({
      type: 'connection_error',
      payload: { message: 'Only servers send "ka" messages' },
    });
    expect(await client.query('{ hello }')).toEqual({ data: { hello: 'world' } });
  });

  test('L20 is never sent when kaMs is 0 or keep-alive is off', async () => {
    for (const keepAlive of [false as const, { intervalMs: 5, kaMs: 0 }]) {
      const { connect } = await startApp(wire, { ...noting().parts, keepAlive });
      const client = await connect();
      for (let count = 0; count < 20; count += 1) await client.query('{ hello }');

      await client.expectSilence();

      expect(client.transcript()).not.toContain('← ka');
    }
  });
});
